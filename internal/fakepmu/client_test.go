//go:build linux && (amd64 || arm64)

package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/roofline-go/roofline/internal/testkit"
)

const clientWord = "client"

// client is a small program that counts: it is run in scenarios by the tests.
func client(args []string) int {
	runtime.LockOSThread()
	for _, what := range args {
		if err := clients[what](); err != nil {
			fmt.Println(what+":", err)
		}
	}
	return 0
}

var clients = map[string]func() error{
	"group": countGroup, "page": showPage, "calls": countCalls, "many": openMany, "inherited": readInherited, "child": readBySelf,
}

const clientFormat = unix.PERF_FORMAT_GROUP | unix.PERF_FORMAT_TOTAL_TIME_ENABLED | unix.PERF_FORMAT_TOTAL_TIME_RUNNING

func openRaw(config uint64, lead int) (int, error) {
	a := unix.PerfEventAttr{Type: unix.PERF_TYPE_RAW, Config: config, Read_format: clientFormat, Bits: unix.PerfBitExcludeKernel}
	a.Size = unix.PERF_ATTR_SIZE_VER5
	if lead < 0 {
		a.Bits |= unix.PerfBitDisabled
	}
	return unix.PerfEventOpen(&a, 0, -1, lead, unix.PERF_FLAG_FD_CLOEXEC)
}

func readWords(fd int) (words []uint64, err error) {
	b := make([]byte, 256)
	n, err := unix.Read(fd, b)
	for at := 0; at+8 <= n; at += 8 {
		words = append(words, binary.NativeEndian.Uint64(b[at:]))
	}
	return words, err
}

func countGroup() error {
	lead, err := openRaw(0xc0, -1)
	if err != nil {
		return err
	}
	defer unix.Close(lead)
	if _, err := openRaw(0x40c7, lead); err != nil {
		return err
	}
	for _, request := range []uint{unix.PERF_EVENT_IOC_ENABLE, unix.PERF_EVENT_IOC_DISABLE} {
		if err := unix.IoctlSetInt(lead, request, unix.PERF_IOC_FLAG_GROUP); err != nil {
			return err
		}
	}
	words, err := readWords(lead)
	if err != nil {
		return err
	}
	fmt.Println("group", words[0], words[3], words[4])
	return nil
}

// showPage maps the event's page and prints whether user space may read the counter.
func showPage() error {
	fd, err := openRaw(0xc0, -1)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	b, err := unix.Mmap(fd, 0, os.Getpagesize(), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return err
	}
	defer unix.Munmap(b)
	capabilities := binary.NativeEndian.Uint64(b[40:])
	fmt.Println("page: deprecated bit", capabilities>>1&1, "rdpmc", capabilities>>2&1, "index", binary.NativeEndian.Uint32(b[12:]))
	return nil
}

//go:noinline
func counted(n int) int { return n + 1 }

func countCalls() error {
	fd, err := openRaw(0x151, -1)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	sum := counted(0)
	for range 2 {
		if err := unix.IoctlSetInt(fd, unix.PERF_EVENT_IOC_ENABLE, 0); err != nil {
			return err
		}
		for range 1000 {
			sum = counted(sum)
		}
		if err := unix.IoctlSetInt(fd, unix.PERF_EVENT_IOC_DISABLE, 0); err != nil {
			return err
		}
		sum = counted(sum)
	}
	words, err := readWords(fd)
	if err != nil {
		return err
	}
	fmt.Println("calls", words[3], sum)
	return nil
}

// openMany opens and closes more events than there are descriptors.
func openMany() error {
	for i := range 3000 {
		fd, err := openRaw(0xc0, -1)
		if err != nil {
			return fmt.Errorf("open %d: %w", i, err)
		}
		if err := unix.Close(fd); err != nil {
			return err
		}
	}
	fmt.Println("many done")
	return nil
}

// readInherited lets a child process read a descriptor that it inherits.
func readInherited() error {
	fd, err := openRaw(0xc0, -1)
	if err != nil {
		return err
	}
	if err := unix.IoctlSetInt(fd, unix.PERF_EVENT_IOC_ENABLE, 0); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	file := os.NewFile(uintptr(fd), "event")
	defer file.Close()
	c := exec.Command(self, clientWord, "child")
	c.ExtraFiles = []*os.File{file}
	c.Stdout = os.Stdout
	return c.Run()
}

// readBySelf reads the event that the parent placed at descriptor 3, under a number that the supervisor answers for.
func readBySelf() error {
	var files unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &files); err != nil {
		return err
	}
	high := int(min(files.Cur-100, 10500))
	if err := unix.Dup3(3, high, 0); err != nil {
		return err
	}
	words, err := readWords(high)
	if err != nil {
		return err
	}
	fmt.Println("inherited", words[3])
	return nil
}

func TestClient(t *testing.T) {
	needFakepmu(t)
	if _, err := reference(); err != nil {
		t.Fatal(err)
	}
	dir := makeDir(t, "sapphirerapids inst.retired=1e10 flops.dp.512=1e9")
	trace := filepath.Join(t.TempDir(), "trace")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out, code := play(dir, trace, self, clientWord, "group", "page", "many", "inherited")
	for _, want := range []string{
		"group 2 10000000000 1000000000\n", "page: deprecated bit 1 rdpmc 0 index 0\n", "many done\n", "inherited 10000000000\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in (exit code %d)\n%s", want, code, out)
		}
	}
	opens, closes := 0, 0
	for _, line := range readTrace(t, trace) {
		switch line["call"] {
		case "perf_event_open":
			opens++
		case "close":
			closes++
		}
	}
	if opens != 3004 || closes != 3003 {
		t.Errorf("the trace has %d opens and %d closes", opens, closes)
	}
}

func TestClientCountsPerCall(t *testing.T) {
	needFakepmu(t)
	needUprobes(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	symbol := "github.com/roofline-go/roofline/internal/fakepmu.counted"
	out, _ := play(makeDir(t, "sapphirerapids l1d.fill@"+symbol+"=3"), "", self, clientWord, "calls")
	if want := "calls 6000 2003\n"; !strings.Contains(out, want) {
		t.Errorf("got %q, want %q", out, want)
	}
}

// needUprobes skips where executions of functions cannot be counted.
func needUprobes(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		testkit.SkipUnsupported(t, &unsupportedHere{"uprobes", "counting executions of functions needs root"})
	}
	if _, err := os.Stat(uprobeType); err != nil {
		testkit.SkipUnsupported(t, &unsupportedHere{"uprobes", err.Error()})
	}
}
