package fault

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	names := []string{"send_message", "create_issue", "set", "log"}
	for written, want := range map[string]string{
		"send_mesage": "send_message", "Create_Issue": "create_issue", "sett": "set", "": "", "x": "", "delete_everything": "", strings.Repeat("s", 61): "",
		"creat issue": "create_issue", "logg": "log", "zzz": "", "lgo": "log", "est": "set", "nope": "", "bot": "", "snd_mesage": "send_message",
	} {
		if got := Nearest(written, names); got != want {
			t.Errorf("%q: %q, not %q", written, got, want)
		}
	}
	if got := DidYouMean("sett", names); got != ` Did you mean "set"?` {
		t.Errorf("%q", got)
	}
	if got := DidYouMean("zzz", names); got != "" {
		t.Errorf("%q", got)
	}
}
