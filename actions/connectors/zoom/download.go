package zoom

import (
	"context"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// downloadRecording fetches one of the files of a meeting's recordings.
// Source: https://developers.zoom.us/docs/api/meetings/#tag/cloud-recording
func downloadRecording() actions.Action {
	sample := recording()["recording_files"].([]any)[0].(map[string]any)
	sample["file"] = actions.FileSample("Weekly.mp4", "video/mp4", 37285)
	kind := actions.Field{ID: "kind", Label: "Kind", Help: "Which of the meeting's files.", Type: actions.Select, Default: "MP4",
		In: actions.InNone, Options: []actions.Option{{Value: "MP4", Label: "Video"}, {Value: "M4A", Label: "Sound"},
			{Value: "TRANSCRIPT", Label: "Transcript"},
			{Value: "CHAT", Label: "Chat"}, {Value: "CC", Label: "Captions"}, {Value: "CSV", Label: "Polls"},
			{Value: "TIMELINE", Label: "Timeline"}}}
	return actions.Action{
		ID: "download_recording", Name: "Download a recording",
		Description: "Reads a file of a meeting's recordings, for later steps to take.", Effect: actions.Read, Guarantee: readsOnly,
		Timeout: actions.FileTimeout,
		Input: []actions.Field{uuidField("Its UUID, or its number for the last time."), kind,
			{ID: "recording", Label: "File", Help: "The id of one of the recording_files; the first of the kind where not given.",
				Type: actions.Text, In: actions.InNone, Example: "96119skjlfhdshkjf"}},
		Output: value.ShapeOf(sample), Sample: sample,
		Run: func(ctx context.Context, in actions.Input, do actions.Doer) (any, error) {
			get := getRecordings()
			there, err := do.Ask(ctx, &get, map[string]any{"uuid": in.Values["uuid"]})
			if err != nil {
				return nil, err
			}
			id, kind := value.Text(in.Values["recording"]), value.Text(in.Values["kind"])
			if do.Sandboxed() {
				id, kind = "", "MP4"
			}
			found, err := fileOf(there, id, kind)
			if err != nil {
				return nil, err
			}
			ending := value.Text(found["file_extension"])
			if ending == "" {
				ending = value.Text(found["file_type"])
			}
			resp, err := actions.Fetch(ctx, do, actions.HTTPRequest{Method: "GET", URL: value.Text(found["download_url"])},
				value.File{Name: actions.NameOf(value.Text(value.At(there, "/topic"))) + "." + strings.ToLower(ending)})
			if err != nil || do.Sandboxed() {
				return sample, err
			}
			found["file"] = resp.File.Value()
			return found, nil
		},
	}
}

// fileOf is the file of an id among recordings, or the first of a kind.
func fileOf(recordings any, id, kind string) (map[string]any, error) {
	list, _ := value.At(recordings, "/recording_files").([]any)
	var kinds []string
	for _, item := range list {
		f, _ := item.(map[string]any)
		if of := value.Text(f["file_type"]); of != "" && !slices.Contains(kinds, of) {
			kinds = append(kinds, of)
		}
		if id != "" && value.Text(f["id"]) != id || id == "" && value.Text(f["file_type"]) != kind {
			continue
		}
		if status := value.Text(f["status"]); status != "" && status != "completed" {
			return nil, fault.New(fault.Unavailable, "Zoom has not finished the recording: it is %s.", fault.Clip(status, 40))
		}
		return f, nil
	}
	if id != "" {
		return nil, fault.New(fault.NotFound, "The meeting has no recording with the id %s.", fault.Clip(id, 60))
	}
	if len(kinds) == 0 {
		return nil, fault.New(fault.NotFound, "The meeting has no recordings at Zoom; those that were made on a computer stay there.")
	}
	return nil, fault.New(fault.NotFound, "The meeting has no recording of the kind %s; there are %s.", kind, strings.Join(kinds, ", "))
}
