package measure

import (
	"io"
	"time"

	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/roofline"
)

// Elsewhere is an instance whose calls run in another process, which times them itself. While it does, the workers of this
// process sleep; it has its turns among the other kernels as they do.
type Elsewhere interface {
	kernels.Instance
	// Time lets the other process make n ≥ 1 calls in a row. After an error it is of no more use.
	Time(n int) (Batch, error)
	// Describe adds to a run what is known of the code.
	Describe(run *roofline.Run)
	io.Closer
}

// Batch is what calls in another process took.
type Batch struct {
	Took        time.Duration
	Waited      time.Duration // for a CPU that others had; not part of Took
	Involuntary int64         // switches of its threads
	PageFaults  int64
}

// runsElsewhere is why nothing but the declared work is known of what runs in another process.
const runsElsewhere = "another library's code is only timed (roofline help peers)"

// time runs calls of a job and returns how long they took. Of a job that runs elsewhere it may be that it failed: the job says so.
func (b *bench) time(j *job, calls int) time.Duration {
	if j.elsewhere == nil {
		return b.pool.Time(calls, j.part)
	}
	if j.failure != nil {
		return 1
	}
	batch, err := j.elsewhere.Time(calls)
	if err != nil {
		j.failure = err
		return 1
	}
	j.farWaited = batch.Waited
	j.faraway.Involuntary += batch.Involuntary
	j.faraway.PageFaults += batch.PageFaults
	return max(batch.Took, 1)
}

// waited is for how long of the last call of time a worker had no CPU because others had it.
func (b *bench) waited(j *job) time.Duration {
	if j.elsewhere == nil {
		return b.pool.Waited()
	}
	return j.farWaited
}

// close ends the process that a job runs in.
func (j *job) close() {
	if j.elsewhere != nil {
		_ = j.elsewhere.Close() // it is of no more use in any case
		j.elsewhere = nil
	}
}

// close ends all that runs elsewhere.
func (b *bench) close() {
	for _, j := range b.jobs {
		j.close()
	}
}
