package peer

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/roofline-go/roofline/internal/shape"
	"github.com/roofline-go/roofline/internal/workers"
	"github.com/roofline-go/roofline/kernels"
	"github.com/roofline-go/roofline/roofline/measure"
	"github.com/roofline-go/roofline/roofline/native"
	"github.com/roofline-go/roofline/roofline/native/helper"
)

// Times after which a process is given up.
const (
	openingTime = time.Minute
	callingTime = 2 * time.Minute
)

// Library is one build of a peer on this machine.
type Library struct {
	Variant string // what its runs are called
	File    string
	Version string

	spec    Spec
	kind    *kind
	helper  string // path of the helper
	threads int
	cpus    []int
	exports []string
	chosen  map[native.Problem]way
	notes   []string
}

// MissingError says that a library is not on this machine.
type MissingError struct {
	Spec   Spec
	Reason string
	Cure   string
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("load peer %s: %s (%s)", e.Spec, e.Reason, e.Cure)
}

// Open loads every library once, in a helper process, and asks what it is. helperPath is that of the helper; threads is how
// many threads they get. A library that is not there is a *MissingError.
func Open(helperPath string, specs []Spec, threads int) ([]*Library, error) {
	cpus, err := workers.CPUs(threads)
	if err != nil {
		return nil, err
	}
	var list []*Library
	var errs []error
	for _, s := range specs {
		l := &Library{Variant: s.Name, spec: s, kind: s.kind(), helper: helperPath, threads: threads, cpus: cpus, chosen: map[native.Problem]way{}}
		if err := l.probe(); err != nil {
			errs = append(errs, err)
			continue
		}
		list = append(list, l)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return list, tellApart(list)
}

// tellApart names the libraries: by their kind, and with the version, and the kernel if one is named, where there are several of one.
func tellApart(list []*Library) error {
	count := map[string]int{}
	for _, l := range list {
		count[l.kind.name]++
	}
	seen := map[string]bool{}
	for _, l := range list {
		if count[l.kind.name] > 1 {
			l.Variant = l.kind.name
			if v := number.FindString(l.Version); v != "" {
				l.Variant += "-" + v
			}
			if l.spec.Kernel != "" {
				l.Variant += "-" + l.spec.Kernel
			}
		}
		if seen[l.Variant] {
			return fmt.Errorf("peer %s: another one of the same version is named; compare them one after the other", l.spec)
		}
		seen[l.Variant] = true
	}
	return nil
}

var number = regexp.MustCompile(`\d+(\.\d+)+`)

// names are what the helper looks for.
func (l *Library) names() []string {
	if l.spec.File != "" {
		return []string{l.spec.File}
	}
	return l.kind.sonames
}

// probe loads the library and asks for its version.
func (l *Library) probe() error {
	if l.spec.File != "" {
		if _, err := os.Stat(l.spec.File); err != nil {
			return &MissingError{l.spec, err.Error(), l.cure()}
		}
	}
	s, opened, err := l.start(way{}, nil)
	if err != nil {
		failure := (*refusal)(nil)
		if errors.As(err, &failure) {
			reason, _, _ := strings.Cut(failure.text, "\n")
			reason, _, _ = strings.Cut(reason, " (build it") // a hint for who has its source
			return &MissingError{l.spec, reason, l.cure()}
		}
		return fmt.Errorf("load peer %s: %w", l.spec, err)
	}
	l.File, l.Version, l.exports = opened.File, opened.Version, opened.Exports
	if err := s.Close(); err != nil {
		return err
	}
	if wanted := l.kind.exported(); len(wanted) > 0 && len(l.exports) == 0 {
		return &MissingError{l.spec, fmt.Sprintf("%s exports none of the functions of %s, such as %s", l.File, l.kind.name, slices.Min(wanted)), l.cure()}
	}
	return nil
}

// cure says where the library is to be had: a file that was named is another one's.
func (l *Library) cure() string {
	switch {
	case l.spec.File != "":
		return fmt.Sprintf("name a shared object of %s: %s=/path/to/%s", l.kind.name, l.kind.name, l.kind.sonames[0])
	case l.kind.debian == "":
		return fmt.Sprintf("no package of Debian's has the shared object; name a build of your own: --peer %s=/path/to/%s", l.kind.name, l.kind.sonames[0])
	}
	return fmt.Sprintf("on Debian: apt install %s; or name a build of your own: --peer %s=/path/to/%s", l.kind.debian, l.kind.name, l.kind.sonames[0])
}

// refusal is an error that the helper answered.
type refusal struct{ text string }

func (r *refusal) Error() string { return r.text }

// start starts a process with the library; without a problem it only loads it.
func (l *Library) start(w way, p *native.Problem) (*helper.Session, *native.PeerOpened, error) {
	s, err := helper.Start(l.helper, native.PeerCommand, l.kind.environment(os.Environ(), l.threads, w))
	if err != nil {
		return nil, nil, err
	}
	s.Object = l.File
	var a native.PeerAnswer
	err = s.Ask(native.PeerRequest{Open: &native.PeerOpen{Protocol: native.Protocol, Names: l.names(), Calls: l.kind.calls,
		Use: w.Use, Problem: p, Functions: l.kind.exported(), CPUs: l.cpus}}, &a, openingTime)
	switch {
	case err != nil:
	case a.Error != "":
		err = &refusal{a.Error}
	case a.Opened == nil:
		err = native.ErrGarbled
	}
	if err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	s.Loaded, s.Operands, s.Phase = a.Opened.Loaded, a.Opened.Operands, native.Verifying
	return s, a.Opened, nil
}

// Kernel is the library's function for an operation of a type, to be measured like a kernel of ours; nil when it has none. Shape
// is one that is wanted.
func (l *Library) Kernel(op string, d kernels.DType, s shape.Shape) *kernels.Kernel {
	missing := func(u native.PeerUse) bool {
		return slices.ContainsFunc(needs(u.Function), func(f string) bool { return !slices.Contains(l.exports, f) })
	}
	if l.kind.serial && l.threads > 1 {
		return nil
	}
	if len(slices.DeleteFunc(l.kind.uses(native.Problem{Op: op, DType: d, Shape: s}), missing)) == 0 {
		return nil
	}
	return &kernels.Kernel{
		Op: op, Variant: l.Variant, DType: d, ISA: "native", Doc: l.kind.name + " " + l.Version,
		Work: func(s shape.Shape) kernels.Work { return native.Problem{Op: op, DType: d, Shape: s}.Work() },
		Build: func(s shape.Shape, _ int) (kernels.Instance, error) {
			return l.best(native.Problem{Op: op, DType: d, Shape: s})
		},
	}
}

// Items are what the libraries have for the problems among items of ours, each once, behind them.
func Items(list []*Library, ours []measure.Item) (items []measure.Item) {
	seen := map[native.Problem]bool{}
	for _, item := range ours {
		p := native.Problem{Op: item.Kernel.Op, DType: item.Kernel.DType, Shape: item.Shape}
		if seen[p] {
			continue
		}
		seen[p] = true
		for _, l := range list {
			if k := l.Kernel(p.Op, p.DType, p.Shape); k != nil {
				items = append(items, measure.Item{Kernel: k, Shape: p.Shape})
			}
		}
	}
	return items
}

// Notes are what is worth knowing of how the libraries were set up: kernels of theirs that compute wrong results.
func (l *Library) Notes() []string { return l.notes }
