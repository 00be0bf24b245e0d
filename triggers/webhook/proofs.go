package webhook

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// basic checks HTTP Basic credentials; the secret is user:password.
func basic(q *inbound, s scheme, keys []string) (proof, error) {
	given, err := q.credentials(s.header, "Basic")
	if err != nil {
		return proof{}, err
	}
	decoded, err := base64.StdEncoding.DecodeString(given)
	user, _, ok := strings.Cut(string(decoded), ":")
	if err != nil || !ok {
		return proof{}, unproven(s.header + " holds no user:password in base64.")
	}
	usable := slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return !strings.Contains(key, ":") })
	if len(usable) == 0 {
		return proof{}, unproven("The trigger's secret has no colon, so nothing can match: it must be user:password.")
	}
	why := "The user is another than in the trigger's secret."
	if _, known := fitting(usable, func(key string) bool {
		name, _, _ := strings.Cut(key, ":")
		return same(user, name)
	}); known {
		why = "The user is right, and the password is another than in the trigger's secret."
	}
	return q.shared(string(decoded), usable, why)
}

// headerToken checks a shared token in a header: in Authorization after Bearer, in any other alone.
func headerToken(q *inbound, s scheme, keys []string) (proof, error) {
	kind := ""
	if strings.EqualFold(s.header, "Authorization") {
		kind = "Bearer"
	}
	given, err := q.credentials(s.header, kind)
	if err != nil {
		return proof{}, err
	}
	return q.shared(given, keys, "What "+s.header+" holds is another text than the trigger's secret.")
}

// googleChannel checks the token that was given to watch, and that the channel is one of those named.
func googleChannel(q *inbound, s scheme, keys []string) (proof, error) {
	given, err := q.once(s.header)
	if err != nil {
		return proof{}, err
	}
	if len(s.channels) > 0 {
		channel, err := q.once("X-Goog-Channel-ID")
		if err != nil {
			return proof{}, err
		}
		if !slices.Contains(s.channels, channel) {
			return proof{}, unproven("X-Goog-Channel-ID is none of the trigger's channel_id: " + strconv.Quote(fault.Clip(channel, 80)) + ".")
		}
	}
	return q.shared(given, keys, s.header+" is another than the trigger's secret: the channel was made with another token.")
}

// urlSecret checks a secret that stands in the URL's query. To a GET without it the URL looks like any unknown one.
func urlSecret(q *inbound, s scheme, keys []string) (proof, error) {
	given := q.URL.Query()[s.query]
	why := "the address that was called has no ?" + s.query + "=, or has it twice."
	if len(given) == 1 {
		why = "what stands after ?" + s.query + "= in the address that was called is another text than the trigger's secret."
		if p, err := q.shared(given[0], keys, ""); err == nil {
			return p, nil
		}
	}
	if q.Method == s.greets {
		return proof{}, untold{unknownURL(), "A " + q.Method + " without the key is told so: " + why}
	}
	return proof{}, unproven("The key is wrong: " + why)
}

// shared compares what was given with the secrets; why says what is wrong where none is it.
func (q *inbound) shared(given string, keys []string, why string) (proof, error) {
	key, ok := fitting(keys, func(key string) bool { return same(given, key) })
	if !ok {
		return proof{}, unproven(why)
	}
	return proof{key: key, body: q.body}, nil
}

// credentials gives what stands in a header after the name of a kind of credentials, in any case.
func (q *inbound) credentials(header, kind string) (string, error) {
	text, err := q.once(header)
	if err != nil || kind == "" {
		return text, err
	}
	name, rest, _ := strings.Cut(text, " ")
	if !strings.EqualFold(name, kind) {
		return "", unproven(header + " holds no credentials of the kind " + kind + ".")
	}
	return strings.TrimLeft(rest, " "), nil
}

// graphStates takes those elements of a Microsoft Graph notification whose clientState is the subscription's: a wrong one
// spoils itself and not the rest. Where all are wrong nothing is taken, and Graph, which would send them again, is told it is
// well.
func graphStates(q *inbound, _ scheme, keys []string) (proof, error) {
	body, err := value.Decode(q.body, value.Limits{})
	object, _ := body.(map[string]any)
	list, _ := object["value"].([]any)
	if err != nil || len(list) == 0 {
		return proof{}, unproven("The body is no JSON object with a list of notifications as value.")
	}
	var kept []any
	stated, last := false, ""
	for _, item := range list {
		element, _ := item.(map[string]any)
		state, ok := element["clientState"].(string)
		stated = stated || ok
		if key, fits := fitting(keys, func(key string) bool { return same(state, key) }); ok && fits {
			delete(element, "clientState") // it is the secret, and stands in no event
			kept, last = append(kept, item), key
		}
	}
	switch {
	case !stated:
		return proof{}, unproven("No notification has a clientState: the subscription was made without one.")
	case len(kept) == 0:
		return proof{}, untold{refusal{http.StatusAccepted, notProven}, "The clientState of every notification is another than the trigger's secret."}
	}
	object["value"] = kept
	rest, err := value.Encode(object)
	return proof{key: last, body: rest}, err
}

// outbound is the namespace of Salesforce's outbound messages.
const outbound = "http://soap.sforce.com/2005/09/outbound"

// salesforceOrg checks that an outbound message comes from the organization whose id the secret is. Nothing in it is signed.
func salesforceOrg(q *inbound, _ scheme, keys []string) (proof, error) {
	orgs, err := soapTexts(q.body, "OrganizationId")
	if err != nil || len(orgs) != 1 {
		return proof{}, unproven("The body is no outbound message with one OrganizationId.")
	}
	key, ok := fitting(keys, func(key string) bool {
		org := orgs[0]
		if len(key) == 15 && len(org) == 18 { // the short form of the same id, which the screens of Salesforce show
			org = org[:15]
		}
		return same(org, key)
	})
	if !ok {
		return proof{}, unproven("OrganizationId is " + strconv.Quote(fault.Clip(orgs[0], 40)) + ", which is not the trigger's secret.")
	}
	return proof{key: key, body: q.body}, nil
}

// soapTexts gives the texts of the elements at a path below an outbound message's notifications. A document type declaration,
// which could name other files, is refused.
func soapTexts(body []byte, path ...string) ([]string, error) {
	want := append([]string{"Envelope", "Body", "notifications"}, path...)
	d := xml.NewDecoder(bytes.NewReader(body))
	var at, out []string
	messages := 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) && messages == 1 {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.Directive:
			return nil, errors.New("a document type declaration")
		case xml.StartElement:
			name := token.Name.Local
			if len(at) > 1 && token.Name.Space != outbound {
				name = "" // somebody else's
			}
			if at = append(at, name); len(at) > value.MaxDepth {
				return nil, errors.New("too deep")
			}
			if slices.Equal(at, want[:3]) {
				messages++
			}
			if slices.Equal(at, want) {
				out = append(out, "")
			}
		case xml.EndElement:
			at = at[:len(at)-1]
		case xml.CharData:
			if slices.Equal(at, want) {
				out[len(out)-1] += string(token)
			}
		}
	}
}
