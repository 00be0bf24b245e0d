package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"

	"github.com/stepmill/stepmill/engine/fault"
)

// readFile reads what a user named on the command line, of at most so many bytes: it may be a device that never ends. Where
// standard input may be given, in is it, for the name -.
func readFile(name string, most int, in io.Reader) ([]byte, error) {
	if name != "-" || in == nil {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, int64(most)+1))
	if err == nil && len(text) > most {
		return nil, fault.New(fault.TooLarge, "It is larger than %d MB.", most>>20)
	}
	return text, err
}

// unreadable is the error of a file, called what it is for.
func unreadable(err error, what, name string) error {
	if fault.CodeOf(err) == fault.TooLarge {
		return fault.New(fault.TooLarge, "The %s %s cannot be read: %s", what, name, fault.MessageOf(err))
	}
	why := ""
	var failed *fs.PathError
	if errors.As(err, &failed) {
		why = ": " + failed.Err.Error()
	}
	return fault.Wrap(err, fault.NotFound, "The %s %s cannot be read%s.", what, name, why)
}

// mostCalls is how many calls may be in flight: each holds a connection, and three quarters of the files that the process may
// open stay for what comes in and for the data. Zero: as many as the engine would have.
func mostCalls() int {
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil || files.Cur >= 4*4000 {
		return 0
	}
	return max(8, int(files.Cur)/4)
}
