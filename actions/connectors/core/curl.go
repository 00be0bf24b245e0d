package core

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
)

// Request is a command line of curl as the inputs of core.http_request.
type Request struct {
	With map[string]any
	// Notes say what does not stand among the inputs and what to do about it, as credentials, which belong into a connection.
	Notes []string
}

// FromCurl reads a command line of curl, as documentation has it and browsers copy it, or of PowerShell's Invoke-WebRequest and
// Invoke-RestMethod. Nothing of it is carried out: no shell sees it, and what it would do with files of the machine is a note.
func FromCurl(command string) (Request, error) {
	if isPowerShell(command) {
		return fromPowerShell(command)
	}
	if !mentions.MatchString(command) {
		return Request{}, noCommand()
	}
	w, err := shellWords(command)
	if err != nil {
		return Request{}, err
	}
	words := w.out
	for len(words) > 0 && assigned.MatchString(words[0]) {
		words = words[1:]
	}
	if len(words) == 0 || words[0] != "curl" && !strings.HasSuffix(words[0], "/curl") && words[0] != "curl.exe" {
		return Request{}, noCommand()
	}
	c := curling{headers: map[string]any{}, open: w.open, stdin: w.stdin, download: w.saves}
	if w.after != "" {
		c.note("What stands behind the command is left out: %s (a further step does that with this one's output).", fault.Clip(w.after, 60))
	}
	if err := c.read(words[1:]); err != nil {
		return Request{}, err
	}
	return c.request()
}

// mentions is the name of the command somewhere: what has it nowhere is no command of curl, whatever else is wrong with it.
var mentions = regexp.MustCompile(`\bcurl\b`)

func noCommand() error {
	return fault.New(fault.InvalidInput, "The command does not begin with curl, Invoke-WebRequest or Invoke-RestMethod.")
}

// schemed is the scheme that a URL begins with.
var schemed = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*)://`)

// assigned is a variable that is set for the command alone.
var assigned = regexp.MustCompile(`^[A-Za-z_]\w*=`)

// curling is what a command line has said so far.
type curling struct {
	method, url string
	headers     map[string]any
	data        []string
	parts       map[string]any
	json, get   bool
	head        bool
	posts       bool // it has a body, though one that is not taken over
	timeout     string
	download    bool
	user        string // whose password stands there; empty: nobody's
	keyed       bool   // it is a key without a password
	digest      bool
	aws         string   // provider, region and service, as --aws-sigv4 has them; empty: it does not sign so
	lenient     bool     // no status fails
	stays       bool     // redirects are not gone after
	open        []string // what a shell would put in, as it is written
	stdin       *string  // what the command reads; nil: nothing is said
	params      []string // of --url-query
	globs       bool     // the URL is taken as it is written
	notes       []string
}

// Options of curl with a value that changes nothing here, and those without one. Source: https://curl.se/docs/manpage.html
var (
	curlIgnored = []string{"connect-timeout", "trace", "trace-ascii", "stderr", "keepalive-time", "speed-limit", "speed-time", "expect100-timeout", "happy-eyeballs-timeout-ms"}
	curlFlags   = []string{"s", "silent", "S", "show-error", "v", "verbose", "i", "include", "f", "fail", "fail-with-body", "compressed", "L", "location", "location-trusted", "#", "progress-bar", "N", "no-buffer", "http1.0", "0", "http1.1", "http2", "http2-prior-knowledge", "http3", "tlsv1", "tlsv1.0", "tlsv1.1", "tlsv1.2", "tlsv1.3", "4", "ipv4", "6", "ipv6", "globoff", "g", "path-as-is", "no-keepalive", "raw", "a", "append", "no-sessionid", "tcp-nodelay", "disable", "q", "Z", "parallel", "no-location", "fail-early", "styled-output", "no-progress-meter", "post301", "post302", "post303", "O", "remote-name", "J", "remote-header-name", "create-dirs", "G", "get", "I", "head", "k", "insecure", "digest", "basic", "anyauth", "ntlm", "negotiate"}
)

func (c *curling) read(words []string) error {
	for len(words) > 0 {
		word := words[0]
		words = words[1:]
		if word == "" || word == "\n" {
			continue
		}
		if word[0] != '-' || word == "-" {
			c.address(word)
			continue
		}
		name, v, joined := strings.TrimPrefix(word, "--"), "", false
		if strings.HasPrefix(word, "--") {
			name, v, joined = strings.Cut(name, "=")
		} else if name = word[1:2]; len(word) > 2 {
			if slices.Contains(curlFlags, name) { // -sSL
				words = append([]string{"-" + word[2:]}, words...)
			} else {
				v, joined = word[2:], true
			}
		}
		if slices.Contains(curlFlags, name) {
			c.flag(name)
			continue
		}
		if !joined {
			if len(words) == 0 {
				return fault.New(fault.InvalidInput, "After %s something is missing.", fault.Clip(word, 40))
			}
			v, words = words[0], words[1:]
		}
		if slices.Contains(curlIgnored, name) {
			continue
		}
		if err := c.option(name, v); err != nil {
			return err
		}
	}
	return nil
}

func (c *curling) note(format string, args ...any) {
	c.notes = append(c.notes, fmt.Sprintf(format, args...))
}

func (c *curling) flag(name string) {
	switch name {
	case "G", "get":
		c.get = true
	case "I", "head":
		c.head = true
	case "k", "insecure":
		c.note("--insecure is left out: a certificate that does not hold is not taken. One of an authority of your own goes into a connection for plain HTTP, as the authority's certificate.")
	case "O", "remote-name":
		c.download = true
	case "digest":
		c.digest = true
	case "g", "globoff":
		c.globs = true
	case "ntlm", "negotiate":
		c.note("--%s is left out: no connection signs in so.", name)
	}
}

func (c *curling) option(name, v string) error {
	switch name {
	case "X", "request":
		c.method = strings.ToUpper(v)
	case "url":
		c.address(v)
	case "url-query":
		if text, raw := strings.CutPrefix(v, "+"); raw {
			c.params = append(c.params, text)
		} else if text, ok := c.escaped(v); ok {
			c.params = append(c.params, text)
		}
	case "H", "header":
		c.header(v)
	case "A", "user-agent":
		c.headers["User-Agent"] = v
	case "e", "referer":
		c.headers["Referer"] = v
	case "b", "cookie":
		if !strings.Contains(v, "=") {
			c.note("Cookies of the file %s are not read.", fault.Clip(v, 60))
		} else {
			c.cookie()
		}
	case "u", "user":
		var alone bool
		if c.user, alone = strings.CutSuffix(v, ":"); alone {
			c.user, c.keyed = "", true
		}
		c.user, _, _ = strings.Cut(c.user, ":")
	case "oauth2-bearer":
		c.note("The bearer token is left out: make a connection for plain HTTP with a bearer token, and name it as the step's connection.")
	case "d", "data", "data-ascii", "data-raw", "data-binary":
		if name == "data-raw" {
			c.data = append(c.data, v)
		} else {
			c.given(v)
		}
	case "json":
		c.json = true
		c.given(v)
	case "data-urlencode":
		if text, ok := c.escaped(v); ok {
			c.data = append(c.data, text)
		}
	case "F", "form", "form-string":
		c.part(name, v)
	case "T", "upload-file":
		c.note("The file %s is not sent; take a file of an earlier step as file.", fault.Clip(v, 60))
		if c.method == "" {
			c.method = "PUT"
		}
	case "m", "max-time":
		seconds, err := strconv.ParseFloat(v, 64)
		if err != nil || seconds <= 0 {
			return fault.New(fault.InvalidInput, "%s is no number of seconds after --max-time.", fault.Clip(v, 40))
		}
		c.timeout = strconv.FormatFloat(seconds, 'f', -1, 64) + "s"
	case "o", "output":
		c.download = c.download || v != "/dev/null" && v != "-"
	case "r", "range":
		c.headers["Range"] = "bytes=" + v
	case "cert", "E", "key", "cacert", "capath":
		c.note("%s is left out: put what is in the file into a connection for plain HTTP, which takes a client certificate with its key, and an authority's certificate.", dashed(name))
	case "cert-type", "key-type", "pass":
		c.note("%s is left out: a connection takes certificates and keys as PEM, and a key without a passphrase.", dashed(name))
	case "aws-sigv4":
		c.aws = v
	case "retry", "retry-delay", "retry-max-time":
		c.note("%s is left out: a step has its own retry, under its settings.", dashed(name))
	case "max-redirs":
		if c.stays = v == "0"; !c.stays {
			c.note("--max-redirs is left out: up to ten redirects are gone after, or none where Follow redirects is off.")
		}
	case "w", "write-out", "D", "dump-header", "output-dir":
		c.note("%s is left out: status and headers are in the step's output.", dashed(name))
	case "c", "cookie-jar":
		c.note("%s is left out: cookies of an answer are in its headers, and a later step can send them.", dashed(name))
	case "limit-rate", "rate":
		c.note("%s is left out: a connection has limits of its own.", dashed(name))
	case "interface", "dns-servers", "proto", "proto-redir", "resolve", "connect-to", "tls-max", "ciphers", "tls13-ciphers", "doh-url",
		"x", "proxy", "unix-socket", "proxy-user", "U", "netrc-file", "config", "K":
		c.note("%s is left out: it is set up for the whole server, or not at all.", dashed(name))
	case ":", "next":
		return fault.New(fault.InvalidInput, "The command makes more than one request, parted by %s; paste the part before it alone, and make a step of each further one.", dashed(name))
	default:
		return fault.New(fault.InvalidInput, "The option %s of curl is not known here; leave it out.", dashed(fault.Clip(name, 40)))
	}
	return nil
}

// address takes a URL.
func (c *curling) address(v string) {
	if c.url != "" {
		c.note("Only the first URL is taken; %s stands beside it.", fault.Clip(v, 100))
		return
	}
	c.url = v
}

// given takes a part of a body, or says that it lies in a file, which is not taken over.
func (c *curling) given(v string) {
	switch file, is := strings.CutPrefix(v, "@"); {
	case !is:
		c.data = append(c.data, v)
	case file == "-" && c.stdin != nil:
		c.data = append(c.data, *c.stdin)
	default:
		c.noFile(file)
	}
}

func (c *curling) noFile(name string) {
	c.posts = true
	c.note("The body in the file %s is not taken over: put it into a body here, or a file of an earlier step into File body.", fault.Clip(name, 60))
}

// signsIn says which connection stands for what the command signs in by.
func (c *curling) signsIn() {
	who := fault.Clip(c.user, 60)
	switch {
	case c.aws != "":
		parts := append(strings.Split(c.aws, ":"), "", "", "", "")
		c.note("The signature is left out: make a connection for plain HTTP with an AWS signature%s%s, and name it as the step's connection.", said(" for the region ", parts[2]), said(" and the service ", parts[3]))
	case c.keyed:
		c.note("What stands behind -u is left out, as it is a key: make a connection for plain HTTP with an API key as user name, and name it as the step's connection.")
	case c.user != "" && c.digest:
		c.note("The password of %s is left out: make a connection for plain HTTP with a user name and a password by Digest, and name it as the step's connection.", who)
	case c.user != "":
		c.note("The password of %s is left out: make a connection for plain HTTP with a user name and a password, and name it as the step's connection.", who)
	case c.digest:
		c.note("--digest is left out: make a connection for plain HTTP with a user name and a password by Digest, and name it as the step's connection.")
	}
}

// said is a part of a sentence that is left out where there is nothing to say.
func said(begins, text string) string {
	if text == "" {
		return ""
	}
	return begins + fault.Clip(text, 40)
}

func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// request puts together what was said, as curl would.
func (c *curling) request() (Request, error) {
	if c.url == "" {
		return Request{}, fault.New(fault.InvalidInput, "The command has no URL.")
	}
	if !strings.Contains(c.url, "://") && !strings.HasPrefix(c.url, "$") {
		c.url = "https://" + c.url
		c.note("The URL had no scheme; https:// is taken.")
	}
	if scheme := schemed.FindStringSubmatch(c.url); scheme != nil && !slices.Contains([]string{"http", "https"}, strings.ToLower(scheme[1])) {
		return Request{}, fault.New(fault.InvalidInput, "The URL begins with %s://, which is no HTTP. Files on servers are reached by the actions core.ftp and core.sftp, mail by core.email_send and core.email_read.", fault.Clip(scheme[1], 20))
	}
	if u, err := url.Parse(c.url); err == nil && u.User != nil {
		c.note("The user in the URL is left out: make a connection for plain HTTP with a user name and a password.")
		u.User = nil
		c.url = u.String()
	}
	with := map[string]any{}
	body := strings.Join(c.data, "&")
	if c.json {
		body = strings.Join(c.data, "")
	}
	switch {
	case c.get && body != "":
		c.params = append(c.params, body)
	case c.parts != nil:
		with["multipart"] = c.parts
		c.drop("Content-Type")
		if body != "" {
			c.note("A multipart body and %s stand beside each other; the multipart body is taken.", fault.Clip(body, 40))
		}
	case len(c.data) > 0:
		c.body(with, body)
	}
	with["url"] = c.target()
	switch {
	case c.method != "":
		with["method"] = c.method
	case c.head:
		with["method"] = "HEAD"
	case (len(c.data)+len(c.parts) > 0 || c.posts) && !c.get:
		with["method"] = "POST"
	}
	c.signsIn()
	if len(c.headers) > 0 {
		with["headers"] = c.headers
	}
	if c.timeout != "" {
		with["timeout"] = c.timeout
	}
	if c.download {
		with["download"] = true
	}
	if c.lenient {
		with["fail_on_status"] = []any{}
	}
	if c.stays {
		with["follow_redirects"] = false
	}
	c.left(with)
	return Request{with, c.notes}, nil
}
