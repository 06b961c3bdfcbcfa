//go:build !amd64

package instrument

import (
	"errors"

	"github.com/roofline-go/roofline/cache/sim"
)

var errOther = errors.New("instrument code: only amd64 code can be instrumented")

func (s *Subject) count() (*Profile, error) { return nil, errOther }

func (s *Subject) simulate(bool) (*sim.Summary, error) { return nil, errOther }
