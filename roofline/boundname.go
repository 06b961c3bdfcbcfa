package roofline

import "strings"

// BoundName is a ceiling's ID in words, for sentences: compute.fma.avx512.f32 is "FMA throughput (avx512 f32)",
// bandwidth.load.L2 "L2 load bandwidth". What does not look like an ID is returned as it is.
func BoundName(id string) string {
	parts := strings.Split(id, ".")
	switch {
	case len(parts) >= 3 && parts[0] == "compute":
		return strings.ToUpper(parts[1]) + " throughput (" + strings.Join(parts[2:], " ") + ")"
	case len(parts) == 3 && parts[0] == "bandwidth":
		return parts[2] + " " + parts[1] + " bandwidth"
	}
	return id
}
