package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

var (
	comment  = regexp.MustCompile(`(?s)<!--.*?-->`)
	openTag  = regexp.MustCompile(`(?s)^\s*<svg[^>]*>`)
	between  = regexp.MustCompile(`>\s+<`)
	shutTag  = "</svg>"
	iconName = regexp.MustCompile(`^[a-z0-9-]+$`)
)

// iconNames reads web/ui/icons.txt: the icons that screens use, one a line.
func iconNames(root string) ([]string, error) {
	text, err := os.ReadFile(filepath.Join(root, "ui", "icons.txt"))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, name := range strings.Fields(string(text)) {
		if !iconName.MatchString(name) {
			return nil, fmt.Errorf("web/ui/icons.txt names the icon %q; a name is made of small letters, digits and hyphens", name)
		}
		names = append(names, name)
	}
	return names, nil
}

// drawSprite puts the icons into one document of symbols, to be shown by <use href="…#name">.
func drawSprite(root string, names []string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg">`)
	for _, name := range names {
		icon, err := os.ReadFile(filepath.Join(root, "build", "node_modules", "lucide-static", "icons", name+".svg"))
		if err != nil {
			return nil, fmt.Errorf("there is no icon %q in lucide-static: correct web/ui/icons.txt", name)
		}
		body := openTag.ReplaceAllString(strings.TrimSpace(comment.ReplaceAllString(string(icon), "")), "")
		body = between.ReplaceAllString(strings.TrimSpace(strings.TrimSuffix(body, shutTag)), "><")
		fmt.Fprintf(&b, "<symbol id=%q viewBox=\"0 0 24 24\">%s</symbol>", name, strings.TrimSpace(body))
	}
	b.WriteString("</svg>\n")
	return b.Bytes(), nil
}
