package core

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const (
	copyPrefix = "stepmill-sqlite-"
	copyLock   = "lock"
	// copyBegins is the time in which a folder gets its lock.
	copyBegins = time.Minute
)

// copyFolder makes a folder for the copy of a database, and done removes it. Those that a process left when it died go first.
func copyFolder() (dir string, done func(), err error) {
	sweepCopies(os.TempDir(), time.Now())
	if dir, err = os.MkdirTemp("", copyPrefix); err != nil {
		return "", nil, err
	}
	lock, err := os.OpenFile(filepath.Join(dir, copyLock), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		os.RemoveAll(dir)
		return "", nil, err
	}
	done = func() {
		os.RemoveAll(dir)
		lock.Close()
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		done()
		return "", nil, err
	}
	return dir, done, nil
}

// sweepCopies removes the folders of this account whose lock nobody holds: it ends with its process. What cannot be removed stays.
func sweepCopies(in string, now time.Time) {
	found, _ := filepath.Glob(filepath.Join(in, copyPrefix+"*"))
	for _, dir := range found {
		if info, err := os.Lstat(dir); err == nil && info.IsDir() && ours(info) && now.Sub(info.ModTime()) > copyBegins && unlocked(dir) {
			os.RemoveAll(dir)
		}
	}
}

func ours(info fs.FileInfo) bool {
	sys, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(sys.Uid) == os.Getuid()
}

// unlocked says that no process is at work in a folder. One without a lock died before it had one.
func unlocked(dir string) bool {
	lock, err := os.OpenFile(filepath.Join(dir, copyLock), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return os.IsNotExist(err)
	}
	defer lock.Close()
	return syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}
