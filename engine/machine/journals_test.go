package machine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
)

// keptJournal is a journal as a release wrote it, and where its run stood after each entry.
type keptJournal struct {
	Scenario json.RawMessage   `json:"scenario"`
	Event    json.RawMessage   `json:"event"`
	Entries  []json.RawMessage `json:"entries"`
	Stands   []string          `json:"stands"`
}

// release names the folder of the journals that this release adds. A later one adds a folder and leaves the others alone:
// the runs of every release go on in every later one.
const release = "testdata/journals/1"

// TestJournals folds the journals of every release.
func TestJournals(t *testing.T) {
	files, err := filepath.Glob("testdata/journals/*/*.json")
	if err != nil || len(files) < 60 {
		t.Fatalf("%d journals are kept: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimPrefix(file, "testdata/journals/"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var kept keptJournal
			if err := json.Unmarshal(text, &kept); err != nil {
				t.Fatal(err)
			}
			stands, err := kept.fold()
			if err != nil {
				t.Fatal(err)
			}
			for i := range stands {
				if stands[i] != kept.Stands[i] {
					t.Fatalf("after entry %d the run stands as\n%s\nand not as\n%s", i+1, stands[i], kept.Stands[i])
				}
			}
		})
	}
}

// fold says where the run stands after each entry.
func (k *keptJournal) fold() ([]string, error) {
	doc, problems, err := scenario.Decode(k.Scenario)
	if err != nil || len(problems) > 0 {
		return nil, fmt.Errorf("the scenario is not right: %v %v", err, problems)
	}
	program, problems := Compile(doc.Scenario, facts(doc.Scenario))
	if len(problems) > 0 {
		return nil, fmt.Errorf("the scenario does not compile: %v", problems)
	}
	var event any
	if len(k.Event) > 0 {
		if event, err = value.Decode(k.Event, value.Limits{}); err != nil {
			return nil, err
		}
	}
	entries, err := run.DecodeEntries(bytes.Join([][]byte{[]byte("["), bytes.Join(raws(k.Entries), []byte(",")), []byte("]")}, nil))
	if err != nil {
		return nil, err
	}
	m := New(program, goldenInput(event))
	var out []string
	for _, e := range entries {
		if err := m.Apply(e); err != nil {
			return nil, err
		}
		due := ""
		if at := m.Due(); !at.IsZero() {
			due = " due " + at.UTC().Format(run.TimeFormat)
		}
		var open []string
		for _, n := range m.sorted() {
			open = append(open, fmt.Sprintf("%s %d %d", n.path, n.state, n.attempt))
		}
		out = append(out, fmt.Sprintf("%s %d%s [%s] %s", m.Status(), m.InFlight(), due, strings.Join(open, ", "), value.Text(m.Output())))
	}
	return out, nil
}

func raws(list []json.RawMessage) [][]byte {
	out := make([][]byte, len(list))
	for i := range list {
		out[i] = list[i]
	}
	return out
}

// keep adds the journal of a play to those of this release, where there is none of its name yet.
func (p *play) keep(name string, text, event []byte) {
	file := filepath.Join(release, name+".json")
	if _, err := os.Stat(file); err == nil {
		return
	}
	k := keptJournal{Scenario: compact(p.t, text)}
	if event != nil {
		k.Event = compact(p.t, event)
	}
	for i := range p.journal {
		b, err := p.journal[i].AppendJSON(nil, "")
		if err != nil {
			p.t.Fatal(err)
		}
		k.Entries = append(k.Entries, b)
	}
	var err error
	if k.Stands, err = k.fold(); err != nil {
		p.t.Fatal(err)
	}
	out, err := json.MarshalIndent(k, "", " ")
	if err == nil {
		err = os.MkdirAll(release, 0o755)
	}
	if err == nil {
		err = os.WriteFile(file, append(out, '\n'), 0o644)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

func compact(t *testing.T, text []byte) json.RawMessage {
	var b bytes.Buffer
	if err := json.Compact(&b, text); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
