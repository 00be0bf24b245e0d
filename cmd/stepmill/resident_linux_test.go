package main

import (
	"os"
	"strings"
	"testing"
)

// TestDropCode: the program goes on as before, and of its code the kernel keeps no large pieces.
func TestDropCode(t *testing.T) {
	dropCode()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	within, found := false, false
	for line := range strings.Lines(string(text)) {
		if _, _, ok := codeOf(strings.TrimSpace(line), program); ok {
			within, found = true, true
		}
		if within && strings.HasPrefix(line, "VmFlags:") {
			if within = false; !strings.Contains(line, " nh") {
				t.Errorf("the code may be in large pieces: %s", line)
			}
		}
	}
	if !found {
		t.Error("the program's code is not found")
	}
}

func TestCodeOf(t *testing.T) {
	for line, want := range map[string]bool{
		"00403000-0151c000 r-xp 00003000 fe:00 10100767                           /opt/a program": true,
		"0151c000-02531000 r--p 0111c000 fe:00 10100767                           /opt/a program": false,
		"00403000-0151c000 r-xp 00003000 fe:00 10100767                           /lib/libc.so.6": false,
		"7ffd1b5f2000-7ffd1b5f4000 r-xp 00000000 00:00 0                          [vdso]":         false,
		"00403000 r-xp 00003000 fe:00 10100767                                    /opt/a program": false,
		"": false,
	} {
		if from, to, ok := codeOf(line, "/opt/a program"); ok != want || ok && to-from != 0x1119000 {
			t.Errorf("%q: %x %x %v", line, from, to, ok)
		}
	}
}
