package core

import (
	"bytes"
	"io"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
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
		req.Body = strings.NewReader(pairs(members, pairing{textOf(v, "lists"), textOf(v, "objects")}).Encode())
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

// pairing is how what is more than a text stands in forms and queries, as the inputs lists and objects say.
type pairing struct{ lists, objects string }

// pairs are names and values as forms and queries write them, of null nothing.
func pairs(members map[string]any, how pairing) url.Values {
	out := url.Values{}
	for name, v := range members {
		how.add(out, name, v)
	}
	return out
}

func (p pairing) add(out url.Values, name string, v any) {
	switch v := v.(type) {
	case nil:
	case map[string]any:
		if p.objects != "brackets" {
			out.Add(name, value.Text(v))
			return
		}
		for member, item := range v {
			p.add(out, name+"["+member+"]", item)
		}
	case []any:
		list := slices.DeleteFunc(slices.Clone(v), func(item any) bool { return item == nil })
		var texts []string
		for i, item := range list {
			_, object := item.(map[string]any)
			switch numbered := p.lists == "indices" || object && p.objects == "brackets"; { // what belongs to one item stands under its number
			case p.lists == "comma":
				texts = append(texts, value.Text(item))
			case numbered:
				p.add(out, strings.TrimSuffix(name, "[]")+"["+strconv.Itoa(i)+"]", item)
			case p.lists == "brackets":
				out.Add(strings.TrimSuffix(name, "[]")+"[]", value.Text(item))
			default:
				out.Add(name, value.Text(item))
			}
		}
		if len(texts) > 0 {
			out.Add(name, strings.Join(texts, ","))
		}
	default:
		out.Add(name, value.Text(v))
	}
}

// answered reads the answer again where the step wants it otherwise than its content type says.
func answered(resp *actions.Response, as string) {
	switch {
	case resp.Unread != "" || resp.File != nil:
	case as == "text":
		resp.Value = string(resp.Body)
	case as == "json" && len(bytes.TrimSpace(resp.Body)) == 0:
		resp.Value = nil
	case as == "json":
		v, err := value.Decode(bytes.TrimPrefix(resp.Body, []byte("\xef\xbb\xbf")), value.Limits{})
		if err != nil {
			resp.Unread = "it is no JSON, and begins with " + shown(fault.Clip(string(resp.Body), 60))
		}
		resp.Value = v
	}
}
