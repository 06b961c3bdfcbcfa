package instrument

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/perf/perftest"
)

// A child that dies, answers nonsense or says what went wrong is an error that tells.
func TestChildFails(t *testing.T) {
	for _, tt := range []struct {
		command []string
		want    string
	}{
		{[]string{"/bin/sh", "-c", "echo the cause >&2; exit 3"}, "the cause"},
		{[]string{"/bin/sh", "-c", "echo nonsense"}, "read the answer"},
		{[]string{"/bin/sh", "-c", "echo '{}'"}, "no counts"},
		{[]string{"/bin/sh", "-c", `echo '{"Error":"run f: bad"}'`}, "run f: bad"},
	} {
		c := Child{Command: tt.command}
		if _, err := c.Profile(t.Context(), []byte("x")); err == nil || !strings.Contains(err.Error(), tt.want) || errors.As(err, new(*FinalError)) {
			t.Errorf("%q: %v, want %q", tt.command, err, tt.want)
		}
	}
	_, err := Child{Command: []string{"/bin/sh", "-c", `echo '{"Error":"run f: bad","Final":true}'`}}.Profile(t.Context(), nil)
	if final := (*FinalError)(nil); !errors.As(err, &final) || err.Error() != "run f: bad" {
		t.Errorf("%v, want a final error", err)
	}
	if _, err := (Child{Command: []string{"/bin/sh", "-c", "echo '{}'"}}).SimulateKinds(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "no traffic") {
		t.Error(err)
	}
}

func TestServeAnswersErrors(t *testing.T) {
	var out bytes.Buffer
	err := Serve(strings.NewReader(`{"Spec":"aGVsbG8="}`), &out, func(spec []byte) (*Subject, error) {
		return nil, errors.New("cannot make " + string(spec))
	})
	var r reply
	if err != nil || json.Unmarshal(out.Bytes(), &r) != nil || r.Error != "cannot make hello" {
		t.Errorf("%v: %s", err, out.String())
	}
	out.Reset()
	err = Serve(strings.NewReader("{}"), &out, func([]byte) (*Subject, error) { return nil, &FinalError{errors.New("gone")} })
	if again := (reply{}); err != nil || json.Unmarshal(out.Bytes(), &again) != nil || again.Error != "gone" || !again.Final || r.Final {
		t.Errorf("%v: %s", err, out.String())
	}
	if err := Serve(strings.NewReader("nonsense"), &out, nil); err == nil {
		t.Error("a request was understood")
	}
}

// What no other process can run, or what has no assembly, is missing with that reason.
func TestSourcesSayWhyNot(t *testing.T) {
	w := &perftest.Workload{Name: "w"}
	for _, s := range []perf.Source{Source{}, Simulated{}} {
		counts, err := s.Count(t.Context(), w, perf.Known)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range perf.Known {
			if c := counts[q]; c.Quality != perf.Missing || c.Source != s.Name() || !strings.Contains(c.Reason, "no other process") {
				t.Errorf("%s %s: %+v", s.Name(), q, c)
			}
		}
	}
	counts, err := Source{}.Count(t.Context(), plainGo{w}, []perf.Quantity{perf.FLOPs})
	if err != nil || counts[perf.FLOPs].Reason != "plain Go" {
		t.Errorf("%+v, %v", counts, err)
	}
	_, err = Source{Child: Child{Command: []string{os.DevNull}}}.Count(t.Context(), portable{w}, []perf.Quantity{perf.FLOPs})
	if err == nil || !strings.Contains(err.Error(), "count w") {
		t.Errorf("error %v", err)
	}
}

type plainGo struct{ *perftest.Workload }

func (plainGo) Portable() ([]byte, string) { return nil, "plain Go" }

type portable struct{ *perftest.Workload }

func (portable) Portable() ([]byte, string) { return []byte("spec"), "" }
