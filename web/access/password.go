package access

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// The cost of a password's hash: OWASP's minimum for argon2id.
const (
	argonMemory  = 19456 // KiB
	argonTime    = 2
	argonThreads = 1
	argonSize    = 32
)

// nobody is what the password of an account that is not there is compared with: as much work, and no password fits.
const nobody = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// hasher makes and checks hashes, a few at once: each takes 19 MiB, which nobody needs behind it.
type hasher struct {
	slots chan struct{}
	made  atomic.Int64
	tidy  *time.Timer // gives back what the hashes took, once there are no more of them
}

const (
	hashesKept = 4 // whose memory may lie about before it is collected
	hashesOver = time.Second
)

func newHasher() *hasher {
	tidy := time.AfterFunc(time.Hour, debug.FreeOSMemory)
	tidy.Stop()
	return &hasher{slots: make(chan struct{}, max(1, runtime.NumCPU())), tidy: tidy}
}

func (h *hasher) make(password string) (string, error) {
	salt := make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	return h.hash(password, salt), nil
}

// hash brings the text to one form first: keyboards write é as one sign or as two.
func (h *hasher) hash(password string, salt []byte) string {
	h.slots <- struct{}{}
	defer func() {
		if h.made.Add(1)%hashesKept == 0 { // a storm of tries would have taken 300 MB before the collector's own turn came
			runtime.GC()
		}
		<-h.slots
		h.tidy.Reset(hashesOver)
	}()
	sum := argon2.IDKey(norm.NFC.Bytes([]byte(password)), salt, argonTime, argonMemory, argonThreads, argonSize)
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonThreads, b.EncodeToString(salt), b.EncodeToString(sum))
}

// fits says whether a password belongs to a hash; to the empty one none does, after the same work.
func (h *hasher) fits(hash, password string) bool {
	known := hash != ""
	if !known {
		hash = nobody
	}
	parts := strings.Split(hash, "$")
	if len(parts) != 6 {
		return false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(h.hash(password, salt)), []byte(hash)) == 1 && known
}
