package webhook

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/stepmill/stepmill/engine/fault"
)

// jwtAlgorithms are those a token may be signed by. The trigger names one, and the token's own word for it counts for nothing.
func jwtAlgorithms() []string { return []string{"ES256", "HS256", "RS256"} }

// jwtToken checks a JSON Web Token after Bearer: its signature, its time, and what the trigger says of issuer and audience. A
// token without an end is refused; it says nothing of the body.
func jwtToken(q *inbound, s scheme, keys []string) (proof, error) {
	given, err := q.credentials(s.header, "Bearer")
	if err != nil {
		return proof{}, err
	}
	options := []jwt.ParserOption{jwt.WithValidMethods([]string{s.algorithm}), jwt.WithExpirationRequired(), jwt.WithStrictDecoding(), jwt.WithLeeway(s.tolerance),
		jwt.WithTimeFunc(func() time.Time { return q.now })}
	if s.issuer != "" {
		options = append(options, jwt.WithIssuer(s.issuer))
	}
	if s.audience != "" {
		options = append(options, jwt.WithAudience(s.audience))
	}
	parser := jwt.NewParser(options...)
	var why error
	key, ok := fitting(keys, func(text string) bool {
		read, err := parser.Parse(given, func(t *jwt.Token) (any, error) {
			if _, critical := t.Header["crit"]; critical { // it asks for what is not understood here
				return nil, errCritical
			}
			kid, _ := t.Header["kid"].(string)
			set := jwt.VerificationKeySet{Keys: jwtKeys(s.algorithm, text, kid)}
			if len(set.Keys) == 0 {
				return nil, errNoKey
			}
			return set, nil
		})
		if err != nil && (why == nil || errors.Is(err, jwt.ErrTokenInvalidClaims)) { // where a key fits, what else is wrong counts
			why = s.wrongToken(read, err)
		}
		return err == nil
	})
	if !ok {
		return proof{}, why
	}
	return proof{key: key, body: q.body}, nil
}

var errCritical, errNoKey = errors.New("critical headers"), errors.New("no key")

// wrongToken says what is wrong with a token. What its claims are is only said of one whose signature fits.
func (s scheme) wrongToken(read *jwt.Token, err error) error {
	until := ""
	if read != nil && read.Claims != nil {
		if at, err := read.Claims.GetExpirationTime(); err == nil && at != nil {
			until = " at " + at.UTC().Format(time.RFC3339)
		}
	}
	for _, c := range []struct {
		is   error
		text string
	}{
		{jwt.ErrTokenMalformed, "The header " + s.header + " holds no JSON Web Token after Bearer that can be read."},
		{errCritical, "The token asks for something by crit that is not understood here."},
		{errNoKey, "The trigger's secret holds no key for " + s.algorithm + " that the token names."},
		{jwt.ErrTokenSignatureInvalid, "The token's signature does not fit: it has to be made by " + s.algorithm + " with the trigger's key."},
		{jwt.ErrTokenExpired, "The token's signature fits, and it has expired" + until + "."},
		{jwt.ErrTokenNotValidYet, "The token's signature fits, and its time is to come (nbf)."},
		{jwt.ErrTokenInvalidIssuer, "The token's signature fits, and iss is not the trigger's issuer."},
		{jwt.ErrTokenInvalidAudience, "The token's signature fits, and aud is not the trigger's audience."},
	} {
		if errors.Is(err, c.is) {
			return fault.New(fault.Unauthorized, "%s", c.text)
		}
	}
	if errors.Is(err, jwt.ErrTokenRequiredClaimMissing) {
		if until == "" {
			return fault.New(fault.Unauthorized, "The token's signature fits, and it has no exp: one without an end is not taken.")
		}
		return fault.New(fault.Unauthorized, "The token's signature fits, and it lacks iss or aud, which the trigger asks for.")
	}
	return unproven("The token cannot be checked.")
}

// maxKeys is how many keys of a set are tried.
const maxKeys = 20

// jwtKeys gives the keys of an algorithm that a secret's text holds: the text itself for HS256, which a public key never is;
// for the others a PEM or a JWKS, there those with the token's kid.
func jwtKeys(algorithm, text, kid string) []jwt.VerificationKey {
	set := strings.HasPrefix(strings.TrimSpace(text), "{") && strings.Contains(text, `"kty"`)
	public := set || strings.Contains(text, "-----BEGIN")
	switch {
	case algorithm == "HS256" && !public:
		return []jwt.VerificationKey{[]byte(text)}
	case algorithm == "HS256" || !public:
		return nil
	case set:
		return jwksKeys(algorithm, text, kid)
	case algorithm == "RS256":
		if key, err := jwt.ParseRSAPublicKeyFromPEM([]byte(text)); err == nil && strong(key) {
			return []jwt.VerificationKey{key}
		}
	case algorithm == "ES256":
		if key, err := jwt.ParseECPublicKeyFromPEM([]byte(text)); err == nil && key.Curve == elliptic.P256() {
			return []jwt.VerificationKey{key}
		}
	}
	return nil
}

// strong says that an RSA key is as long as RFC 7518 asks for.
func strong(key *rsa.PublicKey) bool { return key.N.BitLen() >= 2048 && key.E >= 3 }

// jwk is a key of a set (RFC 7517).
type jwk struct{ Kty, Kid, Use, Alg, Crv, N, E, X, Y string }

func jwksKeys(algorithm, text, kid string) []jwt.VerificationKey {
	var set struct{ Keys []jwk }
	if json.Unmarshal([]byte(text), &set) != nil {
		return nil
	}
	if set.Keys == nil { // one key alone
		set.Keys = make([]jwk, 1)
		if json.Unmarshal([]byte(text), &set.Keys[0]) != nil {
			return nil
		}
	}
	var out []jwt.VerificationKey
	for _, k := range set.Keys {
		if kid != "" && k.Kid != "" && k.Kid != kid || k.Use != "" && k.Use != "sig" || k.Alg != "" && k.Alg != algorithm || len(out) == maxKeys {
			continue
		}
		if key, ok := k.public(); ok && (k.Kty == "RSA") == (algorithm == "RS256") {
			out = append(out, key)
		}
	}
	return out
}

func (k jwk) public() (jwt.VerificationKey, bool) {
	number := func(text string) []byte {
		b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
		if err != nil {
			return nil
		}
		return b
	}
	switch {
	case k.Kty == "RSA":
		e := new(big.Int).SetBytes(number(k.E))
		if !e.IsInt64() || e.Int64() > 1<<31-1 {
			return nil, false
		}
		key := &rsa.PublicKey{N: new(big.Int).SetBytes(number(k.N)), E: int(e.Int64())}
		return key, strong(key)
	case k.Kty == "EC" && k.Crv == "P-256":
		x, y := number(k.X), number(k.Y)
		if len(x) != 32 || len(y) != 32 {
			return nil, false
		}
		key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
		return key, err == nil
	}
	return nil, false
}
