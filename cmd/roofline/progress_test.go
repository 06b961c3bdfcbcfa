package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// openPTY opens a terminal of 80 columns and returns its two ends.
func openPTY(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	t.Cleanup(func() { master.Close() })
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	t.Cleanup(func() { slave.Close() })
	if err := unix.IoctlSetWinsize(int(slave.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80}); err != nil {
		t.Fatal(err)
	}
	return master, slave
}

// A step returns when its drawing is done: until the next one, which is when kernels are timed, nothing is written.
func TestNothingIsDrawnWhileAKernelIsTimed(t *testing.T) {
	t.Setenv("LC_ALL", "C.UTF-8")
	t.Setenv("TERM", "xterm")
	defer func(old time.Duration) { drawTimeout = old }(drawTimeout)
	drawTimeout = 20 * time.Second // however busy the machine is
	master, slave := openPTY(t)
	var shown bytes.Buffer
	read := make(chan struct{})
	go func() {
		defer close(read)
		buf := make([]byte, 4096)
		for {
			n, err := master.Read(buf)
			shown.Write(buf[:n])
			if err != nil || bytes.Contains(shown.Bytes(), []byte("END")) {
				return
			}
		}
	}()
	p := newProgress(slave, false)
	step := p.stage("kernels")
	for i := range 5 {
		step(i, 5, fmt.Sprintf("time kernel number %d of a set that has a very long name", i))
		select {
		case <-p.term.done: // of the drawing that step has waited for
		default:
		}
		time.Sleep(drawInterval + 20*time.Millisecond) // a sample
		select {
		case <-p.term.done:
			t.Error("something was drawn between two steps")
		default:
		}
	}
	p.close()
	fmt.Fprintln(slave, "END")
	<-read
	text := shown.String()
	for _, want := range []string{"4/5 time kernel number 4", "[", "…"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %q", want, text)
		}
	}
	if rest := text[strings.LastIndex(text, "\x1b[J")+len("\x1b[J"):]; !strings.HasPrefix(rest, "END") {
		t.Errorf("the bar leaves %q behind", rest)
	}
	for _, line := range strings.Split(text, "\n") {
		if line = strings.TrimRight(strings.ReplaceAll(strings.ReplaceAll(line, "\x1b[1A", ""), "\x1b[J", ""), "\r"); len([]rune(line)) > 80 {
			t.Errorf("%d columns: %q", len([]rune(line)), line)
		}
	}
}
