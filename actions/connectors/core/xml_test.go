package core

import (
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func TestXML(t *testing.T) {
	cases{
		{"attributes, lists, text", "xml", `{"text":"<?xml version='1.0' encoding='ISO-8859-1'?><!-- c --><o id=\"7\">\n <i>a &amp; b</i><i n='1'>c</i><e/><![CDATA[ x<y ]]></o>"}`, `{"o":{"#text":"x<y","@id":"7","e":"","i":["a & b",{"#text":"c","@n":"1"}]}}`},
		{"types and lists", "xml", `{"types":"guess","lists":["i"],"text":"<o><i>1</i><n>007</n><b>true</b><e/></o>"}`, `{"o":{"b":true,"e":"","i":[1],"n":"007"}}`},
		{"prefixes stay", "xml", `{"text":"<s:a xmlns:s='u'><s:b s:c='1'/></s:a>"}`, `{"s:a":{"@xmlns:s":"u","s:b":{"@s:c":"1"}}}`},
		{"prefixes go", "xml", `{"names":"drop","text":"<s:a xmlns:s='u'><s:b s:c='1'/></s:a>"}`, `{"a":{"b":{"@c":"1"}}}`},
		{"no attributes", "xml", `{"attributes":false,"text":"<a b='1'>x</a>"}`, `{"a":"x"}`},
		{"not closed", "xml", `{"text":"<a>\n<b></a>"}`, `!The XML is not valid on line 2, column 8: </a> stands where </b> is expected.`},
		{"ends early", "xml", `{"text":"<a><b>"}`, `!The XML is not valid on line 1, column 7: <b> is never closed`},
		{"two roots", "xml", `{"text":"<a/><b/>"}`, `!The XML is not valid on line 1, column 9: a second root element begins`},
		{"nothing", "xml", `{"text":" "}`, `!The input text: it holds no XML element.`},
		{"an entity of a file", "xml", `{"text":"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>"}`, `!The XML is not valid on line 1, column 61: invalid character entity &x; declarations of entities`},
		{"many laughs", "xml", `{"text":"<!DOCTYPE a [<!ENTITY x 'ha'><!ENTITY y '&x;&x;'>]><a>&y;</a>"}`, `!The XML is not valid`},
		{"a document type", "xml", `{"text":"<!DOCTYPE html><a>1</a>"}`, `{"a":"1"}`},
		{"deep", "xml", `{"text":"` + strings.Repeat("<a>", 100) + `"}`, `!The XML is not valid on line 1, column 184: elements stand within one another too deep`},
		{"attribute twice", "xml", `{"text":"<a b='1' b='2'/>"}`, `!The XML is not valid on line 1, column 17: the attribute b stands twice.`},
		{"write", "xml", `{"mode":"write","value":{"o":{"@id":7,"@n":null,"b":[1,{"@x":"\"<","#text":"y & z"}],"a":null,"c":{"d":true}}},"order":["c"]}`,
			"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<o id=\"7\">\n  <c>\n    <d>true</d>\n  </c>\n  <a/>\n  <b>1</b>\n  <b x=\"&#34;&lt;\">y &amp; z</b>\n</o>\n"},
		{"write on one line", "xml", `{"mode":"write","declaration":false,"indent":false,"value":{"o":{"n":90071992547409931234567890}}}`, `<o><n>90071992547409931234567890</n></o>`},
		{"write a list of roots", "xml", `{"mode":"write","value":{"a":[1,2]}}`, `!The input value: the root element a is a list, and XML has one root: put an element around it, as {"list": {"a": […]}}.`},
		{"write two roots", "xml", `{"mode":"write","value":{"a":1,"b":2}}`, `!The input value: an object whose one member is the root element is needed`},
		{"write a bad name", "xml", `{"mode":"write","value":{"a":{"1 b":2}}}`, `!The input value: "1 b" is no name that an XML element can have, at a/1 b.`},
		{"write a list in a list", "xml", `{"mode":"write","value":{"a":{"b":[[1]]}}}`, `!The input value: a list stands within a list, which XML cannot say, at a/b.`},
		{"write a control character", "xml", `{"mode":"write","value":{"a":"\u0000"}}`, `!The input value: a text holds the control character U+0000`},
		{"write an object as attribute", "xml", `{"mode":"write","value":{"a":{"@b":{}}}}`, `!The input value: the attribute "@b" is an object`},
	}.run(t)
	if _, err := callWith(t, "xml", map[string]any{"text": "<a>" + strings.Repeat("<b/>", 300_000) + "</a>"}); fault.CodeOf(err) != fault.TooLarge {
		t.Errorf("300,000 elements give %v", err)
	}
}

// FuzzXML: what is read is written so that it is read again as the same.
func FuzzXML(f *testing.F) {
	for _, seed := range []string{"<a b='1'>x<c/>y<c>1</c></a>", "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "<a><![CDATA[<]]>&#65;</a>", "<s:a xmlns:s='u'/>"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := callWith(t, "xml", map[string]any{"text": text})
		if err != nil {
			return
		}
		for _, indent := range []bool{true, false} {
			written, err := callWith(t, "xml", map[string]any{"mode": "write", "value": v, "indent": indent})
			if err != nil {
				return // a name that only its reader takes
			}
			again, err := callWith(t, "xml", map[string]any{"text": written})
			if err != nil || value.Text(again) != value.Text(v) {
				t.Errorf("%q is read as %s, written as %q and read as %s, %v", text, value.Text(v), written, value.Text(again), err)
			}
		}
	})
}
