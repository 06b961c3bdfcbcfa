package session

import (
	"context"
	"os/exec"
	"strings"
	"time"
)

// CodeAt is the state of the git work tree that dir lies in; nil when it lies in none, or git does not answer in time.
// Untracked files do not make it dirty: they may be results.
func CodeAt(ctx context.Context, dir string) *Code {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	git := func(args ...string) (string, error) {
		cmd := exec.CommandContext(ctx, "git", append([]string{"--no-optional-locks"}, args...)...)
		cmd.Dir = dir
		out, err := cmd.Output()
		return strings.TrimSpace(string(out)), err
	}
	commit, err := git("rev-parse", "HEAD")
	if err != nil {
		return nil
	}
	c := &Code{Commit: commit}
	if branch, err := git("symbolic-ref", "--short", "-q", "HEAD"); err == nil {
		c.Branch = branch
	}
	changes, err := git("status", "--porcelain", "--untracked-files=no")
	c.Dirty = err != nil || changes != "" // in doubt the commit does not describe the code
	return c
}

// Short is the commit as people name it, with a + when files differ from it; "" for nil.
func (c *Code) Short() string {
	if c == nil {
		return ""
	}
	s := c.Commit[:min(8, len(c.Commit))]
	if c.Dirty {
		s += "+"
	}
	return s
}
