package actions

import (
	"slices"
	"strings"
	"time"
)

// leastPoll is how often a system is asked at most, and leastOverlap how far two clocks may be apart at least.
const (
	leastPoll    = 10 * time.Second
	leastOverlap = time.Minute
)

// poll holds a trigger that polls to what the loop needs of it.
func (l *linter) poll(t Trigger, c Connector) {
	p := t.Poll
	if p.Request == nil {
		l.say("it has no request to poll with")
		return
	}
	l.request(Action{Effect: Read, Input: t.Input, Request: p.Request}, c)
	l.page(p)
	for _, f := range t.Input {
		if slices.Contains([]string{"every", "start", "since", "row", "last"}, f.ID) {
			l.say("the input %s has a name that polling uses itself", f.ID)
		}
	}
	if p.Least < leastPoll || p.Every < p.Least {
		l.say("it polls every %s and at most every %s, which must be %s or more and no more than that", p.Every, p.Least, leastPoll)
	}
	switch {
	case p.Returns && (p.Row != "" || p.Time != "" || p.Order != Unordered):
		l.say("what leaves its list is forgotten, which goes with a list without times, rows and order only")
	case p.Returns && p.Page.Sure == "":
		l.say("what leaves its list is forgotten, and nothing tells its answer from that of something in between")
	case p.Items != nil && (p.Row != "" || p.Page.Kind == Offset || p.Page.Kind == Numbered):
		l.say("its items are made of the answer, so its parts cannot be counted by them")
	case p.Row != "":
		l.rows(t)
	case p.Page.ID == "":
		l.say("nothing tells its items apart")
	case p.Time == "" && (p.Changed || p.Overlap != 0 || p.Since != Since{}):
		l.say("its items have no time, and are asked for by it")
	case p.Time != "" && p.Overlap < leastOverlap:
		l.say("it reads %s of what is known again, and clocks may be %s apart", p.Overlap, leastOverlap)
	}
	if p.Since.As == NoClock && p.Since.Spot != (Spot{}) {
		l.say("nothing says how the time is written that it asks from")
	}
	l.spot(p.Since.Spot, p)
}

// rows holds a trigger of a list of rows to the one way in which they are read.
func (l *linter) rows(t Trigger) {
	p := t.Poll
	if p.Page.Kind != Offset || p.Request.Prepare == nil || p.Page.ID != "" || p.Time != "" || p.Since != (Since{}) {
		l.say("rows are read by their number only, which Prepare asks for")
	}
	if !slices.ContainsFunc(t.Input, func(f Field) bool { return f.ID == p.Row && f.Type == Integer && f.Default != nil }) {
		l.say("no input %s says, as a whole number with a default, which row is the first", p.Row)
	}
}

// page holds a list's paging to its kind.
func (l *linter) page(p *Poll) {
	page := p.Page
	needs := map[PageKind]bool{Whole: true, NextToken: page.Next != "" && page.At.Name != "", Offset: page.Size > 1 && (page.At.Name != "" || p.Row != ""),
		Numbered: page.Size > 1 && page.At.Name != "", LinkHeader: p.Request.Method == "GET", NextURL: page.Next != "" && p.Request.Method == "GET"}
	if !needs[page.Kind] {
		l.say("its list's parts cannot be asked for as %q: something of that is missing", page.Kind)
	}
	if page.Path != "" && (page.Kind != NextToken || !strings.HasPrefix(page.Path, "/") || len(named(page.Path)) > 0) {
		l.say("the path %q of its list's further parts is none that a token alone leads to", page.Path)
	}
	if page.Sizes.Name != "" && page.Size == 0 {
		l.say("the size of a part is asked for, and is none")
	}
	for _, pointer := range []string{page.Items, page.ID, page.Next, page.More, p.Time} {
		if pointer != "" && !strings.HasPrefix(pointer, "/") {
			l.say("%q is no JSON Pointer", pointer)
		}
	}
	l.spot(page.At, p)
	l.spot(page.Sizes, p)
}

func (l *linter) spot(s Spot, p *Poll) {
	if s == (Spot{}) || s.In == InQuery && s.Name != "" || s.In == InBody && s.Name != "" && p.Request.Body != NoBody {
		return
	}
	l.say("%q in %q is no place in its request", s.Name, s.In)
}
