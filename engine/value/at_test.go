package value

import "testing"

func TestAt(t *testing.T) {
	v := map[string]any{"a": []any{"x", map[string]any{"b/c": 1, "~": 2}}}
	for pointer, want := range map[string]string{"": Text(v), "/a/0": "x", "/a/1/b~1c": "1", "/a/1/~0": "2", "/a/2": "", "/a/-1": "", "/a/x": "", "/b": "", "/a/0/z": ""} {
		if got := Text(At(v, pointer)); got != want {
			t.Errorf("at %q there is %q, not %q", pointer, got, want)
		}
	}
}
