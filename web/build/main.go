// Command build makes what the browser gets: it generates the Go code of the templ files, bundles web/src and web/css,
// draws the icon sprite and writes it all with hashed names into web/dist. It knows no screen and ships in no binary.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	log.SetFlags(0)
	root, err := webFolder()
	if err != nil {
		log.Fatal(err)
	}
	if err := generateTempl(root); err != nil {
		log.Fatal(err)
	}
	if err := build(root, filepath.Join(root, "dist")); err != nil {
		log.Fatal(err)
	}
}

// webFolder is the folder above this command's own, from wherever inside it the command was started.
func webFolder() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(filepath.Join(dir, "package-lock.json")); err != nil {
		return "", fmt.Errorf("%s is not web/build: start the command there, as with: cd web/build && go run .", dir)
	}
	return filepath.Dir(dir), nil
}

func generateTempl(root string) error {
	cmd := exec.Command("go", "tool", "templ", "generate", "-path", root, "-log-level", "warn")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("templ generate failed: %w", err)
	}
	views, err := filepath.Glob(filepath.Join(root, "*", "*_templ.go"))
	for _, view := range views {
		err = errors.Join(err, keepApart(view))
	}
	return err
}

var component = regexp.MustCompile(`(?m)^((?://.*\n)?)(func .* templ\.Component \{)$`)

// keepApart keeps the compiler from putting the whole of a component into each that shows it: the program would be a megabyte larger.
func keepApart(view string) error {
	text, err := os.ReadFile(view)
	if err != nil {
		return err
	}
	text = component.ReplaceAllFunc(text, func(begin []byte) []byte {
		if bytes.HasPrefix(begin, []byte("//")) {
			above, below, _ := bytes.Cut(begin, []byte("\n"))
			return slices.Concat(above, []byte("\n//\n//go:noinline\n"), below)
		}
		return append([]byte("//go:noinline\n"), begin...)
	})
	return os.WriteFile(view, text, 0o644)
}

// build writes dist/files and dist/manifest.json. What an earlier build left there is taken away.
func build(root, dist string) error {
	if _, err := os.Stat(filepath.Join(root, "build", "node_modules")); err != nil {
		return fmt.Errorf("web/build/node_modules is missing: run npm ci --ignore-scripts in web/build first")
	}
	files := filepath.Join(dist, "files")
	if err := os.RemoveAll(files); err != nil {
		return err
	}
	if err := os.MkdirAll(files, 0o755); err != nil {
		return err
	}
	manifest, err := bundle(root, files)
	if err != nil {
		return err
	}
	names, err := iconNames(root)
	if err != nil {
		return err
	}
	sprite, err := drawSprite(root, names)
	if err != nil {
		return err
	}
	notice, err := writeNotice(root)
	if err != nil {
		return err
	}
	mark, err := os.ReadFile(filepath.Join(root, "src", "favicon.svg"))
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{"icons.svg": sprite, "NOTICE.txt": notice, "favicon.svg": mark} {
		hashed := hashedName(name, content)
		if err := os.WriteFile(filepath.Join(files, hashed), content, 0o644); err != nil {
			return err
		}
		manifest[name] = hashed
	}
	return writeManifest(filepath.Join(dist, "manifest.json"), manifest)
}

// bundle runs esbuild and gives the hashed name of each entry and font.
func bundle(root, files string) (map[string]string, error) {
	result := api.Build(api.BuildOptions{
		AbsWorkingDir: root,
		EntryPoints:   []string{"src/app.ts", "src/run.ts", "src/editor.ts", "src/chat.ts", "css/style.css", "css/extra.css", "css/hosted.css"},
		Outdir:        files, EntryNames: "[name]-[hash]", ChunkNames: "[name]-[hash]", AssetNames: "[name]-[hash]",
		Bundle: true, Splitting: true, Write: true, Metafile: true, LogLevel: api.LogLevelWarning,
		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true, LegalComments: api.LegalCommentsNone,
		Format: api.FormatESModule, Target: api.ES2022, Platform: api.PlatformBrowser, Charset: api.CharsetUTF8,
		NodePaths: []string{filepath.Join(root, "build", "node_modules")},
		Loader:    map[string]api.Loader{".woff2": api.LoaderFile},
	})
	if len(result.Errors) > 0 {
		return nil, fmt.Errorf("esbuild found %d errors", len(result.Errors))
	}
	var meta struct {
		Outputs map[string]struct {
			EntryPoint string                     `json:"entryPoint"`
			Inputs     map[string]json.RawMessage `json:"inputs"`
		} `json:"outputs"`
	}
	if err := json.Unmarshal([]byte(result.Metafile), &meta); err != nil {
		return nil, err
	}
	manifest := map[string]string{}
	for path, out := range meta.Outputs {
		hashed := filepath.Base(path)
		switch {
		case out.EntryPoint != "":
			name := strings.TrimSuffix(filepath.Base(out.EntryPoint), ".ts")
			manifest[strings.TrimSuffix(name, ".css")+filepath.Ext(path)] = hashed
		case strings.HasSuffix(path, ".woff2"):
			for input := range out.Inputs {
				manifest[filepath.Base(input)] = hashed
			}
		}
	}
	return manifest, nil
}

func hashedName(name string, content []byte) string {
	sum := sha256.Sum256(content)
	ext := filepath.Ext(name)
	return strings.TrimSuffix(name, ext) + "-" + strings.ToUpper(hex.EncodeToString(sum[:4])) + ext
}

func writeManifest(path string, manifest map[string]string) error {
	names := make([]string, 0, len(manifest))
	for name := range manifest {
		names = append(names, name)
	}
	sort.Strings(names)
	var b strings.Builder
	b.WriteString("{\n")
	for i, name := range names {
		comma := ","
		if i == len(names)-1 {
			comma = ""
		}
		fmt.Fprintf(&b, "  %q: %q%s\n", name, manifest[name], comma)
	}
	b.WriteString("}\n")
	return os.WriteFile(path, []byte(b.String()), 0o644)
}
