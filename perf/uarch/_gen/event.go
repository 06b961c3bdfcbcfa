package main

import (
	"fmt"
	"strconv"
	"strings"
)

// eventLine writes one event: role, name, fields, then what else is known about it as key=value, then the meaning.
func eventLine(e event, usualSource string) (string, error) {
	var words []string
	add := func(key, value string) {
		if value != "" {
			words = append(words, key+"="+quoted(value))
		}
	}
	fields, err := fieldList(e)
	if err != nil {
		return "", err
	}
	words = append(words, "event", e.Role, quoted(e.Name), fields)
	counters, err := constraint(e.Counters)
	if err != nil {
		return "", err
	}
	add("counters", counters)
	switch {
	case e.PerfName == nil:
		add("perf", "-")
	case *e.PerfName != strings.ToLower(e.Name):
		add("perf", *e.PerfName)
	}
	if e.FLOPs.present {
		add("flops", strings.Replace(e.FLOPs.text, "null", "-", 1))
	}
	if e.Bytes != nil {
		add("bytes", strconv.Itoa(*e.Bytes))
	}
	add("precision", e.Precision)
	if e.WidthBits > 0 {
		add("width", strconv.Itoa(e.WidthBits))
	}
	if e.Elements != nil {
		add("elements", strconv.Itoa(*e.Elements))
	}
	add("sysfs", e.SysfsEvent)
	add("scale", e.Scale)
	add("unit", e.Unit)
	add("vendor", e.VendorEvent)
	add("alt", strings.ReplaceAll(e.AltEvent, " ", ""))
	add("errata", strings.ReplaceAll(e.Errata, " ", ""))
	add("caveats", strings.Join(e.Caveats, ","))
	if e.Source != usualSource {
		add("from", e.Source)
	}
	if e.Suspect {
		words = append(words, "suspect")
	}
	if e.Deprecated {
		words = append(words, "deprecated")
	}
	return strings.Join(words, " ") + " | " + e.Meaning + "\n", nil
}

// quoted puts what has spaces into quotes.
func quoted(text string) string {
	if strings.ContainsAny(text, " |") {
		return strconv.Quote(text)
	}
	return text
}

// fieldList writes the fields as perf(1) does; fields that are 0 are left out, but for the event's own code.
func fieldList(e event) (string, error) {
	list := "event=" + e.Event
	add := func(name, value string) {
		if value != "" && value != "0x0" {
			list += "," + name + "=" + value
		}
	}
	hex := func(v uint64) string { return fmt.Sprintf("%#x", v) }
	add("umask", e.Umask)
	add("edge", hex(e.Edge))
	add("inv", hex(e.Inv))
	add("cmask", hex(e.Cmask))
	add("rdwrmask", e.Rdwrmask)
	if (e.Config1 != "") != (e.Config1Field != "") {
		return "", fmt.Errorf("config1 and field_config1 need each other")
	}
	add(e.Config1Field, e.Config1)
	return list, nil
}

// constraint writes the counters on which an event counts, in one word.
func constraint(stated *string) (string, error) {
	if stated == nil {
		return "", nil
	}
	s := *stated
	words := map[string]string{
		"": "", "any": "any", "any of 6": "any", "even counter of a pair": "pair", "cycle counter or any": "cycle",
		"PERF_METRICS": "metrics", "free running": "free", "FIXED": "fixed",
	}
	if w, ok := words[s]; ok {
		return w, nil
	}
	if n, ok := strings.CutPrefix(s, "Fixed counter "); ok {
		return "fixed" + n, nil
	}
	list := strings.Split(s, ",")
	for i, n := range list {
		if n != strconv.Itoa(i) {
			return "", fmt.Errorf("counters %q are no run from 0: teach the generator", s)
		}
	}
	return "0-" + list[len(list)-1], nil
}
