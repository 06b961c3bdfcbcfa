package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestTablesAreUpToDate(t *testing.T) {
	out := t.TempDir()
	if err := run(out); err != nil {
		t.Fatal(err)
	}
	made, err := filepath.Glob(out + "/*")
	if err != nil || len(made) < 20 {
		t.Fatalf("%d files made, %v", len(made), err)
	}
	for _, file := range made {
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join("../tables", filepath.Base(file)))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what the reference files say: run scripts/generate", filepath.Base(file))
		}
	}
}

func TestModelsGoToTheFirstExpression(t *testing.T) {
	taken := map[int]string{}
	for _, tt := range []struct {
		family     int
		expr, want string
	}{
		{25, "([245][0-9A-F]|[0-9A-F])", "0x00-0x0f 0x20-0x2f 0x40-0x5f"},
		{25, "any other", "0x10-0x1f 0x30-0x3f 0x60-0xff"},
		{26, "any", "0x00-0xff"},
	} {
		got, err := modelRanges(cpu{Family: tt.family, ModelRegex: tt.expr}, taken)
		if err != nil || got != tt.want {
			t.Errorf("models of %q: %q, %v; want %q", tt.expr, got, err, tt.want)
		}
	}
}

func TestConstraintsThatAreNoRunAreRefused(t *testing.T) {
	for text, want := range map[string]string{"0,1,2,3": "0-3", "Fixed counter 2": "fixed2", "any of 6": "any", "": ""} {
		if got, err := constraint(&text); err != nil || got != want {
			t.Errorf("constraint %q: %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"0,2", "1", "some"} {
		if got, err := constraint(&text); err == nil {
			t.Errorf("constraint %q: %q, want an error", text, got)
		}
	}
}
