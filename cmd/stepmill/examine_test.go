package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSaidOnce: what both the linter and the machine find wrong is said once.
func TestSaidOnce(t *testing.T) {
	for _, rate := range []string{`"0/1m"`, `"5/0s"`, `"10001/1m"`, `"often"`, `{"limit": 0, "window": "1m"}`} {
		file := filepath.Join(t.TempDir(), "s.json")
		if err := os.WriteFile(file, []byte(`{"stepmill": 1, "name": "N", "trigger": {"uses": "webhook", "throttle": `+rate+`}, "steps": []}`), 0o600); err != nil {
			t.Fatal(err)
		}
		problems, err := validateFile(file, nil)
		if err != nil || len(problems) != 1 || problems[0].Path != "/trigger/throttle" {
			t.Errorf("%s: %+v %v", rate, problems, err)
		}
	}
	in := strings.NewReader(`{"stepmill": 1, "name": "N", "timezone": "Moon", "trigger": {"uses": "schedule", "with": {"cron": "99 * * * *", "timezone": "Mars"}}, "steps": []}`)
	problems, err := validateFile("-", in)
	var places []string
	for _, p := range problems {
		places = append(places, p.Path)
	}
	if got := strings.Join(places, " "); err != nil || got != "/timezone /trigger/with/cron /trigger/with/timezone" {
		t.Errorf("of standard input: %s %v", got, err)
	}
}
