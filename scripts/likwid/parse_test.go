package main

import (
	"os"
	"strings"
	"testing"
)

func report(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("testdata/load_avx512.txt")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestParse(t *testing.T) {
	got, err := parse(strings.NewReader(report(t)))
	if err != nil {
		t.Fatal(err)
	}
	want := output{Test: "load_avx512", CPU: 0, Seconds: 1.572665, Bytes: 19968, FLOPs: 0, Transfer: 213018.96e6}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestParseErrors(t *testing.T) {
	whole := report(t)
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", `no line "Test"`},
		{"cut off", whole[:strings.Index(whole, "MByte/s")], `no line "MByte/s"`},
		{"no number", strings.Replace(whole, "213018.96", "fast", 1), "MByte/s"},
		{"not finite", strings.Replace(whole, "213018.96", "inf", 1), "out of range"},
		{"negative", strings.Replace(whole, "213018.96", "-1", 1), "out of range"},
		{"no thread", strings.ReplaceAll(whole, "hwthread", "thread"), "no hardware thread"},
		{"another program", "STREAM\nCopy: 1234 MB/s\n", `no line "Test"`},
	} {
		if _, err := parse(strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(report(f))
	f.Add("Test: x\nTime: 1 sec\nSize (Byte): 1\nMFlops/s: 1e11\nMByte/s: 0\n")
	f.Fuzz(func(t *testing.T, text string) {
		out, err := parse(strings.NewReader(text))
		if err == nil && (out.CPU < 0 || out.FLOPs < 0 || out.Transfer < 0 || out.Seconds < 0) {
			t.Errorf("%+v without an error", out)
		}
	})
}
