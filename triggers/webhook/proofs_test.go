package webhook

import (
	"encoding/base64"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
)

// TestReasons: why a request proves nothing stands in the trigger's own log, and not in its answer.
func TestReasons(t *testing.T) {
	pass := func(text string) map[string]string {
		return map[string]string{"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte(text))}
	}
	graph := func(state string) string { return `{"value": [{"changeType": "created"` + state + `}]}` }
	message := func(org string) string {
		return `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><notifications xmlns="` + outbound + `"><OrganizationId>` + org + `</OrganizationId></notifications></Body></Envelope>`
	}
	for name, c := range map[string]struct {
		preset, secret, method, query, body string
		header                              map[string]string
		want                                string
		status                              int
	}{
		"no credentials":      {preset: "basic", secret: "ada:pass", want: "Authorization is needed once", status: 401},
		"another kind":        {preset: "basic", secret: "ada:pass", header: map[string]string{"Authorization": "Bearer x"}, want: "no credentials of the kind Basic", status: 401},
		"no base64":           {preset: "basic", secret: "ada:pass", header: map[string]string{"Authorization": "Basic ada:pass"}, want: "no user:password in base64", status: 401},
		"another user":        {preset: "basic", secret: "ada:pass", header: pass("bob:pass"), want: "The user is another", status: 401},
		"another password":    {preset: "pipedrive", secret: "ada:pass", header: pass("ada:other"), want: "The user is right, and the password is another", status: 401},
		"no colon":            {preset: "pipedrive", secret: "adapass", header: pass("ada:pass"), want: "no colon, so nothing can match", status: 401},
		"another token":       {preset: "token", secret: "t", header: map[string]string{"Authorization": "Bearer u"}, want: "Authorization holds is another text", status: 401},
		"another channel":     {preset: "google-drive", secret: "t", header: map[string]string{"X-Goog-Channel-Token": "u"}, want: "X-Goog-Channel-Token is another", status: 401},
		"another key":         {preset: "mailchimp", secret: "k", query: "?key=other", want: "after ?key= in the address that was called is another", status: 401},
		"no key":              {preset: "mailchimp", secret: "k", want: "has no ?key=", status: 401},
		"another key, asked":  {preset: "mailchimp", secret: "k", method: "GET", query: "?key=other", want: "after ?key= in the address that was called is another", status: 404},
		"no notification":     {preset: "msgraph", secret: "k", body: "{}", want: "no JSON object with a list of notifications", status: 401},
		"no state":            {preset: "msgraph", secret: "k", body: graph(""), want: "No notification has a clientState", status: 401},
		"another state":       {preset: "msgraph", secret: "k", body: graph(`, "clientState": "x"`), want: "The clientState of every notification is another", status: 202},
		"no message":          {preset: "salesforce-outbound", secret: "00D", body: "{}", want: "no outbound message", status: 401},
		"another's of theirs": {preset: "salesforce-outbound", secret: "00D", body: message("00E"), want: `OrganizationId is "00E"`, status: 401},
	} {
		w := verifying(t, map[string]any{"preset": c.preset, "secret": "s"})
		w.secrets["s"] = c.secret
		method := "POST"
		if c.method != "" {
			method = c.method
		}
		req := httptest.NewRequest(method, "/hooks/good"+c.query, strings.NewReader(c.body))
		for name, text := range c.header {
			req.Header.Set(name, text)
		}
		trigger, err := w.ByKey(t.Context(), "good")
		if err != nil {
			t.Fatal(err)
		}
		err = w.h.serve(httptest.NewRecorder(), req, trigger)
		if logged := explained(fault.MessageOf(err), err); !strings.Contains(logged, c.want) {
			t.Errorf("%s: the log says %s", name, logged)
		}
		status, answer, header := w.send(t, method, c.query, c.body, c.header)
		if status != c.status || strings.Contains(answer, "secret") || len(w.taken) > 0 {
			t.Errorf("%s: it is answered %d %s", name, status, answer)
		}
		if asked := strings.HasPrefix(header.Get("WWW-Authenticate"), "Basic realm="); asked != (c.preset == "basic" || c.preset == "pipedrive") {
			t.Errorf("%s: WWW-Authenticate is %q", name, header.Get("WWW-Authenticate"))
		}
	}
}
