package core

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func TestCrypto(t *testing.T) {
	cases{
		{"md5", "crypto", `{"do":"hash","hash":"md5","text":"abc"}`, `{"result":"900150983cd24fb0d6963f7d28e17f72"}`},
		{"sha1", "crypto", `{"do":"hash","hash":"sha1","text":"abc"}`, `{"result":"a9993e364706816aba3e25717850c26c9cd0d89d"}`},
		{"sha256 of nothing", "crypto", `{"do":"hash","text":""}`, `{"result":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}`},
		{"sha3 in base64", "crypto", `{"do":"hash","hash":"sha3_256","text":"abc","output_encoding":"base64"}`, `{"result":"Ophdp0/iJbIEXBcta9OQvYVfCG4+nVJbRr/iRRFDFTI="}`},
		{"hmac", "crypto", `{"do":"hmac","text":"what do ya want for nothing?","secret":"Jefe"}`, `{"result":"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"}`},
		{"hmac of bytes", "crypto", `{"do":"hmac","text":"4869205468657265","input_encoding":"hex","secret":"CwsLCwsLCwsLCwsLCwsLCwsLCws","secret_encoding":"base64"}`, `{"result":"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"}`},
		{"hmac that holds", "crypto", `{"do":"verify_hmac","text":"Hi There","secret":"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b","secret_encoding":"hex","signature":"B0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"}`, `{"reason":"","valid":true}`},
		{"hmac that does not", "crypto", `{"do":"verify_hmac","text":"x","secret":"y","signature":"00"}`, `{"reason":"The HMAC is another one.","valid":false}`},
		{"hmac as GitHub writes it", "crypto", `{"do":"verify_hmac","text":"Hello, World!","secret":"It's a Secret to Everybody","signature":"sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"}`, `{"reason":"","valid":true}`},
		{"hmac, no hex", "crypto", `{"do":"verify_hmac","text":"x","secret":"y","signature":"v1=zz"}`, `{"reason":"The signature is not hex.","valid":false}`},
		{"hmac, no base64", "crypto", `{"do":"verify_hmac","text":"x","secret":"y","signature":"*","output_encoding":"base64"}`, `{"reason":"The signature is not base64.","valid":false}`},
		{"hmac, an empty signature", "crypto", `{"do":"verify_hmac","text":"x","secret":"y","signature":" "}`, `{"reason":"There is no signature.","valid":false}`},
		{"hmac, no signature", "crypto", `{"do":"verify_hmac","text":"x","secret":"y","signature":null}`, `{"reason":"There is no signature.","valid":false}`},
		{"hmac, an odd secret", "crypto", `{"do":"verify_hmac","text":"x","secret":"y","secret_encoding":"hex","signature":"zz"}`, `!The input secret: it is not hex.`},
		{"verify, an odd key", "crypto", `{"do":"verify","text":"x","public_key":"y","signature":"zz"}`, `!The input public_key: it is no PEM`},
		{"no token", "crypto", `{"do":"jwt_verify","algorithm":"HS256","secret":"y","token":null}`, `{"reason":"There is no token.","valid":false}`},
		{"a token without a body", "crypto", `{"do":"jwt_verify","algorithm":"HS256","secret":"y","token":"Bearer "}`, `{"reason":"There is no token.","valid":false}`},
		{"a long token", "crypto", `{"do":"jwt_verify","algorithm":"HS256","secret":"y","token":"` + strings.Repeat("a", 70_000) + `"}`, `{"reason":"It has more than 64 kB.","valid":false}`},
		{"no secret", "crypto", `{"do":"hmac","text":"x"}`, `!The input secret: hmac needs it.`},
		{"an empty secret", "crypto", `{"do":"hmac","text":"x","secret":""}`, `!The input secret: it is empty`},
		{"encode", "crypto", `{"do":"encode","text":"ä?>","output_encoding":"base64url"}`, `{"result":"w6Q_Pg"}`},
		{"decode", "crypto", `{"do":"decode","text":"w6Q/ Pg==","input_encoding":"base64"}`, `{"result":"ä?>"}`},
		{"decode bytes", "crypto", `{"do":"decode","text":"ff","input_encoding":"hex"}`, `!The input text: what it stands for is no text but 1 bytes`},
		{"decode to hex", "crypto", `{"do":"decode","text":"_w","input_encoding":"base64url","output_encoding":"hex"}`, `{"result":"ff"}`},
		{"no hex", "crypto", `{"do":"decode","text":"zz","input_encoding":"hex"}`, `!The input text: it is not hex.`},
		{"no key", "crypto", `{"do":"sign","text":"x","private_key":"abc"}`, `!The input private_key: it is no PEM`},
		{"a short token", "crypto", `{"do":"random","length":8}`, `!The input length: it is from 16 to 1024, not 8.`},
		{"a short code", "crypto", `{"do":"random","length":3,"alphabet":"readable"}`, `!The input length: it is from 4 to 1024, not 3.`},
		{"a JWT without a secret", "crypto", `{"do":"jwt_sign","claims":{},"algorithm":"HS256"}`, `!The input secret: HS256 needs it.`},
		{"a JWT by a public key as secret", "crypto", `{"do":"jwt_verify","token":"a.b.c","algorithm":"HS256","secret":"-----BEGIN PUBLIC KEY-----"}`, `!The input secret: it is a PEM key`},
		{"no JWT", "crypto", `{"do":"jwt_decode","token":"a.b"}`, `!The input token: it is no JWT: it has 2 parts`},
		{"nothing to do", "crypto", `{"text":"a"}`, `!The input do: Do is required.`},
	}.run(t)
}

func TestRandom(t *testing.T) {
	seen := map[string]bool{}
	for _, input := range []string{`{"do":"uuid"}`, `{"do":"uuid","uuid_version":"7"}`, `{"do":"random"}`, `{"do":"random","alphabet":"readable","length":20}`, `{"do":"random","alphabet":"digits","length":6}`, `{"do":"random","alphabet":"readable","length":8}`} {
		for range 3 {
			out, err := call(t, "crypto", input)
			if err != nil {
				t.Fatal(err)
			}
			text := textOf(out.(map[string]any), "result")
			if seen[text] || len(text) < 6 {
				t.Errorf("%s gives %q", input, text)
			}
			seen[text] = true
			if strings.Contains(input, `"7"`) && (!strings.HasPrefix(text, "019ab") || text[14] != '7') {
				t.Errorf("%q is no UUID of the attempt's time", text)
			}
		}
	}
}

// keys are PEM pairs of every kind.
func keys(t *testing.T) map[string][2]string {
	t.Helper()
	out := map[string][2]string{}
	add := func(name string, private, public any, err error) {
		if err != nil {
			t.Fatal(err)
		}
		key, err := x509.MarshalPKCS8PrivateKey(private)
		if err != nil {
			t.Fatal(err)
		}
		open, err := x509.MarshalPKIXPublicKey(public)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = [2]string{string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})), string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: open}))}
	}
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	add("RSA", r, r.Public(), err)
	for name, curve := range map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()} {
		e, err := ecdsa.GenerateKey(curve, rand.Reader)
		add(name, e, e.Public(), err)
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	add("Ed25519", private, public, err)
	return out
}

func TestSignatures(t *testing.T) {
	pairs := keys(t)
	for _, c := range []struct{ key, hash, scheme string }{{"RSA", "sha256", "auto"}, {"RSA", "sha512", "pss"}, {"RSA", "sha3_256", "auto"}, {"P-256", "sha256", "auto"}, {"P-256", "sha256", "raw"}, {"P-384", "sha384", "raw"}, {"P-521", "sha512", "raw"}, {"P-521", "sha512", "auto"}, {"Ed25519", "sha256", "auto"}} {
		for range 20 { // of ECDSA each has numbers of other lengths
			out, err := callWith(t, "crypto", map[string]any{"do": "sign", "text": "Hello", "private_key": strings.ReplaceAll(pairs[c.key][0], "\n", `\n`), "hash": c.hash, "scheme": c.scheme, "output_encoding": "base64"})
			if err != nil {
				t.Fatalf("%v: %v", c, err)
			}
			for text, want := range map[string]bool{"Hello": true, "hello": false} {
				got, err := callWith(t, "crypto", map[string]any{"do": "verify", "text": text, "public_key": pairs[c.key][1], "hash": c.hash, "scheme": c.scheme, "output_encoding": "base64", "signature": out.(map[string]any)["result"]})
				if err != nil || got.(map[string]any)["valid"] != want {
					t.Errorf("%v of %s: %v, %v", c, text, value.Text(got), err)
				}
			}
			if c.key == "RSA" || c.key == "Ed25519" {
				break
			}
		}
	}
	for signature, want := range map[any]string{nil: "There is no signature.", "": "There is no signature.", "zz": "The signature is not hex.", "00": "The signature is of another text or by another key."} {
		for _, key := range []string{"RSA", "P-256", "Ed25519"} {
			got, err := callWith(t, "crypto", map[string]any{"do": "verify", "text": "a", "public_key": pairs[key][1], "signature": signature})
			if text := value.Text(got); err != nil || text != `{"reason":"`+want+`","valid":false}` {
				t.Errorf("%v by %s: %s, %v", signature, key, text, err)
			}
		}
	}
	if _, err := callWith(t, "crypto", map[string]any{"do": "sign", "text": "a", "private_key": pairs["RSA"][0], "hash": "md5"}); !strings.Contains(fault.MessageOf(err), "md5 is broken") {
		t.Errorf("by MD5: %v", err)
	}
	if _, err := callWith(t, "crypto", map[string]any{"do": "sign", "text": "a", "private_key": pairs["P-256"][0], "scheme": "pss"}); !strings.Contains(fault.MessageOf(err), "not for this kind of key") {
		t.Errorf("PSS by ECDSA: %v", err)
	}
}

func TestJWT(t *testing.T) {
	pairs := keys(t)
	made := map[string]string{}
	for algorithm, key := range map[string]string{"HS256": "", "HS512": "", "RS256": "RSA", "PS384": "RSA", "ES256": "P-256", "ES512": "P-521", "EdDSA": "Ed25519"} {
		in := map[string]any{"do": "jwt_sign", "algorithm": algorithm, "claims": map[string]any{"sub": "ada", "n": json.Number("90071992547409931234567890"), "aud": []any{"stepmill"}, "iss": "me"}, "expires_in": 60, "header": map[string]any{"kid": "1"}}
		check := map[string]any{"do": "jwt_verify", "algorithm": algorithm, "issuer": "me", "audience": "stepmill"}
		if key == "" {
			in["secret"], check["secret"] = "a shared secret of some length", "a shared secret of some length"
		} else {
			in["private_key"], check["public_key"] = pairs[key][0], pairs[key][1]
		}
		out, err := callWith(t, "crypto", in)
		if err != nil {
			t.Fatalf("%s: %v", algorithm, err)
		}
		made[algorithm] = textOf(out.(map[string]any), "result")
		check["token"] = made[algorithm]
		got, err := callWith(t, "crypto", check)
		want := `{"claims":{"aud":["stepmill"],"exp":1764000060,"iat":1764000000,"iss":"me","n":90071992547409931234567890,"sub":"ada"},"header":{"alg":"` + algorithm + `","kid":"1","typ":"JWT"},"reason":"","valid":true}`
		if err != nil || value.Text(got) != want {
			t.Errorf("%s: %s, %v", algorithm, value.Text(got), err)
		}
	}
	none := "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ."
	for name, c := range map[string]struct {
		token, reason string
		more          map[string]any
	}{
		"another algorithm": {made["HS512"], "It is not signed by this key with HS256.", nil},
		"none":              {none, "It is not signed by this key with HS256.", nil},
		"another secret":    {made["HS256"], "It is not signed by this key with HS256.", map[string]any{"secret": "another"}},
		"another issuer":    {made["HS256"], "It is not issued by you.", map[string]any{"issuer": "you"}},
		"another audience":  {made["HS256"], "It is not for us.", map[string]any{"audience": "us"}},
		"no JWT":            {"abc", "It is no JWT.", nil},
	} {
		in := map[string]any{"do": "jwt_verify", "algorithm": "HS256", "secret": "a shared secret of some length", "token": c.token}
		for k, v := range c.more {
			in[k] = v
		}
		out, err := callWith(t, "crypto", in)
		if got, want := value.Text(out), `{"reason":"`+c.reason+`","valid":false}`; err != nil || got != want {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	expired, err := callWith(t, "crypto", map[string]any{"do": "jwt_sign", "algorithm": "HS256", "secret": "s3cret", "claims": map[string]any{"exp": 1763999000}})
	if err != nil {
		t.Fatal(err)
	}
	out, err := callWith(t, "crypto", map[string]any{"do": "jwt_verify", "algorithm": "HS256", "secret": "s3cret", "token": expired.(map[string]any)["result"]})
	if got := value.Text(out); err != nil || got != `{"reason":"It has expired.","valid":false}` {
		t.Errorf("expired: %s, %v", got, err)
	}
}

func FuzzJWT(f *testing.F) {
	f.Add("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.", "x")
	f.Fuzz(func(t *testing.T, token, pem string) {
		for _, do := range []string{"jwt_decode", "jwt_verify", "verify"} {
			out, err := callWith(t, "crypto", map[string]any{"do": do, "token": token, "algorithm": "RS256", "public_key": pem, "text": token, "signature": token})
			if fault.CodeOf(err) == fault.Internal || err == nil && do != "jwt_decode" && out.(map[string]any)["valid"] == true {
				t.Errorf("%s: %s, %v", do, value.Text(out), err)
			}
		}
	})
}
