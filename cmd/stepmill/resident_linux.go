package main

import (
	"bufio"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// dropTables lets go of the pages of the program's constants and tables that starting has touched; what is used is mapped again from
// the file. A program that was just built lies in the system's cache in pieces of 2 MB, and each that is touched counts whole, so
// pieces that large are not taken there any more. Code keeps them: it is run faster from them. Where that cannot be done nothing is lost.
func dropTables() {
	program, err := os.Executable()
	if err != nil {
		return
	}
	smaps, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer smaps.Close()
	for _, t := range tablesOf(smaps, program) {
		if _, _, errno := unix.Syscall(unix.SYS_MADVISE, t[0], t[1]-t[0], unix.MADV_NOHUGEPAGE); errno == 0 {
			unix.Syscall(unix.SYS_MADVISE, t[0], t[1]-t[0], unix.MADV_DONTNEED)
		}
	}
}

// tablesOf reads where a program's file is mapped to be read only, out of /proc/self/smaps: from and to. A part of which a page was
// written, as the loader does before it makes it so, is none: the file does not have what stands there.
func tablesOf(smaps io.Reader, program string) [][2]uintptr {
	var list [][2]uintptr
	var from, to uintptr
	for lines := bufio.NewScanner(smaps); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) >= 6 && strings.Contains(fields[0], "-") { // addresses, permissions, offset, device, inode, path
			first, last, _ := strings.Cut(fields[0], "-")
			a, err := strconv.ParseUint(first, 16, 64)
			b, err2 := strconv.ParseUint(last, 16, 64)
			from, to = 0, 0
			if err == nil && err2 == nil && b > a && fields[1] == "r--p" && strings.Join(fields[5:], " ") == program {
				from, to = uintptr(a), uintptr(b)
			}
		}
		if to > 0 && len(fields) == 3 && fields[0] == "Anonymous:" && fields[1] == "0" {
			list = append(list, [2]uintptr{from, to})
		}
	}
	return list
}
