package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/web/access"
)

// Refusal is an error as RFC 9457 writes it.
type Refusal struct {
	Type   string          `json:"type"`
	Title  string          `json:"title"`
	Status int             `json:"status"`
	Detail string          `json:"detail"`
	Code   string          `json:"code" doc:"The error's class, as retry policies know it."`
	Errors []fault.Problem `json:"errors,omitempty" doc:"Every place that is wrong."`

	header http.Header
}

func (p *Refusal) Error() string               { return p.Detail }
func (p *Refusal) GetStatus() int              { return p.Status }
func (p *Refusal) GetHeaders() http.Header     { return p.header }
func (p *Refusal) ContentType(_ string) string { return "application/problem+json" }

// stale is the error of a request whose If-Match no longer holds (RFC 9110, 13.1.1).
type stale struct{ error }

func (s stale) Unwrap() error { return s.error }

// matched tells a conflict with the revision that was asked for from any other.
func matched(err error, revision int64) error {
	if revision != 0 && fault.CodeOf(err) == fault.Conflict {
		return stale{err}
	}
	return err
}

// StatusOf is the one table of what a fault is as an HTTP status.
func StatusOf(err error) int {
	switch err.(type) {
	case stale:
		return http.StatusPreconditionFailed
	case access.WrongMethod:
		return http.StatusMethodNotAllowed
	}
	if access.SignedOut(err) {
		return http.StatusUnauthorized
	}
	switch fault.CodeOf(err) {
	case "":
		return http.StatusOK
	case fault.InvalidInput, fault.Stopped:
		return http.StatusUnprocessableEntity
	case fault.Unauthorized:
		return http.StatusForbidden
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict, fault.Uncertain:
		return http.StatusConflict
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.RateLimited:
		return http.StatusTooManyRequests
	case fault.Unavailable, fault.Cancelled:
		return http.StatusServiceUnavailable
	case fault.Timeout:
		return http.StatusGatewayTimeout
	}
	return http.StatusInternalServerError
}

func problemOf(err error) *Refusal {
	status := StatusOf(err)
	return &Refusal{header: headerOf(status, err), Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: fault.MessageOf(err), Code: string(fault.CodeOf(err)), Errors: short(fault.ProblemsOf(err))}
}

// newError makes huma's own complaints problems like all others.
func newError(status int, message string, errs ...error) huma.StatusError {
	p := &Refusal{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: fault.Clip(message, mostText), Code: string(fault.InvalidInput)}
	switch {
	case status >= 500:
		p.Code = string(fault.Internal)
	case status == http.StatusRequestEntityTooLarge:
		p.Code, p.Detail = string(fault.TooLarge), fmt.Sprintf("The request's body is larger than %d MB, which is the most that is taken here.", maxBody>>20)
	case message == "request body is required":
		p.Detail = "The request has no body; send JSON."
	}
	for _, err := range errs {
		if err == nil {
			continue
		}
		var place fault.Problem
		if d, ok := err.(*huma.ErrorDetail); !ok {
			place.Message = fault.Clip(err.Error(), mostText)
		} else { // whose Error writes out all of the value that is wrong
			place = fault.Problem{Path: pointer(d.Location), Message: fault.Clip(d.Message, mostText)}
			if words := plainly(d.Message); words != "" {
				place.Message = words
			}
			if name, ok := missing(d.Message); ok {
				place.Path += "/" + name
			}
			if d.Message == validation.MsgExpectedMatchExactlyOneSchema { // the only one that has several is a connection's value
				place.Message = given{}.wants(d.Value)
			}
		}
		p.Errors = append(p.Errors, place)
	}
	if status == http.StatusUnsupportedMediaType && len(p.Errors) > 0 {
		kind := strings.TrimPrefix(p.Errors[0].Message, huma.ErrUnknownContentType.Error()+": ")
		p.Errors, p.Detail = nil, fmt.Sprintf("The request's body is called %q. Send JSON, with the header Content-Type: application/json.", fault.Clip(kind, 100))
	}
	if status < 500 && len(p.Errors) > 0 {
		p.Detail = "The request is not right: " + strings.TrimSuffix(p.Errors[0].Message, ".") + "."
	}
	p.Errors = short(p.Errors)
	return p
}

// What a refusal says of what was sent, at most: it repeats nobody's megabyte.
const (
	mostPlaces = 50
	mostText   = 300 // bytes of a path or a sentence
)

// short gives the first of some problems, of a scenario's, which have lines, all that its reader tells; each with a path that can be read.
func short(list []fault.Problem) []fault.Problem {
	if len(list) > mostPlaces && list[0].Line == 0 {
		list = list[:mostPlaces]
	}
	list = slices.Clone(list)
	for i, p := range list {
		list[i].Path = fault.Clip(p.Path, mostText)
	}
	return list
}

// missing gives the name of a member that huma misses; it says where the object is, not where the member would be.
func missing(message string) (string, bool) {
	before, after, _ := strings.Cut(validation.MsgExpectedRequiredProperty, "%s")
	name, ok := strings.CutPrefix(message, before)
	if !ok {
		return "", false
	}
	return strings.CutSuffix(name, after)
}

// pointer turns huma's body.limits.rate into /limits/rate.
func pointer(location string) string {
	for _, part := range []string{"body", "query", "path", "header"} { // a name is enough to find it by
		if rest, ok := strings.CutPrefix(location, part); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			location = strings.TrimPrefix(rest, ".")
			break
		}
	}
	if location == "" {
		return ""
	}
	return "/" + strings.NewReplacer(".", "/", "[", "/", "]", "").Replace(location)
}

// retryAfter is how long to wait where the fault does not say.
const retryAfter = 5 * time.Second

// headerOf is what an answer says beside its body: how to sign in, or when to come again.
func headerOf(status int, err error) http.Header {
	header := http.Header{}
	switch status {
	case http.StatusUnauthorized:
		header.Set("WWW-Authenticate", "Bearer")
	default:
		if wait := RetryAfter(status, err); wait != "" {
			header.Set("Retry-After", wait)
		}
	}
	return header
}

// RetryAfter is in how many seconds to come again, where an answer says so; else "".
func RetryAfter(status int, err error) string {
	if status != http.StatusServiceUnavailable && status != http.StatusTooManyRequests {
		return ""
	}
	wait := retryAfter
	var own *fault.Error
	if errors.As(err, &own) && own.RetryAfter > 0 {
		wait = own.RetryAfter
	}
	return strconv.Itoa(int(math.Ceil(wait.Seconds())))
}

// WriteError answers a fault as a problem: for what is not huma's.
func WriteError(w http.ResponseWriter, err error) {
	p := problemOf(err)
	maps.Copy(w.Header(), p.header)
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	json.NewEncoder(w).Encode(p)
}
