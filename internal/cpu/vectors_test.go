package cpu

import "testing"

func TestPipesOf(t *testing.T) {
	for _, test := range []struct {
		vendor              string
		family, model, want int
	}{
		{"AuthenticAMD", 25, 0x11, 256}, // Genoa
		{"AuthenticAMD", 26, 0x02, 512}, // Turin
		{"AuthenticAMD", 26, 0x44, 512}, // Granite Ridge
		{"AuthenticAMD", 26, 0x24, 256}, // Strix Point
		{"AuthenticAMD", 26, 0x60, 256}, // Krackan Point
		{"AuthenticAMD", 26, 0x70, 512}, // Strix Halo
		{"AuthenticAMD", 23, 0x31, 0},   // Rome
		{"GenuineIntel", 6, 0x8f, 0},    // Sapphire Rapids
		{"GenuineIntel", 26, 0x02, 0},
	} {
		if got := pipesOf(test.vendor, test.family, test.model); got != test.want {
			t.Errorf("%s family %d model %#x: pipes of %d bits, want %d", test.vendor, test.family, test.model, got, test.want)
		}
	}
}
