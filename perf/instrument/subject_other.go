//go:build !amd64

package instrument

import "errors"

var errOther = errors.New("instrument code: only amd64 code can be instrumented")

func (s *Subject) count() (*Profile, error) { return nil, errOther }

func (s *Subject) simulate(kinds) (*traced, error) { return nil, errOther }
