/* What the writer refuses, and what is on disk whatever happens to it. */
#include "libuadm/directory/writer.h"

#include "libuadm/directory/reader.h"
#include "tests/unit/directory/writing.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* Two users, jo 2000 and al 2001, and the group staffers 3000, to which each case adds. */
static enum uadm_code
conflict(const char *user, uid_t uid, const char *group, gid_t gid, uid_t member)
{
	CLEANUP(directory_writer_free) struct directory_writer *w = NULL;
	enum uadm_code c;

	fixture_ok(directory_writer_new(&w, &err), &err);
	fixture_ok(add_user(w, "jo", 2000), &err);
	fixture_ok(add_user(w, "al", 2001), &err);
	fixture_ok(directory_add_group(w, "staffers", 3000, &err), &err);
	if (user != NULL && (c = add_user(w, user, uid)) != UADM_OK)
		return c;
	if (group != NULL && (c = directory_add_group(w, group, gid, &err)) != UADM_OK)
		return c;
	if (member != 0)
		fixture_ok(directory_add_member(w, gid, member, &err), &err);
	return publish(w, 1);
}

static const struct {
	const char *label;
	const char *user;
	uid_t uid;
	const char *group;
	gid_t gid;
	uid_t member;
	enum uadm_code want;
} conflicts[] = {
	{ "nothing wrong", "ed", 2002, "club", 3001, 2002, UADM_OK },
	{ "user name twice", "jo", 2002, NULL, 0, 0, UADM_INVALID },
	{ "uid twice", "ed", 2000, NULL, 0, 0, UADM_INVALID },
	{ "group name twice", NULL, 0, "staffers", 3001, 0, UADM_INVALID },
	{ "gid twice", NULL, 0, "club", 3000, 0, UADM_INVALID },
	{ "group named as a private group", NULL, 0, "jo", 3001, 0, UADM_INVALID },
	{ "user named as a group", "staffers", 2002, NULL, 0, 0, UADM_INVALID },
	{ "gid of a private group", NULL, 0, "club", 2000, 0, UADM_INVALID },
	{ "member who is not there", NULL, 0, NULL, 3000, 2009, UADM_INVALID },
	{ "member before all others", NULL, 0, NULL, 3000, 1999, UADM_INVALID },
	{ "group that is not there", NULL, 0, NULL, 3009, 2000, UADM_INVALID },
	{ "group before all others", NULL, 0, NULL, 2999, 2000, UADM_INVALID },
	{ "member of a private group", NULL, 0, NULL, 2001, 2000, UADM_INVALID },
	{ "root's uid", "ed", 0, NULL, 0, 0, UADM_INVALID },
	{ "system uid", "ed", 999, NULL, 0, 0, UADM_INVALID },
	{ "first uid", "ed", 1000, NULL, 0, 0, UADM_OK },
	{ "nobody", "ed", 65534, NULL, 0, 0, UADM_INVALID },
	{ "uid -1", "ed", (uid_t)-1, NULL, 0, 0, UADM_INVALID },
	{ "system gid", NULL, 0, "club", 27, 0, UADM_INVALID },
	{ "nogroup", NULL, 0, "club", 65534, 0, UADM_INVALID },
	{ "colon in a name", "e:d", 2002, NULL, 0, 0, UADM_INVALID },
	{ "newline in a name", NULL, 0, "cl\nub", 3001, 0, UADM_INVALID },
	{ "empty name", "", 2002, NULL, 0, 0, UADM_INVALID },
};

static void
test_refuses_conflicts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(conflicts); i++) {
		enum uadm_code c = conflict(conflicts[i].user, conflicts[i].uid,
		    conflicts[i].group, conflicts[i].gid, conflicts[i].member);

		if (c != conflicts[i].want)
			fail_msg("%s: %s", conflicts[i].label, uadm_code_name(c));
	}
}

static void
test_refuses_texts_that_break_out(void **state)
{
	CLEANUP(directory_writer_free) struct directory_writer *w = NULL;
	char longest[300];

	(void)state;
	memset(longest, 'x', sizeof(longest) - 1);
	longest[0] = '/';
	longest[sizeof(longest) - 1] = '\0';
	fixture_ok(directory_writer_new(&w, &err), &err);
	const struct directory_user bad[] = {
		{ "jo", 2000, "Jo\nroot:x:0:0", "/home/jo", "/bin/sh" },
		{ "jo", 2000, "Jo \x1b[31m", "/home/jo", "/bin/sh" },
		{ "jo", 2000, "Jo \xff", "/home/jo", "/bin/sh" },
		{ "jo", 2000, longest, "/home/jo", "/bin/sh" },
		{ "jo", 2000, "Jo", "/home:/root", "/bin/sh" },
		{ "jo", 2000, "Jo", longest, "/bin/sh" },
		{ "jo", 2000, "Jo", "/home/jo", "/bin/sh\n" },
		{ "jo", 2000, "Jo", "/home/jo", longest },
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(directory_add_user(w, &bad[i], &err), UADM_INVALID);
}

static void
test_colon_in_display_name_becomes_space(void **state)
{
	CLEANUP(directory_writer_free) struct directory_writer *w = NULL;
	struct directory_view v;
	struct directory_entry e;

	(void)state;
	fixture_ok(directory_writer_new(&w, &err), &err);
	fixture_ok(
	    directory_add_user(
		w, &(struct directory_user){ "jo", 2000, "Dr: Jo:", "/h", "/s" }, &err),
	    &err);
	fixture_ok(publish(w, 1), &err);
	assert_int_equal(directory_open(&v), 0);
	assert_int_equal(directory_by_name(&v, "jo", &e), DIRECTORY_FOUND);
	assert_int_equal(e.gecos_len, 7);
	assert_memory_equal(e.gecos, "Dr  Jo ", 8);
	directory_close(&v);
}

static void
test_membership_said_twice_is_one(void **state)
{
	CLEANUP(directory_writer_free) struct directory_writer *w = NULL;
	struct directory_view v;
	struct directory_entry e;

	(void)state;
	fixture_ok(directory_writer_new(&w, &err), &err);
	fixture_ok(add_user(w, "jo", 2000), &err);
	fixture_ok(directory_add_group(w, "club", 3000, &err), &err);
	fixture_ok(directory_add_member(w, 3000, 2000, &err), &err);
	fixture_ok(directory_add_member(w, 3000, 2000, &err), &err);
	fixture_ok(publish(w, 1), &err);
	assert_int_equal(directory_open(&v), 0);
	assert_int_equal(directory_by_name(&v, "club", &e), DIRECTORY_FOUND);
	assert_int_equal(e.member_count, 1);
	assert_int_equal(directory_by_name(&v, "jo", &e), DIRECTORY_FOUND);
	assert_int_equal(e.gid_count, 1);
	directory_close(&v);
}

static void
test_empty_directory(void **state)
{
	CLEANUP(directory_writer_free) struct directory_writer *w = NULL;
	struct directory_view v;
	struct directory_entry e;
	uint64_t offset = 0;

	(void)state;
	fixture_ok(directory_writer_new(&w, &err), &err);
	fixture_ok(publish(w, 1), &err);
	assert_int_equal(directory_open(&v), 0);
	assert_int_equal(directory_by_name(&v, "jo", &e), DIRECTORY_NOT_FOUND);
	assert_int_equal(directory_by_id(&v, 2000, &e), DIRECTORY_NOT_FOUND);
	assert_int_equal(directory_next(&v, true, &offset, &e), DIRECTORY_NOT_FOUND);
	directory_close(&v);
}

static void
test_generation_only_grows(void **state)
{
	struct fixture f = { .users = 10, .groups = 10, .version = 7 };
	CLEANUP(directory_writer_free) struct directory_writer *w = fixture_writer(&f);
	uint64_t generation;

	(void)state;
	assert_int_equal(
	    directory_generation(UADM_DIRECTORY_DIR, geteuid(), &generation, &err),
	    UADM_NOT_FOUND);
	fixture_ok(publish(w, 7), &err);
	assert_int_equal(published_generation(), 7);
	assert_int_equal(publish(w, 6), UADM_INVALID);
	assert_int_equal(published_generation(), 7);
	fixture_ok(publish(w, 7), &err); /* the same again: a repair */
	fixture_ok(publish(w, 8), &err);
	assert_int_equal(published_generation(), 8);
}

static void
test_damaged_newer_generation_is_replaced(void **state)
{
	struct fixture f = { .users = 10, .groups = 10, .version = 9 };
	CLEANUP(directory_writer_free) struct directory_writer *w = fixture_writer(&f);
	CLEANUP(cleanup_free) unsigned char *bytes = NULL;
	struct directory_state before;
	uint64_t generation;
	size_t size;

	(void)state;
	fixture_publish(&f);
	bytes = fixture_read(&size);
	bytes[size - 20] ^= 1; /* no header tells of this */
	fixture_put(bytes, size, true);
	assert_int_equal(
	    directory_generation(UADM_DIRECTORY_DIR, geteuid(), &generation, &err),
	    UADM_UNAVAILABLE);
	fixture_ok(directory_state(UADM_DIRECTORY_DIR, geteuid(), &before, &err), &err);
	assert_int_equal(before.generation, 9);
	fixture_ok(publish(w, 5), &err);
	assert_int_equal(published_generation(), 5);
}

/* What is asked after every command reads the headers and a delta, which tell a cut or a damaged
 * head. */
static void
test_header_generation(void **state)
{
	static const struct {
		const char *label;
		size_t cut, flip;
	} cases[] = { { "cut", 20, 0 }, { "generation", 0, 16 }, { "magic", 0, 1 },
		{ "size", 0, 40 } };
	struct fixture f = { .users = 10, .groups = 10, .version = 9 };
	struct directory_state now;

	(void)state;
	assert_int_equal(
	    directory_state(UADM_DIRECTORY_DIR, geteuid(), &now, &err), UADM_NOT_FOUND);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(cleanup_free) unsigned char *bytes = NULL;
		size_t size;

		fixture_publish(&f);
		bytes = fixture_read(&size);
		if (cases[i].flip != 0)
			bytes[cases[i].flip] ^= 1;
		fixture_put(bytes, size - cases[i].cut, true);
		if (directory_state(UADM_DIRECTORY_DIR, geteuid(), &now, &err) !=
		    UADM_UNAVAILABLE)
			fail_msg("%s: not noticed", cases[i].label);
	}
}

static void
test_modes_whatever_the_umask(void **state)
{
	struct fixture f = { .users = 3, .groups = 10, .version = 1 };
	mode_t mask = umask(0777);
	struct stat st;

	(void)state;
	fixture_publish(&f);
	umask(mask);
	assert_int_equal(lstat(UADM_DIRECTORY_FILE, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
}

static void
test_unsafe_directory_is_refused(void **state)
{
	struct fixture f = { .users = 3, .groups = 10, .version = 1 };
	CLEANUP(directory_writer_free) struct directory_writer *w = fixture_writer(&f);

	(void)state;
	assert_int_equal(chmod(UADM_DIRECTORY_DIR, 0775), 0);
	assert_int_equal(publish(w, 1), UADM_UNAVAILABLE);
	assert_int_equal(chmod(UADM_DIRECTORY_DIR, 0755), 0);
	assert_int_equal(publish(w, 1), UADM_OK);
}

static void
test_full_disk_leaves_the_old_file(void **state)
{
	struct fixture f = { .users = 500, .groups = 10, .version = 1 };
	CLEANUP(directory_writer_free) struct directory_writer *w = fixture_writer(&f);
	struct rlimit all, few;
	uint32_t stale = 1;
	int fd;

	(void)state;
	fixture_publish(&f);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &all), 0);
	few = all;
	few.rlim_cur = 20000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &few), 0);
	assert_int_equal(publish(w, 2), UADM_UNAVAILABLE);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &all), 0);
	assert_int_equal(published_generation(), 1);
	assert_int_equal(leftovers(), 0);
	fd = open(UADM_DIRECTORY_FILE, O_RDONLY | O_CLOEXEC);
	assert_int_equal(pread(fd, &stale, sizeof(stale), DIRECTORY_STALE_AT), 4);
	assert_int_equal(stale, 0);
	close(fd);
}

static void
test_killed_writers_leave_a_sound_file(void **state)
{
	struct fixture f = { .users = 300, .groups = 10, .version = 1 };

	(void)state;
	fixture_publish(&f);
	for (unsigned i = 0; i < 40 || f.version == 1; i++) {
		pid_t pid;

		f.version = (unsigned)published_generation();
		if ((pid = fork()) == 0)
			for (;; f.version++)
				fixture_publish(&f);
		fixture_pause_ms(1 + i % 20);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		assert_true(published_generation() >= f.version);
	}
	f.version = (unsigned)published_generation() + 1;
	fixture_publish(&f);
	assert_int_equal(leftovers(), 0);
}

static void
test_lock_waits_for_its_turn(void **state)
{
	CLEANUP(cleanup_fd) int lock = -1;
	struct stat st;
	double from;
	pid_t pid;
	int ready[2], held;
	char byte;

	(void)state;
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	if ((pid = fork()) == 0) {
		if (directory_lock(UADM_DIRECTORY_DIR, geteuid(), &held, &err) !=
			UADM_OK ||
		    write(ready[1], "", 1) != 1)
			_exit(1);
		fixture_pause_ms(200);
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	from = fixture_seconds();
	fixture_ok(directory_lock(UADM_DIRECTORY_DIR, geteuid(), &lock, &err), &err);
	assert_true(fixture_seconds() - from > 0.1);
	assert_int_equal(fstat(lock, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	waitpid(pid, NULL, 0);
	close(ready[0]);
	close(ready[1]);
}

static void
test_lock_gives_up_after_five_seconds(void **state)
{
	CLEANUP(cleanup_fd) int lock = -1;
	int second = -1;
	double from;

	(void)state;
	fixture_ok(directory_lock(UADM_DIRECTORY_DIR, geteuid(), &lock, &err), &err);
	from = fixture_seconds();
	assert_int_equal(
	    directory_lock(UADM_DIRECTORY_DIR, geteuid(), &second, &err), UADM_BUSY);
	assert_in_range((unsigned)(fixture_seconds() - from), 4, 6);
	assert_int_equal(second, -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_refuses_conflicts, clear),
		cmocka_unit_test_setup(test_refuses_texts_that_break_out, clear),
		cmocka_unit_test_setup(test_colon_in_display_name_becomes_space, clear),
		cmocka_unit_test_setup(test_membership_said_twice_is_one, clear),
		cmocka_unit_test_setup(test_empty_directory, clear),
		cmocka_unit_test_setup(test_generation_only_grows, clear),
		cmocka_unit_test_setup(
		    test_damaged_newer_generation_is_replaced, clear),
		cmocka_unit_test_setup(test_header_generation, clear),
		cmocka_unit_test_setup(test_modes_whatever_the_umask, clear),
		cmocka_unit_test_setup(test_unsafe_directory_is_refused, clear),
		cmocka_unit_test_setup(test_full_disk_leaves_the_old_file, clear),
		cmocka_unit_test_setup(test_killed_writers_leave_a_sound_file, clear),
		cmocka_unit_test_setup(test_lock_waits_for_its_turn, clear),
		cmocka_unit_test_setup(test_lock_gives_up_after_five_seconds, clear),
	};

	return cmocka_run_group_tests(tests, fixture_lock, NULL);
}
