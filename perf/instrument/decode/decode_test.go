package decode

import (
	"encoding/hex"
	"errors"
	"testing"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRefusesWithBytesAndAddress(t *testing.T) {
	for _, row := range []struct {
		hex    string
		reason Reason
	}{
		{"", Truncated}, {"48", Truncated}, {"0f", Truncated}, {"c5f877"[:4], Truncated}, {"e80000", Truncated},
		{"06", Invalid}, {"0fff", Truncated}, {"66e900000000", Ambiguous}, {"8fe878c2c001", Unsupported},
	} {
		code := unhex(t, row.hex)
		_, err := Decode(code, 0x1000)
		var unknown *UnknownError
		if !errors.As(err, &unknown) {
			t.Errorf("%s: error %v, want an *UnknownError", row.hex, err)
			continue
		}
		if unknown.PC != 0x1000 || hex.EncodeToString(unknown.Bytes) != row.hex || unknown.Reason != row.reason {
			t.Errorf("%s: refused as %+v, want reason %v", row.hex, unknown, row.reason)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"c5f877", "62f17c48584102", "4883c001", "c4e27b4b1c08", "f3a4", "e8fbffffff", "66e900000000"} {
		f.Add(unhex(f, s))
	}
	f.Fuzz(func(t *testing.T, code []byte) {
		in, err := Decode(code[:len(code):len(code)], 0)
		if err != nil {
			if in.Len != 0 {
				t.Fatalf("refused, but length %d", in.Len)
			}
			return
		}
		n := int(in.Len)
		if n == 0 || n > len(code) || n > 15 {
			t.Fatalf("length %d of %d bytes", n, len(code))
		}
		// The bytes after an instruction must not matter, and one byte less must not be enough.
		again, err := Decode(code[:n:n], 0)
		if err != nil || again != in {
			t.Fatalf("% x: with following bytes %+v, without %+v (%v)", code[:n], in, again, err)
		}
		if short, err := Decode(code[:n-1:n-1], 0); err == nil && int(short.Len) > n-1 {
			t.Fatalf("% x: read past the end", code[:n-1])
		}
	})
}
