package connections

import (
	"errors"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/web/access"
	"github.com/stepmill/stepmill/web/ui"
)

// one is the page of a connection.
type one struct {
	card
	May      bool
	Way      string // how it signs in
	Signs    bool   // by a person at the vendor's
	Scopes   string
	Created  time.Time
	Rate     string // its own; empty: the app's
	AppRate  string // what the app's help says of it
	AtOnce   string // how many requests may be under way; empty: any number
	Standing []run.Standing
	Refs     []place
	Grants   [2]grant // of scenarios, of actions
	Wrong    map[string]string
	Answer   answer
	Notice   ui.Notice
}

// answer is what came of a test, or of a sign-in that could not be begun.
type answer struct{ Title, Text string }

// place is where a value lies that is not kept here.
type place struct{ Label, Where string }

// grant is who of a kind may use a connection.
type grant struct {
	Field, Label, All, None string
	Choices                 []choice
}

// Chosen are those that may; none: every one.
func (g grant) Chosen() []choice {
	return slices.DeleteFunc(slices.Clone(g.Choices), func(c choice) bool { return !c.On })
}

type choice struct {
	Value, Name string
	On          bool
}

// Show serves GET /connections/{connection}.
func (h *Handler) Show(w http.ResponseWriter, r *http.Request) error {
	c, err := h.the(r)
	if err != nil {
		return err
	}
	return h.show(w, r, c, answer{})
}

func (h *Handler) show(w http.ResponseWriter, r *http.Request, c run.Connection, a answer) error {
	m, err := h.one(r, c)
	if err != nil {
		return err
	}
	a.Text = here(a.Text)
	m.Answer, m.Notice = a, noticeOf(r, c.Account)
	if ui.IsFragment(r) {
		return ui.Render(w, r, http.StatusOK, live(m))
	}
	return ui.Render(w, r, http.StatusOK, onePage(h.Chrome(r), m))
}

// mostStanding is how many of the steps that stand are named.
const mostStanding = 10

func (h *Handler) one(r *http.Request, c run.Connection) (one, error) {
	ctx, actor := r.Context(), h.Actor(r)
	u, err := h.uses(ctx, actor)
	if err != nil {
		return one{}, err
	}
	connector, auth, _ := h.way(c)
	m := one{card: h.card(c, u), May: h.may(r), Way: auth.Name, Signs: auth.NeedsSignIn(), Scopes: c.Scopes, Created: c.CreatedAt, AppRate: rateHelp(connector)}
	m.setLimits(c)
	if m.Standing, err = h.Store.Standing(ctx, actor, c.Slug, mostStanding); err != nil {
		return m, err
	}
	for _, f := range auth.Fields {
		if ref, ok := c.Refs[f.ID]; ok {
			m.Refs = append(m.Refs, place{f.Label, whereOf(ref)})
		}
	}
	m.Grants = grantsOf(c, u, connector)
	return m, nil
}

func whereOf(r run.Ref) string {
	text := map[string]string{"env-file": "Environment file", "vault": "Vault", "aws": "AWS Secrets Manager"}[r.From] + ": " + r.Name
	for _, part := range []string{r.Key, r.Stage} {
		if part != "" {
			text += ", " + part
		}
	}
	return text
}

// grantsOf are the scenarios and actions that may use a connection, and those that might.
func grantsOf(c run.Connection, u uses, connector actions.Connector) [2]grant {
	scenarios := grant{Field: "scenario", Label: "Scenarios", All: "Every scenario may use it.", None: "There is no scenario yet."}
	for _, s := range u.scenarios {
		scenarios.Choices = append(scenarios.Choices, choice{s.Slug, s.Name, slices.Contains(c.Grants.Scenarios, s.Slug)})
	}
	acts := grant{Field: "action", Label: "Actions", All: "Every action that can use it may.", None: "No action can use it."}
	for _, a := range connector.Actions {
		name := connector.ID + "." + a.ID
		if !connector.Uses(&a, c.Method) && !slices.Contains(c.Grants.Actions, name) {
			continue
		}
		acts.Choices = append(acts.Choices, choice{name, a.Name, slices.Contains(c.Grants.Actions, name)})
	}
	scenarios.gone(c.Grants.Scenarios)
	acts.gone(c.Grants.Actions)
	return [2]grant{scenarios, acts}
}

// gone adds what was granted and is not there any more: left out, an empty list would mean every one.
func (g *grant) gone(granted []string) {
	sort.SliceStable(g.Choices, func(i, j int) bool { return strings.ToLower(g.Choices[i].Name) < strings.ToLower(g.Choices[j].Name) })
	for _, name := range granted {
		if !slices.ContainsFunc(g.Choices, func(c choice) bool { return c.Value == name }) {
			g.Choices = append(g.Choices, choice{name, name + " (not there any more)", true})
		}
	}
}

// Set serves POST /connections/{connection}: its name, limits and grants.
func (h *Handler) Set(w http.ResponseWriter, r *http.Request) error {
	if err := access.ReadForm(w, r, maxForm); err != nil {
		return err
	}
	c, err := h.the(r)
	if err != nil {
		return err
	}
	wrong := map[string]string{}
	text := func(name string) string { return strings.TrimSpace(r.FormValue(name)) }
	if c.Name = text("name"); len(c.Name) > 200 {
		wrong["name"] = "A name has at most 200 bytes."
	}
	if !value.IsName(c.Name) {
		wrong["name"] = value.NoName
	}
	readLimits(&c, text, wrong)
	c.Grants = run.Grants{Scenarios: r.Form["scenario"], Actions: r.Form["action"]}
	if len(wrong) == 0 {
		if c, err = h.Store.ConfigureConnection(r.Context(), h.Actor(r), c); err == nil {
			http.Redirect(w, r, h.Page(c)+"?done=saved", http.StatusSeeOther)
		}
		return err
	}
	m, err := h.one(r, c)
	if err != nil {
		return err
	}
	m.Wrong, m.Rate, m.AtOnce = wrong, text("rate"), text("concurrency")
	return ui.Render(w, r, http.StatusUnprocessableEntity, onePage(h.Chrome(r), m))
}

func (m *one) setLimits(c run.Connection) {
	m.Rate = c.Rate
	if c.Concurrency > 0 {
		m.AtOnce = strconv.Itoa(c.Concurrency)
	}
}

// TestOne serves POST /connections/{connection}/test.
func (h *Handler) TestOne(w http.ResponseWriter, r *http.Request) error {
	c, err := h.the(r)
	if err != nil {
		return err
	}
	return h.tested(w, r, c, h.Test(r.Context(), h.Actor(r), c))
}

// tested says what came of a connection's test.
func (h *Handler) tested(w http.ResponseWriter, r *http.Request, c run.Connection, failed error) error {
	if failed == nil {
		http.Redirect(w, r, h.Page(c)+"?done=works", http.StatusSeeOther)
		return nil
	}
	c, err := h.Store.Connection(r.Context(), h.Actor(r), c.ID) // the test may have changed its state
	if err != nil {
		return err
	}
	title := "The test failed"
	if errors.Is(failed, actions.ErrUntested) {
		title = "Not tested"
	}
	return h.show(w, r, c, answer{Title: title, Text: fault.MessageOf(failed)})
}

// Pause serves POST /connections/{connection}/pause.
func (h *Handler) Pause(w http.ResponseWriter, r *http.Request) error { return h.turn(w, r, true) }

// Resume serves POST /connections/{connection}/resume.
func (h *Handler) Resume(w http.ResponseWriter, r *http.Request) error { return h.turn(w, r, false) }

func (h *Handler) turn(w http.ResponseWriter, r *http.Request, paused bool) error {
	c, err := h.the(r)
	if err != nil {
		return err
	}
	if c, err = h.Store.PauseConnection(r.Context(), h.Actor(r), c.ID, paused); err != nil {
		return err
	}
	done := map[bool]string{true: "paused", false: "resumed"}[paused]
	http.Redirect(w, r, h.Page(c)+"?done="+done, http.StatusSeeOther)
	return nil
}

// Delete serves POST /connections/{connection}/delete.
func (h *Handler) Delete(w http.ResponseWriter, r *http.Request) error {
	c, err := h.the(r)
	if err != nil {
		return err
	}
	if err := h.Store.DeleteConnection(r.Context(), h.Actor(r), c.ID); err != nil {
		return err
	}
	http.Redirect(w, r, "/connections?done=deleted", http.StatusSeeOther)
	return nil
}
