package core

import (
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
)

func TestMarkdown(t *testing.T) {
	cases{
		{"to HTML", "markdown", `{"text":"# Tea\n\n* a\n* [x] b\n\n|a|b|\n|-|-|\n|1|~~2~~|\n\nhttps://example.com"}`,
			"<h1>Tea</h1>\n<ul>\n<li>a</li>\n<li><input checked=\"\" disabled=\"\" type=\"checkbox\"> b</li>\n</ul>\n<table>\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n<td><del>2</del></td>\n</tr>\n</tbody>\n</table>\n<p><a href=\"https://example.com\">https://example.com</a></p>"},
		{"no HTML and no scripts", "markdown", `{"text":"<script>x</script>\n\na <b>c</b> [d](javascript:alert(1))"}`, "<p>a c <a href=\"\">d</a></p>"},
		{"breaks", "markdown", `{"breaks":true,"text":"a\nb"}`, "<p>a<br>\nb</p>"},
		{"to Markdown", "markdown", `{"to":"markdown","base_url":"https://example.com/s/","text":"<h2>Tea</h2><script>x</script><p>A <b>good</b> <a href=\"/cup\">cup</a> <a href=' JavaScript:x'>no</a> <del>old</del></p><ol><li>a</li><li>b</li></ol><table><tr><th>x</th></tr><tr><td>1</td></tr></table>"}`,
			"## Tea\n\nA **good** [cup](https://example.com/cup) no ~~old~~\n\n1. a\n2. b\n\n| x |\n|---|\n| 1 |"},
		{"no address", "markdown", `{"to":"markdown","base_url":"x","text":"a"}`, `!The input base_url: "x" is no address`},
		{"an idle address", "markdown", `{"base_url":"https://example.com","text":"a"}`, `!The input base_url: it is for to markdown`},
	}.run(t)
	for name, in := range map[string]map[string]any{
		"open links":    {"text": strings.Repeat("[a](", 200_000)},
		"quotes":        {"text": strings.Repeat("> ", 200_000)},
		"much Markdown": {"text": strings.Repeat("a", 2<<20)},
		"much HTML":     {"to": "markdown", "text": strings.Repeat("a", 3<<20)},
		"open brackets": {"to": "markdown", "text": strings.Repeat("[", 1<<20)},
	} {
		if _, err := callWith(t, "markdown", in); fault.CodeOf(err) != fault.TooLarge {
			t.Errorf("%s give %v", name, err)
		}
	}
}

func FuzzMarkdown(f *testing.F) {
	for _, seed := range []string{"# a\n> b\n* c", "<p>a<b>c</p>", "|a|\n|-|\n|b|", "[a](b \"c\")"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		out, err := callWith(t, "markdown", map[string]any{"text": text})
		if page, _ := out.(string); err == nil && strings.Contains(strings.ToLower(page), "<script") {
			t.Errorf("%q gives %q", text, page)
		}
		for _, to := range []string{"markdown", "html"} {
			if _, err := callWith(t, "markdown", map[string]any{"to": to, "text": text}); fault.CodeOf(err) == fault.Internal {
				t.Errorf("%q: %v", text, err)
			}
		}
	})
}
