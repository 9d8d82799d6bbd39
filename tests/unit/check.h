/*
 * check.h - what the unit tests share: checks that say which row of a table failed, and the
 * test root (paths.h), made empty and filled.
 */
#ifndef UADM_TESTS_UNIT_CHECK_H
#define UADM_TESTS_UNIT_CHECK_H

#include "libuadm/base/error.h"
#include "libuadm/base/files.h"
#include "libuadm/base/paths.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

/* For use inside a block: which call failed, and what it said. */
#define CHECK_OK(call) check_code((call), UADM_OK, &err, #call, __FILE__, __LINE__)
#define CHECK_FAILS(code, call)                                                        \
	check_code((call), (code), &err, #call, __FILE__, __LINE__)
#define CHECK_EQ(got, want, label)                                                     \
	check_eq((long long)(got), (long long)(want), (label), __FILE__, __LINE__)
#define CHECK_TEXT(got, want, label)                                                   \
	check_text((got), (want), (label), __FILE__, __LINE__)
#define CHECK_HAS(text, part) check_has((text), (part), __FILE__, __LINE__)

static inline void
check_eq(long long got, long long want, const char *label, const char *file, int line)
{
	if (got == want)
		return;
	print_error("\"%s\": %lld instead of %lld\n", label, got, want);
	_fail(file, line);
}

static inline void
check_code(enum uadm_code got, enum uadm_code want, const struct uadm_err *err,
    const char *label, const char *file, int line)
{
	if (got == want && (want == UADM_OK || err->code == want))
		return;
	print_error("%s: %s instead of %s: %s\n", label, uadm_code_name(got),
	    uadm_code_name(want), got == UADM_OK ? "" : err->msg);
	_fail(file, line);
}

static inline void
check_text(
    const char *got, const char *want, const char *label, const char *file, int line)
{
	if (got != NULL && strcmp(got, want) == 0)
		return;
	print_error("\"%s\": \"%s\" instead of \"%s\"\n", label, got, want);
	_fail(file, line);
}

static inline void
check_has(const char *text, const char *part, const char *file, int line)
{
	if (text != NULL && strstr(text, part) != NULL)
		return;
	print_error("no \"%s\" in \"%s\"\n", part, text);
	_fail(file, line);
}

static inline int
root_remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	return where->level == 0 ? 0 : remove(path);
}

/* An empty test root. */
static inline void
root_clean(void)
{
	char path[] = UADM_ROOT;

	umask(022);
	for (char *p = path + 1; *p != '\0'; p++)
		if (*p == '/') {
			*p = '\0';
			mkdir(path, 0755);
			*p = '/';
		}
	mkdir(path, 0755);
	assert_int_equal(nftw(path, root_remove_one, 20, FTW_DEPTH | FTW_PHYS), 0);
}

/* `path` and `mode` of a new directory; the path begins with "/" and lies in the test root. */
static inline void
root_dir(const char *path, mode_t mode)
{
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s%s", UADM_ROOT, path);
	for (char *p = full + strlen(UADM_ROOT) + 1; *p != '\0'; p++)
		if (*p == '/') {
			*p = '\0';
			mkdir(full, 0755);
			*p = '/';
		}
	assert_true(mkdir(full, 0755) == 0 || errno == EEXIST);
	assert_int_equal(chmod(full, mode), 0);
}

static inline void
root_file(const char *path, mode_t mode, const void *data, size_t size)
{
	char full[PATH_MAX];
	CLEANUP(cleanup_fd) int fd = -1;

	snprintf(full, sizeof(full), "%s%s", UADM_ROOT, path);
	fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0 && files_write_all(fd, data, size));
	assert_int_equal(fchmod(fd, mode), 0);
}

static inline void
root_text(const char *path, const char *text)
{
	root_file(path, 0644, text, strlen(text));
}

#endif
