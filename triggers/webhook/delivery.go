package webhook

import (
	"net/http"
	"strings"

	"github.com/stepmill/stepmill/engine/value"
)

// headerID finds the id of a delivery in a header.
func headerID(name string) func(http.Header, any, []byte) string {
	return func(header http.Header, _ any, _ []byte) string { return header.Get(name) }
}

// bodyID finds the id of a delivery in the body, in one object in another.
func bodyID(path ...string) func(http.Header, any, []byte) string {
	return func(_ http.Header, body any, _ []byte) string { return member(body, path...) }
}

func member(v any, path ...string) string {
	for _, name := range path {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	switch v.(type) {
	case map[string]any, []any, bool: // no id is one of these
		return ""
	}
	return value.Text(v)
}

// googleID is the number of a message in its channel.
func googleID(header http.Header, _ any, _ []byte) string {
	channel, number := header.Get("X-Goog-Channel-ID"), header.Get("X-Goog-Message-Number")
	if channel == "" || number == "" {
		return ""
	}
	return channel + ":" + number
}

// hubspotIDs are the ids of all events of a batch, which is sent again as it was. An event's id alone may be another
// subscription's too.
func hubspotIDs(_ http.Header, body any, _ []byte) string {
	list, _ := body.([]any)
	var ids []string
	for _, item := range list {
		id := member(item, "eventId")
		if id == "" {
			return ""
		}
		ids = append(ids, id+"/"+member(item, "subscriptionId")+"/"+member(item, "occurredAt"))
	}
	return strings.Join(ids, " ")
}

// salesforceIDs are the ids of all notifications of an outbound message.
func salesforceIDs(_ http.Header, _ any, raw []byte) string {
	ids, err := soapTexts(raw, "Notification", "Id")
	if err != nil {
		return ""
	}
	return strings.Join(ids, " ")
}
