package gallery

import (
	"context"
	"io"
	"net/http"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/web/forms"
	"github.com/stepmill/stepmill/web/ui"
)

// pages are the hosted ones: /forms/bug, a form with every kind of field; /forms/none, where there is none; /chat/help, which
// answers what is said to it.
func pages(handle func(string, func(http.ResponseWriter, *http.Request) error), chrome func(*http.Request) ui.Chrome) {
	h := &forms.Handler{
		Open: func(_ context.Context, key string, chat bool) (forms.Page, error) {
			switch {
			case key == "bug" && !chat:
				return forms.Page{Form: bugForm(), Scenario: "Bugs"}, nil
			case key == "help" && chat:
				return forms.Page{Form: scenario.Form{Chat: true, Ended: true, Title: "Ask the shop", Description: "Orders, returns, sizes: an answer comes at once."}}, nil
			}
			return forms.Page{}, fault.New(fault.NotFound, "There is no page.")
		},
		Visitor: func(context.Context, string, bool, string, string) (string, error) { return "", nil },
		Keep:    func(context.Context, io.Reader) (value.Large, error) { return value.Large{Hash: "00", Bytes: 2}, nil },
		Send: func(_ context.Context, s forms.Sent) (forms.Reply, error) {
			if s.Chat {
				message := s.Values["message"].(string)
				return forms.Reply{Text: "You said: " + message + "\n<b>Thank you.</b>", Later: message == "slow"}, nil
			}
			return forms.Reply{Text: "Your ticket is SUP-1042."}, nil
		},
		Chrome: func(r *http.Request) ui.Chrome { return ui.Chrome{Theme: chrome(r).Theme} },
	}
	handle("GET /forms/{key}", h.Show)
	handle("POST /forms/{key}", h.Submit)
	handle("GET /chat/{key}", h.ShowChat)
	handle("POST /chat/{key}", h.Say)
}

func bugForm() scenario.Form {
	options := func(list ...string) (out []scenario.FieldOption) {
		for _, text := range list {
			out = append(out, scenario.FieldOption{Value: text, Label: text})
		}
		return out
	}
	return scenario.Form{Title: "Report a bug", Description: "Tell us what went wrong. We answer within one working day.", Submit: "Send the report", Ended: true, Fields: []scenario.FormField{
		{Name: "email", Label: "Your mail address", Type: "email", Required: true},
		{Name: "summary", Label: "What happened?", Type: "text", Required: true, Help: "One sentence."},
		{Name: "details", Type: "long_text", Help: "What you did, and what you expected."},
		{Name: "severity", Type: "select", Required: true, Options: options("Blocks my work", "Annoying", "Cosmetic")},
		{Name: "where", Label: "Where did it happen?", Type: "multi_select", Options: options("Website", "Phone app", "Mail")},
		{Name: "seen_on", Label: "First seen on", Type: "date"},
		{Name: "times", Label: "How often?", Type: "number"},
		{Name: "screenshot", Type: "file", Help: "A picture of the screen. At most 10 MB in all."},
		{Name: "contact", Label: "You may write to me about it", Type: "boolean", Required: true},
	}}
}
