package main

import "strings"

// fields are those of AttentionBlocks, all of 8 bytes.
var fields = []struct{ name, kind string }{
	{"K", "*byte"}, {"LdK", "int"}, {"V", "*byte"}, {"LdV", "int"},
	{"Keys", "int"}, {"Block", "int"}, {"Now", "int"}, {"D", "int"},
	{"Qt", "*byte"}, {"St", "*float32"}, {"Ot", "*float32"}, {"State", "*float32"},
	{"Diagonal", "int"}, {"Valid", "int"}, {"First", "int"}, {"Scale", "float32"},
	{"Fetch", "*struct{From uintptr; Left int; Turns uint64}"}, {"Then", "int"}, {"Left", "int"},
	{"Before", "*float32"}, {"Weighed", "int"}, {"VBefore", "*byte"}, {"OtBefore", "*float32"}, {"FirstBefore", "int"}, {"StateBefore", "*float32"},
	{"Spare", "*float32"}, {"Done", "int"}, {"VDone", "*byte"}, {"OtDone", "*float32"}, {"FirstDone", "int"},
	{"Pending", "*byte"}, {"Unused", "*byte"},
}

// signature takes one argument, the literal of AttentionBlocks: the compiler checks that both agree.
var signature = func() string {
	var list []string
	for _, f := range fields {
		list = append(list, f.name+" "+f.kind)
	}
	return "func(p *struct{" + strings.Join(list, "; ") + "})"
}()

// argumentBytes is the size of the argument.
var argumentBytes = 8 * len(fields)

// offset is where a field lies.
func offset(name string) int {
	for i, f := range fields {
		if f.name == name {
			return 8 * i
		}
	}
	panic("no field " + name)
}
