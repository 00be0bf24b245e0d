package webhook

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

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
		case "verify":
			o.verify(v, at)
		default:
			o.problem(at, "A webhook has no %q; it takes methods, verify and respond.", fault.Clip(name, 60))
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

func (o *options) verify(v any, at string) {
	verify, ok := v.(map[string]any)
	if !ok {
		o.problem(at, `verify needs an object, as {"preset": "hmac", "secret": "SLUG"}.`)
		return
	}
	for _, name := range []string{"preset", "secret"} {
		if verify[name] == nil {
			o.problem(at, "verify has no %s; name one.", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(verify)) {
		at := at + "/" + name
		text, ok := verify[name].(string)
		switch {
		case !slices.Contains([]string{"preset", "secret", "header", "algorithm", "encoding", "prefix"}, name):
			o.problem(at, "verify has no %q; it takes preset, secret, header, algorithm, encoding and prefix.", fault.Clip(name, 60))
		case verify[name] == nil:
		case !ok || text == "":
			o.problem(at, "%s needs a text.", name)
		case name == "preset" && !slices.Contains(Presets(), text):
			o.problem(at, "The preset %q is not one of %s.", fault.Clip(text, 60), strings.Join(Presets(), ", "))
		case name == "algorithm" && hashes()[text] == nil:
			o.problem(at, "algorithm must be one of sha1, sha256, sha384, sha512.")
		case name == "encoding" && text != "hex" && text != "base64":
			o.problem(at, "encoding must be hex or base64.")
		case name == "header" && !isHeader(text):
			o.problem(at, "%q is no name of a header; as X-Signature.", fault.Clip(text, 60))
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
