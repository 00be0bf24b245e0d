package run_test

import (
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

func TestLinks(t *testing.T) {
	key := []byte("0123456789abcdef0123456789abcdef")
	link := run.Link{Kind: run.ApprovalLink, Workspace: "default", Run: "0190", Path: "orders[3].ask", To: "ada@example.com"}
	token := link.Token(key)
	if got, err := run.OpenLink(key, run.ApprovalLink, token); err != nil || got != link {
		t.Fatalf("read back it is %+v, %v", got, err)
	}
	if strings.Trim(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") != "" {
		t.Errorf("the token %q does not fit a path", token)
	}
	other := link
	other.Run = "0191"
	body, _, _ := strings.Cut(other.Token(key), ".")
	_, mark, _ := strings.Cut(token, ".")
	for name, bad := range map[string]string{
		"empty": "", "a point": ".", "without its mark": strings.Split(token, ".")[0], "cut": token[:len(token)-1], "longer": token + "A",
		"another's mark": body + "." + mark, "another key": link.Token([]byte("another key")), "spaces": " " + token,
	} {
		if _, err := run.OpenLink(key, run.ApprovalLink, bad); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := run.OpenLink(key, run.ResumeLink, token); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("an approval's link resumes: %v", err)
	}
}
