package actions

import (
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Catalogue is the connectors there are, in the order in which they are shown. Each is made when it is first asked for and
// is kept from then on; what it holds is nobody's to change. A nil catalogue is empty.
type Catalogue struct {
	ids  []string
	byID map[string]func() *entry
}

// Entry says how the connector of an id is made.
type Entry struct {
	ID   string
	Make func() Connector
}

// entry is a connector that was made, and its parts by name.
type entry struct {
	connector Connector
	limits    Limits
	actions   map[string]*Action
	triggers  map[string]*Trigger
}

// NewCatalogue makes a catalogue of connectors that are made when they are first asked for.
func NewCatalogue(entries ...Entry) *Catalogue {
	c := &Catalogue{byID: make(map[string]func() *entry, len(entries))}
	for _, e := range entries {
		c.ids = append(c.ids, e.ID)
		c.byID[e.ID] = sync.OnceValue(func() *entry { return newEntry(e.Make()) })
	}
	return c
}

// CatalogueOf makes a catalogue of connectors that are there already.
func CatalogueOf(connectors ...Connector) *Catalogue {
	entries := make([]Entry, len(connectors))
	for i, connector := range connectors {
		entries[i] = Entry{connector.ID, func() Connector { return connector }}
	}
	return NewCatalogue(entries...)
}

// With is a catalogue with further connectors; one whose id is there already takes that one's place.
func (c *Catalogue) With(connectors ...Connector) *Catalogue {
	more := CatalogueOf(connectors...)
	all := &Catalogue{byID: maps.Clone(more.byID)}
	if c != nil {
		all.ids = slices.Clone(c.ids)
		maps.Copy(all.byID, c.byID)
		maps.Copy(all.byID, more.byID)
	}
	for _, id := range more.ids {
		if !slices.Contains(all.ids, id) {
			all.ids = append(all.ids, id)
		}
	}
	return all
}

func newEntry(connector Connector) *entry {
	e := &entry{connector: connector, limits: LimitsOf(connector.ID),
		actions: make(map[string]*Action, len(connector.Actions)), triggers: make(map[string]*Trigger, len(connector.Triggers))}
	if connector.Limits != nil {
		e.limits = *connector.Limits
	}
	for i := range connector.Actions {
		e.actions[connector.Actions[i].ID] = &connector.Actions[i]
	}
	for i := range connector.Triggers {
		e.triggers[connector.Triggers[i].ID] = &connector.Triggers[i]
	}
	return e
}

func (c *Catalogue) entry(id string) *entry {
	if c == nil {
		return nil
	}
	if made := c.byID[id]; made != nil {
		return made()
	}
	return nil
}

// IDs are the connectors' ids, in their order; they are nobody's to change.
func (c *Catalogue) IDs() []string {
	if c == nil {
		return nil
	}
	return c.ids
}

// All gives every connector, which makes those that were not asked for yet.
func (c *Catalogue) All() iter.Seq[*Connector] {
	return func(yield func(*Connector) bool) {
		for _, id := range c.IDs() {
			if !yield(c.Get(id)) {
				return
			}
		}
	}
}

// Get gives a connector by its id; nil: there is none.
func (c *Catalogue) Get(id string) *Connector {
	if e := c.entry(id); e != nil {
		return &e.connector
	}
	return nil
}

// Of gives the connector that an action or a trigger belongs to, by its name; nil: there is none.
func (c *Catalogue) Of(uses string) *Connector {
	app, _, _ := strings.Cut(uses, ".")
	return c.Get(app)
}

// Limits are how a connector's vendor tells of its limits; an unknown one tells as most do.
func (c *Catalogue) Limits(id string) Limits {
	if e := c.entry(id); e != nil {
		return e.limits
	}
	return LimitsOf(id)
}

// Action gives a connector's action by its name, "app.action" or "app.action@2"; nil: there is none.
func (c *Catalogue) Action(uses string) *Action {
	app, id, _ := strings.Cut(uses, ".")
	id, _, _ = strings.Cut(id, "@")
	if e := c.entry(app); e != nil {
		return e.actions[id]
	}
	return nil
}

// Trigger gives a connector's trigger by its name, "app.trigger" or "app.trigger@2"; nil: there is none.
func (c *Catalogue) Trigger(uses string) *Trigger {
	app, id, _ := strings.Cut(uses, ".")
	id, _, _ = strings.Cut(id, "@")
	if e := c.entry(app); e != nil {
		return e.triggers[id]
	}
	return nil
}
