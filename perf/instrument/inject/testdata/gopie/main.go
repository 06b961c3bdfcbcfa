// A program of Go, whose linker lets a position-independent program begin at 0x400000 in the file.
package main

import "fmt"

func sum(x *float64, n int) float64

func main() {
	x := []float64{1, 2, 3, 4, 5}
	fmt.Println(sum(&x[0], len(x)) + sum(&x[1], 3))
}
