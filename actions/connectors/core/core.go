// Package core holds the built-in actions: data steps, the plain HTTP request, and the answer to an inbound request.
package core

import (
	"cmp"
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// Connector is the built-in connector.
func Connector() actions.Connector {
	return actions.Connector{
		ID: "core", Name: "Stepmill", Category: "Built in", Words: "http api webhook mail smtp imap sftp ftp database postgres postgresql mysql mariadb", Color: "#3f4ee0", Monogram: "S",
		Description: "Values, lists and files, plain HTTP, mail, databases, data stores, answers to requests.",
		Auth:        append(auth(), lineWays()...),
		Untested:    "A connection without credentials has none that could be tested.",
		Actions: findable([]actions.Action{set(), log(), respond(), httpRequest(),
			merge(), filterList(), sortList(), limit(), unique(), aggregate(), summarize(), compareLists(), renameFields(), splitText(), matchText(),
			csvAction(), xmlAction(), yamlAction(), jsonAction(), feed(), htmlExtract(), markdown(), dateAction(), cryptoAction(),
			storeGet(), storeSet(), storeIncrement(), storeList(), storeDelete(), dedupe(), lock(), unlock(),
			compressAction(), xlsxAction(), emailSend(), sftpAction(), ftpAction(), emailRead(), textFile(), pdfText(), sqlQuery(), sqliteQuery()}),
	}
}

func set() actions.Action {
	return actions.Action{
		ID: "set", Name: "Set values", Description: "Makes values that later steps can use.", Effect: actions.Pure,
		Guarantee: "Nothing outside changes, so it does not matter how often it runs.",
		Input:     []actions.Field{{ID: "values", Label: "Values", Help: "An object; it is the step's output.", Type: actions.Object, Required: true, Holds: actions.Result}},
		Sample:    map[string]any{"name": "Ada"},
		Run: func(_ context.Context, in actions.Input, _ actions.Doer) (any, error) {
			return in.Values["values"], nil
		},
	}
}

func log() actions.Action {
	return actions.Action{
		ID: "log", Name: "Write to the log", Description: "Writes a line to the run's log.", Effect: actions.Pure,
		Guarantee: "Nothing outside changes, so it does not matter how often it runs.",
		Input: []actions.Field{
			{ID: "message", Label: "Message", Help: "What is written.", Type: actions.LongText},
			{ID: "level", Label: "Level", Help: "How loud it is.", Type: actions.Select, Default: "info", Options: []actions.Option{{Value: "info", Label: "Info"}, {Value: "warning", Label: "Warning"}, {Value: "error", Label: "Error"}}},
		},
		Output: value.ShapeOf(map[string]any{"message": "x", "level": "info"}),
		Sample: map[string]any{"message": "Hello", "level": "info"},
		Run: func(_ context.Context, in actions.Input, do actions.Doer) (any, error) {
			text := value.Text(in.Values["message"])
			do.Log(text)
			return map[string]any{"message": text, "level": in.Values["level"]}, nil
		},
	}
}

func respond() actions.Action {
	return actions.Action{
		ID: "respond", Name: "Answer the request", Description: "Answers the inbound request that started the run: with JSON, a text, or a redirect to a web address in the header Location. The first answer of a run counts.", Effect: actions.Pure, Answers: true,
		Guarantee: "The answer is sent once the step is on disk; after a crash the request is gone and nobody is answered.",
		Input: []actions.Field{
			{ID: "status", Label: "Status", Help: "The HTTP status, from 200 to 599.", Type: actions.Integer, Default: 200},
			{ID: "headers", Label: "Headers", Help: "Names and texts; one that is null is left out. With a status of 301, 302, 303, 307 or 308, Location redirects to an http or https address. Content-Type is text/plain beside text where it is not given.", Type: actions.Object},
			{ID: "json", Label: "JSON", Help: "The body, as JSON.", Type: actions.JSON},
			{ID: "text", Label: "Text", Help: "The body, as text. Where its Content-Type is neither text/plain nor application/json, as with text/html, browsers save it as a download: no page of a scenario's shows on this server's address.", Type: actions.LongText},
		},
		Output: value.Shape{Kind: "object", Fields: map[string]value.Shape{"status": {Kind: "number"}, "headers": {Kind: "object"}, "json": {}, "text": {Kind: "text"}}},
		Sample: map[string]any{"status": 200, "json": map[string]any{"ok": true}},
		Check: func(with map[string]any, written func(string) bool) []actions.InputIssue {
			if status, ok := with["status"].(int); ok && written("status") && (status < 200 || status > 599) {
				return []actions.InputIssue{{Path: "/status", Message: "It must be from 200 to 599."}}
			}
			if with["json"] != nil && with["text"] != nil {
				return []actions.InputIssue{{Path: "/text", Message: "It stands beside json; give one body."}}
			}
			return answerHeaders(with["headers"])
		},
		Run: func(_ context.Context, in actions.Input, _ actions.Doer) (any, error) {
			status, _ := in.Values["status"].(int)
			if status < 200 || status > 599 {
				return nil, wrong("status", "it must be from 200 to 599, not %d.", status)
			}
			if in.Values["json"] != nil && in.Values["text"] != nil {
				return nil, wrong("text", "it stands beside json; give one body.")
			}
			given, _ := in.Values["headers"].(map[string]any)
			headers := maps.Clone(given)
			maps.DeleteFunc(headers, func(_ string, v any) bool { return v == nil })
			for _, name := range slices.Sorted(maps.Keys(headers)) {
				text := value.Text(headers[name])
				if why := cmp.Or(answerHeader(name, text), redirect(name, text)); why != "" {
					return nil, wrong("headers/"+name, "%s", why)
				}
			}
			out := maps.Clone(in.Values)
			if given != nil {
				out["headers"] = headers
			}
			return out, nil
		},
	}
}

// answerHeaders finds what is wrong with the headers of an answer that are written out. Of a template nothing is known yet.
func answerHeaders(v any) (issues []actions.InputIssue) {
	headers, _ := v.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		text := value.Text(headers[name])
		why := ""
		if strings.Contains(text, "{{") {
			text = ""
		} else {
			why = redirect(name, text)
		}
		if why = cmp.Or(answerHeader(name, text), why); why != "" && !strings.Contains(name, "{{") {
			issues = append(issues, actions.InputIssue{Path: "/headers/" + actions.Pointer(name), Message: strings.ToUpper(why[:1]) + why[1:]})
		}
	}
	return issues
}

// kept are the headers that guard the server's origin or frame the message: no scenario sets them.
const kept = " content-security-policy x-content-type-options referrer-policy set-cookie content-length transfer-encoding connection content-encoding content-disposition" +
	" strict-transport-security access-control-allow-credentials clear-site-data service-worker-allowed "

// answerHeader says why an answer cannot have a header; "" it can.
func answerHeader(name, text string) string {
	switch {
	case strings.Contains(kept, " "+strings.ToLower(name)+" "):
		return "no scenario sets it, for the safety of this server's address; leave it out."
	case name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune("()<>@,;:\\\"/[]?={}", r) }):
		return "that is no header's name."
	case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
		return "it holds a line break or another control character."
	}
	return ""
}

// redirect says why an answer cannot send a browser to where a header says; "": it can, or that header sends it nowhere.
func redirect(name, text string) string {
	if !strings.EqualFold(name, "Location") {
		return ""
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return "that is no address to redirect to: a whole one of the web is needed, as https://example.com/done."
	}
	return ""
}
