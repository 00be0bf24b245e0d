package core

import (
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// TestFromLife: commands as vendors' pages, browsers on three systems and Postman write them. What does not become an input is told, part by part.
func TestFromLife(t *testing.T) {
	for _, c := range []struct{ name, command, want, notes string }{
		{"Stripe", "curl https://api.stripe.com/v1/charges \\\n  -u sk_test_geheim: \\\n  -d amount=2000 \\\n  -d currency=usd \\\n  -d \"metadata[order]\"=42", `{"form":{"amount":"2000","currency":"usd","metadata[order]":"42"},"method":"POST","url":"https://api.stripe.com/v1/charges"}`, "What stands behind -u is left out"},
		{"GitHub", "curl -L \\\n  -X POST \\\n  -H \"Accept: application/vnd.github+json\" \\\n  -H \"Authorization: Bearer <YOUR-TOKEN>\" \\\n  https://api.github.com/repos/OWNER/REPO/issues \\\n  -d '{\"title\":\"Bug\"}'", `{"headers":{"Accept":"application/vnd.github+json"},"json":{"title":"Bug"},"method":"POST","url":"https://api.github.com/repos/OWNER/REPO/issues"}`, "The header Authorization is left out (Bearer)"},
		{"OpenAI", "curl https://api.openai.com/v1/responses \\\n  -H \"Content-Type: application/json\" \\\n  -H \"Authorization: Bearer $OPENAI_API_KEY\" \\\n  -d '{\n    \"model\": \"gpt-5\",\n    \"input\": \"It costs $5\"\n  }'", `{"json":{"input":"It costs $5","model":"gpt-5"},"method":"POST","url":"https://api.openai.com/v1/responses"}`, "The header Authorization"},
		{"Slack", `curl -F file=@dramacat.gif -F channels=C024BE91L -H "Authorization: Bearer xoxb-geheim" https://slack.com/api/files.upload`, `{"method":"POST","multipart":{"channels":"C024BE91L","file":""},"url":"https://slack.com/api/files.upload"}`, "part file; The header Authorization"},
		{"a webhook of Slack", `curl -X POST --data-urlencode "payload={\"text\": \"Hi\"}" https://hooks.slack.com/services/T/B/x`, `{"form":{"payload":"{\"text\": \"Hi\"}"},"method":"POST","url":"https://hooks.slack.com/services/T/B/x"}`, ""},
		{"Postman", "curl --location --globoff 'https://api.test/users/{{userId}}?fields[]=name' \\\n--header 'X-Api-Key: geheim' \\\n--header 'Content-Type: application/json' \\\n--data-raw '{\n    \"n\": 1\n}'", `{"json":{"n":1},"method":"POST","url":"https://api.test/users/{{userId}}?fields[]=name"}`, "The header X-Api-Key; Two braces"},
		{"Elasticsearch", "curl -X GET \"localhost:9200/_search?pretty\" -H 'Content-Type: application/json' -d'\n{\n  \"query\": { \"match_all\": {} }\n}\n'\n", `{"json":{"query":{"match_all":{}}},"method":"GET","url":"https://localhost:9200/_search?pretty"}`, "no scheme"},
		{"a heredoc", "curl -s https://api.test -H 'Content-Type: application/json' -d @- <<'EOF' | jq .id\n{\"a\": \"$x\"}\nEOF\n", `{"json":{"a":"$x"},"method":"POST","url":"https://api.test"}`, "| jq .id"},
		{"jq", `curl -s 'https://api.test/a' | jq -r '.items[] | .name' | head`, `{"url":"https://api.test/a"}`, "What stands behind the command is left out: | jq -r"},
		{"a file for the answer", `curl https://api.test/a.zip > a.zip 2>/dev/null`, `{"download":true,"url":"https://api.test/a.zip"}`, ""},
		{"errors elsewhere", `curl -w "%{http_code}" https://api.test 2>&1 | tee log`, `{"url":"https://api.test"}`, "-w is left out; | tee log"},
		{"variables", `curl "$BASE/users/${ID}?since=$(date +%F)" -H "X-Org: $ORG" -d '{"a":"$NOT"}' --data "b"`, `{"headers":{"Content-Type":"application/x-www-form-urlencoded","X-Org":"$ORG"},"method":"POST","text":"{\"a\":\"$NOT\"}&b","url":"$BASE/users/${ID}?since=$(date +%F)"}`, "$BASE, which a shell fills in, stands in the URL; ${ID}, which; $(date +%F), which a shell fills in, stands in the URL; $ORG, which a shell fills in, stands in the header X-Org; no JSON"},
		{"a variable without quotes", `TOKEN=geheim curl https://api.test/u/$ID -d name=$NAME`, `{"form":{"name":"$NAME"},"method":"POST","url":"https://api.test/u/$ID"}`, "$ID, which a shell fills in, stands in the URL; $NAME, which a shell fills in, stands in the form"},
		{"a price is none", `curl https://api.test -d "price=5$"`, `{"form":{"price":"5$"},"method":"POST","url":"https://api.test"}`, ""},
		{"backticks", "curl https://api.test -d \"on=`date`\"", "{\"form\":{\"on\":\"`date`\"},\"method\":\"POST\",\"url\":\"https://api.test\"}", "`date`, which a shell fills in, stands in the form"},
		{"globs", `curl 'https://api.test/p/[1-3]/{a,b}'`, `{"url":"https://api.test/p/[1-3]/{a,b}"}`, "[1-3] in the URL stands for several"},
		{"a placeholder", `curl https://api.test/users/{id}/posts`, `{"url":"https://api.test/users/{id}/posts"}`, "{id} in the URL stands for something else"},
		{"a placeholder in angles", `curl 'https://api.test/users/<user id>/posts'`, `{"url":"https://api.test/users/<user id>/posts"}`, "<user id> in the URL"},
		{"an address of IPv6", `curl 'http://[::1]:8080/a'`, `{"url":"http://[::1]:8080/a"}`, ""},
		{"url-query", `curl https://api.test/a?x=1 --url-query "q=a b" --url-query +y=%20 --url-query z@f.txt`, `{"method":"POST","url":"https://api.test/a?x=1&q=a+b&y=%20"}`, "file f.txt"},
		{"a key in the URL", `curl "https://api.openweathermap.org/data/2.5/weather?q=Bonn&appid=geheim&units=metric"`, `{"url":"https://api.openweathermap.org/data/2.5/weather?q=Bonn&units=metric"}`, "The parameter appid of the URL is left out"},
		{"tokens in the URL", `curl 'https://api.test/a?api_key=geheim&access-token=geheim'`, `{"url":"https://api.test/a"}`, "parameter api_key; parameter access-token"},
		{"a sign-in", `curl https://login.test/token -d grant_type=client_credentials -d client_id=i -d client_secret=geheim`, `{"form":{"client_id":"i","client_secret":"","grant_type":"client_credentials"},"method":"POST","url":"https://login.test/token"}`, "The value of client_secret in the body is left out"},
		{"a vendor's headers", `curl https://api.test -H 'PRIVATE-TOKEN: geheim' -H 'X-Shopify-Access-Token: geheim' -H 'DD-API-KEY: geheim' -H 'Authorization: geheim' -H 'X-Total: 1'`, `{"headers":{"X-Total":"1"},"url":"https://api.test"}`, "PRIVATE-TOKEN; X-Shopify-Access-Token; DD-API-KEY; The header Authorization is left out (An API key)"},
		{"headers that are not taken", `curl https://api.test -H @h.txt -H 'X-Empty;' -H 'Host: other.test' -H 'Idempotency-Key: 1' -H 'nothing' -H 'Accept:'`, `{"url":"https://api.test"}`, "headers in the file h.txt; X-Empty is left out: it has no value; Host (other.test); Idempotency-Key is left out; \"nothing\" is no header"},
		{"what is set elsewhere", `curl --retry 3 --max-redirs 0 -c jar --limit-rate 1M --resolve a:1:2 https://api.test`, `{"follow_redirects":false,"url":"https://api.test"}`, "--retry is left out; -c is left out: cookies; --limit-rate is left out; --resolve is left out"},
		{"Chrome on Linux", "curl 'https://app.test/api/items?limit=10' \\\n  -H 'accept: */*' \\\n  -b 'sid=geheim' \\\n  -H 'x-csrf-token: geheim' \\\n  -H 'sec-fetch-mode: cors' \\\n  --data-raw $'{\"a\":\"it\\'s\"}' \\\n  --compressed", `{"headers":{"accept":"*/*","sec-fetch-mode":"cors"},"json":{"a":"it's"},"method":"POST","url":"https://app.test/api/items?limit=10"}`, "cookie; x-csrf-token"},
		{"Firefox on macOS", "curl 'https://app.test/api' -X POST -H 'User-Agent: Mozilla/5.0' -H 'Content-Type: multipart/form-data; boundary=---x' --data-binary $'-----x\\r\\nContent-Disposition: form-data; name=\"a\"\\r\\n\\r\\n1\\r\\n-----x--\\r\\n'", `{"headers":{"Content-Type":"multipart/form-data; boundary=---x","User-Agent":"Mozilla/5.0"},"method":"POST","text":"-----x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n-----x--\r\n","url":"https://app.test/api"}`, ""},
		{"Edge on Windows, cmd", "curl ^\"https://app.test/api^\" ^\r\n  -H ^\"accept: application/json^\" ^\r\n  -b ^\"sid=geheim^\" ^\r\n  --data-raw ^\"^{^\\^\"a^\\^\":1^}^\"", `{"headers":{"accept":"application/json"},"json":{"a":1},"method":"POST","url":"https://app.test/api"}`, "cookie"},
		{"Chrome, PowerShell", "$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession\r\n$session.UserAgent = \"Mozilla/5.0 (X11)\"\r\n$session.Cookies.Add((New-Object System.Net.Cookie(\"sid\", \"geheim\", \"/\", \"app.test\")))\r\nInvoke-WebRequest -UseBasicParsing -Uri \"https://app.test/api?a=1&b=2\" `\r\n-Method \"POST\" `\r\n-WebSession $session `\r\n-Headers @{\r\n\"authority\"=\"app.test\"\r\n  \"method\"=\"POST\"\r\n  \"path\"=\"/api\"\r\n  \"scheme\"=\"https\"\r\n  \"accept\"=\"*/*\"\r\n  \"sec-ch-ua\"=\"`\"A`\";v=`\"1`\"\"\r\n  \"authorization\"=\"Bearer geheim\"\r\n} `\r\n-ContentType \"application/json\" `\r\n-Body \"{`\"a`\":`\"x`ny`$z`\"}\"",
			`{"headers":{"Content-Type":"application/json","User-Agent":"Mozilla/5.0 (X11)","accept":"*/*","sec-ch-ua":"\"A\";v=\"1\""},"method":"POST","text":"{\"a\":\"x\ny$z\"}","url":"https://app.test/api?a=1&b=2"}`, "authorization; cookie; no JSON"},
		{"Edge, PowerShell, letters of the world", "Invoke-WebRequest -UseBasicParsing -Uri \"https://app.test/api\" -Method \"PUT\" -ContentType \"application/json\" -Body ([System.Text.Encoding]::UTF8.GetBytes(\"{`\"a`\":`\"$([char]228)$([char]55357)$([char]56832)`\"}\"))", `{"json":{"a":"ä😀"},"method":"PUT","url":"https://app.test/api"}`, ""},
		{"Postman, PowerShell", "$headers = New-Object \"System.Collections.Generic.Dictionary[[String],[String]]\"\n$headers.Add(\"Content-Type\", \"application/json\")\n$headers.Add(\"X-Api-Key\", \"geheim\")\n\n$body = @\"\n{\n  `\"a`\": 1\n}\n\"@\n\n$response = Invoke-RestMethod 'https://api.test/post' -Method 'POST' -Headers $headers -Body $body\n$response | ConvertTo-Json", `{"json":{"a":1},"method":"POST","url":"https://api.test/post"}`, "X-Api-Key"},
		{"irm", "irm https://api.test/u?a=b&c=d -Headers @{ Accept = 'text/plain'; 'X-A' = \"$x\" } -TimeoutSec 5 | Select-Object name", `{"headers":{"Accept":"text/plain","X-A":"$x"},"timeout":"5s","url":"https://api.test/u?a=b&c=d"}`, "What stands behind the command; $x, which a shell fills in, stands in the header X-A"},
		{"a body from a dictionary", "$id = 7\n$body = @{\n  name = 'Ada'\n  tags = 'a', 'b'\n  deep = @{ n = $id; yes = $true; list = @(1, 2) }\n} | ConvertTo-Json -Depth 5\nInvoke-RestMethod -Method Post -Uri \"https://api.test/u/$id\" -ContentType 'application/json; charset=utf-8' -Body $body", `{"json":{"deep":{"list":[1,2],"n":7,"yes":true},"name":"Ada","tags":["a","b"]},"method":"POST","url":"https://api.test/u/7"}`, ""},
		{"a form, and parameters", "Invoke-RestMethod -Uri 'https://api.test/f' -Method Post -Body @{ a = 'x y'; b = 2 }", `{"form":{"a":"x y","b":"2"},"method":"POST","url":"https://api.test/f"}`, ""},
		{"parameters of a GET", "PS C:\\> iwr -Uri 'https://api.test/f' -Body @{ a = 'x y' } -OutFile f.txt -MaximumRedirection 0 -SkipHttpErrorCheck", `{"download":true,"fail_on_status":[],"follow_redirects":false,"url":"https://api.test/f?a=x+y"}`, ""},
		{"curl, which is iwr", `curl -Uri "https://api.test/" -Method DELETE -Credential $c -SkipCertificateCheck -InFile up.bin -Proxy http://p`, `{"method":"DELETE","url":"https://api.test/"}`, "credentials are left out; --insecure; up.bin; -proxy is left out"},
		{"what another command gives", "Invoke-RestMethod -Uri https://api.test -Method Post -Body (Get-Content -Raw body.json) -Authentication Bearer -Token $t", `{"headers":{"Content-Type":"application/x-www-form-urlencoded"},"method":"POST","text":"(Get-Content -Raw body.json)","url":"https://api.test"}`, "(Get-Content -Raw body.json), which a shell fills in, stands in the body; bearer token"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := FromCurl(c.command)
			text, _ := value.Encode(got.With)
			if err != nil || string(text) != c.want {
				t.Errorf("%s\n gives %s, %v\n want  %s", c.command, text, err, c.want)
			}
			var wanted []string
			if c.notes != "" {
				wanted = strings.Split(c.notes, "; ")
			}
			all := strings.Join(got.Notes, "\n")
			for _, part := range wanted {
				if !strings.Contains(all, part) {
					t.Errorf("notes %s\n want %s", all, part)
				}
			}
			if len(got.Notes) != len(wanted) {
				t.Errorf("%d notes: %s", len(got.Notes), all)
			}
			if strings.Contains(string(text)+all, "geheim") {
				t.Errorf("shows a secret: %s %s", text, all)
			}
			if issues := actions.CheckInput(httpRequest().Input, got.With, func(any) bool { return false }); len(issues) > 0 {
				t.Errorf("is no input: %v", issues)
			}
		})
	}
	for command, says := range map[string]string{"iwr": "no URL", "iwr -Uri": "not understood", "irm https://a.test -Frob 1": "-Frob is not known", "irm 'https://a.test": "not closed", "irm \"https://a.test": "not closed", "irm https://a.test -Headers @{ a": "not closed",
		"$x = 1\nirm": "no URL", "iwr https://a.test -Body (1": "not closed", "iwr -Uri https://a.test -Body @\"\nx": "not closed", "curl https://a.test -d \"`x\"": "not closed"} {
		if _, err := FromCurl(command); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", command, err)
		}
	}
}
