package scenarios

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/tree"
	"github.com/stepmill/stepmill/web/ui"
)

const (
	mostWithRuns = 60 // scenarios in the list whose runs are shown
	sparks       = 28 // runs of each
)

// blank is what a scenario begins with when nothing else is chosen.
const blank = `{
  "stepmill": 1,
  "name": "New scenario",
  "trigger": { "uses": "webhook" },
  "steps": [
    {
      "id": "take",
      "name": "Take what is needed",
      "uses": "core.set",
      "with": { "values": { "got": "{{ trigger.body }}" } }
    }
  ]
}
`

// listing is the list of scenarios.
type listing struct {
	Cards     []card
	Templates []templateCard
	Now       time.Time
	Notice    ui.Notice
}

// card is one scenario in the list.
type card struct {
	Slug, Name, About string
	Tiles             []ui.Tile
	Status, Class     string
	On, CanSwitch     bool
	Dirty             bool
	Trigger           string // id of the one a sample event is sent to; empty: none
	Faults            int    // problems that forbid publishing
	Last              *run.Run
	Spark             []spark
}

// spark is one bar of the small drawing of the last runs: its height says how long it took.
type spark struct {
	X, Y, H     int
	Class, Text string
}

func newCard(s scenario.Stored, recent []run.Run, d tree.Drawer) card {
	c := card{Slug: s.Slug, Name: s.Name, Status: string(s.Status), On: s.Status == scenario.Live, CanSwitch: s.Version > 0,
		Dirty: s.Dirty && s.Version > 0, Faults: len(fault.Faults(s.Problems)), Class: statusClass(s.Status)}
	if doc, _, err := scenario.Decode(s.Draft); err == nil {
		c.About, c.Tiles = fault.Clip(doc.Description, 300), d.Tiles(doc.Scenario)
		if c.About == "" {
			c.About = inWords(d.Draw(doc.Scenario))
		}
		if s.Version > 0 && len(doc.AllTriggers()) > 0 && doc.AllTriggers()[0] != nil {
			c.Trigger = doc.AllTriggers()[0].Key()
		}
	}
	if len(recent) > 0 {
		c.Last, c.Spark = &recent[0], sparksOf(recent)
	}
	return c
}

// inWords says what a scenario does by its first steps: "Webhook → Set values → Mailchimp".
func inWords(f ui.Flow) string {
	var words []string
	f.Each(func(n ui.Node) {
		if len(words) < 4 && (len(words) == 0 || words[len(words)-1] != n.App) {
			words = append(words, n.App)
		}
	})
	return strings.Join(words, " → ")
}

func statusClass(s scenario.Status) string {
	switch s {
	case scenario.Live:
		return "ok"
	case scenario.Paused:
		return "warn"
	}
	return ""
}

// sparksOf draws runs from the oldest at the left. Heights grow with the logarithm of the duration, so that one slow run
// does not flatten the rest.
func sparksOf(recent []run.Run) []spark {
	var bars []spark
	for i, r := range recent {
		if i == sparks {
			break
		}
		took, height := r.EndedAt.Sub(r.StartedAt), 26
		if !r.EndedAt.IsZero() {
			height = 5
			for ms := took.Milliseconds(); ms > 20 && height < 26; ms /= 2 {
				height += 2
			}
		}
		height = min(height, 26)
		bars = append(bars, spark{X: (sparks - 1 - i) * 4, Y: 26 - height, H: height, Class: ui.StatusClass(string(r.Status)), Text: fmt.Sprintf("#%d %s", r.Number, r.Status)})
	}
	return bars
}

func nameIn(text []byte) string {
	doc, _, err := scenario.Decode(text)
	if err != nil {
		return ""
	}
	return doc.Name
}

// slugOf makes a slug of a name: small letters, digits and hyphens.
func slugOf(name string) string {
	var b strings.Builder
	for _, letter := range strings.ToLower(name) {
		switch {
		case letter < 128 && (unicode.IsLetter(letter) || unicode.IsDigit(letter)):
			b.WriteRune(letter)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= 56 {
			break
		}
	}
	if slug := strings.Trim(b.String(), "-"); slug != "" {
		return slug
	}
	return "scenario"
}

func numbered(slug string, n int) string {
	if n == 1 {
		return slug
	}
	return slug + "-" + strconv.Itoa(n)
}

func number(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}
