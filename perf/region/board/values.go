package board

// Values is what was counted, cumulatively.
type Values struct {
	Time, User, System     uint64 // ns; user and system time of the thread
	MinorFaults            uint64
	MajorFaults            uint64
	Voluntary, Involuntary uint64 // context switches
	Groups                 []Group
}

// Group is what the events of one group counted.
type Group struct {
	Enabled, Running uint64 // ns
	Values           []uint64
}

// Slot is one region in one thread.
type Slot struct {
	Name        string // as given: any bytes
	PID, TID    int
	Threads     int
	Calls       uint64 // entries that have ended
	Open        uint64 // entries that have not
	First, Last uint64 // ns of CLOCK_MONOTONIC: the first Start and the last End
	Total, Self Values
	Opened      uint64 // bit g: group g was opened
	Errno       uint32 // why the first group that was not opened was not; 0 if all were
	Refused     int    // that group
}

// Snapshot is all that was on the board at one time.
type Snapshot struct {
	Slots    []Slot
	Attached uint64 // processes that have mapped the board
	Lost     uint64 // entries without a slot
	Deep     uint64 // entries nested too deeply
	Misused  uint64 // Ends that did not fit their Start
	Damaged  int    // slots whose content is not possible
}

// values reads one set from words; ok is false when it is not possible.
func (l Layout) values(words []uint64) (v Values, ok bool) {
	v = Values{Time: words[0], User: words[1], System: words[2], MinorFaults: words[3], MajorFaults: words[4],
		Voluntary: words[5], Involuntary: words[6]}
	times, counts := words[fixedValues:fixedValues+2*len(l.Groups)], words[fixedValues+2*len(l.Groups):]
	ok = true
	for _, w := range words {
		ok = ok && w < 1<<63
	}
	for g, n := range l.Groups {
		group := Group{Enabled: times[2*g], Running: times[2*g+1], Values: counts[:n:n]}
		ok = ok && group.Running <= group.Enabled
		counts = counts[n:]
		v.Groups = append(v.Groups, group)
	}
	return v, ok
}
