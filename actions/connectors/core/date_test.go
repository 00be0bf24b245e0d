package core

import (
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// TestDateGuess: the forms that people and machines write are found out, and what could be two dates is asked about.
func TestDateGuess(t *testing.T) {
	for text, want := range map[string]string{
		`"2026-01-31T09:30:00+02:00"`: "2026-01-31T09:30:00.000+02:00", `"2026-01-31"`: "2026-01-31T00:00:00.000Z", `"2026/1/3 9:05"`: "", `"2026/1/3 09:05"`: "2026-01-03T09:05:00.000Z", `"20260131"`: "2026-01-31T00:00:00.000Z",
		`"31.01.2026 09:30"`: "2026-01-31T09:30:00.000Z", `"3.4.26"`: "2026-04-03T00:00:00.000Z", `"01/31/2026 9:30 pm"`: "2026-01-31T21:30:00.000Z", `"31/01/2026"`: "2026-01-31T00:00:00.000Z", `"4/4/2026"`: "2026-04-04T00:00:00.000Z",
		`"03/04/2026"`: "!could be read", `"31.02.2026"`: "!there is no such day", `"January 31st, 2026"`: "2026-01-31T00:00:00.000Z", `"31 Jan 2026 09:30:15"`: "2026-01-31T09:30:15.000Z", `"Saturday, 31 January 2026 at 4:05 PM"`: "2026-01-31T16:05:00.000Z",
		`"Sat, 31 Jan 2026 09:30:00 +0100"`: "2026-01-31T09:30:00.000+01:00", `"Sat, 31 Jan 2026 09:30:00 GMT"`: "2026-01-31T09:30:00.000Z", `"20260131T093000Z"`: "2026-01-31T09:30:00.000Z", `1769851800`: "2026-01-31T09:30:00.000Z", `1769851800123`: "2026-01-31T09:30:00.123Z",
		`"1769851800"`: "2026-01-31T09:30:00.000Z", `"tomorrow"`: "!is no date", `true`: "!a date is a text or a number", `"0000-01-01"`: "!the year 0", `1e20`: "!is no date", `null`: "!The input date: It is null, as where an expression reads", `"2026-01-31 09:30:00 +02:00"`: "2026-01-31T09:30:00.000+02:00",
	} {
		out, err := call(t, "date", `{"date":`+text+`}`)
		got := value.Text(value.At(out, "/date"))
		if about, failing := strings.CutPrefix(want, "!"); failing && !strings.Contains(fault.MessageOf(err), about) || !failing && want != "" && got != want {
			t.Errorf("%s gives %s, %v, not %s", text, got, err, want)
		}
	}
}

func TestDate(t *testing.T) {
	date := func(input string) string {
		out, err := call(t, "date", input)
		if err != nil {
			return "!" + fault.MessageOf(err)
		}
		object := out.(map[string]any)
		for _, name := range []string{"between", "amount", "date"} {
			if object[name] != nil {
				return value.Text(object[name])
			}
		}
		return ""
	}
	for _, c := range []struct{ input, want string }{
		{`{"date":"03/04/2026","order":"day_first"}`, "2026-04-03T00:00:00.000Z"},
		{`{"date":"03/04/2026","order":"month_first"}`, "2026-03-04T00:00:00.000Z"},
		{`{"date":"31-01-2026 9h","from_form":"DD-MM-YYYY H[h]"}`, "2026-01-31T09:00:00.000Z"},
		{`{"date":"31.01.2026 10:00","timezone":"Europe/Zurich"}`, "2026-01-31T10:00:00.000+01:00"},
		{`{"do":"add","date":"2026-01-31","amount":1,"unit":"months"}`, "2026-02-28T00:00:00.000Z"},
		{`{"do":"subtract","date":"2024-02-29","amount":1,"unit":"years"}`, "2023-02-28T00:00:00.000Z"},
		{`{"do":"add","date":"2026-03-28T12:00:00+01:00","timezone":"Europe/Zurich","amount":1,"unit":"days"}`, "2026-03-29T12:00:00.000+02:00"},
		{`{"do":"add","date":"2026-03-28T12:00:00+01:00","timezone":"Europe/Zurich","amount":24,"unit":"hours"}`, "2026-03-29T13:00:00.000+02:00"},
		{`{"do":"add","date":"2026-01-31","amount":1.5,"unit":"hours"}`, "2026-01-31T01:30:00.000Z"},
		{`{"do":"add","date":"2026-01-30","amount":1,"unit":"weekdays"}`, "2026-02-02T00:00:00.000Z"},
		{`{"do":"subtract","date":"2026-02-01","amount":6,"unit":"weekdays"}`, "2026-01-23T00:00:00.000Z"},
		{`{"do":"add","date":"2026-01-31","amount":900000000,"unit":"hours"}`, "!The input amount: 900000000 hours lead out of"},
		{`{"do":"add","date":"2026-01-31","amount":8000,"unit":"years"}`, "!The input amount: 8000 years lead out of"},
		{`{"do":"start_of","date":"2026-02-01T10:00:00Z","unit":"weeks"}`, "2026-01-26T00:00:00.000Z"},
		{`{"do":"end_of","date":"2026-02-10","unit":"months","timezone":"Europe/Zurich"}`, "2026-02-28T23:59:59.999+01:00"},
		{`{"do":"end_of","date":"2026-02-10T10:15:30Z","unit":"hours"}`, "2026-02-10T10:59:59.999Z"},
		{`{"do":"difference","date":"2026-01-31","other":"2026-03-01","unit":"months"}`, "1"},
		{`{"do":"difference","date":"2026-03-01","other":"2026-01-31"}`, "-29"},
		{`{"do":"difference","date":"2026-03-28","other":"2026-03-30","timezone":"Europe/Zurich"}`, "2"},
		{`{"do":"difference","date":"2026-01-01","other":"2026-01-02T12:00:00Z"}`, "1.5"},
		{`{"do":"difference","date":"2026-01-30","other":"2026-02-09","unit":"weekdays"}`, "6"},
		{`{"do":"difference","date":"0001-01-01","other":"9999-12-31"}`, "3652058"},
		{`{"do":"between","date":"2026-01-31","other":"2026-01-31","until":"2026-02-01"}`, "true"},
		{`{"do":"between","date":"2026-01-31","other":"2026-01-31","until":"2026-02-01","inclusive":false}`, "false"},
		{`{"do":"between","date":"2026-01-31","other":"2026-02-01","until":"2026-01-01"}`, "!The input until: it lies before other"},
		{`{"do":"add","date":"2026-01-31"}`, "!The input amount: say how many days."},
		{`{"do":"add","date":"2026-01-31","amount":1.5}`, "!The input amount: days are added whole"},
		{`{"date":"2026-01-31","timezone":"Mars/Base"}`, "!The input timezone: \"Mars/Base\" is no time zone"},
		{`{"date":"2026-01-31","timezone":"../../etc/passwd"}`, "!The input timezone:"},
		{`{}`, "2025-11-24T16:00:00.000Z"},
		{`{"date":"2026-01-05","form":"dddd D. MMMM YY, h:mm a [Q]Q [W]W DDDD x Z"}`, "!The input form: DDDD in it is no part of a date that is known; take YYYY"},
		{`{"date":"2026-01-05","from_form":"DDD.YYYY"}`, "!The input from_form: DDD in it is no part"},
		{`{"date":"x","from_form":"Do"}`, "!The input from_form: dates cannot be read by"},
		{`{"do":"difference","date":"2026-01-31"}`, "!The input other: give the date"},
	} {
		if got := date(c.input); got != c.want && !(strings.HasPrefix(c.want, "!") && strings.HasPrefix(got, c.want)) {
			t.Errorf("%s gives %s, not %s", c.input, got, c.want)
		}
	}
	for input, want := range map[string]string{
		`"date":"2026-01-31T10:00:00Z","other":"2027-03-02T12:30:05Z"`:                 `{"days":2,"hours":2,"minutes":30,"months":1,"seconds":5,"years":1}`,
		`"date":"2026-03-28","other":"2026-03-30","timezone":"Europe/Zurich"`:          `{"days":2,"hours":0,"minutes":0,"months":0,"seconds":0,"years":0}`,
		`"date":"2026-10-24","other":"2026-10-26","timezone":"Europe/Zurich"`:          `{"days":2,"hours":0,"minutes":0,"months":0,"seconds":0,"years":0}`,
		`"date":"2026-10-25","other":"2026-10-25T23:30:00","timezone":"Europe/Zurich"`: `{"days":0,"hours":24,"minutes":30,"months":0,"seconds":0,"years":0}`,
	} {
		out, err := call(t, "date", `{"do":"difference",`+input+`}`)
		if got := value.Text(value.At(out, "/parts")); err != nil || got != want {
			t.Errorf("the parts of %s are %s, %v", input, got, err)
		}
	}
	if got := issues(t, "date", `{"date":"{{ x }}","do":"add"}`); got != "/amount Say how many days." {
		t.Errorf("publishing says %q", got)
	}
}

func FuzzDate(f *testing.F) {
	for _, seed := range []string{"31.01.2026", "1/2/3 4:05 PM", "Mon, 2 Jan 2006 15:04:05 -0700", "99999999999", "20060102T150405Z"} {
		f.Add(seed, "DD.MM.YYYY")
	}
	f.Fuzz(func(t *testing.T, text, form string) {
		for _, in := range []map[string]any{{"date": text}, {"date": text, "from_form": form, "form": form}, {"do": "difference", "date": text, "other": "2026-01-31"}, {"do": "end_of", "date": text, "unit": "quarters"}} {
			if _, err := callWith(t, "date", in); fault.CodeOf(err) == fault.Internal {
				t.Errorf("%v: %v", in, err)
			}
		}
	})
}
