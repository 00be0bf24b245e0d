package main

import (
	"bufio"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// dropCode lets go of the pages of the program's own code that starting has touched; what is used is mapped again from the file. A program
// that was just built lies in the system's cache in pieces of 2 MB, and each that is touched counts whole, which is most of the
// program, so pieces that large are not taken any more. Where that cannot be done nothing is lost.
func dropCode() {
	program, err := os.Executable()
	if err != nil {
		return
	}
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer maps.Close()
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		from, to, ok := codeOf(lines.Text(), program)
		if !ok {
			continue
		}
		if _, _, errno := unix.Syscall(unix.SYS_MADVISE, from, to-from, unix.MADV_NOHUGEPAGE); errno == 0 {
			unix.Syscall(unix.SYS_MADVISE, from, to-from, unix.MADV_DONTNEED) // code is never written to, so the file has it all
		}
	}
}

// codeOf reads a line of /proc/self/maps; false: it is about no code of the program.
func codeOf(line, program string) (from, to uintptr, ok bool) {
	fields := strings.Fields(line) // addresses, permissions, offset, device, inode, path
	if len(fields) < 6 || fields[1] != "r-xp" || strings.Join(fields[5:], " ") != program {
		return 0, 0, false
	}
	first, last, _ := strings.Cut(fields[0], "-")
	a, err := strconv.ParseUint(first, 16, 64)
	b, err2 := strconv.ParseUint(last, 16, 64)
	return uintptr(a), uintptr(b), err == nil && err2 == nil && b > a
}
