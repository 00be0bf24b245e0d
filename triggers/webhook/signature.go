package webhook

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// unit is what a sender counts time in, since 1970.
type unit int

const (
	seconds unit = iota
	milliseconds
	either // by its length
)

// maxSignatures is how many of a list are looked at: one for each key that a sender exchanges.
const maxSignatures = 32

// signature checks a hash of what was sent in a header.
func signature(q *inbound, s scheme, keys []string) (proof, error) {
	g, err := begin(q, s, keys)
	if err != nil {
		return proof{}, err
	}
	g.Write(q.body)
	return g.proof()
}

// signing is a signature whose body is still to come: it is written to it as it comes.
type signing struct {
	q     *inbound
	s     scheme
	stamp string
	given []string // the signatures
	keys  []string
	sums  map[string]hashing // by the key
}

// begin reads what the headers say of a signature.
func begin(q *inbound, s scheme, keys []string) (*signing, error) {
	text, err := q.once(s.header)
	if err != nil {
		return nil, err
	}
	g, id := &signing{q: q, s: s, keys: keys, sums: map[string]hashing{}}, ""
	if s.list != nil {
		g.stamp, g.given = s.list(text)
	} else if rest, ok := strings.CutPrefix(text, s.prefix); ok {
		g.given = []string{rest}
	}
	switch {
	case s.stamp != "":
		if g.stamp, err = q.once(s.stamp); err != nil {
			return nil, err
		}
	case s.list != nil && g.stamp == "":
		return nil, fault.New(fault.Unauthorized, "The request is not signed: %s needs the time once, as t=.", s.header)
	}
	if s.idHeader != "" {
		if id, err = q.once(s.idHeader); err != nil {
			return nil, err
		}
		switch {
		case id == "":
			return nil, fault.New(fault.Unauthorized, "The request is not signed: %s is empty.", s.idHeader)
		case s.list != nil && strings.Contains(id, "."):
			return nil, fault.New(fault.Unauthorized, "%s holds a dot, which divides what is signed: the sender has to take ids without one.", s.idHeader)
		}
	}
	parts := map[string]string{"timestamp": g.stamp, "id": id, "method": q.Method}
	if strings.Contains(s.signed, "{url}") {
		if parts["url"], err = q.address(); err != nil {
			return nil, err
		}
		if s.decoded {
			parts["url"] = hubspotURL(parts["url"])
		}
	}
	for _, key := range keys {
		g.sums[key] = s.begin(key, parts)
	}
	return g, nil
}

// Write signs more of the body.
func (g *signing) Write(b []byte) (int, error) {
	for _, of := range g.sums {
		of.Write(b)
	}
	return len(b), nil
}

// proof compares, once the body is there.
func (g *signing) proof() (proof, error) {
	wanted := map[string]string{}
	for key, of := range g.sums {
		wanted[key] = g.s.end(of)
	}
	key, ok := fitting(g.keys, func(key string) bool {
		want, fits := wanted[key], false
		for _, text := range g.given[:min(len(g.given), maxSignatures)] {
			if g.s.fold {
				text = strings.ToLower(text)
			}
			fits = hmac.Equal([]byte(text), []byte(want)) || fits // the text as senders write it: one form, compared in constant time
		}
		return fits
	})
	if !ok {
		return proof{}, wrongSignature()
	}
	if err := g.s.stale(g.q, g.stamp); err != nil { // said only to who signed it, or repeats what was signed
		return proof{}, err
	}
	return proof{key: key, body: g.q.body}, nil
}

// hashing is the hash that a request should have, with one key.
type hashing struct {
	hash.Hash
	rest string // what is signed after the body
}

// begin hashes what is signed before the body.
func (s scheme) begin(key string, parts map[string]string) hashing {
	h := s.hash()
	if !s.plain {
		h = hmac.New(s.hash, []byte(key))
	}
	names := []string{"{key}", key}
	for name, text := range parts {
		names = append(names, "{"+name+"}", text)
	}
	fill := strings.NewReplacer(names...)
	before, after, _ := strings.Cut(cmp.Or(s.signed, "{body}"), "{body}")
	fill.WriteString(h, before)
	return hashing{h, fill.Replace(after)}
}

// end is the signature that the request should have.
func (s scheme) end(of hashing) string {
	io.WriteString(of, of.rest)
	if s.encoding == "base64" {
		return base64.StdEncoding.EncodeToString(of.Sum(nil))
	}
	return hex.EncodeToString(of.Sum(nil))
}

// stale says why the time that was signed is not near enough to now; nil: it is, or none is asked for.
func (s scheme) stale(q *inbound, stamp string) error {
	if s.tolerance == 0 {
		return nil
	}
	where := s.header
	if s.stamp != "" {
		where = s.stamp
	}
	if s.bodyTime != "" {
		where = s.bodyTime
		body, err := value.Decode(q.body, value.Limits{})
		object, ok := body.(map[string]any)
		count, whole := object[s.bodyTime].(int)
		if err != nil || !ok || !whole {
			return fault.New(fault.Unauthorized, "The signature fits, and the body has no time at %s.", where)
		}
		stamp = strconv.Itoa(count)
	}
	at, ok := moment(stamp, s.unit)
	age := q.now.Sub(at)
	switch {
	case !ok:
		return fault.New(fault.Unauthorized, "The signature fits, and %q in %s is no time: digits are needed, since 1970.", fault.Clip(stamp, 40), where)
	case age > s.tolerance:
		return fault.New(fault.Unauthorized, "The signature fits, and its time is too old: %s in %s, where at most %s ago is taken. It was sent late or once more, or a clock is wrong.",
			at.UTC().Format(time.RFC3339), where, s.tolerance)
	case age < -s.tolerance:
		return fault.New(fault.Unauthorized, "The signature fits, and its time is to come: %s in %s, where at most %s ahead is taken. The sender's clock or this server's is wrong.",
			at.UTC().Format(time.RFC3339), where, s.tolerance)
	}
	return nil
}

// moment reads a time as senders write it: digits only.
func moment(text string, u unit) (time.Time, bool) {
	if text == "" || len(text) > 15 || strings.Trim(text, "0123456789") != "" {
		return time.Time{}, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	if u == milliseconds || u == either && len(text) >= 13 {
		return time.UnixMilli(n), true
	}
	return time.Unix(n, 0), true
}

// stripeList reads t=TIME,v1=SIGNATURE,…; other versions are passed over, and two times are none.
func stripeList(text string) (stamp string, signatures []string) {
	times := 0
	for part := range strings.SplitSeq(text, ",") {
		switch name, rest, _ := strings.Cut(part, "="); name {
		case "t":
			stamp = rest
			times++
		case "v1":
			signatures = append(signatures, rest)
		}
	}
	if times != 1 {
		return "", nil
	}
	return stamp, signatures
}

// standardList reads v1,SIGNATURE v1,SIGNATURE …; the time stands in a header of its own.
func standardList(text string) (stamp string, signatures []string) {
	for part := range strings.SplitSeq(text, " ") {
		if rest, ok := strings.CutPrefix(part, "v1,"); ok && rest != "" {
			signatures = append(signatures, rest)
		}
	}
	return "", signatures
}

// standardKey decodes a secret of Standard Webhooks, whose prefix may be left off.
func standardKey(text string) (string, bool) { return base64Key(strings.TrimPrefix(text, "whsec_")) }

func base64Key(text string) (string, bool) {
	key, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.TrimSpace(text), "="))
	return string(key), err == nil
}

// hubspot takes version 3 where its header is there, and never less then; else one of the older ones by the header that names
// it. (https://developers.hubspot.com/docs/api/webhooks/validating-requests)
func hubspot(older ...string) func(*inbound, scheme, []string) (proof, error) {
	v3 := scheme{header: "X-HubSpot-Signature-v3", hash: sha256.New, encoding: "base64", signed: "{method}{url}{body}{timestamp}", decoded: true,
		stamp: "X-HubSpot-Request-Timestamp", unit: milliseconds, tolerance: fiveMinutes}
	return func(q *inbound, _ scheme, keys []string) (proof, error) {
		if len(older) == 0 || len(q.Header.Values(v3.header)) > 0 {
			return signature(q, v3, keys)
		}
		version, err := q.once("X-HubSpot-Signature-Version")
		if err != nil {
			return proof{}, err
		}
		if !slices.Contains(older, version) {
			return proof{}, wrongSignature()
		}
		signed := map[string]string{"v1": "{key}{body}", "v2": "{key}{method}{url}{body}"}[version]
		return signature(q, scheme{header: "X-HubSpot-Signature", hash: v3.hash, encoding: "hex", plain: true, signed: signed}, keys)
	}
}

// hubspotURL decodes the escapes that HubSpot decodes before it signs, and no other.
func hubspotURL(url string) string {
	return strings.NewReplacer("%3A", ":", "%2F", "/", "%3F", "?", "%40", "@", "%21", "!", "%24", "$", "%27", "'", "%28", "(", "%29", ")",
		"%2A", "*", "%2C", ",", "%3B", ";").Replace(url)
}
