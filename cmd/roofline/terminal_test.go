package main

import "testing"

func TestASCIILocale(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		want bool
	}{
		{nil, false},
		{map[string]string{"LANG": "C.UTF-8"}, false},
		{map[string]string{"LANG": "de_DE.utf8"}, false},
		{map[string]string{"LANG": "en_US.UTF-8", "LC_ALL": "C"}, true},
		{map[string]string{"LANG": "C", "LC_CTYPE": "en_US.UTF-8"}, false},
		{map[string]string{"LANG": "de_DE.ISO-8859-1"}, true},
		{map[string]string{"LANG": "C.UTF-8", "TERM": "linux"}, true},
		{map[string]string{"LANG": "C.UTF-8", "TERM": "xterm-256color"}, false},
	} {
		if got := asciiLocale(func(name string) string { return c.env[name] }); got != c.want {
			t.Errorf("%v: %v", c.env, got)
		}
	}
}

func TestNoTerminalNoChart(t *testing.T) {
	if terminalHeight(nil) != 0 || asciiOnly(nil) {
		t.Error("no writer is a terminal")
	}
}
