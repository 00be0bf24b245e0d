// Command stepmill is the whole product in one program: flags, wiring and subcommands. It imports every room and is
// imported by none.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/alecthomas/kong"

	_ "time/tzdata" // zones are part of what a scenario means, so they do not depend on the machine

	"github.com/stepmill/stepmill/engine/fault"
)

// Exit statuses: done, the work failed, the call was wrong.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// cli is the command line. Every flag is also an environment variable: --data is STEPMILL_DATA.
type cli struct {
	Serve      serveCmd      `cmd:"" help:"Serve everything in one process: web, triggers, runs."`
	Run        runCmd        `cmd:"" help:"Run a scenario file here and now, without a server."`
	Validate   validateCmd   `cmd:"" help:"Check scenario files as publishing would."`
	Keys       keysCmd       `cmd:"" help:"Make and manage API keys in a data directory."`
	Connectors connectorsCmd `cmd:"" help:"What Stepmill can work with."`
	Functions  functionsCmd  `cmd:"" help:"What expressions may call, each with an example."`
	Bench      benchCmd      `cmd:"" help:"Measure this machine: runs a second, CPU, latency, memory."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
}

// streams are what a command reads and writes, so that tests can give it others.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := start(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(status)
}

// start runs one command line and gives its exit status.
func start(ctx context.Context, args []string, std streams) int {
	var c cli
	exited := -1
	parser, err := kong.New(&c,
		kong.Name("stepmill"),
		kong.Description("Workflow automation that loses nothing: events in, actions out, every step on record."),
		kong.DefaultEnvars("STEPMILL"),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 110}),
		kong.Writers(std.out, std.err),
		kong.Exit(func(status int) { exited = status }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(std),
	)
	if err != nil {
		fmt.Fprintln(std.err, "stepmill:", err)
		return exitUsage
	}
	if len(args) > 0 && args[0] == "help" { // as other programs take it
		args = append(slices.Clone(args[1:]), "--help")
	}
	command, err := parser.Parse(args)
	if exited >= 0 { // --help
		return exited
	}
	if err != nil {
		fmt.Fprintf(std.err, "stepmill: %s\nTry: stepmill --help\n", err)
		return exitUsage
	}
	return report(std, command.Run())
}

// usageError is an error of the call, not of the work.
type usageError struct{ message string }

func (e usageError) Error() string { return e.message }

// quiet is a failure that has been told already.
type quiet struct{}

func (quiet) Error() string { return "" }

func report(std streams, err error) int {
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, quiet{}):
		return exitFailed
	case errors.As(err, &usage):
		fmt.Fprintln(std.err, "stepmill:", usage.message)
		return exitUsage
	}
	var known *fault.Error
	if errors.As(err, &known) {
		fmt.Fprintln(std.err, "stepmill:", known.Error())
	} else {
		fmt.Fprintln(std.err, "stepmill:", err)
	}
	return exitFailed
}
