package main

import (
	"os"
	"path/filepath"
	"strings"
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

// TestSandboxServers: a file server's operations give in a sandbox what each of them gives.
func TestSandboxServers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "s.json")
	text := `{"stepmill": 1, "name": "S", "trigger": {"uses": "manual"}, "steps": [
		{"id": "load", "uses": "core.sftp", "connection": "files", "with": {"operation": "download", "path": "/in/list.csv"}},
		{"id": "read", "uses": "core.text_file", "with": {"file": "{{ steps.load.file }}"}},
		{"id": "put", "uses": "core.sftp", "connection": "files", "with": {"operation": "upload", "path": "/out/list.csv", "file": "{{ steps.load.file }}"}},
		{"id": "move", "uses": "core.sftp", "connection": "files", "with": {"operation": "rename", "path": "{{ steps.put.path }}", "to": "/done/list.csv"}},
		{"id": "drop", "uses": "core.sftp", "connection": "files", "with": {"operation": "delete", "path": "{{ steps.move.path }}"}},
		{"id": "said", "uses": "core.set", "with": {"values": {"path": "{{ steps.drop.path }}", "gone": "{{ steps.drop.deleted }}"}}}]}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, said, status := stepmill(t, "run", file, "--sandbox", "--json")
	if status != 0 || !strings.Contains(out, `"output":{"gone":true,"path":"/done/list.csv"}`) {
		t.Errorf("it ends with %d: %s%s", status, out, said)
	}
}
