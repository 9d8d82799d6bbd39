/* Names and numbers, users and groups: what the rows promise. */
#include "libuadm/store/groups.h"
#include "libuadm/store/sessions.h"
#include "tests/unit/store/stores.h"

static void
test_numbers(void **state)
{
	STORE *st = open_store();
	struct uadm_err err;
	int64_t id;

	(void)state;
	CHECK_OK(numbers_next(st, 30000, 30003, &id, &err));
	CHECK_EQ(id, 30000, "first");
	add_user(st, 30000, "a");
	add_user(st, 30002, "b");
	CHECK_OK(numbers_next(st, 30000, 30003, &id, &err));
	CHECK_EQ(id, 30003, "after the highest");
	add_user(st, 30003, "c");
	CHECK_OK(numbers_next(st, 30000, 30003, &id, &err));
	CHECK_EQ(id, 30001, "the gap, once the end is reached");
	add_user(st, 30001, "d");
	CHECK_FAILS(UADM_UNAVAILABLE, numbers_next(st, 30000, 30003, &id, &err));
	CHECK_HAS(err.msg, "from 30000 to 30003");
	CHECK_OK(numbers_next(st, 20000, 20009, &id, &err));
	CHECK_EQ(id, 20000, "another range");
	CHECK_FAILS(UADM_UNAVAILABLE, numbers_next(st, 30000, 30003, &id, &err));
	CHECK_OK(numbers_next(st, 30000, 30004, &id, &err));
	CHECK_EQ(id, 30004, "a wider one");

	/* Nobody's: 65534 is nobody, 65535 is (uid16_t)-1. */
	CHECK_OK(numbers_next(st, 65534, 65540, &id, &err));
	CHECK_EQ(id, 65536, "skipped at the start");
	add_user(st, 65533, "e");
	CHECK_OK(numbers_next(st, 65530, 65540, &id, &err));
	CHECK_EQ(id, 65536, "skipped on the way");
	CHECK_FAILS(UADM_UNAVAILABLE, numbers_next(st, 65534, 65535, &id, &err));
	add_user(st, 65540, "f");
	CHECK_OK(numbers_next(st, 65533, 65540, &id, &err));
	CHECK_EQ(id, 65536, "skipped in a gap");
}

static void
test_giving(void **state)
{
	static const struct {
		int64_t id;
		const char *name;
		enum uadm_code want;
		const char *says;
	} cases[] = {
		{ 999, "x", UADM_INVALID, "999 is not one" },
		{ 0, "x", UADM_INVALID, NULL },
		{ -1, "x", UADM_INVALID, NULL },
		{ 65534, "x", UADM_INVALID, NULL },
		{ 65535, "x", UADM_INVALID, NULL },
		{ 2147483647, "x", UADM_INVALID, NULL },
		{ 4294967295, "x", UADM_INVALID, NULL },
		{ 30000, "x", UADM_EXISTS, "belongs to the user \"taken\"" },
		{ 30001, "taken", UADM_EXISTS, "\"taken\" belongs to a user" },
		{ 30002, "x", UADM_EXISTS, "belonged to the user \"gone\"" },
		{ 30003, "gone", UADM_OK, NULL }, /* the name, not the number */
		{ 1000, "least", UADM_OK, NULL },
		{ 2147483646, "most", UADM_OK, NULL },
	};
	STORE *st = open_store();
	struct uadm_err err;
	char name[UADM_NAME_SIZE];
	int64_t id;
	bool was;

	(void)state;
	add_user(st, 30000, "taken");
	add_user(st, 30002, "gone");
	CHECK_OK(users_delete(st, 30002, &err));
	CHECK_OK(numbers_release(st, 30002, 9, &err));
	CHECK_OK(number_was_users(st, 30002, name, sizeof(name), &was, &err));
	assert_true(was);
	assert_string_equal(name, "gone");
	CHECK_OK(number_who_left(st, "gone", &id, &err));
	CHECK_EQ(id, 30002, "gone");
	CHECK_OK(number_who_left(st, "taken", &id, &err));
	CHECK_EQ(id, 0, "taken: is there");
	CHECK_OK(number_who_left(st, "nobody-here", &id, &err));
	CHECK_EQ(id, 0, "nobody-here");
	CHECK_OK(number_was_users(st, 30000, name, sizeof(name), &was, &err));
	assert_false(was); /* is there */
	CHECK_OK(number_was_users(st, 30009, name, sizeof(name), &was, &err));
	assert_false(was);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK_EQ(
		    numbers_give(st, NUMBER_GROUP, cases[i].id, cases[i].name, 1, &err),
		    cases[i].want, cases[i].name);
		if (cases[i].says != NULL)
			CHECK_HAS(err.msg, cases[i].says);
	}
}

static void
note(void *arg, const char *what)
{
	size_t used = strlen(arg);

	snprintf((char *)arg + used, 400 - used, "%s;", what);
}

static void
test_numbers_check(void **state)
{
	char found[400] = "";
	struct uadm_err err;

	(void)state;
	STORE *st = open_store();
	add_user(st, 30000, "alice");
	add_user(st, 30001, "bob");
	CHECK_OK(numbers_check(st, note, found, &err));
	CHECK_TEXT(found, "", "sound");
	store_close(&st);
	raw_sql("PRAGMA foreign_keys = OFF; DELETE FROM published WHERE name = 'alice';"
		"DELETE FROM user WHERE name = 'bob'");
	st = open_store();
	CHECK_OK(numbers_check(st, note, found, &err));
	CHECK_HAS(found, "the user alice (30000) is not published");
	CHECK_HAS(found, "the name bob is published for nobody");
}

static void
test_user_round_trip(void **state)
{
	STORE *st = open_store();
	struct user u = plain_user(30000, "alice"), back;
	struct uadm_err err;
	TXN t = { 0 };

	(void)state;
	strcpy(u.first_name, "Al'ice");
	strcpy(u.last_name, "\"; --");
	strcpy(u.display_name, "\xe6\x9d\xb1");
	strcpy(u.email, "a@example.org");
	strcpy(u.mobile, "+436601234567");
	strcpy(u.time_zone, "UTC");
	strcpy(u.reason, "r");
	strcpy(u.owner, "o");
	u.review_by = 11;
	u.suspended_at = 12;
	u.valid_from = 13;
	u.expires_at = 14;
	u.must_change = true;
	u.keep_sessions = true;
	u.suspended_by_root = true;
	CHECK_OK(txn_begin(&t, st, &err));
	insert_user(st, &u);
	CHECK_OK(txn_commit(&t, &err));
	CHECK_OK(users_get(st, "alice", &back, &err));
	assert_memory_equal(&back, &u, sizeof(u));
	CHECK_OK(users_get_uid(st, 30000, &back, &err));
	assert_memory_equal(&back, &u, sizeof(u));
	CHECK_FAILS(UADM_NOT_FOUND, users_get_uid(st, 30001, &back, &err));

	u = plain_user(30000, "alice");
	memset(u.home + 1, 'h', sizeof(u.home) - 2);
	CHECK_OK(users_update(st, &u, &err));
	CHECK_OK(users_get(st, "alice", &back, &err));
	assert_memory_equal(&back, &u, sizeof(u));
	CHECK_FAILS(UADM_NOT_FOUND, users_get(st, "Alice", &back, &err));
	CHECK_FAILS(UADM_NOT_FOUND, users_get(st, "", &back, &err));
	CHECK_FAILS(UADM_NOT_FOUND, users_get(st, "alice' OR '1", &back, &err));

	CHECK_OK(users_delete(st, 30000, &err));
	CHECK_FAILS(UADM_NOT_FOUND, users_get(st, "alice", &back, &err));
}

static void
test_email_is_unique(void **state)
{
	STORE *st = open_store();
	struct user u = plain_user(30000, "alice"), v = plain_user(30001, "bob");
	struct uadm_err err;

	(void)state;
	add_user(st, 30000, "alice");
	add_user(st, 30001, "bob"); /* two without one */
	strcpy(u.email, "Alice@Example.org");
	CHECK_OK(users_update(st, &u, &err));
	CHECK_OK(users_update(st, &u, &err)); /* one's own */
	strcpy(v.email, "aLICE@eXAMPLE.ORG");
	CHECK_FAILS(UADM_EXISTS, users_update(st, &v, &err));
	CHECK_HAS(err.msg, "belongs to the user \"alice\"");
	strcpy(v.email, "alice@example.com");
	CHECK_OK(users_update(st, &v, &err));
}

static void
test_verifiers(void **state)
{
	STORE *st = open_store();
	struct verifier a = { "one" }, b = { "two" }, v;
	struct user u;
	struct uadm_err err;
	bool yes;

	(void)state;
	add_user(st, 30000, "alice");
	CHECK_OK(users_verifier(st, 30000, &v, &yes, &err));
	assert_false(yes);
	CHECK_OK(users_set_verifier(st, 30000, &a, 5, &err));
	CHECK_OK(users_swap_verifier(st, 30000, &b, &b, &yes, &err));
	assert_false(yes); /* it is not `b` */
	CHECK_OK(users_swap_verifier(st, 30000, &a, &b, &yes, &err));
	assert_true(yes);
	CHECK_OK(users_verifier(st, 30000, &v, &yes, &err));
	CHECK_TEXT(v.text, "two", "swapped");
	CHECK_OK(users_get(st, "alice", &u, &err));
	CHECK_EQ(u.password_changed_at, 5, "a rehash is no change");
	assert_true(u.password_set);
}

struct seen {
	char text[400];
};

static enum uadm_code
see_user(void *arg, const struct user_row *row, struct uadm_err *err)
{
	struct seen *s = arg;
	size_t used = strlen(s->text);

	(void)err;
	snprintf(s->text + used, sizeof(s->text) - used, "%s[%s]%d ", row->user.name,
	    row->groups, (int)row->failures);
	return UADM_OK;
}

static enum uadm_code
see_group(void *arg, const struct group *g, struct uadm_err *err)
{
	struct seen *s = arg;
	size_t used = strlen(s->text);

	(void)err;
	snprintf(
	    s->text + used, sizeof(s->text) - used, "%s:%d ", g->name, (int)g->members);
	return UADM_OK;
}

static enum uadm_code
see_member(void *arg, const char *name, struct uadm_err *err)
{
	(void)err;
	note(arg, name);
	return UADM_OK;
}

static void
add_group(struct store *st, gid_t gid, const char *name)
{
	struct group g = { .gid = gid, .created_at = 1 };
	struct uadm_err err;
	TXN t = { 0 };

	snprintf(g.name, sizeof(g.name), "%s", name);
	CHECK_OK(txn_begin(&t, st, &err));
	CHECK_OK(numbers_give(st, NUMBER_GROUP, gid, name, 1, &err));
	CHECK_OK(groups_insert(st, &g, &err));
	CHECK_OK(txn_commit(&t, &err));
}

static void
test_lists(void **state)
{
	static const struct {
		struct user_filter f;
		const char *want;
	} cases[] = {
		{ { 0 }, "alice[red,zebra]0 bob[zebra]0 carol[]0 " },
		{ { .bare = true }, "alice[]0 bob[]0 carol[]0 " },
		{ { .name = "bob" }, "bob[zebra]0 " },
		{ { .name = "nobody" }, "" },
		{ { .group = "red" }, "alice[red,zebra]0 " },
		{ { .group = "zebra" }, "alice[red,zebra]0 bob[zebra]0 " },
		{ { .group = "none" }, "" },
		{ { .kind = "service" }, "carol[]0 " },
		{ { .kind = "person", .group = "red" }, "alice[red,zebra]0 " },
		{ { .name = "bob", .kind = "service" }, "" },
	};
	STORE *st = open_store();
	struct user carol = plain_user(30002, "carol");
	struct uadm_err err;
	struct seen s = { "" };
	struct group g;
	bool changed;
	int64_t n;

	(void)state;
	add_user(st, 30001, "bob");
	add_user(st, 30000, "alice");
	carol.kind = USER_SERVICE;
	{
		TXN t = { 0 };

		CHECK_OK(txn_begin(&t, st, &err));
		insert_user(st, &carol);
		CHECK_OK(txn_commit(&t, &err));
	}
	add_group(st, 20000, "zebra");
	add_group(st, 20001, "red");
	CHECK_OK(groups_add_member(st, 20000, 30000, &changed, &err));
	assert_true(changed);
	CHECK_OK(groups_add_member(st, 20000, 30000, &changed, &err));
	assert_false(changed);
	CHECK_OK(groups_add_member(st, 20000, 30001, &changed, &err));
	CHECK_OK(groups_add_member(st, 20001, 30000, &changed, &err));
	CHECK_FAILS(UADM_INVALID, groups_add_member(st, 20001, 30009, &changed, &err));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		s.text[0] = '\0';
		CHECK_OK(users_each(st, &cases[i].f, see_user, &s, &err));
		CHECK_TEXT(s.text, cases[i].want, cases[i].want);
	}
	CHECK_OK(users_count(st, &n, &err));
	CHECK_EQ(n, 3, "count");

	s.text[0] = '\0';
	CHECK_OK(groups_each(st, 0, see_group, &s, &err));
	CHECK_TEXT(s.text, "red:1 zebra:2 ", "by name");
	s.text[0] = '\0';
	CHECK_OK(groups_each(st, 1, see_group, &s, &err));
	CHECK_TEXT(s.text, "zebra:2 ", "the largest");
	s.text[0] = '\0';
	CHECK_OK(groups_each_member(st, 20000, see_member, s.text, &err));
	CHECK_TEXT(s.text, "alice;bob;", "members");

	CHECK_OK(groups_remove_member(st, 20000, 30001, &changed, &err));
	assert_true(changed);
	CHECK_OK(groups_remove_member(st, 20000, 30001, &changed, &err));
	assert_false(changed);
	CHECK_OK(users_delete(st, 30000, &err)); /* and all memberships */
	CHECK_OK(groups_get(st, "red", &g, &err));
	CHECK_EQ(g.members, 0, "members left");
	CHECK_OK(groups_delete(st, 20001, &err));
	CHECK_FAILS(UADM_NOT_FOUND, groups_get(st, "red", &g, &err));
}

static enum uadm_code
see_all(void *arg, const struct user_row *row, struct uadm_err *err)
{
	size_t each = strlen("group-with-a-long-name-20000,");

	(void)err;
	CHECK_EQ(row->group_count, 200, "groups");
	CHECK_EQ(strlen(row->groups) + 1, 200 * each, "all names");
	*(bool *)arg = true;
	return UADM_OK;
}

/* However long the list of groups is, all of it is told, whichever way it was read. */
static void
test_many_groups(void **state)
{
	static const struct user_filter filters[] = { { .name = "alice" }, { 0 },
		{ .group = "group-with-a-long-name-20007" } };
	STORE *st = open_store();
	struct uadm_err err;

	(void)state;
	add_user(st, 30000, "alice");
	store_close(&st);
	raw_sql(
	    "WITH RECURSIVE n(i) AS (SELECT 20000 UNION ALL SELECT i + 1 FROM n WHERE i < 20199)"
	    "INSERT INTO number SELECT i, 'group', 'group-with-a-long-name-' || i, 1, NULL FROM n;"
	    "INSERT INTO published SELECT name, kind, id FROM number WHERE kind = 'group';"
	    "INSERT INTO \"group\" (gid, name, created_at) SELECT id, name, 1 FROM number WHERE kind = 'group';"
	    "INSERT INTO member SELECT gid, 30000 FROM \"group\"");
	st = open_store();
	for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
		bool cut = false;

		CHECK_OK(users_each(st, &filters[i], see_all, &cut, &err));
		assert_true(cut);
	}
}

struct leaders {
	pid_t pids[4];
	size_t count;
};

static enum uadm_code
take_leader(void *arg, const struct session *s, struct uadm_err *e)
{
	struct leaders *l = arg;

	(void)e;
	assert_true(l->count < ARRAY_LEN(l->pids));
	assert_string_equal(s->boot_id, "boot");
	assert_int_equal(s->leader_start, 9);
	l->pids[l->count++] = s->leader;
	return UADM_OK;
}

/* P22: whoever leads sessions of several users is nobody's to end. */
static void
test_lone_leaders(void **state)
{
	static const struct {
		uid_t uid;
		pid_t leader;
		int64_t start;
	} open[] = {
		{ 30000, 10, 9 },                   /* twice, and nobody else */
		{ 30000, 10, 9 }, { 30000, 11, 9 }, /* bob's too */
		{ 30001, 11, 9 }, { 30000, 12, 9 },
		{ 30001, 12, 8 },                   /* had the pid before */
		{ 30001, 13, 9 }, { 30000, 14, 9 }, /* closed below */
	};
	STORE *st = open_store();
	struct leaders l = { .count = 0 };
	struct uadm_err err;
	bool closed;

	(void)state;
	add_user(st, 30000, "alice");
	add_user(st, 30001, "bob");
	for (size_t i = 0; i < ARRAY_LEN(open); i++)
		CHECK_OK(sessions_open(st,
		    &(struct session){ .uid = open[i].uid,
			.service = "su",
			.leader = open[i].leader,
			.leader_start = open[i].start,
			.boot_id = "boot" },
		    &err));
	CHECK_OK(sessions_close(st, 30000, 14, "su", 5, &closed, &err));
	CHECK_OK(sessions_each_lone_leader(st, 30000, take_leader, &l, &err));
	assert_int_equal(l.count, 3);
	assert_true(l.pids[0] == 10 && l.pids[1] == 10 && l.pids[2] == 12);
}

static void
test_last_login(void **state)
{
	STORE *st = open_store();
	struct last_login l;
	struct uadm_err err;

	(void)state;
	add_user(st, 30000, "alice");
	CHECK_OK(users_last_login(st, 30000, &l, &err));
	CHECK_EQ(l.at + l.failures, 0, "never");
	CHECK_OK(users_count_failure(st, 30000, false, &err));
	CHECK_OK(users_count_failure(st, 30000, false, &err));
	CHECK_OK(users_last_login(st, 30000, &l, &err));
	CHECK_EQ(l.failures, 2, "failures");
	CHECK_OK(users_set_last_login(st, 30000, 77, "sshd", "host", &err));
	CHECK_OK(users_last_login(st, 30000, &l, &err));
	CHECK_EQ(l.at, 77, "at");
	CHECK_EQ(l.failures, 0, "since then");
	CHECK_TEXT(l.service, "sshd", "service");
	CHECK_TEXT(l.source, "host", "source");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_numbers, empty_store),
		cmocka_unit_test_setup(test_giving, empty_store),
		cmocka_unit_test_setup(test_numbers_check, empty_store),
		cmocka_unit_test_setup(test_user_round_trip, empty_store),
		cmocka_unit_test_setup(test_email_is_unique, empty_store),
		cmocka_unit_test_setup(test_verifiers, empty_store),
		cmocka_unit_test_setup(test_lists, empty_store),
		cmocka_unit_test_setup(test_many_groups, empty_store),
		cmocka_unit_test_setup(test_lone_leaders, empty_store),
		cmocka_unit_test_setup(test_last_login, empty_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
