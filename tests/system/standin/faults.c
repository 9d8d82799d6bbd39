/*
 * faults.c - a preload that makes the N-th call of a process fail, in the way that function has.
 *
 * Which process, which call and how is said in a shared file, /run/faults (struct orders: the
 * test writes the first half and reads the second). Two kinds of calls are counted: all
 * those of uadmd and of the libraries it uses, or those that pam_uadm.so makes in a host. What a
 * library calls inside of itself is not seen; what it asks of libc is. Where `record` is set
 * nothing fails, and the stack of each call is noted instead: calls from the same place of the
 * same function fail alike, so one of them stands for all.
 *
 * In the box's /etc/ld.so.preload, for uadmd is run without an environment.
 */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SITES_MOST = 20000, FRAMES = 16, MEMORY_FRAMES = 9, UADMD = 1, HOST = 2 };

struct orders {
	/* from the test */
	uint32_t who;     /* UADMD or HOST; 0: nobody */
	uint32_t process; /* which uadmd since the last order, from 1 on */
	uint32_t call;    /* which call of that function fails, from 1 on */
	uint32_t way;     /* 0, 1, 2: which of its ways */
	uint32_t sticky;  /* the function goes on failing */
	uint32_t record;
	/* to the test */
	uint32_t processes; /* uadmds so far */
	uint32_t met;       /* calls of that function so far */
	uint32_t failed;    /* how many */
	uint32_t crashed;
	uint32_t
	    verified; /* passwords held against a stored verifier, in all processes */
	uint32_t unsynced; /* of these, before anything was synced */
	uint32_t hashed;   /* against nothing */
	uint32_t sites;
	char name[36];  /* from the test: of the function that fails */
	char where[64]; /* the first library after libc in which it crashed */
	struct {
		uint64_t stack;
		char name[36];
	} site[SITES_MOST];
};

static struct orders *orders;
static bool active;
static uint32_t synced;
static __thread bool inside;

/* Memory is asked for in a thousand places, most of them below SQLite's parser, and each SQL
 * statement has its own way there: few frames tell them apart well enough. */
static uint64_t
stack_hash(const char *name)
{
	bool memory = strstr(name, "alloc") != NULL;
	void *frames[FRAMES];
	int n = backtrace(frames, memory ? MEMORY_FRAMES : FRAMES);
	uint64_t hash = 14695981039346656037u;

	for (int i = 2; i < n; i++)
		hash = (hash ^ (uintptr_t)frames[i]) * 1099511628211u;
	return hash;
}

static void
note_site(const char *name)
{
	uint32_t i = __sync_fetch_and_add(&orders->sites, 1);

	if (i >= SITES_MOST)
		return;
	orders->site[i].stack = stack_hash(name);
	snprintf(orders->site[i].name, sizeof(orders->site[i].name), "%s", name);
}

static bool
is_of_module(const void *caller)
{
	static __thread const void *base;
	Dl_info info;

	if (dladdr(caller, &info) == 0 || info.dli_fname == NULL)
		return false;
	if (base == NULL && strstr(info.dli_fname, "/pam_uadm.so") != NULL)
		base = info.dli_fbase;
	return base != NULL && info.dli_fbase == base;
}

static bool
is_its_turn(void)
{
	uint32_t n = __sync_add_and_fetch(&orders->met, 1);

	return orders->sticky != 0 ? n >= orders->call : n == orders->call;
}

/* Is it this call that fails? */
static bool
hit(const char *name, const void *caller)
{
	bool fails = false;
	int saved = errno;

	if (!active || inside)
		return false;
	inside = true;
	if (orders->who == UADMD || is_of_module(caller)) {
		if (orders->record != 0)
			note_site(name);
		else if (strncmp(name, orders->name, sizeof(orders->name) - 1) == 0)
			fails = is_its_turn();
		orders->failed += fails;
	}
	inside = false;
	errno = saved;
	return fails;
}

static void
on_crash(int sig)
{
	void *frames[32];
	int n;
	Dl_info info;

	inside = true;
	orders->crashed = (uint32_t)sig;
	n = backtrace(frames, 32);
	for (int i = 1; i < n; i++)
		if (dladdr(frames[i], &info) != 0 && info.dli_sname != NULL &&
		    strncmp(info.dli_sname, "getpw", 5) == 0) {
			snprintf(orders->where, sizeof(orders->where), "libc's NSS");
			break;
		} else if (dladdr(frames[i], &info) != 0 &&
		    strstr(info.dli_fname, "/libc.so") == NULL &&
		    strstr(info.dli_fname, "/keys/faults") == NULL) {
			const char *base = strrchr(info.dli_fname, '/');

			snprintf(orders->where, sizeof(orders->where), "%s+%#tx",
			    base == NULL ? info.dli_fname : base + 1,
			    (char *)frames[i] - (char *)info.dli_fbase);
			break;
		}
	signal(sig, SIG_DFL);
	raise(sig);
}

static bool
ends_with(const char *text, const char *end)
{
	size_t a = strlen(text), b = strlen(end);

	return a >= b && strcmp(text + a - b, end) == 0;
}

__attribute__((constructor)) static void
begin(void)
{
	static const int crashes[] = { SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE };
	char exe[512];
	long fd, n;
	void *first[1];
	bool uadmd, host;

	n = syscall(SYS_readlink, "/proc/self/exe", exe, sizeof(exe) - 1);
	exe[n > 0 ? n : 0] = '\0';
	uadmd = ends_with(exe, "/uadmd");
	host = ends_with(exe, "/pam_host");
	if (!uadmd && !host)
		return;
	fd = syscall(SYS_openat, AT_FDCWD, "/run/faults", O_RDWR, 0);
	if (fd < 0)
		return;
	orders = (void *)syscall(
	    SYS_mmap, 0, sizeof(*orders), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	syscall(SYS_close, fd);
	if (orders == MAP_FAILED)
		return;
	inside = true;
	backtrace(first, 1); /* loads what it needs */
	inside = false;
	if (uadmd) {
		for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
			signal(crashes[i], on_crash);
		active =
		    __sync_add_and_fetch(&orders->processes, 1) == orders->process &&
		    orders->who == UADMD;
	}
}

/* The host asks this when its login begins. */
__attribute__((visibility("default"))) void faults_begin(void);

void
faults_begin(void)
{
	active = orders != NULL && orders->who == HOST;
}

/* libcrypt comes into a host with pam_unix only, which is not where RTLD_NEXT looks. */
static void *
next_one(const char *name)
{
	void *found = dlsym(RTLD_NEXT, name);

	return found != NULL ? found : dlsym(dlopen("libcrypt.so.1", RTLD_LAZY), name);
}

#define CALLER __builtin_return_address(0)
#define EXPORT __attribute__((visibility("default")))
#define REAL(name)                                                                     \
	do {                                                                           \
		if (real == NULL)                                                      \
			*(void **)&real = next_one(#name);                             \
	} while (0)
/* Under a name of ours in here, for the headers know most of them by another type. */
#define AS(type, name, params) EXPORT type wrap_##name params __asm__(#name)
#define WAY(a, b, c)           ((const int[]){ a, b, c }[orders->way % 3])

/* Fails with `bad` and one of three errnos. */
#define WRAP(type, name, params, args, bad, e0, e1, e2)                                \
	AS(type, name, params);                                                        \
	type wrap_##name params                                                        \
	{                                                                              \
		static type(*real) params;                                             \
		REAL(name);                                                            \
		if (hit(#name, CALLER)) {                                              \
			errno = WAY(e0, e1, e2);                                       \
			return bad;                                                    \
		}                                                                      \
		return real args;                                                      \
	}
/* The same, where the answer itself is the error. */
#define CODE(type, name, params, args, e0, e1, e2)                                     \
	AS(type, name, params);                                                        \
	type wrap_##name params                                                        \
	{                                                                              \
		static type(*real) params;                                             \
		REAL(name);                                                            \
		if (hit(#name, CALLER))                                                \
			return (type)WAY(e0, e1, e2);                                  \
		return real args;                                                      \
	}
/* What is done also when it fails: a descriptor or a statement must not be leaked. */
#define DONE(type, name, params, args, bad, err)                                       \
	AS(type, name, params);                                                        \
	type wrap_##name params                                                        \
	{                                                                              \
		static type(*real) params;                                             \
		bool fails = hit(#name, CALLER);                                       \
		type got;                                                              \
		REAL(name);                                                            \
		got = real args;                                                       \
		if (!fails)                                                            \
			return got;                                                    \
		errno = err;                                                           \
		return bad;                                                            \
	}
/* Reads and writes also come up short. */
#define SHORT(name, params, size, args, e0)                                            \
	AS(ssize_t, name, params);                                                     \
	ssize_t wrap_##name params                                                     \
	{                                                                              \
		static ssize_t(*real) params;                                          \
		REAL(name);                                                            \
		if (hit(#name, CALLER)) {                                              \
			if (orders->way == 1)                                          \
				return 0;                                              \
			if (orders->way == 0) {                                        \
				errno = e0;                                            \
				return -1;                                             \
			}                                                              \
			size = size > 1 ? size / 2 : size;                             \
		}                                                                      \
		return real args;                                                      \
	}

/* --- memory: libc's own entries, for dlsym() asks for memory ------------------------------ */

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t),
    *__libc_realloc(void *, size_t);

static void *
no_memory(void)
{
	errno = ENOMEM;
	return NULL;
}

AS(void *, malloc, (size_t size));
void *
wrap_malloc(size_t size)
{
	return hit("malloc", CALLER) ? no_memory() : __libc_malloc(size);
}

AS(void *, calloc, (size_t n, size_t size));
void *
wrap_calloc(size_t n, size_t size)
{
	return hit("calloc", CALLER) ? no_memory() : __libc_calloc(n, size);
}

AS(void *, realloc, (void *p, size_t size));
void *
wrap_realloc(void *p, size_t size)
{
	return hit("realloc", CALLER) ? no_memory() : __libc_realloc(p, size);
}

WRAP(void *, mmap, (void *a, size_t n, int p, int f, int fd, off_t o),
    (a, n, p, f, fd, o), MAP_FAILED, ENOMEM, ENODEV, EAGAIN)
WRAP(void *, mmap64, (void *a, size_t n, int p, int f, int fd, off_t o),
    (a, n, p, f, fd, o), MAP_FAILED, ENOMEM, ENODEV, EAGAIN)
WRAP(int, mprotect, (void *a, size_t n, int p), (a, n, p), -1, ENOMEM, EACCES, EINVAL)
WRAP(int, mlock, (const void *a, size_t n), (a, n), -1, ENOMEM, EAGAIN, EPERM)

/* --- files ------------------------------------------------------------------------------- */

#define OPEN(name, first, argument)                                                    \
	AS(int, name, (first const char *path, int flags, ...));                       \
	int wrap_##name(first const char *path, int flags, ...)                        \
	{                                                                              \
		static int (*real)(first const char *, int, ...);                      \
		unsigned mode = 0;                                                     \
		va_list ap;                                                            \
		REAL(name);                                                            \
		va_start(ap, flags);                                                   \
		if ((flags & O_CREAT) != 0)                                            \
			mode = va_arg(ap, unsigned);                                   \
		va_end(ap);                                                            \
		if (hit(#name, CALLER)) {                                              \
			errno = WAY(EMFILE, ENOENT, EACCES);                           \
			return -1;                                                     \
		}                                                                      \
		return real(argument path, flags, mode);                               \
	}
#define COMMA ,
OPEN(open, , )
OPEN(open64, , )
OPEN(openat, int dir COMMA, dir COMMA)
OPEN(openat64, int dir COMMA, dir COMMA)
WRAP(int, __openat_2, (int d, const char *p, int f), (d, p, f), -1, EMFILE, ENOENT,
    EACCES)
WRAP(
    void *, fopen, (const char *p, const char *m), (p, m), NULL, EMFILE, ENOENT, ENOMEM)
WRAP(void *, fopen64, (const char *p, const char *m), (p, m), NULL, EMFILE, ENOENT,
    ENOMEM)
WRAP(void *, opendir, (const char *p), (p), NULL, EMFILE, ENOENT, ENOMEM)
WRAP(void *, fdopendir, (int fd), (fd), NULL, EMFILE, ENOENT, ENOMEM)
WRAP(int, scandir, (const char *d, void *l, void *f, void *c), (d, l, f, c), -1, ENOMEM,
    ENOENT, EMFILE)
WRAP(int, scandir64, (const char *d, void *l, void *f, void *c), (d, l, f, c), -1,
    ENOMEM, ENOENT, EMFILE)
SHORT(read, (int fd, void *p, size_t n), n, (fd, p, n), EIO)
SHORT(pread, (int fd, void *p, size_t n, off_t o), n, (fd, p, n, o), EIO)
SHORT(pread64, (int fd, void *p, size_t n, off_t o), n, (fd, p, n, o), EIO)
SHORT(write, (int fd, const void *p, size_t n), n, (fd, p, n), ENOSPC)
SHORT(pwrite, (int fd, const void *p, size_t n, off_t o), n, (fd, p, n, o), ENOSPC)
SHORT(pwrite64, (int fd, const void *p, size_t n, off_t o), n, (fd, p, n, o), ENOSPC)
WRAP(int, ftruncate64, (int fd, off_t n), (fd, n), -1, EIO, ENOSPC, EINVAL)
WRAP(int, fallocate64, (int fd, int m, off_t o, off_t n), (fd, m, o, n), -1, ENOSPC,
    EIO, EINVAL)
WRAP(int, flock, (int fd, int how), (fd, how), -1, ENOLCK, EWOULDBLOCK, EINTR)
WRAP(int, fstat, (int fd, void *st), (fd, st), -1, EIO, ENOMEM, EOVERFLOW)
WRAP(int, fstat64, (int fd, void *st), (fd, st), -1, EIO, ENOMEM, EOVERFLOW)
WRAP(int, stat64, (const char *p, void *st), (p, st), -1, EIO, ENOENT, EACCES)
WRAP(int, lstat, (const char *p, void *st), (p, st), -1, EIO, ENOENT, EACCES)
WRAP(int, lstat64, (const char *p, void *st), (p, st), -1, EIO, ENOENT, EACCES)
WRAP(int, fstatat, (int d, const char *p, void *st, int f), (d, p, st, f), -1, EIO,
    ENOENT, EACCES)
WRAP(int, access, (const char *p, int m), (p, m), -1, EIO, ENOENT, EACCES)
WRAP(int, faccessat, (int d, const char *p, int m, int f), (d, p, m, f), -1, EIO,
    ENOENT, EACCES)
WRAP(int, mkdirat, (int d, const char *p, unsigned m), (d, p, m), -1, ENOSPC, EROFS,
    EMLINK)
WRAP(int, renameat, (int a, const char *p, int b, const char *q), (a, p, b, q), -1, EIO,
    ENOSPC, EROFS)
WRAP(int, unlinkat, (int d, const char *p, int f), (d, p, f), -1, EIO, EROFS, EPERM)
WRAP(int, unlink, (const char *p), (p), -1, EIO, EROFS, EPERM)
WRAP(int, fchmod, (int fd, unsigned m), (fd, m), -1, EPERM, EIO, EROFS)
WRAP(int, fchown, (int fd, unsigned u, unsigned g), (fd, u, g), -1, EPERM, EIO, EROFS)
WRAP(ssize_t, readlink, (const char *p, char *b, size_t n), (p, b, n), -1, EIO, ENOENT,
    EINVAL)
WRAP(char *, getcwd, (char *b, size_t n), (b, n), NULL, ENOENT, ERANGE, EACCES)
DONE(int, close, (int fd), (fd), -1, EIO)

/* A lock is not had. To let go of one does not fail in any kernel. */
static bool
is_unlock(int what, long arg)
{
	return (what == F_SETLK || what == F_SETLKW) &&
	    ((const struct flock *)arg)->l_type == F_UNLCK;
}

#define FCNTL(name)                                                                    \
	AS(int, name, (int fd, int what, ...));                                        \
	int wrap_##name(int fd, int what, ...)                                         \
	{                                                                              \
		static int (*real)(int, int, ...);                                     \
		va_list ap;                                                            \
		long arg;                                                              \
		REAL(name);                                                            \
		va_start(ap, what);                                                    \
		arg = va_arg(ap, long);                                                \
		va_end(ap);                                                            \
		if (!is_unlock(what, arg) && hit(#name, CALLER)) {                     \
			errno = WAY(EIO, EACCES, ENOLCK);                              \
			return -1;                                                     \
		}                                                                      \
		return real(fd, what, arg);                                            \
	}
FCNTL(fcntl)
FCNTL(fcntl64)

#define SYNC(name)                                                                     \
	AS(int, name, (int fd));                                                       \
	int wrap_##name(int fd)                                                        \
	{                                                                              \
		static int (*real)(int);                                               \
		int got;                                                               \
		REAL(name);                                                            \
		if (hit(#name, CALLER)) {                                              \
			errno = WAY(EIO, ENOSPC, EROFS);                               \
			return -1;                                                     \
		}                                                                      \
		got = real(fd);                                                        \
		synced += got == 0;                                                    \
		return got;                                                            \
	}
SYNC(fsync)
SYNC(fdatasync)

/* --- the rest of libc -------------------------------------------------------------------- */

WRAP(int, clock_gettime, (int c, void *t), (c, t), -1, EINVAL, EPERM, EFAULT)
WRAP(int, nanosleep, (const void *a, void *b), (a, b), -1, EINTR, EINVAL, EFAULT)
WRAP(int, usleep, (unsigned n), (n), -1, EINTR, EINVAL, EINVAL)
WRAP(ssize_t, getrandom, (void *p, size_t n, unsigned f), (p, n, f), -1, ENOSYS, EINTR,
    EIO)
WRAP(int, getentropy, (void *p, size_t n), (p, n), -1, ENOSYS, EIO, EIO)
WRAP(void *, getpwnam, (const char *n), (n), NULL, EIO, ENOENT, ENOMEM)
WRAP(void *, getpwuid, (unsigned n), (n), NULL, EIO, ENOENT, ENOMEM)
WRAP(void *, getgrnam, (const char *n), (n), NULL, EIO, ENOENT, ENOMEM)
WRAP(void *, getgrgid, (unsigned n), (n), NULL, EIO, ENOENT, ENOMEM)
WRAP(void *, fgetpwent, (void *f), (f), NULL, EIO, ENOENT, ENOMEM)
WRAP(void *, fgetgrent, (void *f), (f), NULL, EIO, ENOENT, ENOMEM)
WRAP(int, setrlimit, (int w, const void *l), (w, l), -1, EPERM, EINVAL, EFAULT)
WRAP(int, sigprocmask, (int h, const void *s, void *o), (h, s, o), -1, EINVAL, EFAULT,
    EPERM)
WRAP(int, socket, (int d, int t, int p), (d, t, p), -1, EMFILE, ENOBUFS, EACCES)
WRAP(int, socketpair, (int d, int t, int p, int *s), (d, t, p, s), -1, EMFILE, ENOBUFS,
    EACCES)
WRAP(int, connect, (int s, const void *a, unsigned n), (s, a, n), -1, EAGAIN,
    ECONNREFUSED, EACCES)
WRAP(int, getsockopt, (int s, int l, int o, void *v, void *n), (s, l, o, v, n), -1,
    ENOBUFS, EINVAL, EBADF)
WRAP(ssize_t, sendmsg, (int s, const void *m, int f), (s, m, f), -1, ENOBUFS, EPIPE,
    EINTR)
SHORT(recv, (int s, void *p, size_t n, int f), n, (s, p, n, f), ENOMEM)
WRAP(int, waitpid, (int p, int *s, int o), (p, s, o), -1, ECHILD, EINTR, EINVAL)
WRAP(int, kill, (int p, int s), (p, s), -1, ESRCH, EPERM, EINVAL)

AS(int, poll, (void *p, unsigned long n, int ms));
int
wrap_poll(void *p, unsigned long n, int ms)
{
	static int (*real)(void *, unsigned long, int);

	REAL(poll);
	if (hit("poll", CALLER)) {
		errno = WAY(ENOMEM, 0, EINTR);
		return errno == 0 ? 0 : -1;
	}
	return real(p, n, ms);
}

AS(long, syscall, (long what, ...));
long
wrap_syscall(long what, ...)
{
	static long (*real)(long, ...);
	long a[6];
	va_list ap;

	REAL(syscall);
	va_start(ap, what);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (active && orders->who == HOST && hit("syscall", CALLER)) {
		errno = WAY(EAGAIN, EPERM, ENOMEM);
		return -1;
	}
	return real(what, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* --- libpam, as pam_uadm calls it ------------------------------------------------------- */

enum { BUF_ERR = 5, SYSTEM_ERR = 4, CONV_ERR = 19, BAD_ITEM = 29 };
CODE(int, pam_get_item, (const void *h, int w, const void **i), (h, w, i), BUF_ERR,
    BAD_ITEM, SYSTEM_ERR)
CODE(int, pam_set_item, (void *h, int w, const void *i), (h, w, i), BUF_ERR, BAD_ITEM,
    SYSTEM_ERR)
CODE(int, pam_get_user, (void *h, const char **u, const char *p), (h, u, p), CONV_ERR,
    BUF_ERR, SYSTEM_ERR)
CODE(int, pam_putenv, (void *h, const char *e), (h, e), BUF_ERR, SYSTEM_ERR, BUF_ERR)
CODE(int, pam_fail_delay, (void *h, unsigned u), (h, u), SYSTEM_ERR, SYSTEM_ERR,
    SYSTEM_ERR)

/* --- SQLite ------------------------------------------------------------------------------ */

enum { NOMEM = 7, IOERR = 10, BUSY = 5, FULL = 13, CORRUPT = 11, READONLY = 8 };
CODE(int, sqlite3_open_v2, (const char *p, void **db, int f, const char *v),
    (p, db, f, v), NOMEM, IOERR, CORRUPT)
CODE(int, sqlite3_prepare_v2, (void *d, const char *s, int n, void **q, const char **t),
    (d, s, n, q, t), NOMEM, IOERR, BUSY)
CODE(int, sqlite3_prepare_v3,
    (void *d, const char *s, int n, unsigned f, void **q, const char **t),
    (d, s, n, f, q, t), NOMEM, IOERR, BUSY)
CODE(int, sqlite3_bind_text, (void *q, int i, const char *t, int n, void *d),
    (q, i, t, n, d), NOMEM, NOMEM, NOMEM)
CODE(int, sqlite3_bind_int64, (void *q, int i, long long v), (q, i, v), NOMEM, NOMEM,
    NOMEM)
CODE(int, sqlite3_bind_null, (void *q, int i), (q, i), NOMEM, NOMEM, NOMEM)
CODE(int, sqlite3_bind_blob, (void *q, int i, const void *t, int n, void *d),
    (q, i, t, n, d), NOMEM, NOMEM, NOMEM)
CODE(int, sqlite3_step, (void *q), (q), NOMEM, FULL, IOERR)
CODE(int, sqlite3_exec, (void *d, const char *s, void *c, void *a, char **e),
    (d, s, c, a, e), NOMEM, FULL, IOERR)
CODE(int, sqlite3_busy_handler, (void *d, void *f, void *a), (d, f, a), NOMEM, NOMEM,
    NOMEM)
CODE(int, sqlite3_wal_autocheckpoint, (void *d, int n), (d, n), NOMEM, NOMEM, NOMEM)
CODE(int, sqlite3_file_control, (void *d, const char *s, int o, void *v), (d, s, o, v),
    IOERR, IOERR, IOERR)
DONE(int, sqlite3_reset, (void *q), (q), NOMEM, 0)
DONE(int, sqlite3_finalize, (void *q), (q), NOMEM, 0)
WRAP(const unsigned char *, sqlite3_column_text, (void *q, int i), (q, i), NULL, ENOMEM,
    ENOMEM, ENOMEM)
WRAP(const void *, sqlite3_column_blob, (void *q, int i), (q, i), NULL, ENOMEM, ENOMEM,
    ENOMEM)

AS(int, sqlite3_db_config, (void *db, int what, ...));
int
wrap_sqlite3_db_config(void *db, int what, ...)
{
	static int (*real)(void *, int, ...);
	va_list ap;
	int value;
	int *got;

	REAL(sqlite3_db_config);
	va_start(ap, what);
	value = va_arg(ap, int);
	got = va_arg(ap, int *);
	va_end(ap);
	return hit("sqlite3_db_config", CALLER) ? 1 : real(db, what, value, got);
}

/* --- libsodium and the others ------------------------------------------------------------ */

CODE(int, sodium_init, (void), (), -1, -1, -1)
WRAP(void *, sodium_malloc, (size_t n), (n), NULL, ENOMEM, ENOMEM, ENOMEM)
WRAP(void *, sodium_allocarray, (size_t c, size_t n), (c, n), NULL, ENOMEM, ENOMEM,
    ENOMEM)
CODE(int, crypto_pwhash_str_alg,
    (char *o, const char *p, unsigned long long l, unsigned long long ops, size_t mem,
	int alg),
    (o, p, l, ops, mem, alg), -1, -1, -1)
CODE(int, crypto_pwhash_str_needs_rehash,
    (const char *s, unsigned long long ops, size_t mem), (s, ops, mem), -1, 1, -1)
CODE(int, crypto_generichash_init, (void *h, const void *k, size_t kl, size_t ol),
    (h, k, kl, ol), -1, -1, -1)
CODE(int, crypto_generichash_update, (void *h, const void *d, unsigned long long n),
    (h, d, n), -1, -1, -1)
CODE(int, crypto_generichash_final, (void *h, void *o, size_t n), (h, o, n), -1, -1, -1)
WRAP(void *, crypt_r, (const char *p, const char *s, void *d), (p, s, d), NULL, EINVAL,
    ENOMEM, ERANGE)
WRAP(void *, crypt_rn, (const char *p, const char *s, void *d, int n), (p, s, d, n),
    NULL, EINVAL, ENOMEM, ERANGE)
WRAP(void *, crypt_ra, (const char *p, const char *s, void **d, int *n), (p, s, d, n),
    NULL, EINVAL, ENOMEM, ERANGE)
CODE(ssize_t, utf8proc_decompose, (const void *s, ssize_t n, void *b, ssize_t m, int o),
    (s, n, b, m, o), -1, -2, -3)
CODE(ssize_t, utf8proc_reencode, (void *b, ssize_t n, int o), (b, n, o), -1, -2, -3)
CODE(int, econf_readDirsHistoryWithCallback,
    (void *f, void *n, const char *d, const char *e, const char *p, const char *s,
	const char *l, const char *c, void *cb, const void *a),
    (f, n, d, e, p, s, l, c, cb, a), 2, 1, 3)
CODE(int, econf_readFileWithCallback,
    (void *f, const char *n, const char *l, const char *c, void *cb, const void *a),
    (f, n, l, c, cb, a), 2, 1, 3)
CODE(int, econf_getGroups, (void *f, size_t *n, void *g), (f, n, g), 2, 1, 4)
CODE(int, econf_getKeys, (void *f, const char *g, size_t *n, void *k), (f, g, n, k), 2,
    1, 4)
CODE(int, econf_getExtValue, (void *f, const char *g, const char *k, void *v),
    (f, g, k, v), 2, 1, 5)

/* Counted also when it does its work. */
AS(int, crypto_pwhash_str_verify, (const char *s, const char *p, unsigned long long n));
int
wrap_crypto_pwhash_str_verify(const char *s, const char *p, unsigned long long n)
{
	static int (*real)(const char *, const char *, unsigned long long);
	bool fails = hit("crypto_pwhash_str_verify", CALLER);

	REAL(crypto_pwhash_str_verify);
	if (orders != NULL) {
		orders->verified++;
		orders->unsynced += synced == 0;
	}
	return fails ? -1 : real(s, p, n);
}

AS(int, crypto_pwhash,
    (void *o, unsigned long long n, const char *p, unsigned long long l, const void *s,
	unsigned long long ops, size_t mem, int alg));
int
wrap_crypto_pwhash(void *o, unsigned long long n, const char *p, unsigned long long l,
    const void *s, unsigned long long ops, size_t mem, int alg)
{
	static int (*real)(void *, unsigned long long, const char *, unsigned long long,
	    const void *, unsigned long long, size_t, int);
	bool fails = hit("crypto_pwhash", CALLER);

	REAL(crypto_pwhash);
	if (orders != NULL)
		orders->hashed++;
	return fails ? -1 : real(o, n, p, l, s, ops, mem, alg);
}
