module github.com/roofline-go/roofline

go 1.26.0
