package cpu

import (
	"os"
	"slices"
	"testing"
)

func TestParseCPUInfo(t *testing.T) {
	for _, tt := range []struct {
		file  string
		cores int
		name  string
		mixed bool
	}{
		{"cpuinfo-graviton3", 2, "Neoverse-V1", false},
		{"cpuinfo-biglittle", 3, "ARM part 0xd46", true},
	} {
		text, err := os.ReadFile("testdata/" + tt.file)
		if err != nil {
			t.Fatal(err)
		}
		cores := parseCPUInfo(string(text))
		if len(cores) != tt.cores {
			t.Fatalf("%s: %d cores, want %d", tt.file, len(cores), tt.cores)
		}
		if c := cores[0]; c.vendor() != "ARM" || c.name() != tt.name || !slices.Contains(c.features, "asimd") || mixed(cores) != tt.mixed {
			t.Errorf("%s: %s %s %v, mixed %v", tt.file, c.vendor(), c.name(), c.features, mixed(cores))
		}
	}
}

func FuzzParseCPUInfo(f *testing.F) {
	f.Add("processor : 0\nCPU part : 0xd40\n\nprocessor : 1\nCPU part\t: 99999999999999999999\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, c := range parseCPUInfo(text) {
			if c.part < 0 || c.implementer < 0 || c.name() == "" || c.vendor() == "" {
				t.Errorf("%+v", c)
			}
		}
	})
}
