package actions

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// APIRequest is the action that makes any call of a vendor's API, in the name of a connection. example is a path that the
// vendor has, sample an answer's body.
func APIRequest(vendor, example string, sample any) Action {
	whole := map[string]any{"status": 200, "body": sample}
	return Action{
		ID: "api_request", Name: "Make any API call", Description: "Calls an address of " + vendor + "'s API that no other action has.", Effect: Once,
		Guarantee: "A GET only reads and is asked again after a crash. What else an address does is not known here: a call whose answer was lost in a crash is not made again by itself, you are asked.",
		Input: []Field{
			{ID: "method", Label: "Method", Help: "As the vendor's documentation says.", Type: Select, Default: "GET", In: InNone, Reads: []string{"GET"},
				Options: []Option{{"GET", "GET"}, {"POST", "POST"}, {"PUT", "PUT"}, {"PATCH", "PATCH"}, {"DELETE", "DELETE"}}},
			{ID: "path", Label: "Path", Help: "What stands behind the API's address, from the first / on and without parameters.", Type: Text, Required: true, In: InNone, Example: example},
			{ID: "query", Label: "Parameters", Help: "An object of texts, or of lists of them.", Type: Object, In: InNone, Holds: Params},
			{ID: "json", Label: "JSON", Help: "The body.", Type: JSON, In: InNone},
		},
		Check: func(with map[string]any, written func(string) bool) []InputIssue {
			if path, ok := with["path"].(string); ok && written("path") {
				if err := checkAPIPath(path); err != nil {
					return []InputIssue{{Path: "/path", Message: fault.MessageOf(err)}}
				}
			}
			return nil
		},
		Output: value.Shape{Kind: "object", Fields: map[string]value.Shape{"status": {Kind: "number"}, "body": {}}}, Sample: whole,
		Run: func(ctx context.Context, in Input, do Doer) (any, error) {
			req, err := apiRequest(in.Values)
			if err != nil {
				return nil, err
			}
			resp, err := do.HTTP(ctx, req)
			if err != nil {
				return nil, err
			}
			if do.Sandboxed() {
				return whole, nil
			}
			return map[string]any{"status": resp.Status, "body": resp.Value}, nil
		},
	}
}

func apiRequest(v map[string]any) (HTTPRequest, error) {
	path := value.Text(v["path"])
	if err := checkAPIPath(path); err != nil {
		return HTTPRequest{}, err
	}
	req := HTTPRequest{Method: value.Text(v["method"]), URL: path, Header: http.Header{}, Pages: true}
	if params, _ := v["query"].(map[string]any); len(params) > 0 {
		query := url.Values{}
		for _, name := range slices.Sorted(maps.Keys(params)) {
			list, ok := params[name].([]any)
			if !ok {
				list = []any{params[name]}
			}
			for _, one := range list {
				query.Add(name, value.Text(one))
			}
		}
		req.URL += "?" + query.Encode()
	}
	if v["json"] != nil {
		b, err := value.Encode(v["json"])
		if err != nil {
			return HTTPRequest{}, err
		}
		req.Body = bytes.NewReader(b)
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// checkAPIPath keeps a path at the address that the connection is for.
func checkAPIPath(path string) error {
	switch plain, err := url.PathUnescape(path); {
	case !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//"):
		return fault.New(fault.InvalidInput, "The input path: it begins with one /, as %s does not.", fault.Clip(path, 60))
	case strings.ContainsAny(path, "?#\\"):
		return fault.New(fault.InvalidInput, "The input path: it holds ?, # or \\; parameters have an input of their own.")
	case err != nil || slices.Contains(strings.Split(plain, "/"), ".."):
		return fault.New(fault.InvalidInput, "The input path: %s leads elsewhere than it says.", fault.Clip(path, 60))
	}
	return nil
}
