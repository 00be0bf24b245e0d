package outbound

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// TestRetryAfter is §2.D 36: how long a vendor asks to wait, read as RFC 9110 says, from nothing to a day.
func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "0": 0, "-1": 0, "1": time.Second, " 90 ": 90 * time.Second, "1.5": 1500 * time.Millisecond, "86400": day, "86401": day,
		"1e9": day, "99999999999": day, "999999999999999999999999999999": day, "1e400": 0, "-1e400": 0, "NaN": 0, "Inf": day, "-Inf": 0, "soon": 0, "10s": 0, "0x10p1": 32 * time.Second,
		"Wed, 04 Mar 2026 05:07:07 GMT": time.Minute, "Wed, 04 Mar 2026 05:06:07 GMT": 0, "Wed, 04 Mar 2020 05:06:07 GMT": 0, "Sun, 04 Mar 2099 05:06:07 GMT": day, "Wed, 04 Mar 2026": 0,
	} {
		if got := retryAfter(http.Header{"Retry-After": {text}}, now); got != want {
			t.Errorf("%q is %s, not %s", text, got, want)
		}
	}
	if got := retryAfter(http.Header{"Retry-After": {"7", "9"}}, now); got != 9*time.Second {
		t.Errorf("of two the longer holds, not %s", got)
	}
}

// TestAskedToWait is §2.D 36: what the step is told of answers that ask to wait, or to come no more.
func TestAskedToWait(t *testing.T) {
	status, headers := 0, []string(nil)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for _, text := range headers {
			w.Header().Add("Retry-After", text)
		}
		w.WriteHeader(status)
	}))
	defer server.Close()
	c := newClient(t, Config{Allow: loopback})
	for _, k := range []struct {
		status  int
		headers []string
		class   string
		waits   int64 // milliseconds
	}{
		{429, []string{"7"}, "rate_limited", 7000},
		{429, []string{"0"}, "rate_limited", 0},
		{429, []string{"-1"}, "rate_limited", 0},
		{429, []string{"1e9"}, "rate_limited", day.Milliseconds()},
		{429, []string{"99999999999"}, "rate_limited", day.Milliseconds()},
		{429, []string{"Wed, 04 Mar 2020 05:06:07 GMT"}, "rate_limited", 0},
		{429, []string{"Sun, 04 Mar 2099 05:06:07 GMT"}, "rate_limited", day.Milliseconds()},
		{429, []string{"nonsense"}, "rate_limited", 0},
		{429, []string{"7", "9"}, "rate_limited", 9000},
		{429, []string{"9", "nonsense"}, "rate_limited", 9000},
		{503, nil, "unavailable", 0},
		{503, []string{"120"}, "unavailable", 120_000},
		{410, []string{"7"}, "not_found", 7000}, // of this class nothing is tried again, whatever is asked
	} {
		status, headers = k.status, k.headers
		forget(c)
		r := invoke(t, c, call(map[string]any{"url": server.URL}))
		if class(r) != k.class || r.Failure.RetryAfter != k.waits {
			t.Errorf("%d %q: %+v", k.status, k.headers, r.Failure)
		}
	}
}

// TestRules: what a rule of an error table asks of an answer, and how its words are filled from it.
func TestRules(t *testing.T) {
	table := actions.ErrorTable{
		{Status: 403, Pointer: "/error/details/*/reason", Equals: "SERVICE_DISABLED", Code: "unauthorized", Message: "The API is off: {}", Remedy: "Switch it on at {/error/details/*/url}."},
		{Status: 403, Header: "X-Needs", Code: "unauthorized", Message: "It needs {header:x-needs}"},
		{Status: 400, Pointer: "/message", Contains: "unable to parse range", Code: "not_found", Message: "No such sheet"},
		{Contains: "required scope", Code: "unauthorized", Message: "It said: {}", Remedy: "Add it."},
		{Status: 400, Pointer: "/errors/*/scopes", Code: "unauthorized", Message: "It lacks {}", Remedy: "Add {/errors/*/scopes}."},
		{Status: 400, Code: "invalid_input", Message: "Refused: {words}"},
	}
	d := &doing{client: newClient(t, Config{}), connector: &actions.Connector{ID: "acme", Name: "Acme", BaseURL: "https://acme.test", Errors: table}, action: &actions.Action{}}
	for _, k := range []struct {
		status int
		header http.Header
		body   string
		want   string
	}{
		{403, nil, `{"error": {"details": [{"reason": "OTHER"}, {"reason": "SERVICE_DISABLED", "url": "https://acme.test/on"}]}}`, "unauthorized: The API is off: SERVICE_DISABLED. Switch it on at https://acme.test/on."},
		{403, http.Header{"X-Needs": {"issues=write"}}, `{"error": {"details": {"reason": "SERVICE_DISABLED"}}}`, "unauthorized: It needs issues=write."},
		{403, nil, `{"error": {"details": []}}`, "unauthorized: Acme answered 403 Forbidden."},
		{400, nil, `{"message": "Unable to parse range: 'x'!A1"}`, "not_found: No such sheet."},
		{400, nil, `{"errorMessages": ["It is required."], "errors": {"a": "Wrong.", "b": "too long", "c": "odd"}}`, "invalid_input: Refused: It is required. a: Wrong. b: too long; c: odd."},
		{400, nil, `{"message": "Validation Failed", "errors": [{"field": "title", "code": "missing_field"}, {"code": "custom", "message": "No commits"}, {"code": "x"}]}`, "invalid_input: Refused: title: missing field; No commits."},
		{400, nil, `{"message": "Validation Failed", "errors": [{"code": "x"}]}`, "invalid_input: Refused: Validation Failed."},
		{400, nil, `{"message": "other"}`, "invalid_input: Refused: other."},
		{400, nil, `{"message": "Values were not valid: [{\"message\": \"no mail address\", \"name\": \"email\"}, {\"message\": \"There is no a\"}]"}`, "invalid_input: Refused: Values were not valid: email: no mail address; There is no a."},
		{400, nil, `{"message": "None of [{\"value\": 1}]"}`, `invalid_input: Refused: None of [{"value": 1}].`},
		{400, nil, `{"message": "all", "errors": [{"message": "no mail address", "context": {"propertyName": ["email"]}}, {"message": "too long", "field": "name"}]}`, "invalid_input: Refused: email: no mail address; name: too long."},
		{400, nil, `"The app has not the Required Scope 'x'."`, "unauthorized: It said: The app has not the Required Scope 'x'. Add it."}, // a text
		{400, nil, `"Something else"`, "invalid_input: Refused: Something else."},
		{400, nil, `{"message": "The required scope is x"}`, "invalid_input: Refused: The required scope is x."}, // no text
		{400, nil, `{"errors": [{"scopes": ["a", "b"]}, {"scopes": ["b"]}, 7]}`, `unauthorized: It lacks ["a","b"]. Add a, b, b.`},
	} {
		v, err := value.Decode([]byte(k.body), value.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		r, ok := d.Judge(actions.Response{Status: k.status, Header: k.header, Value: v}).(*refusal)
		if !ok || string(r.code)+": "+r.message != k.want {
			t.Errorf("%d %s: %v, not %q", k.status, k.body, r, k.want)
		}
	}
}

// TestFailingServer: a server that fails is unavailable whatever its answer says, where a rule does not name the status.
func TestFailingServer(t *testing.T) {
	c := actions.Connector{ID: "acme", Name: "Acme", BaseURL: "https://api.acme.test"}
	d := &doing{connector: &c, action: &actions.Action{}, client: newClient(t, Config{})}
	body := map[string]any{"error": "no such thing"}
	for _, k := range []struct {
		rule   actions.ErrorRule
		status int
		want   fault.Code
	}{
		{actions.ErrorRule{Pointer: "/error", Code: "invalid_input"}, 500, fault.Unavailable}, {actions.ErrorRule{Pointer: "/error", Code: "not_found"}, 502, fault.Unavailable}, {actions.ErrorRule{Pointer: "/error"}, 500, fault.Unavailable},
		{actions.ErrorRule{Pointer: "/error", Code: "invalid_input"}, 200, fault.InvalidInput}, {actions.ErrorRule{Status: 500, Pointer: "/error", Code: "invalid_input"}, 500, fault.InvalidInput},
		{actions.ErrorRule{Pointer: "/error", Code: "rate_limited"}, 503, fault.RateLimited}, {actions.ErrorRule{Pointer: "/error", Code: "unauthorized"}, 500, fault.Unauthorized},
	} {
		c.Errors = actions.ErrorTable{k.rule}
		if got := fault.CodeOf(d.Judge(actions.Response{Status: k.status, Value: body})); got != k.want {
			t.Errorf("%+v, status %d: %s", k.rule, k.status, got)
		}
	}
}

// TestFill: what the answer does not say leaves no gap.
func TestFill(t *testing.T) {
	resp := actions.Response{Value: map[string]any{"a": "one", "b": "two"}}
	for message, want := range map[string]string{
		"Acme refused: {/none} {/a}: {/b}": "Acme refused: one: two", "Acme refused {/none}: {/b}": "Acme refused: two", "Acme refused: {/none}: {/b}": "Acme refused: two", "{/a}, {/b}": "one, two",
		"Acme refused: {/a}: {/none}": "Acme refused: one:", "{/none} refused {/a}.": "refused one.", "It is {}.": "It is found.",
	} {
		if got := (&doing{}).fill(message, resp, "found"); got != want {
			t.Errorf("%q gives %q", message, got)
		}
	}
}
