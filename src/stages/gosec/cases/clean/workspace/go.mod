module example.org/clean

go 1.21
