package cpu

import (
	"testing"
	"testing/fstest"
	"time"
)

func TestBusyTime(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"cpu  100 20 30 5000 600 7 8 9 1000 11\ncpu0 1 1 1 1\n": 1740 * time.Millisecond, // guests are among the user's
		"cpu  100 20 30 5000\n":                                 1500 * time.Millisecond, // Linux 2.4
		"cpu0 100 20 30 5000\n":                                 0,
		"cpu 100 20\n":                                          0,
		"cpu 100 -20 30 5000\n":                                 0,
		"cpu 100 lots 30 5000\n":                                0,
		"cpu 9999999999999999999":                               0,
		"":                                                      0,
	} {
		if got := busyTime(fstest.MapFS{"proc/stat": &fstest.MapFile{Data: []byte(text)}}); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// What this process computes is not others'.
func TestOthersTime(t *testing.T) {
	root := fstest.MapFS{"proc/stat": &fstest.MapFile{Data: []byte("cpu 100000 0 0 0\n")}}
	for begin := time.Now(); time.Since(begin) < 5*time.Millisecond; { // so that there is something of its own
	}
	if all, others := busyTime(root), othersTime(root); others >= all {
		t.Errorf("%v of %v", others, all)
	}
	if got := othersTime(fstest.MapFS{}); got != 0 {
		t.Errorf("nothing known: %v", got)
	}
}
