package core

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// TestFeed reads RSS 1.0 and Atom with prefixes, and says what is no feed.
func TestFeed(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"RSS 1.0":  {`<rdf:RDF><channel><title>News</title></channel><item rdf:about="x"><title>One</title><link>https://example.com/1</link><dc:date>2026-01-31T09:30:00+01:00</dc:date></item></rdf:RDF>`, `"id":"https://example.com/1","link":"https://example.com/1","published":"2026-01-31T08:30:00Z"`},
		"a prefix": {`<atom:feed><atom:title>T</atom:title><atom:entry><atom:id>1</atom:id><atom:title>One</atom:title></atom:entry></atom:feed>`, `"title":"One"`},
		"elements as content": {`<feed xmlns="http://www.w3.org/2005/Atom"><entry><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">One &amp; <b>two</b></div></title><content type="xhtml">
			<div xmlns="http://www.w3.org/1999/xhtml"><p>Tea &lt; <a href="x">cup</a></p><div>in</div></div></content><summary type="xhtml"/></entry><entry><content type="html">&lt;p&gt;</content></entry></feed>`,
			`"content":"<p>Tea &lt; <a href=\"x\">cup</a></p><div>in</div>","files":[],"id":null,"link":null,"published":null,"summary":null,"title":"One &amp; <b>two</b>"`},
		"no entries":          {`<rss><channel><title>Empty</title></channel></rss>`, `"items":[]`},
		"an empty feed":       {`<rss/>`, `"items":[]`},
		"a date that is none": {`<rss><channel><item><title>A</title><pubDate>soon</pubDate></item></channel></rss>`, `"published":null`},
		"other XML":           {`<urlset><url/></urlset>`, `!its element is <urlset>`},
		"broken XML":          {`<rss><channel>`, `!The XML is not valid`},
		"a page":              {"\n<html></html>", `!a web page lies there`},
	} {
		out, err := readFeed(t.Context(), actions.Response{Body: []byte(c.text), Value: c.text, Header: http.Header{}}, "https://example.com/feed", 10)
		got := ""
		if err != nil {
			got = "!" + fault.MessageOf(err)
		} else if b, err := value.Encode(out); err != nil {
			t.Fatal(err)
		} else {
			got = string(b)
		}
		if !strings.Contains(got, strings.TrimPrefix(c.want, "!")) || strings.HasPrefix(got, "!") != strings.HasPrefix(c.want, "!") {
			t.Errorf("%s gives %s", name, got)
		}
	}
}

// TestTOTP has the codes of RFC 6238, appendix B.
func TestTOTP(t *testing.T) {
	for _, c := range []struct {
		at           int64
		secret, want string
	}{
		{59, "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=8", "94287082"},
		{1111111109, "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=8&period=30&algorithm=sha1", "07081804"},
		{59, "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA&digits=8&algorithm=SHA256", "46119246"},
		{59, "gezd-gnbv gy3tqojqgezdgnbvgy3tqojq====", "287082"},
		{59, "otpauth://hotp/x?secret=GEZDGNBV", "!only those by time"},
		{59, "otpauth://totp/x?secret=GEZDGNBV&digits=99", "!are not made"},
		{59, "otpauth://totp/x?secret=GEZDGNBV&period=a", "!no number"},
		{59, "0189", "!not base32"},
		{59, " ", "!not base32"},
	} {
		got, err := runCrypto(context.Background(), actions.Input{Now: time.Unix(c.at, 0), Values: map[string]any{"do": "totp", "secret": c.secret}})
		if says, fails := strings.CutPrefix(c.want, "!"); fails {
			if text := fault.MessageOf(err); !strings.HasPrefix(text, "The input secret: ") || !strings.Contains(text, says) {
				t.Errorf("%s says %v", c.secret, err)
			}
		} else if err != nil || got.(map[string]any)["result"] != c.want {
			t.Errorf("%s gives %v, %v", c.secret, got, err)
		}
	}
}

func TestStyled(t *testing.T) {
	for name, want := range map[string]string{"First Name": "first_name firstName", "userID": "user_id userId", "HTTPStatus": "http_status httpStatus", "größe (cm)": "größe_cm größeCm", "--": "-- --", "": " ", "a1B2": "a1_b2 a1B2"} {
		if got := styled(name, "snake") + " " + styled(name, "camel"); got != want {
			t.Errorf("%q becomes %q", name, got)
		}
	}
}
