package core

import (
	"cmp"
	"crypto/hmac"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// totp makes the code of a second factor, as RFC 6238 says and as apps on phones show it. The secret is what is shown beside the picture
// that is scanned, in base32, or the whole otpauth:// address in that.
func totp(v map[string]any, now time.Time) (any, error) {
	secret, digits, period, by := strings.TrimSpace(textOf(v, "secret")), 6, 30, "SHA1"
	if u, err := url.Parse(secret); err == nil && u.Scheme == "otpauth" {
		q := u.Query()
		if u.Host != "totp" {
			return nil, wrong("secret", "it is of codes by %s, and only those by time (totp) are made.", shown(u.Host))
		}
		secret, by = q.Get("secret"), strings.ToUpper(cmp.Or(q.Get("algorithm"), by))
		for name, into := range map[string]*int{"digits": &digits, "period": &period} {
			if text := q.Get(name); text != "" {
				if *into, err = strconv.Atoi(text); err != nil {
					return nil, wrong("secret", "its %s are no number.", name)
				}
			}
		}
	}
	make, known := hashes()[strings.ToLower(by)]
	if !known || digits < 6 || digits > 10 || period < 1 || period > 3600 {
		return nil, wrong("secret", "codes of %d digits, by %s, every %d seconds are not made.", digits, shown(by), period)
	}
	text := strings.TrimRight(strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(secret)), "=")
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(text)
	if err != nil || len(key) == 0 {
		return nil, wrong("secret", "it is not base32, letters and the digits 2 to 7; take what the service shows beside the picture for the phone, or the otpauth:// address in it.")
	}
	var count [8]byte
	binary.BigEndian.PutUint64(count[:], uint64(now.Unix()/int64(period)))
	h := hmac.New(make, key)
	h.Write(count[:])
	sum := h.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	code := uint64(binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff)
	most := uint64(1)
	for range digits {
		most *= 10
	}
	return map[string]any{"result": fmt.Sprintf("%0*d", digits, code%most), "seconds_left": period - int(now.Unix()%int64(period))}, nil
}
