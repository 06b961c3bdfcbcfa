package cpu

import "slices"

// raw is what the hardware and the kernel say; tests make it up.
type raw struct {
	arch    string
	words   words
	xcr0    uint64 // 0 where XGETBV cannot be executed
	tileErr error  // answer to the request for AMX tile data; nil: granted
}

// answer is what raw says about one feature.
type answer int

const (
	usable   answer = iota
	absent          // CPUID does not report it
	disabled        // XCR0 lacks its state: the operating system would not save its registers
	refused         // the kernel refused the permission to use it
)

func (r *raw) feature(name string) answer {
	i := slices.IndexFunc(allFeatures, func(f feature) bool { return f.name == name })
	switch f := allFeatures[max(i, 0)]; {
	case i < 0 || r.words[f.reg]>>f.bit&1 == 0:
		return absent
	case r.xcr0&f.state != f.state:
		return disabled
	case f.state == xcr0AMX && r.tileErr != nil:
		return refused
	}
	return usable
}

// usableFeatures lists what may be executed, sorted.
func (r *raw) usableFeatures() (names []string) {
	for _, f := range allFeatures {
		if r.feature(f.name) == usable {
			names = append(names, f.name)
		}
	}
	slices.Sort(names)
	return names
}
