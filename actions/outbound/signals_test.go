package outbound

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/actions"
)

// heads makes a header of lines as "Retry-After: 7".
func heads(lines ...string) http.Header {
	h := http.Header{}
	for _, line := range lines {
		name, text, _ := strings.Cut(line, ": ")
		h.Add(name, text)
	}
	return h
}

// TestSignals is every form in which the vendors ask to wait, one line each, and answers beside them that do not.
func TestSignals(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC) // 1772600767
	for _, k := range []struct {
		vendor string
		status int
		header []string
		body   string
		class  string
		wait   time.Duration
		narrow bool
	}{
		{"core", 200, nil, `{}`, "", 0, false},
		{"core", 429, nil, ``, "rate_limited", 0, false},
		{"core", 429, []string{"Retry-After: 1.5"}, ``, "rate_limited", 1500 * time.Millisecond, false},
		{"core", 429, []string{"Retry-After: Wed, 04 Mar 2026 05:07:07 GMT"}, ``, "rate_limited", time.Minute, false},
		{"core", 429, []string{"Retry-After: 7", "Retry-After: 90"}, ``, "rate_limited", 90 * time.Second, false},
		{"core", 429, []string{"Retry-After: 999999999"}, ``, "rate_limited", day, false},
		{"core", 429, []string{"Retry-After: soon"}, ``, "rate_limited", 0, false},
		{"core", 429, []string{"RateLimit-Reset: 30"}, ``, "rate_limited", 30 * time.Second, false},
		{"core", 429, []string{"X-RateLimit-Reset: 1772600827"}, ``, "rate_limited", time.Minute, false},
		{"core", 429, []string{"X-RateLimit-Reset: 1772600827000"}, ``, "rate_limited", time.Minute, false},
		{"core", 429, []string{"X-RateLimit-Reset: 2026-03-04T05:07:07Z"}, ``, "rate_limited", time.Minute, false},
		{"core", 429, []string{"Retry-After: 7", "X-RateLimit-Reset: 1772600827"}, ``, "rate_limited", 7 * time.Second, false},
		{"core", 403, []string{"X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1772600827"}, ``, "rate_limited", time.Minute, false},
		{"core", 403, []string{"X-RateLimit-Remaining: 3", "X-RateLimit-Reset: 1772600827"}, ``, "", 0, false},
		{"core", 403, nil, ``, "", 0, false},
		{"core", 503, nil, ``, "", 0, false},
		{"core", 503, []string{"Retry-After: 20"}, ``, "unavailable", 20 * time.Second, false},
		{"intercom", 429, []string{"X-RateLimit-Limit: 1666", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1772600770"}, `{"type":"error.list","errors":[{"code":"rate_limit_exceeded"}]}`, "rate_limited", 3 * time.Second, false},
		{"intercom", 429, []string{"X-RateLimit-Reset: 1772600000"}, ``, "rate_limited", 0, false}, // it has opened
		{"salesforce", 403, nil, `[{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]`, "rate_limited", 15 * time.Minute, false},
		{"salesforce", 403, nil, `[{"errorCode":"INSUFFICIENT_ACCESS"}]`, "", 0, false},
		{"hubspot", 429, nil, `{"status":"error","policyName":"TEN_SECONDLY_ROLLING"}`, "rate_limited", 10 * time.Second, false},
		{"hubspot", 429, nil, `{"status":"error","policyName":"SECONDLY"}`, "rate_limited", time.Second, false},
		{"hubspot", 429, nil, `{"status":"error","policyName":"DAILY"}`, "rate_limited", time.Hour, false},
		{"hubspot", 429, []string{"Retry-After: 4"}, `{"policyName":"DAILY"}`, "rate_limited", 4 * time.Second, false},
		{"pipedrive", 429, []string{"X-RateLimit-Limit: 80", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 2"}, `{"success":false}`, "rate_limited", 2 * time.Second, false},
		{"slack", 429, []string{"Retry-After: 30"}, `{"ok":false,"error":"ratelimited"}`, "rate_limited", 30 * time.Second, false},
		{"slack", 200, nil, `{"ok":false,"error":"ratelimited"}`, "rate_limited", 0, false},
		{"slack", 200, nil, `{"ok":false,"error":"rate_limited"}`, "rate_limited", 0, false},
		{"slack", 200, nil, `{"ok":false,"error":"not_in_channel"}`, "", 0, false},
		{"microsoft_teams", 429, []string{"Retry-After: 12"}, `{"error":{"code":"TooManyRequests"}}`, "rate_limited", 12 * time.Second, false},
		{"microsoft_teams", 503, []string{"Retry-After: 12"}, ``, "unavailable", 12 * time.Second, false},
		{"microsoft_teams", 504, []string{"Retry-After: 12"}, ``, "unavailable", 12 * time.Second, false},
		{"microsoft_teams", 504, nil, ``, "", 0, false},
		{"zoom", 429, []string{"Retry-After: 2026-03-04T05:07:07Z"}, ``, "rate_limited", time.Minute, false},
		{"zoom", 429, []string{"X-RateLimit-Type: QPS"}, `{"code":429}`, "rate_limited", 0, false},
		{"zoom", 429, []string{"X-RateLimit-Type: Daily-limit", "Retry-After: 2026-03-05T00:00:00Z"}, `{"code":429}`, "rate_limited", 18*time.Hour + 53*time.Minute + 53*time.Second, true},
		{"zoom", 429, []string{"X-RateLimit-Type: Daily-limit"}, ``, "rate_limited", time.Hour, true},
		{"google_sheets", 403, nil, `{"error":{"code":403,"errors":[{"reason":"userRateLimitExceeded"}]}}`, "rate_limited", 0, false},
		{"google_drive", 403, nil, `{"error":{"code":403,"errors":[{"reason":"rateLimitExceeded"}]}}`, "rate_limited", 0, false},
		{"google_drive", 403, nil, `{"error":{"code":403,"errors":[{"reason":"insufficientPermissions"}]}}`, "", 0, false},
		{"google_analytics", 429, nil, `{"error":{"code":429,"status":"RESOURCE_EXHAUSTED"}}`, "rate_limited", 0, false},
		{"amplitude", 429, nil, `{"code":429,"throttled_devices":{"C8F9E604":11}}`, "rate_limited", 30 * time.Second, true},
		{"amplitude", 429, nil, `{"code":429,"throttled_users":{"ada":11}}`, "rate_limited", 30 * time.Second, true},
		{"amplitude", 429, nil, `{"code":429}`, "rate_limited", 0, false},
		{"mixpanel", 429, nil, `{"code":429}`, "rate_limited", 0, false},
		{"mailchimp", 429, nil, `{"title":"Too Many Requests"}`, "rate_limited", 0, false},
		{"jira", 429, []string{"Retry-After: 5", "RateLimit-Reason: jira-burst-based"}, ``, "rate_limited", 5 * time.Second, false},
		{"jira", 429, []string{"X-RateLimit-Remaining: 0", "X-RateLimit-Reset: soon"}, ``, "rate_limited", 0, false},
		{"jira", 429, []string{"X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 2026-03-04T05:07:07Z"}, ``, "rate_limited", time.Minute, false},
		{"jira", 429, []string{"Retry-After: 5", "RateLimit-Reason: jira-per-issue-on-write"}, ``, "rate_limited", 5 * time.Second, true},
		{"linear", 400, []string{"X-RateLimit-Requests-Remaining: 0", "X-RateLimit-Requests-Reset: 1772600827000", "X-RateLimit-Complexity-Remaining: 9", "X-RateLimit-Complexity-Reset: 1772604367000"},
			`{"errors":[{"message":"Rate limit exceeded","extensions":{"code":"RATELIMITED"}}]}`, "rate_limited", time.Minute, false},
		{"linear", 400, []string{"X-RateLimit-Requests-Remaining: 9", "X-RateLimit-Requests-Reset: 1772600827000", "X-RateLimit-Complexity-Remaining: 0", "X-RateLimit-Complexity-Reset: 1772604367000"},
			`{"errors":[{"extensions":{"code":"RATELIMITED"}}]}`, "rate_limited", time.Hour, false},
		{"linear", 400, nil, `{"errors":[{"extensions":{"code":"INVALID_INPUT"}}]}`, "", 0, false},
		{"github", 403, []string{"X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1772600827", "X-RateLimit-Resource: core"}, `{"message":"API rate limit exceeded"}`, "rate_limited", time.Minute, false},
		{"github", 429, []string{"X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1772600827", "X-RateLimit-Resource: search"}, ``, "rate_limited", time.Minute, false},
		{"github", 403, []string{"Retry-After: 40", "X-RateLimit-Remaining: 4000", "X-RateLimit-Reset: 1772604367"}, `{"message":"You have exceeded a secondary rate limit."}`, "rate_limited", 40 * time.Second, false},
		{"github", 403, nil, `{"message":"You have exceeded a secondary rate limit. Please wait."}`, "rate_limited", time.Minute, false},
		{"github", 403, []string{"X-RateLimit-Remaining: 4000"}, `{"message":"Resource not accessible by integration"}`, "", 0, false},
		{"notion", 429, []string{"Retry-After: 2"}, `{"object":"error","code":"rate_limited"}`, "rate_limited", 2 * time.Second, false},
		{"notion", 503, []string{"Retry-After: 2"}, `{"object":"error","code":"service_unavailable"}`, "unavailable", 2 * time.Second, false},
		{"notion", 503, nil, `{"object":"error","code":"service_overload"}`, "unavailable", 0, false},
		{"dropbox", 429, []string{"Retry-After: 15"}, `{"error_summary":"too_many_requests/..","error":{".tag":"too_many_requests"}}`, "rate_limited", 15 * time.Second, false},
		{"dropbox", 429, nil, `{"error_summary":"x","error":{"reason":{".tag":"too_many_write_operations"},"retry_after":300}}`, "rate_limited", 5 * time.Minute, false},
		{"dropbox", 409, nil, `{"error_summary":"too_many_write_operations/..","error":{".tag":"too_many_write_operations"}}`, "rate_limited", 0, false},
		{"dropbox", 409, nil, `{"error_summary":"path/not_found/..","error":{".tag":"path"}}`, "", 0, false},
	} {
		resp := actions.Response{Status: k.status, Header: heads(k.header...), Body: []byte(k.body)}
		resp.Value, _ = parse("application/json", resp.Body)
		if k.body != "" && !json.Valid(resp.Body) {
			t.Fatalf("%s is no JSON", k.body)
		}
		got := pleaOf(actions.LimitsOf(k.vendor), resp, false, now)
		if string(got.code) != k.class || got.wait != k.wait || got.narrow != k.narrow {
			t.Errorf("%s %d %v %s: %+v, want %s %s %v", k.vendor, k.status, k.header, k.body, got, k.class, k.wait, k.narrow)
		}
	}
}

// TestCounts is what the vendors' headers say is left, and when more will be.
func TestCounts(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for _, k := range []struct {
		vendor string
		header []string
		want   []count // of each limit that is told of
	}{
		{"intercom", []string{"X-RateLimit-Limit: 1666", "X-RateLimit-Remaining: 12", "X-RateLimit-Reset: 1772600770"}, []count{{12, 1666, 3 * time.Second}}},
		{"salesforce", []string{"Sforce-Limit-Info: api-usage=18/5000"}, []count{{4982, 5000, 15 * time.Minute}}},
		{"salesforce", []string{"Sforce-Limit-Info: api-usage=5001/5000, per-app-api-usage=17/250(appName=x)"}, []count{{0, 5000, 15 * time.Minute}}},
		{"salesforce", []string{"Sforce-Limit-Info: nonsense"}, nil},
		{"hubspot", []string{"X-HubSpot-RateLimit-Max: 110", "X-HubSpot-RateLimit-Remaining: 0", "X-HubSpot-RateLimit-Interval-Milliseconds: 10000"}, []count{{0, 110, 10 * time.Second}}},
		{"pipedrive", []string{"x-ratelimit-limit: 80", "x-ratelimit-remaining: 79", "x-ratelimit-reset: 2"}, []count{{79, 80, 2 * time.Second}}},
		{"jira", []string{"X-RateLimit-Limit: 350", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 2026-03-04T05:07:07Z"}, []count{{0, 350, time.Minute}}},
		{"linear", []string{"X-RateLimit-Requests-Limit: 1500", "X-RateLimit-Requests-Remaining: 1", "X-RateLimit-Requests-Reset: 1772600827000", "X-RateLimit-Complexity-Limit: 250000", "X-RateLimit-Complexity-Remaining: 0", "X-RateLimit-Complexity-Reset: 1772600797000"},
			[]count{{1, 1500, time.Minute}, {0, 250000, 30 * time.Second}}},
		{"github", []string{"X-RateLimit-Limit: 5000", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1772600827", "X-RateLimit-Resource: core"}, []count{{0, 5000, time.Minute}}},
		{"github", []string{"X-RateLimit-Limit: 30", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1772600827", "X-RateLimit-Resource: search"}, nil},
		{"core", []string{"X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1772600827"}, nil}, // of what, nobody knows
		{"intercom", []string{"X-RateLimit-Remaining: -5", "X-RateLimit-Limit: many", "X-RateLimit-Reset: 1"}, []count{{0, 0, 0}}},
		{"intercom", []string{"X-RateLimit-Remaining: NaN"}, nil},
		{"slack", []string{"X-RateLimit-Remaining: 0"}, nil},
	} {
		var got []count
		for _, l := range actions.LimitsOf(k.vendor).Headers {
			if c, ok := countOf(l, heads(k.header...), now); ok && !l.Late {
				got = append(got, c)
			}
		}
		if len(got) != len(k.want) {
			t.Errorf("%s %v: %+v", k.vendor, k.header, got)
			continue
		}
		for i := range got {
			if got[i] != k.want[i] {
				t.Errorf("%s %v: %+v, want %+v", k.vendor, k.header, got[i], k.want[i])
			}
		}
	}
}
