package core

import (
	"os"
	"strings"
	"testing"
	"time"
)

// sized is a part of a size, or all of it where the environment asks for STEPMILL_TIMES=1: some minutes with -race.
func sized(n int) int {
	if os.Getenv("STEPMILL_TIMES") == "1" {
		return n
	}
	return n / 16
}

// TestTime: what is made to take long is taken or refused within the time of a step.
func TestTime(t *testing.T) {
	cell := strings.Repeat("x", 100)
	for name, c := range map[string]struct {
		action string
		in     map[string]any
	}{
		"csv":        {"csv", map[string]any{"text": strings.Repeat(cell+","+cell+"\n", sized(49_000))}},
		"csv quotes": {"csv", map[string]any{"text": strings.Repeat("\"\"", sized(5<<20-1))}},
		"xml":        {"xml", map[string]any{"text": "<a>" + strings.Repeat("<b>"+cell+"</b>", sized(90_000)) + "</a>"}},
		"xml attrs":  {"xml", map[string]any{"text": "<a " + strings.Repeat("b='1' ", sized(1_000_000)) + "/>"}},
		"yaml":       {"yaml", map[string]any{"text": strings.Repeat("- "+cell+"\n", sized(95_000))}},
		"yaml flow":  {"yaml", map[string]any{"text": strings.Repeat("{", sized(1_000_000))}},
		"yaml colon": {"yaml", map[string]any{"text": strings.Repeat("a: ", sized(1_000_000))}},
		"yaml quote": {"yaml", map[string]any{"text": strings.Repeat("- &a ", sized(1_000_000))}},
		"html cells": {"html_extract", map[string]any{"html": strings.Repeat("<td>a", sized(1_900_000)), "values": []any{map[string]any{"name": "a", "selector": "td"}}}},
		"html has":   {"html_extract", map[string]any{"html": strings.Repeat("<p><b><i>a</i></b></p>", sized(300_000)), "values": []any{map[string]any{"name": "a", "selector": "body p ~ p:has(u)"}}}},
		"html texts": {"html_extract", map[string]any{"html": strings.Repeat("<p>a</p>", sized(1<<20)), "values": []any{map[string]any{"name": "a", "selector": ":contains('b')", "all": true}}}},
		"html nth":   {"html_extract", map[string]any{"html": strings.Repeat("<p>a</p>", sized(1<<16)), "values": []any{map[string]any{"name": "a", "selector": "p:nth-last-child(2n+1):nth-child(7n):empty", "all": true}}}},
		"md quotes":  {"markdown", map[string]any{"text": strings.Repeat("> ", sized(44_000))}},
		"md indent":  {"markdown", map[string]any{"text": indented(sized(1000))}},
		"from nest":  {"markdown", map[string]any{"to": "markdown", "text": strings.Repeat("<blockquote>", 50) + strings.Repeat("a<br>", sized(60_000))}},
		"md links":   {"markdown", map[string]any{"text": strings.Repeat("[a](", sized(25_000))}},
		"md lists":   {"markdown", map[string]any{"text": strings.Repeat("1. ", sized(300_000)) + "a"}},
		"md stars":   {"markdown", map[string]any{"text": strings.Repeat("*a **b _c ", sized(100_000))}},
		"md refs":    {"markdown", map[string]any{"text": strings.Repeat("[a]: b\n", sized(60_000))}},
		"md open":    {"markdown", map[string]any{"text": strings.Repeat("[", sized(1<<20))}},
		"md images":  {"markdown", map[string]any{"text": strings.Repeat("![[^<", sized(200_000))}},
		"from cells": {"markdown", map[string]any{"to": "markdown", "text": strings.Repeat("<td>a", sized(400_000))}},
		"from lists": {"markdown", map[string]any{"to": "markdown", "text": strings.Repeat(strings.Repeat("<ul><li>", 200)+strings.Repeat("</li></ul>", 200), sized(500))}},
		"from marks": {"markdown", map[string]any{"to": "markdown", "text": strings.Repeat("*_`#<i>x</i>", sized(170_000))}},
		"from rows":  {"markdown", map[string]any{"to": "markdown", "text": "<table>" + strings.Repeat("<tr><td>a<td>b", sized(140_000))}},
		"from wide":  {"markdown", map[string]any{"to": "markdown", "text": "<table><tr>" + strings.Repeat("<td colspan=1000>a", sized(100_000))}},
		"from quote": {"markdown", map[string]any{"to": "markdown", "text": strings.Repeat("<blockquote>", 500) + strings.Repeat("a<br>", sized(100_000))}},
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			_, err := callWith(t, c.action, c.in)
			if took := time.Since(began); took > 60*time.Second {
				t.Errorf("it took %s: %v", took, err)
			} else {
				t.Logf("it took %s: %.150v", took, err)
			}
		})
	}
}

// indented is a list in a list, and so on.
func indented(depth int) string {
	var b strings.Builder
	for i := range depth {
		b.WriteString(strings.Repeat("  ", i) + "- a\n")
	}
	return b.String()
}
