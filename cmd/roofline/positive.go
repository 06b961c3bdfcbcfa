package main

import (
	"errors"
	"strconv"
	"time"
)

// A flag of these kinds has a value above 0, or was not given and has a meaning of its own then. 0 cannot be asked for: it would
// silently mean that default.

// positive is a time.
type positive time.Duration

func (p *positive) Set(text string) error {
	d, err := time.ParseDuration(text)
	if err == nil && d <= 0 {
		err = errors.New("the time must be positive, e.g. 30s")
	}
	*p = positive(d)
	return err
}

func (p *positive) Type() string { return "duration" }

func (p *positive) String() string {
	if *p == 0 { // not given; the help text says what holds then
		return ""
	}
	return time.Duration(*p).String()
}

// positiveInt is a number of things.
type positiveInt int

func (p *positiveInt) Set(text string) error {
	n, err := strconv.ParseInt(text, 10, strconv.IntSize)
	if err == nil && n <= 0 {
		err = errors.New("the number must be positive")
	}
	*p = positiveInt(n)
	return err
}

func (p *positiveInt) Type() string { return "int" }

func (p *positiveInt) String() string {
	if *p == 0 {
		return ""
	}
	return strconv.Itoa(int(*p))
}

// positiveShare is a part of something, 0.03 for 3 %.
type positiveShare float64

func (p *positiveShare) Set(text string) error {
	x, err := strconv.ParseFloat(text, 64)
	if err == nil && !(x > 0) {
		err = errors.New("the share must be positive, e.g. 0.03 for 3 %")
	}
	*p = positiveShare(x)
	return err
}

func (p *positiveShare) Type() string { return "float" }

func (p *positiveShare) String() string {
	if *p == 0 {
		return ""
	}
	return strconv.FormatFloat(float64(*p), 'g', -1, 64)
}
