package core

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

//go:noinline
func wrong(field, format string, args ...any) error {
	return fault.New(fault.InvalidInput, "The input "+field+": "+format, args...)
}

func httpRequest() actions.Action {
	return actions.Action{
		ID: "http_request", Name: "HTTP request", Description: "Sends a request to any URL and gives the answer.", Effect: actions.Idempotent,
		Guarantee: "It carries an Idempotency-Key, the same for every attempt of this step, so a receiver that honours it acts once. For one that does not, set the delivery to at most once.",
		Timeout:   30 * time.Second,
		Input: []actions.Field{
			{ID: "method", Label: "Method", Help: "GET, POST and so on.", Type: actions.Text, Default: "GET"},
			{ID: "url", Label: "URL", Help: "The whole URL, beginning with https://.", Type: actions.Text, Required: true, Holds: actions.URL},
			{ID: "query", Label: "Parameters", Help: "Names and values, added to the URL.", Type: actions.Object, Holds: actions.Params},
			{ID: "headers", Label: "Headers", Help: "Names and texts; of a list each text is sent, under the same name.", Type: actions.Object, Holds: actions.Headers},
			{ID: "json", Label: "JSON body", Help: "Any value, sent as JSON.", Type: actions.JSON},
			{ID: "form", Label: "Form body", Help: "Names and values, sent as a form.", Type: actions.Object},
			{ID: "multipart", Label: "Multipart body", Help: "Names and values, sent as multipart/form-data; a file of an earlier step is sent as a file.", Type: actions.Object},
			{ID: "file", Label: "File body", Help: "A file of an earlier step, sent as it is.", Type: actions.Object},
			{ID: "text", Label: "Text body", Help: "Sent as it is.", Type: actions.LongText},
			{ID: "download", Label: "Download", Help: "Keeps the answer as a file, of any size, in the output's file; its body is not read. Needed for what is no text.", Type: actions.Boolean, Default: false},
			choice("answer", "Read the answer", "What the body in the output is.", "auto", "auto", "What its content type says", "text", "Text, as it came", "json", "JSON, whatever its content type says"),
			flag("follow_redirects", "Follow redirects", "Whether an answer that leads elsewhere is gone after, up to ten times. Where not, it is the answer, and its headers have location.", true),
			choice("lists", "Lists in parameters and forms", "How a list stands there.", "repeat", "repeat", "The name again for each: a=1&a=2", "brackets", "With brackets: a[]=1&a[]=2", "indices", "With numbers: a[0]=1&a[1]=2", "comma", "In one, by commas: a=1,2"),
			choice("objects", "Objects in parameters and forms", "How an object stands there.", "json", "json", "As JSON", "brackets", "Each member by its name in brackets: a[b]=1"),
			pagesField(),
			{ID: "timeout", Label: "Timeout", Help: "Of one attempt, as 30s; within the step's timeout.", Type: actions.Text},
			{ID: "fail_on_status", Label: "Fails on", Help: "Statuses that fail the step, as 4xx or 404; an empty list never fails.", Type: actions.Texts, Default: []any{"4xx", "5xx"}},
		},
		Output: value.Shape{Kind: "object", Fields: map[string]value.Shape{"status": {Kind: "number"}, "headers": {Kind: "object"}, "body": {}, "file": {}, "unread": {Kind: "text"}, "items": {Kind: "list"}, "more": {}}},
		Sample: map[string]any{"status": 200, "headers": map[string]any{}, "body": nil},
		Check:  checkHTTP,
		Run:    sendHTTP,
	}
}

// checkHTTP finds what would fail a request whatever the event is.
func checkHTTP(with map[string]any, written func(string) bool) []actions.InputIssue {
	var issues []actions.InputIssue
	say := func(name string, err error) {
		if err != nil {
			_, text, _ := strings.Cut(fault.MessageOf(err), ": ")
			issues = append(issues, actions.InputIssue{Path: "/" + name, Message: strings.ToUpper(text[:1]) + text[1:]})
		}
	}
	if written("method") {
		_, err := httpMethod(with["method"])
		say("method", err)
	}
	if text := strings.ToLower(strings.TrimSpace(value.Text(with["url"]))); written("url") && !strings.HasPrefix(text, "http://") && !strings.HasPrefix(text, "https://") {
		say("url", wrong("url", "it must begin with http:// or https://."))
	}
	headers, _ := with["headers"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		switch {
		case actions.Reserved(name):
			say("headers/"+name, wrong("headers", "%s is set by the request itself; leave it out.", name))
		case !actions.HeaderName(name) && !strings.Contains(name, "{{"):
			say("headers/"+name, wrong("headers", "%s is no header's name; it has letters, digits and hyphens alone.", shown(name)))
		}
	}
	if pages, _ := with["pages"].(map[string]any); pages != nil {
		if field, err := checkPages(with, pages, written); err != nil {
			say(field, err)
		}
	}
	if written("timeout") {
		_, err := httpTimeout(with["timeout"])
		say("timeout", err)
	}
	if written("fail_on_status") {
		_, err := statuses(with["fail_on_status"])
		say("fail_on_status", err)
	}
	given := ""
	for _, kind := range bodies {
		switch {
		case with[kind] == nil:
		case given != "":
			say(kind, wrong(kind, "it stands beside %s; give one body.", given))
		default:
			given = kind
		}
	}
	return issues
}

func httpMethod(v any) (string, error) {
	method := strings.ToUpper(strings.TrimSpace(value.Text(v)))
	if method == "" || strings.Trim(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" || method == "CONNECT" || method == "TRACE" {
		return "", wrong("method", "%q is no method that can be sent.", fault.Clip(method, 20))
	}
	return method, nil
}

func httpTimeout(v any) (time.Duration, error) {
	text := value.Text(v)
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, wrong("timeout", "%q is no duration; write it as 30s.", fault.Clip(text, 40))
	}
	return d, nil
}

func sendHTTP(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
	v := in.Values
	if v["timeout"] != nil {
		d, err := httpTimeout(v["timeout"])
		if err != nil {
			return nil, err
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, d)
		defer cancel()
	}
	failing, err := statuses(v["fail_on_status"])
	if err != nil {
		return nil, err
	}
	req, err := httpInput(v, func(f value.File) (io.ReadCloser, error) { return do.Open(ctx, f) })
	if err != nil {
		return nil, err
	}
	pages, err := pagingOf(v)
	if err != nil {
		return nil, err
	}
	if pages != nil {
		return sendPages(ctx, do, v, pages, failing)
	}
	if v["download"] == true {
		req.Keep = &value.File{}
	}
	resp, err := do.HTTP(ctx, req)
	if err != nil {
		return nil, err
	}
	if do.Sandboxed() {
		out := map[string]any{"status": 200, "headers": map[string]any{}, "body": nil}
		if req.Keep != nil {
			name := "file"
			if u, err := url.Parse(req.URL); err == nil {
				name = value.FileName(u.Path)
			}
			out["file"] = actions.FileSample(name, value.TypeByName(name), 0)
		}
		return out, nil
	}
	if failing(resp.Status) {
		return nil, do.Judge(resp)
	}
	answered(&resp, textOf(v, "answer"))
	out := map[string]any{"status": resp.Status, "headers": headersOf(resp.Header), "body": resp.Value}
	if resp.Unread != "" { // what was asked for has happened, so it is no error
		out["body"], out["unread"] = nil, "The answer is not given: "+resp.Unread+". Set download, which keeps it as a file as it is."
	}
	if resp.File != nil {
		out["file"] = resp.File.Value()
	}
	return out, nil
}

// unread is the error of a part of a list whose text would lose something.
func unread(resp actions.Response) error {
	if resp.Unread == "" {
		return nil
	}
	return fault.New(fault.InvalidInput, "A part of the list came (%d), and cannot be read: %s.", resp.Status, resp.Unread)
}

// httpInput makes the request of the inputs.
func httpInput(v map[string]any, open func(value.File) (io.ReadCloser, error)) (actions.HTTPRequest, error) {
	req := actions.HTTPRequest{Header: http.Header{}, AnyStatus: true, Stays: v["follow_redirects"] == false}
	var err error
	if req.Method, err = httpMethod(v["method"]); err != nil {
		return req, err
	}
	target, err := withQuery(actions.EscapeQuery(strings.TrimSpace(value.Text(v["url"]))), v["query"], pairing{textOf(v, "lists"), textOf(v, "objects")})
	if err != nil {
		return req, err
	}
	req.URL = target
	kind, err := httpBody(&req, v, open)
	if err != nil {
		return req, err
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	headers, _ := v["headers"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		list, many := headers[name].([]any)
		if !many {
			list = []any{headers[name]}
		}
		list = slices.DeleteFunc(slices.Clone(list), func(item any) bool { return item == nil })
		for i, item := range list {
			if i == 0 {
				req.Header.Del(name)
			}
			req.Header.Add(name, value.Text(item))
		}
	}
	return req, nil
}

func withQuery(text string, query any, how pairing) (string, error) {
	members, _ := query.(map[string]any)
	if len(members) == 0 {
		return text, nil
	}
	u, err := url.Parse(text)
	if err != nil {
		return "", wrong("url", "%q cannot be read.", fault.Clip(text, 100))
	}
	if u.RawQuery != "" {
		u.RawQuery += "&" // what the URL has stays as it is written
	}
	u.RawQuery += pairs(members, how).Encode()
	return u.String(), nil
}

// statuses reads which statuses fail a step: 404 or 4xx, one or a list of them.
func statuses(v any) (func(int) bool, error) {
	list, many := v.([]any)
	if !many && v != nil {
		list = []any{v}
	}
	var texts []string
	for _, item := range list {
		text := strings.ToLower(value.Text(item))
		if len(text) != 3 || text[0] < '1' || text[0] > '5' || text[1:] != "xx" && strings.Trim(text[1:], "0123456789") != "" {
			return nil, wrong("fail_on_status", "%q is neither a status as 404 nor a class as 4xx.", fault.Clip(text, 20))
		}
		texts = append(texts, text)
	}
	return func(status int) bool {
		text := strconv.Itoa(status)
		for _, t := range texts {
			if t == text || t[1:] == "xx" && t[0] == text[0] {
				return true
			}
		}
		return false
	}, nil
}
