module secplan.dev/sample

go 1.24
