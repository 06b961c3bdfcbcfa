//go:build !amd64

package inject

import (
	"context"
	"errors"
)

// Run needs an amd64 processor.
func Run(context.Context, Command, string) (*Result, error) {
	return nil, errors.New("count a function in a program: functions are instrumented on amd64 only")
}
