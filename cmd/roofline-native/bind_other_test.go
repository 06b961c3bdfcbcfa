//go:build !amd64

package main

const reflectOnly = true
