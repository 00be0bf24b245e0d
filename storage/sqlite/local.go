package sqlite

import (
	"syscall"

	"github.com/stepmill/stepmill/engine/fault"
)

// remote names file systems that lie on other machines, by their numbers of statfs(2).
var remote = map[uint32]string{0x6969: "NFS", 0x517b: "SMB", 0xfe534d42: "SMB", 0xff534d42: "CIFS", 0x5346414f: "AFS", 0x6b414653: "AFS", 0x73757245: "Coda", 0xc36400: "Ceph", 0xbd00bd0: "Lustre"}

// local refuses a directory on another machine: the processes that share SQLite's log share memory for it, which no network
// carries, and whether a sync or a lock does what it says there is anybody's guess.
func local(dir string, kind func(dir string) (uint32, error)) error {
	number, err := kind(dir)
	if err != nil { // not to be told here, and no reason to refuse
		return nil
	}
	if name := remote[number]; name != "" {
		return fault.New(fault.InvalidInput, "The data directory %s lies on a file system of another machine (%s), where what is acknowledged could be lost. Give a --data on a disk of this one.", dir, name)
	}
	return nil
}

// fileSystem gives the number of the file system that a directory is on.
func fileSystem(dir string) (uint32, error) {
	var is syscall.Statfs_t
	if err := syscall.Statfs(dir, &is); err != nil {
		return 0, err
	}
	return uint32(is.Type), nil
}
