module modelyard/tests/probe

go 1.26
