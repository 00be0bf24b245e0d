package api

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
)

// Paging is how every list is asked for.
type Paging struct {
	Cursor string `query:"cursor" maxLength:"200" doc:"Where the page begins: the next_cursor of the one before."`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"How many items a page holds."`
}

// pageOf cuts a page from a list that is known as a whole. A cursor names the last item of the page before.
func pageOf[S, T any](list []S, in Paging, id func(S) string, show func(S) T) (*listOf[T], error) {
	if in.Cursor != "" {
		last, err := readCursor(in.Cursor)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(list, func(s S) bool { return id(s) == last })
		if at < 0 {
			return nil, badCursor()
		}
		list = list[at+1:]
	}
	out := &listOf[T]{Body: List[T]{Items: []T{}}}
	if in.Limit > 0 && len(list) > in.Limit {
		list = list[:in.Limit]
		next := makeCursor(id(list[len(list)-1]))
		out.Body.Next = &next
	}
	for _, s := range list {
		out.Body.Items = append(out.Body.Items, show(s))
	}
	return out, nil
}

const cursorBegin = "item "

func makeCursor(id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(cursorBegin + id))
}

func readCursor(cursor string) (string, error) {
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	id, ok := strings.CutPrefix(string(b), cursorBegin)
	if err != nil || !ok {
		return "", badCursor()
	}
	return id, nil
}

func badCursor() error {
	return fault.Invalid("The cursor is not right.", []fault.Problem{{Path: "/cursor", Message: "This cursor leads nowhere; begin again without one."}})
}
