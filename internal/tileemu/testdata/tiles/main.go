// Command tiles executes tile instructions: what they compute, or how they fault.
package main

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"unsafe"
)

// product configures the tiles, multiplies int8 a and b into int32 c, whose rows are 64 bytes apart, and releases the tiles.
//
//go:noescape
func product(config, a, b, c unsafe.Pointer)

func illegal()

// config is that of c, m by n, of a, m by k groups of 4, and of b.
func config(m, n, k int) []byte {
	c := make([]byte, 64)
	c[0] = 1
	for i, t := range [][2]int{{m, n}, {m, k}, {k, n}} {
		binary.LittleEndian.PutUint16(c[16+2*i:], uint16(4*t[1]))
		c[48+i] = byte(t[0])
	}
	return c
}

func multiply(config []byte, a, b, c *[1024]byte) {
	product(unsafe.Pointer(&config[0]), unsafe.Pointer(a), unsafe.Pointer(b), unsafe.Pointer(c))
}

func check(seed uint64) error {
	r := rand.New(rand.NewPCG(1, seed))
	m, n, k := 1+r.IntN(16), 1+r.IntN(16), 1+r.IntN(16)
	var a, b, c [1024]byte
	for i := range a {
		a[i], b[i], c[i] = byte(r.Uint32()), byte(r.Uint32()), 0xa5
	}
	multiply(config(m, n, k), &a, &b, &c)
	for i := range 16 {
		for j := range 16 {
			want := int32(-0x5a5a5a5b) // what stood there
			if i < m && j < n {
				want = 0
				for l := range 4 * k {
					want += int32(int8(a[64*i+l])) * int32(int8(b[64*(l/4)+4*j+l%4]))
				}
			}
			if got := int32(binary.LittleEndian.Uint32(c[64*i+4*j:])); got != want {
				return fmt.Errorf("%dx%dx%d: c[%d][%d] is %d, want %d", m, n, 4*k, i, j, got, want)
			}
		}
	}
	return nil
}

func main() {
	var tile [1024]byte
	switch os.Args[1] {
	case "products": // by four threads, 25 each
		var all sync.WaitGroup
		for thread := range uint64(4) {
			all.Go(func() {
				for i := range uint64(25) {
					if err := check(100*thread + i); err != nil {
						fmt.Println(err)
						os.Exit(1)
					}
				}
			})
		}
		all.Wait()
	case "child":
		out, err := exec.Command(os.Args[0], "products").Output()
		fmt.Printf("%s%v\n", out, err)
	case "shapes":
		c := config(16, 16, 16)
		c[50] = 15
		multiply(c, &tile, &tile, &tile)
	case "palette":
		c := config(16, 16, 16)
		c[0] = 2
		multiply(c, &tile, &tile, &tile)
	case "memory":
		c := config(16, 16, 16)
		product(unsafe.Pointer(&c[0]), unsafe.Pointer(&tile), nil, unsafe.Pointer(&tile))
	case "illegal":
		illegal()
	}
	fmt.Println("ok")
}
