package outbound

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// refusal is an answer that says no.
type refusal struct {
	code       fault.Code
	message    string
	status     int
	body       any
	retryAfter time.Duration
	held       bool          // it was not sent, since its turn had not come
	heldFor    time.Duration // for how long it is no try that it was not sent, or that it was told to come later; zero: as often as it may
	token      bool          // it is for want of a token
	parks      bool          // it is for want of a connection that somebody switched off
}

func (r *refusal) Error() string { return r.message }

// As lets an action's code see the class of a refusal as it sees that of any error.
func (r *refusal) As(target any) bool {
	e, ok := target.(**fault.Error)
	if ok {
		*e = &fault.Error{Code: r.code, Message: r.message, RetryAfter: r.retryAfter}
	}
	return ok
}

// byStatus is the class of an answer that no vendor's rule fits.
func byStatus(status int) fault.Code {
	switch status {
	case http.StatusTooManyRequests:
		return fault.RateLimited
	case http.StatusRequestTimeout:
		return fault.Timeout
	case http.StatusUnauthorized, http.StatusForbidden:
		return fault.Unauthorized
	case http.StatusNotFound, http.StatusGone:
		return fault.NotFound
	case http.StatusConflict, http.StatusPreconditionFailed:
		return fault.Conflict
	case http.StatusRequestEntityTooLarge:
		return fault.TooLarge
	}
	switch {
	case status < 300:
		return ""
	case status >= 500:
		return fault.Unavailable
	}
	return fault.InvalidInput // a redirect that leads nowhere too
}

// rule is what the action's error table, or the connector's, says of an answer.
func (d *doing) rule(resp actions.Response) (rule actions.ErrorRule, found string, ok bool) {
	for _, table := range []actions.ErrorTable{d.action.Errors, d.connector.Errors} {
		for _, r := range table {
			if r.Status != 0 && r.Status != resp.Status || r.Header != "" && resp.Header.Get(r.Header) == "" || r.Status == 0 && blames(r.Code) && resp.Status >= 500 {
				continue
			}
			if r.Pointer == "" && r.Contains == "" {
				return r, "", true
			}
			if _, text := resp.Value.(string); r.Pointer == "" && !text {
				continue
			}
			for _, v := range all(resp.Value, r.Pointer) {
				text := value.Text(v)
				switch {
				case r.Equals != "" && text != r.Equals, !strings.Contains(strings.ToLower(text), r.Contains):
				case r.Equals != "", v != nil && v != false && v != "":
					return r, text, true
				}
			}
		}
	}
	return actions.ErrorRule{}, "", false
}

// blames says that a class is of what was asked. A server that fails says so by its status, whatever else its answer says: a
// rule has to name that status to see it otherwise.
func blames(code string) bool {
	switch fault.Code(code) {
	case fault.InvalidInput, fault.NotFound, fault.Conflict, fault.TooLarge, "":
		return true
	}
	return false
}

// all are the values at a pointer, in which * stands for each item of a list.
func all(v any, pointer string) []any {
	before, after, many := strings.Cut(pointer, "/*")
	at := value.At(v, before)
	if !many {
		return []any{at}
	}
	list, _ := at.([]any)
	var out []any
	for _, item := range list {
		out = append(out, all(item, after)...)
	}
	return out
}

// good says that an answer is no error.
func (d *doing) good(resp actions.Response) bool {
	if rule, _, ok := d.rule(resp); ok {
		return rule.Code == ""
	}
	if d.plea(resp).code != "" {
		return false
	}
	return byStatus(resp.Status) == ""
}

// Judge makes the error of a bad answer: by the action's rules, the connector's, then its status.
func (d *doing) Judge(resp actions.Response) error {
	code, message := byStatus(resp.Status), ""
	rule, found, ok := d.rule(resp)
	if ok {
		code, message = fault.Code(rule.Code), d.fill(rule.Message, resp, found)
	}
	said, words := shorten(resp.Value), vendorWords(resp.Value)
	if strings.HasPrefix(resp.Unread, noText) {
		said, words = fmt.Sprintf("(%d bytes; %s)", len(resp.Body), resp.Unread), ""
	}
	switch aside := d.aside(rule, code); {
	case aside && code == fault.NotFound:
		message = sentence(d.byWords(resp, words)) + " " + d.unfound()
	case rule.Remedy != "" && !aside:
		message = sentence(message) + " " + d.fill(rule.Remedy, resp, found)
	}
	asked := d.plea(resp)
	if asked.code != "" && asked.code != code {
		code, message = asked.code, d.who()+" asks to slow down: "+vendorWords(resp.Value)
	}
	if code == "" {
		code = fault.InvalidInput
	}
	if message == "" {
		message = d.byWords(resp, words)
	}
	r := &refusal{code: code, message: fault.Clip(sentence(message), 600), status: resp.Status, body: said, retryAfter: max(asked.wait, retryAfter(resp.Header, d.client.cfg.Now()))}
	if code == fault.RateLimited { // it comes of what others send, too
		r.heldFor = heldFor
	}
	return r
}

// byWords is an answer by its status and the vendor's own words.
func (d *doing) byWords(resp actions.Response, words string) string {
	message := strings.TrimSpace(fmt.Sprintf("%s answered %d %s", d.who(), resp.Status, http.StatusText(resp.Status)))
	if words != "" {
		message += ": " + words
	}
	return message
}

// aside says that what a rule tells people is about what an action was given, and a connection's test was given nothing.
func (d *doing) aside(r actions.ErrorRule, code fault.Code) bool {
	if !d.testing || r.Own || r.Equals != "" || r.Contains != "" || slices.Contains(d.action.Errors, r) {
		return false
	}
	return code == fault.NotFound || code == fault.InvalidInput || code == fault.Conflict
}

// unfound is what to look at where a test finds nothing.
func (d *doing) unfound() string {
	auth, _ := d.auth()
	switch {
	case auth.TestAt != "":
		return "Check the connection's " + strings.ToLower(auth.Label(auth.TestAt)) + " under New values."
	case d.connection.BaseURL != "":
		return "Check the connection's own address, and the version of the API in it."
	case auth.Site != "":
		return "Check the connection's " + strings.ToLower(auth.Label(auth.Site)) + " under New values."
	}
	return "The test asks for what is there for everybody who signs in, so look at what the connection signs in with."
}

// plea is what an answer asks for, by what is known of the connector's limits.
func (d *doing) plea(resp actions.Response) plea {
	rule, _, ok := d.rule(resp)
	return pleaOf(d.client.cfg.Connectors.Limits(d.connector.ID), resp, ok && rule.Code == string(fault.RateLimited), d.client.cfg.Now())
}

// sentence ends a text as a sentence ends.
func sentence(text string) string {
	text = strings.TrimRight(text, ": ")
	if text == "" || strings.HasSuffix(text, ".") || strings.HasSuffix(text, "!") || strings.HasSuffix(text, "?") {
		return text
	}
	return text + "."
}

// who answered, for people.
func (d *doing) who() string {
	if d.connector.BaseURL == "" && d.exchange != nil {
		if _, rest, ok := strings.Cut(d.exchange.URL, "://"); ok {
			host, _, _ := strings.Cut(rest, "/")
			return host
		}
	}
	return d.connector.Name
}

// fill puts what the answer says into a rule's message, each place once. Where it says nothing at a place, no blank is left there.
func (d *doing) fill(message string, resp actions.Response, found string) string {
	var b strings.Builder
	for {
		before, rest, more := strings.Cut(message, "{")
		b.WriteString(before)
		if !more {
			return strings.TrimSpace(b.String())
		}
		name, after, _ := strings.Cut(rest, "}")
		text := found
		switch {
		case name == "words":
			text = vendorWords(resp.Value)
		case strings.HasPrefix(name, "input:"):
			text = value.Text(d.input[strings.TrimPrefix(name, "input:")])
		case strings.HasPrefix(name, "header:"):
			text = strings.Join(resp.Header.Values(strings.TrimPrefix(name, "header:")), ", ")
		case name != "":
			text = enumerate(all(resp.Value, name))
		}
		text = fault.Clip(strings.Join(strings.Fields(text), " "), 300)
		if text == "" && (after == "" || strings.ContainsAny(after[:1], " :.,;")) {
			said := strings.TrimSuffix(b.String(), " ")
			b.Reset()
			b.WriteString(said)
			if strings.HasSuffix(said, ":") {
				after = strings.TrimPrefix(after, ":")
			}
		}
		b.WriteString(text)
		message = after
	}
}

// enumerate gives values as they stand in a sentence, those of a list one by one.
func enumerate(values []any) string {
	var texts []string
	for _, v := range values {
		text := value.Text(v)
		if list, ok := v.([]any); ok {
			text = enumerate(list)
		}
		if text != "" && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, ", ")
}

// vendorWords finds what an error's body says for people, in the shapes that APIs use.
func vendorWords(v any) string {
	object, ok := v.(map[string]any)
	if !ok {
		text, _ := v.(string)
		if strings.HasPrefix(strings.TrimSpace(text), "<") { // a page, not a message
			return ""
		}
		return fault.Clip(strings.Join(strings.Fields(text), " "), 200)
	}
	var parts []string
	add := func(v any) {
		if text, ok := v.(string); ok && strings.TrimSpace(text) != "" {
			parts = append(parts, strings.Join(strings.Fields(spelled(text)), " "))
		}
	}
	list, _ := object["errorMessages"].([]any)
	for _, text := range list {
		add(text)
	}
	switch errs := object["errors"].(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(errs)) {
			add(name + ": " + value.Text(errs[name]))
		}
	case []any:
		add(object["detail"]) // of problem+json (RFC 9457), which says what of it the list does
		for _, item := range errs[:min(len(errs), 5)] {
			add(item)
			add(oneOf(item))
		}
	}
	for _, pointer := range []string{"/error/message", "/error_description", "/detail", "/message", "/error", "/title"} {
		if len(parts) > 0 {
			break
		}
		add(value.At(v, pointer))
	}
	return fault.Clip(sentences(parts), 300)
}

// sentences puts texts one behind the other: a sentence has its own end, and what has none is parted from the next.
func sentences(texts []string) string {
	var b strings.Builder
	for i, text := range texts {
		switch {
		case i > 0 && strings.ContainsAny(b.String()[b.Len()-1:], ".!?"):
			b.WriteString(" ")
		case i > 0:
			b.WriteString("; ")
		}
		b.WriteString(text)
	}
	return b.String()
}

// oneOf is what one of several errors says, after the name of what it is about; empty: nothing.
func oneOf(item any) string {
	for _, name := range []string{"/message", "/detail", "/title"} {
		text, _ := value.At(item, name).(string)
		if text == "" {
			continue
		}
		for _, about := range []string{"/field", "/name", "/pointer", "/path", "/param", "/context/propertyName"} {
			if field := enumerate([]any{value.At(item, about)}); field != "" {
				return field + ": " + text
			}
		}
		return text
	}
	field, _ := value.At(item, "/field").(string)
	if code, _ := value.At(item, "/code").(string); field != "" && code != "" { // a code alone says less than the message beside the list
		return field + ": " + strings.ReplaceAll(code, "_", " ")
	}
	return ""
}

// spelled is a text that ends in a JSON list of errors with what they say in its place.
func spelled(text string) string {
	at := strings.Index(text, "[{")
	if at < 0 {
		return text
	}
	v, err := value.Decode([]byte(strings.TrimSpace(text[at:])), value.Limits{})
	list, ok := v.([]any)
	if err != nil || !ok {
		return text
	}
	parts := []string{}
	for _, item := range list {
		if one := oneOf(item); one != "" {
			parts = append(parts, one)
		}
	}
	if len(parts) == 0 {
		return text
	}
	return text[:at] + strings.Join(parts, "; ")
}

// shorten keeps so much of an answer as a journal should hold.
func shorten(v any) any {
	const most = 4000
	if text := value.Text(v); len(text) > most {
		return fault.Clip(text, most)
	}
	return v
}
