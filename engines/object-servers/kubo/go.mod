module islet/objects/kubo
go 1.25
require github.com/ipfs/kubo v0.38.1
require github.com/cockroachdb/swiss v0.0.0-20260820225851-333444432258 // indirect
