/*
 * The module over a base and a delta: the answers of one directory (N1), whatever has changed since
 * the base; a base that is not ours or not there (N7); hosts at their limits (N4).
 */
#include "tests/module/nss_module.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static const struct fixture base = { .users = 200, .groups = 20, .version = 1 };

static const struct {
	const char *label;
	unsigned users, changed;
} deltas[] = {
	{ "nothing changed", 200, 0 },
	{ "one changed", 200, 1 },
	{ "many changed", 200, 150 },
	{ "all changed", 200, 200 },
	{ "one more", 201, 1 },
	{ "one less", 199, 1 },
	{ "many more", 300, 40 },
	{ "many less", 60, 40 },
};

/* Who has gone is nobody: by name, by id, as a user, as a group, as a member. */
static void
check_gone(unsigned user)
{
	char name[32];
	struct passwd pw;
	struct group gr;
	long used = 0, size = 0;
	gid_t *list = NULL;
	int error = 0;

	snprintf(name, sizeof(name), "user%u", user);
	assert_int_equal(
	    nss.getpwnam(name, &pw, big, sizeof(big), &error), NSS_STATUS_NOTFOUND);
	assert_int_equal(nss.getpwuid(FIRST_UID + user, &pw, big, sizeof(big), &error),
	    NSS_STATUS_NOTFOUND);
	assert_int_equal(
	    nss.getgrnam(name, &gr, big, sizeof(big), &error), NSS_STATUS_NOTFOUND);
	assert_int_equal(nss.getgrgid(FIRST_UID + user, &gr, big, sizeof(big), &error),
	    NSS_STATUS_NOTFOUND);
	assert_int_equal(nss.initgroups(name, 0, &used, &size, &list, 0, &error),
	    NSS_STATUS_NOTFOUND);
}

static void
test_N1_base_and_delta_are_one_directory(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(deltas); i++) {
		struct fixture now = base;

		print_message("%s\n", deltas[i].label);
		now.users = deltas[i].users;
		now.changed = deltas[i].changed;
		now.newer = 7;
		fixture_publish(&base);
		fixture_delta(&base, &now, 2);
		assert_int_equal(fixture_state().base_generation, 1);
		check_everything(&now);
		for (unsigned user = now.users; user < base.users; user++)
			check_gone(user);
		assert_int_equal(fixture_mappings(), 2);
	}
}

/* One delta follows another: each is to the base, and what was there before counts no more. */
static void
test_N1_deltas_follow_each_other(void **state)
{
	struct fixture now = base;

	(void)state;
	fixture_publish(&base);
	for (unsigned i = 0; i < 40; i++) {
		now.newer = i + 2;
		now.changed = 1 + i * 7 % 50;
		now.users = base.users + i * 13 % 30 - 15;
		fixture_delta(&base, &now, i + 2);
		assert_int_equal(fixture_state().generation, i + 2);
		assert_int_equal(fixture_files("base."), 1);
		check_user(&now, i % now.users);
		check_group(&now, i % now.groups);
	}
	check_everything(&now);
	assert_int_equal(fixture_mappings(), 2);
	now.version = 100;
	now.changed = 0;
	fixture_publish(&now);
	assert_int_equal(fixture_files("base."), 0);
	check_everything(&now);
	assert_int_equal(fixture_mappings(), 1);
}

/* A name that was somebody's is another's: by it the new one is found, by the old number nobody. */
static void
test_N1_name_given_again(void **state)
{
	struct fixture few = { .users = 20, .groups = 6, .version = 1 };
	CLEANUP(directory_writer_free) struct directory_writer *w = NULL;
	struct uadm_err err;
	struct passwd pw;
	struct group gr;
	int error = 0;

	(void)state;
	fixture_publish(&few);
	fixture_ok(directory_writer_new(&w, &err), &err);
	fixture_ok(directory_add_gone(w, FIRST_UID + 3, &err), &err);
	fixture_ok(directory_add_gone(w, FIRST_UID + 4, &err), &err);
	fixture_ok(
	    directory_add_user(w,
		&(struct directory_user){ "user3", 33333, "", "/home/new", "/bin/sh" },
		&err),
	    &err);
	fixture_ok(directory_add_group(w, "user4", 44444, &err), &err);
	assert_true(fixture_put_delta(w, 2));
	assert_int_equal(
	    nss.getpwnam("user3", &pw, big, sizeof(big), &error), NSS_STATUS_SUCCESS);
	assert_int_equal(pw.pw_uid, 33333);
	assert_int_equal(nss.getpwuid(FIRST_UID + 3, &pw, big, sizeof(big), &error),
	    NSS_STATUS_NOTFOUND);
	assert_int_equal(
	    nss.getpwnam("user4", &pw, big, sizeof(big), &error), NSS_STATUS_NOTFOUND);
	assert_int_equal(
	    nss.getgrnam("user4", &gr, big, sizeof(big), &error), NSS_STATUS_SUCCESS);
	assert_int_equal(gr.gr_gid, 44444);
	assert_int_equal(nss.getgrgid(FIRST_UID + 4, &gr, big, sizeof(big), &error),
	    NSS_STATUS_NOTFOUND);
	check_user(&few, 5);
}

/* A walk goes on in the state in which it began, over another delta and a new base. */
static void
test_N1_enumeration_keeps_its_delta(void **state)
{
	struct fixture now = base, later = base;
	struct passwd pw;
	int error;

	(void)state;
	fixture_publish(&base);
	now.changed = now.newer = 50;
	fixture_delta(&base, &now, 2);
	assert_int_equal(nss.setpwent(0), NSS_STATUS_SUCCESS);
	for (unsigned n = 0; n < now.users; n++) {
		later.newer = later.changed = 60 + n;
		if (n == 100)
			fixture_delta(&base, &later, 3);
		later.changed = 0;
		later.version = 4;
		if (n == 170)
			fixture_publish(&later);
		assert_int_equal(
		    nss.getpwent(&pw, big, sizeof(big), &error), NSS_STATUS_SUCCESS);
		assert_true(passwd_right(&pw, pw.pw_uid - FIRST_UID,
		    fixture_version(&now, pw.pw_uid - FIRST_UID)));
	}
	assert_int_equal(
	    nss.getpwent(&pw, big, sizeof(big), &error), NSS_STATUS_NOTFOUND);
	check_user(&later, 1);
	assert_int_equal(fixture_mappings(), 3);
	nss.endpwent();
	assert_int_equal(fixture_mappings(), 1);
}

static void
test_large_group_in_a_delta(void **state)
{
	struct fixture f = base, now = base;
	struct group gr;
	int error;

	(void)state;
	f.max_members = now.max_members = 50; /* 50 members each */
	now.users = 204;
	now.newer = 9;
	now.changed = 1;
	fixture_publish(&f);
	check_everything(&f);
	fixture_delta(&f, &now, 2);
	for (unsigned g = 0; g < now.groups; g++) {
		unsigned members = 0;

		for (unsigned user = 0; user < now.users; user++)
			members += is_member(&now, user, g);
		assert_int_equal(
		    nss.getgrgid(FIRST_GID + g, &gr, big, sizeof(big), &error),
		    NSS_STATUS_SUCCESS);
		assert_true(
		    members > 50 ? gr.gr_mem[0] == NULL : group_right(&gr, &now, g));
	}
	for (unsigned i = 0; i < now.users; i++)
		check_memberships(&now, i);
}

/* ---- N7: the base is looked at as the entry is ---- */

static char base_at[200];
#define ASIDE UADM_DIRECTORY_DIR "/.directory.aside"

static bool
place_nothing(void)
{
	return true;
}

static bool
place_symlink(void)
{
	return symlink(ASIDE, base_at) == 0;
}

static bool
place_fifo(void)
{
	return mkfifo(base_at, 0644) == 0;
}

static bool
place_writable(void)
{
	return chmod(ASIDE, 0646) == 0 && link(ASIDE, base_at) == 0;
}

static bool
place_foreign(void)
{
	return chown(ASIDE, 12345, 0) == 0 && link(ASIDE, base_at) == 0;
}

/* A whole file, sound and ours, but not that one. */
static bool
place_another(void)
{
	struct fixture other = base;
	CLEANUP(cleanup_free) unsigned char *delta = NULL;
	CLEANUP(cleanup_free) unsigned char *whole = NULL;
	size_t delta_size, whole_size;

	delta = fixture_read(&delta_size);
	other.version = 50;
	fixture_publish(&other);
	whole = fixture_read(&whole_size);
	fixture_put(delta, delta_size, true);
	fixture_put_file(base_at, whole, whole_size, false);
	return true;
}

static bool
place_the_delta(void)
{
	return link(UADM_DIRECTORY_FILE, base_at) == 0;
}

static const struct {
	const char *label;
	bool (*place)(void);
	bool needs_root;
} foreign[] = {
	{ "nothing", place_nothing, false },
	{ "symbolic link", place_symlink, false },
	{ "named pipe", place_fifo, false },
	{ "writable by all", place_writable, false },
	{ "somebody else's", place_foreign, true },
	{ "another whole file", place_another, false },
	{ "the delta itself", place_the_delta, false },
};

static void
test_N7_a_base_that_is_not_ours_is_not_read(void **state)
{
	struct fixture now = base;
	struct passwd pw;

	(void)state;
	now.changed = now.newer = 5;
	for (size_t i = 0; i < ARRAY_LEN(foreign); i++) {
		int error = 0;

		if (foreign[i].needs_root && geteuid() != 0) {
			print_message("skipped: %s (not root)\n", foreign[i].label);
			continue;
		}
		fixture_clear();
		unlink(ASIDE);
		fixture_publish(&base);
		fixture_delta(&base, &now, 2);
		snprintf(base_at, sizeof(base_at), "%s", fixture_base_path());
		check_user(&now, 7);
		fixture_mark(1);
		assert_int_equal(rename(base_at, ASIDE), 0);
		assert_true(foreign[i].place());
		for (unsigned user = 1; user < 10; user += 5) {
			char name[32];

			snprintf(name, sizeof(name), "user%u", user);
			if (nss.getpwnam(name, &pw, big, sizeof(big), &error) !=
				NSS_STATUS_UNAVAIL ||
			    error != EAGAIN)
				fail_msg("%s: %s", foreign[i].label, strerror(error));
		}
		assert_int_equal(fixture_mappings(), 0);
		unlink(base_at);
	}
	unlink(ASIDE);
}

/* ---- N4 ---- */

static void
in_child(bool (*test)(const struct fixture *), const struct fixture *f)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0)
		_exit(test(f) ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static bool
without_address_space(const struct fixture *now)
{
	const struct rlimit none = { 0, RLIM_INFINITY };
	unsigned before = fixture_descriptors();
	struct passwd pw;
	unsigned n = 0;
	int error;

	if (setrlimit(RLIMIT_AS, &none) != 0)
		return false;
	for (unsigned user = 0; user < now->users; user++) {
		char name[32];

		snprintf(name, sizeof(name), "user%u", user);
		if (nss.getpwnam(name, &pw, big, sizeof(big), &error) !=
			NSS_STATUS_SUCCESS ||
		    !passwd_right(&pw, user, fixture_version(now, user)))
			return false;
	}
	nss.setpwent(0);
	while (nss.getpwent(&pw, big, sizeof(big), &error) == NSS_STATUS_SUCCESS)
		if (n++ > now->users ||
		    !passwd_right(&pw, pw.pw_uid - FIRST_UID,
			fixture_version(now, pw.pw_uid - FIRST_UID)))
			return false;
	nss.endpwent();
	return n == now->users && fixture_mappings() == 0 &&
	    fixture_descriptors() == before;
}

static void
test_N4_no_address_space(void **state)
{
	struct fixture now = base;

	(void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	print_message("skipped: a sanitizer cannot do without address space\n");
	skip();
#endif
	now.changed = now.newer = 50;
	now.users = 180;
	fixture_publish(&base);
	fixture_delta(&base, &now, 2);
	in_child(without_address_space, &now);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_N1_base_and_delta_are_one_directory, clear),
		cmocka_unit_test_setup(test_N1_deltas_follow_each_other, clear),
		cmocka_unit_test_setup(test_N1_name_given_again, clear),
		cmocka_unit_test_setup(test_N1_enumeration_keeps_its_delta, clear),
		cmocka_unit_test_setup(test_large_group_in_a_delta, clear),
		cmocka_unit_test_setup(
		    test_N7_a_base_that_is_not_ours_is_not_read, clear),
		cmocka_unit_test_setup(test_N4_no_address_space, clear),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}
