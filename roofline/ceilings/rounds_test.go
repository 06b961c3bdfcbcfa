package ceilings

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/roofline-go/roofline/internal/workers"
)

// script returns a choice whose samples are given, over and over.
func script(less bool, values ...float64) *choice {
	i := -1
	return &choice{less: less, sample: func() float64 { i++; return values[i%len(values)] }}
}

func TestRoundIsTheBestAfterOneToWarmUp(t *testing.T) {
	if got := script(false, 9, 1, 3, 2).round(3); got != 3 {
		t.Errorf("best of 1, 3, 2 after a first 9 is %g", got)
	}
	if got := script(true, 0, 3, 1, 2).round(3); got != 1 {
		t.Errorf("lowest of 3, 1, 2 after a first 0 is %g", got)
	}
	warmed := 0
	c := script(false, 1)
	c.warm = func() { warmed++ }
	c.round(4)
	if warmed != 1 {
		t.Errorf("warmed %d times in a round", warmed)
	}
}

// TestPilotKeepsTheBest: one lucky sample in one round does not make a choice the best, and no value of the pilot survives.
func TestPilotKeepsTheBest(t *testing.T) {
	lucky := script(false, 1, 1, 1, 1, 50, 50, 1, 1, 1) // rounds of three samples: 1, 50, 1
	good, bad := script(false, 10), script(false, 5)
	entered := 0
	slow := &task{choices: []*choice{bad, lucky, good}, enter: func() { entered++ }}
	quick := &task{choices: []*choice{script(true, 5), script(true, 4)}}
	s := &session{Options: Options{Progress: func(int, int, string) {}}, plan: plan{keep: 1, target: time.Hour}, tasks: []*task{slow, quick}}
	if err := s.pilot(context.Background(), time.Now()); err != nil {
		t.Fatal(err)
	}
	if len(slow.choices) != 1 || slow.choices[0] != good {
		t.Error("the pilot did not keep the best choice")
	}
	if v := quick.choices[0].sample(); v != 4 {
		t.Errorf("of two latencies the pilot kept %g", v)
	}
	if len(good.rounds) != 0 {
		t.Errorf("values of the pilot stay: %v", good.rounds)
	}
	if entered != pilotRounds {
		t.Errorf("the task was entered %d times", entered)
	}
}

func TestRoundsAlternate(t *testing.T) {
	var order []int
	s := &session{Options: Options{Progress: func(int, int, string) {}}, plan: plan{minRounds: 2, maxRounds: 2, samples: 1}}
	for i := range 3 {
		s.tasks = append(s.tasks, &task{enter: func() { order = append(order, i) }, choices: []*choice{script(false, 1)}})
	}
	if err := s.rounds(context.Background(), time.Now()); err != nil {
		t.Fatal(err)
	}
	if want := []int{0, 1, 2, 2, 1, 0}; !slices.Equal(order, want) {
		t.Errorf("order %v, want %v", order, want)
	}
	for _, task := range s.tasks {
		if n := len(task.choices[0].rounds); n != 2 {
			t.Errorf("%d rounds, want 2", n)
		}
	}
}

// TestResultsTakeTheBestChoice and leave out what has no round.
func TestResultsTakeTheBestChoice(t *testing.T) {
	s := &session{tasks: []*task{
		{choices: []*choice{{rounds: []float64{1, 2, 3}, note: "slow"}, {rounds: []float64{4, 5, 6}, note: "fast"}, {}}},
		{choices: []*choice{{rounds: []float64{4, 5, 6}, less: true}, {rounds: []float64{1, 2, 3}, less: true}}},
		{choices: []*choice{{}}},
	}}
	s.tasks[0].Note = "level"
	got := s.results()
	if len(got) != 2 || got[0].Value.Median != 5 || got[0].Note != "level; fast" || got[1].Value.Median != 2 {
		t.Errorf("results %+v", got)
	}
}

// TestRunCountsFromTheFirstToTheLast: a worker that starts late must not shorten the time.
func TestRunCountsFromTheFirstToTheLast(t *testing.T) {
	cpus, err := workers.CPUs(workers.Usable())
	if err != nil {
		t.Fatal(err)
	}
	pool, err := workers.New(cpus)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	team := newTeam(pool)
	const nap = 5 * time.Millisecond
	last := pool.N() - 1
	if got := team.run(func(w int) {
		if w == last {
			time.Sleep(nap)
		}
	}); got < nap {
		t.Errorf("a run whose last worker takes %v took %v", nap, got)
	}
}
