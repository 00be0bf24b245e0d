package outbound

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/actions/connectors"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

const insideNetns = "STEPMILL_TEST_INSIDE_NETNS"

// TestGuardInNetns is R27. It runs TestCanaries in a network of its own, in which every address there is is this machine's: what
// is dialled is answered, whatever it is.
func TestGuardInNetns(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestCanaries$", "-test.v", "-test.timeout=5m")
	cmd.Env = append(os.Environ(), insideNetns+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	if uid := os.Getuid(); uid != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: uid, Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	out, err := cmd.CombinedOutput()
	if _, ran := err.(*exec.ExitError); err != nil && !ran {
		if os.Getenv("STEPMILL_REQUIRE_ALL") != "" {
			t.Fatalf("no network of its own can be made here: %v", err)
		}
		t.Skipf("no network of its own can be made here (%v); STEPMILL_REQUIRE_ALL=1 makes this a failure", err)
	}
	if err != nil || !strings.Contains(string(out), "--- PASS: TestCanaries") {
		t.Fatalf("%v\n%s", err, out)
	}
}

// everyAddressIsHere sets the loopback device up and routes all of IPv4 and IPv6 to it.
func everyAddressIsHere(t *testing.T) {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_RAW|syscall.SOCK_CLOEXEC, syscall.NETLINK_ROUTE)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fd)
	ask := func(what string, kind uint16, body []byte) {
		t.Helper()
		msg := binary.NativeEndian.AppendUint32(nil, uint32(syscall.SizeofNlMsghdr+len(body)))
		msg = binary.NativeEndian.AppendUint16(msg, kind)
		msg = binary.NativeEndian.AppendUint16(msg, syscall.NLM_F_REQUEST|syscall.NLM_F_ACK|syscall.NLM_F_CREATE)
		msg = append(binary.NativeEndian.AppendUint64(msg, 1), body...)
		if err := syscall.Sendto(fd, msg, 0, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK}); err != nil {
			t.Fatal(what, err)
		}
		buf := make([]byte, 4096)
		n, _, err := syscall.Recvfrom(fd, buf, 0)
		if err != nil || n < syscall.SizeofNlMsghdr+4 {
			t.Fatal(what, n, err)
		}
		if code := int32(binary.NativeEndian.Uint32(buf[syscall.SizeofNlMsghdr:])); code != 0 {
			t.Fatal(what, syscall.Errno(-code))
		}
	}
	const loopbackDevice = 1
	link := make([]byte, syscall.SizeofIfInfomsg) // family, pad, type, index, flags, change
	binary.NativeEndian.PutUint32(link[4:], loopbackDevice)
	binary.NativeEndian.PutUint32(link[8:], syscall.IFF_UP)
	binary.NativeEndian.PutUint32(link[12:], syscall.IFF_UP)
	ask("the loopback device", syscall.RTM_NEWLINK, link)
	for _, family := range []byte{syscall.AF_INET, syscall.AF_INET6} {
		// family, the bits of the range and of the source, type of service, table, protocol, scope, kind, flags
		route := []byte{family, 0, 0, 0, syscall.RT_TABLE_LOCAL, syscall.RTPROT_STATIC, syscall.RT_SCOPE_HOST, syscall.RTN_LOCAL, 0, 0, 0, 0}
		route = binary.NativeEndian.AppendUint16(route, 8)
		route = binary.NativeEndian.AppendUint16(route, syscall.RTA_OIF)
		route = binary.NativeEndian.AppendUint32(route, loopbackDevice)
		ask("the route to everything", syscall.RTM_NEWROUTE, route)
	}
}

// frontAddress stands for the public internet; whatever else is reached is a canary.
const frontAddress = "93.184.215.14"

// canaries is every address of the machine, with who was reached.
type canaries struct {
	mu      sync.Mutex
	reached []string
}

func (c *canaries) take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := c.reached
	c.reached = nil
	return list
}

// listen takes connections to a port of every address. The front answers by the path: /to leads to u with status s, /next and
// /upload name u, anything else is good.
func (c *canaries) listen(t *testing.T, port string) {
	l, err := net.Listen("tcp", ":"+port)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{
		ConnState: func(conn net.Conn, state http.ConnState) {
			at, err := netip.ParseAddrPort(conn.LocalAddr().String())
			if ip := at.Addr().Unmap().WithZone("").String(); state == http.StateNew && (err != nil || ip != frontAddress) {
				c.mu.Lock()
				defer c.mu.Unlock()
				c.reached = append(c.reached, ip)
			}
		},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			u := r.URL.Query().Get("u")
			w.Header().Set("Content-Type", "application/json")
			switch status := r.URL.Query().Get("s"); {
			case status != "":
				w.Header().Set("Location", u)
				var code int
				fmt.Sscan(status, &code)
				w.WriteHeader(code)
			default:
				fmt.Fprintf(w, `{"ok": true, "u": %q}`, u)
			}
		})}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
}

// way is one way by which an address from outside may be asked for something. To prove another, add it to ways.
type way struct {
	name string
	tls  bool // it goes nowhere without
	send func(c *Client, target string) (run.Result, error)
}

// invoked is a way that a step takes.
func invoked(action, connection string, input func(target string) map[string]any) func(*Client, string) (run.Result, error) {
	return func(c *Client, target string) (run.Result, error) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		return c.Invoke(ctx, run.Call{Workspace: "w", Run: "r", Path: "p", Action: action, Connection: connection, Input: input(target), Effect: run.Idempotent, Key: "k", Timeout: 10 * time.Second}), nil
	}
}

// based is a way by a connection that has the address for its base URL.
func based(use func(c *Client, connection run.Connection, values run.Values) (run.Result, error)) func(*Client, string) (run.Result, error) {
	return func(c *Client, target string) (run.Result, error) {
		return use(c, run.Connection{ID: "b", Slug: "b", Connector: "slack", BaseURL: target}, run.Values{"token": "s3cret-token"})
	}
}

func ways(b *book) []way {
	front := func(query url.Values) string { return "http://" + frontAddress + "/?" + query.Encode() }
	plain := func(target string) map[string]any { return map[string]any{"url": target} }
	leads := func(status, method string) func(string) map[string]any {
		return func(target string) map[string]any {
			return map[string]any{"method": method, "url": front(url.Values{"s": {status}, "u": {target}})}
		}
	}
	return []way{
		{"a request", false, invoked("core.http_request", "", plain)},
		{"a request over TLS", true, invoked("core.http_request", "", func(target string) map[string]any {
			return plain(strings.Replace(target, "http:", "https:", 1))
		})},
		{"a request with a connection", false, invoked("core.http_request", "bearer", plain)},
		{"a redirect", false, invoked("core.http_request", "", leads("302", "GET"))},
		{"a redirect that keeps the method", false, invoked("core.http_request", "", leads("307", "GET"))},
		{"a file sent", false, invoked("core.http_request", "", func(target string) map[string]any {
			return map[string]any{"method": "POST", "url": target, "multipart": map[string]any{"file": strings.Repeat("x", 1<<16)}}
		})},
		{"a link to the next page", false, invoked("pages.list", "", func(target string) map[string]any { return map[string]any{"u": front(url.Values{"u": {target}})} })},
		{"an address to upload to", false, invoked("pages.upload", "", func(target string) map[string]any { return map[string]any{"u": front(url.Values{"u": {target}})} })},
		{"a base URL", false, based(func(c *Client, connection run.Connection, values run.Values) (run.Result, error) {
			b.mu.Lock()
			b.connections["b"], b.values["b"] = connection, values
			b.mu.Unlock()
			return invoked("slack.send_message", "b", func(string) map[string]any { return map[string]any{"channel": "#x", "text": "x"} })(c, "")
		})},
		{"a connection's test", false, based(func(c *Client, connection run.Connection, values run.Values) (run.Result, error) {
			return run.Result{}, c.Test(context.Background(), connection, values)
		})},
		{"a token URL", true, func(c *Client, target string) (run.Result, error) {
			connection := run.Connection{ID: "o", Slug: "o", Connector: "github", Method: "oauth"}
			values := run.Values{"client_id": "id", "client_secret": "s3cret-app", "token_url": run.Secret(strings.Replace(target, "http:", "https:", 1))}
			_, err := c.Exchange(context.Background(), connection, values, run.SignInReturn{Code: "code", Redirect: "https://here.example/oauth/callback"})
			return run.Result{}, err
		}},
	}
}

// pages is a connector whose code goes where answers say.
func pages() actions.Connector {
	then := func(method, body string) func(context.Context, actions.Input, actions.Doer) (any, error) {
		return func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			first, err := do.HTTP(ctx, actions.HTTPRequest{Method: "GET", URL: in.Values["u"].(string)})
			if err != nil {
				return nil, err
			}
			next, _ := value.At(first.Value, "/u").(string)
			resp, err := do.HTTP(ctx, actions.HTTPRequest{Method: method, URL: next, Body: strings.NewReader(body)})
			return resp.Value, err
		}
	}
	field := []actions.Field{{ID: "u", Type: actions.Text}}
	return actions.Connector{ID: "pages", Name: "Pages", Actions: []actions.Action{
		{ID: "list", Effect: actions.Read, Input: field, Run: then("GET", "")},
		{ID: "upload", Effect: actions.Once, Input: field, Run: then("PUT", "bytes")}}}
}

// closed are addresses of every range that is denied. Those of mute cannot be dialled even where nothing guards them.
const (
	closed = `127.0.0.1 127.8.8.8 0.0.0.0 10.0.0.1 10.255.255.254 172.16.0.1 172.31.255.254 192.168.0.1 169.254.169.254 169.254.170.2 100.64.0.1 100.127.255.254 192.0.0.1 192.0.0.170 192.0.2.1
		198.18.0.1 198.19.255.254 198.51.100.1 203.0.113.1 240.0.0.1 192.88.99.1 ::1 :: ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::a9fe:a9fe ::7f00:1 fd00::1 fd00:ec2::254 fc00::1 fe80::1%lo febf::1%lo fec0::1
		64:ff9b::a9fe:a9fe 64:ff9b::7f00:1 64:ff9b:1::a9fe:a9fe 2002:7f00:1:: 2002:a9fe:a9fe::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:2::1 2001:db8::1 100::1 5f00::1`
	mute = `0.1.2.3 224.0.0.1 239.1.1.1 255.255.255.255 ff02::1 ff0e::1`
)

func urlOf(ip string) string {
	if strings.Contains(ip, ":") {
		return "http://[" + strings.ReplaceAll(ip, "%", "%25") + "]/x"
	}
	return "http://" + ip + "/x"
}

// TestCanaries tries every way to every address that is denied. It runs inside TestGuardInNetns only.
func TestCanaries(t *testing.T) {
	if os.Getenv(insideNetns) == "" {
		t.Skip("it runs in TestGuardInNetns")
	}
	everyAddressIsHere(t)
	birds := &canaries{}
	birds.listen(t, "80")
	birds.listen(t, "443")
	for _, ip := range strings.Fields(closed) { // that it could be reached is what makes the rest say something
		conn, err := net.DialTimeout("tcp", net.JoinHostPort(ip, "80"), 10*time.Second)
		if err != nil {
			t.Fatalf("%s cannot be reached at all: %v", ip, err)
		}
		conn.Close()
	}
	b := &book{connections: map[string]run.Connection{"bearer": {Connector: "core", Method: "bearer"}}, values: map[string]run.Values{}}
	open := func(allow ...netip.Prefix) *Client {
		return newClient(t, Config{Connectors: connectors.Catalogue.With(pages()), Connections: b, Allow: allow})
	}
	settle := func() []string {
		time.Sleep(50 * time.Millisecond) // what was dialled a moment ago is taken
		return birds.take()
	}
	settle()
	t.Run("addresses", func(t *testing.T) { tryAll(t, b, open(), settle) })
	t.Run("names", func(t *testing.T) { tryNames(t, b, open(), settle) })
	t.Run("allowed", func(t *testing.T) {
		for _, ip := range strings.Fields(closed) {
			addr := netip.MustParseAddr(ip).WithZone("").Unmap()
			b.values["bearer"] = run.Values{"token": "s3cret-token", "hosts": run.Secret(strings.TrimSuffix(urlOf(ip), "/x"))}
			c := open(netip.PrefixFrom(addr, addr.BitLen()))
			for _, w := range ways(b) {
				if w.tls {
					continue // nobody there has a certificate
				}
				if r, err := w.send(c, urlOf(ip)); r.Failure != nil || err != nil {
					t.Errorf("%s to %s, which is open: %+v %v", w.name, ip, r.Failure, err)
				}
				c.Close()
			}
			for _, reached := range settle() {
				if want := addr.String(); reached != want && want != "0.0.0.0" && want != "::" {
					t.Errorf("%s is open and %s was reached", ip, reached)
				}
			}
			if r, _ := ways(b)[0].send(c, "http://172.20.0.1/"); class(r) != "invalid_input" || len(settle()) > 0 {
				t.Errorf("with %s open, 172.20.0.1 may be reached: %+v", ip, r.Failure)
			}
		}
	})
}

// refused holds a way's end to what the guard says.
func refused(t *testing.T, what string, r run.Result, err error) {
	t.Helper()
	message := fmt.Sprint(err)
	if r.Failure != nil {
		message = r.Failure.Class + " " + r.Failure.Message
	}
	if err == nil && class(r) != "invalid_input" || !strings.Contains(message, "--egress-allow") {
		t.Errorf("%s: %s", what, message)
	}
}

func tryAll(t *testing.T, b *book, c *Client, settle func() []string) {
	for _, ip := range strings.Fields(closed + " " + mute) {
		b.values["bearer"] = run.Values{"token": "s3cret-token", "hosts": run.Secret(strings.TrimSuffix(urlOf(ip), "/x"))}
		for _, w := range ways(b) {
			r, err := w.send(c, urlOf(ip))
			refused(t, w.name+" to "+ip, r, err)
		}
		if reached := settle(); len(reached) > 0 {
			t.Errorf("with the guard on, %s reached %v", ip, reached)
		}
	}
}

// tryNames goes by names that mean such addresses, alone, beside a public one, by another name, and from the second question on.
func tryNames(t *testing.T, b *book, c *Client, settle func() []string) {
	var mu sync.Mutex
	var ip, kind string
	again := false
	c.dialer.Resolver = resolverOf(t, func(name string) (string, []string) {
		mu.Lock()
		defer mu.Unlock()
		plain := netip.MustParseAddr(ip).WithZone("").String()
		switch {
		case name == "front.example" || kind == "rebinding" && !again:
			return "", []string{frontAddress}
		case kind == "mixed":
			return "", []string{plain, frontAddress}
		case kind == "alias":
			return "metadata.google.internal", []string{plain}
		}
		return "", []string{plain}
	})
	for _, address := range strings.Fields(closed) {
		if strings.Contains(address, "%") || strings.HasPrefix(address, "::ffff:") {
			continue // no record holds it
		}
		for _, k := range []string{"alone", "mixed", "alias", "rebinding"} {
			mu.Lock()
			ip, kind, again = address, k, false
			mu.Unlock()
			b.values["bearer"] = run.Values{"token": "s3cret-token", "hosts": "http://name.example"}
			for _, w := range ways(b) {
				c.Close()
				forget(c) // that what is public has no certificate
				r, err := w.send(c, "http://name.example/x")
				switch {
				case w.tls && k != "alone" && k != "alias": // what is public has no certificate
				case k == "mixed" || k == "rebinding":
					if r.Failure != nil || err != nil {
						t.Errorf("%s by %s, beside %s: %+v %v", w.name, k, address, r.Failure, err)
					}
				default:
					refused(t, w.name+" by "+k+" to "+address, r, err)
				}
				if k == "rebinding" { // the name means something else when it is asked for the second time
					mu.Lock()
					again = true
					mu.Unlock()
					c.Close()
					r, err := w.send(c, "http://name.example/x")
					refused(t, w.name+" by rebinding to "+address, r, err)
					mu.Lock()
					again = false
					mu.Unlock()
				}
			}
			if reached := settle(); len(reached) > 0 {
				t.Errorf("by %s, %s reached %v", k, address, reached)
			}
		}
	}
}
