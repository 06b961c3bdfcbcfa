// Package native is what the program and its helper, roofline-native, have in common: how a user's function is called
// (Signature), and what the two say to each other (Request, Message).
//
// Terms:
//
//	object     the user's shared object, e.g. libk.so
//	function   the symbol in it that is measured
//	signature  how the function is called and what it must compute: a name and a shape, e.g. sgemm:512x512x512
//	helper     the process that loads the object. It may crash, hang or compute nonsense: what it says is read as something
//	           that anybody could have written
//
// The package loads nothing itself: only the helper does.
package native
