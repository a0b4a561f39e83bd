module modelyard/tools/pause

go 1.26
