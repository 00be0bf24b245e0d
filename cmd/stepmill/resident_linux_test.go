package main

import (
	"fmt"
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// TestDropTables: the program goes on as before, and of its constants the kernel keeps no large pieces.
func TestDropTables(t *testing.T) {
	dropTables()
	runtime.GC()
	if got := fmt.Sprint(reflect.TypeOf(streams{})); got != "main.streams" {
		t.Errorf("a type is called %s", got)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	list := tablesOf(strings.NewReader(string(text)), program)
	for _, at := range list {
		_, after, _ := strings.Cut(string(text), fmt.Sprintf("%08x-%08x ", at[0], at[1]))
		_, flags, _ := strings.Cut(after, "VmFlags:")
		if flags, _, _ = strings.Cut(flags, "\n"); !strings.Contains(flags, " nh") {
			t.Errorf("what lies at %x may be in large pieces: %s", at[0], flags)
		}
	}
	if len(list) == 0 {
		t.Error("the program's constants are not found")
	}
}

func TestTablesOf(t *testing.T) {
	part := func(at, rights, path string, anonymous int) string {
		return fmt.Sprintf("%s %s 00003000 fe:00 10100767   %s\nSize: 4 kB\nAnonymous: %d kB\nVmFlags: rd mr\n", at, rights, path, anonymous)
	}
	smaps := part("00400000-00403000", "r--p", "/opt/a program", 0) + part("00403000-0151c000", "r-xp", "/opt/a program", 0) +
		part("0151c000-02531000", "r--p", "/opt/a program", 0) + part("02531000-02534000", "r--p", "/opt/a program", 4) +
		part("02534000-02600000", "rw-p", "/opt/a program", 0) + "7f0000000000-7f0000001000 rw-p 00000000 00:00 0 \nAnonymous: 0 kB\n" +
		part("7f0000002000-7f0000003000", "r--p", "/lib/libc.so.6", 0) + "7ffd1b5f2000-7ffd1b5f4000 r--p 00000000 00:00 0   [vvar]\nAnonymous: 0 kB\nx\n\n"
	want := [][2]uintptr{{0x400000, 0x403000}, {0x151c000, 0x2531000}}
	if got := tablesOf(strings.NewReader(smaps), "/opt/a program"); !reflect.DeepEqual(got, want) {
		t.Errorf("%x", got)
	}
}
