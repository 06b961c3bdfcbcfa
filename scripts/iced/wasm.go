package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// iced is the JavaScript build of iced-x86 (MIT), run without JavaScript: its wasm-bindgen imports are eight, and only
// arrays of used registers and memory cross over.
type iced struct {
	mod     api.Module
	decoder uint64
	code    uint32 // where the decoder's bytes lie in the module's memory (it takes the vector over in place)
	inst    uint64
	info    uint64 // InstructionInfoFactory
	arrays  map[uint64][]uint64
	nextID  uint64
	failed  error
}

// codeRoom is how many bytes are handed over for each instruction; iced reads no more than 15 of them.
const codeRoom = 16

func loadIced(ctx context.Context, file string) (*iced, error) {
	wasm, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read iced-x86: %w", err)
	}
	x := &iced{arrays: map[uint64][]uint64{}}
	rt := wazero.NewRuntime(ctx)
	b := rt.NewHostModuleBuilder("__wbindgen_placeholder__")
	export := func(name string, f any) { b = b.NewFunctionBuilder().WithFunc(f).Export(name) }
	export("__wbindgen_object_drop_ref", func(uint32) {})
	export("__wbg_new_3a66822ed076951c", func(uint32, uint32) uint32 { return 0 }) // an Error
	export("__wbg_new_34c624469fb1d4fd", func() uint32 {                           // an Array
		x.nextID++
		x.arrays[x.nextID] = nil
		return uint32(x.nextID)
	})
	export("__wbg_push_906164999551d793", func(array, value uint32) uint32 {
		x.arrays[uint64(array)] = append(x.arrays[uint64(array)], uint64(value))
		return uint32(len(x.arrays[uint64(array)]))
	})
	same := func(p uint32) uint32 { return p } // an object is its address here
	export("__wbg_usedregister_new", same)
	export("__wbg_usedmemory_new", same)
	export("__wbg_instruction_new", same)
	export("__wbindgen_throw", func(uint32, uint32) { panic("iced-x86 threw an exception") })
	if _, err := b.Instantiate(ctx); err != nil {
		return nil, fmt.Errorf("run iced-x86: %w", err)
	}
	if x.mod, err = rt.Instantiate(ctx, wasm); err != nil {
		return nil, fmt.Errorf("run iced-x86: %w", err)
	}
	return x, x.start(ctx)
}

func (x *iced) start(ctx context.Context) error {
	x.code = uint32(x.call(ctx, "__wbindgen_malloc", codeRoom, 1))
	ret := uint32(x.call(ctx, "__wbindgen_malloc", 16, 4))
	x.call(ctx, "decoder_new", uint64(ret), 64, uint64(x.code), codeRoom, 0)
	d, ok := x.mod.Memory().ReadUint32Le(ret)
	if bad, _ := x.mod.Memory().ReadUint32Le(ret + 8); !ok || bad != 0 {
		return errors.New("run iced-x86: no decoder")
	}
	x.decoder = uint64(d)
	x.inst = x.call(ctx, "instruction_new")
	x.info = x.call(ctx, "instructioninfofactory_new")
	return x.failed
}

// call runs an exported function; the first failure is kept.
func (x *iced) call(ctx context.Context, name string, args ...uint64) uint64 {
	f := x.mod.ExportedFunction(name)
	if f == nil {
		x.failed = errors.Join(x.failed, fmt.Errorf("run iced-x86: no function %s", name))
		return 0
	}
	res, err := f.Call(ctx, args...)
	if err != nil {
		x.failed = errors.Join(x.failed, fmt.Errorf("run iced-x86 %s: %w", name, err))
		return 0
	}
	if len(res) == 0 {
		return 0
	}
	return res[0]
}

// decode reads one instruction; n is its length, 0 when iced refuses it.
func (x *iced) decode(ctx context.Context, code []byte, addr uint64) (n int) {
	buf := make([]byte, codeRoom)
	for i := range buf {
		buf[i] = 0x90
	}
	copy(buf, code)
	x.mod.Memory().Write(x.code, buf)
	ret := x.call(ctx, "__wbindgen_add_to_stack_pointer", uint64(uint32(0xfffffff0)))
	x.call(ctx, "decoder_set_position", ret, x.decoder, 0)
	x.call(ctx, "__wbindgen_add_to_stack_pointer", 16)
	x.call(ctx, "decoder_set_ip", x.decoder, addr)
	x.call(ctx, "decoder_decodeOut", x.decoder, x.inst)
	if x.call(ctx, "instruction_isInvalid", x.inst) != 0 {
		return 0
	}
	return int(x.call(ctx, "instruction_length", x.inst))
}

// list runs a function that returns an array, and takes the array.
func (x *iced) list(ctx context.Context, name string, arg uint64) []uint64 {
	id := x.call(ctx, name, arg)
	a := x.arrays[id]
	delete(x.arrays, id)
	return a
}
