package core

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

func cryptoAction() actions.Action {
	secret := func(id, label, help string) actions.Field {
		f := field(id, label, actions.LongText, help, nil)
		f.Secret = true
		return f
	}
	do := choice("do", "Do", "What is done.", "", "hash", "Hash a text", "hmac", "Make an HMAC", "verify_hmac", "Check an HMAC", "sign", "Sign with a private key", "verify", "Check a signature with a public key",
		"jwt_sign", "Make a JWT", "jwt_verify", "Check a JWT and read it", "jwt_decode", "Read a JWT without checking it", "uuid", "Make a UUID", "random", "Make a random token", "encode", "Encode a text", "decode", "Decode a text", "totp", "Make a code of a second factor (TOTP)")
	do.Required = true
	return dataStep(actions.Action{
		ID: "crypto", Name: "Crypto", Description: "Hashes, signs and checks texts and JWTs, makes UUIDs, random tokens and codes of a second factor, encodes and decodes.",
		Guarantee: "Nothing outside changes. What is random is recorded with the step before anything that uses it is sent, so it stays the same after a crash.",
		Input: []actions.Field{do,
			field("text", "Text", actions.LongText, "What is hashed, signed, checked, encoded or decoded.", "Hello"),
			choice("input_encoding", "The text is", "How the bytes stand in the text.", "utf8", "utf8", "Text", "hex", "Hexadecimal", "base64", "Base64", "base64url", "Base64 for URLs"),
			choice("hash", "Hash", "Of a hash, an HMAC and RSA or ECDSA signatures. MD5 and SHA-1 are for old systems only.", "sha256", "md5", "MD5", "sha1", "SHA-1", "sha224", "SHA-224", "sha256", "SHA-256", "sha384", "SHA-384", "sha512", "SHA-512",
				"sha3_224", "SHA3-224", "sha3_256", "SHA3-256", "sha3_384", "SHA3-384", "sha3_512", "SHA3-512"),
			choice("output_encoding", "The result is", "How the bytes of the result, or of the signature that is checked, stand in text; hexadecimal where it is not given, and text of decode.", "", "hex", "Hexadecimal", "base64", "Base64", "base64url", "Base64 for URLs", "utf8", "Text"),
			secret("secret", "Secret", "Of an HMAC and of JWTs by HS256, HS384, HS512: the shared secret. Of a TOTP: the key that the service shows beside the picture for the phone, or the otpauth:// address in it."),
			choice("secret_encoding", "The secret is", "How the secret's bytes stand in its text.", "utf8", "utf8", "Text", "hex", "Hexadecimal", "base64", "Base64", "base64url", "Base64 for URLs"),
			secret("private_key", "Private key", "To sign: the key as PEM, as -----BEGIN PRIVATE KEY-----."),
			field("public_key", "Public key", actions.LongText, "To check: the key or a certificate as PEM, as -----BEGIN PUBLIC KEY-----.", nil),
			choice("scheme", "Scheme", "Of signatures by RSA and ECDSA keys.", "auto", "auto", "By the key: RSA PKCS #1 v1.5, ECDSA as ASN.1, Ed25519", "pss", "RSA-PSS", "raw", "ECDSA as two numbers in a row"),
			field("signature", "Signature", actions.LongText, "What is checked, with or without the name of its hash in front, as sha256=. One that is missing or cannot be read does not hold, and fails no step.", nil),
			choice("algorithm", "Algorithm", "Of a JWT. To check it must be the one that the sender uses: whatever the token says, no other is taken.", "", "HS256", "HS256", "HS384", "HS384", "HS512", "HS512", "RS256", "RS256", "RS384", "RS384", "RS512", "RS512",
				"PS256", "PS256", "PS384", "PS384", "PS512", "PS512", "ES256", "ES256", "ES384", "ES384", "ES512", "ES512", "EdDSA", "EdDSA (Ed25519)"),
			field("claims", "Claims", actions.Object, "Of a JWT that is made: what it says.", map[string]any{"sub": "ada"}),
			field("header", "Header", actions.Object, "Of a JWT that is made: further members of its header, as kid.", map[string]any{"kid": "1"}),
			field("expires_in", "Expires in", actions.Integer, "Of a JWT that is made: seconds until it expires; iat and exp are set.", 3600),
			field("token", "Token", actions.LongText, "The JWT that is checked or read. Where it is checked, one that is missing or cannot be read does not hold, and fails no step.", nil),
			field("issuer", "Issuer", actions.Text, "To check a JWT: what its iss must be.", "https://accounts.example.com"),
			field("audience", "Audience", actions.Text, "To check a JWT: what its aud must hold.", "stepmill"),
			field("leeway", "Leeway", actions.Integer, "To check a JWT: how many seconds clocks may differ; 60 where it is not given.", 60),
			choice("uuid_version", "Version", "Of a UUID.", "4", "4", "4: random", "7", "7: by time"),
			field("length", "Length", actions.Integer, "Of a random token: how many bytes are drawn, from 16 to 1024, or characters of an alphabet, from 4 on; 32 where it is not given. Short ones can be guessed: a code of six digits needs a limit on tries.", 32),
			choice("alphabet", "Alphabet", "Of a random token: what it is written with.", "bytes", "bytes", "Bytes, as the result says", "letters", "Letters and digits", "digits", "Digits", "readable", "Letters and digits that cannot be mixed up"),
		},
		Output: value.Shape{Kind: "object", Fields: map[string]value.Shape{"result": {Kind: "text"}, "valid": {Kind: "boolean"}, "reason": {Kind: "text"}, "claims": {Kind: "object"}, "header": {Kind: "object"}, "seconds_left": {Kind: "number"}}},
		Sample: map[string]any{"result": "185f8db32271fe25f561a6fc938b2e264306ec304eda518007d1764826381969"},
	}, runCrypto, planCrypto, "do", "hash", "output_encoding", "scheme", "algorithm", "claims", "header", "expires_in", "leeway", "length", "alphabet", "uuid_version", "issuer", "audience")
}

// needed are the inputs without which an operation cannot be. What a sender gives to be checked, a signature or a token, is none:
// without it the check does not hold.
func needed() map[string][]string {
	return map[string][]string{"hash": {"text"}, "hmac": {"text", "secret"}, "verify_hmac": {"text", "secret"}, "sign": {"text", "private_key"}, "verify": {"text", "public_key"},
		"jwt_sign": {"claims", "algorithm"}, "jwt_verify": {"algorithm"}, "jwt_decode": {"token"}, "encode": {"text"}, "decode": {"text"}, "totp": {"secret"}}
}

// planCrypto looks at what is written out.
func planCrypto(v map[string]any) error {
	do := textOf(v, "do")
	if output := textOf(v, "output_encoding"); output == "utf8" && do != "decode" {
		return wrong("output_encoding", "bytes of a %s are no text; take hex, base64 or base64url.", do)
	}
	if _, err := wholeOf(v, "leeway", 60, 0, 86_400); err != nil {
		return err
	}
	if _, err := wholeOf(v, "expires_in", 0, 1, 10*365*86_400); err != nil {
		return err
	}
	least := 16
	if alphabets()[textOf(v, "alphabet")] != "" { // a code for people, as of a coupon
		least = 4
	}
	_, err := wholeOf(v, "length", 32, least, 1024)
	return err
}

func runCrypto(_ context.Context, in actions.Input) (any, error) {
	v := in.Values
	if err := planCrypto(v); err != nil {
		return nil, err
	}
	do := textOf(v, "do")
	for _, name := range needed()[do] {
		if _, given := v[name]; !given {
			return nil, wrong(name, "%s needs it.", do)
		}
	}
	switch do {
	case "uuid":
		return newUUID(textOf(v, "uuid_version"), in.Now)
	case "random":
		return randomToken(v)
	case "totp":
		return totp(v, in.Now)
	case "jwt_sign", "jwt_verify", "jwt_decode":
		return runJWT(do, v, in.Now)
	}
	data, err := decoded("text", textOf(v, "text"), textOf(v, "input_encoding"))
	if err != nil {
		return nil, err
	}
	switch do {
	case "hash":
		h := hashes()[textOf(v, "hash")]()
		h.Write(data)
		return result(v, h.Sum(nil))
	case "hmac", "verify_hmac":
		return runHMAC(do, v, data)
	case "sign":
		return sign(v, data)
	case "verify":
		return verify(v, data)
	case "decode":
		return result(v, data)
	}
	return result(v, data) // encode
}

// hashes are the ways to hash, by the names of the input.
func hashes() map[string]func() hash.Hash {
	return map[string]func() hash.Hash{"md5": md5.New, "sha1": sha1.New, "sha224": sha256.New224, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New,
		"sha3_224": func() hash.Hash { return sha3.New224() }, "sha3_256": func() hash.Hash { return sha3.New256() }, "sha3_384": func() hash.Hash { return sha3.New384() }, "sha3_512": func() hash.Hash { return sha3.New512() }}
}

// decoded gives the bytes that a text stands for. Spaces and line ends in coded texts do not count, nor does missing padding.
func decoded(input, text, encoding string) ([]byte, error) {
	if encoding == "utf8" || encoding == "" {
		return []byte(text), nil
	}
	text = strings.Join(strings.Fields(text), "")
	var out []byte
	var err error
	switch encoding {
	case "hex":
		out, err = hex.DecodeString(text)
	default: // either alphabet, since senders mix them up
		out, err = base64.RawStdEncoding.DecodeString(strings.NewReplacer("-", "+", "_", "/", "=", "").Replace(text))
	}
	if err != nil {
		return nil, wrong(input, "it is not %s.", encoding)
	}
	return out, nil
}

// result gives bytes in the encoding that is asked.
func result(v map[string]any, data []byte) (any, error) {
	encoding := textOf(v, "output_encoding")
	if encoding == "" {
		encoding = "hex"
		if textOf(v, "do") == "decode" {
			encoding = "utf8"
		}
	}
	var text string
	switch encoding {
	case "base64":
		text = base64.StdEncoding.EncodeToString(data)
	case "base64url":
		text = base64.RawURLEncoding.EncodeToString(data)
	case "hex":
		text = hex.EncodeToString(data)
	default:
		text = string(data)
		if !value.Normal(text) {
			return nil, wrong("text", "what it stands for is no text but %d bytes; take hex or base64 for the result.", len(data))
		}
	}
	return map[string]any{"result": text}, nil
}

// given reads the signature that is checked, also as senders write it who name its hash, as sha256=…; why says why there is none. That
// is no error: whoever sends it may send anything.
func given(v map[string]any) (signature []byte, why string) {
	encoding := cmp.Or(textOf(v, "output_encoding"), "hex")
	text := strings.TrimSpace(textOf(v, "signature"))
	if name, rest, found := strings.Cut(text, "="); found && strings.EqualFold(name, textOf(v, "hash")) {
		text = rest
	}
	if text == "" {
		return nil, "There is no signature."
	}
	signature, err := decoded("signature", text, encoding)
	if err != nil {
		return nil, "The signature is not " + encoding + "."
	}
	return signature, ""
}

func runHMAC(do string, v map[string]any, data []byte) (any, error) {
	key, err := decoded("secret", textOf(v, "secret"), textOf(v, "secret_encoding"))
	if err != nil {
		return nil, err
	}
	if len(key) == 0 {
		return nil, wrong("secret", "it is empty; whoever knows that could make the same.")
	}
	mac := hmac.New(hashes()[textOf(v, "hash")], key)
	mac.Write(data)
	if do == "hmac" {
		return result(v, mac.Sum(nil))
	}
	have, why := given(v)
	if why != "" {
		return verdict(false, why), nil
	}
	return verdict(subtle.ConstantTimeCompare(have, mac.Sum(nil)) == 1, "The HMAC is another one."), nil
}

// verdict is the output of a check; reason says why it failed.
func verdict(valid bool, reason string) map[string]any {
	if valid {
		reason = ""
	}
	return map[string]any{"valid": valid, "reason": reason}
}

// newUUID makes one. What is random here is recorded with the step: a commit stands before the first effect that uses it.
func newUUID(version string, now time.Time) (any, error) {
	var id uuid.UUID
	if _, err := rand.Read(id[:]); err != nil {
		return nil, err
	}
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	if version == "7" {
		ms := now.UnixMilli()
		for i := range 6 {
			id[i] = byte(ms >> (40 - 8*i))
		}
		id[6] = id[6]&0x0f | 0x70
	}
	return map[string]any{"result": id.String()}, nil
}

// alphabets are what tokens are written with.
func alphabets() map[string]string {
	return map[string]string{"letters": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "digits": "0123456789", "readable": "ABCDEFGHJKMNPQRSTUVWXYZ23456789"}
}

func randomToken(v map[string]any) (any, error) {
	length, err := wholeOf(v, "length", 32, 1, 1024)
	if err != nil {
		return nil, err
	}
	alphabet := alphabets()[textOf(v, "alphabet")]
	if alphabet == "" {
		data := make([]byte, length)
		if _, err := rand.Read(data); err != nil {
			return nil, err
		}
		return result(v, data)
	}
	most := 256 - 256%len(alphabet) // bytes from there on would favour the first letters
	out := make([]byte, 0, length)
	for len(out) < length {
		var one [64]byte
		if _, err := rand.Read(one[:]); err != nil {
			return nil, err
		}
		for _, b := range one {
			if int(b) < most && len(out) < length {
				out = append(out, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return map[string]any{"result": string(out)}, nil
}
