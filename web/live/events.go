package live

import (
	"net/http"
	"strconv"
	"time"

	"github.com/stepmill/stepmill/engine/run"
)

// Events serves GET /api/v1/stream.sse: the same feed where a proxy breaks websockets.
func (h *Hub) Events(w http.ResponseWriter, req *http.Request) error {
	if last := req.Header.Get("Last-Event-ID"); last != "" && req.URL.Query().Get("after") == "" {
		q := req.URL.Query()
		q.Set("after", last)
		req.URL.RawQuery = q.Encode()
	}
	r, err := h.join(req)
	if err != nil {
		return err
	}
	defer h.leave(r)
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	write := func(b []byte) error {
		if err := out.SetWriteDeadline(time.Now().Add(writeIn)); err != nil {
			return err
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
		return out.Flush()
	}
	if err := write([]byte(": hello\n\n")); err != nil {
		return nil
	}
	send := func(list []run.FeedEntry) error {
		var b []byte
		for i := range list {
			b = append(b, "id: "...)
			b = strconv.AppendInt(b, list[i].Pos, 10)
			b = append(b, "\ndata: "...)
			var err error
			if b, err = list[i].AppendJSON(b); err != nil {
				return err
			}
			b = append(b, "\n\n"...)
			if len(b) >= sendBytes {
				if err := write(b); err != nil {
					return err
				}
				b = b[:0]
			}
		}
		if len(b) == 0 {
			return nil
		}
		return write(b)
	}
	h.follow(req.Context(), r, send, func() error { return write([]byte(": ping\n\n")) })
	return nil
}
