package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestKilled: a process that went without a word is taken for one that was killed for want of memory only where the kernel has
// killed for that since it began, in the same run of the machine.
func TestKilled(t *testing.T) {
	then := memoryKills{Boot: "b", Count: 3}
	for name, c := range map[string]struct {
		now   memoryKills
		file  string // "": what serves wrote
		ended bool
		want  bool
	}{
		"one was killed":         {now: memoryKills{"b", 4}, want: true},
		"none was killed":        {now: then},
		"it ended by itself":     {now: memoryKills{"b", 4}, ended: true},
		"the machine was anew":   {now: memoryKills{"c", 4}},
		"the system tells not":   {now: memoryKills{}},
		"the file is cut off":    {now: memoryKills{"b", 4}, file: `{"boot": "b`},
		"the file is of another": {now: memoryKills{"b", 4}, file: `{}`},
	} {
		t.Run(name, func(t *testing.T) {
			s := &serveCmd{}
			s.Data = t.TempDir()
			if killed, err := s.killed(c.now); killed || err != nil {
				t.Errorf("before any served: %t %v", killed, err)
			}
			ended, err := s.serves(then)
			if err != nil {
				t.Fatal(err)
			}
			if c.ended {
				ended()
			}
			if c.file != "" {
				if err := os.WriteFile(filepath.Join(s.Data, servedFile), []byte(c.file), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if killed, err := s.killed(c.now); killed != c.want || err != nil {
				t.Errorf("%t %v", killed, err)
			}
		})
	}
	s := &serveCmd{}
	s.Data = filepath.Join(t.TempDir(), "gone")
	if _, err := s.serves(then); err == nil {
		t.Error("a directory that is not there can be noted in")
	}
	if now := killsNow(); now.Boot == "" && now.Count != 0 {
		t.Errorf("%+v", now)
	}
}
