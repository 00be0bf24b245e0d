package core

import (
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// TestFromCurl: commands as documentation and browsers have them become the step's inputs; credentials and files do not, and it is said.
func TestFromCurl(t *testing.T) {
	for _, c := range []struct{ command, want, notes string }{
		{`curl https://api.test/a?x=1&y=2`, `{"url":"https://api.test/a?x=1&y=2"}`, ""},
		{`$ curl -sSL "https://api.test/a" -H 'Accept: application/json'`, `{"headers":{"Accept":"application/json"},"url":"https://api.test/a"}`, ""},
		{"curl -X POST https://api.test \\\n  -H \"Content-Type: application/json\" \\\n  -d '{\"a\": 1, \"b\": [9007199254740993]}'", `{"json":{"a":1,"b":[9007199254740993]},"method":"POST","url":"https://api.test"}`, ""},
		{`curl https://api.test --json '{"a":' --json '1}'`, `{"json":{"a":1},"method":"POST","url":"https://api.test"}`, ""},
		{`curl https://api.test -d '{"a":1}'`, `{"json":{"a":1},"method":"POST","url":"https://api.test"}`, ""},
		{`curl https://api.test -H 'content-type: application/vnd.api+json' -d '{"a":1}'`, `{"headers":{"content-type":"application/vnd.api+json"},"json":{"a":1},"method":"POST","url":"https://api.test"}`, ""},
		{`curl https://api.test -d a=1 -d 'b=x y' -d b=z`, `{"form":{"a":"1","b":["x y","z"]},"method":"POST","url":"https://api.test"}`, ""},
		{`curl https://api.test --data-urlencode 'q=a b&c' --data-urlencode '=d e'`, `{"form":{"d e":"","q":"a b&c"},"method":"POST","url":"https://api.test"}`, ""},
		{`curl -G https://api.test/s -d q=1 --data-urlencode 'w=x y'`, `{"url":"https://api.test/s?q=1&w=x+y"}`, ""},
		{`curl -G 'https://api.test/s?z=0' -d q=1`, `{"url":"https://api.test/s?z=0&q=1"}`, ""},
		{`curl https://api.test -H 'Content-Type: text/xml' --data-raw '@<a/>'`, `{"headers":{"Content-Type":"text/xml"},"method":"POST","text":"@<a/>","url":"https://api.test"}`, ""},
		{`curl https://api.test -d plain`, `{"headers":{"Content-Type":"application/x-www-form-urlencoded"},"method":"POST","text":"plain","url":"https://api.test"}`, ""},
		{`curl https://api.test -H 'Content-Type: application/json' -d '{not json'`, `{"headers":{"Content-Type":"application/json"},"method":"POST","text":"{not json","url":"https://api.test"}`, "no JSON"},
		{`curl -F name=Ada -F tag=a -F tag=b -F 'file=@/tmp/x.pdf;type=application/pdf' https://api.test`, `{"method":"POST","multipart":{"file":"","name":"Ada","tag":["a","b"]},"url":"https://api.test"}`, "The file of the part file"},
		{`curl -u ada:geheim -H 'Authorization: Bearer geheim' -H 'X-Api-Key: geheim' -b 'sid=geheim' --oauth2-bearer geheim https://me:geheim@api.test`, `{"url":"https://api.test"}`, "password of ada; Bearer; An API key; cookie; bearer token; user in the URL"},
		{`curl -k -x http://p:1 --cert c.pem -d @body.json -T up.bin -m 2.5 api.test -o out.zip`, `{"download":true,"method":"PUT","timeout":"2.5s","url":"https://api.test"}`, "--insecure is left out: a certificate that does not hold is not taken. One of an authority of your own goes into a connection for plain HTTP; -x is left out; --cert is left out: put what is in the file into a connection; body.json; up.bin; no scheme"},
		{`curl https://api.test -d @body.json`, `{"method":"POST","url":"https://api.test"}`, "file body.json is not taken over"},
		{`curl https://api.test --json @body.json -H 'X: 1'`, `{"headers":{"X":"1"},"method":"POST","url":"https://api.test"}`, "file body.json is not taken over"},
		{`curl https://api.test --data-urlencode a@b.txt --data-urlencode c=d@e`, `{"form":{"c":"d@e"},"method":"POST","url":"https://api.test"}`, "file b.txt is not taken over"},
		{`curl -G https://api.test -d @q.txt`, `{"url":"https://api.test"}`, "file q.txt is not taken over"},
		{`curl https://api.test -X PUT --data-binary @up.bin`, `{"method":"PUT","url":"https://api.test"}`, "file up.bin is not taken over"},
		{`curl https://api.test --cacert ca.pem --key k.pem --pass geheim`, `{"url":"https://api.test"}`, "--cacert is left out: put; --key is left out: put; without a passphrase"},
		{`curl --digest -u ada:geheim https://api.test`, `{"url":"https://api.test"}`, "password of ada is left out: make a connection for plain HTTP with a user name and a password by Digest"},
		{`curl --digest https://api.test`, `{"url":"https://api.test"}`, "--digest is left out: make a connection"},
		{`curl --aws-sigv4 aws:amz:eu-west-1:execute-api -u AKIA:geheim https://api.test`, `{"url":"https://api.test"}`, "an AWS signature for the region eu-west-1 and the service execute-api, and name"},
		{`curl --aws-sigv4 aws:amz https://api.test`, `{"url":"https://api.test"}`, "an AWS signature, and name"},
		{`curl --ntlm --basic https://api.test`, `{"url":"https://api.test"}`, "--ntlm is left out"},
		{"curl ^\"https://api.test/a?x=1^&y=^%^20^\" ^\r\n  -X ^\"PUT^\" ^\r\n  -H ^\"sec-ch-ua: ^\\^\"A^\\^\";v=^\\^\"1^\\^\"^\" ^\r\n  --data-raw ^\"^{^\\^\"a^\\^\":^\\^\"x^\\^\\n^\\^\",^\\^\"b^\\^\":1^}^\"", `{"headers":{"sec-ch-ua":"\"A\";v=\"1\""},"json":{"a":"x\n","b":1},"method":"PUT","url":"https://api.test/a?x=1&y=%20"}`, ""},
		{"curl ^\"https://api.test^\" -H ^\"Content-Type: text/plain^\" --data-raw ^\"a^\n\nb^\"", `{"headers":{"Content-Type":"text/plain"},"method":"POST","text":"a\nb","url":"https://api.test"}`, ""},
		{"curl \"https://api.test\" -H \"a: ^\\^\"x^\\^\"\" --compressed", `{"headers":{"a":"\"x\""},"url":"https://api.test"}`, ""},
		{`curl https://api.test -d 'a^b="c^"'`, `{"form":{"a^b":"\"c^\""},"method":"POST","url":"https://api.test"}`, ""},
		{`curl -I https://api.test`, `{"method":"HEAD","url":"https://api.test"}`, ""},
		{`curl -XDELETE https://api.test --compressed --http2 -A Mozilla/5.0 -e https://r.test -r 0-9`, `{"headers":{"Range":"bytes=0-9","Referer":"https://r.test","User-Agent":"Mozilla/5.0"},"method":"DELETE","url":"https://api.test"}`, ""},
		{`curl 'https://api.test' --data-raw $'{"a":"it\'s \u00e9\n\x41"}' # a remark`, "", "no JSON"},
		{`curl 'https://api.test' --data-raw $'{"a":"it\'s \u00e9"}'`, `{"json":{"a":"it's é"},"method":"POST","url":"https://api.test"}`, ""},
		{"curl \"https://api.test/\\$a\\\"b\" -H \"X: a\\n\" --max-time=3", `{"headers":{"X":"a\\n"},"timeout":"3s","url":"https://api.test/$a\"b"}`, ""},
		{`curl https://api.test https://other.test`, `{"url":"https://api.test"}`, "Only the first URL"},
		{`curl https://api.test -d '{{ x }}=1'`, `{"form":{"{{ x }}":"1"},"method":"POST","url":"https://api.test"}`, "Two braces"},
		{`irm https://api.test -Method Post -Form @{f=Get-Item x.png; name='Ada'}`, `{"method":"POST","multipart":{"f":"","name":"Ada"},"url":"https://api.test"}`, "The file of the part f is not read"},
		{"irm https://api.test -Method Post -Form @{\n f = Get-Item -Path './x.png'\n g = (Get-Item y.png)\n}", `{"method":"POST","multipart":{"f":"","g":""},"url":"https://api.test"}`, "The file of the part f is not read; The file of the part g is not read"},
		{`curl https://api.test -F 'meta={"a":1};type=application/json' -F 'a=x;y' -F 'b="red; \"green\"";type=text/x' -F 'c="d"e' --form-string 'd=x;type=y'`, `{"method":"POST","multipart":{"a":"x;y","b":"red; \"green\"","c":"\"d\"e","d":"x;type=y","meta":"{\"a\":1}"},"url":"https://api.test"}`, "type=application/json of the part meta is left out; type=text/x of the part b"},
		{"curl https://api.test/a ; \n", `{"url":"https://api.test/a"}`, ""},
		{"curl https://api.test/a;", `{"url":"https://api.test/a"}`, ""},
		{"curl https://api.test/a &", `{"url":"https://api.test/a"}`, ""},
		{"curl https://api.test/a | jq .", `{"url":"https://api.test/a"}`, "| jq . (a further step"},
		{"curl.exe https://api.test ^\r\n -H \"A: b\"", `{"headers":{"A":"b"},"url":"https://api.test"}`, ""},
	} {
		got, err := FromCurl(c.command)
		text, _ := value.Encode(got.With)
		if err != nil || c.want != "" && string(text) != c.want {
			t.Errorf("%s\n gives %s, %v\n want  %s", c.command, text, err, c.want)
		}
		all := strings.Join(got.Notes, "\n")
		if (c.notes == "") != (all == "") {
			t.Errorf("%s\n notes %s", c.command, all)
		}
		for _, part := range strings.Split(c.notes, "; ") {
			if !strings.Contains(all, part) {
				t.Errorf("%s\n notes %s\n want %s", c.command, all, part)
			}
		}
		if strings.Contains(string(text)+all, "geheim") {
			t.Errorf("%s\n shows a secret: %s %s", c.command, text, all)
		}
		if issues := actions.CheckInput(httpRequest().Input, got.With, func(any) bool { return false }); len(issues) > 0 && c.want != "" {
			t.Errorf("%s\n is no input: %v", c.command, issues)
		}
	}
	for command, says := range map[string]string{
		"": "does not begin with curl", "wget https://a.test": "does not begin with curl", "curl": "no URL", "curl -X": "is missing", "curl 'https://a.test": "not closed", `curl "https://a.test`: "not closed", "curl $'https://a.test": "not closed",
		`fetch("https://a.test", {method: "POST"}); x`: "does not begin with curl", "curl https://a.test --next https://b.test": "more than one request, parted by --next", "curl https://a.test -: https://b.test": "more than one request",
		"curl https://a.test; rm -rf /": "paste the one command", "curl ftp://a.test/x": "begins with ftp://, which is no HTTP", "curl `cat x`": "paste the one command",
		"curl https://a.test && ls": "paste the one command", "curl https://a.test --frobnicate 1": "--frobnicate of curl is not known", "curl https://a.test -m x": "no number of seconds", "curl \xff": "UTF-8", "curl " + strings.Repeat("x", 2<<20): "more than 1 MB"} {
		if _, err := FromCurl(command); err == nil || !strings.Contains(fault.MessageOf(err), says) {
			t.Errorf("%.60q: %v", command, err)
		}
	}
}

// FuzzFromCurl: whatever is pasted gives inputs or an error.
func FuzzFromCurl(f *testing.F) {
	for _, seed := range []string{`curl -X POST 'https://a.test' -d $'\u00e9' -H "A: b" \`, `curl -F a=@b -u c https://d`, "curl \"\\", "curl -", "curl --=", `curl $'\x`, "irm https://a.test -Body @{a=1;b=@(1,2)} | x", "$s.A(\"x\")\niwr \"$([char]1)`u{1}\"", "curl a <<E\nE\n$(", "iwr [a]::b((("} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, command string) {
		if got, err := FromCurl(command); err == nil && got.With["url"] == "" {
			t.Errorf("%q has no URL", command)
		}
	})
}
