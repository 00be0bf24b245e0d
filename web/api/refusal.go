package api

import (
	"encoding/json"
	"errors"
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

func (p *Refusal) Error() string { return p.Detail }

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
	var refused *Refusal
	var old stale
	switch {
	case errors.As(err, &refused):
		return refused.Status
	case errors.As(err, &old):
		return http.StatusPreconditionFailed
	}
	if _, ok := err.(access.WrongMethod); ok {
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
	if p, ok := err.(*Refusal); ok {
		return p
	}
	status := StatusOf(err)
	p := refusal(status, fault.CodeOf(err), fault.MessageOf(err))
	p.header, p.Errors = headerOf(status, err), short(fault.ProblemsOf(err))
	return p
}

// refusal is one that no fault gives.
func refusal(status int, code fault.Code, detail string) *Refusal {
	return &Refusal{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail, Code: string(code)}
}

// refused says of a request all that its schemas, or the reader of its body, find wrong.
func refused(status int, found []error) *Refusal {
	p := refusal(status, fault.InvalidInput, "")
	for _, err := range found {
		var place fault.Problem
		if d, ok := err.(*huma.ErrorDetail); !ok {
			place.Message = fault.Clip(err.Error(), mostText)
		} else { // whose Error writes out all of the value that is wrong
			place = fault.Problem{Path: pointer(d.Location), Message: fault.Clip(d.Message, mostText)}
			if name, ok := missing(d.Message); ok {
				place.Path += "/" + name
			}
			if d.Message == validation.MsgExpectedMatchExactlyOneSchema { // the only one that has several is a connection's value
				place.Message = given{}.wants(d.Value)
			}
		}
		p.Errors = append(p.Errors, place)
	}
	p.Errors = short(p.Errors)
	p.Detail = "The request is not right: " + strings.TrimSuffix(p.Errors[0].Message, ".") + "."
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

// WriteError answers an error as a problem.
func WriteError(w http.ResponseWriter, err error) {
	p := problemOf(err)
	maps.Copy(w.Header(), p.header)
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(p.Status)
	json.NewEncoder(w).Encode(p)
}
