package scenarios

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/ui/uitest"
)

// trap notes what it is asked.
type trap struct {
	asked string
	got   run.Capture
	fails error
}

func (c *trap) Wait(_ context.Context, _ run.Actor, scenario, trigger string) (run.Capture, error) {
	c.asked += " wait " + trigger
	return c.got, c.fails
}

func (c *trap) State(context.Context, run.Actor, string, string) (run.Capture, error) {
	return c.got, c.fails
}

func (c *trap) Stop(_ context.Context, _ run.Actor, scenario, trigger string) error {
	c.asked += " stop " + trigger
	return c.fails
}

func (c *trap) UseSample(_ context.Context, _ run.Actor, _, trigger, event string) (scenario.Stored, error) {
	c.asked += " use " + event + " for " + trigger
	return scenario.Stored{}, c.fails
}

// TestCapture: the panel says what is waited for and what came, and does what its buttons say.
func TestCapture(t *testing.T) {
	c := &trap{}
	h := handler(newWorkspace())
	h.Captures = c
	part := func() string {
		t.Helper()
		r := httptest.NewRequest("GET", "/scenarios/orders/capture?trigger=t", nil)
		r.SetPathValue("scenario", "orders")
		w := httptest.NewRecorder()
		if err := h.Waiting(w, r); err != nil {
			t.Fatal(err)
		}
		return w.Body.String()
	}
	uitest.Compare(t, "capture", part())
	c.got.Until = time.Date(2026, 3, 4, 15, 0, 0, 0, time.UTC)
	uitest.Compare(t, "capture-waiting", part())
	c.got.Event = "e1"
	uitest.Compare(t, "capture-came", part())

	post := func(form url.Values) (*httptest.ResponseRecorder, error) {
		r := httptest.NewRequest("POST", "/scenarios/orders/capture", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.SetPathValue("scenario", "orders")
		w := httptest.NewRecorder()
		return w, h.Capture(w, r)
	}
	for do, want := range map[string]string{"wait": " wait t", "stop": " stop t", "use": " use e1 for t stop t"} {
		c.asked = ""
		w, err := post(url.Values{"trigger": {"t"}, "do": {do}, "event": {"e1"}})
		if err != nil || w.Code != http.StatusSeeOther || c.asked != want || !strings.HasSuffix(w.Header().Get("Location"), "#pane-trigger") {
			t.Errorf("%s: %v %d, asked %q, led to %s", do, err, w.Code, c.asked, w.Header().Get("Location"))
		}
	}
	c.fails = fault.New(fault.TooLarge, "The event has 70 KB.")
	if w, err := post(url.Values{"trigger": {"t"}, "do": {"use"}}); err != nil || w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "The event has 70 KB.") {
		t.Errorf("%v %d", err, w.Code)
	}
	c.fails = fault.New(fault.NotFound, "There is no trigger.")
	if _, err := post(url.Values{"do": {"wait"}}); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("%v", err)
	}
}
