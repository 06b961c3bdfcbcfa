package native

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/roofline-go/roofline/roofline"
)

// Protocol is the version of what is said. Program and helper must agree on it.
const Protocol = 2

// AnswerFD is the file descriptor of the helper that it answers on: its standard output is the user's.
const AnswerFD = 3

// Request is what the helper is told, as JSON on its standard input.
type Request struct {
	Protocol  int              `json:"protocol"`
	Object    string           `json:"object"`   // path of the shared object
	Function  string           `json:"function"` // symbol in it
	Signature Signature        `json:"signature"`
	Threads   int              `json:"threads"`
	Budget    time.Duration    `json:"budget"`
	First     bool             `json:"first"`    // verify and count
	Sources   []string         `json:"sources"`  // of counts, best first
	Explicit  bool             `json:"explicit"` // the user has named the sources
	Machine   roofline.Machine `json:"machine"`
	Limits    Limits           `json:"limits"`
}

// DefaultSources are the sources of counts unless the user names others: simulated is left out, since somebody waits.
var DefaultSources = []string{"pmu", "instrumented", "analytic"}

// Limits are what the helper forbids itself before it loads the object. The time by the clock is the program's to watch.
type Limits struct {
	Memory int64         `json:"memory"` // address space in bytes; 0: no limit
	CPU    time.Duration `json:"cpu"`    // time on CPUs; 0: no limit
}

// Phase is what the helper is about to do.
type Phase string

// The phases, in their order.
const (
	Loading   Phase = "loading"
	SettingUp Phase = "setting up operands"
	Verifying Phase = "verifying"
	Timing    Phase = "timing"
	Counting  Phase = "counting"
)

// Message is one line of the helper's answer. What it is of is told by the field that is set.
type Message struct {
	Hello    *Hello   `json:"hello,omitempty"` // the first
	Phase    Phase    `json:"phase,omitempty"`
	Loaded   *Loaded  `json:"loaded,omitempty"`
	Operands []Range  `json:"operands,omitempty"`
	Wrong    *Wrong   `json:"wrong,omitempty"`  // the function computed something else; nothing follows
	Error    string   `json:"error,omitempty"`  // why there is no result; nothing follows
	Result   *Outcome `json:"result,omitempty"` // the last
}

// Hello tells whom one talks to.
type Hello struct {
	Protocol int    `json:"protocol"`
	Version  string `json:"version"`
}

// Loaded is where the object lies in memory.
type Loaded struct {
	Base uint64 `json:"base"`
	End  uint64 `json:"end"`
}

// Range is where an operand lies in memory.
type Range struct {
	Name  string `json:"name"`
	Begin uint64 `json:"begin"`
	Bytes int64  `json:"bytes"`
}

// Outcome is what was measured.
type Outcome struct {
	Run      roofline.Run `json:"run"`
	PeakRSS  int64        `json:"peak_rss"`
	Overhead float64      `json:"overhead"` // seconds that a call of an empty function takes the same way
}

// What an answer may have at most: anything larger was not written by a helper.
const (
	maxLine     = 8 << 20
	maxMessages = 1000
)

// ErrGarbled says that an answer is not one of a helper; the code under test may have written to its file descriptor.
var ErrGarbled = errors.New("the answer of the process is garbled (does the code write to file descriptor 3?)")

// ReadAnswer reads messages until the last one, or the end, and hands each to see. Every message has been checked; an answer
// that no helper would give is ErrGarbled.
func ReadAnswer(r io.Reader, see func(Message)) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	for n := 0; lines.Scan(); n++ {
		var m Message
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			return fmt.Errorf("%w: %w", ErrGarbled, err)
		}
		if err := m.check(n); err != nil {
			return fmt.Errorf("%w: %w", ErrGarbled, err)
		}
		see(m)
		if m.last() {
			return nil
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrGarbled, err)
	}
	return nil
}

// last says whether nothing may follow.
func (m *Message) last() bool { return m.Wrong != nil || m.Error != "" || m.Result != nil }

// check refuses what no helper says as its n-th message.
func (m *Message) check(n int) error {
	switch {
	case n > maxMessages:
		return fmt.Errorf("more than %d messages", maxMessages)
	case n == 0 && m.Hello == nil && m.Error == "":
		return errors.New("it does not begin with a hello")
	case m.Hello != nil && m.Hello.Protocol != Protocol:
		return fmt.Errorf("protocol %d, want %d", m.Hello.Protocol, Protocol)
	case m.Wrong != nil && m.Result != nil:
		return errors.New("wrong, and yet a result")
	case m.Result != nil:
		return m.Result.check()
	}
	for _, r := range m.Operands {
		if r.Bytes < 0 || r.Begin > math.MaxUint64-uint64(r.Bytes) {
			return fmt.Errorf("operand %.20q lies nowhere", r.Name)
		}
	}
	return nil
}

// check refuses what is not one valid run.
func (o *Outcome) check() error {
	res := roofline.NewResult(roofline.Machine{})
	res.Runs = []roofline.Run{o.Run}
	if err := res.Validate(); err != nil {
		return err
	}
	if len(o.Run.Time.Samples) == 0 {
		return errors.New("a run without samples")
	}
	for _, s := range o.Run.Time.Samples {
		if !(s > 0) || math.IsInf(s, 0) {
			return fmt.Errorf("a sample of %g s", s)
		}
	}
	if !(o.Overhead >= 0) || math.IsInf(o.Overhead, 0) || o.PeakRSS < 0 {
		return errors.New("a negative overhead or resident set")
	}
	return nil
}

// Nullable is v for a document: JSON knows no NaN and no infinity.
func Nullable(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}
