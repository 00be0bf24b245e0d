package core

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

const maxToken = 64 << 10

func runJWT(do string, v map[string]any, now time.Time) (any, error) {
	token := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(textOf(v, "token")), "Bearer"))
	if do != "jwt_verify" && len(token) > maxToken {
		return nil, fault.New(fault.TooLarge, "The input token: it has more than %d kB.", maxToken>>10)
	}
	switch do {
	case "jwt_sign":
		return signJWT(v, now)
	case "jwt_verify":
		return verifyJWT(v, token, now)
	}
	header, claims, err := readJWT(token)
	if err != nil {
		return nil, err
	}
	return map[string]any{"header": header, "claims": claims}, nil
}

// signJWT makes a token. Claims are written as values are, so that numbers keep every digit.
func signJWT(v map[string]any, now time.Time) (any, error) {
	algorithm := textOf(v, "algorithm")
	method := jwt.GetSigningMethod(algorithm)
	key, err := signingKey(v, algorithm)
	if err != nil {
		return nil, err
	}
	given, _ := v["claims"].(map[string]any)
	claims := maps.Clone(given)
	if seconds, _ := v["expires_in"].(int); seconds > 0 {
		for _, name := range []string{"iat", "exp"} {
			if claims[name] != nil {
				return nil, wrong("claims/"+name, "it stands beside expires_in, which sets it; give one of the two.")
			}
		}
		claims["iat"], claims["exp"] = int(now.Unix()), int(now.Unix())+seconds
	}
	header := map[string]any{"typ": "JWT"}
	more, _ := v["header"].(map[string]any)
	maps.Copy(header, more)
	if header["alg"] != nil && header["alg"] != algorithm {
		return nil, wrong("header/alg", "the algorithm is %s; leave alg out.", algorithm)
	}
	header["alg"] = algorithm
	var parts []string
	for _, part := range []any{header, claims} {
		b, err := value.Encode(part)
		if err != nil {
			return nil, err
		}
		parts = append(parts, base64.RawURLEncoding.EncodeToString(b))
	}
	unsigned := strings.Join(parts, ".")
	signature, err := method.Sign(unsigned, key)
	if err != nil {
		return nil, wrong("private_key", "it is no key for %s.", algorithm)
	}
	return map[string]any{"result": unsigned + "." + base64.RawURLEncoding.EncodeToString(signature), "header": header, "claims": claims}, nil
}

// shared gives the secret of HS256 and its like.
func shared(v map[string]any, algorithm string) (any, error) {
	secret, err := decoded("secret", textOf(v, "secret"), textOf(v, "secret_encoding"))
	if err == nil && len(secret) == 0 {
		err = wrong("secret", "%s needs it.", algorithm)
	}
	if err == nil && strings.HasPrefix(strings.TrimSpace(string(secret)), "-----BEGIN") {
		err = wrong("secret", "it is a PEM key, and %s needs a shared secret; whoever knows a public key could make tokens with it.", algorithm)
	}
	return secret, err
}

func signingKey(v map[string]any, algorithm string) (any, error) {
	if strings.HasPrefix(algorithm, "HS") {
		return shared(v, algorithm)
	}
	if v["private_key"] == nil {
		return nil, wrong("private_key", "%s needs it.", algorithm)
	}
	return privateKey(textOf(v, "private_key"))
}

func checkingKey(v map[string]any, algorithm string) (any, error) {
	if strings.HasPrefix(algorithm, "HS") {
		return shared(v, algorithm)
	}
	if v["public_key"] == nil {
		return nil, wrong("public_key", "%s needs it.", algorithm)
	}
	return publicKey(textOf(v, "public_key"))
}

// verifyJWT checks a token by the one algorithm that is asked, and its times by the attempt's. A token that does not hold is
// no failure: valid is false, reason says why, and nothing that it says is given.
func verifyJWT(v map[string]any, token string, now time.Time) (any, error) {
	algorithm := textOf(v, "algorithm")
	key, err := checkingKey(v, algorithm)
	if err != nil {
		return nil, err
	}
	leeway, err := wholeOf(v, "leeway", 60, 0, 86_400)
	if err != nil {
		return nil, err
	}
	switch {
	case token == "":
		return verdict(false, "There is no token."), nil
	case len(token) > maxToken:
		return verdict(false, fmt.Sprintf("It has more than %d kB.", maxToken>>10)), nil
	}
	options := []jwt.ParserOption{jwt.WithValidMethods([]string{algorithm}), jwt.WithTimeFunc(func() time.Time { return now }), jwt.WithLeeway(time.Duration(leeway) * time.Second), jwt.WithJSONNumber(), jwt.WithIssuedAt()}
	if issuer := textOf(v, "issuer"); issuer != "" {
		options = append(options, jwt.WithIssuer(issuer))
	}
	if audience := textOf(v, "audience"); audience != "" {
		options = append(options, jwt.WithAudience(audience))
	}
	if _, err := jwt.NewParser(options...).Parse(token, func(*jwt.Token) (any, error) { return key, nil }); err != nil {
		return verdict(false, reasonOf(err, algorithm, v)), nil
	}
	header, claims, err := readJWT(token)
	if err != nil {
		return verdict(false, fault.MessageOf(err)), nil
	}
	out := verdict(true, "")
	out["header"], out["claims"] = header, claims
	return out, nil
}

// reasonOf says why a token is not taken.
func reasonOf(err error, algorithm string, v map[string]any) string {
	for _, r := range []struct {
		is   error
		text string
	}{
		{jwt.ErrTokenMalformed, "It is no JWT."},
		{jwt.ErrTokenExpired, "It has expired."},
		{jwt.ErrTokenNotValidYet, "It is not valid yet."},
		{jwt.ErrTokenUsedBeforeIssued, "It was issued in the future."},
		{jwt.ErrTokenInvalidIssuer, "It is not issued by " + fault.Clip(textOf(v, "issuer"), 100) + "."},
		{jwt.ErrTokenInvalidAudience, "It is not for " + fault.Clip(textOf(v, "audience"), 100) + "."},
		{jwt.ErrTokenRequiredClaimMissing, "A claim that is checked is missing."},
		{jwt.ErrTokenSignatureInvalid, "It is not signed by this key with " + algorithm + "."},
	} {
		if errors.Is(err, r.is) {
			return r.text
		}
	}
	return "It cannot be checked by this key with " + algorithm + "."
}

// readJWT reads the header and the claims, whoever made them.
func readJWT(token string) (header, claims any, err error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, nil, wrong("token", "it is no JWT: it has %s, where three stand between dots.", counted(len(parts), "part"))
	}
	var out [2]any
	for i := range out {
		b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[i], "="))
		if err != nil {
			return nil, nil, wrong("token", "it is no JWT: its %s is no base64.", []string{"header", "body"}[i])
		}
		if out[i], err = value.Decode(b, value.Limits{}); err != nil || !json.Valid(b) {
			return nil, nil, wrong("token", "it is no JWT: its %s is no JSON.", []string{"header", "body"}[i])
		}
	}
	return out[0], out[1], nil
}
