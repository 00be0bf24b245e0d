package outbound

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// AWS says which Secrets Manager is read, and with whose keys. Without a Region none is set up.
type AWS struct {
	Region   string
	KeyFile  string   // as `aws configure` writes it: profiles of name = value, which only its owner may read
	Profile  string   // of the file; empty: default
	Endpoint *url.URL // nil: the region's own
}

const awsService = "secretsmanager"

var regionForm = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]{1,2}$`)

// Check says what of the set-up cannot be right. It reads the file of keys, since one that is missing shows late otherwise.
func (a AWS) Check() error {
	if !regionForm.MatchString(a.Region) {
		return fault.New(fault.InvalidInput, "%q is no region of AWS; write it as eu-west-1.", fault.Clip(a.Region, 40))
	}
	_, err := a.keys()
	return err
}

// keys reads the keys anew each time: those of a role are exchanged every few hours.
func (a AWS) keys() (aws.Credentials, error) {
	var c aws.Credentials
	text, err := readPrivate(a.KeyFile, "The file of AWS keys")
	if err != nil {
		return c, err
	}
	profile := a.Profile
	if profile == "" {
		profile = "default"
	}
	in := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			in = strings.TrimSpace(strings.Trim(line, "[]")) == profile
			continue
		}
		name, v, _ := strings.Cut(line, "=")
		if !in {
			continue
		}
		switch v = strings.TrimSpace(v); strings.ToLower(strings.TrimSpace(name)) {
		case "aws_access_key_id":
			c.AccessKeyID = v
		case "aws_secret_access_key":
			c.SecretAccessKey = v
		case "aws_session_token":
			c.SessionToken = v
		}
	}
	if c.AccessKeyID == "" || c.SecretAccessKey == "" || !headerText(c.AccessKeyID+c.SessionToken) {
		return c, fault.New(fault.Unavailable, "The file of AWS keys has no aws_access_key_id and aws_secret_access_key under [%s].", fault.Clip(profile, 60))
	}
	return c, nil
}

// address is where the region's Secrets Manager answers. Source: https://docs.aws.amazon.com/general/latest/gr/asm.html
func (a AWS) address() *url.URL {
	if a.Endpoint != nil {
		return a.Endpoint.JoinPath("/")
	}
	host := awsService + "." + a.Region + ".amazonaws.com"
	if strings.HasPrefix(a.Region, "cn-") {
		host += ".cn"
	}
	return &url.URL{Scheme: "https", Host: host, Path: "/"}
}

// check says why a secret's id is none that can be asked for here: an ARN names its region.
func (a AWS) check(r run.Ref) error {
	if !strings.HasPrefix(r.Name, "arn:") {
		return nil
	}
	parts := strings.SplitN(r.Name, ":", 7)
	if len(parts) < 7 || parts[2] != awsService || parts[5] != "secret" {
		return fault.New(fault.InvalidInput, "%q is no ARN of a secret; it reads arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME.", fault.Clip(r.Name, 100))
	}
	if parts[3] != a.Region {
		return fault.New(fault.InvalidInput, "The secret lies in the region %s, and this server reads %s. Whoever runs the server sets it with --aws-region.", fault.Clip(parts[3], 40), a.Region)
	}
	return nil
}

// fromAWS reads a secret of AWS Secrets Manager.
// Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
func (c *Client) fromAWS(ctx context.Context, r run.Ref) (any, error) {
	at := c.cfg.External.AWS
	keys, err := at.keys()
	if err != nil {
		return nil, err
	}
	ask := map[string]string{"SecretId": r.Name}
	if r.Stage != "" {
		ask["VersionStage"] = r.Stage
	}
	body, err := json.Marshal(ask)
	if err != nil {
		return nil, err
	}
	u := at.address()
	req, err := http.NewRequest(http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", awsService+".GetSecretValue")
	sum := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(ctx, keys, req, hex.EncodeToString(sum[:]), awsService, at.Region, c.cfg.Now().UTC()); err != nil {
		return nil, fault.New(fault.Unavailable, "The request to AWS Secrets Manager cannot be signed.")
	}
	status, answer, err := c.askElsewhere(ctx, req)
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return nil, fault.Wrap(err, fault.Unavailable, "The host %s is not known. Whoever runs the server looks whether %s is the right region, at --aws-region.", u.Host, at.Region)
	case err != nil:
		return nil, err
	}
	v, broken := value.Decode(answer, value.Limits{})
	said, _ := v.(map[string]any)
	if status != http.StatusOK {
		return nil, at.refusal(status, said, r)
	}
	text, isText := said["SecretString"].(string)
	switch {
	case broken != nil:
		return nil, fault.New(fault.Unavailable, "The answer of AWS Secrets Manager cannot be read.")
	case isText && r.Key == "":
		return text, nil
	case isText:
		return memberOf(text, r)
	case said["SecretBinary"] != nil:
		return nil, fault.New(fault.NotFound, "The secret %s in AWS is binary; a connection takes texts only.", fault.Clip(r.Name, 100))
	}
	return nil, fault.New(fault.NotFound, "The secret %s in AWS has no value.", fault.Clip(r.Name, 100))
}

// memberOf gives a text of a secret that is a JSON object, as the console keeps pairs of key and value.
func memberOf(secret string, r run.Ref) (any, error) {
	name, key := fault.Clip(r.Name, 100), fault.Clip(r.Key, 60)
	v, err := value.Decode([]byte(secret), value.Limits{})
	object, isObject := v.(map[string]any)
	if err != nil || !isObject { // the error would quote the secret
		return nil, fault.New(fault.NotFound, "The secret %s in AWS is no JSON object, so it has no key %q. Leave the key out to take the whole.", name, key)
	}
	if text, ok := object[r.Key].(string); ok {
		return text, nil
	}
	return nil, fault.New(fault.NotFound, "The secret %s in AWS has no text at the key %q.", name, key)
}
