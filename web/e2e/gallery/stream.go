package gallery

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stepmill/stepmill/engine/run"
)

// stream plays the rest of the running run to whoever watches, and drops every connection after a few entries.
func stream(mux *http.ServeMux, store *Store, o Options) {
	mux.HandleFunc("GET /api/v1/stream", func(w http.ResponseWriter, r *http.Request) {
		upgrader := websocket.Upgrader{}
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer conn.Close()
		id := r.URL.Query().Get("run")
		after, _ := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
		rest := doneJournal(store.runs[0].CreatedAt)
		if id != store.runs[0].ID || !o.Play {
			conn.ReadMessage()
			return
		}
		sent := 0
		for _, e := range rest {
			if e.Pos <= after {
				continue
			}
			time.Sleep(o.Pace)
			e.At = time.Now()
			f := run.FeedEntry{Run: id, Scenario: "lead-routing", Entry: e}
			text, _ := f.AppendJSON(nil)
			if conn.WriteMessage(websocket.TextMessage, text) != nil {
				return
			}
			if sent++; sent == 2 {
				return
			}
		}
		conn.ReadMessage()
	})
}

// Entries is how many entries the running run has in the end.
func Entries() int { return len(doneJournal(Start)) }
