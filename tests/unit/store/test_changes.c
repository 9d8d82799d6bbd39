/* The log of changes: nothing that is published changes without a row in it, whoever changes it. */
#include "libuadm/store/changes.h"

#include "tests/unit/store/stores.h"

static const char people[] =
    "INSERT INTO number VALUES (30000, 'user', 'jo', 1, NULL), (30001, 'user', 'al', 1, NULL),"
    "  (40000, 'group', 'crew', 1, NULL), (40001, 'group', 'deck', 1, NULL);"
    "INSERT INTO published VALUES ('jo', 'user', 30000), ('al', 'user', 30001),"
    "  ('crew', 'group', 40000), ('deck', 'group', 40001);"
    "INSERT INTO user (uid, name, kind, home, shell, created_at) VALUES"
    "  (30000, 'jo', 'person', '/home/jo', '/bin/sh', 1),"
    "  (30001, 'al', 'person', '/home/al', '/bin/sh', 1);"
    "INSERT INTO \"group\" (gid, name, created_at) VALUES (40000, 'crew', 1), (40001, 'deck', 1);"
    "INSERT INTO member VALUES (40000, 30000), (40001, 30000), (40001, 30001);"
    "UPDATE meta SET generation = 7; DELETE FROM changed";

/* Each after the one before: what it is, and whose entries it changes. */
static const struct {
	const char *sql, *changed;
} steps[] = {
	{ "UPDATE user SET display_name = 'Jo' WHERE uid = 30000", "30000 " },
	{ "UPDATE user SET display_name = 'Jo' WHERE uid = 30000", "" },
	{ "UPDATE user SET first_name = 'Jo'", "30000 30001 " },
	{ "UPDATE user SET last_name = 'Jo' WHERE name = 'al'", "30001 " },
	{ "UPDATE user SET home = '/srv/al' WHERE name = 'al'", "30001 " },
	{ "UPDATE user SET shell = '/bin/bash' WHERE name = 'al'", "30001 " },
	{ "UPDATE user SET suspended_at = 1, email = 'a@b', must_change = 1, mobile = '1',"
	  "  expires_at = 9, owner = 'x' WHERE name = 'al'",
	    "" },
	{ "UPDATE \"group\" SET description = 'on deck'", "" },
	{ "UPDATE published SET name = 'all' WHERE id = 30001;"
	  "UPDATE user SET name = 'all' WHERE uid = 30001",
	    "30001 40001 " },
	{ "UPDATE published SET name = 'al' WHERE id = 30001;"
	  "UPDATE user SET name = 'al' WHERE uid = 30001",
	    "30001 40001 " },
	{ "INSERT INTO password (uid, verifier, changed_at) VALUES (30000, '*', 1)",
	    "" },
	{ "INSERT INTO member VALUES (40000, 30001)", "30001 40000 " },
	{ "INSERT OR IGNORE INTO member VALUES (40000, 30001)", "" },
	{ "INSERT INTO member VALUES (40000, 30001) ON CONFLICT DO NOTHING", "" },
	{ "DELETE FROM member WHERE gid = 40000 AND uid = 30001", "30001 40000 " },
	{ "UPDATE member SET uid = 30001 WHERE gid = 40000", "30000 30001 40000 " },
	{ "INSERT INTO number VALUES (40002, 'group', 'pool', 1, NULL);"
	  "INSERT INTO published VALUES ('pool', 'group', 40002);"
	  "INSERT INTO \"group\" (gid, name, created_at) VALUES (40002, 'pool', 1)",
	    "40002 " },
	{ "UPDATE published SET name = 'hole' WHERE id = 40002;"
	  "UPDATE \"group\" SET name = 'hole' WHERE gid = 40002",
	    "40002 " },
	{ "DELETE FROM \"group\" WHERE gid = 40000", "30001 40000 " },
	{ "DELETE FROM user WHERE uid = 30000", "30000 40001 " },
	{ "INSERT OR REPLACE INTO user (uid, name, kind, home, shell, created_at)"
	  "  VALUES (30001, 'al', 'person', '/home/new', '/bin/sh', 1)",
	    "30001 40001 " },
	{ "DELETE FROM member", "" },
	{ "DELETE FROM \"group\"", "40001 40002 " },
	{ "DELETE FROM user", "30001 " },
};

static void
raw_changed(char *out, size_t size, const char *where)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *h = NULL;
	char sql[200];

	snprintf(
	    sql, sizeof(sql), "SELECT id FROM changed WHERE %s ORDER BY id", where);
	assert_int_equal(sqlite3_open(UADM_STORE_FILE, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &h, NULL), SQLITE_OK);
	out[0] = '\0';
	while (sqlite3_step(h) == SQLITE_ROW)
		snprintf(out + strlen(out), size - strlen(out), "%lld ",
		    (long long)sqlite3_column_int64(h, 0));
	sqlite3_finalize(h);
	sqlite3_close(db);
}

static void
test_every_change_is_written_down(void **state)
{
	char sql[1500], found[100];

	(void)state;
	raw_sql(people);
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		raw_sql("DELETE FROM changed");
		/* With them on, as uadm has them: cascades are changes too. */
		snprintf(sql, sizeof(sql),
		    "PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON;"
		    "PRAGMA defer_foreign_keys = ON; BEGIN; %s; COMMIT;",
		    steps[i].sql);
		raw_sql(sql);
		raw_changed(found, sizeof(found), "generation = 8");
		CHECK_TEXT(found, steps[i].changed, steps[i].sql);
	}
}

static enum uadm_code
collect(void *arg, id_t id, uint32_t stamp, struct uadm_err *err)
{
	char *out = arg;

	(void)err;
	assert_int_not_equal(stamp, 0);
	snprintf(out + strlen(out), 100 - strlen(out), "%u ", (unsigned)id);
	return UADM_OK;
}

/* From the base on: what is older goes, what came while the base was written stays. */
static void
test_log_begins_with_a_base(void **state)
{
	STORE *st = NULL;
	struct base base = { .seed = UINT64_MAX - 3, .settings = 1ULL << 63 }, known;
	struct uadm_err err;
	char found[100] = "";
	int64_t n = 0;
	TXN t = { 0 };

	(void)state;
	raw_sql(people);
	raw_sql("UPDATE user SET home = '/a' WHERE uid = 30000;"
		"UPDATE meta SET generation = 8;"
		"UPDATE user SET home = '/b' WHERE uid = 30001");
	st = open_store();
	CHECK_OK(changes_base(st, &known, &err));
	assert_false(known.known);
	CHECK_OK(changes_count(st, 7, 100, &n, &err));
	CHECK_EQ(n, 2, "since 7");
	CHECK_OK(changes_count(st, 7, 1, &n, &err));
	CHECK_EQ(n, 1, "no further than asked");
	CHECK_OK(changes_count(st, 8, 100, &n, &err));
	CHECK_EQ(n, 1, "since 8");
	CHECK_OK(txn_begin(&t, st, &err));
	CHECK_OK(changes_begin(st, &base, 8, &err));
	CHECK_OK(txn_commit(&t, &err));
	CHECK_OK(changes_base(st, &known, &err));
	assert_true(
	    known.known && known.seed == base.seed && known.settings == base.settings);
	CHECK_OK(changes_each(st, 0, collect, found, &err));
	CHECK_TEXT(found, "30001 ", "what is left");
}

/* Every change of an entry has another stamp, in one transaction too. */
static void
test_stamps_differ(void **state)
{
	int64_t last = -1;

	(void)state;
	raw_sql(people);
	for (int i = 0; i < 20; i++) {
		int64_t stamp;

		raw_sql(i % 2 ? "UPDATE user SET home = '/a' WHERE uid = 30000"
			      : "UPDATE user SET home = '/b' WHERE uid = 30000");
		stamp = raw_int("SELECT stamp FROM changed WHERE id = 30000");
		assert_int_not_equal(stamp, last);
		assert_in_range(stamp, 0, UINT32_MAX);
		last = stamp;
	}
}

static enum uadm_code
count_pair(void *arg, const struct pair *p, struct uadm_err *err)
{
	(void)err;
	assert_true((strcmp(p->user, "jo") == 0) == (p->uid == 30000));
	assert_true((strcmp(p->group, "crew") == 0) == (p->gid == 40000));
	(*(int *)arg)++;
	return UADM_OK;
}

static enum uadm_code
look_group(void *arg, gid_t gid, const char *name, bool large, struct uadm_err *err)
{
	(void)err;
	assert_true((gid == 40000) == (strcmp(name, "crew") == 0));
	*(int *)arg = large ? 2 : 1;
	return UADM_OK;
}

static void
test_entries(void **state)
{
	static const struct {
		gid_t gid;
		int64_t most;
		int want; /* 0: no such group, 2: large */
	} groups[] = { { 40000, 0, 1 }, { 40000, 1, 1 }, { 40001, 0, 1 },
		{ 40001, 1, 2 }, { 40001, 2, 1 }, { 40009, 1, 0 }, { 30000, 1, 0 } };
	STORE *st = NULL;
	struct uadm_err err;
	int pairs = 0;

	(void)state;
	raw_sql(people);
	st = open_store();
	CHECK_OK(changes_pairs_of_user(st, 30000, count_pair, &pairs, &err));
	CHECK_EQ(pairs, 2, "of jo");
	CHECK_OK(changes_pairs_in_group(st, 40001, count_pair, &pairs, &err));
	CHECK_EQ(pairs, 4, "and in deck");
	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		int got = 0;

		CHECK_OK(changes_group(
		    st, groups[i].gid, groups[i].most, look_group, &got, &err));
		CHECK_EQ(got, groups[i].want, "group");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_every_change_is_written_down, empty_store),
		cmocka_unit_test_setup(test_log_begins_with_a_base, empty_store),
		cmocka_unit_test_setup(test_stamps_differ, empty_store),
		cmocka_unit_test_setup(test_entries, empty_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
