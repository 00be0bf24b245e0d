/*
 * shim.c stands between SQLite and the C library (LD_PRELOAD). It knows two files by their names, the database (*.db) and
 * its write-ahead log (*.db-wal), and does two things with the calls that change them:
 *
 *   RIG_LOG=FILE       appends each call to FILE, with its data, one record a write. Others may append records too: the
 *                      order in the file is the order in which things happened.
 *   RIG_FAIL=KIND:N    makes the N-th call of a kind fail: "sync" and "write" with EIO; "short" writes half, and the call
 *                      that would write the rest finds the disk full. "sync:N+" fails the N-th and all after it.
 *
 * Go's own files do not come by here: they do not use the C library.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum { WRITE = 1, SYNC = 2, TRUNCATE = 3, UNLINK = 4, FAILED_WRITE = 5, FAILED_SYNC = 6 };
enum { DATABASE = 1, LOG = 2 };

#define MAX_FD 65536

static struct { uint8_t op, file, mark[2]; uint32_t size; uint64_t at; } record = {.mark = {0xA5, 0x5A}}; /* little-endian */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint8_t file_of[MAX_FD];
static int log_fd = -1;
static char fail_kind[8];
static long fail_at, syncs, writes;
static int rest_fails, for_ever;

static int (*real_open)(const char *, int, ...);
static int (*real_close)(int);
static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);
static int (*real_fsync)(int);
static int (*real_ftruncate)(int, off64_t);
static int (*real_unlink)(const char *);

__attribute__((constructor)) static void begin(void) {
  real_open = dlsym(RTLD_NEXT, "open64");
  real_close = dlsym(RTLD_NEXT, "close");
  real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
  real_unlink = dlsym(RTLD_NEXT, "unlink");
  const char *path = getenv("RIG_LOG"), *fail = getenv("RIG_FAIL");
  if (path) log_fd = real_open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (path && log_fd < 0) abort();
  const char *colon = fail ? strchr(fail, ':') : NULL;
  if (colon && colon - fail < (long)sizeof fail_kind) {
    memcpy(fail_kind, fail, colon - fail);
    fail_at = atol(colon + 1);
    for_ever = fail[strlen(fail) - 1] == '+';
  }
}

static uint8_t named(const char *path) {
  size_t n = strlen(path);
  if (n > 3 && !strcmp(path + n - 3, ".db")) return DATABASE;
  if (n > 7 && !strcmp(path + n - 7, ".db-wal")) return LOG;
  return 0;
}

static uint8_t file(int fd) { return fd >= 0 && fd < MAX_FD ? file_of[fd] : 0; }

/* note appends a record. One that cannot be kept would make the rig prove nothing, so the process ends. */
static void note(uint8_t op, uint8_t file, const void *data, size_t size, uint64_t at) {
  if (log_fd < 0) return;
  record.op = op, record.file = file, record.size = (uint32_t)size, record.at = at;
  struct iovec parts[] = {{&record, sizeof record}, {(void *)data, size}};
  if (writev(log_fd, parts, 2) != (ssize_t)(sizeof record + size)) abort();
}

int open64(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  int mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, int) : 0;
  va_end(more);
  int fd = real_open(path, flags, mode);
  if (fd >= 0 && fd < MAX_FD) file_of[fd] = named(path);
  return fd;
}

int close(int fd) {
  if (fd >= 0 && fd < MAX_FD) file_of[fd] = 0;
  return real_close(fd);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
  uint8_t f = file(fd);
  if (!f) return real_pwrite(fd, data, size, at);
  pthread_mutex_lock(&lock);
  ssize_t n = -1;
  int due = ++writes == fail_at;
  if (rest_fails || (due && !strcmp(fail_kind, "write"))) {
    note(FAILED_WRITE, f, NULL, 0, at);
    errno = rest_fails ? ENOSPC : EIO;
    rest_fails = 0;
  } else {
    if (due && !strcmp(fail_kind, "short")) size /= 2, rest_fails = 1;
    note(WRITE, f, data, size, at);
    n = real_pwrite(fd, data, size, at);
  }
  int why = errno;
  pthread_mutex_unlock(&lock);
  errno = why;
  return n;
}

int fsync(int fd) {
  uint8_t f = file(fd);
  if (!f) return real_fsync(fd);
  pthread_mutex_lock(&lock);
  int rc = -1;
  ++syncs;
  if (!strcmp(fail_kind, "sync") && (syncs == fail_at || (for_ever && syncs > fail_at))) {
    note(FAILED_SYNC, f, NULL, 0, 0);
    errno = EIO;
  } else if ((rc = real_fsync(fd)) == 0) {
    note(SYNC, f, NULL, 0, 0);
  }
  int why = errno;
  pthread_mutex_unlock(&lock);
  errno = why;
  return rc;
}

int fdatasync(int fd) { return fsync(fd); }

int ftruncate64(int fd, off64_t size) {
  uint8_t f = file(fd);
  if (!f) return real_ftruncate(fd, size);
  pthread_mutex_lock(&lock);
  note(TRUNCATE, f, NULL, 0, size);
  int rc = real_ftruncate(fd, size), why = errno;
  pthread_mutex_unlock(&lock);
  errno = why;
  return rc;
}

int unlink(const char *path) {
  uint8_t f = named(path);
  if (!f) return real_unlink(path);
  pthread_mutex_lock(&lock);
  note(UNLINK, f, NULL, 0, 0);
  int rc = real_unlink(path), why = errno;
  pthread_mutex_unlock(&lock);
  errno = why;
  return rc;
}
