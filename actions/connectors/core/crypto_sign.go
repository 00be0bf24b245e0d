package core

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
)

const (
	maxPEM     = 64 << 10
	maxRSABits = 8192
	minRSABits = 2048
)

// cryptoHash is a hash as signatures name it; zero: it is none that signs.
func cryptoHash(name string) crypto.Hash {
	return map[string]crypto.Hash{"sha1": crypto.SHA1, "sha224": crypto.SHA224, "sha256": crypto.SHA256, "sha384": crypto.SHA384, "sha512": crypto.SHA512,
		"sha3_224": crypto.SHA3_224, "sha3_256": crypto.SHA3_256, "sha3_384": crypto.SHA3_384, "sha3_512": crypto.SHA3_512}[name]
}

// block reads the first PEM block. Keys whose line ends were lost on the way are mended.
func block(input, text string) (*pem.Block, error) {
	if len(text) > maxPEM {
		return nil, wrong(input, "it has more than %d kB.", maxPEM>>10)
	}
	text = strings.ReplaceAll(strings.TrimSpace(text), `\n`, "\n")
	if b, _ := pem.Decode([]byte(text)); b != nil {
		return b, nil
	}
	return nil, wrong(input, "it is no PEM; it begins with -----BEGIN and has line ends.")
}

// privateKey reads a key in PKCS #8, PKCS #1 or SEC 1.
func privateKey(text string) (crypto.Signer, error) {
	b, err := block("private_key", text)
	if err != nil {
		return nil, err
	}
	if strings.Contains(b.Type, "ENCRYPTED") || b.Headers["DEK-Info"] != "" {
		return nil, wrong("private_key", "it is locked by a passphrase; give the key without one.")
	}
	var key any
	switch b.Type {
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(b.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(b.Bytes)
	default:
		key, err = x509.ParsePKCS8PrivateKey(b.Bytes)
	}
	if err != nil {
		return nil, wrong("private_key", "it cannot be read as a private key.")
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, wrong("private_key", "keys of this kind do not sign; RSA, ECDSA and Ed25519 do.")
	}
	return signer, known("private_key", signer.Public())
}

// publicKey reads a key in PKIX or PKCS #1, or that of a certificate.
func publicKey(text string) (crypto.PublicKey, error) {
	b, err := block("public_key", text)
	if err != nil {
		return nil, err
	}
	var key any
	switch b.Type {
	case "CERTIFICATE":
		var cert *x509.Certificate
		if cert, err = x509.ParseCertificate(b.Bytes); err == nil {
			key = cert.PublicKey
		}
	case "RSA PUBLIC KEY":
		key, err = x509.ParsePKCS1PublicKey(b.Bytes)
	case "PUBLIC KEY":
		key, err = x509.ParsePKIXPublicKey(b.Bytes)
	default:
		return nil, wrong("public_key", "it is a %s; a PUBLIC KEY or a CERTIFICATE is needed.", fault.Clip(b.Type, 40))
	}
	if err != nil {
		return nil, wrong("public_key", "it cannot be read as a public key.")
	}
	return key, known("public_key", key)
}

// known says whether keys of a kind and size are taken.
func known(input string, key crypto.PublicKey) error {
	switch key := key.(type) {
	case *rsa.PublicKey:
		if n := key.N.BitLen(); n > maxRSABits || n < minRSABits {
			return wrong(input, "an RSA key of %d bits is not taken; one of %d to %d is.", n, minRSABits, maxRSABits)
		}
	case *ecdsa.PublicKey, ed25519.PublicKey:
	default:
		return wrong(input, "keys of this kind are not taken; RSA, ECDSA and Ed25519 are.")
	}
	return nil
}

// digest hashes what RSA and ECDSA sign.
func digest(v map[string]any, data []byte) (crypto.Hash, []byte, error) {
	kind := cryptoHash(textOf(v, "hash"))
	if kind == 0 {
		return 0, nil, wrong("hash", "%s is broken and signs nothing; take sha256.", textOf(v, "hash"))
	}
	h := hashes()[textOf(v, "hash")]()
	h.Write(data)
	return kind, h.Sum(nil), nil
}

// fits says that a scheme is one of the key's.
func fits(key crypto.PublicKey, scheme string) error {
	_, isRSA := key.(*rsa.PublicKey)
	_, isEC := key.(*ecdsa.PublicKey)
	if scheme == "pss" && !isRSA || scheme == "raw" && !isEC {
		return wrong("scheme", "%s is not for this kind of key; take auto.", scheme)
	}
	return nil
}

func sign(v map[string]any, data []byte) (any, error) {
	key, err := privateKey(textOf(v, "private_key"))
	if err != nil {
		return nil, err
	}
	scheme := textOf(v, "scheme")
	if err := fits(key.Public(), scheme); err != nil {
		return nil, err
	}
	if _, is := key.(ed25519.PrivateKey); is {
		out, err := key.Sign(rand.Reader, data, crypto.Hash(0))
		if err != nil {
			return nil, err
		}
		return result(v, out)
	}
	kind, sum, err := digest(v, data)
	if err != nil {
		return nil, err
	}
	options := crypto.SignerOpts(kind)
	if scheme == "pss" {
		options = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: kind}
	}
	out, err := key.Sign(rand.Reader, sum, options)
	if err != nil {
		return nil, fault.Wrap(err, fault.InvalidInput, "The input private_key: it cannot sign with %s.", textOf(v, "hash"))
	}
	if ec, ok := key.(*ecdsa.PrivateKey); ok && scheme == "raw" {
		if out, err = rawSignature(out, (ec.Curve.Params().BitSize+7)/8); err != nil {
			return nil, err
		}
	}
	return result(v, out)
}

func verify(v map[string]any, data []byte) (any, error) {
	key, err := publicKey(textOf(v, "public_key"))
	if err != nil {
		return nil, err
	}
	scheme := textOf(v, "scheme")
	if err := fits(key, scheme); err != nil {
		return nil, err
	}
	have, why := given(v)
	if why != "" {
		return verdict(false, why), nil
	}
	const another = "The signature is of another text or by another key."
	if edwards, is := key.(ed25519.PublicKey); is {
		return verdict(ed25519.Verify(edwards, data, have), another), nil
	}
	kind, sum, err := digest(v, data)
	if err != nil {
		return nil, err
	}
	switch key := key.(type) {
	case *rsa.PublicKey:
		if scheme == "pss" {
			return verdict(rsa.VerifyPSS(key, kind, sum, have, nil) == nil, another), nil
		}
		return verdict(rsa.VerifyPKCS1v15(key, kind, sum, have) == nil, another), nil
	case *ecdsa.PublicKey:
		if scheme == "raw" {
			size := (key.Curve.Params().BitSize + 7) / 8
			if len(have) != 2*size {
				return verdict(false, another), nil
			}
			return verdict(ecdsa.Verify(key, sum, new(big.Int).SetBytes(have[:size]), new(big.Int).SetBytes(have[size:])), another), nil
		}
		return verdict(ecdsa.VerifyASN1(key, sum, have), another), nil
	}
	return nil, wrong("public_key", "keys of this kind are not taken.")
}

// rawSignature turns an ASN.1 signature into its two numbers, each of so many bytes.
func rawSignature(asn1 []byte, size int) ([]byte, error) {
	var out []byte
	rest := asn1[2:] // SEQUENCE of two INTEGERs, whose lengths are short for every curve but P-521
	if asn1[1] == 0x81 {
		rest = asn1[3:]
	}
	for range 2 {
		if len(rest) < 2 || len(rest) < 2+int(rest[1]) {
			return nil, fault.New(fault.Internal, "A signature could not be taken apart.")
		}
		number := bytes.TrimLeft(rest[2:2+int(rest[1])], "\x00")
		out = slices.Concat(out, make([]byte, size-len(number)), number)
		rest = rest[2+int(rest[1]):]
	}
	return out, nil
}
