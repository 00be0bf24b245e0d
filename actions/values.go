package actions

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// maxValue is how long a connection's value may be, in bytes.
const maxValue = 16 << 10

// Tidied is a text as a connection keeps it: as its field takes it, and without the word that stands before it in the header
// Authorization, where it was copied with that.
func (a Auth) Tidied(f Field, text string) string {
	text = f.Tidy(text)
	for _, p := range a.Apply {
		if p.In != InHeader || p.Name != "Authorization" || !strings.HasSuffix(p.Value, "{"+f.ID+"}") {
			continue
		}
		own, _, _ := strings.Cut(p.Value, " ")
		if scheme, rest, two := strings.Cut(strings.TrimSpace(text), " "); two && (strings.EqualFold(scheme, "Bearer") || strings.EqualFold(scheme, own)) {
			return strings.TrimSpace(rest)
		}
	}
	return text
}

// WrongValue says why a text cannot be a connection's value of a field, for people; "": it can.
func (a Auth) WrongValue(f Field, text string) string {
	control := func(r rune) bool {
		return unicode.IsControl(r) && (f.Type != LongText || r != '\n' && r != '\r' && r != '\t')
	}
	switch {
	case strings.TrimSpace(text) == "":
		return f.Label + " is nothing but white space."
	case len(text) > maxValue:
		return f.Label + " is longer than 16 kB."
	case strings.ContainsFunc(text, control):
		return f.Label + " holds a line break or another control character; paste it anew."
	case len(f.Options) > 0 && !slices.ContainsFunc(f.Options, func(o Option) bool { return o.Value == text }):
		names := make([]string, len(f.Options))
		for i, o := range f.Options {
			names[i] = o.Value
		}
		return f.Label + " is not one of those that there are: " + strings.Join(names, ", ") + "."
	case f.Form != "" && !pattern(f.Form).MatchString(text):
		return f.Label + " is not of the kind that is needed. " + f.Help
	}
	if a.Protocol != "" && f.ID == "host" && !hostName(text) {
		return f.Label + " is a host's name or address, as mail.example.com, without a scheme, a port or a path."
	}
	if a.Protocol != "" && f.ID == "port" {
		if n, err := strconv.ParseUint(text, 10, 16); err != nil || n == 0 {
			return f.Label + " is a number from 1 to 65535."
		}
	}
	switch f.ID {
	case a.Hosts:
		return wrongHosts(text)
	case a.TestAt:
		return wrongURL(text)
	case a.Site:
		if !HostText(text) {
			return f.Label + " is part of an address and may hold letters, digits, dots and hyphens only."
		}
	}
	for _, p := range a.Apply {
		if p.In != InHeader || p.Name != "{"+f.ID+"}" {
			continue
		}
		if !HeaderName(text) {
			return f.Label + " is no name that a header can have."
		}
		if Taken(text) {
			return "The header " + text + " is set by the request itself, so no credential is sent in it."
		}
	}
	return ""
}

// Taken says that no credential can stand in a header: it is the request's own to set, or says what stands in the body.
func Taken(header string) bool {
	switch http.CanonicalHeaderKey(header) {
	case "Accept-Encoding", "Content-Type", "Content-Encoding", "Idempotency-Key", "Stepmill-Depth":
		return true
	}
	return Reserved(header)
}

// HeaderName says that a text can be a header's name (RFC 9110, 5.1).
func HeaderName(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte("()<>@,;:\\\"/[]?={}", c) >= 0 {
			return false
		}
	}
	return s != ""
}
