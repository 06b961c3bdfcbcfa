package board

// read returns what is possible of the content of mem, whose size is that of the layout. Nothing else is taken for
// granted: a program that runs wild may have written over all of it.
func (l Layout) read(mem []byte) Snapshot {
	s := Snapshot{Attached: get64(mem, offAttached), Lost: get64(mem, offLost), Deep: get64(mem, offDeep), Misused: get64(mem, offMisused)}
	used := min(get64(mem, offCursor), uint64(l.Slots))
	for i := range int(used) {
		at := headerSize + i*l.SlotSize
		slot := mem[at : at+l.SlotSize]
		switch get32(slot, offState) {
		case stateReady:
			if one, ok := l.slot(slot); ok {
				s.Slots = append(s.Slots, one)
			} else {
				s.Damaged++
			}
		case 0, stateClaim: // its writer has not got far, or died
		default:
			s.Damaged++
		}
	}
	return s
}

// tries bounds how often a slot is read again because its writer was faster.
const tries = 100

func (l Layout) slot(mem []byte) (s Slot, ok bool) {
	length := get32(mem, offNameLen)
	if length == 0 || length > MaxName {
		return s, false
	}
	s = Slot{
		Name: string(mem[offName : offName+length]), PID: int(get32(mem, offPID)), TID: int(get32(mem, offTID)),
		Threads: int(get64(mem, offThreads)), Opened: get64(mem, offOpened),
		Errno: get32(mem, offErrno), Refused: int(get32(mem, offRefused)),
	}
	words := make([]uint64, l.copyWords())
	for range tries {
		seq := get64(mem, offSeq)
		s.Open = get64(mem, offOpen)
		base := offCopies + int(seq&1)*8*len(words)
		for i := range words {
			words[i] = get64(mem, base+8*i)
		}
		if get64(mem, offSeq) != seq { // the other copy is valid now, and this one may be written over next
			continue
		}
		n := l.ValueWords()
		var okTotal, okSelf bool
		s.Calls, s.First, s.Last = words[0], words[1], words[2]
		s.Total, okTotal = l.values(words[copyHead : copyHead+n])
		s.Self, okSelf = l.values(words[copyHead+n:])
		possible := s.First <= s.Last && s.Self.Time <= s.Total.Time && s.Open < 1<<32 && s.Calls < 1<<63 &&
			s.Threads >= 1 && s.Refused < MaxGroups && s.PID > 0 && s.TID > 0
		return s, okTotal && okSelf && possible
	}
	return s, false
}
