package cpu

import (
	"fmt"
	"strconv"
	"strings"
)

// maxCPU bounds what a list may name, far above any kernel's limit.
const maxCPU = 1 << 16

func itoa(n int) string { return strconv.Itoa(n) }

// ParseList reads a list in the format of sysfs, "0-3,8": numbers from 0 and ascending ranges, in
// any order. The empty list is empty.
func ParseList(text string) ([]int, error) {
	var list []int
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		lo, err1 := strconv.Atoi(first)
		hi, err2 := strconv.Atoi(last)
		if err1 != nil || err2 != nil || lo < 0 || hi < lo || hi >= maxCPU {
			return nil, fmt.Errorf("parse list %q: %q is neither a number nor a range", text, part)
		}
		for n := lo; n <= hi; n++ {
			list = append(list, n)
		}
	}
	return list, nil
}

// FormatList writes ascending numbers as ParseList reads them: "0-3,8".
func FormatList(list []int) string {
	var parts []string
	for i := 0; i < len(list); {
		last := i
		for last+1 < len(list) && list[last+1] == list[last]+1 {
			last++
		}
		if last == i {
			parts = append(parts, itoa(list[i]))
		} else {
			parts = append(parts, itoa(list[i])+"-"+itoa(list[last]))
		}
		i = last + 1
	}
	return strings.Join(parts, ",")
}
