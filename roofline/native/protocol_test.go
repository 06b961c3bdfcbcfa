package native

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/perf"
	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

func answer(t testing.TB, messages ...Message) []byte {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for _, m := range messages {
		if err := enc.Encode(m); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

var hello = Message{Hello: &Hello{Protocol: Protocol}}

func outcome() *Outcome {
	r := roofline.Run{Kernel: "dot", Variant: "f", DType: "f32", Threads: 1,
		Counts: map[perf.Quantity][]perf.Count{perf.FLOPs: {{Value: 2, Source: perf.SourceAnalytic, Quality: perf.Analytic}}}}
	r.Time = roofline.Timing{Unit: "s", Estimate: stats.Summarize([]float64{1, 2, 3}), Samples: []float64{1, 2, 3}, Batch: 1}
	return &Outcome{Run: r}
}

func TestReadAnswer(t *testing.T) {
	sent := []Message{hello, {Phase: Loading}, {Loaded: &Loaded{1, 2}}, {Operands: []Range{{"A", 4096, 10}}}, {Phase: Timing}, {Result: outcome()}}
	data := append(answer(t, sent...), "nobody reads what follows the last"...)
	var got []Message
	if err := ReadAnswer(bytes.NewReader(data), func(m Message) { got = append(got, m) }); err != nil {
		t.Fatal(err)
	}
	if len(got) != len(sent) || got[2].Loaded.End != 2 || got[3].Operands[0].Name != "A" || got[5].Result.Run.Time.Median != 2 {
		t.Errorf("%+v", got)
	}
}

func TestReadAnswerRefuses(t *testing.T) {
	negative, empty, moment := outcome(), outcome(), outcome()
	negative.Overhead = -1
	empty.Run.Time.Samples = nil
	moment.Run.Time.Samples[1] = 0
	for name, data := range map[string][]byte{
		"no hello":            answer(t, Message{Phase: Loading}),
		"other protocol":      answer(t, Message{Hello: &Hello{Protocol: 99}}),
		"no JSON":             append(answer(t, hello), "segfault\n"...),
		"result without time": append(answer(t, hello), "{\"result\":{}}\n"...),
		"negative overhead":   answer(t, hello, Message{Result: negative}),
		"no samples":          answer(t, hello, Message{Result: empty}),
		"a sample of 0 s":     answer(t, hello, Message{Result: moment}),
		"wrong and a result":  answer(t, hello, Message{Wrong: &Wrong{}, Result: outcome()}),
		"operand of -1 bytes": answer(t, hello, Message{Operands: []Range{{"A", 1, -1}}}),
		"too many":            bytes.Repeat(answer(t, hello), 2000),
		"too long":            append(answer(t, hello), bytes.Repeat([]byte("x"), maxLine+1)...),
	} {
		if err := ReadAnswer(bytes.NewReader(data), func(Message) {}); !errors.Is(err, ErrGarbled) {
			t.Errorf("%s: %v, want ErrGarbled", name, err)
		}
	}
	if err := ReadAnswer(strings.NewReader(""), func(Message) { t.Error("a message of nothing") }); err != nil {
		t.Errorf("nothing at all: %v", err)
	}
}

// Whatever the other side writes: nothing panics, and a result that is handed on is one valid run.
func FuzzReadAnswer(f *testing.F) {
	f.Add(answer(f, hello, Message{Phase: Loading}, Message{Result: outcome()}))
	f.Add(answer(f, hello, Message{Wrong: &Wrong{Operand: "C", Index: []int{1, 2}}}))
	f.Add(answer(f, Message{Error: "x"}))
	f.Add([]byte("{\"hello\":{\"protocol\":1}}\n{\"result\":{\"run\":{\"time\":{\"median\":1e999}}}}\n"))
	f.Add([]byte("\x00\xff\n\n{"))
	f.Fuzz(func(t *testing.T, data []byte) {
		last := false
		err := ReadAnswer(bytes.NewReader(data), func(m Message) {
			if last {
				t.Error("a message after the last")
			}
			last = m.last()
			if m.Result != nil {
				res := roofline.NewResult(roofline.Machine{})
				res.Runs = []roofline.Run{m.Result.Run}
				if err := res.Validate(); err != nil {
					t.Errorf("invalid run: %v", err)
				}
				if _, err := json.Marshal(res); err != nil {
					t.Errorf("a run that cannot be stored: %v", err)
				}
			}
		})
		if err != nil && !errors.Is(err, ErrGarbled) {
			t.Errorf("%v", err)
		}
	})
}
