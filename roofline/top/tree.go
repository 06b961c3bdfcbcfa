package top

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
)

// Node is a path: all operations with the same names from the top.
type Node struct {
	Name     string
	Calls    int
	Total    time.Duration // of these operations, from start to end
	Within   time.Duration // of the operations within
	FLOPs    float64       // own
	Bytes    float64       // own
	Allocs   uint64        // of these operations and those within
	Children []*Node       // the longest first
}

// Self is the time less that of the operations within; 0 where these ran at the same time as each other.
func (n *Node) Self() time.Duration { return max(n.Total-n.Within, 0) }

// AllFLOPs and AllBytes are those of the path and of all within.
func (n *Node) AllFLOPs() float64 { return n.sum(func(n *Node) float64 { return n.FLOPs }) }

// AllBytes is the sum of the bytes of the path and of all within.
func (n *Node) AllBytes() float64 { return n.sum(func(n *Node) float64 { return n.Bytes }) }

func (n *Node) sum(f func(*Node) float64) float64 {
	s := f(n)
	for _, c := range n.Children {
		s += c.sum(f)
	}
	return s
}

// Read reads the events of a recording. Lines that are none are counted, not used: a program that is killed may leave half
// a line.
func Read(r io.Reader) (events []Event, bad int, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e Event
		if len(lines.Bytes()) == 0 {
			continue
		}
		if json.Unmarshal(lines.Bytes(), &e) != nil || e.ID == 0 || e.End < e.Start || !(e.FLOPs >= 0) || !(e.Bytes >= 0) {
			bad++
			continue
		}
		events = append(events, e)
	}
	if err := lines.Err(); err != nil {
		return nil, bad, fmt.Errorf("read operations: %w", err)
	}
	return events, bad, nil
}

// Tree gathers events by path. The root has no name; its children are the operations at the top, and also those whose
// parent is not in the recording, since it was never done.
func Tree(events []Event) *Node {
	parent := map[uint64]int{} // index of the event with an ID
	for i, e := range events {
		parent[e.ID] = i
	}
	root := &Node{}
	nodes := map[uint64]*Node{}
	var nodeOf func(i, depth int) *Node
	nodeOf = func(i, depth int) *Node {
		e := events[i]
		if n := nodes[e.ID]; n != nil {
			return n
		}
		up := root
		if j, ok := parent[e.Parent]; ok && e.Parent != e.ID && depth < len(events) {
			up = nodeOf(j, depth+1)
		}
		at := slices.IndexFunc(up.Children, func(n *Node) bool { return n.Name == e.Name })
		if at < 0 {
			up.Children = append(up.Children, &Node{Name: e.Name})
			at = len(up.Children) - 1
		}
		nodes[e.ID] = up.Children[at]
		return up.Children[at]
	}
	for i, e := range events {
		n := nodeOf(i, 0)
		n.Calls++
		n.Total += time.Duration(e.End - e.Start)
		n.FLOPs += e.FLOPs
		n.Bytes += e.Bytes
		n.Allocs += e.Allocs
	}
	root.settle()
	for _, c := range root.Children {
		root.Total += c.Total
		root.Allocs += c.Allocs
	}
	root.Within = root.Total
	return root
}

// settle sums up what is within, and puts the longest first.
func (n *Node) settle() {
	for _, c := range n.Children {
		c.settle()
		n.Within += c.Total
	}
	slices.SortStableFunc(n.Children, func(a, b *Node) int { return cmp.Compare(b.Total, a.Total) })
}
