package board

import "fmt"

// Env names the environment variable that tells a process where the board is: "1:fd:dev:ino:pid", all decimal. The
// descriptor fd is inherited; a process that finds it closed may open /proc/pid/fd/fd. Either is the board only if it has
// that device and inode number.
const Env = "ROOFLINE_REGIONS"

// Version of the layout and of the environment variable.
const Version = 1

// Magic is the first word of the board, as text.
const Magic = "ROOFREG1"

// Byte offsets in the header. Words of 8 bytes unless noted; all numbers in the machine's own byte order.
const (
	offMagic     = 0
	offVersion   = 8  // 4 bytes
	offHeader    = 12 // 4 bytes: size of the header
	offSize      = 16 // of the whole board
	offSlotSize  = 24 // 4 bytes
	offSlots     = 28 // 4 bytes: capacity
	offGroups    = 32 // 4 bytes
	offEvents    = 36 // 4 bytes
	offCursor    = 40 // slots handed out; added to atomically
	offLost      = 48 // entries that found no slot
	offDeep      = 56 // entries nested too deeply to be counted
	offMisused   = 64 // Ends without their Start, out of order or on another thread
	offAttached  = 72 // processes that mapped the board
	offEventList = 128

	headerSize = 4096
	eventSize  = 48 // type 4, group 4, config 8, config1 8, config2 8, bits 8, reserved 8
)

// Byte offsets in a slot.
const (
	offState    = 0  // 4 bytes: 0 free, 1 claimed, 2 ready
	offPID      = 4  // 4 bytes
	offTID      = 8  // 4 bytes: the thread that wrote last
	offNameLen  = 12 // 4 bytes
	offSeq      = 16 // number of updates; copy seq&1 is the valid one
	offOpened   = 24 // bit g: the thread has opened group g
	offErrno    = 32 // 4 bytes: of the first group that was refused, 0 if none
	offRefused  = 36 // 4 bytes: that group's number
	offOpen     = 40 // entries that have begun and not ended
	offThreads  = 48 // threads that used the slot, one after the other
	offName     = 64
	offCopies   = 256
	slotAlign   = 64
	stateReady  = 2
	stateClaim  = 1
	copyHead    = 3 // words: calls, first, last
	fixedValues = 7 // words at the start of the values
)

// Limits. A board is sparse: only slots that are used take memory.
const (
	MaxName   = offCopies - offName
	MaxEvents = 64
	MaxGroups = 32
	MaxDepth  = 64
	maxSlots  = 1 << 16
)

// Event is a counter that every marked thread opens for itself (perf_event_open with pid 0, cpu -1). Events of a group
// stand together, groups are numbered from 0 without gaps.
type Event struct {
	Group                    int
	Type                     uint32
	Config, Config1, Config2 uint64
	Bits                     uint64 // the flag bits of perf_event_attr; disabled and inherit are ignored
}

// Layout is where things are on a board with so many groups and events.
type Layout struct {
	Groups   []int // number of events of each
	Events   int
	SlotSize int
	Slots    int
}

// NewLayout checks the events and lays out a board for them.
func NewLayout(events []Event) (Layout, error) {
	if len(events) > MaxEvents {
		return Layout{}, fmt.Errorf("lay out region board: %d events, at most %d fit", len(events), MaxEvents)
	}
	l := Layout{Events: len(events), Slots: maxSlots}
	for i, e := range events {
		switch {
		case e.Group == len(l.Groups) && len(l.Groups) < MaxGroups:
			l.Groups = append(l.Groups, 1)
		case e.Group == len(l.Groups)-1 && e.Group >= 0:
			l.Groups[e.Group]++
		default:
			return Layout{}, fmt.Errorf("lay out region board: event %d is of group %d: groups must be numbered in order, at most %d", i, e.Group, MaxGroups)
		}
	}
	l.SlotSize = (offCopies + 2*8*l.copyWords() + slotAlign - 1) / slotAlign * slotAlign
	return l, nil
}

// ValueWords is the number of words of one set of values: time, user time, system time, minor faults, major faults,
// voluntary and involuntary switches; enabled and running time of each group; the counts of all events.
func (l Layout) ValueWords() int { return fixedValues + 2*len(l.Groups) + l.Events }

func (l Layout) copyWords() int { return copyHead + 2*l.ValueWords() }

// Size is the size of the board in bytes.
func (l Layout) Size() int { return headerSize + l.Slots*l.SlotSize }
