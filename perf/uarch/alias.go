package uarch

import (
	"errors"
	"fmt"
	"io/fs"
)

// Alias is an event that the kernel exports by name in a PMU's events directory.
type Alias struct {
	Name   string
	Fields []Field
	Code
	Scale float64 // to Unit; 1 where the kernel gives none
	Unit  string
}

// Alias reads an event of the kernel. The error wraps fs.ErrNotExist where it has none of this name.
func (d *Device) Alias(name string) (Alias, error) {
	a := Alias{Name: name, Scale: 1}
	text, err := d.read("events/" + name)
	if err != nil {
		return a, fmt.Errorf("read event %s/%s/: %w", d.Name, name, err)
	}
	if a.Fields, err = ParseFields(text); err != nil {
		return a, fmt.Errorf("read event %s/%s/: %w", d.Name, name, err)
	}
	if a.Code, err = d.Format.Encode(a.Fields); err != nil {
		return a, fmt.Errorf("read event %s/%s/: %w", d.Name, name, err)
	}
	if text, err := d.read("events/" + name + ".scale"); err == nil {
		if a.Scale, err = parseScale(text); err != nil {
			return a, fmt.Errorf("read event %s/%s/: %w", d.Name, name, err)
		}
	}
	if a.Unit, err = d.read("events/" + name + ".unit"); err != nil {
		a.Unit = ""
	}
	return a, nil
}

// Attr is what perf_event_open needs to know of an event on one PMU of the running kernel.
type Attr struct {
	Type uint32
	Code
	Scale float64 // to Unit; 1 where there is none
	Unit  string
	Note  string // what differs from the table; "" where nothing does
}

// Attr encodes an event for this PMU: by the kernel's own alias where it exports one, because the kernel knows the right
// code, else by the fields in the kernel's format, else by the table's code where the kernel exports no format.
// The error wraps a *FormatError where the format has no place for a field.
func (d *Device) Attr(e Event) (Attr, error) {
	a := Attr{Type: d.Type, Code: e.Code, Scale: 1, Unit: e.Unit}
	if e.Scale != 0 {
		a.Scale = e.Scale
	}
	if e.SysfsEvent != "" {
		alias, err := d.Alias(e.SysfsEvent)
		if err == nil {
			a.Code, a.Scale, a.Unit = alias.Code, alias.Scale, alias.Unit
			if a.Code != e.Code {
				a.Note = fmt.Sprintf("%s: the kernel's own code %#x is used, the table has %#x", e.Name, a.Config, e.Config)
			}
			return a, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return a, err
		}
	}
	if len(d.Format) == 0 {
		return a, nil
	}
	code, err := d.Format.Encode(e.Fields)
	if err != nil {
		return a, fmt.Errorf("encode event %s for PMU %s: %w", e.Name, d.Name, err)
	}
	if a.Code = code; code != e.Code {
		a.Note = fmt.Sprintf("%s: the kernel's format gives the code %#x, the table has %#x", e.Name, a.Config, e.Config)
	}
	return a, nil
}
