package session

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/roofline-go/roofline/roofline"
)

// RecordSchema is the version of a record of a tuning session.
const RecordSchema = "roofline/session/v2"

// Record is one line of a tuning session: something that was done, in which state of the code, on which machine.
type Record struct {
	Schema  string `json:"schema"`
	Time    string `json:"time"` // RFC 3339, when it was recorded
	Kind    Kind   `json:"kind"`
	Command string `json:"command,omitempty"` // the command line
	Note    string `json:"note,omitempty"`
	Code    *Code  `json:"code,omitempty"` // state of the user's code; absent outside a git work tree

	Iteration int `json:"iteration,omitempty"` // of tune: the number that it printed

	Machine  string           `json:"machine,omitempty"`  // its fingerprint
	Ceilings string           `json:"ceilings,omitempty"` // fingerprint of the ceilings that runs were placed under
	Result   *roofline.Result `json:"result,omitempty"`   // of measure and tune
	Compare  json.RawMessage  `json:"compare,omitempty"`  // of compare: a report of package compare
}

// Number is the number of the record's measurement after that of the one before it (0: none): the next, but for tune the one that it
// printed, so that both speak of the same step. Iterations that measured nothing are left out then.
func (r *Record) Number(before int) int { return max(before+1, r.Iteration) }

// Kind says what a record is of.
type Kind string

// The kinds.
const (
	Start   Kind = "start"
	Measure Kind = "measure"
	Compare Kind = "compare"
	Tune    Kind = "tune"
	Note    Kind = "note"
)

// Code is the state of the code that was measured.
type Code struct {
	Commit string `json:"commit"`
	Branch string `json:"branch,omitempty"` // "" when no branch is checked out
	Dirty  bool   `json:"dirty"`            // files differ from the commit
}

// NewRecord begins a record, dated now.
func NewRecord(kind Kind) *Record {
	return &Record{Schema: RecordSchema, Time: time.Now().UTC().Format(time.RFC3339), Kind: kind}
}

// Attach puts a report of package compare into the record.
func (r *Record) Attach(report any) (err error) {
	if r.Compare, err = json.Marshal(report); err != nil {
		return fmt.Errorf("record comparison: %w", err)
	}
	return nil
}

// Validate checks what readers rely on.
func (r *Record) Validate() error {
	if r.Schema != RecordSchema {
		return fmt.Errorf("schema is %.60q, want %q", r.Schema, RecordSchema)
	}
	if _, err := time.Parse(time.RFC3339, r.Time); err != nil {
		return fmt.Errorf("time: %w", err)
	}
	switch r.Kind {
	case Start, Note:
	case Measure, Tune:
		if r.Result == nil {
			return fmt.Errorf("a %s record without a result", r.Kind)
		}
		if err := r.Result.Validate(); err != nil {
			return fmt.Errorf("result: %w", err)
		}
	case Compare:
		if len(r.Compare) == 0 {
			return errors.New("a compare record without a report")
		}
	default:
		return fmt.Errorf("unknown kind %.40q", r.Kind)
	}
	return nil
}

// decodeRecord reads one line of any version that was ever written.
func decodeRecord(line []byte) (*Record, error) {
	var head struct {
		Schema string `json:"schema"`
	}
	if err := json.Unmarshal(line, &head); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	r := new(Record)
	switch head.Schema {
	case roofline.Schema: // version 1: results alone, one a line, as in the store of an output directory
		res, err := roofline.Unmarshal(line)
		if err != nil {
			return nil, err
		}
		*r = Record{Schema: RecordSchema, Time: res.Time, Kind: Measure, Machine: res.Machine.Fingerprint,
			Ceilings: CeilingsFingerprint(res.Ceilings), Result: res}
	case RecordSchema:
		if err := json.Unmarshal(line, r); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("schema is %.60q, want %q or %q (a newer roofline may have written it)", head.Schema, RecordSchema, roofline.Schema)
	}
	return r, r.Validate()
}
