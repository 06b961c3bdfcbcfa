package kernels

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/roofline-go/roofline/internal/shape"
)

// Param is something about a kernel's code that can be chosen without changing what it computes: how it cuts its work into
// blocks.
type Param struct {
	Name   string
	Values []int // to be tried; the default is the first
	Doc    string
}

// Setting chooses values of parameters by name. What it leaves out keeps its default.
type Setting map[string]int

// String is the setting as name=value, in the order of the names; "default" when it chooses nothing.
func (s Setting) String() string {
	if len(s) == 0 {
		return "default"
	}
	var parts []string
	for name, v := range s {
		parts = append(parts, fmt.Sprintf("%s=%d", name, v))
	}
	slices.Sort(parts)
	return strings.Join(parts, ",")
}

// CheckSetting says what is wrong with a setting for k: a parameter that it does not have, or a value that is not to be tried.
func (k *Kernel) CheckSetting(s Setting) error {
	for name, v := range s {
		i := slices.IndexFunc(k.Params, func(p Param) bool { return p.Name == name })
		if i < 0 {
			return fmt.Errorf("set %s of %s: it has no such parameter", name, k.ID())
		}
		if !slices.Contains(k.Params[i].Values, v) {
			return fmt.Errorf("set %s=%d of %s: use one of %v", name, v, k.ID(), k.Params[i].Values)
		}
	}
	return nil
}

// settings are those in use, by kernel and shape: what Use said, and what Build found by trial where Use said nothing.
var settings struct {
	sync.RWMutex
	of    map[string]Setting
	found map[string]foundSetting
}

// foundSetting is what a trial chose for so many workers.
type foundSetting struct {
	workers int
	set     Setting
}

// Use makes every later Build of k at shape s use the setting; nil brings the defaults back, and a new trial where they have one.
func (k *Kernel) Use(s shape.Shape, set Setting) error {
	if err := k.CheckSetting(set); err != nil {
		return err
	}
	settings.Lock()
	defer settings.Unlock()
	if settings.of == nil {
		settings.of = map[string]Setting{}
	}
	key := k.ID() + " " + s.String()
	settings.of[key] = set
	delete(settings.found, key)
	return nil
}

// Setting is what Use said of k at shape s or, where it said nothing, what the last Build chose by trial.
func (k *Kernel) Setting(s shape.Shape) Setting {
	settings.RLock()
	defer settings.RUnlock()
	key := k.ID() + " " + s.String()
	if set := settings.of[key]; set != nil {
		return set
	}
	return settings.found[key].set
}

// settingFor is Setting, unless that was found for another number of workers.
func (k *Kernel) settingFor(s shape.Shape, workers int) Setting {
	settings.RLock()
	found, ok := settings.found[k.ID()+" "+s.String()]
	settings.RUnlock()
	if ok && found.workers != workers {
		return nil
	}
	return k.Setting(s)
}

// find notes what a trial chose.
func (k *Kernel) find(s shape.Shape, workers int, set Setting) {
	settings.Lock()
	defer settings.Unlock()
	if settings.found == nil {
		settings.found = map[string]foundSetting{}
	}
	settings.found[k.ID()+" "+s.String()] = foundSetting{workers, set}
}

// or is the value that the setting chooses for a parameter, or else the default.
func (s Setting) or(name string, value int) int {
	if v, ok := s[name]; ok {
		return v
	}
	return value
}
