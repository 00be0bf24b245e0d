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

// zoomID is what happened, and when: Zoom gives a delivery no id, and makes a token to download with beside it. Several may happen to
// one meeting at once, so all that is said of it counts.
func zoomID(_ http.Header, body any, _ []byte) string {
	event, at := member(body, "event"), member(body, "event_ts")
	if event == "" || at == "" {
		return ""
	}
	return strings.Join([]string{event, at, value.Text(value.At(body, "/payload"))}, "\n")
}

// graphIDs are what each notification of a request tells: of which subscription, and what became of which state of what. Of one without
// a state, which may be changed again, it is the notification's own id; where there is none, nothing is known of the request.
// Source: https://learn.microsoft.com/en-us/graph/api/resources/changenotification
func graphIDs(_ http.Header, body any, _ []byte) string {
	list, _ := value.At(body, "/value").([]any)
	var ids []string
	for _, item := range list {
		change, state := member(item, "changeType"), member(item, "resourceData", "@odata.etag")
		if state == "" && change != "created" && change != "deleted" {
			state = member(item, "id")
		}
		resource := member(item, "resource")
		if resource == "" || state == "" && change != "created" && change != "deleted" {
			return ""
		}
		ids = append(ids, strings.Join([]string{member(item, "subscriptionId"), change, resource, state}, " "))
	}
	return strings.Join(ids, "\n")
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
