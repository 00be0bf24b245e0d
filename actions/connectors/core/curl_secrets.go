package core

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// header takes a header line. What is a credential by its name is left out, and so is what the request says by itself.
func (c *curling) header(v string) {
	if file, is := strings.CutPrefix(v, "@"); is {
		c.note("The headers in the file %s are not read; put them in here.", fault.Clip(file, 60))
		return
	}
	name, text, ok := strings.Cut(v, ":")
	name, text = strings.TrimSpace(name), strings.TrimSpace(text)
	if empty, is := strings.CutSuffix(name, ";"); is && !ok {
		c.note("The header %s is left out: it has no value.", fault.Clip(empty, 60))
		return
	}
	switch lower := strings.ToLower(name); {
	case name == "" && strings.HasPrefix(v, ":"): // as browsers write those of HTTP/2
	case !ok || name == "":
		c.note("%q is no header, and is left out.", fault.Clip(v, 40))
	case text == "": // curl leaves it out
	case lower == "host":
		if u, err := url.Parse(c.url); err != nil || c.url == "" || !strings.EqualFold(u.Host, text) {
			c.note("The header Host (%s) is left out: it is the URL's host.", fault.Clip(text, 60))
		}
	case lower == "idempotency-key":
		c.note("The header %s is left out: the step sends one of its own, the same for each of its attempts.", name)
	case lower == "accept-encoding" || lower == "proxy-connection" || actions.Reserved(name) && lower != "proxy-authorization":
	case lower == "cookie":
		c.cookie()
	case credential(lower):
		kind, _, _ := strings.Cut(text, " ")
		if !strings.HasSuffix(lower, "authorization") || !scheme(kind) {
			kind = "An API key"
		}
		c.note("The header %s is left out (%s): credentials belong into a connection for plain HTTP, which the step names as its connection.", name, kind)
	default:
		c.headers[name] = text
	}
}

// scheme says that an Authorization names one, so that what stands first is no secret.
func scheme(text string) bool {
	return slices.Contains([]string{"bearer", "basic", "digest", "token", "apikey", "negotiate", "ntlm", "oauth", "aws4-hmac-sha256", "hawk", "key", "bot", "zoho-oauthtoken", "klaviyo-api-key", "genielist", "geniekey", "sso-key", "ghost"}, strings.ToLower(text))
}

func (c *curling) cookie() {
	c.note("The cookie is left out: what is in it is a credential, as a rule. Put it into a connection with an API key in the header Cookie.")
}

// credential says that a header is one by its name in lower case.
func credential(name string) bool {
	for _, part := range []string{"authorization", "api-key", "apikey", "api_key", "token", "secret", "password", "x-auth", "credential", "cookie"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return strings.HasSuffix(name, "-key") || strings.HasSuffix(name, "_key")
}

// secretParam says that a parameter of a URL is a credential by its name.
func secretParam(name string) bool {
	switch strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(name)) {
	case "apikey", "key", "token", "accesstoken", "authtoken", "apitoken", "secret", "clientsecret", "apisecret", "password", "passwd", "pwd", "appid", "authkey", "authorization", "refreshtoken", "privatekey", "jwt":
		return true
	}
	return false
}

// secretMember says the same of a member of a body, in which a key or an app's id is something else as a rule.
func secretMember(name string) bool {
	switch strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(name)) {
	case "key", "appid", "authorization", "pwd", "jwt":
		return false
	}
	return secretParam(name)
}

// Globs of curl. Source: https://curl.se/docs/manpage.html, under URL
var (
	ranges = regexp.MustCompile(`\[(?:[0-9]+-[0-9]+|[a-zA-Z]-[a-zA-Z])(?::[0-9]+)?\]|\{[^{}$]*,[^{}]*\}`)
	named  = regexp.MustCompile(`(?:^|[^{$])(\{[A-Za-z_][\w.-]*\})|(<[A-Za-z_][\w. -]*>)`)
)

// target is the URL with the parameters that were put to it, without those that are credentials.
func (c *curling) target() string {
	text, fragment, _ := strings.Cut(c.url, "#")
	_ = fragment // it is never sent
	for _, pairs := range c.params {
		mark := "?"
		if strings.Contains(text, "?") {
			mark = "&"
		}
		text += mark + pairs
	}
	before, query, has := strings.Cut(text, "?")
	if has {
		var kept []string
		for _, pair := range strings.Split(query, "&") {
			name, v, _ := strings.Cut(pair, "=")
			if secretParam(name) && v != "" {
				c.note("The parameter %s of the URL is left out: a credential belongs into a connection for plain HTTP with an API key in the URL, which the step names as its connection. Where it is none, add it under Parameters.", fault.Clip(name, 40))
				continue
			}
			kept = append(kept, pair)
		}
		if text = before; len(kept) > 0 {
			text += "?" + strings.Join(kept, "&")
		}
	}
	if glob := ranges.FindString(text); glob != "" && !c.globs {
		c.note("%s in the URL stands for several, each of which curl asks for: put one there, or go through a list with a for_each and put {{ item }} there.", fault.Clip(glob, 60))
	} else if m := named.FindStringSubmatch(text); m != nil && !c.globs {
		c.note("%s in the URL stands for something else: put it there, or an expression as {{ trigger.body.id }}.", fault.Clip(m[1]+m[2], 60))
	}
	return text
}

// left says what is still to be put in by hand.
func (c *curling) left(with map[string]any) {
	for _, text := range c.open {
		if places := c.standing(with, text); len(places) > 0 {
			c.note("%s, which a shell fills in, stands in %s: put there what it stands for, or an expression as {{ trigger.body.id }}.", fault.Clip(text, 60), strings.Join(places, " and "))
		}
	}
	for _, kind := range []string{"json", "form", "multipart"} {
		members, _ := with[kind].(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(members)) {
			if text, is := members[name].(string); is && text != "" && secretMember(name) && !slices.ContainsFunc(c.open, func(open string) bool { return strings.Contains(text, open) }) {
				members[name] = ""
				c.note("The value of %s in the body is left out: a scenario shows what stands in it to everybody who reads it. Where it gets a token, take a connection with OAuth 2 instead; where it is no secret, put it in again.", fault.Clip(name, 40))
			}
		}
	}
	if strings.Contains(encoded(with), "{{") {
		c.note("Two braces begin an expression here; where they are meant as they stand, write them as {{ \"{{\" }}.")
	}
}

// standing are the inputs in which a text stands.
func (c *curling) standing(with map[string]any, text string) (places []string) {
	labels := map[string]string{"url": "the URL", "json": "the JSON body", "form": "the form", "multipart": "the multipart body", "text": "the body", "method": "the method"}
	for _, name := range slices.Sorted(maps.Keys(with)) {
		switch headers, _ := with[name].(map[string]any); {
		case name == "headers":
			for _, header := range slices.Sorted(maps.Keys(headers)) {
				if strings.Contains(header+value.Text(headers[header]), text) {
					places = append(places, "the header "+fault.Clip(header, 40))
				}
			}
		case strings.Contains(plain(with[name]), text):
			places = append(places, labels[name])
		}
	}
	return places
}

// plain is every text of a value, in a row.
func plain(v any) string {
	switch v := v.(type) {
	case []any:
		var b strings.Builder
		for _, item := range v {
			b.WriteString(plain(item) + "\n")
		}
		return b.String()
	case map[string]any:
		var b strings.Builder
		for _, name := range slices.Sorted(maps.Keys(v)) {
			b.WriteString(name + "\n" + plain(v[name]) + "\n")
		}
		return b.String()
	}
	return value.Text(v)
}

func encoded(with map[string]any) string {
	b, err := value.Encode(with)
	if err != nil {
		return ""
	}
	return string(b)
}
