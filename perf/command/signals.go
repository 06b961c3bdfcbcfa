package command

import (
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// forwarded are the signals that a user or a supervisor sends to the wrapper and means for the command.
var forwarded = []os.Signal{
	unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT, unix.SIGTSTP, unix.SIGCONT, unix.SIGUSR1, unix.SIGUSR2, unix.SIGWINCH,
}

// signals catches what is meant for the command. While it does, none of these ends the wrapper: it lives as long as the
// command, and reports.
type signals struct {
	all  chan os.Signal
	pipe chan os.Signal
	seen os.Signal // the latest one that asks to end
}

func catch() *signals {
	s := &signals{all: make(chan os.Signal, 16), pipe: make(chan os.Signal, 1)}
	for _, sig := range forwarded {
		if !signal.Ignored(sig) { // as under nohup: the command inherits that
			signal.Notify(s.all, sig)
		}
	}
	signal.Notify(s.pipe, unix.SIGPIPE) // a closed standard error must not cost the exit code; never ignored, which would be inherited
	return s
}

func (s *signals) release() {
	signal.Stop(s.all)
	signal.Stop(s.pipe)
}

// pass hands a signal on to the command. In a terminal's foreground, keys send their signal to the whole process group, the
// command included: it must not get it twice, since programs take a second SIGINT for impatience.
func (s *signals) pass(sig os.Signal, pid int) {
	number := sig.(syscall.Signal)
	byKey := number == unix.SIGINT || number == unix.SIGQUIT || number == unix.SIGTSTP || number == unix.SIGWINCH
	if !byKey || !foreground() {
		_ = unix.Kill(pid, number)
	}
	switch number {
	case unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT:
		s.seen = sig
	}
}

// stopToo stops this process after the command has stopped for a key or for somebody who sent SIGTSTP: then a shell sees its
// job stopped. The SIGCONT that ends it is passed on.
func stopToo(by syscall.Signal) {
	if by == unix.SIGTSTP {
		_ = unix.Kill(os.Getpid(), unix.SIGSTOP)
	}
}

// foreground says whether this process is in the foreground of its terminal.
func foreground() bool {
	tty, err := unix.Open("/dev/tty", unix.O_RDONLY|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(tty)
	group, err := unix.IoctlGetInt(tty, unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}
