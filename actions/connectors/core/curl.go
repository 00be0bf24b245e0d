package core

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// Request is a command line of curl as the inputs of core.http_request.
type Request struct {
	With map[string]any
	// Notes say what does not stand among the inputs and what to do about it, as credentials, which belong into a connection.
	Notes []string
}

// FromCurl reads a command line of curl, as documentation has it and browsers copy it. Nothing of it is carried out: no shell sees it,
// and what curl would do with files of the machine is a note.
func FromCurl(command string) (Request, error) {
	words, err := shellWords(command)
	if err != nil {
		return Request{}, err
	}
	if len(words) == 0 || words[0] != "curl" && !strings.HasSuffix(words[0], "/curl") && words[0] != "curl.exe" {
		return Request{}, fault.New(fault.InvalidInput, "The command does not begin with curl.")
	}
	c := curling{headers: map[string]any{}}
	if err := c.read(words[1:]); err != nil {
		return Request{}, err
	}
	return c.request()
}

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
	digest      bool
	aws         string // provider, region and service, as --aws-sigv4 has them; empty: it does not sign so
	notes       []string
}

// Options of curl with a value that changes nothing here, and those without one. Source: https://curl.se/docs/manpage.html
var (
	curlIgnored = []string{"connect-timeout", "retry", "retry-delay", "retry-max-time", "max-redirs", "limit-rate", "write-out", "w", "dump-header", "D", "cookie-jar", "c", "trace", "trace-ascii", "stderr", "interface", "dns-servers", "keepalive-time", "proto", "proto-redir", "resolve", "tls-max", "ciphers", "speed-limit", "speed-time", "output-dir"}
	curlFlags   = []string{"s", "silent", "S", "show-error", "v", "verbose", "i", "include", "f", "fail", "fail-with-body", "compressed", "L", "location", "location-trusted", "#", "progress-bar", "N", "no-buffer", "http1.0", "0", "http1.1", "http2", "http2-prior-knowledge", "http3", "tlsv1", "tlsv1.0", "tlsv1.1", "tlsv1.2", "tlsv1.3", "4", "ipv4", "6", "ipv6", "globoff", "g", "path-as-is", "no-keepalive", "raw", "styled-output", "no-progress-meter", "post301", "post302", "post303", "O", "remote-name", "J", "remote-header-name", "create-dirs", "G", "get", "I", "head", "k", "insecure", "digest", "basic", "anyauth", "ntlm", "negotiate"}
)

func (c *curling) read(words []string) error {
	for len(words) > 0 {
		word := words[0]
		words = words[1:]
		if word == "" || word == "\n" {
			continue
		}
		if word[0] != '-' || word == "-" {
			if c.url != "" {
				c.note("Only the first URL is taken; %s stands beside it.", fault.Clip(word, 100))
				continue
			}
			c.url = word
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
		c.note("--insecure is left out: a certificate that does not hold is not taken. Start the server with --ca-file for one of your own.")
	case "O", "remote-name":
		c.download = true
	case "digest":
		c.digest = true
	case "ntlm", "negotiate":
		c.note("--%s is left out: no connection signs in so.", name)
	}
}

func (c *curling) option(name, v string) error {
	switch name {
	case "X", "request":
		c.method = strings.ToUpper(v)
	case "url":
		c.url = v
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
			c.note("The cookie is left out: what is in it is a credential, as a rule. Put it into a connection with an API key in the header Cookie.")
		}
	case "u", "user":
		c.user, _, _ = strings.Cut(v, ":")
	case "oauth2-bearer":
		c.note("The bearer token is left out: make a connection for plain HTTP with a bearer token, and name it as the step's connection.")
	case "d", "data", "data-ascii", "data-raw", "data-binary":
		if name == "data-raw" || !c.fromFile(v) {
			c.data = append(c.data, v)
		}
	case "json":
		if c.json = true; !c.fromFile(v) {
			c.data = append(c.data, v)
		}
	case "data-urlencode":
		c.encoded(v)
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
	case "x", "proxy", "unix-socket", "proxy-user", "U", "netrc-file", "config", "K":
		c.note("%s is left out: it is set up for the whole server, or not at all.", dashed(name))
	default:
		return fault.New(fault.InvalidInput, "The option %s of curl is not known here; leave it out.", dashed(fault.Clip(name, 40)))
	}
	return nil
}

// fromFile says that a body lies in a file, which is not taken over.
func (c *curling) fromFile(v string) bool {
	file, is := strings.CutPrefix(v, "@")
	if is {
		c.noFile(file)
	}
	return is
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

func (c *curling) header(v string) {
	name, text, ok := strings.Cut(v, ":")
	name, text = strings.TrimSpace(name), strings.TrimSpace(text)
	switch lower := strings.ToLower(name); {
	case !ok || name == "" || text == "":
	case lower == "host" || lower == "content-length" || lower == "accept-encoding" || lower == "connection" || strings.HasPrefix(name, ":"):
	case lower == "cookie":
		_ = c.option("b", text)
	case lower == "authorization", lower == "x-api-key", lower == "api-key", lower == "x-auth-token", lower == "proxy-authorization":
		kind, _, _ := strings.Cut(text, " ")
		if lower != "authorization" {
			kind = "An API key"
		}
		c.note("The header %s is left out (%s): credentials belong into a connection for plain HTTP, which the step names as its connection.", name, fault.Clip(kind, 20))
	default:
		c.headers[name] = text
	}
}

func (c *curling) encoded(v string) {
	name, text, ok := strings.Cut(v, "=")
	before, file, in := strings.Cut(v, "@")
	switch {
	case in && !strings.Contains(before, "="):
		c.noFile(file)
	case !ok:
		c.data = append(c.data, url.QueryEscape(v))
	case name == "":
		c.data = append(c.data, url.QueryEscape(text))
	default:
		c.data = append(c.data, name+"="+url.QueryEscape(text))
	}
}

func (c *curling) part(option, v string) {
	name, text, _ := strings.Cut(v, "=")
	if c.parts == nil {
		c.parts = map[string]any{}
	}
	if option != "form-string" && (strings.HasPrefix(text, "@") || strings.HasPrefix(text, "<")) {
		c.note("The file of the part %s is not read; put a file of an earlier step there, as {{ steps.download.file }}.", fault.Clip(name, 60))
		text = ""
	}
	if have, ok := c.parts[name]; ok {
		list, isList := have.([]any)
		if !isList {
			list = []any{have}
		}
		c.parts[name] = append(list, text)
		return
	}
	c.parts[name] = text
}

// request puts together what was said, as curl would.
func (c *curling) request() (Request, error) {
	if c.url == "" {
		return Request{}, fault.New(fault.InvalidInput, "The command has no URL.")
	}
	if !strings.Contains(c.url, "://") {
		c.url = "https://" + c.url
		c.note("The URL had no scheme; https:// is taken.")
	}
	if u, err := url.Parse(c.url); err == nil && u.User != nil {
		c.note("The user in the URL is left out: make a connection for plain HTTP with a user name and a password.")
		u.User = nil
		c.url = u.String()
	}
	with := map[string]any{"url": c.url}
	body := strings.Join(c.data, "&")
	if c.json {
		body = strings.Join(c.data, "")
	}
	switch {
	case c.get && body != "":
		mark := "?"
		if strings.Contains(c.url, "?") {
			mark = "&"
		}
		with["url"] = c.url + mark + body
	case c.parts != nil:
		with["multipart"] = c.parts
		c.drop("Content-Type")
	case len(c.data) > 0:
		c.body(with, body)
	}
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
	if strings.Contains(command(with), "{{") {
		c.note("Two braces begin an expression here; where they are meant as they stand, write them as {{ \"{{\" }}.")
	}
	return Request{with, c.notes}, nil
}

func command(with map[string]any) string {
	b, err := value.Encode(with)
	if err != nil {
		return ""
	}
	return string(b)
}

// body chooses the input for a body by its type, or by what it looks like.
func (c *curling) body(with map[string]any, body string) {
	kind := ""
	for name, v := range c.headers {
		if strings.EqualFold(name, "Content-Type") {
			kind = strings.ToLower(value.Text(v))
		}
	}
	if c.json || strings.Contains(kind, "json") || kind == "" && strings.HasPrefix(strings.TrimSpace(body), "{") {
		if v, err := value.Decode([]byte(body), value.Stored()); err == nil {
			with["json"] = v
			if !strings.Contains(kind, "+json") && !strings.Contains(kind, "vnd.") { // the request says application/json by itself
				c.drop("Content-Type")
			}
			return
		}
		c.note("The body is no JSON, and is sent as text.")
	}
	if form, err := url.ParseQuery(body); err == nil && (kind == "" || strings.HasPrefix(kind, "application/x-www-form-urlencoded")) && strings.Contains(body, "=") {
		members := map[string]any{}
		for name, list := range form {
			if members[name] = list[0]; len(list) > 1 {
				all := make([]any, len(list))
				for i, v := range list {
					all[i] = v
				}
				members[name] = all
			}
		}
		with["form"] = members
		c.drop("Content-Type")
		return
	}
	with["text"] = body
	if kind == "" {
		c.headers["Content-Type"] = "application/x-www-form-urlencoded" // what curl sends
	}
}

func (c *curling) drop(name string) {
	for have := range c.headers {
		if strings.EqualFold(have, name) {
			delete(c.headers, have)
		}
	}
}
