package cache

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"github.com/roofline-go/roofline/internal/cachedir"
)

func TestKeptCurve(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	t.Setenv(cachedir.Env, dir)
	curve := madeUp([]capacity{{32 * kib, 1e-9}}, 100e-9, 0)
	measured := 0
	measure := func() ([]hop, bool, error) { measured++; return curve, true, nil }
	keep := func(of string, want int) {
		t.Helper()
		if got, err := keptCurve(of, measure); err != nil || !slices.Equal(got, curve) || measured != want {
			t.Errorf("%d points, %v, measured %d times, want %d", len(got), err, measured, want)
		}
	}
	keep("a/b", 1)
	keep("a/b", 1)
	keep("another", 2)
	keep("a b", 3) // whose file has the same name
	keep("a b", 3)
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 2 {
		t.Fatalf("files %v, %v", files, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "latencies-another.json"), []byte(`{"version":1,`), 0o644); err != nil {
		t.Fatal(err)
	}
	keep("another", 4)
	keep("another", 4)

	failed := errors.New("no memory")
	if _, err := keptCurve("third", func() ([]hop, bool, error) { return nil, false, failed }); !errors.Is(err, failed) {
		t.Errorf("%v, want %v", err, failed)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv(cachedir.Env, file) // not a directory: every process measures
	keep("a/b", 5)
	keep("a/b", 6)
}

// Of many that begin at once one measures; the others wait for what it found.
func TestKeptCurveOnce(t *testing.T) {
	t.Setenv(cachedir.Env, t.TempDir())
	curve := madeUp([]capacity{{32 * kib, 1e-9}}, 100e-9, 0)
	var measured atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			got, err := keptCurve("x", func() ([]hop, bool, error) { measured.Add(1); return curve, false, nil })
			if err != nil || !slices.Equal(got, curve) {
				t.Errorf("%d points, %v", len(got), err)
			}
		})
	}
	wg.Wait()
	if n := measured.Load(); n != 1 {
		t.Errorf("measured %d times", n)
	}
}

func FuzzDecodeCurve(f *testing.F) {
	good := `{"version":1,"of":"x","measured":"2026-01-02T03:04:05Z","curve":[{"bytes":4096,"seconds":1e-9},{"bytes":6144,"seconds":1e-9},
		{"bytes":8192,"seconds":1e-9},{"bytes":12288,"seconds":1e-9},{"bytes":16384,"seconds":1e-9},{"bytes":24576,"seconds":2e-9}]}`
	if c, err := decodeCurve([]byte(good), "x", time.Time{}); err != nil || len(c) != 6 {
		f.Errorf("%v, %v", c, err)
	}
	for _, change := range [][2]string{{"", ""}, {`"x"`, `"y"`}, {`"version":1`, `"version":2`}, {"2e-9", "-1"}, {"2e-9", "0"}, {"24576", "24577"}, {"2e-9", "5"}} {
		bad := strings.Replace(good, change[0], change[1], 1)
		f.Add([]byte(bad))
		if _, err := decodeCurve([]byte(bad), "x", time.Time{}); err == nil && bad != good {
			f.Errorf("accepted %s", bad)
		}
	}
	f.Add([]byte(`{"version":1,"of":"x","curve":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		curve, err := decodeCurve(data, "x", time.Time{})
		if err != nil {
			return
		}
		last := int64(0)
		for _, bytes := range ends(curve) {
			if bytes <= last || bytes > mostChase {
				t.Errorf("ends at %d after %d of %v", bytes, last, curve)
			}
			last = bytes
		}
	})
}

// What was measured on a busy machine holds for an hour; what was not, for ever.
func TestProvisionalCurve(t *testing.T) {
	curve := madeUp([]capacity{{32 * kib, 1e-9}}, 100e-9, 0)
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, provisional := range []bool{false, true} {
		data, err := json.Marshal(stored{Version: storedVersion, Of: "x", At: at, Provisional: provisional, Curve: curve})
		if err != nil {
			t.Fatal(err)
		}
		for age, holds := range map[time.Duration]bool{0: true, 59 * time.Minute: true, time.Hour: !provisional, 9999 * time.Hour: !provisional, -time.Minute: !provisional} {
			if c, err := decodeCurve(data, "x", at.Add(age)); (err == nil) != holds || holds && !slices.Equal(c, curve) {
				t.Errorf("provisional %t, %v old: %v", provisional, age, err)
			}
		}
	}
}

// With little memory the curve is cut short, and not taken for the last word.
func TestChaseCurveInLittleMemory(t *testing.T) {
	const free = 24 << 20
	curve, firm, err := chaseCurve(0, free)
	if err != nil {
		t.Fatal(err)
	}
	last := curve[len(curve)-1].Bytes
	reached := func(c []hop) bool { // memory, at five sizes
		return len(c) >= 5 && c[len(c)-5].Seconds >= slowest*c[0].Seconds
	}
	if last > free/4 || firm && last == free/4 && !reached(curve) {
		t.Errorf("%d bytes of %d, firm: %t", last, free, firm)
	}
	if curve, firm, err := chaseCurve(0, 1); err != nil || firm && !reached(curve) || curve[len(curve)-1].Bytes > fewestChase {
		t.Errorf("no memory: %v, firm: %t, %v", curve, firm, err)
	}
}

// The curve of this machine, whatever it is, can be kept: its working sets are those that decodeCurve wants.
func TestChaseCurve(t *testing.T) {
	curve, _, err := chaseCurve(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	size := int64(leastChase)
	for _, h := range curve {
		if h.Bytes != size || !(h.Seconds > 0 && h.Seconds < 1) {
			t.Errorf("%g s at %d bytes, want at %d", h.Seconds, h.Bytes, size)
		}
		size = nextHalf(size)
	}
	if len(curve) < 2*narrowest {
		t.Errorf("%d points", len(curve))
	}
}

func addressOf(mem []byte) uintptr { return uintptr(unsafe.Pointer(&mem[0])) }

func TestMapIsAligned(t *testing.T) {
	for _, bytes := range []int64{1, hugePage, hugePage + 1, 5 * hugePage} {
		mem, err := Map(bytes, Huge)
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(mem)) < bytes || len(mem)%hugePage != 0 || addressOf(mem)%hugePage != 0 {
			t.Errorf("%d bytes: %d at %#x", bytes, len(mem), addressOf(mem))
		}
		mem[0], mem[len(mem)-1] = 1, 1
		if err := Unmap(mem); err != nil {
			t.Error(err)
		}
	}
}
