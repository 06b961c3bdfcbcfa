package main

import (
	"strings"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// fields are those of DecodeKeys, all of 8 bytes or followed by one that is.
var fields = []struct{ name, kind string }{
	{"Q", "*byte"}, {"K", "*byte"}, {"LdK", "int"}, {"KScale", "*float32"},
	{"V", "*byte"}, {"LdV", "int"}, {"VScale", "*float32"}, {"Keys", "int"}, {"D", "int"},
	{"St", "*float32"}, {"Sums", "*int32"}, {"First", "int"}, {"Out", "*float32"}, {"Scale", "float32"}, {"O", "*float32"}, {"State", "*float32"},
	{"Next", "int"}, {"Now", "int"}, {"NextK", "int"}, {"NextScale", "int"}, {"NowV", "int"}, {"NowScale", "int"}, {"Skip", "int"}, {"Block", "int"}, {"Ahead", "int"},
}

// signature takes one argument, the literal of DecodeKeys: the compiler checks that both agree.
var signature = func() string {
	var list []string
	for _, f := range fields {
		list = append(list, f.name+" "+f.kind)
	}
	return "func(p *struct{" + strings.Join(list, "; ") + "})"
}()

// field is a field of the argument. Its address is loaded each time: registers are for the rows.
func field(name string) Mem {
	for i, f := range fields {
		if f.name == name {
			p := GP64()
			Load(Param("p"), p)
			return Mem{Base: p, Disp: 8 * i}
		}
	}
	panic("no field " + name)
}

// get loads a field.
func get(name string) reg.GPVirtual {
	r := GP64()
	MOVQ(field(name), r)
	return r
}
