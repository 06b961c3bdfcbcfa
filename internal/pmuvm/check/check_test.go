package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/internal/pmuvm"
)

// probed is what the probe printed in the machine (QEMU 7.2.22, Linux 6.1, neoverse-n1).
const probed = `@@VM START probe
{"Probe":"exact","N":1,"Count":66,"Enabled":5824,"Running":5824}
{"Probe":"exact","N":1,"Count":66,"Enabled":5840,"Running":5840}
{"Probe":"exact","N":1000,"Count":2064,"Enabled":9792,"Running":9792}
{"Probe":"exact","N":100000,"Count":200064,"Enabled":405808,"Running":405808}
{"Probe":"exact","N":3000000,"Count":6000064,"Enabled":12685104,"Running":12685104}
{"Probe":"multiplex","N":49800000,"Events":1,"Count":99652191,"Enabled":200034528,"Running":200034528,"Worst":0.0005240060240963018}
{"Probe":"multiplex","N":49600000,"Events":6,"Count":99253317,"Enabled":199560320,"Running":199560320,"Worst":0.0005376713709677183}
{"Probe":"multiplex","N":49400000,"Events":8,"Count":73053219,"Enabled":199920080,"Running":147755104,"Worst":0.0006515624474623394}
{"Probe":"multiplex","N":49400000,"Events":12,"Count":47294787,"Enabled":200039360,"Running":95703024,"Worst":0.0017185365508893824}
{"Probe":"limits, members disabled","Events":24,"Enabled":4145120,"Running":58784}
{"Probe":"limits, members enabled","Events":7,"Enabled":4091152,"Error":"EINVAL"}
{"Probe":"silent","Enabled":4034512,"Running":4034512,"Config":3}
{"Probe":"silent","Enabled":4046464,"Running":4046464,"Config":23}
{"Probe":"silent","Enabled":4024416,"Running":4024416,"Config":55}
{"Probe":"silent","Enabled":4023712,"Running":4023712,"Config":65535}
@@VM EXIT probe 0 0.860
`

// climbed is what it printed for one level of the ladder.
func climbed(level int, errors ...string) string {
	text := fmt.Sprintf("%s %s permissions %d\n", pmuvm.Mark, pmuvm.MarkStart, level)
	for i, name := range []string{"user mode", "kernel mode", "whole CPU"} {
		text += fmt.Sprintf(`{"Probe":%q,"Paranoid":"%d"`, name, level)
		if errors[i] != "" {
			text += fmt.Sprintf(`,"Error":%q`, errors[i])
		}
		text += "}\n"
	}
	return text + fmt.Sprintf("%s %s permissions %d 0 0.010\n", pmuvm.Mark, pmuvm.MarkExit, level)
}

func ladder() string {
	no := "EACCES"
	return climbed(3, no, no, no) + climbed(2, "", no, no) + climbed(1, "", "", no) + climbed(0, "", "", "") + climbed(-1, "", "", "")
}

func failures(log string) []string {
	c := &checker{}
	c.runs, _, _ = parse(log)
	c.probe()
	c.permissions()
	return c.failed
}

func TestProbe(t *testing.T) {
	if failed := failures(probed + ladder()); len(failed) != 0 {
		t.Fatalf("a good log fails: %q", failed)
	}
	for old, changed := range map[string]string{
		`"Count":6000064`:                      `"Count":6000065`,
		`"Worst":0.0017185365508893824`:        `"Worst":0.006`,
		`"Running":95703024`:                   `"Running":200039360`,
		`"Running":58784`:                      `"Running":4145120`,
		`"Error":"EINVAL"`:                     `"Error":""`,
		`"Running":4046464,"Config":23`:        `"Running":4046464,"Count":1,"Config":23`,
		`{"Probe":"silent"`:                    `{"Probe":"silenced"`,
		`"Probe":"user mode","Paranoid":"2"`:   `"Probe":"user mode","Paranoid":"1"`,
		`"whole CPU","Paranoid":"0"}`:          `"whole CPU","Paranoid":"0","Error":"EACCES"}`,
		`"Paranoid":"3","Error":"EACCES"`:      `"Paranoid":"3"`,
		`{"Probe":"exact","N":1,"Count":66`:    `exact`,
		`@@VM EXIT probe 0`:                    `@@VM EXIT probes 0`,
		`{"Probe":"multiplex","N":49600000,"E`: `{"Probe":"multiplex","N":49600000,"Error":"EMFILE","E`,
	} {
		if !strings.Contains(probed+ladder(), old) {
			t.Errorf("%s is not in the log", old)
		}
		if len(failures(strings.Replace(probed+ladder(), old, changed, 1))) == 0 {
			t.Errorf("%s for %s is not noticed", changed, old)
		}
	}
}

func TestParse(t *testing.T) {
	runs, rest, done := parse("boot\n@@VM START a b\nx\ny\n@@VM EXIT a b 7 0.5\n@@VM WARN trouble\n@@VM DONE\n")
	if r := runs["a b"]; r.output != "x\ny\n" || r.code != 7 || r.seconds != 0.5 || len(runs) != 1 {
		t.Errorf("runs %+v", runs)
	}
	if len(rest) != 1 || !done {
		t.Errorf("complaints %q, done %t", rest, done)
	}
	if _, _, done := parse("@@VM START a\n"); done {
		t.Error("a machine that hangs is taken for done")
	}
	if c := judge("@@VM START probe\n@@VM EXIT probe 1 0.1\n@@VM DONE\n", []pmuvm.Job{{Name: "probe"}}); len(c.failed) == 0 {
		t.Error("a job that failed is not noticed")
	}
	v, err := document[struct{ A int }](run{output: "a line\n{\n \"a\": 5\n}\nanother\n"})
	if err != nil || v.A != 5 {
		t.Errorf("document %+v, %v", v, err)
	}
}
