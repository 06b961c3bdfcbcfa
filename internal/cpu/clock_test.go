package cpu

import (
	"testing"

	"github.com/roofline-go/roofline/internal/testkit"
)

func TestCoreClockIsPossible(t *testing.T) {
	hz, err := CoreClock()
	testkit.SkipUnsupported(t, err)
	if !(hz > 3e8 && hz < 1e10) { // no processor with AVX is outside
		t.Errorf("the core runs at %g Hz", hz)
	}
}
