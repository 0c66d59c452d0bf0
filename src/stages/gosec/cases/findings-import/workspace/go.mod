module example.org/findings

go 1.21

require github.com/example/dep v1.0.0
