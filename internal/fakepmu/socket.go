//go:build linux && (amd64 || arm64)

package main

import (
	"errors"
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// socketPair makes the line on which the child hands over its listener.
func socketPair() (ours, theirs *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("make socket pair: %w", err)
	}
	return os.NewFile(uintptr(fds[0]), "ours"), os.NewFile(uintptr(fds[1]), "theirs"), nil
}

// receiveDescriptor waits for the descriptor that the other end sends; it fails when that end closes without.
func receiveDescriptor(f *os.File) (int, error) {
	defer f.Close()
	conn, err := net.FileConn(f)
	if err != nil {
		return -1, err
	}
	defer conn.Close()
	rights := make([]byte, unix.CmsgSpace(4))
	n, got, _, _, err := conn.(*net.UnixConn).ReadMsgUnix(make([]byte, 1), rights)
	if err != nil || n == 0 {
		return -1, errors.Join(errors.New("no listener came"), err)
	}
	messages, err := unix.ParseSocketControlMessage(rights[:got])
	if err != nil || len(messages) == 0 {
		return -1, errors.Join(errors.New("no listener in the message"), err)
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil {
		return -1, err
	}
	return fds[0], nil
}
