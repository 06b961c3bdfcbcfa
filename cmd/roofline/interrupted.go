package main

import (
	"context"
	"fmt"
	"io"
	"time"
)

// soon is how long an interrupted measurement may go on before it says why it does.
const soon = 400 * time.Millisecond

// announceEnd says on w that a measurement whose ctx was cancelled waits for the call that is under way, where it has not called stop
// by then: a call of a slow kernel takes seconds.
func announceEnd(ctx context.Context, w io.Writer) (stop func()) {
	over := make(chan struct{})
	said := make(chan struct{})
	cancelled := context.AfterFunc(ctx, func() {
		defer close(said)
		select {
		case <-over:
		case <-time.After(soon):
			fmt.Fprintln(w, "interrupted: ends after the call that is under way; a second signal ends it at once")
		}
	})
	return func() {
		close(over)
		if !cancelled() {
			<-said
		}
	}
}
