package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/storage/sqlite"
)

// benchEvent is about 1 KB, in the shape of an Intercom notification.
const benchEvent = `{"type":"notification_event","app_id":"abc12345","topic":"conversation.user.replied","delivery_attempts":1,"created_at":1764000000,"data":{"type":"notification_event_data","item":{"type":"conversation","id":"10231","created_at":1764000000,"updated_at":1764000300,"open":true,"state":"open","title":"Cannot download my invoice","priority":"not_priority","source":{"type":"conversation","id":"40391","delivered_as":"customer_initiated","subject":"","body":"<p>Hello, the <b>download</b> button on my October invoice does nothing at all. I tried two browsers and a phone. Can you please send it to me by mail?</p>","author":{"type":"user","id":"65f1","name":"Ada Lovelace","email":"ada@example.com"},"attachments":[],"url":"https://app.example.com/billing"},"contacts":{"type":"contact.list","contacts":[{"type":"contact","id":"65f1","external_id":"70"}]},"tags":{"type":"tag.list","tags":[{"type":"tag","id":"3","name":"billing"}]},"custom_attributes":{"plan":"team","mrr":120},"conversation_parts":{"type":"conversation_part.list","conversation_parts":[],"total_count":0}}}}`

// sink counts the requests it gets.
type sink struct {
	*httptest.Server
	url   string
	count atomic.Int64
}

func newSink() *sink {
	s := &sink{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"ok":true}`)
		s.count.Add(1)
	}))
	s.url = s.Server.URL
	return s
}

func (s *sink) reset() { s.count.Store(0) }

// wait blocks until n requests have come.
func (s *sink) wait(n int) error {
	last, since := int64(-1), time.Now()
	for s.count.Load() < int64(n) {
		if now := s.count.Load(); now != last {
			last, since = now, time.Now()
		}
		if time.Since(since) > 30*time.Second {
			return fault.New(fault.Timeout, "The sink got %d of %d requests and then none for 30 s.", last, n)
		}
		time.Sleep(time.Millisecond)
	}
	return nil
}

// sender is a lean HTTP/1.1 client on one connection, so that the measuring costs little.
type sender struct {
	conn net.Conn
	in   *bufio.Reader
	text []byte
}

func newSender(target, body string) (*sender, error) {
	u, err := url.Parse(target)
	if err != nil {
		return nil, err
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", u.RequestURI(), u.Host, len(body), body)
	return &sender{conn: conn, in: bufio.NewReader(conn), text: []byte(text)}, nil
}

// send posts the body and reads the answer, which must be a 200.
func (s *sender) send() error {
	if _, err := s.conn.Write(s.text); err != nil {
		return err
	}
	length := -1
	for first := true; ; first = false {
		line, err := s.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		switch {
		case first && !bytes.HasPrefix(line, []byte("HTTP/1.1 200")):
			rest, _ := s.in.Peek(min(s.in.Buffered(), 600))
			return fault.New(fault.Internal, "An event was answered %s: %s", strings.TrimSpace(string(line)), rest)
		case len(line) <= 2:
			if length < 0 {
				return fault.New(fault.Internal, "An answer has no length.")
			}
			_, err := s.in.Discard(length)
			return err
		}
		if v, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(v))); err != nil {
				return err
			}
		}
	}
}

// fire posts the body n times over some connections, as fast as they are answered.
func fire(target, body string, n, senders int) error {
	var left atomic.Int64
	left.Store(int64(n))
	errs := make(chan error, senders)
	for range senders {
		go func() {
			s, err := newSender(target, body)
			if err == nil {
				defer s.conn.Close()
				for left.Add(-1) >= 0 && err == nil {
					err = s.send()
				}
			}
			errs <- err
		}()
	}
	var first error
	for range senders {
		if err := <-errs; err != nil && first == nil {
			first = err
		}
	}
	return first
}

// pace posts at an even rate, whatever the answers take, and gives their latencies in milliseconds.
func pace(target, body string, perSecond int, long time.Duration) (p50, p99 float64, err error) {
	const senders = 32
	n := int(long.Seconds()) * perSecond
	due := make(chan time.Time, n)
	begun := time.Now()
	for i := range n {
		due <- begun.Add(time.Duration(i) * time.Second / time.Duration(perSecond))
	}
	close(due)
	var mu sync.Mutex
	var took []time.Duration
	var failed error
	var all sync.WaitGroup
	for range senders {
		all.Go(func() {
			s, err := newSender(target, body)
			if err == nil {
				defer s.conn.Close()
			}
			for at := range due {
				if err != nil {
					break
				}
				time.Sleep(time.Until(at))
				err = s.send()
				mu.Lock()
				took = append(took, time.Since(at))
				mu.Unlock()
			}
			if err != nil {
				mu.Lock()
				failed = err
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if failed != nil || len(took) == 0 {
		return 0, 0, failed
	}
	slices.Sort(took)
	ms := func(q float64) float64 { return float64(took[int(q*float64(len(took)-1))].Microseconds()) / 1000 }
	return ms(0.5), ms(0.99), nil
}

// serveFloor is the least that a durable relay can do: bare HTTP in, the same rows into SQLite with the same pragmas and
// batches, bare HTTP out.
func serveFloor(ctx context.Context, std streams) error {
	db, err := sqlite.Bare(filepath.Join(os.Getenv("STEPMILL_FLOOR_DIR"), "floor.db"))
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, `CREATE TABLE floor (id INTEGER PRIMARY KEY, data TEXT NOT NULL)`); err != nil {
		return err
	}
	rows := make(chan floorRow, 2048)
	go writeFloor(ctx, db, rows)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256, MaxConnsPerHost: 256}}
	target := os.Getenv("STEPMILL_FLOOR_SINK") + "/floor"
	keep := func(data string) error {
		row := floorRow{data, make(chan error, 1)}
		rows <- row
		return <-row.done
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "listening on http://%s\n", listener.Addr())
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = keep(string(body) + floorEvent)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Length", "3")
		io.WriteString(w, "ok\n")
		go func() {
			if keep(floorIntent) != nil {
				return
			}
			resp, err := client.Post(target, "application/json", strings.NewReader(floorRequest))
			if err == nil {
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
			keep(floorResult)
		}()
	})}
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	if err := server.Serve(listener); err != http.ErrServerClosed {
		return err
	}
	return nil
}

type floorRow struct {
	data string
	done chan error
}

// The floor's rows are as long as those of a W1 run.
var (
	floorEvent   = strings.Repeat("e", 300)
	floorIntent  = strings.Repeat("i", 700)
	floorResult  = strings.Repeat("r", 600)
	floorRequest = `{"author":"ada@example.com","conversation":"10231","text":"` + strings.Repeat("x", 80) + `"}`
)

func writeFloor(ctx context.Context, db *sql.DB, rows <-chan floorRow) {
	insert, err := db.PrepareContext(ctx, `INSERT INTO floor (data) VALUES ($1)`)
	for first := range rows {
		batch := []floorRow{first}
		runtime.Gosched() // as the engine's writer does
	gather:
		for len(batch) < 512 {
			select {
			case row := <-rows:
				batch = append(batch, row)
			default:
				break gather
			}
		}
		if err == nil {
			err = insertFloor(ctx, db, insert, batch)
		}
		for _, row := range batch {
			row.done <- err
		}
	}
}

func insertFloor(ctx context.Context, db *sql.DB, insert *sql.Stmt, batch []floorRow) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	stmt := tx.Stmt(insert)
	for _, row := range batch {
		if _, err := stmt.ExecContext(ctx, row.data); err != nil {
			return err
		}
	}
	return tx.Commit()
}
