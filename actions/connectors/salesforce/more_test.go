package salesforce

import (
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// TestMore: what is made of inputs before anything is sent, or what is wrong with them, by the input's name.
func TestMore(t *testing.T) {
	for _, c := range []struct {
		of   func(map[string]any) (actions.Parts, error)
		in   map[string]any
		want string
	}{
		{email, map[string]any{"to": []any{"a@example.com"}, "subject": "s", "body": "b", "from": "CurrentUser"}, `{"inputs":[{"emailAddresses":"a@example.com","emailBody":"b","emailSubject":"s","senderType":"CurrentUser"}]}`},
		{email, map[string]any{"to": []any{}}, "!The input to:"},
		{email, map[string]any{"to": []any{"a@example.com,b@example.com"}}, "!The input to/0:"},
		{email, map[string]any{"to": []any{"a@example.com"}, "from": "OrgWideEmailAddress"}, "!The input sender:"},
		{email, map[string]any{"to": []any{"a@example.com"}, "from": "CurrentUser", "sender": "x@example.com"}, "!The input sender:"},
		{searched, map[string]any{"objects": []any{"Contact"}, "limit": 9000, "return_fields": []any{"id", "Name"}}, `{"fields":["Id","Name"],"overallLimit":2000,"sobjects":[{"name":"Contact"}]}`},
		{searched, map[string]any{"objects": []any{}}, "!The input objects:"},
		{searched, map[string]any{"objects": []any{"Contact(Id)"}}, "!The input objects:"},
		{searched, map[string]any{"objects": []any{"Contact"}, "return_fields": []any{"a b"}}, "!The input return_fields:"},
		{updateRecords().Request.Prepare, map[string]any{"object": "Account", "records": []any{map[string]any{"A": 1}}}, "!The input records/0:"},
		{updateRecords().Request.Prepare, map[string]any{"object": "Account", "records": []any{map[string]any{"id": "1", "A": 1}}}, `{"records":[{"A":1,"attributes":{"type":"Account"},"id":"1"}]}`},
		{deleteRecords().Request.Prepare, map[string]any{"ids": []any{}}, "!The input ids:"},
		{findMember().Request.Prepare, map[string]any{"campaign": "1"}, "!The input contact:"},
		{oneCall, map[string]any{}, `{"inputs":[{}]}`},
		{noteText, map[string]any{"text": " <b>x</b>"}, `{"Content":"PGI+eDwvYj4="}`},
	} {
		got, err := c.of(c.in)
		if wrong, ok := strings.CutPrefix(c.want, "!"); ok {
			if err == nil || !strings.HasPrefix(err.Error(), wrong) {
				t.Errorf("%v says %v, not %s", c.in, err, wrong)
			}
		} else if err != nil || value.Text(got.Body) != c.want {
			t.Errorf("%v is %s (%v), not %s", c.in, value.Text(got.Body), err, c.want)
		}
	}
}

// TestHistory: which object keeps another's history, and by which field.
func TestHistory(t *testing.T) {
	for object, want := range map[string]string{"Opportunity": "OpportunityFieldHistory OpportunityId", "Case": "CaseHistory CaseId", "Invoice__c": "Invoice__History ParentId", "ns__Invoice__c": "ns__Invoice__History ParentId"} {
		if history, of := historyOf(object); history+" "+of != want {
			t.Errorf("%s has %s %s", object, history, of)
		}
	}
}

// TestReported: the rows of every group, in their columns' labels, and the way to each group.
func TestReported(t *testing.T) {
	in, err := value.Decode([]byte(`{"attributes": {"reportName": "R"}, "allData": false, "factMap": {"0_1!0": {"rows": [{"dataCells": [{"label": "a", "value": "1"}, {"label": "b", "value": "2"}]}], "aggregates": [{"label": "2", "value": 2}]}},
		"groupingsDown": {"groupings": [{"key": "0", "label": "A", "groupings": [{"key": "0_0", "label": "B"}, {"key": "0_1", "label": "C"}]}]}, "groupingsAcross": {"groupings": [{"key": "0", "label": "X"}]},
		"reportMetadata": {"detailColumns": ["one", "two"], "aggregates": ["RowCount"]},
		"reportExtendedMetadata": {"detailColumnInfo": {"one": {"dataType": "string", "label": "Name"}, "two": {"dataType": "string", "label": "Name"}}, "aggregateColumnInfo": {"RowCount": {"dataType": "int", "label": "Rows"}}}}`), value.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := reported(actions.Response{Value: in})
	if want := `{"all":false,"groups":[{"across":["X"],"down":["A","C"],"totals":{"Rows":2}}],"name":"R","rows":[{"Name":"a","two":"b"}]}`; err != nil || value.Text(got) != want {
		t.Errorf("it is %s (%v)", value.Text(got), err)
	}
	if _, err := reported(actions.Response{Value: map[string]any{}}); err == nil {
		t.Error("nothing is a report")
	}
	if _, err := outcome(actions.Response{Value: []any{map[string]any{"isSuccess": false}}}); err == nil {
		t.Error("what did not go well went well")
	}
}
