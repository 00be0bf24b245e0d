package subscribe

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// publicBase is the address that vendors know this server by.
const publicBase = "https://stepmill.example.com"

// hook is a subscription as a vendor has it.
type hook struct {
	id, url, secret, about string
	events                 []string
	ends                   time.Time // zero: never
}

// vendor is a local server that keeps subscriptions as one vendor's documents say.
type vendor struct {
	*httptest.Server
	t     *testing.T
	now   func() time.Time
	reach func(url string, header http.Header, body string) (status int, answer string) // posts to an address of this server
	serve func(v *vendor, w http.ResponseWriter, r *http.Request)

	mu     sync.Mutex
	hooks  map[string]*hook
	next   int
	asked  map[string]int // requests, by method
	status int            // zero: it works; else it answers that
	header http.Header    // of such an answer
	cut    bool           // it does what it is asked for and the answer is lost
	short  time.Duration  // it lets nothing last longer; zero: as its documents say
}

func newVendor(t *testing.T, now func() time.Time, serve func(*vendor, http.ResponseWriter, *http.Request)) *vendor {
	v := &vendor{t: t, now: now, serve: serve, hooks: map[string]*hook{}, asked: map[string]int{}, header: http.Header{}}
	v.Server = httptest.NewServer(v)
	t.Cleanup(v.Close)
	return v
}

func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	v.asked[r.Method]++
	status, cut := v.status, v.cut
	v.mu.Unlock()
	if status != 0 {
		maps.Copy(w.Header(), v.header)
		w.WriteHeader(status)
		io.WriteString(w, `{"message": "Bad credentials", "error": {"message": "InvalidAuthenticationToken"}}`)
		return
	}
	out := httptest.NewRecorder()
	v.serve(v, out, r)
	if cut {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			conn.Close()
		}
		return
	}
	maps.Copy(w.Header(), out.Header())
	w.WriteHeader(out.Code)
	w.Write(out.Body.Bytes())
}

func (v *vendor) set(do func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	do()
}

// standing are the subscriptions that the vendor has.
func (v *vendor) standing() []hook {
	v.mu.Lock()
	defer v.mu.Unlock()
	var out []hook
	for _, id := range slices.Sorted(maps.Keys(v.hooks)) {
		if h := v.hooks[id]; h.ends.IsZero() || h.ends.After(v.now()) {
			out = append(out, *h)
		}
	}
	return out
}

func (v *vendor) count(method string) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.asked[method]
}

func (v *vendor) keep(h *hook) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.next++
	h.id = fmt.Sprint(v.next)
	v.hooks[h.id] = h
}

func (v *vendor) drop(id string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	_, ok := v.hooks[id]
	delete(v.hooks, id)
	return ok
}

func say(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

// gitHub has webhooks of a repository. Source: https://docs.github.com/en/rest/repos/webhooks
func gitHub(v *vendor, w http.ResponseWriter, r *http.Request) {
	rest, ok := strings.CutPrefix(r.URL.Path, "/repos/o/r/hooks")
	shape := func(h hook) map[string]any {
		return map[string]any{"id": json.Number(h.id), "events": h.events, "config": map[string]any{"url": h.url, "secret": "********"}}
	}
	switch {
	case !ok:
		say(w, 404, map[string]any{"message": "Not Found"})
	case r.Method == "GET":
		list := []any{}
		for _, h := range v.standing() {
			list = append(list, shape(h))
		}
		say(w, 200, list)
	case r.Method == "DELETE" && v.drop(strings.TrimPrefix(rest, "/")):
		w.WriteHeader(204)
	case r.Method == "POST" && rest == "":
		var in struct {
			Name   string
			Events []string
			Config struct{ URL, Secret, Content_type string }
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Name != "web" || len(in.Events) == 0 || in.Config.Content_type != "json" || len(in.Config.Secret) < 20 {
			say(w, 422, map[string]any{"message": "Validation Failed"})
			return
		}
		for _, h := range v.standing() {
			if h.url == in.Config.URL {
				say(w, 422, map[string]any{"message": "Validation Failed", "errors": []any{map[string]any{"resource": "Hook", "code": "custom", "message": "Hook already exists on this repository"}}})
				return
			}
		}
		h := &hook{url: in.Config.URL, secret: in.Config.Secret, events: in.Events}
		v.keep(h)
		v.signed(*h, "ping", "ping-"+h.id, `{"zen": "Keep it logically awesome.", "hook_id": `+h.id+`}`)
		say(w, 201, shape(*h))
	default:
		say(w, 404, map[string]any{"message": "Not Found"})
	}
}

// signed delivers an event by a webhook, as GitHub does it.
func (v *vendor) signed(h hook, event, delivery, body string) (int, string) {
	mac := hmac.New(sha256.New, []byte(h.secret))
	mac.Write([]byte(body))
	return v.reach(h.url, http.Header{"Content-Type": {"application/json"}, "X-Github-Event": {event}, "X-Github-Delivery": {delivery}, "X-Hub-Signature-256": {"sha256=" + hex.EncodeToString(mac.Sum(nil))}}, body)
}

// graph has subscriptions to messages. Source: https://learn.microsoft.com/en-us/graph/api/subscription-post-subscriptions
func graph(v *vendor, w http.ResponseWriter, r *http.Request) {
	id, one := strings.CutPrefix(r.URL.Path, "/subscriptions/")
	no := func(status int, text string) {
		say(w, status, map[string]any{"error": map[string]any{"code": "ExtensionError", "message": text}})
	}
	shape := func(h hook) map[string]any {
		return map[string]any{"id": h.id, "resource": h.about, "changeType": "created", "clientState": nil, "notificationUrl": h.url, "expirationDateTime": h.ends.Format("2006-01-02T15:04:05.0000000Z")}
	}
	var in struct{ ChangeType, NotificationURL, LifecycleNotificationURL, Resource, ClientState, ExpirationDateTime string }
	body, _ := io.ReadAll(r.Body)
	json.Unmarshal(body, &in)
	ends, _ := time.Parse(time.RFC3339, in.ExpirationDateTime)
	most := time.Hour
	if in.LifecycleNotificationURL != "" || one {
		most = 3 * 24 * time.Hour
	}
	switch {
	case r.Method != "GET" && r.Method != "DELETE" && (ends.IsZero() || ends.After(v.now().Add(most)) || ends.Before(v.now())):
		no(400, "Subscription expiration can only be "+most.String()+" in the future.")
	case r.Method == "GET" && !one:
		list := []any{}
		for _, h := range v.standing() {
			list = append(list, shape(h))
		}
		say(w, 200, map[string]any{"value": list})
	case r.Method == "POST" && !one:
		if in.ChangeType != "created" || !strings.HasPrefix(in.NotificationURL, "https://") || in.ClientState == "" || len(in.ClientState) > 128 {
			no(400, "Invalid subscription.")
			return
		}
		for _, h := range v.standing() {
			if h.about == in.Resource {
				no(409, "A subscription to "+h.about+" exists.")
				return
			}
		}
		for _, address := range []string{in.NotificationURL, in.LifecycleNotificationURL} {
			if !v.validates(address) {
				no(400, "Subscription validation request failed.")
				return
			}
		}
		h := &hook{url: in.NotificationURL, secret: in.ClientState, about: in.Resource, ends: v.lasts(ends)}
		v.keep(h)
		say(w, 201, shape(*h))
	case r.Method == "PATCH" && one && slices.ContainsFunc(v.standing(), func(h hook) bool { return h.id == id }):
		var h hook
		v.set(func() { v.hooks[id].ends = ends; h = *v.hooks[id] })
		say(w, 200, shape(h))
	case r.Method == "DELETE" && one && v.drop(id):
		w.WriteHeader(204)
	default:
		no(404, "The object was not found.")
	}
}

func (v *vendor) lasts(ends time.Time) time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.short > 0 {
		return v.now().Add(v.short)
	}
	return ends
}

// validates asks at an address who is there.
func (v *vendor) validates(address string) bool {
	const token = "Validation: Testing <b>client</b> & reachability"
	status, answer := v.reach(address+"?validationToken="+url.QueryEscape(token), http.Header{"Content-Type": {"text/plain"}}, "")
	return status == 200 && answer == token
}

// notify delivers a notification as Graph does it.
func (v *vendor) notify(h hook, state string, members string) (int, string) {
	return v.reach(h.url, http.Header{"Content-Type": {"application/json"}}, fmt.Sprintf(`{"value": [{"subscriptionId": %q, "clientState": %q, %s}]}`, h.id, state, members))
}

// reaches posts to the handler that stands for this server.
func reaches(handler http.Handler) func(string, http.Header, string) (int, string) {
	return func(address string, header http.Header, body string) (int, string) {
		rest, ok := strings.CutPrefix(address, publicBase)
		if !ok {
			return 0, "nobody is there"
		}
		r := httptest.NewRequest("POST", rest, bytes.NewReader([]byte(body)))
		r.Header = header
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
}
