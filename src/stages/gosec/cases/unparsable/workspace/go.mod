module example.org/unparsable

go 1.21
