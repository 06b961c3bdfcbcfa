package roofline_test

import (
	"math"
	"strings"
	"testing"

	"github.com/roofline-go/roofline/roofline"
	"github.com/roofline-go/roofline/roofline/stats"
)

func TestValidateCommand(t *testing.T) {
	good := func() (roofline.Command, roofline.Region) {
		return roofline.Command{Args: []string{"x"}, Exit: 3, Runs: 6, Passes: 3, CPU: 1},
			roofline.Region{Name: "r", Calls: 2, Threads: 2, Parallelism: 1.5, ThreadTime: 2, SelfTime: 1}
	}
	validate := func(c *roofline.Command, g *roofline.Region) error {
		res := roofline.NewResult(roofline.Machine{})
		res.Runs = []roofline.Run{{Kernel: "command", Threads: 1, Command: c, Region: g,
			Time: roofline.Timing{Unit: "s", Estimate: stats.Estimate{Median: 1, Lo: math.NaN(), Hi: math.NaN(), N: 1}}}}
		return res.Validate()
	}
	c, g := good()
	if err := validate(&c, &g); err != nil {
		t.Error(err)
	}
	for want, spoil := range map[string]func(c *roofline.Command, g *roofline.Region){
		"not even its name": func(c *roofline.Command, g *roofline.Region) { c.Args = nil },
		"exit code -1":      func(c *roofline.Command, g *roofline.Region) { c.Exit = -1 },
		"exit code 256":     func(c *roofline.Command, g *roofline.Region) { c.Exit = 256 },
		"of 0 passes":       func(c *roofline.Command, g *roofline.Region) { c.Passes = 0 },
		"0 runs":            func(c *roofline.Command, g *roofline.Region) { c.Runs = 0 },
		"CPU time NaN":      func(c *roofline.Command, g *roofline.Region) { c.CPU = math.NaN() },
		"without a name":    func(c *roofline.Command, g *roofline.Region) { g.Name = "" },
		"-1 calls":          func(c *roofline.Command, g *roofline.Region) { g.Calls = -1 },
		"0.5 at a time":     func(c *roofline.Command, g *roofline.Region) { g.Parallelism = 0.5 },
		"self time 3 of 2":  func(c *roofline.Command, g *roofline.Region) { g.SelfTime = 3 },
	} {
		c, g := good()
		spoil(&c, &g)
		if err := validate(&c, &g); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
