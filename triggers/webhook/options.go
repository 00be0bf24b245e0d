package webhook

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
)

// CheckOptions says everything that is wrong with the options of a webhook trigger, each problem with its place in them.
func CheckOptions(with map[string]any) error {
	o := options{}
	for _, name := range slices.Sorted(maps.Keys(with)) {
		v, at := with[name], "/"+name
		switch name {
		case "methods":
			o.methods(v, at)
		case "respond":
			if mode, _ := v.(string); mode != "auto" && mode != "accepted" && mode != "ended" {
				o.problem(at, "respond must be one of auto, accepted, ended.")
			}
		case "body":
			o.body(v, at, with)
		case "verify":
			o.verify(v, at)
		default:
			o.problem(at, "A webhook has no %q; it takes methods, body, verify and respond.", fault.Clip(name, 60))
		}
	}
	if len(o.problems) == 0 {
		return nil
	}
	return fault.Invalid(o.problems[0].Message, o.problems)
}

// options gathers problems.
type options struct{ problems []fault.Problem }

func (o *options) problem(at, format string, args ...any) {
	o.problems = append(o.problems, fault.Problem{Path: at, Message: fmt.Sprintf(format, args...)})
}

func (o *options) body(v any, at string, with map[string]any) {
	mode, _ := v.(string)
	if mode != "auto" && mode != "file" {
		o.problem(at, "body must be one of auto, file.")
		return
	}
	verify, _ := with["verify"].(map[string]any)
	preset, _ := verify["preset"].(string)
	if i := slices.IndexFunc(schemes, func(s scheme) bool { return s.name == preset }); mode == "file" && i >= 0 && schemes[i].whole() {
		o.problem(at, "What is verified by %s is never a file; leave body out.", preset)
	}
}

func (o *options) methods(v any, at string) {
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
		o.problem(at, `methods needs a list, as ["POST"].`)
		return
	}
	for i, item := range list {
		switch name, _ := item.(string); strings.ToUpper(name) {
		case http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
		default:
			o.problem(fmt.Sprintf("%s/%d", at, i), "A method must be one of GET, POST, PUT, PATCH, DELETE.")
		}
	}
}

// extras are the options that a preset takes beside preset, secret and allow.
func extras(preset string) []string {
	switch preset {
	case "google-drive":
		return []string{"channel_id"}
	case "hmac":
		return []string{"header", "algorithm", "encoding", "prefix", "timestamp_header", "tolerance", "signed", "id_header"}
	case "jwt":
		return []string{"algorithm", "issuer", "audience", "tolerance"}
	case "token":
		return []string{"header"}
	}
	return nil
}

func (o *options) verify(v any, at string) {
	verify, ok := v.(map[string]any)
	if !ok {
		o.problem(at, `verify needs an object, as {"preset": "hmac", "secret": "SLUG"}.`)
		return
	}
	preset, _ := verify["preset"].(string)
	if verify["preset"] == nil && (verify["allow"] == nil || verify["secret"] != nil) {
		o.problem(at, "verify has no preset; name one.")
	}
	if verify["secret"] == nil && (verify["preset"] != nil || verify["allow"] == nil) && preset != "notion" { // which gives it in its first request
		o.problem(at, "verify has no secret; name one.")
	}
	known := append([]string{"preset", "secret", "allow"}, extras(preset)...)
	if !slices.Contains(Presets(), preset) { // said below
		known = append(append(known, extras("hmac")...), "channel_id", "issuer", "audience")
	}
	for _, name := range slices.Sorted(maps.Keys(verify)) {
		at := at + "/" + name
		switch {
		case !slices.Contains(known, name):
			o.problem(at, "verify has no %q%s; it takes %s and %s.", fault.Clip(name, 60), with(preset), strings.Join(known[:len(known)-1], ", "), known[len(known)-1])
		case verify[name] == nil:
		case name == "secret" || name == "channel_id" || name == "allow":
			o.list(name, verify[name], at)
		default:
			if text, ok := verify[name].(string); ok && text != "" {
				o.verifyText(preset, name, text, at)
			} else {
				o.problem(at, "%s needs a text.", name)
			}
		}
	}
	if preset == "hmac" {
		o.signed(verify, at)
	}
}

func with(preset string) string {
	if preset == "" || !slices.Contains(Presets(), preset) {
		return ""
	}
	return " with " + preset
}

// verifyText checks an option that is a text.
func (o *options) verifyText(preset, name, text, at string) {
	algorithms := slices.Sorted(maps.Keys(hashes()))
	if preset == "jwt" {
		algorithms = jwtAlgorithms()
	}
	switch name {
	case "preset":
		if !slices.Contains(Presets(), text) {
			o.problem(at, "The preset %q is not one of %s.", fault.Clip(text, 60), strings.Join(Presets(), ", "))
		}
	case "algorithm":
		if !slices.Contains(algorithms, text) {
			o.problem(at, "algorithm must be one of %s.", strings.Join(algorithms, ", "))
		}
	case "encoding":
		if text != "hex" && text != "base64" {
			o.problem(at, "encoding must be hex or base64.")
		}
	case "header", "timestamp_header", "id_header":
		if !isHeader(text) {
			o.problem(at, "%q is no name of a header; as X-Signature.", fault.Clip(text, 60))
		}
	case "tolerance":
		if d, err := tolerance(text); err != nil || d <= 0 || d > maxTolerance {
			o.problem(at, "tolerance needs a duration of at most a day, as 5m.")
		}
	}
}

const (
	maxTolerance = 24 * time.Hour
	maxSecrets   = 10 // in rotation, each of which is tried
	maxListed    = 1000
)

// list checks an option that is a list of texts, or, but for allow, a text.
func (o *options) list(name string, v any, at string) {
	needs := map[string]string{"secret": `a text, or a list as ["NEW", "OLD"]`, "channel_id": "a text or a list of texts", "allow": `a list of address ranges, as ["192.0.2.0/24"]`}[name]
	if text, ok := v.(string); ok && text != "" && name != "allow" {
		return
	}
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
		o.problem(at, "%s needs %s.", name, needs)
		return
	}
	if most := map[string]int{"secret": maxSecrets, "channel_id": maxListed, "allow": maxListed}[name]; len(list) > most {
		o.problem(at, "%s has more than %d entries.", name, most)
		return
	}
	for i, item := range list {
		at := fmt.Sprintf("%s/%d", at, i)
		if text, ok := item.(string); !ok || text == "" {
			o.problem(at, "%s needs %s.", name, needs)
		} else if name == "allow" {
			o.addresses(text, at)
		}
	}
}

func (o *options) addresses(text, at string) {
	switch within, err := prefix(text); {
	case err != nil:
		o.problem(at, "%q is no range of addresses; write it as 192.0.2.0/24 or 2001:db8::/32.", fault.Clip(text, 60))
	case within.Addr().Is4In6():
		o.problem(at, "%q is a range of IPv4 written as IPv6; write it as 192.0.2.0/24.", fault.Clip(text, 60))
	}
}

// signed checks that what an HMAC covers fits together.
func (o *options) signed(verify map[string]any, at string) {
	text, given := verify["signed"].(string)
	stamped := verify["timestamp_header"] != nil
	if verify["tolerance"] != nil && !stamped {
		o.problem(at+"/tolerance", "tolerance needs a timestamp_header, whose time it is about.")
	}
	if !given || text == "" {
		if verify["id_header"] != nil {
			o.problem(at+"/id_header", "id_header needs {id} in signed, else anybody could change it.")
		}
		return
	}
	counts := map[string]int{}
	for rest := text; ; {
		_, after, found := strings.Cut(rest, "{")
		name, tail, closed := strings.Cut(after, "}")
		if !found {
			break
		}
		if rest = tail; !closed || !slices.Contains([]string{"timestamp", "id", "body", "method", "url"}, name) {
			wrong := "not {" + fault.Clip(name, 40) + "}."
			if !closed {
				wrong = "and this { has no } after it."
			}
			o.problem(at+"/signed", "signed may hold {timestamp}, {id}, {body}, {method} and {url}, %s", wrong)
			return
		}
		counts[name]++
	}
	for _, c := range []struct {
		wrong         bool
		name, message string
	}{
		{counts["body"] != 1, "signed", "signed needs {body} once, else anybody could change it."},
		{counts["timestamp"] > 0 && !stamped, "signed", "signed holds {timestamp}, and timestamp_header does not say where it is."},
		{counts["timestamp"] == 0 && stamped, "signed", "signed needs {timestamp}, else anybody could change it."},
		{counts["id"] == 0 && verify["id_header"] != nil, "id_header", "id_header needs {id} in signed, else anybody could change it."},
	} {
		if c.wrong {
			o.problem(at+"/"+c.name, "%s", c.message)
		}
	}
}

// isHeader says that a text can be a header's name (RFC 9110, a token).
func isHeader(name string) bool {
	for _, c := range name {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("!#$%&'*+-.^_`|~", c)) {
			return false
		}
	}
	return name != ""
}
