package roofline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// Decode reads one result document and checks it (Validate). The error says whether the text is no JSON, ends too early,
// is a document of another kind or version, or contradicts itself.
func Decode(r io.Reader) (*Result, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read result: %w", err)
	}
	return Unmarshal(data)
}

// Unmarshal is Decode for a document in memory.
func Unmarshal(data []byte) (*Result, error) {
	var head struct {
		Schema string `json:"schema"`
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	if err := explain(dec.Decode(&head), len(data)); err != nil {
		return nil, err
	}
	if head.Schema != Schema {
		if strings.HasPrefix(head.Schema, "roofline/result/") {
			return nil, fmt.Errorf("read result: schema is %.80q, want %q (read it with the roofline that wrote it, or measure again)", head.Schema, Schema)
		}
		return nil, fmt.Errorf("read result: not a roofline result: schema is %.80q, want %q", head.Schema, Schema)
	}
	if rest := bytes.TrimSpace(data[dec.InputOffset():]); len(rest) > 0 {
		return nil, fmt.Errorf("read result: more text after the document at offset %d (a store of several results is named .jsonl)",
			dec.InputOffset())
	}
	res := &Result{}
	if err := explain(json.Unmarshal(data, res), len(data)); err != nil {
		return nil, err
	}
	if err := res.Validate(); err != nil {
		return nil, fmt.Errorf("read result: %w", err)
	}
	return res, nil
}

// explain turns the errors of encoding/json into what the reader of a file wants to know.
func explain(err error, size int) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF):
		return errors.New("read result: the document is empty")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &syntax) && syntax.Offset >= int64(size):
		return fmt.Errorf("read result: truncated after %d bytes (the writer was interrupted, or the file is incomplete)", size)
	case errors.As(err, &syntax):
		return fmt.Errorf("read result: not JSON at offset %d: %w", syntax.Offset, err)
	case errors.As(err, &kind) && kind.Field == "":
		return fmt.Errorf("read result: not a roofline result: the document is a JSON %s, not an object", kind.Value)
	case errors.As(err, &kind):
		return fmt.Errorf("read result: field %s: %s stands where %s is wanted", kind.Field, kind.Value, wanted(kind.Type))
	}
	return fmt.Errorf("read result: %w", err)
}

// wanted words what a field holds in JSON's terms.
func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number"
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "an array"
	default:
		return "an object"
	}
}
