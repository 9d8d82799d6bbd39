/* Homes: complete or not there; nobody else's directory, no link followed, nothing left over. */
#include "libuadm/ops/home.h"

#include "libuadm/base/files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

static char root[64], buffer[PATH_MAX];
static uid_t uid;
static gid_t gid;

/* A ctime cannot be set, so what calls time(2) is moved instead. */
static time_t ahead;

time_t
time(time_t *out)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (out != NULL)
		*out = now.tv_sec + ahead;
	return now.tv_sec + ahead;
}

static const char *
at(const char *path)
{
	snprintf(buffer, sizeof(buffer), "%s/%s", root, path);
	return buffer;
}

static void
write_file(const char *path, const char *text, mode_t mode)
{
	CLEANUP(cleanup_fd)
	int fd = open(at(path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0 && files_write_all(fd, text, strlen(text)));
	assert_int_equal(fchmod(fd, mode), 0);
}

static void
make_dir(const char *path, mode_t mode)
{
	assert_int_equal(mkdir(at(path), 0700), 0);
	assert_int_equal(chmod(at(path), mode), 0);
}

static struct stat
look(const char *path)
{
	struct stat st = { 0 };

	assert_int_equal(lstat(at(path), &st), 0);
	return st;
}

static bool
is_there(const char *path)
{
	struct stat st;

	return lstat(at(path), &st) == 0;
}

static int
count_entries(const char *path)
{
	DIR *d = opendir(at(path));
	int n = -2;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

/* The code, or -1 when `made` is not what the code promises. */
static int
create(const char *home, const char *skel, bool want_made, struct uadm_err *err)
{
	char home_path[PATH_MAX], skel_path[PATH_MAX];
	bool made = !want_made;
	enum uadm_code c;

	snprintf(home_path, sizeof(home_path), "%s/%s", root, home);
	snprintf(skel_path, sizeof(skel_path), "%s/%s", root, skel != NULL ? skel : "");
	c = home_create(
	    home_path, uid, gid, skel != NULL ? skel_path : NULL, 0700, &made, err);
	return made == want_made ? (int)c : -1;
}

static int
setup(void **state)
{
	(void)state;
	strcpy(root, "/tmp/uadm-home.XXXXXX");
	assert_non_null(mkdtemp(root));
	make_dir("base", 0755);
	make_dir("skel", 0755);
	/* root hands the home to somebody else, anybody else to themselves */
	uid = geteuid() == 0 ? 4242 : geteuid();
	gid = geteuid() == 0 ? 4243 : getegid();
	return 0;
}

static int
teardown(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

static void
test_complete(void **state)
{
	const struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 2000 } };
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct uadm_err err;
	char target[64] = "";
	struct stat st;
	int s;

	(void)state;
	write_file("skel/.bashrc", "hello\n", 0644);
	write_file("skel/tool", "#!/bin/sh\n", 06755);
	assert_int_equal(utimensat(AT_FDCWD, at("skel/.bashrc"), old, 0), 0);
	make_dir("skel/.config", 01750);
	write_file("skel/.config/a", "", 0400);
	assert_int_equal(symlink("/etc/shadow", at("skel/link")), 0);
	assert_int_equal(mkfifo(at("skel/fifo"), 0644), 0);
	s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	strcpy(sun.sun_path, at("skel/socket"));
	assert_int_equal(bind(s, (struct sockaddr *)&sun, sizeof(sun)), 0);
	close(s);

	assert_int_equal(create("base/ann", "skel", true, &err), UADM_OK);
	st = look("base/ann");
	assert_int_equal(st.st_mode, S_IFDIR | 0700);
	assert_int_equal(st.st_uid, uid);
	assert_int_equal(st.st_gid, gid);
	st = look("base/ann/.bashrc");
	assert_int_equal(st.st_mode, S_IFREG | 0644);
	assert_int_equal(st.st_mtime, 2000);
	assert_int_equal(st.st_size, 6);
	assert_int_equal(st.st_uid, uid);
	assert_int_equal(look("base/ann/tool").st_mode, S_IFREG | 0755);
	assert_int_equal(look("base/ann/.config").st_mode, S_IFDIR | 0750);
	assert_int_equal(look("base/ann/.config").st_uid, uid);
	assert_int_equal(look("base/ann/.config/a").st_mode, S_IFREG | 0400);
	assert_true(S_ISLNK(look("base/ann/link").st_mode));
	assert_int_equal(look("base/ann/link").st_uid, uid);
	assert_true(readlink(at("base/ann/link"), target, sizeof(target) - 1) > 0);
	assert_string_equal(target, "/etc/shadow");
	assert_int_equal(count_entries("base/ann"), 4);
	assert_int_equal(count_entries("base"), 1);

	assert_int_equal(create("base/ann", "skel", false, &err), UADM_OK);
}

static void
test_parents(void **state)
{
	struct uadm_err err;

	(void)state;
	umask(077);
	assert_int_equal(create("srv/deep/ann", NULL, true, &err), UADM_OK);
	assert_int_equal(create("srv/deep/bob", "no-such-skel", true, &err), UADM_OK);
	assert_int_equal(look("srv").st_mode, S_IFDIR | 0755);
	assert_int_equal(look("srv/deep").st_mode, S_IFDIR | 0755);
	assert_int_equal(look("srv/deep").st_uid, geteuid());
	assert_int_equal(count_entries("srv/deep/ann"), 0);
	umask(022);
}

static void
test_paths_refused(void **state)
{
	static const char *const bad[] = { "", "relative", "/", "/tmp/", "/tmp//x",
		"/tmp/../x", "/tmp/.", "/tmp/x/.." };
	struct uadm_err err;
	bool made;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(home_create(bad[i], uid, gid, NULL, 0700, &made, &err),
		    UADM_INVALID);
}

static void
test_what_is_there_is_not_ours(void **state)
{
	struct uadm_err err;
	char target[sizeof(root) + 8];

	(void)state;
	make_dir("victim", 0755);
	/* at() has one place for what it returns */
	snprintf(target, sizeof(target), "%s/victim", root);
	assert_int_equal(symlink(target, at("base/link")), 0);
	assert_int_equal(symlink("/nowhere", at("base/dangling")), 0);
	write_file("base/file", "x", 0600);
	assert_int_equal(create("base/link", "skel", false, &err), UADM_EXISTS);
	assert_int_equal(create("base/dangling", "skel", false, &err), UADM_EXISTS);
	assert_non_null(strstr(err.msg, "symbolic link"));
	assert_int_equal(create("base/file", "skel", false, &err), UADM_EXISTS);
	assert_int_equal(count_entries("victim"), 0);
	if (geteuid() == 0) {
		make_dir("base/other", 0755);
		assert_int_equal(
		    create("base/other", "skel", false, &err), UADM_EXISTS);
		assert_non_null(strstr(err.msg, "belongs to uid 0"));
	}
}

static void
test_parent_not_safe(void **state)
{
	struct uadm_err err;

	(void)state;
	make_dir("loose", 0777);
	assert_int_equal(create("loose/ann", NULL, false, &err), UADM_UNAVAILABLE);
	assert_int_equal(create("loose/new/ann", NULL, false, &err), UADM_UNAVAILABLE);
	make_dir("sticky", 01777);
	assert_int_equal(create("sticky/ann", NULL, false, &err), UADM_UNAVAILABLE);
	assert_int_equal(symlink("base", at("alias")), 0);
	assert_int_equal(create("alias/ann", NULL, false, &err), UADM_UNAVAILABLE);
	assert_int_equal(count_entries("base"), 0);
	if (geteuid() == 0) {
		make_dir("theirs", 0755);
		assert_int_equal(chown(at("theirs"), 4000, 4000), 0);
		assert_int_equal(
		    create("theirs/ann", NULL, false, &err), UADM_UNAVAILABLE);
	}
}

static void
test_skeleton_not_safe(void **state)
{
	struct uadm_err err;

	(void)state;
	make_dir("skel/d", 0777);
	assert_int_equal(create("base/ann", "skel", false, &err), UADM_UNAVAILABLE);
	assert_int_equal(chmod(at("skel/d"), 0755), 0);
	write_file("skel/d/f", "", 0666);
	assert_int_equal(create("base/ann", "skel", false, &err), UADM_UNAVAILABLE);
	assert_non_null(strstr(err.msg, "root's alone"));
	assert_int_equal(symlink("skel", at("skel-link")), 0);
	assert_int_equal(
	    create("base/ann", "skel-link", false, &err), UADM_UNAVAILABLE);
	assert_int_equal(count_entries("base"), 0);
}

static void
test_caps(void **state)
{
	char path[512] = "skel";
	struct uadm_err err;

	(void)state;
	for (int i = 0; i < HOME_DEPTH_MAX; i++) {
		strcat(path, "/d");
		make_dir(path, 0755);
	}
	assert_int_equal(create("base/deep", "skel", true, &err), UADM_OK);
	strcat(path, "/d");
	make_dir(path, 0755);
	assert_int_equal(create("base/deeper", "skel", false, &err), UADM_UNAVAILABLE);
	assert_non_null(strstr(err.msg, "deeper"));
	make_dir("many", 0755);
	for (int i = 0; i <= HOME_ENTRIES_MAX; i++) {
		snprintf(path, sizeof(path), "many/%d", i);
		assert_int_equal(symlink("x", at(path)), 0);
	}
	assert_int_equal(create("base/many", "many", false, &err), UADM_UNAVAILABLE);
	assert_non_null(strstr(err.msg, "entries"));
	assert_int_equal(count_entries("base"), 1);
}

static void
test_leftovers(void **state)
{
	const char *dead = "base/.ann.uadm-0123456789abcdef";
	const char *live = "base/.ann.uadm-0123456789abcde0";
	const char *other = "base/.bob.uadm-0123456789abcdef";
	struct uadm_err err;
	int lock;

	(void)state;
	make_dir(dead, 0700);
	make_dir("base/.ann.uadm-0123456789abcdef/sub", 0700);
	write_file("base/.ann.uadm-0123456789abcdef/sub/f", "x", 0600);
	make_dir("precious", 0700);
	write_file("precious/f", "x", 0600);
	assert_int_equal(
	    symlink("../../precious", at("base/.ann.uadm-0123456789abcdef/l")), 0);
	make_dir(live, 0700);
	make_dir(other, 0700);
	lock = open(at(live), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(flock(lock, LOCK_EX), 0);
	assert_int_equal(create("base/ann", "skel", true, &err), UADM_OK);
	assert_true(is_there(dead)); /* too young to tell */
	assert_int_equal(rmdir(at("base/ann")), 0);
	ahead = 3600;
	assert_int_equal(create("base/ann", "skel", true, &err), UADM_OK);
	ahead = 0;
	assert_false(is_there(dead));
	assert_true(is_there(live) && is_there(other));
	assert_true(is_there("precious/f"));
	close(lock);
}

static void *
login(void *result)
{
	char home[PATH_MAX], skel[PATH_MAX];
	struct uadm_err err;
	bool made = false;
	enum uadm_code c;

	snprintf(home, sizeof(home), "%s/base/ann", root);
	snprintf(skel, sizeof(skel), "%s/skel", root);
	c = home_create(home, uid, gid, skel, 0700, &made, &err);
	*(int *)result = c == UADM_OK ? made : -1;
	return NULL;
}

static void
test_many_logins_at_once(void **state)
{
	pthread_t threads[16];
	int result[16], made = 0;
	char name[32];

	(void)state;
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "skel/f%d", i);
		write_file(name, "x", 0644);
	}
	for (int i = 0; i < 16; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, login, &result[i]), 0);
	for (int i = 0; i < 16; i++) {
		pthread_join(threads[i], NULL);
		assert_true(result[i] >= 0);
		made += result[i];
	}
	assert_int_equal(made, 1);
	assert_int_equal(count_entries("base"), 1);
	assert_int_equal(count_entries("base/ann"), 20);
}

/* In a child with mounts of its own: 0 good, 77 not possible here. */
static int
full_disk(void)
{
	static char big[100000];
	struct uadm_err err;

	if (unshare(CLONE_NEWNS) != 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("full", at("base"), "tmpfs", 0, "size=64k,mode=755") != 0)
		return 77;
	memset(big, 'x', sizeof(big) - 1);
	write_file("skel/a", "small", 0644);
	write_file("skel/big", big, 0644);
	if (create("base/ann", "skel", false, &err) != UADM_UNAVAILABLE ||
	    strstr(err.msg, "no room to copy") == NULL)
		return 1;
	return count_entries("base") == 0 ? 0 : 2;
}

static void
test_full_disk(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	if (geteuid() != 0) {
		print_message("skipped: a tmpfs of its own needs root\n");
		skip();
	}
	if ((pid = fork()) == 0)
		_exit(full_disk());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		print_message("skipped: no mount namespaces here\n");
		skip();
	}
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_complete, setup, teardown),
		cmocka_unit_test_setup_teardown(test_parents, setup, teardown),
		cmocka_unit_test_setup_teardown(test_paths_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_what_is_there_is_not_ours, setup, teardown),
		cmocka_unit_test_setup_teardown(test_parent_not_safe, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_skeleton_not_safe, setup, teardown),
		cmocka_unit_test_setup_teardown(test_caps, setup, teardown),
		cmocka_unit_test_setup_teardown(test_leftovers, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_many_logins_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full_disk, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
