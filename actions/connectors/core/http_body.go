package core

import (
	"bytes"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// bodies are the inputs that are a request's body; one of them is given at most.
var bodies = []string{"json", "form", "multipart", "file", "text"}

// httpBody puts the one body that was given into a request, and gives its content type.
func httpBody(req *actions.HTTPRequest, v map[string]any, open func(value.File) (io.ReadCloser, error)) (kind string, err error) {
	given := ""
	for _, name := range bodies {
		if v[name] == nil {
			continue
		}
		if given != "" {
			return "", wrong(name, "it stands beside %s; give one body.", given)
		}
		given = name
	}
	switch given {
	case "json":
		b, err := value.Encode(v["json"])
		req.Body = bytes.NewReader(b)
		return "application/json", err
	case "form":
		members, _ := v["form"].(map[string]any)
		req.Body = strings.NewReader(pairs(members, textOf(v, "lists")).Encode())
		return "application/x-www-form-urlencoded", nil
	case "multipart":
		members, _ := v["multipart"].(map[string]any)
		req.Stream, kind, err = actions.Multipart(parts(members), open)
		if err == nil && !value.HasFile(members) { // it is small, and shown whole where it is recorded
			in, _ := req.Stream.Open()
			req.Body, req.Stream = in, nil
		}
		return kind, err
	case "file":
		f, err := actions.InputFile(v, "file", "")
		if err != nil {
			return "", err
		}
		req.Stream = &actions.Stream{Size: int64(f.Size), Open: func() (io.ReadCloser, error) { return open(f) }}
		return f.MediaType(), nil
	case "text":
		req.Body = strings.NewReader(value.Text(v["text"]))
		return "text/plain; charset=utf-8", nil
	}
	return "", nil
}

// parts are the parts of a multipart body, by their names: of a list each item, of null nothing.
func parts(members map[string]any) []actions.Part {
	var out []actions.Part
	for _, name := range slices.Sorted(maps.Keys(members)) {
		list, ok := members[name].([]any)
		if !ok {
			list = []any{members[name]}
		}
		for _, item := range list {
			if f, is := value.FileOf(item); is {
				out = append(out, actions.Part{Name: name, File: &f})
			} else if item != nil {
				out = append(out, actions.Part{Name: name, Text: value.Text(item)})
			}
		}
	}
	return out
}
