package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestSandboxFiles: what a sandbox gives in the place of a file is one of its kind, with which the steps after it can work.
func TestSandboxFiles(t *testing.T) {
	for name, step := range map[string]string{
		"report.xlsx": `"uses": "core.xlsx", "with": {"mode": "read", "file": "{{ steps.load.file }}"}`,
		"report.pdf":  `"uses": "core.pdf_text", "with": {"file": "{{ steps.load.file }}"}`,
		"report.zip":  `"uses": "core.compress", "with": {"mode": "extract", "file": "{{ steps.load.file }}"}`,
		"report.gz":   `"uses": "core.compress", "with": {"mode": "gunzip", "file": "{{ steps.load.file }}"}`,
		"report.csv":  `"uses": "core.text_file", "with": {"file": "{{ steps.load.file }}"}`,
		"report":      `"uses": "core.text_file", "with": {"file": "{{ steps.load.file }}"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "s.json")
			text := `{"stepmill": 1, "name": "S", "trigger": {"uses": "manual"}, "steps": [
				{"id": "load", "uses": "core.http_request", "with": {"method": "GET", "url": "https://example.com/` + name + `?x=1", "download": true}}, {"id": "read", ` + step + `}]}`
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			carriedOut(t, file, "--sandbox")
		})
	}
}
