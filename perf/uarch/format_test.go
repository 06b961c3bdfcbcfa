package uarch

import (
	"errors"
	"slices"
	"testing"
)

func TestParseBits(t *testing.T) {
	for text, want := range map[string]Bits{
		"config:0-7\n":           {0, [][2]int{{0, 7}}},
		"config:0-7,32-35,59-60": {0, [][2]int{{0, 7}, {32, 35}, {59, 60}}},
		"config1:0":              {1, [][2]int{{0, 0}}},
		"config2:0-63":           {2, [][2]int{{0, 63}}},
	} {
		got, err := ParseBits(text)
		if err != nil || got.Word != want.Word || !slices.Equal(got.Ranges, want.Ranges) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "config", "config:", "config3:0", "config:7-0", "config:64", "config:0-64", "config:0-7,7", "config:+1", "config:a", "event=0xc0"} {
		if got, err := ParseBits(text); err == nil {
			t.Errorf("%q: %v, want an error", text, got)
		}
	}
}

// TestEncode has codes worked out by hand and checked against the kernel's own masks.
func TestEncode(t *testing.T) {
	amdDF := Format{"event": {0, [][2]int{{0, 7}, {32, 37}}}, "umask": {0, [][2]int{{8, 15}, {24, 27}}}}
	intel := Format{"event": {0, [][2]int{{0, 7}}}, "umask": {0, [][2]int{{8, 15}}}, "edge": {0, [][2]int{{18, 18}}},
		"cmask": {0, [][2]int{{24, 31}}}, "offcore_rsp": {1, [][2]int{{0, 63}}}}
	for _, tt := range []struct {
		format Format
		fields string
		want   Code
	}{
		{amdDF, "event=0x1f,umask=0x7fe", Code{Config: 0x700fe1f}},
		{amdDF, "event=0x29f,umask=0x7ff", Code{Config: 0x20700ff9f}},
		{intel, "event=0xca,umask=0x1e,cmask=1", Code{Config: 0x1001eca}},
		{intel, "event=0x3c,edge", Code{Config: 0x4003c}},
		{intel, "event=0xb7,umask=1,offcore_rsp=0xffffffffffffffff", Code{Config: 0x1b7, Config1: 1<<64 - 1}},
		{intel, "event=0xc0,missing=0", Code{Config: 0xc0}},
		{Format{}, "config=0x1b7,config1=5,config2=6", Code{Config: 0x1b7, Config1: 5, Config2: 6}},
	} {
		fields, err := ParseFields(tt.fields)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := tt.format.Encode(fields); err != nil || got != tt.want {
			t.Errorf("%s: %#x, %v; want %#x", tt.fields, got, err, tt.want)
		}
	}
	var wrong *FormatError
	if _, err := intel.Encode([]Field{{"umask", 0x100}}); !errors.As(err, &wrong) || wrong.Width != 8 {
		t.Errorf("a umask of nine bits in eight: %v", err)
	}
	if _, err := intel.Encode([]Field{{"rdwrmask", 1}}); !errors.As(err, &wrong) || wrong.Width != 0 {
		t.Errorf("a field that the format lacks: %v", err)
	}
}

func TestParseFieldsRefuses(t *testing.T) {
	for _, text := range []string{"", "event=", "event=x", "event=?", "=1", "event=1,,umask=2", "event=1,event=2", "event=-1", "event=0x1ffffffffffffffff", "a b=1"} {
		if got, err := ParseFields(text); err == nil {
			t.Errorf("%q: %v, want an error", text, got)
		}
	}
}

func FuzzParseBits(f *testing.F) {
	for _, s := range []string{"config:0-7,32-35", "config1:0", "config:", "config:0-63", "config2:5,3"} {
		f.Add(s, uint64(0x1234567890abcdef))
	}
	f.Fuzz(func(t *testing.T, text string, value uint64) {
		b, err := ParseBits(text)
		if err != nil {
			return
		}
		again, err := ParseBits(b.String())
		if err != nil || again.String() != b.String() {
			t.Fatalf("%q became %q, then %v, %v", text, b, again, err)
		}
		if w := b.Width(); w < 64 {
			value &= 1<<w - 1
		}
		c, err := Format{"f": b}.Encode([]Field{{"f", value}})
		if err != nil || b.Get(c) != value {
			t.Fatalf("%q: %#x came back as %#x, %v", text, value, b.Get(c), err)
		}
	})
}

func FuzzParseFields(f *testing.F) {
	for _, s := range []string{"event=0xc7,umask=0x1", "edge", "event=?", "event=0b1,inv=0x0", "ldlat=3,event=0xcd"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fields, err := ParseFields(text)
		if err != nil {
			return
		}
		if again, err := ParseFields(FieldList(fields)); err != nil || !slices.Equal(again, fields) {
			t.Fatalf("%q became %v, then %v, %v", text, fields, again, err)
		}
	})
}
