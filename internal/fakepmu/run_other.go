//go:build !(linux && (amd64 || arm64))

package main

import "errors"

const stageTwo = "-stage2"

var errPlatform = errors.New("running a program in a scenario needs Linux on amd64 or arm64")

func runProgram([]string) error { return errPlatform }

func becomeProgram(string, []string) error { return errPlatform }
