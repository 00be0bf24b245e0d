package value

import "testing"

func TestPattern(t *testing.T) {
	for text, want := range map[string]int{"a": 1, "a.b": 2, "a[0].b": 3, "[*].email": 2, "*": 1, "a.*[*][2]": 4, "Straße.e-mail": 2} {
		p, err := ParsePattern(text)
		if err != nil || len(p) != want {
			t.Errorf("%s: %d segments, %v", text, len(p), err)
		}
	}
	for _, text := range []string{"", "/a", ".", "a.", "a..b", ".a", "a[", "a[x]", "a[-1]", "a[1]b", "a b", "a*", "[*]."} {
		if p, err := ParsePattern(text); err == nil {
			t.Errorf("%q is taken as %v", text, p)
		}
	}
	p, _ := ParsePattern("a[1].b")
	q, ok := p.Member("a")
	if _, other := p.Member("b"); !ok || other {
		t.Error("a member is not told from others")
	}
	if _, first := q.Item(0); first {
		t.Error("item 0 is taken for item 1")
	}
	if q, ok = q.Item(1); !ok || len(q) != 1 {
		t.Error("item 1 is not found")
	}
	if _, ok := q.Item(0); ok {
		t.Error("a member is taken for item 0")
	}
	if _, ok := (Pattern{}).Member("a"); ok {
		t.Error("the whole has members")
	}
}
