package ui

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
)

// App is a connected system as tiles show it.
type App struct {
	ID       string
	Name     string
	Color    string // "#4a154b"; anything else is not used
	Monogram string // where Icon is empty; empty: the name's first letter
	Icon     string // an SVG document, shown as a silhouette in the app's colour
}

// Apps are the systems there are. Their colours and marks are one style sheet, since no page carries styles of its own.
type Apps struct {
	drawn func() *drawnApps
}

// drawnApps are apps and their style sheet.
type drawnApps struct {
	byID map[string]App
	css  []byte
	hash string
}

var (
	colorForm = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)
	idForm    = regexp.MustCompile(`^[a-z0-9_]+$`)
)

// NewApps gives the apps of a list that is asked for with the first page that shows one.
func NewApps(list func() []App) *Apps {
	return &Apps{sync.OnceValue(func() *drawnApps { return drawApps(list()) })}
}

// drawApps gathers the apps and draws their style sheet.
func drawApps(list []App) *drawnApps {
	a := &drawnApps{byID: map[string]App{}}
	var b bytes.Buffer
	b.WriteString("@layer parts{\n")
	for _, app := range list {
		if !idForm.MatchString(app.ID) {
			continue
		}
		a.byID[app.ID] = app
		fmt.Fprintf(&b, ".tile.app-%s{", app.ID)
		if colorForm.MatchString(app.Color) {
			fmt.Fprintf(&b, "--brand:%s;", app.Color)
		}
		if app.Icon != "" {
			fmt.Fprintf(&b, `--mark:url("data:image/svg+xml;base64,%s");`, base64.StdEncoding.EncodeToString([]byte(app.Icon)))
		}
		b.WriteString("}\n")
	}
	b.WriteString("}\n")
	a.css = b.Bytes()
	sum := sha256.Sum256(a.css)
	a.hash = hex.EncodeToString(sum[:6])
	return a
}

// AppsPath is where Apps is to be mounted.
const AppsPath = "/static/apps.css"

// URL is the style sheet's address; it changes with its content.
func (a *Apps) URL() string { return AppsPath + "?v=" + a.drawn().hash }

// ServeHTTP sends the style sheet.
func (a *Apps) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/css; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Write(a.drawn().css)
}

// Name is what people call an app; an unknown one is called by its id.
func (a *Apps) Name(id string) string {
	if app, ok := a.drawn().byID[id]; ok {
		return app.Name
	}
	return id
}

// Tile is the tile of an app.
func (a *Apps) Tile(id string) Tile {
	app, ok := a.drawn().byID[id]
	if !ok {
		return Tile{Text: monogram(id), Label: id}
	}
	t := Tile{Class: "app-" + app.ID, Label: app.Name, Mark: app.Icon != ""}
	if !t.Mark {
		if t.Text = app.Monogram; t.Text == "" {
			t.Text = monogram(app.Name)
		}
	}
	return t
}

func monogram(name string) string {
	for _, letter := range name {
		return strings.ToUpper(string(letter))
	}
	return "?"
}

// Tile is the small square that says what a thing belongs to. One of Mark, Icon and Text is shown.
type Tile struct {
	Class string // "app-slack", "logic", "time", "end"
	Mark  bool   // the app's own mark
	Icon  string // of the sprite
	Text  string // a monogram
	Label string // for people who do not see it; empty: what stands beside says it
}
