package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/stepmill/stepmill/actions/connectors"
	"github.com/stepmill/stepmill/actions/outbound"
	"github.com/stepmill/stepmill/engine"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/mend"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/storage/sqlite"
	"github.com/stepmill/stepmill/storage/sweep"
	"github.com/stepmill/stepmill/triggers"
	"github.com/stepmill/stepmill/triggers/poll"
	"github.com/stepmill/stepmill/triggers/schedule"
	"github.com/stepmill/stepmill/triggers/subscribe"
	"github.com/stepmill/stepmill/web"
	"github.com/stepmill/stepmill/web/access"
	"github.com/stepmill/stepmill/web/bulk"
	"github.com/stepmill/stepmill/web/drafts"
	"github.com/stepmill/stepmill/web/live"
	"github.com/stepmill/stepmill/web/oauth"
)

type serveCmd struct {
	dataDir
	egress
	mailIn
	Addr      string        `default:"127.0.0.1:8080" help:"Where it listens."`
	BaseURL   string        `placeholder:"URL" help:"What its own addresses begin with; http:// and --addr where not given."`
	Demo      bool          `help:"A signed-in demo workspace with sample scenarios whose connections send nothing. Only on loopback."`
	Drain     time.Duration `default:"30s" help:"How long calls in flight may take after SIGTERM."`
	KeepFor   string        `placeholder:"30d" help:"How long ended runs are kept; for ever where not given. A scenario's own retention may be shorter."`
	KeepBytes string        `placeholder:"10GB" help:"How large the database may grow before the oldest ended runs are deleted; without a bound where not given."`
	HookFiles string        `default:"200MB" placeholder:"SIZE" help:"The largest request with files that a trigger URL takes; one without has at most 10 MB."`
	LogLevel  string        `default:"info" enum:"debug,info,warn,error" help:"debug, info, warn or error."`
	LogFormat string        `default:"text" enum:"text,json" help:"text or json."`

	SecretsEnvFile string `placeholder:"FILE" help:"A file of lines NAME=value that connections may refer to; only its owner may read it."`
	VaultAddr      string `placeholder:"URL" help:"A HashiCorp Vault that connections may refer to. A private address needs --egress-allow."`
	VaultTokenFile string `placeholder:"FILE" help:"Holds the token that is shown to the Vault."`
	VaultMount     string `default:"secret" help:"Where the Vault's KV engine, version 2, is mounted."`
	AWSRegion      string `name:"aws-region" placeholder:"REGION" help:"The region of the AWS Secrets Manager that connections may refer to."`
	AWSKeysFile    string `name:"aws-keys-file" placeholder:"FILE" help:"Holds the keys for it, as aws configure writes them, with a session token where they are temporary. Only its owner may read it; it is read anew each time."`
	AWSProfile     string `name:"aws-profile" default:"default" help:"Whose keys in that file."`
	AWSEndpoint    string `name:"aws-endpoint" placeholder:"URL" help:"Where it answers, if not at the region's own address. A private address needs --egress-allow."`

	TrustedProxies  []string `placeholder:"RANGE" help:"The addresses of reverse proxies, as 10.0.0.0/8: who sent a request is then what they say in X-Forwarded-For. Nobody is believed by default."`
	ConnsPerAddress int      `default:"1000" help:"How many connections one address may have at once; 0 for any number. Loopback and private networks, where proxies stand, are not counted."`
}

// Run serves until a signal. It reads from top to bottom: open the store, build outbound, engine, triggers, web, run,
// close in reverse.
func (c *serveCmd) Run(ctx context.Context, std streams) error {
	err := c.begin(ctx, std)
	if ctx.Err() != nil && (errors.Is(err, context.Canceled) || sqlite.Interrupted(err)) {
		fmt.Fprintln(std.err, "stopped while starting; nothing was lost")
		return nil
	}
	return err
}

// begin opens everything, serves it, and closes it.
func (c *serveCmd) begin(ctx context.Context, std streams) error {
	log := c.logger(std)
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	keep, err := c.keep()
	if err != nil {
		return err
	}
	files, err := scenario.ParseBytes(c.HookFiles)
	if err != nil {
		return usageError{"--hook-files: " + fault.MessageOf(err)}
	}
	listener, err := c.listen()
	if err != nil {
		return err
	}
	defer listener.Close()
	letters, secure, err := c.mailIn.listen()
	if err != nil {
		return err
	}
	if letters != nil {
		defer letters.Close()
	}
	proxies, err := ranges("--trusted-proxies", c.TrustedProxies)
	if err != nil {
		return err
	}
	base := strings.TrimRight(c.BaseURL, "/")
	if base == "" {
		base = "http://" + reachable(c.Addr, listener)
	}
	release, err := sqlite.Lock(c.Data)
	if err != nil {
		return err
	}
	defer release()
	store, err := c.openAlone(ctx, log)
	if err != nil {
		return err
	}
	defer store.Close()
	kills := killsNow()
	if err := c.notice(ctx, store, kills, log); err != nil {
		return err
	}
	ended, err := c.serves(kills)
	if err != nil {
		return err
	}
	defer ended()
	if err := store.ForgetLeases(ctx); err != nil { // the lock says that every other process is gone
		return err
	}
	calls := outbound.Config{Connections: store, Outbox: store, Limited: store, Tokens: store, Files: store, Data: store, Logger: log}
	if c.Demo {
		calls.Pause = demoPause
	}
	if calls.External, err = c.external(); err != nil {
		return err
	}
	out, err := c.client(calls)
	if err != nil {
		return err
	}
	defer out.Close()

	s := &server{sweeper: &sweep.Sweeper{Store: store, Total: keep, Now: time.Now, Log: log, Ballast: sqlite.Ballast(c.Data)}, store: store, out: out, base: base, proxies: proxies, mailDomain: c.MailDomain, hookFiles: files, log: log,
		changed: []chan struct{}{make(chan struct{}, 1), make(chan struct{}, 1), make(chan struct{}, 1)}, ending: make(chan struct{})}
	s.hub = &live.Hub{Journal: store, BaseURL: base, Log: log}
	if s.linkKey, err = store.LinkKey(ctx); err != nil {
		return err
	}
	s.engine = engine.New(engine.Config{Store: store, Invoker: out, Listeners: []engine.Listener{s.hub}, Blobs: store, Owner: engine.NewID(), BaseURL: base, ResumeURL: s.resumeURL, MaxCalls: mostCalls(), Log: log})
	defer s.engine.Close()
	s.mender = mend.New(store, s.engine.Resume, log)
	s.signIns = &oauth.Handler{Store: opened{store, out}, Vendors: out, BaseURL: base, Now: time.Now, Done: s.mended}
	s.book = triggers.NewBook(store, connectors.Catalogue, log)
	s.captures = &triggers.Captures{Book: s.book, Store: store, Catalogue: connectors.Catalogue, Now: time.Now}
	s.keeper = &subscribe.Keeper{Triggers: s.book, Store: store, Vendor: out, Catalogue: connectors.Catalogue, BaseURL: base, Now: time.Now, Log: log, Changed: s.changed[2]}
	s.hand = &triggers.Hand{Store: store, Starter: s.engine, Catalogue: connectors.Catalogue, Now: time.Now}
	s.bulk = bulk.New(store, s.engine.End, s.hand, &schedule.Backfill{Triggers: s.book, Store: store, Starter: s.engine, Now: time.Now}, time.Now, log)
	s.drafts = &drafts.Service{Store: store, Check: s.check, Changed: s.changes, Address: s.address}
	gate := access.Config{Store: store, Now: time.Now, BaseURL: base}
	if err := c.setUp(ctx, std, s, &gate, listener); err != nil {
		return err
	}
	s.gate = access.NewGate(gate)
	s.hub.Identify = s.gate.Identify
	s.reload(ctx, "")
	if err := s.captures.Load(ctx); err != nil {
		return err
	}
	s.poller = &poll.Poller{Triggers: s.book, Cursors: store, Starter: s.engine, Source: out, Now: time.Now, Log: log, Changed: s.changed[1]}
	s.monitor = &triggers.Monitor{Book: s.book, Store: store, Now: time.Now, Next: nextFire, More: s.more, Lacks: s.lacks, Log: log}
	handler, err := web.New(s.site())
	if err != nil {
		return err
	}
	return c.serve(ctx, std, s, web.Server(handler), listener, func() func(context.Context) { return s.letters(&c.mailIn, letters, secure) })
}

// gcPercent lets the heap grow further between collections than Go does by itself: what is live is a few megabytes, and
// collecting it at every doubling takes an eighth of the processor under load.
const gcPercent = 400

// memoryLimit is where the heap is collected more often instead of growing: large bodies, many at once, come and go.
const memoryLimit = 384 << 20

// keep reads how much is kept.
func (c *serveCmd) keep() (out sweep.Limits, err error) {
	if c.KeepFor != "" {
		if out.For, err = scenario.ParseDuration(c.KeepFor); err != nil {
			return out, usageError{"--keep-for: " + fault.MessageOf(err)}
		}
	}
	if out.Bytes, err = scenario.ParseBytes(c.KeepBytes); err != nil {
		return out, usageError{"--keep-bytes: " + fault.MessageOf(err)}
	}
	return out, nil
}

// listen opens the address; the demo is for this machine only.
func (c *serveCmd) listen() (net.Listener, error) {
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		return nil, usageError{"--addr: " + strconv.Quote(c.Addr) + " is no address; write it as 127.0.0.1:8080"}
	}
	if u, err := url.Parse(c.BaseURL); c.BaseURL != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "") {
		return nil, usageError{"--base-url: " + strconv.Quote(c.BaseURL) + " is no address; write it as https://stepmill.example.com"}
	}
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "Nothing can listen at %s. Is another program there? Give another --addr.", c.Addr)
	}
	if c.Demo && !loopback(listener) {
		listener.Close()
		return nil, usageError{"--demo lets everybody in, so it works on loopback only: give --addr 127.0.0.1:8080"}
	}
	if c.ConnsPerAddress > 0 {
		listener = web.Capped(listener, c.ConnsPerAddress)
	}
	return listener, nil
}

// reachable is the address as it was given, with the port that was taken.
func reachable(given string, l net.Listener) string {
	host, _, err := net.SplitHostPort(given)
	_, port, err2 := net.SplitHostPort(l.Addr().String())
	if err != nil || err2 != nil {
		return l.Addr().String()
	}
	if host == "" {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

func loopback(l net.Listener) bool {
	addr, ok := l.Addr().(*net.TCPAddr)
	return ok && addr.IP.IsLoopback()
}

func (c *serveCmd) logger(std streams) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		level = slog.LevelInfo
	}
	options := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(std.err, options))
	}
	return slog.New(slog.NewTextHandler(std.err, options))
}

// setUp prepares who may come in: the demo's workspace, or the token for the first account.
func (c *serveCmd) setUp(ctx context.Context, std streams, s *server, gate *access.Config, listener net.Listener) error {
	if c.Demo {
		if owners, err := s.store.Owners(ctx); err != nil || owners > 0 {
			return cmp.Or(err, error(usageError{"--demo lets everybody in, and " + c.Data + " has an owner: give another --data"}))
		}
		actor := run.Actor{Workspace: demoWorkspace, Name: "Demo", Role: run.Owner}
		gate.Demo, s.demo = &actor, true
		return s.fillDemo(ctx, actor)
	}
	owners, err := s.store.Owners(ctx)
	if err != nil || owners > 0 || loopback(listener) && access.LocalURL(s.base) {
		return err
	}
	b := make([]byte, 12)
	if _, err := rand.Read(b); err != nil {
		return err
	}
	gate.SetUpToken = base64.RawURLEncoding.EncodeToString(b)
	s.needsToken = true
	fmt.Fprintf(std.out, "set-up token for the first account: %s\n", gate.SetUpToken)
	return nil
}

// serve runs everything until ctx ends, and ends it in order: no more events, then the calls in flight, then the store.
func (c *serveCmd) serve(ctx context.Context, std streams, s *server, server *http.Server, listener net.Listener, letters func() func(context.Context)) error {
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	engineDone := make(chan error, 1)
	go func() { engineDone <- s.engine.Serve(work, c.Drain) }()
	var background sync.WaitGroup
	background.Go(func() { s.bulk.Run(work) })
	background.Go(func() { s.sweeper.Run(work) })
	background.Go(func() { s.mender.Run(work) })
	background.Go(func() { s.out.KeepFresh(work) })
	scheduler := &schedule.Scheduler{Triggers: s.book, Cursors: s.store, Starter: s.engine, Now: time.Now, Log: s.log, Changed: s.changed[0]}
	background.Go(func() { scheduler.Run(work) })
	background.Go(func() { s.poller.Run(work) })
	gatherer := &triggers.Gatherer{Book: s.book, Store: s.store, Starter: s.engine, Now: time.Now, Log: s.log}
	background.Go(func() { gatherer.Run(work) })
	releaser := &triggers.Releaser{Store: s.store, Starter: s.engine, Book: s.book, Now: time.Now, Log: s.log}
	background.Go(func() { releaser.Run(work) })
	background.Go(func() { s.monitor.Run(work) })
	endLetters := letters()
	serverDone := make(chan error, 1)
	go func() { serverDone <- server.Serve(listener) }()
	background.Go(func() { s.keeper.Run(work) }) // some vendors ask back at once
	fmt.Fprintf(std.out, "listening on %s\n", s.base)
	debug.FreeOSMemory() // what starting took and nothing holds is the machine's again
	dropTables()
	var failed error
	select {
	case <-ctx.Done():
		s.log.Info("draining: calls in flight are finished")
	case failed = <-serverDone:
	case failed = <-engineDone:
		engineDone <- nil
	}
	end, cancel := context.WithTimeout(context.Background(), c.Drain)
	defer cancel()
	soon := time.AfterFunc(c.Drain/2, func() { close(s.ending) })
	defer soon.Stop()
	var doors sync.WaitGroup
	doors.Go(func() { endLetters(end) })
	if err := server.Shutdown(end); err != nil {
		server.Close()
	}
	doors.Wait()
	stop()
	background.Wait()
	if err := <-engineDone; failed == nil {
		failed = err
	}
	if errors.Is(failed, http.ErrServerClosed) {
		failed = nil
	}
	return failed
}
