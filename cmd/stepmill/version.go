package main

import (
	"encoding/json"
	"fmt"
	"runtime/debug"

	sqlite3 "github.com/mattn/go-sqlite3"
)

// version is the release. A build from a checkout says its commit beside it.
const version = "0.1.0"

type versionCmd struct {
	JSON bool `help:"Print one JSON object."`
}

func (c *versionCmd) Run(std streams) error {
	sqlite, _, _ := sqlite3.Version()
	if c.JSON {
		return json.NewEncoder(std.out).Encode(map[string]string{"version": version, "commit": commit(), "sqlite": sqlite})
	}
	fmt.Fprintf(std.out, "stepmill %s (commit %s, SQLite %s)\n", version, commit(), sqlite)
	return nil
}

// commit is the revision that the build was made from, where the build knows it.
func commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return "unknown"
}
