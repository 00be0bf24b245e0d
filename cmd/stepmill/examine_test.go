package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestSaidOnce: what both the linter and the machine find wrong is said once.
func TestSaidOnce(t *testing.T) {
	for _, rate := range []string{`"0/1m"`, `"5/0s"`, `"10001/1m"`, `"often"`, `{"limit": 0, "window": "1m"}`} {
		file := filepath.Join(t.TempDir(), "s.json")
		if err := os.WriteFile(file, []byte(`{"stepmill": 1, "name": "N", "trigger": {"uses": "webhook", "throttle": `+rate+`}, "steps": []}`), 0o600); err != nil {
			t.Fatal(err)
		}
		problems, err := validateFile(file)
		if err != nil || len(problems) != 1 || problems[0].Path != "/trigger/throttle" {
			t.Errorf("%s: %+v %v", rate, problems, err)
		}
	}
}
