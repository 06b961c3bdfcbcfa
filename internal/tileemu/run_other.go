//go:build !amd64

package tileemu

import (
	"context"
	"errors"
)

// Run runs no program here.
func Run(context.Context, Command) (*Result, error) {
	return nil, &UnsupportedError{What: "tiles", Err: errors.New("it is no x86-64 processor")}
}
