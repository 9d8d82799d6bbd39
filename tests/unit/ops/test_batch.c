/* Changes that are written together: each for itself made or not, none durable before the end, and
 * never while signals could stop us with the lock in hand (S1, P27). */
#include "libuadm/ops/batch.h"
#include "libuadm/ops/groups.h"
#include "libuadm/ops/same.h"
#include "libuadm/ops/show.h"
#include "tests/unit/ops/host.h"

#include <signal.h>

static struct uadm u;
static struct uadm_err err;

static int
setup(void **state)
{
	empty_host(state);
	open_host(&u);
	u.batch.on = true;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	uadm_close(&u);
	return 0;
}

static enum uadm_code
add(const char *name, const char *group)
{
	struct user_addition a = { .groups = &group, .group_count = group != NULL };

	snprintf(a.user.name, sizeof(a.user.name), "%s", name);
	return op_user_add(&u, &a, &err);
}

/* What somebody else sees: who has been committed, and how many rows the trail has. */
static char *
seen(void)
{
	static char text[400];
	sqlite3 *db = NULL;
	sqlite3_stmt *h = NULL;

	assert_int_equal(sqlite3_open(UADM_STORE_FILE, &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_prepare_v2(db,
		"SELECT (SELECT coalesce(group_concat(name), '') FROM user) || ' ' || "
		"(SELECT count(*) FROM published) || ' ' || (SELECT count(*) FROM audit)",
		-1, &h, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(h), SQLITE_ROW);
	snprintf(text, sizeof(text), "%s", (const char *)sqlite3_column_text(h, 0));
	sqlite3_finalize(h);
	sqlite3_close(db);
	return text;
}

static bool
is_held(void)
{
	sigset_t now;

	sigprocmask(SIG_BLOCK, NULL, &now);
	return sigismember(&now, SIGTSTP) == 1 && sigismember(&now, SIGINT) == 1;
}

static void
test_S1_together(void **state)
{
	(void)state;
	assert_false(batch_is_open(&u));
	CHECK_OK(batch_end(&u, &err)); /* of nothing */
	CHECK_OK(add("zq-one", NULL));
	assert_true(batch_is_open(&u) && is_held());
	CHECK_FAILS(UADM_EXISTS, add("zq-one", NULL));
	/* It fails behind what it has written, which goes. */
	CHECK_FAILS(UADM_NOT_FOUND, add("zq-two", "zq-none"));
	CHECK_OK(add("zq-three", NULL));
	CHECK_TEXT(seen(), " 0 1", "nothing before the end");
	CHECK_OK(batch_end(&u, &err));
	assert_false(batch_is_open(&u) || is_held());
	CHECK_TEXT(seen(), "zq-one,zq-three 2 3", "all of it then");
	CHECK_OK(add("zq-two", NULL));
	CHECK_OK(batch_end(&u, &err));
	CHECK_TEXT(seen(), "zq-one,zq-three,zq-two 3 4", "and once more");
}

static void
test_S1_left_open(void **state)
{
	(void)state;
	CHECK_OK(add("zq-one", NULL));
	uadm_close(&u);
	assert_false(is_held());
	CHECK_TEXT(seen(), " 0 1", "nothing of it");
	open_host(&u);
}

static void
test_dry_run(void **state)
{
	(void)state;
	u.dry_run = true;
	CHECK_OK(add("zq-one", NULL));
	CHECK_OK(add("zq-one", NULL)); /* each as if it were alone */
	CHECK_OK(batch_end(&u, &err));
	CHECK_TEXT(seen(), " 0 1", "nothing");
	u.dry_run = false;
}

/* SQLite takes a transaction back as a whole when it has no space for it. What follows must not
 * be taken for a transaction of its own, and what was said to be a part of it is lost. */
static void
test_S1_lost(void **state)
{
	(void)state;
	CHECK_OK(add("zq-one", NULL));
	txn_done(&(struct txn){ .st = u.store });
	assert_true(batch_is_due(&u));
	CHECK_FAILS(UADM_UNAVAILABLE, add("zq-two", NULL));
	CHECK_FAILS(UADM_UNAVAILABLE, batch_end(&u, &err));
	assert_false(batch_is_open(&u) || is_held());
	CHECK_TEXT(seen(), " 0 1", "nothing of it");
	CHECK_OK(add("zq-three", NULL));
	CHECK_OK(batch_end(&u, &err));
	CHECK_TEXT(seen(), "zq-three 1 2", "and it goes on");
}

static void
test_busy(void **state)
{
	sqlite3 *db = NULL;

	(void)state;
	assert_int_equal(sqlite3_open(UADM_STORE_FILE, &db), SQLITE_OK);
	sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	CHECK_FAILS(UADM_BUSY, add("zq-one", NULL));
	assert_false(batch_is_open(&u) || is_held());
	sqlite3_close(db);
}

/* Who is there already: what the line has of them, and nothing else, has to be so. */
static void
test_is_there(void **state)
{
	static const char *const crew = "zq-crew", *const none = "zq-none";
	static const struct {
		const char *label;
		const char *name, *key, *value, *group;
		uid_t uid;
		enum user_kind kind;
		const char *says; /* NULL: there */
		bool absent;
	} cases[] = {
		{ "the name alone", "zq-ada", NULL, NULL, NULL, 0, USER_PERSON, NULL,
		    false },
		{ "nobody", "zq-bob", NULL, NULL, NULL, 0, USER_PERSON, NULL, true },
		{ "a group is no user", "zq-crew", NULL, NULL, NULL, 0, USER_PERSON,
		    NULL, true },
		{ "the same text", "zq-ada", "email", "ada@example.org", NULL, 0,
		    USER_PERSON, NULL, false },
		{ "another text", "zq-ada", "email", "b@example.org", NULL, 0,
		    USER_PERSON,
		    "with email \"ada@example.org\" and not \"b@example.org\"", false },
		{ "a text where none is", "zq-ada", "last_name", "L", NULL, 0,
		    USER_PERSON, "with last name \"\" and not \"L\"", false },
		{ "the same home", "zq-ada", "home", "/srv/ada", NULL, 0, USER_PERSON,
		    NULL, false },
		{ "the same number", "zq-ada", NULL, NULL, NULL, 1900000004,
		    USER_PERSON, NULL, false },
		{ "another number", "zq-ada", NULL, NULL, NULL, 1900000005, USER_PERSON,
		    "with uid \"1900000004\" and not \"1900000005\"", false },
		{ "another kind", "zq-ada", NULL, NULL, NULL, 0, USER_SERVICE,
		    "with kind \"person\" and not \"service\"", false },
		{ "as far as then", "zq-ada", "expires", "+30d", NULL, 0, USER_PERSON,
		    NULL, false },
		{ "not as far", "zq-ada", "expires", "+31d", NULL, 0, USER_PERSON,
		    "with expires", false },
		{ "no such time", "zq-ada", "valid_from", "2026-01-01", NULL, 0,
		    USER_PERSON, "with valid-from", false },
		{ "in the group", "zq-ada", NULL, NULL, crew, 0, USER_PERSON, NULL,
		    false },
		{ "no such group", "zq-ada", NULL, NULL, none, 0, USER_PERSON,
		    "not in the group \"zq-none\"", false },
	};
	struct user_addition ada = { .user = { .name = "zq-ada",
					 .uid = 1900000004,
					 .email = "ada@example.org",
					 .home = "/srv/ada" },
		.groups = &crew,
		.group_count = 1 };
	struct group g = { .name = "zq-crew" };
	struct clock_now now;

	(void)state;
	clock_read(&now);
	CHECK_OK(op_group_add(&u, &g, &err));
	CHECK_OK(field_set(&ada.user, field_find("expires"), "+30d", now.wall, &err));
	CHECK_OK(op_user_add(&u, &ada, &err));
	CHECK_OK(batch_end(&u, &err));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct user_addition a = { .user = { .uid = cases[i].uid,
					       .kind = cases[i].kind },
			.groups = &cases[i].group,
			.group_count = cases[i].group != NULL };
		bool there = true;

		snprintf(a.user.name, sizeof(a.user.name), "%s", cases[i].name);
		if (cases[i].key != NULL)
			CHECK_OK(field_set(&a.user, field_find(cases[i].key),
			    cases[i].value, now.wall, &err));
		if (cases[i].says != NULL) {
			CHECK_FAILS(
			    UADM_EXISTS, op_user_is_there(&u, &a, &there, &err));
			CHECK_HAS(err.msg, cases[i].says);
			continue;
		}
		CHECK_OK(op_user_is_there(&u, &a, &there, &err));
		CHECK_EQ(there, !cases[i].absent, cases[i].label);
		if (there)
			CHECK_EQ(a.user.uid, 1900000004, cases[i].label);
	}
	assert_false(batch_is_open(&u)); /* nobody had to wait for that */
}

static void
test_password_is_there(void **state)
{
	SECRET pw = { 0 };
	struct user_addition a = { .user.name = "zq-bob", .hash = &pw };
	bool there = true;

	(void)state;
	fill_secret(&pw, "any: it is not looked at");
	CHECK_OK(add("zq-bob", NULL));
	CHECK_FAILS(UADM_EXISTS, op_user_is_there(&u, &a, &there, &err));
	assert_false(there);
	CHECK_HAS(err.msg, "has no password");
	add_person(&u, "zq-ada", PASSWORD);
	strcpy(a.user.name, "zq-ada");
	CHECK_OK(op_user_is_there(&u, &a, &there, &err));
	assert_true(there);
}

static void
test_group_is_there(void **state)
{
	struct group g = { .name = "zq-crew", .description = "all of them" };
	struct group same = { .name = "zq-crew" },
		     other = { .name = "zq-crew", .gid = 1 };
	struct group text = { .name = "zq-crew", .description = "some" };
	struct group none = { .name = "zq-none" };
	bool there = false;

	(void)state;
	CHECK_OK(op_group_add(&u, &g, &err));
	CHECK_OK(op_group_is_there(&u, &same, &there, &err));
	assert_true(there && same.gid == g.gid);
	CHECK_FAILS(UADM_EXISTS, op_group_is_there(&u, &other, &there, &err));
	CHECK_FAILS(UADM_EXISTS, op_group_is_there(&u, &text, &there, &err));
	CHECK_OK(op_group_is_there(&u, &none, &there, &err));
	assert_false(there);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_S1_together, setup, teardown),
		cmocka_unit_test_setup_teardown(test_S1_left_open, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dry_run, setup, teardown),
		cmocka_unit_test_setup_teardown(test_S1_lost, setup, teardown),
		cmocka_unit_test_setup_teardown(test_busy, setup, teardown),
		cmocka_unit_test_setup_teardown(test_is_there, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_password_is_there, setup, teardown),
		cmocka_unit_test_setup_teardown(test_group_is_there, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
