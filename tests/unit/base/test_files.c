/* Paths that decide what root does: who may own them, what they may be (N7), and replacing. */
#include "libuadm/base/files.h"

#include "tests/unit/check.h"

#include <dirent.h>

#define AT(path) UADM_ROOT path

static int
setup(void **state)
{
	(void)state;
	root_clean();
	return 0;
}

static enum uadm_code
walk(const char *path, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int fd = -1;
	enum uadm_code c = files_open_dir(path, UADM_TRUSTED_UID, &fd, err);

	assert_true((c == UADM_OK) == (fd >= 0));
	return c;
}

static enum uadm_code
open_one(int dir, const char *name, mode_t mode, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int fd = -1;
	enum uadm_code c =
	    files_open(dir, name, O_RDONLY, mode, UADM_TRUSTED_UID, name, &fd, err);

	assert_true((c == UADM_OK) == (fd >= 0));
	return c;
}

static void
test_walk(void **state)
{
	static const struct {
		const char *path;
		enum uadm_code want;
		const char *says;
	} cases[] = {
		{ AT("/a/b"), UADM_OK, NULL },
		{ AT("//a///b/"), UADM_OK, NULL },
		{ AT("/a/none"), UADM_NOT_FOUND, AT("/a/none does not exist") },
		{ AT("/a/none/b"), UADM_NOT_FOUND, AT("/a/none does not exist") },
		{ AT("/link/b"), UADM_UNAVAILABLE, AT("/link is not a directory") },
		{ AT("/a/file"), UADM_UNAVAILABLE, AT("/a/file is not a directory") },
		{ AT("/a/fifo"), UADM_UNAVAILABLE, AT("/a/fifo is not a directory") },
		{ AT("/group/b"), UADM_UNAVAILABLE, AT("/group is writable by") },
		{ AT("/all/b"), UADM_UNAVAILABLE, AT("/all is writable by") },
		{ AT("/last"), UADM_UNAVAILABLE, AT("/last is writable by") },
		{ "etc", UADM_INVALID, "not an absolute path" },
		{ "", UADM_INVALID, "not an absolute path" },
	};
	char path[PATH_MAX + 10];
	struct uadm_err err;

	(void)state;
	root_dir("/a/b", 0755);
	root_text("/a/file", "x");
	assert_int_equal(mkfifo(AT("/a/fifo"), 0644), 0);
	assert_int_equal(symlink("a", AT("/link")), 0);
	root_dir("/group/b", 0755);
	root_dir("/group", 0775);
	root_dir("/all/b", 0755);
	root_dir("/all", 0757);
	root_dir("/last", 01777);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK_EQ(walk(cases[i].path, &err), cases[i].want, cases[i].path);
		if (cases[i].says != NULL)
			CHECK_HAS(err.msg, cases[i].says);
	}
	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	CHECK_FAILS(UADM_INVALID, walk(path, &err));
	path[NAME_MAX + 2] = '\0';
	CHECK_FAILS(UADM_INVALID, walk(path, &err));
}

/* A sticky directory passes when it is root's, and only on the way. */
static void
test_sticky(void **state)
{
	struct uadm_err err;

	(void)state;
	root_dir("/tmp/mine", 0755);
	root_dir("/tmp", 01777);
	CHECK_EQ(walk(AT("/tmp/mine"), &err),
	    geteuid() == 0 ? UADM_OK : UADM_UNAVAILABLE, "sticky");
	CHECK_FAILS(UADM_UNAVAILABLE, walk(AT("/tmp"), &err));
}

static void
test_foreign_owner(void **state)
{
	CLEANUP(cleanup_fd) int dir = open(UADM_ROOT, O_RDONLY | O_DIRECTORY);
	struct uadm_err err;

	(void)state;
	if (geteuid() != 0)
		skip();
	root_dir("/theirs/b", 0755);
	assert_int_equal(chown(AT("/theirs"), 4242, 0), 0);
	CHECK_FAILS(UADM_UNAVAILABLE, walk(AT("/theirs/b"), &err));
	CHECK_HAS(err.msg, "/theirs belongs to uid 4242, not to root");
	root_text("/file", "x");
	assert_int_equal(chown(AT("/file"), 4242, 0), 0);
	CHECK_FAILS(UADM_UNAVAILABLE, open_one(dir, "file", 0644, &err));
	CHECK_HAS(err.msg, "belongs to uid 4242");
}

static void
test_make_dir(void **state)
{
	CLEANUP(cleanup_fd) int fd = -1;
	CLEANUP(cleanup_fd) int again = -1;
	struct uadm_err err;
	struct stat st;

	(void)state;
	umask(077);
	CHECK_OK(files_make_dir(AT("/x/y/z"), 0700, UADM_TRUSTED_UID, &fd, &err));
	assert_int_equal(umask(022), 077); /* it is put back */
	assert_int_equal(stat(AT("/x/y"), &st), 0);
	CHECK_EQ(st.st_mode & 07777, 0755, "on the way");
	assert_int_equal(fstat(fd, &st), 0);
	CHECK_EQ(st.st_mode & 07777, 0700, "the last one");
	CHECK_OK(files_make_dir(AT("/x/y/z"), 0755, UADM_TRUSTED_UID, &again, &err));
	root_dir("/x/y/z", 0710);
	close(fd);
	CHECK_FAILS(UADM_UNAVAILABLE,
	    files_make_dir(AT("/x/y/z"), 0700, UADM_TRUSTED_UID, &fd, &err));
	CHECK_HAS(err.msg, "has mode 0710, which is more than 0700");
	assert_int_equal(fd, -1);
}

/* None of these is waited for or followed. */
static void
test_open(void **state)
{
	static const struct {
		const char *name;
		mode_t mode;
		enum uadm_code want;
		const char *says;
	} cases[] = {
		{ "private", 0600, UADM_OK, NULL },
		{ "private", 0644, UADM_OK, NULL },
		{ "public", 0644, UADM_OK, NULL },
		{ "public", 0600, UADM_UNAVAILABLE, "has mode 0644, which is more" },
		{ "setuid", 0644, UADM_UNAVAILABLE, "has mode 4644, which is more" },
		{ "link", 0644, UADM_UNAVAILABLE, "is a symbolic link" },
		{ "dangling", 0644, UADM_UNAVAILABLE, "is a symbolic link" },
		{ "fifo", 0644, UADM_UNAVAILABLE, "is not a regular file" },
		{ "directory", 0777, UADM_UNAVAILABLE, "is not a regular file" },
		{ "none", 0644, UADM_NOT_FOUND, "does not exist" },
	};
	CLEANUP(cleanup_fd) int dir = open(UADM_ROOT, O_RDONLY | O_DIRECTORY);
	struct uadm_err err;

	(void)state;
	root_file("/private", 0600, "x", 1);
	root_file("/public", 0644, "x", 1);
	root_file("/setuid", 04644, "x", 1);
	assert_int_equal(symlink("private", AT("/link")), 0);
	assert_int_equal(symlink("nowhere", AT("/dangling")), 0);
	assert_int_equal(mkfifo(AT("/fifo"), 0600), 0);
	root_dir("/directory", 0755);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK_EQ(open_one(dir, cases[i].name, cases[i].mode, &err),
		    cases[i].want, cases[i].name);
		if (cases[i].says != NULL)
			CHECK_HAS(err.msg, cases[i].says);
	}
}

static int
count_entries(const char *path)
{
	DIR *d = opendir(path);
	int n = -2;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static void
test_replace(void **state)
{
	CLEANUP(cleanup_fd) int dir = -1;
	CLEANUP(cleanup_fd) int old = -1;
	CLEANUP(cleanup_fd) int now = -1;
	CLEANUP(cleanup_free) char *data = NULL;
	struct uadm_err err;
	struct stat st;
	size_t size;
	char was[4];

	(void)state;
	root_dir("/d", 0755);
	root_text("/d/f", "old");
	dir = open(AT("/d"), O_RDONLY | O_DIRECTORY);
	old = open(AT("/d/f"), O_RDONLY);
	umask(077);
	CHECK_OK(files_replace(dir, "f", "new\0er", 6, 0644, "f", &err));
	umask(022);
	/* Who has the old one open still has all of it: it was never written to. */
	assert_int_equal(read(old, was, sizeof(was)), 3);
	assert_memory_equal(was, "old", 3);
	now = open(AT("/d/f"), O_RDONLY);
	assert_int_equal(fstat(now, &st), 0);
	CHECK_EQ(st.st_mode & 07777, 0644, "mode");
	CHECK_OK(files_read(now, 6, "f", &data, &size, &err));
	assert_int_equal(size, 6);
	assert_memory_equal(data, "new\0er", 7);
	assert_int_equal(count_entries(AT("/d")), 1);

	root_dir("/d/dir", 0755);
	CHECK_FAILS(
	    UADM_UNAVAILABLE, files_replace(dir, "dir", "", 0, 0644, "d", &err));
	assert_int_equal(count_entries(AT("/d")), 2); /* no temp file is left */
}

/* S1: what a killed caller left of this very file goes, and nothing else. */
static void
test_replace_removes_leftovers(void **state)
{
	static const char *const stay[] = { "/d/.f.12.xyz", "/d/.f.12", "/d/.f",
		"/d/f.1.a", "/d/.ff.1.a", "/d/.f..a", "/d/.f.1.", "/d/.f.x.1.a" };
	CLEANUP(cleanup_fd) int dir = -1;
	struct uadm_err err;

	(void)state;
	root_dir("/d", 0755);
	root_text("/d/.f.12.0a9", "half");
	root_text("/d/.f.4711.f", "half");
	for (size_t i = 0; i < ARRAY_LEN(stay); i++)
		root_text(stay[i], "somebody's");
	dir = open(AT("/d"), O_RDONLY | O_DIRECTORY);
	CHECK_OK(files_replace(dir, "f", "new", 3, 0644, "f", &err));
	for (size_t i = 0; i < ARRAY_LEN(stay); i++) {
		char path[300];

		snprintf(path, sizeof(path), "%s%s", AT(""), stay[i]);
		CHECK_EQ(access(path, F_OK), 0, stay[i]);
	}
	assert_int_equal(count_entries(AT("/d")), (int)ARRAY_LEN(stay) + 1);
}

static void
test_read_is_bounded(void **state)
{
	CLEANUP(cleanup_fd) int fd = -1;
	CLEANUP(cleanup_free) char *data = NULL;
	struct uadm_err err;
	size_t size = 0;

	(void)state;
	root_text("/f", "123456");
	fd = open(AT("/f"), O_RDONLY);
	CHECK_FAILS(UADM_INVALID, files_read(fd, 5, "f", &data, &size, &err));
	CHECK_HAS(err.msg, "larger than 5 bytes");
	assert_null(data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_walk, setup),
		cmocka_unit_test_setup(test_sticky, setup),
		cmocka_unit_test_setup(test_foreign_owner, setup),
		cmocka_unit_test_setup(test_make_dir, setup),
		cmocka_unit_test_setup(test_open, setup),
		cmocka_unit_test_setup(test_replace, setup),
		cmocka_unit_test_setup(test_replace_removes_leftovers, setup),
		cmocka_unit_test_setup(test_read_is_bounded, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
