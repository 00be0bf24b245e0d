package webhook

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"maps"
	"math/big"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

func pemOf(t *testing.T, key any) string {
	t.Helper()
	b, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: b}))
}

// TestJWT: a token is taken that is signed as the trigger says, by its key, in its time, for it; whatever it says of itself.
func TestJWT(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	other, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	p384, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	rsaPEM, ecPEM := pemOf(t, &rsaKey.PublicKey), pemOf(t, &ecKey.PublicKey)
	based := base64.RawURLEncoding.EncodeToString
	point, _ := ecKey.PublicKey.Bytes()
	ecJWK := map[string]string{"kty": "EC", "crv": "P-256", "kid": "e", "use": "sig", "alg": "ES256", "x": based(point[1:33]), "y": based(point[33:])}
	rsaJWK := map[string]string{"kty": "RSA", "kid": "r", "n": based(rsaKey.N.Bytes()), "e": based(big.NewInt(int64(rsaKey.E)).Bytes())}
	set := func(keys ...map[string]string) string {
		b, _ := json.Marshal(map[string]any{"keys": keys})
		return string(b)
	}
	alone, _ := json.Marshal(ecJWK)
	mine := jwt.MapClaims{"iss": "me", "aud": []string{"x", "mill"}, "exp": at + 60, "nbf": at - 60}
	claims := func(more jwt.MapClaims) jwt.MapClaims {
		out := maps.Clone(mine)
		for name, v := range more {
			if out[name] = v; v == nil {
				delete(out, name)
			}
		}
		return out
	}
	secret := "a shared secret of some length\n"
	hs := func(key string, c jwt.MapClaims) string { return token(t, jwt.SigningMethodHS256, []byte(key), "", c) }
	es := func(kid string) string { return token(t, jwt.SigningMethodES256, ecKey, kid, mine) }
	rs := token(t, jwt.SigningMethodRS256, rsaKey, "r", mine)
	critical := jwt.NewWithClaims(jwt.SigningMethodHS256, mine)
	critical.Header["crit"] = []string{"b64"}
	crit, _ := critical.SignedString([]byte(secret))
	for _, c := range []struct {
		name, algorithm, secret, token string
		status                         int
	}{
		{"HS256", "", secret, hs(secret, mine), 200},
		{"HS256, named", "HS256", secret, hs(secret, mine), 200},
		{"the secret but for its end", "HS256", secret, hs(strings.TrimSpace(secret), mine), 401},
		{"another secret", "HS256", secret, hs("other", mine), 401},
		{"HS512", "HS256", secret, token(t, jwt.SigningMethodHS512, []byte(secret), "", mine), 401},
		{"none", "HS256", secret, token(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, "", mine), 401},
		{"none where RS256 is due", "RS256", rsaPEM, token(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, "", mine), 401},
		{"signed with the public key", "RS256", rsaPEM, hs(rsaPEM, mine), 401},
		{"signed with the public key, which the trigger takes for a secret", "HS256", rsaPEM, hs(rsaPEM, mine), 401},
		{"signed with a public set", "HS256", set(rsaJWK), hs(set(rsaJWK), mine), 401},
		{"RS256", "RS256", rsaPEM, rs, 200},
		{"RS256 where ES256 is due", "ES256", rsaPEM, rs, 401},
		{"ES256", "ES256", ecPEM, es(""), 200},
		{"ES256 of another", "ES256", pemOf(t, &other.PublicKey), es(""), 401},
		{"another curve", "ES256", pemOf(t, &p384.PublicKey), es(""), 401},
		{"a key of a set", "ES256", set(rsaJWK, ecJWK), es("e"), 200},
		{"a key of a set without its name", "ES256", set(rsaJWK, ecJWK), es(""), 200},
		{"RS256 of a set", "RS256", set(rsaJWK, ecJWK), rs, 200},
		{"a set without it", "ES256", set(rsaJWK), es("e"), 401},
		{"another name", "ES256", set(ecJWK), es("f"), 401},
		{"a key alone", "ES256", string(alone), es("e"), 200},
		{"an empty set", "ES256", `{"keys":[],"kty":""}`, es("e"), 401},
		{"no key at all", "ES256", "hello", es("e"), 401},
		{"expired", "", secret, hs(secret, claims(jwt.MapClaims{"exp": at - 1})), 401},
		{"expires now", "", secret, hs(secret, claims(jwt.MapClaims{"exp": at})), 401},
		{"without an end", "", secret, hs(secret, claims(jwt.MapClaims{"exp": nil})), 401},
		{"an end that is no time", "", secret, hs(secret, claims(jwt.MapClaims{"exp": "never"})), 401},
		{"not yet", "", secret, hs(secret, claims(jwt.MapClaims{"nbf": at + 1})), 401},
		{"from when on is not said", "", secret, hs(secret, claims(jwt.MapClaims{"nbf": nil})), 200},
		{"for somebody else", "", secret, hs(secret, claims(jwt.MapClaims{"aud": "x"})), 401},
		{"for nobody", "", secret, hs(secret, claims(jwt.MapClaims{"aud": nil})), 401},
		{"of somebody else", "", secret, hs(secret, claims(jwt.MapClaims{"iss": "x"})), 401},
		{"of nobody", "", secret, hs(secret, claims(jwt.MapClaims{"iss": nil})), 401},
		{"critical headers", "", secret, crit, 401},
		{"cut short", "", secret, hs(secret, mine)[:100], 401},
		{"nothing", "", secret, "", 401},
	} {
		verify := map[string]any{"preset": "jwt", "secret": "s", "issuer": "me", "audience": "mill"}
		if c.algorithm != "" {
			verify["algorithm"] = c.algorithm
		}
		w := verifying(t, verify)
		w.secrets["s"] = c.secret
		if status, answer, _ := w.send(t, "POST", "", "{}", map[string]string{"Authorization": "Bearer " + c.token}); status != c.status || len(w.taken) > 0 != (status == 200) {
			t.Errorf("%s: %d %s", c.name, status, answer)
		}
	}
	for token, want := range map[string]string{
		hs("other", mine): "signature does not fit: it has to be made by HS256",
		hs("other", claims(jwt.MapClaims{"exp": nil})):   "signature does not fit", // of a stranger's token nothing else is said
		hs(secret, claims(jwt.MapClaims{"exp": at - 1})): "it has expired at 20",
		hs(secret, claims(jwt.MapClaims{"exp": nil})):    "it has no exp",
		hs(secret, claims(jwt.MapClaims{"nbf": at + 1})): "its time is to come",
		hs(secret, claims(jwt.MapClaims{"iss": "x"})):    "iss is not the trigger's issuer",
		hs(secret, claims(jwt.MapClaims{"aud": "x"})):    "aud is not the trigger's audience",
		hs(secret, claims(jwt.MapClaims{"aud": nil})):    "lacks iss or aud",
		rs:    "made by HS256",
		crit:  "by crit",
		"a.b": "holds no JSON Web Token",
	} {
		w := verifying(t, map[string]any{"preset": "jwt", "secret": []any{"s", "t"}, "issuer": "me", "audience": "mill"})
		w.secrets["s"], w.secrets["t"] = secret, "another"
		if status, answer, _ := w.send(t, "POST", "", "{}", map[string]string{"Authorization": "Bearer " + token}); status != 401 || !strings.Contains(answer, want) {
			t.Errorf("%d %s, not %s", status, answer, want)
		}
	}
	w := verifying(t, map[string]any{"preset": "jwt", "secret": []any{"new", "old"}, "tolerance": "1m"})
	w.secrets = map[string]string{"new": "n", "old": "o"}
	for _, key := range []string{"n", "o"} {
		if status, answer, _ := w.send(t, "POST", "", "{}", map[string]string{"Authorization": "bearer " + hs(key, claims(jwt.MapClaims{"exp": at - 59}))}); status != 200 {
			t.Errorf("%s: %d %s", key, status, answer)
		}
	}
}

func token(t *testing.T, method jwt.SigningMethod, key any, kid string, c jwt.MapClaims) string {
	t.Helper()
	tok := jwt.NewWithClaims(method, c)
	if kid != "" {
		tok.Header["kid"] = kid
	}
	text, err := tok.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
