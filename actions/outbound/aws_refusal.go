package outbound

import (
	"net/http"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// awsRefusals say what AWS means by the types of its errors. {name} is the secret's, {version} the stage that was asked for,
// {region} the server's. AWS's own words are never shown: those of a bad signature repeat what was signed, the session token
// in it.
// Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html
var awsRefusals = []struct {
	types []string
	words string // that AWS's own text holds; empty: any
	code  fault.Code
	says  string
}{
	{[]string{"ResourceNotFoundException"}, "", fault.NotFound,
		"AWS Secrets Manager has no secret {name} in {region}, or no version {version} of it. Look at its name and its region; with a key of another account its whole ARN is needed."},
	{[]string{"InvalidRequestException"}, "", fault.NotFound,
		"AWS does not give the secret {name} out: it is marked for deletion, or another service manages it."},
	{[]string{"InvalidParameterException", "ValidationException"}, "", fault.InvalidInput,
		"AWS takes {name} for no name of a secret, or {version} for no stage of a version."},
	{[]string{"DecryptionFailure"}, "", fault.Unavailable,
		"AWS cannot decrypt the secret {name}: the server's AWS keys need kms:Decrypt for the KMS key that it is encrypted with."},
	{[]string{"AccessDeniedException", "AccessDenied", "NotAuthorized"}, "", fault.Unavailable,
		"The server's AWS keys may not read the secret {name}: their policy needs secretsmanager:GetSecretValue for it."},
	{[]string{"ExpiredTokenException", "ExpiredToken", "RequestExpired"}, "", fault.Unavailable,
		"The server's AWS keys have expired. Whoever runs the server puts new ones into the file of --aws-keys-file; no restart is needed."},
	{[]string{"InvalidSignatureException", "SignatureDoesNotMatch"}, "Credential should be scoped to a valid", fault.Unavailable,
		"AWS answered from another region than {region}. Whoever runs the server makes --aws-region and --aws-endpoint name the same one."},
	{[]string{"InvalidSignatureException", "SignatureDoesNotMatch"}, "Signature expired", fault.Unavailable, clockWrong},
	{[]string{"InvalidSignatureException", "SignatureDoesNotMatch"}, "Signature not yet current", fault.Unavailable, clockWrong},
	{[]string{"InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignature", "IncompleteSignatureException"}, "", fault.Unavailable,
		"AWS does not take the signature: the secret access key in the file of --aws-keys-file does not belong to the key id there."},
	{[]string{"UnrecognizedClientException", "InvalidClientTokenId", "MissingAuthenticationToken", "MissingAuthenticationTokenException", "OptInRequired"}, "", fault.Unavailable,
		"AWS does not know the server's keys in {region}. Whoever runs the server looks at the file of --aws-keys-file; temporary keys need aws_session_token."},
	{[]string{"ThrottlingException", "Throttling", "TooManyRequestsException", "LimitExceededException", "RequestLimitExceeded"}, "", fault.RateLimited,
		"AWS Secrets Manager asks to slow down."},
}

const clockWrong = "AWS says that the server's clock is wrong: set it, by NTP."

// refusal makes the error of an answer without a secret.
func (a AWS) refusal(status int, said map[string]any, r run.Ref) error {
	kind, _ := said["__type"].(string)
	_, after, found := strings.Cut(kind, "#") // a namespace stands before it
	if found {
		kind = after
	}
	words, _ := said["message"].(string)
	if words == "" {
		words, _ = said["Message"].(string)
	}
	version := r.Stage
	if version == "" {
		version = "AWSCURRENT"
	}
	fill := strings.NewReplacer("{name}", fault.Clip(r.Name, 100), "{version}", fault.Clip(version, 60), "{region}", a.Region)
	for _, known := range awsRefusals {
		if slices.Contains(known.types, kind) && strings.Contains(words, known.words) {
			return fault.New(known.code, "%s", fill.Replace(known.says))
		}
	}
	switch {
	case status == http.StatusTooManyRequests:
		return fault.New(fault.RateLimited, "AWS Secrets Manager asks to slow down.")
	case status == http.StatusForbidden:
		return fault.New(fault.Unavailable, "%s", fill.Replace("AWS Secrets Manager answered 403 Forbidden for {name}: look at the policy of the server's AWS keys, and of the endpoint."))
	case status >= 300 && status < 400:
		return fault.New(fault.Unavailable, "AWS Secrets Manager redirects, which is not followed where keys are shown. Whoever runs the server looks at --aws-region and --aws-endpoint.")
	}
	return fault.New(fault.Unavailable, "AWS Secrets Manager answered %d %s.", status, http.StatusText(status))
}
