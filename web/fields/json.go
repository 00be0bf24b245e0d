package fields

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/web/ui"
)

// ReadJSON reads what a person typed; nothing is nil. What is wrong is said with line and column.
func ReadJSON(typed string) (any, error) {
	if strings.TrimSpace(typed) == "" {
		return nil, nil
	}
	var syntax *json.SyntaxError
	var raw json.RawMessage
	if err := json.Unmarshal([]byte(typed), &raw); errors.As(err, &syntax) {
		before := typed[:max(0, min(int(syntax.Offset)-1, len(typed)))]
		line := strings.Count(before, "\n") + 1
		column := len([]rune(before[strings.LastIndexByte(before, '\n')+1:])) + 1
		return nil, fault.New(fault.InvalidInput, "This is no valid JSON: line %d, column %d: %s.", line, column, fault.Clip(fmt.Sprint(syntax), 200))
	}
	return value.Decode([]byte(typed), value.Limits{})
}

// Event is an event that people may change before another run is started with it.
type Event struct {
	Typed   string // empty: it is not offered
	Refused string // why Typed was not taken
}

// mostEvent is the most that is offered in a field: more is not changed by hand.
const mostEvent = 16 << 10

// EventOf offers an event, unless it is large or has values that are masked: what stands for them would be sent.
func EventOf(text []byte) Event {
	v, err := value.Decode(text, value.Stored())
	if err != nil || len(text) > mostEvent || bytes.Contains(text, []byte("***")) {
		return Event{}
	}
	return Event{Typed: ui.Pretty(v)}
}

// Changed reads an event out of its field. Nil: it is the one that was offered, own, or nothing.
func Changed(typed string, own []byte) (json.RawMessage, error) {
	v, err := ReadJSON(typed)
	if v == nil || err != nil {
		return nil, err
	}
	text, err := value.Encode(v)
	if err != nil {
		return nil, err
	}
	if was, err := value.Decode(own, value.Stored()); err == nil {
		if same, err := value.Encode(was); err == nil && bytes.Equal(same, text) {
			return nil, nil
		}
	}
	return text, nil
}
