/*
 * Every answer of the module: that it is there and right (N1), that it fits the caller's buffer
 * (N5), and that only a file of ours is asked (N7).
 */
#include "tests/module/nss_module.h"

#include <sys/sysmacros.h>

/* ---- N1 ---- */

static void
test_N1_every_entry_is_found(void **state)
{
	struct fixture few = { .users = 3, .groups = 6, .version = 1 };
	struct fixture many = { .users = 1000, .groups = 60, .version = 2 };

	(void)state;
	fixture_publish(&few);
	check_everything(&few);
	fixture_publish(&many);
	check_everything(&many);
	assert_int_equal(fixture_mappings(), 1);
}

static void
test_N1_strangers_are_not_found(void **state)
{
	static const char *const names[] = {
		"root", "user", "user1000", "user1 ", "USER1", "", "user1\n",
		"a-name-that-is-longer-than-any-name-which-could-ever-have-been-published"
	};
	static const uint32_t ids[] = { 0, 1, 999, FIRST_UID - 1, FIRST_UID + 1000,
		65534, 65535, 0x7fffffff, 0xffffffff };
	struct fixture f = { .users = 1000, .groups = 60, .version = 1 };
	struct passwd pw;
	struct group gr;

	(void)state;
	fixture_publish(&f);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		long used = 0, size = 0;
		gid_t *list = NULL;
		int error = 0;

		assert_int_equal(nss.getpwnam(names[i], &pw, big, sizeof(big), &error),
		    NSS_STATUS_NOTFOUND);
		assert_int_equal(error, ENOENT);
		assert_int_equal(nss.getgrnam(names[i], &gr, big, sizeof(big), &error),
		    NSS_STATUS_NOTFOUND);
		assert_int_equal(
		    nss.initgroups(names[i], 0, &used, &size, &list, 0, &error),
		    NSS_STATUS_NOTFOUND);
		assert_null(list);
	}
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		int error = 0;

		assert_int_equal(nss.getpwuid(ids[i], &pw, big, sizeof(big), &error),
		    NSS_STATUS_NOTFOUND);
		assert_int_equal(error, ENOENT);
		assert_int_equal(nss.getgrgid(ids[i], &gr, big, sizeof(big), &error),
		    NSS_STATUS_NOTFOUND);
	}
}

static void
test_N1_enumeration_keeps_its_state_of_the_file(void **state)
{
	struct fixture f = { .users = 50, .groups = 10, .version = 1 };
	struct fixture next = { .users = 20, .groups = 10, .version = 2 };
	struct passwd pw;
	int error;

	(void)state;
	fixture_publish(&f);
	assert_int_equal(nss.setpwent(0), NSS_STATUS_SUCCESS);
	for (unsigned i = 0; i < f.users; i++) {
		if (i == 10)
			fixture_publish(&next);
		assert_int_equal(
		    nss.getpwent(&pw, big, sizeof(big), &error), NSS_STATUS_SUCCESS);
		assert_true(passwd_right(&pw, i, 1));
		check_user(i < 10 ? &f : &next, i % next.users);
	}
	assert_int_equal(fixture_mappings(), 2);
	nss.endpwent();
	assert_int_equal(fixture_mappings(), 1);
	/* Without setpwent() it starts by itself. */
	assert_int_equal(
	    nss.getpwent(&pw, big, sizeof(big), &error), NSS_STATUS_SUCCESS);
	assert_true(passwd_right(&pw, 0, 2));
	nss.setpwent(0);
	assert_int_equal(
	    nss.getpwent(&pw, big, sizeof(big), &error), NSS_STATUS_SUCCESS);
	assert_true(passwd_right(&pw, 0, 2));
	nss.endpwent();
}

static void
test_large_group_is_published_without_its_list(void **state)
{
	struct fixture f = {
		.users = 100, .groups = 10, .version = 1, .max_members = 49
	};
	struct group gr;
	int error;

	(void)state;
	fixture_publish(&f); /* 50 members each */
	for (unsigned g = 0; g < f.groups; g++) {
		assert_int_equal(
		    nss.getgrgid(FIRST_GID + g, &gr, big, sizeof(big), &error),
		    NSS_STATUS_SUCCESS);
		assert_null(gr.gr_mem[0]);
	}
	for (unsigned i = 0; i < f.users; i++)
		check_memberships(&f, i);
	f.version = 2;
	f.max_members = 50;
	fixture_publish(&f);
	check_everything(&f);
}

static void
test_initgroups_keeps_what_is_there_and_to_its_limit(void **state)
{
	struct fixture f = { .users = 10, .groups = 10, .version = 1 };

	(void)state;
	fixture_publish(&f);
	for (long limit = 1; limit <= 8; limit++) {
		long used = 1, size = 1, want = limit < 6 ? limit : 6;
		gid_t *list = calloc(1, sizeof(*list));
		int error;

		list[0] = 7;
		assert_int_equal(
		    nss.initgroups("user0", 7, &used, &size, &list, limit, &error),
		    NSS_STATUS_SUCCESS);
		assert_int_equal(used, want);
		assert_true(size >= used && size <= limit);
		assert_int_equal(list[0], 7);
		free(list);
	}
	/* The primary group is the caller's to add. */
	for (unsigned k = 0; k < GROUPS_EACH; k++) {
		long used = 0, size = 0;
		gid_t *list = NULL, skip = FIRST_GID + fixture_group_of(&f, 0, k);
		int error;

		assert_int_equal(
		    nss.initgroups("user0", skip, &used, &size, &list, 0, &error),
		    NSS_STATUS_SUCCESS);
		assert_int_equal(used, GROUPS_EACH - 1);
		for (long i = 0; i < used; i++)
			assert_int_not_equal(list[i], skip);
		free(list);
	}
}

static void
test_errno_of_the_host_is_left_alone(void **state)
{
	struct fixture f = { .users = 10, .groups = 10, .version = 1 };
	struct passwd pw;
	int error = 4711;

	(void)state;
	fixture_publish(&f);
	errno = 4712;
	for (int i = 0; i < 3; i++) {
		if (i == 1) { /* a slow path: look, load */
			f.version = 2;
			fixture_publish(&f);
			errno = 4712;
		}
		assert_int_equal(nss.getpwnam("user1", &pw, big, sizeof(big), &error),
		    NSS_STATUS_SUCCESS);
		assert_int_equal(error, 4711);
		assert_int_equal(errno, 4712);
	}
	fixture_clear();
	errno = 4712;
	assert_int_equal(
	    nss.getpwnam("user1", &pw, big, sizeof(big), &error), NSS_STATUS_UNAVAIL);
	assert_int_equal(error, ENOENT);
	assert_int_equal(errno, 4712);
	assert_int_equal(nss.setpwent(0), NSS_STATUS_UNAVAIL);
	assert_int_equal(
	    nss.getpwent(&pw, big, sizeof(big), &error), NSS_STATUS_UNAVAIL);
	assert_int_equal(fixture_mappings(), 0);
}

/* ---- N5 ---- */

enum { CANARY = 0xa5, GUARD = 64 };

static bool
untouched(const unsigned char *p, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (p[i] != CANARY)
			return false;
	return true;
}

/* Ask with every size of buffer; `ask` returns the status. */
static void
every_size(enum nss_status (*ask)(char *, size_t, int *), size_t most)
{
	CLEANUP(cleanup_free) unsigned char *room = malloc(most + 2 * GUARD + 8);
	bool fitted = false;

	for (size_t shift = 0; shift < 8; shift++)
		for (size_t size = 0; size <= most; size++) {
			char *buf = (char *)room + GUARD + shift;
			enum nss_status status;
			int error = 0;

			memset(room, CANARY, most + 2 * GUARD + 8);
			status = ask(buf, size, &error);
			if (status == NSS_STATUS_SUCCESS) {
				fitted = true;
			} else {
				assert_int_equal(status, NSS_STATUS_TRYAGAIN);
				assert_int_equal(error, ERANGE);
				assert_true(untouched(room, most + 2 * GUARD + 8));
			}
			assert_true(untouched(room, GUARD + shift));
			assert_true(untouched((unsigned char *)buf + size,
			    most + 2 * GUARD + 8 - GUARD - shift - size));
		}
	assert_true(fitted);
}

static enum nss_status
ask_user(char *buf, size_t size, int *error)
{
	struct passwd pw;
	enum nss_status status = nss.getpwnam("user7", &pw, buf, size, error);

	/* Exactly what its strings need, and no byte less. */
	assert_true((status == NSS_STATUS_SUCCESS) ==
	    (size >= sizeof("user7") + sizeof("*") + sizeof("Jörg Nr 7 v1") +
		    sizeof("/home/user7/v1") + sizeof("/bin/sh1")));
	assert_true(status != NSS_STATUS_SUCCESS || passwd_right(&pw, 7, 1));
	return status;
}

static enum nss_status
ask_next_user(char *buf, size_t size, int *error)
{
	struct passwd pw;
	enum nss_status status;

	nss.setpwent(0);
	status = nss.getpwent(&pw, buf, size, error);
	assert_true(status != NSS_STATUS_SUCCESS || passwd_right(&pw, 0, 1));
	return status;
}

static enum nss_status
ask_group(char *buf, size_t size, int *error)
{
	struct fixture f = { .users = 20, .groups = 8, .version = 1 };
	struct group gr;
	enum nss_status status = nss.getgrnam("group-3", &gr, buf, size, error);

	if (status == NSS_STATUS_SUCCESS) {
		assert_int_equal((uintptr_t)gr.gr_mem % _Alignof(char *), 0);
		assert_true(group_right(&gr, &f, 3));
	}
	return status;
}

static enum nss_status
ask_private_group(char *buf, size_t size, int *error)
{
	struct group gr;
	enum nss_status status = nss.getgrgid(FIRST_UID + 3, &gr, buf, size, error);

	assert_true(status != NSS_STATUS_SUCCESS || private_group_right(&gr, 3));
	return status;
}

static void
test_N5_every_size_of_buffer(void **state)
{
	static const struct {
		const char *label;
		struct fixture base;
		bool delta;
		unsigned changed; /* to version 1, by the delta */
	} cases[] = {
		{ "whole", { .users = 20, .groups = 8, .version = 1 }, false, 0 },
		{ "in the base", { .users = 20, .groups = 8, .version = 1 }, true, 0 },
		{ "in the delta", { .users = 20, .groups = 8, .version = 9 }, true,
		    20 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture now = cases[i].base;

		print_message("%s\n", cases[i].label);
		now.changed = cases[i].changed;
		now.newer = 1;
		fixture_publish(&cases[i].base);
		if (cases[i].delta)
			fixture_delta(&cases[i].base, &now, 10);
		every_size(ask_user, 80);
		every_size(ask_next_user, 80);
		every_size(ask_group, 400);
		every_size(ask_private_group, 80);
		nss.endpwent();
	}
}

static void
test_N5_entry_that_did_not_fit_comes_again(void **state)
{
	struct fixture f = { .users = 20, .groups = 8, .version = 1 };
	struct passwd pw;
	int error = 0;

	(void)state;
	fixture_publish(&f);
	nss.setpwent(0);
	for (unsigned i = 0; i < f.users; i++) {
		assert_int_equal(
		    nss.getpwent(&pw, big, 10, &error), NSS_STATUS_TRYAGAIN);
		assert_int_equal(error, ERANGE);
		assert_int_equal(
		    nss.getpwent(&pw, big, sizeof(big), &error), NSS_STATUS_SUCCESS);
		assert_true(passwd_right(&pw, i, 1));
	}
	nss.endpwent();
}

/* ---- N7 ---- */

/* Put something else in place of a good file, which stands beside it. */
#define ASIDE UADM_DIRECTORY_DIR "/.directory.aside"

static bool
place_symlink(void)
{
	return symlink(ASIDE, UADM_DIRECTORY_FILE) == 0;
}

static bool
place_fifo(void)
{
	return mkfifo(UADM_DIRECTORY_FILE, 0644) == 0;
}

static bool
place_directory(void)
{
	return mkdir(UADM_DIRECTORY_FILE, 0755) == 0;
}

static bool
place_device(void)
{
	return mknod(UADM_DIRECTORY_FILE, S_IFCHR | 0644, makedev(1, 5)) == 0;
}

static bool
place_empty(void)
{
	int fd = open(UADM_DIRECTORY_FILE, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	return fd >= 0 && close(fd) == 0;
}

static bool
place_group_writable(void)
{
	return chmod(ASIDE, 0664) == 0 && link(ASIDE, UADM_DIRECTORY_FILE) == 0;
}

static bool
place_writable(void)
{
	return chmod(ASIDE, 0646) == 0 && link(ASIDE, UADM_DIRECTORY_FILE) == 0;
}

static bool
place_foreign(void)
{
	return chown(ASIDE, 12345, 0) == 0 && link(ASIDE, UADM_DIRECTORY_FILE) == 0;
}

static const struct {
	const char *label;
	bool (*place)(void);
	bool needs_root;
} foreign[] = {
	{ "symbolic link", place_symlink, false },
	{ "named pipe", place_fifo, false },
	{ "directory", place_directory, false },
	{ "device", place_device, true },
	{ "empty file", place_empty, false },
	{ "writable by its group", place_group_writable, false },
	{ "writable by all", place_writable, false },
	{ "somebody else's", place_foreign, true },
};

static void
test_N7_what_is_not_ours_is_not_read(void **state)
{
	struct fixture f = { .users = 20, .groups = 8, .version = 1 };
	struct passwd pw;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(foreign); i++) {
		double from;
		int error = 0;

		fixture_clear();
		unlink(ASIDE);
		fixture_publish(&f);
		check_user(&f, 1);
		fixture_mark(1);
		assert_int_equal(rename(UADM_DIRECTORY_FILE, ASIDE), 0);
		if (!foreign[i].place()) {
			print_message("skipped: cannot make a %s here%s\n",
			    foreign[i].label,
			    foreign[i].needs_root ? " (not root)" : "");
			assert_true(foreign[i].needs_root);
			continue;
		}
		from = fixture_seconds();
		if (nss.getpwnam("user1", &pw, big, sizeof(big), &error) !=
			NSS_STATUS_UNAVAIL ||
		    error != EAGAIN || fixture_seconds() - from > 1)
			fail_msg("%s: %s", foreign[i].label, strerror(error));
		assert_int_equal(fixture_mappings(), 0);
	}
	fixture_clear();
	unlink(ASIDE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_N1_every_entry_is_found, clear),
		cmocka_unit_test_setup(test_N1_strangers_are_not_found, clear),
		cmocka_unit_test_setup(
		    test_N1_enumeration_keeps_its_state_of_the_file, clear),
		cmocka_unit_test_setup(
		    test_large_group_is_published_without_its_list, clear),
		cmocka_unit_test_setup(
		    test_initgroups_keeps_what_is_there_and_to_its_limit, clear),
		cmocka_unit_test_setup(test_errno_of_the_host_is_left_alone, clear),
		cmocka_unit_test_setup(test_N5_every_size_of_buffer, clear),
		cmocka_unit_test_setup(
		    test_N5_entry_that_did_not_fit_comes_again, clear),
		cmocka_unit_test_setup(test_N7_what_is_not_ours_is_not_read, clear),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}
