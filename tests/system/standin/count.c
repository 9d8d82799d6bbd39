/*
 * count.c - a preload for the box's /etc/ld.so.preload: what an answer costs, as lines in
 * /run/counts, which must be there. Of uadmd: each full hash, each crypt(3), each commit, each
 * wait for the disk, each search for a user that finds none. Of whoever asks: the delay that a failure has, which is then left out.
 */
#define _GNU_SOURCE
#include <crypt.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct sqlite3_stmt;

static void *(*real_dlsym)(void *, const char *);
static int counting;

__attribute__((constructor)) static void
start(void)
{
	static const char *const versions[] = { "GLIBC_2.34", "GLIBC_2.17",
		"GLIBC_2.2.5" };

	for (size_t i = 0; real_dlsym == NULL && i < 3; i++)
		*(void **)&real_dlsym = dlvsym(RTLD_NEXT, "dlsym", versions[i]);
	counting = strcmp(program_invocation_short_name, "uadmd") == 0;
}

static void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void
note(const char *fmt, ...)
{
	int saved = errno, fd = open("/run/counts", O_WRONLY | O_APPEND | O_CLOEXEC);
	char line[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (fd >= 0) {
		if (write(fd, line, strlen(line)) < 0)
			_exit(99);
		close(fd);
	}
	errno = saved;
}

static void *
next(const char *name)
{
	if (real_dlsym == NULL)
		start();
	return real_dlsym(RTLD_NEXT, name);
}

#define REAL(name, type, args)                                                         \
	static type(*real) args;                                                       \
	if (real == NULL)                                                              \
	*(void **)&real = next(#name)

int
crypto_pwhash(unsigned char *out, unsigned long long n, const char *pw,
    unsigned long long size, const unsigned char *salt, unsigned long long ops,
    size_t mem, int alg)
{
	REAL(crypto_pwhash, int,
	    (unsigned char *, unsigned long long, const char *, unsigned long long,
		const unsigned char *, unsigned long long, size_t, int));
	if (counting)
		note("argon2id m=%zu,t=%llu\n", mem / 1024, ops);
	return real(out, n, pw, size, salt, ops, mem, alg);
}

int
crypto_pwhash_str_verify(const char *text, const char *pw, unsigned long long size)
{
	REAL(crypto_pwhash_str_verify, int,
	    (const char *, const char *, unsigned long long));
	size_t cost = strcspn(text + 1, "$") + 1; /* $argon2id$v=19$m=...,t=...,p=1$ */

	if (counting)
		note("argon2id %.*s\n", (int)strcspn(text + cost + 6, "p") - 1,
		    text + cost + 6);
	return real(text, pw, size);
}

int
crypto_pwhash_str_alg(char *out, const char *pw, unsigned long long size,
    unsigned long long ops, size_t mem, int alg)
{
	REAL(crypto_pwhash_str_alg, int,
	    (char *, const char *, unsigned long long, unsigned long long, size_t,
		int));
	if (counting)
		note("made\n");
	return real(out, pw, size, ops, mem, alg);
}

const char *sqlite3_sql(struct sqlite3_stmt *);
#pragma weak sqlite3_sql

int
sqlite3_step(struct sqlite3_stmt *h)
{
	REAL(sqlite3_step, int, (struct sqlite3_stmt *));
	const char *sql = counting ? sqlite3_sql(h) : NULL;
	int rc = real(h);

	if (rc == 101 && sql != NULL && strcmp(sql, "COMMIT") == 0)
		note("commit\n");
	return rc;
}

struct passwd *
getpwnam(const char *name)
{
	REAL(getpwnam, struct passwd *, (const char *));
	struct passwd *found = real(name);

	if (counting && found == NULL)
		note("nobody found\n");
	return found;
}

int
fsync(int fd)
{
	REAL(fsync, int, (int));
	if (counting)
		note("sync\n");
	return real(fd);
}

int
fdatasync(int fd)
{
	REAL(fdatasync, int, (int));
	if (counting)
		note("sync\n");
	return real(fd);
}

int
pam_fail_delay(void *pamh, unsigned usec)
{
	/* Noted, and not waited for: there are many to come. */
	(void)pamh;
	note("delay %u\n", usec);
	return 0;
}

static char *(*real_crypt_r)(const char *, const char *, struct crypt_data *);

static char *
counted_crypt_r(const char *password, const char *setting, struct crypt_data *data)
{
	note("crypt %.3s\n", setting);
	return real_crypt_r(password, setting, data);
}

/* uadmd opens libcrypt itself. The others' calls are passed on with a jump, for dlsym() looks at
 * where it will return to. */
void *
dlsym(void *handle, const char *name)
{
	if (counting && strcmp(name, "crypt_r") == 0) {
		*(void **)&real_crypt_r = real_dlsym(handle, name);
		return real_crypt_r != NULL ? (void *)(size_t)counted_crypt_r : NULL;
	}
	if (real_dlsym == NULL)
		start();
	return real_dlsym(handle, name);
}
