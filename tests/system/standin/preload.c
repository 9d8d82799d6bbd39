/*
 * preload.c - in uadmd and uadmctl of a box (/etc/ld.so.preload): clocks that are set by a file, and
 * a record of each password hash that is begun. Other programs run as they are.
 *
 * /run/preload/clock holds two numbers, the seconds that CLOCK_REALTIME and CLOCK_BOOTTIME are
 * moved by. /run/preload/hashes gets a "v" before a password is verified against a stored hash and
 * a "d" before a hash is computed for its own sake.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long long moved[2];

__attribute__((constructor)) static void
begin(void)
{
	FILE *f;

	if (strncmp(program_invocation_short_name, "uadm", 4) != 0 ||
	    (f = fopen("/run/preload/clock", "re")) == NULL)
		return;
	if (fscanf(f, "%lld %lld", &moved[0], &moved[1]) != 2)
		_exit(99);
	fclose(f);
}

int
clock_gettime(clockid_t which, struct timespec *ts)
{
	int rc = (int)syscall(SYS_clock_gettime, which, ts);

	if (rc == 0 && which == CLOCK_REALTIME)
		ts->tv_sec += moved[0];
	if (rc == 0 && which == CLOCK_BOOTTIME)
		ts->tv_sec += moved[1];
	return rc;
}

static void
record(const char *what)
{
	int fd = open(
	    "/run/preload/hashes", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, what, 1) != 1)
		_exit(99);
	close(fd);
}

int
crypto_pwhash_str_verify(const char *str, const char *pw, unsigned long long len)
{
	int (*next)(const char *, const char *, unsigned long long) =
	    (int (*)(const char *, const char *, unsigned long long))dlsym(
		RTLD_NEXT, "crypto_pwhash_str_verify");

	record("v");
	return next(str, pw, len);
}

int
crypto_pwhash(unsigned char *out, unsigned long long outlen, const char *pw,
    unsigned long long len, const unsigned char *salt, unsigned long long ops,
    size_t mem, int alg)
{
	int (*next)(unsigned char *, unsigned long long, const char *,
	    unsigned long long, const unsigned char *, unsigned long long, size_t,
	    int) = (int (*)(unsigned char *, unsigned long long, const char *,
	    unsigned long long, const unsigned char *, unsigned long long, size_t,
	    int))dlsym(RTLD_NEXT, "crypto_pwhash");

	record("d");
	return next(out, outlen, pw, len, salt, ops, mem, alg);
}
