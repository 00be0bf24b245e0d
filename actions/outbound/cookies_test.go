package outbound

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stepmill/stepmill/engine/run"
)

// TestCookies: what a redirect sets goes along to the next hop of the same call, and to no other origin.
func TestCookies(t *testing.T) {
	seen := ""
	show := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { seen += r.URL.Path + " " + r.Header.Get("Cookie") + "; " })
	there := httptest.NewServer(show)
	defer there.Close()
	mux := http.NewServeMux()
	here := httptest.NewServer(mux)
	defer here.Close()
	mux.Handle("/show", show)
	mux.HandleFunc("/in", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "sess", Value: "42", Path: "/"})
		http.SetCookie(w, &http.Cookie{Name: "deep", Value: "1", Path: "/elsewhere"})
		http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusFound)
	})
	mux.HandleFunc("/more", func(w http.ResponseWriter, r *http.Request) {
		show(w, r)
		http.SetCookie(w, &http.Cookie{Name: "more", Value: "2", Path: "/"})
		http.SetCookie(w, &http.Cookie{Name: "sess", Path: "/", MaxAge: -1})
		http.Redirect(w, r, "/show", http.StatusFound)
	})
	there.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		show(w, r)
		http.Redirect(w, r, here.URL+"/show", http.StatusFound)
	})
	values := map[string]run.Values{"key": {"name": "Cookie", "value": "own=secret-key", "hosts": run.Secret(here.URL)}}
	c := newClient(t, Config{Allow: loopback, Connections: &book{connections: map[string]run.Connection{"key": {Connector: "core", Method: "header"}}, values: values}})
	for _, k := range []struct{ name, to, own, connection, want string }{
		{"the next hop", "/show", "", "", "/show sess=42; "},
		{"one after the other", "/more", "", "", "/more sess=42; /show more=2; "},
		{"beside the step's own", "/show", "a=1; sess=old;", "", "/show a=1; sess=42; "},
		{"beside the connection's", "/show", "", "key", "/show own=secret-key; sess=42; "},
		{"another origin, and back", there.URL + "/b", "", "", "/b ; /show ; "},
	} {
		seen = ""
		in := call(map[string]any{"url": here.URL + "/in?to=" + k.to})
		if in.Connection = k.connection; k.own != "" {
			in.Input["headers"] = map[string]any{"Cookie": k.own}
		}
		if r := invoke(t, c, in); r.Failure != nil || seen != k.want {
			t.Errorf("%s: %q %+v", k.name, seen, r.Failure)
		}
	}
	seen = ""
	if r := invoke(t, c, call(map[string]any{"url": here.URL + "/show"})); r.Failure != nil || seen != "/show ; " {
		t.Errorf("the next call: %q %+v", seen, r.Failure)
	}
}
