package inject

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// Of several functions of one name none is counted silently: they are named, and each can be chosen by the name that the error gives.
func TestSeveralOfOneName(t *testing.T) {
	bin := build(t, "samename.c", "-O1", "-ffp-contract=off", filepath.Join("testdata", "samename2.c"))
	_, err := Run(t.Context(), Command{Path: bin, Args: []string{bin}}, "work")
	unknown := (*UnknownError)(nil)
	if !errors.As(err, &unknown) || len(unknown.Several) != 2 || !strings.Contains(slices.Sorted(slices.Values(unknown.Several))[0], "samename.c:work") {
		t.Fatalf("of two functions work one is taken, or they are not named by their files: %v", err)
	}
	for name, want := range map[string][2]uint64{"samename.c:work": {2, 4}, "samename2.c:work": {1, 4}} { // calls, FLOPs
		r, _ := count(t, name, bin)
		if got := [2]uint64{r.Calls, flops(t, r)}; got != want {
			t.Errorf("%s: %d calls and FLOPs, want %d", name, got, want)
		}
	}
	if _, err := Run(t.Context(), Command{Path: bin, Args: []string{bin}}, "none.c:work"); !errors.As(err, &unknown) {
		t.Errorf("of a file that is not there: %v", err)
	}
}

func TestNamesTellApart(t *testing.T) {
	const bias = 0x10000
	o := &object{bias: bias, functions: []symbol{
		{name: "f", addr: bias + 16, file: "a.c"}, {name: "f", addr: bias + 32, file: "b.c"},
		{name: "g", addr: bias + 48, file: "a.c"}, {name: "g", addr: bias + 64, file: "a.c"},
		{name: "h", addr: bias + 80}, {name: "h", addr: bias + 96, file: "a.c"},
		{name: "_ZN2nsL1kEd", addr: bias + 112, file: "a.cc"}, {name: "_ZN2nsL1kEd", addr: bias + 128, file: "b.cc"},
		{name: "_ZN2ns1lEd", addr: bias + 144}, {name: "_ZN2ns1lEf", addr: bias + 160},
		{name: "v", addr: bias + 176, old: true}, {name: "v", addr: bias + 192}, {name: "v", addr: bias + 208, old: true}, // versions of a library's
		{name: "w", addr: bias + 224, old: true},
	}}
	for name, want := range map[string]string{
		"f": "[a.c:f b.c:f]", "g": "[g@0x30 g@0x40]", "h": "[h@0x50 h@0x60]", "ns::k": "[a.cc:_ZN2nsL1kEd b.cc:_ZN2nsL1kEd]", "ns::l": "[_ZN2ns1lEd _ZN2ns1lEf]",
	} {
		symbols := o.find(name).symbols
		names := o.names(symbols)
		if fmt.Sprint(names) != want {
			t.Errorf("%s: %v, want %s", name, names, want)
		}
		for i, n := range names {
			if again := o.find(n).symbols; len(again) != 1 || again[0] != symbols[i] {
				t.Errorf("%s finds %v, not %v", n, again, symbols[i])
			}
		}
	}
	for name, addr := range map[string]uint64{"a.c:f": 16, "b.c:f": 32, "a.cc:ns::k": 112, "f@0x20": 32, "v": 192, "w": 224} {
		if s := o.find(name).symbols; len(s) != 1 || s[0].addr-bias != addr {
			t.Errorf("%s: %v, want the one at %d", name, s, addr)
		}
	}
}

// Who may execute a program and not read it learns that this is why its memory cannot be reached.
func TestMemoryError(t *testing.T) {
	for err, cured := range map[error]bool{syscall.EACCES: true, syscall.EPERM: true, syscall.ENOENT: false} {
		if got := memoryError(&os.PathError{Op: "open", Path: "/proc/1/mem", Err: err}); !errors.Is(got, err) || strings.Contains(got.Error(), "make it readable") != cured {
			t.Errorf("%v: %v", err, got)
		}
	}
}
