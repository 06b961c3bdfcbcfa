//go:build !amd64

package ccall

func (t *target) explain(err error) error { return err }
