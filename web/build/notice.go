package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// shipped are the packages of which something is in dist.
func shipped() []string {
	return []string{
		"@fontsource-variable/inter", "@fontsource-variable/jetbrains-mono", "lucide-static",
		"d3-zoom", "d3-selection", "d3-drag", "d3-dispatch", "d3-interpolate", "d3-color", "d3-transition", "d3-timer", "d3-ease",
		"@codemirror/state", "@codemirror/view", "@codemirror/language", "@codemirror/lint", "@codemirror/commands",
		"@codemirror/lang-json", "@lezer/common", "@lezer/highlight", "@lezer/json", "@lezer/lr", "@marijn/find-cluster-break",
		"crelt", "style-mod", "w3c-keyname",
	}
}

// writeNotice gathers the licences of the packages in the bundle, each text once with the packages it is of.
func writeNotice(root string) ([]byte, error) {
	type entry struct {
		names []string
		text  []byte
	}
	var entries []*entry
	byText := map[string]*entry{}
	for _, name := range shipped() {
		dir := filepath.Join(root, "build", "node_modules", filepath.FromSlash(name))
		text, err := os.ReadFile(filepath.Join(dir, "LICENSE"))
		if err != nil {
			return nil, fmt.Errorf("the licence of %s cannot be read: %w", name, err)
		}
		manifest, err := os.ReadFile(filepath.Join(dir, "package.json"))
		if err != nil {
			return nil, err
		}
		var pkg struct{ Version string }
		if err := json.Unmarshal(manifest, &pkg); err != nil {
			return nil, err
		}
		text = bytes.TrimSpace(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")))
		e := byText[string(text)]
		if e == nil {
			e = &entry{text: text}
			byText[string(text)] = e
			entries = append(entries, e)
		}
		e.names = append(e.names, name+" "+pkg.Version)
	}
	var b bytes.Buffer
	b.WriteString("Stepmill's screens contain parts of these packages.\n")
	for _, e := range entries {
		b.WriteString("\n----------------------------------------------------------------\n")
		for _, name := range e.names {
			b.WriteString(name + "\n")
		}
		b.WriteString("\n")
		b.Write(e.text)
		b.WriteString("\n")
	}
	return b.Bytes(), nil
}
