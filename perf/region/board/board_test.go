package board

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

var someEvents = []Event{
	{Group: 0, Type: 4, Config: 0xc0, Config1: 1, Config2: 2, Bits: unix.PerfBitExcludeKernel},
	{Group: 0, Type: 4, Config: 0x3c},
	{Group: 1, Type: 1, Config: 2},
}

func create(t *testing.T, events []Event) (*Board, *View) {
	t.Helper()
	b, err := Create(events)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	_, env, _ := strings.Cut(b.Environ(), "=")
	v, err := Attach(env)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Close() })
	return b, v
}

// sequence is n words that rise from first.
func sequence(first uint64, n int) []uint64 {
	s := make([]uint64, n)
	for i := range s {
		s[i] = first + uint64(i)
	}
	return s
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	b, v := create(t, someEvents)
	if fmt.Sprint(v.EventList) != fmt.Sprint(someEvents) {
		t.Errorf("events %v, want %v", v.EventList, someEvents)
	}
	w := v.Claim("solve", 12, 34, 1, 13, 1)
	total, self := sequence(100, v.ValueWords()), sequence(50, v.ValueWords())
	total[8], self[8] = total[7]-1, self[7]-1 // running ≤ enabled
	total[10], self[10] = total[9], self[9]
	w.Open(2)
	w.Publish(1, 5, 6, sequence(1, v.ValueWords()), self)
	w.Publish(2, 7, 8, total, self)
	s := b.Read()
	if len(s.Slots) != 1 || s.Damaged != 0 || s.Attached != 1 {
		t.Fatalf("%+v", s)
	}
	got := s.Slots[0]
	if got.Name != "solve" || got.PID != 12 || got.TID != 34 || got.Calls != 2 || got.Open != 2 || got.First != 7 || got.Last != 8 ||
		got.Opened != 1 || got.Errno != 13 || got.Refused != 1 || got.Threads != 1 {
		t.Errorf("%+v", got)
	}
	want := Values{100, 101, 102, 103, 104, 105, 106, []Group{{107, 106, []uint64{111, 112}}, {109, 109, []uint64{113}}}}
	if fmt.Sprint(got.Total) != fmt.Sprint(want) {
		t.Errorf("total %+v, want %+v", got.Total, want)
	}
	if got.Self.Time != 50 || got.Self.Groups[1].Values[0] != 63 {
		t.Errorf("self %+v", got.Self)
	}
}

// A writer that dies in the middle of an update leaves the update before it.
func TestTornUpdate(t *testing.T) {
	b, v := create(t, nil)
	w := v.Claim("r", 1, 1, 0, 0, 0)
	n := v.ValueWords()
	w.Publish(1, 1, 2, sequence(20, n), sequence(10, n))
	torn := w.copies[(w.seq+1)&1]
	for i := range torn[:len(torn)/2] {
		torn[i] = 1 << 62
	}
	s := b.Read()
	if len(s.Slots) != 1 || s.Slots[0].Calls != 1 || s.Slots[0].Total.Time != 20 {
		t.Errorf("%+v", s)
	}
}

func TestFullBoard(t *testing.T) {
	b, v := create(t, nil)
	put64(v.mem, offCursor, uint64(v.Slots)-1)
	if v.Claim("last", 1, 1, 0, 0, 0) == nil {
		t.Error("the last slot was refused")
	}
	w := v.Claim("none", 1, 1, 0, 0, 0)
	if w != nil {
		t.Error("there is no slot any more")
	}
	w.Open(1)
	w.Publish(1, 1, 1, nil, nil)
	if s := b.Read(); s.Lost != 1 {
		t.Errorf("lost %d", s.Lost)
	}
}

func TestShorten(t *testing.T) {
	long := strings.Repeat("x", MaxName)
	a, b := Shorten(long+"a"), Shorten(long+"b")
	if len(a) != MaxName || len(b) != MaxName || a == b || a[:100] != long[:100] {
		t.Errorf("%q, %q", a, b)
	}
	if Shorten(long) != long || Shorten("") != "(unnamed)" {
		t.Error("a name that fits was changed")
	}
}

func TestAttachRefuses(t *testing.T) {
	b, _ := create(t, nil)
	_, good, _ := strings.Cut(b.Environ(), "=")
	f := strings.Split(good, ":")
	other, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for name, env := range map[string]string{
		"empty": "", "words": "a:b:c:d:e", "another version": "2:" + strings.Join(f[1:], ":"), "too few": strings.Join(f[:4], ":"),
		"another inode": strings.Join([]string{f[0], f[1], f[2], "1", f[4]}, ":"),
		"another file":  fmt.Sprintf("1:%d:%s:%s:%d", other.Fd(), f[2], f[3], 1<<30),
		"negative":      strings.Join([]string{f[0], "-1", f[2], f[3], f[4]}, ":"),
	} {
		if v, err := Attach(env); err == nil {
			t.Errorf("%s: attached to %q: %v", name, env, v)
		}
	}
	// The descriptor was closed on the way here, but the tool is still there.
	closed := strings.Join([]string{f[0], f[1], f[2], f[3], f[4]}, ":")
	dup, err := unix.FcntlInt(uintptr(b.fd), unix.F_DUPFD, 200)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(dup)
	closed = strings.Replace(closed, ":"+f[1]+":", fmt.Sprintf(":%d:", dup), 1)
	if v, err := Attach(closed); err != nil {
		t.Error(err)
	} else {
		_ = v.Close()
	}
}

func TestSealed(t *testing.T) {
	b, _ := create(t, nil)
	if err := unix.Ftruncate(b.fd, 0); err == nil {
		t.Error("a program can shrink the board, and kill its reader with SIGBUS")
	}
}

func TestNewLayoutRefuses(t *testing.T) {
	for _, groups := range [][]int{{1}, {0, 2}, {0, 1, 0}, {-1}, make([]int, MaxEvents+1)} {
		var events []Event
		for _, g := range groups {
			events = append(events, Event{Group: g})
		}
		if _, err := NewLayout(events); err == nil {
			t.Errorf("groups %v were accepted", groups)
		}
	}
}

// Whatever stands in the memory, reading it ends, and what comes out is possible.
func FuzzRead(f *testing.F) {
	l, err := NewLayout(someEvents)
	if err != nil {
		f.Fatal(err)
	}
	l.Slots = 4
	mem := aligned(l.Size())
	v := &View{Layout: l, mem: mem}
	w := v.Claim("seed", 1, 1, 3, 0, 0)
	w.Publish(3, 1, 9, make([]uint64, l.ValueWords()), make([]uint64, l.ValueWords()))
	f.Add(bytes.Clone(mem[:headerSize+2*l.SlotSize]), uint16(0))
	f.Add(bytes.Clone(mem[headerSize:headerSize+l.SlotSize]), uint16(headerSize))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, uint16(offCursor))
	f.Fuzz(func(t *testing.T, data []byte, at uint16) {
		mem := aligned(l.Size())
		if int(at) < len(mem) {
			copy(mem[at:], data)
		}
		s := l.read(mem)
		if len(s.Slots)+s.Damaged > l.Slots {
			t.Fatalf("%d slots and %d damaged of %d", len(s.Slots), s.Damaged, l.Slots)
		}
		for _, slot := range s.Slots {
			if slot.Name == "" || len(slot.Name) > MaxName || slot.First > slot.Last || slot.Self.Time > slot.Total.Time || slot.Threads < 1 {
				t.Fatalf("impossible slot %+v", slot)
			}
			for _, g := range slot.Total.Groups {
				if g.Running > g.Enabled {
					t.Fatalf("impossible group %+v", g)
				}
			}
		}
		_, _ = view(mem)
	})
}

func FuzzAttach(f *testing.F) {
	f.Add("1:100:1:2:3")
	f.Add("1:::::")
	f.Add("1:18446744073709551615:0:0:0")
	f.Fuzz(func(t *testing.T, env string) {
		if v, err := Attach(env); err == nil {
			t.Fatalf("%q is a board of %d bytes, but there is none", env, len(v.mem))
		}
	})
}

func aligned(n int) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(&make([]uint64, (n+7)/8)[0])), n)
}
