package scenario

import "testing"

// TestColumns: a column counts what is seen, as an editor does.
func TestColumns(t *testing.T) {
	text := []byte("{\"a\": 1,\n\"é😀\": oops}")
	for offset, want := range map[int][2]int{0: {1, 1}, 6: {1, 7}, 9: {2, 1}, len(text) - 5: {2, 7}, len(text): {2, 12}, 1000: {2, 12}} {
		if line, column := position(text, offset); [2]int{line, column} != want {
			t.Errorf("at %d it is %d:%d, not %v", offset, line, column, want)
		}
	}
}
