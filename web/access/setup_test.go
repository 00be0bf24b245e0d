package access

import (
	"net/http/httptest"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
)

// TestSetUpFromElsewhere: without a token the first account is made at this machine only, whatever stands in front of it.
func TestSetUpFromElsewhere(t *testing.T) {
	owner := Owner{Name: "Eve", Email: "eve@example.com", Password: "correct horse battery"}
	d := newDesk(t)
	for _, host := range []string{"flows.example.com", "10.0.0.7:8080", "127.0.0.1.example.com"} {
		r := request("POST", "/setup")
		r.Host = host
		if err := d.SetUp(httptest.NewRecorder(), r, owner); fault.CodeOf(err) != fault.Unauthorized {
			t.Errorf("at %s: %v", host, err)
		}
	}
	r := request("POST", "/setup")
	r.Host = "127.0.0.1:8080"
	if err := d.SetUp(httptest.NewRecorder(), r, owner); err != nil {
		t.Error(err)
	}
	for base, local := range map[string]bool{"http://127.0.0.1:8080": true, "http://localhost": true, "http://[::1]:1": true, "https://flows.example.com": false, "http://0.0.0.0:80": false, "": false} {
		if LocalURL(base) != local {
			t.Errorf("%q", base)
		}
	}
}
