package core

import (
	"bytes"
	"context"
	"io"
	"maps"
	"mime/multipart"
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
			{ID: "headers", Label: "Headers", Help: "Names and texts.", Type: actions.Object, Holds: actions.Headers},
			{ID: "json", Label: "JSON body", Help: "Any value, sent as JSON.", Type: actions.JSON},
			{ID: "form", Label: "Form body", Help: "Names and values, sent as a form.", Type: actions.Object},
			{ID: "multipart", Label: "Multipart body", Help: "Names and values, sent as multipart/form-data.", Type: actions.Object},
			{ID: "text", Label: "Text body", Help: "Sent as it is.", Type: actions.LongText},
			{ID: "timeout", Label: "Timeout", Help: "Of one attempt, as 30s; within the step's timeout.", Type: actions.Text},
			{ID: "fail_on_status", Label: "Fails on", Help: "Statuses that fail the step, as 4xx or 404; an empty list never fails.", Type: actions.Texts, Default: []any{"4xx", "5xx"}},
		},
		Output: value.Shape{Kind: "object", Fields: map[string]value.Shape{"status": {Kind: "number"}, "headers": {Kind: "object"}, "body": {}}},
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
		if actions.Reserved(name) {
			say("headers/"+name, wrong("headers", "%s is set by the request itself; leave it out.", name))
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
	for _, kind := range []string{"json", "form", "multipart", "text"} {
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
	req, err := httpInput(v)
	if err != nil {
		return nil, err
	}
	req.AnyStatus = true
	resp, err := do.HTTP(ctx, req)
	if err != nil {
		return nil, err
	}
	if do.Sandboxed() {
		return map[string]any{"status": 200, "headers": map[string]any{}, "body": nil}, nil
	}
	if failing(resp.Status) {
		return nil, do.Judge(resp)
	}
	headers := map[string]any{}
	for name, list := range resp.Header {
		headers[strings.ToLower(name)] = strings.Join(list, ", ")
	}
	return map[string]any{"status": resp.Status, "headers": headers, "body": resp.Value}, nil
}

// httpInput makes the request of the inputs.
func httpInput(v map[string]any) (actions.HTTPRequest, error) {
	req := actions.HTTPRequest{Header: http.Header{}}
	var err error
	if req.Method, err = httpMethod(v["method"]); err != nil {
		return req, err
	}
	target, err := withQuery(strings.TrimSpace(value.Text(v["url"])), v["query"])
	if err != nil {
		return req, err
	}
	req.URL = target
	body, kind, err := httpBody(v)
	if err != nil {
		return req, err
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	headers, _ := v["headers"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		if headers[name] != nil {
			req.Header.Set(name, value.Text(headers[name]))
		}
	}
	if body != nil {
		req.Body = body
	}
	return req, nil
}

func withQuery(text string, query any) (string, error) {
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
	u.RawQuery += pairs(members).Encode()
	return u.String(), nil
}

// pairs are names and values as forms and queries write them: of a list each item, of null nothing.
func pairs(members map[string]any) url.Values {
	out := url.Values{}
	for name, v := range members {
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		for _, item := range list {
			if item != nil {
				out.Add(name, value.Text(item))
			}
		}
	}
	return out
}

// httpBody writes the one body that was given.
func httpBody(v map[string]any) (io.Reader, string, error) {
	given := ""
	for _, name := range []string{"json", "form", "multipart", "text"} {
		if v[name] == nil {
			continue
		}
		if given != "" {
			return nil, "", wrong(name, "it stands beside %s; give one body.", given)
		}
		given = name
	}
	switch given {
	case "json":
		b, err := value.Encode(v["json"])
		return bytes.NewReader(b), "application/json", err
	case "form":
		members, _ := v["form"].(map[string]any)
		return strings.NewReader(pairs(members).Encode()), "application/x-www-form-urlencoded", nil
	case "multipart":
		members, _ := v["multipart"].(map[string]any)
		return multipartBody(pairs(members))
	case "text":
		return strings.NewReader(value.Text(v["text"])), "text/plain; charset=utf-8", nil
	}
	return nil, "", nil
}

func multipartBody(members url.Values) (io.Reader, string, error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(members)) {
		for _, text := range members[name] {
			if err := w.WriteField(name, text); err != nil {
				return nil, "", wrong("multipart", "%q cannot be written.", fault.Clip(name, 60))
			}
		}
	}
	if err := w.Close(); err != nil {
		return nil, "", err
	}
	return &b, w.FormDataContentType(), nil
}

// statuses reads which statuses fail a step: 404 or 4xx.
func statuses(v any) (func(int) bool, error) {
	list, _ := v.([]any)
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
