package core

import (
	"context"
	"errors"
	"net"
	"strings"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
)

// sftpClient signs in at an SSH server whose own key is the one that the connection pins, and begins SFTP there.
func sftpClient(ctx context.Context, line *actions.Line) (*sftp.Client, error) {
	methods, err := sshMethods(line.Values)
	if err != nil {
		return nil, err
	}
	config := &ssh.ClientConfig{User: line.Values["user"], Auth: methods, ClientVersion: "SSH-2.0-Stepmill", HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
		return pinned(line, ssh.FingerprintSHA256(key))
	}}
	conn, channels, requests, err := ssh.NewClientConn(line.Conn, line.Host, config)
	if err != nil {
		return nil, sshFailure(ctx, line, err)
	}
	c, err := sftp.NewClient(ssh.NewClient(conn, channels, requests), sftp.UseConcurrentWrites(true))
	if err != nil {
		if ctx.Err() == nil {
			return nil, fault.Wrap(err, fault.InvalidInput, "%s takes the account %s, and offers no SFTP to it; whoever runs the server can allow that.", line.Host, fault.Clip(line.Values["user"], 60))
		}
		return nil, line.Failure(err)
	}
	return c, nil
}

// pinned says that a server's key is one of those that the connection names.
func pinned(line *actions.Line, met string) error {
	given := strings.FieldsFunc(line.Values["fingerprint"], func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\r' || r == '\t' })
	if len(given) == 0 {
		return fault.New(fault.InvalidInput, "The connection names no fingerprint, so %s is not trusted yet. Its key has the fingerprint %s: compare it with what whoever runs the server says, and put it into the connection.", line.Host, met)
	}
	for _, text := range given {
		if strings.TrimPrefix(strings.TrimRight(text, "="), "SHA256:") == strings.TrimPrefix(met, "SHA256:") {
			return nil
		}
	}
	return fault.New(fault.InvalidInput, "%s shows a key with the fingerprint %s, and the connection names %s. Somebody may stand in between; where the server's key was changed, put the new one into the connection.",
		line.Host, met, fault.Clip(strings.Join(given, ", "), 200))
}

// sshMethods are how the connection signs in: by its key, by its password, or by either.
func sshMethods(values map[string]string) ([]ssh.AuthMethod, error) {
	key, password := strings.TrimSpace(values["key"]), values["password"]
	var out []ssh.AuthMethod
	if key != "" {
		signer, err := parseKey([]byte(key+"\n"), values["passphrase"])
		if err != nil {
			return nil, err
		}
		out = append(out, ssh.PublicKeys(signer))
	}
	if password != "" {
		out = append(out, ssh.Password(password), ssh.KeyboardInteractive(func(_, _ string, questions []string, echos []bool) ([]string, error) {
			answers := make([]string, len(questions))
			for i := range questions {
				if !echos[i] { // what may be seen asks for something else
					answers[i] = password
				}
			}
			return answers, nil
		}))
	}
	if len(out) == 0 {
		return nil, fault.New(fault.Unauthorized, "The connection has neither a password nor a private key; put one in.")
	}
	return out, nil
}

func parseKey(key []byte, passphrase string) (ssh.Signer, error) {
	if strings.HasPrefix(string(key), "PuTTY-") {
		return nil, fault.New(fault.Unauthorized, "The connection's private key is one of PuTTY; export it there as an OpenSSH key.")
	}
	signer, err := ssh.ParsePrivateKey(key)
	var locked *ssh.PassphraseMissingError
	if !errors.As(err, &locked) {
		if err != nil {
			return nil, fault.Wrap(err, fault.Unauthorized, "The connection's private key cannot be read; put in the whole file, with its first and its last line.")
		}
		return signer, nil
	}
	if passphrase == "" {
		return nil, fault.New(fault.Unauthorized, "The connection's private key has a passphrase; put that in too.")
	}
	if signer, err = ssh.ParsePrivateKeyWithPassphrase(key, []byte(passphrase)); err != nil {
		return nil, fault.Wrap(err, fault.Unauthorized, "The connection's passphrase does not open its private key; enter it again.")
	}
	return signer, nil
}

// sshFailure makes the error of a sign-in that did not come about.
func sshFailure(ctx context.Context, line *actions.Line, err error) error {
	var own *fault.Error
	var cut net.Error
	switch {
	case errors.As(err, &own):
		return own
	case ctx.Err() != nil || errors.As(err, &cut):
		return line.Failure(err)
	case strings.Contains(err.Error(), "unable to authenticate") || strings.Contains(err.Error(), "message type 51"): // RFC 4252 5.1: a failure, between questions
		return fault.Wrap(err, fault.Unauthorized, "%s does not take the user %s with that key or password.", line.Host, fault.Clip(line.Values["user"], 60))
	case strings.Contains(err.Error(), "no common algorithm"):
		return fault.Wrap(err, fault.Unavailable, "%s speaks only kinds of SSH that are not safe any more; whoever runs it can allow newer ones.", line.Host)
	case strings.HasSuffix(err.Error(), "EOF"):
		return line.Failure(err)
	}
	return unlike(line, "SSH", err)
}
