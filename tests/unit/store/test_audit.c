/* The audit trail: what was done to it behind our back is found, and the row named (S3). */
#include "libuadm/store/audit.h"

#include "tests/unit/store/stores.h"

#define OPEN_UP "DROP TRIGGER audit_keep; DROP TRIGGER audit_same;"

/* Five rows, as five commits. */
static int
five_rows(void **state)
{
	static const struct audit_row rows[] = {
		{ .actor = "root", .action = "user.add", .target = "alice" },
		{ .actor = "root",
		    .action = "user.add",
		    .target = "bob",
		    .detail = "x=1" },
		{ .actor = "root", .action = "group.add", .target = "staff2" },
		{ .actor = "alice", .action = "user.suspend", .target = "bob" },
		{ .actor = "root", .action = "user.delete", .target = "bob" },
	};
	struct uadm_err err;

	empty_store(state);
	STORE *st = open_store();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		TXN t = { 0 };

		CHECK_OK(txn_begin(&t, st, &err));
		CHECK_OK(audit_append(st, &rows[i], 100 + (int64_t)i, &err));
		CHECK_OK(txn_commit(&t, &err));
	}
	return 0;
}

static struct audit_verdict
verify(void)
{
	STORE *st = open_store();
	struct audit_verdict v;
	struct uadm_err err;

	CHECK_OK(audit_verify(st, &v, &err));
	return v;
}

static void
test_whole(void **state)
{
	struct audit_verdict v = verify();
	struct uadm_err err;

	CHECK_EQ(v.rows, 5, "rows");
	CHECK_EQ(v.bad_id, 0, "bad row");
	CHECK_TEXT(v.problem, "", "problem");
	empty_store(state);
	v = verify();
	CHECK_TEXT(v.problem, "", "an empty one");

	STORE *st = open_store();
	CHECK_FAILS(UADM_INVALID,
	    audit_append(
		st, &(struct audit_row){ .action = "nobody.did.it" }, 1, &err));
}

/* Whoever can write the database but has no key. */
static void
test_tampering(void **state)
{
	static const struct {
		const char *sql;
		int64_t row;
	} cases[] = {
		{ "UPDATE audit SET actor = 'bob' WHERE id = 2", 2 },
		{ "UPDATE audit SET action = 'user.set' WHERE id = 1", 1 },
		{ "UPDATE audit SET target = 'eve' WHERE id = 5", 5 },
		{ "UPDATE audit SET target = NULL WHERE id = 3", 3 },
		{ "UPDATE audit SET detail = 'x=2' WHERE id = 2", 2 },
		{ "UPDATE audit SET detail = NULL WHERE id = 2", 2 },
		{ "UPDATE audit SET detail = 'more' WHERE id = 3", 3 },
		{ "UPDATE audit SET at = 99 WHERE id = 4", 4 },
		{ "UPDATE audit SET mac = x'00' WHERE id = 4", 4 },
		{ "UPDATE audit SET mac = zeroblob(32) WHERE id = 5", 5 },
		{ "UPDATE audit SET target = 'ali', detail = 'ce' WHERE id = 1", 1 },
		/* what no C string shows */
		{ "UPDATE audit SET target = target || char(0) || 'x' WHERE id = 1",
		    1 },
		{ "DELETE FROM audit WHERE id = 1", 1 },
		{ "DELETE FROM audit WHERE id = 3", 3 },
		{ "DELETE FROM audit WHERE id = 5", 5 },
		{ "DELETE FROM audit WHERE id > 2", 3 },
		{ "DELETE FROM audit", 1 },
		{ "DELETE FROM audit WHERE id = 3;"
		  "UPDATE audit SET id = id - 1 WHERE id > 3",
		    3 },
		{ "UPDATE audit SET id = 9 WHERE id = 2;"
		  "UPDATE audit SET id = 2 WHERE id = 3;"
		  "UPDATE audit SET id = 3 WHERE id = 9",
		    2 },
		{ "INSERT INTO audit SELECT 6, at, actor, action, target, detail, mac "
		  "FROM audit WHERE id = 5",
		    6 },
		{ "INSERT INTO audit SELECT 0, at, actor, action, target, detail, mac "
		  "FROM audit WHERE id = 5",
		    1 },
		/* with the recorded end made to fit what is left */
		{ "DELETE FROM audit WHERE id > 3; UPDATE meta SET audit_id = 3, "
		  "audit_mac = (SELECT mac FROM audit WHERE id = 3)",
		    3 },
		{ "DELETE FROM audit WHERE id > 3; UPDATE meta SET audit_id = 3", 3 },
		{ "DELETE FROM audit; UPDATE meta SET audit_id = 0, audit_mac = NULL",
		    0 },
		{ "DELETE FROM audit; UPDATE meta SET audit_id = 0", 0 },
		{ "UPDATE meta SET audit_id = 4", 5 },
		{ "UPDATE meta SET audit_mac = NULL", 5 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct audit_verdict v;
		char name[40];

		five_rows(state);
		raw_sql(OPEN_UP);
		raw_sql(cases[i].sql);
		v = verify();
		snprintf(name, sizeof(name), "row %d ", (int)cases[i].row);
		if (v.problem[0] == '\0')
			fail_msg("not found: %s", cases[i].sql);
		CHECK_EQ(v.bad_id, cases[i].row, cases[i].sql);
		CHECK_HAS(v.problem, cases[i].row == 0 ? "trail" : name);
	}
}

/* Nothing can be appended to a trail in a way that hides what was done to its end. */
static void
test_append_after_a_cut(void **state)
{
	static const struct audit_row row = { .actor = "root", .action = "user.add" };
	struct uadm_err err;

	(void)state;
	raw_sql(OPEN_UP "DELETE FROM audit WHERE id > 3; UPDATE meta SET audit_id = 3, "
			"audit_mac = (SELECT mac FROM audit WHERE id = 3)");
	{
		STORE *st = open_store();

		CHECK_OK(audit_append(st, &row, 1, &err));
	}
	assert_true(verify().problem[0] != '\0');
}

static void
test_append_only(void **state)
{
	sqlite3 *db = NULL;

	(void)state;
	assert_int_equal(sqlite3_open(UADM_STORE_FILE, &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(db, "DELETE FROM audit WHERE id = 5", NULL, NULL, NULL),
	    SQLITE_CONSTRAINT);
	assert_int_equal(
	    sqlite3_exec(db, "UPDATE audit SET actor = 'x'", NULL, NULL, NULL),
	    SQLITE_CONSTRAINT);
	sqlite3_close(db);
	assert_int_equal(verify().rows, 5);
}

static void
test_another_key(void **state)
{
	struct store_place p = place();
	STORE *st = NULL;
	struct audit_verdict v;
	struct uadm_err err;

	(void)state;
	p.audit_key[31] ^= 1;
	CHECK_OK(store_open(&p, &st, &err));
	assert_false(store_key_is_its_own(st));
	CHECK_OK(audit_verify(st, &v, &err));
	CHECK_EQ(v.bad_id, 1, "under another key nothing holds");
	store_close(&st);
	st = open_store();
	assert_true(store_key_is_its_own(st));
	store_close(&st);
}

/* A store in which it is not written down, or was taken out: only the key that sealed the newest
 * row is taken for the store's. */
static void
test_adopted_key(void **state)
{
	static const char *const cases[] = { "",
		(OPEN_UP "UPDATE audit SET detail = 'x' WHERE id = 2"),
		(OPEN_UP "DELETE FROM audit; UPDATE meta SET audit_id = 0") };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct store_place other = place();
		STORE *st = NULL;
		struct uadm_err err;

		five_rows(state);
		raw_sql(cases[i]);
		raw_sql("UPDATE meta SET key_check = NULL");
		other.audit_key[0] ^= 1;
		CHECK_OK(store_open(&other, &st, &err));
		assert_false(store_key_is_its_own(st));
		store_close(&st);
		assert_int_equal(raw_int("SELECT key_check IS NULL FROM meta"), 1);
		st = open_store();
		assert_int_equal(store_key_is_its_own(st), i < 2);
		assert_int_equal(raw_int("SELECT key_check IS NULL FROM meta"), i == 2);
	}
	empty_store(state);
	raw_sql("UPDATE meta SET key_check = NULL");
	STORE *st = open_store();
	assert_true(store_key_is_its_own(st));
}

static struct audit_verdict
reseal(struct store *st)
{
	struct audit_verdict v;
	struct uadm_err err;
	TXN t = { 0 };

	CHECK_OK(txn_begin(&t, st, &err));
	CHECK_OK(audit_reseal(st, "root", false, 200, &v, &err));
	CHECK_OK(txn_commit(&t, &err));
	return v;
}

static void
append(struct store *st)
{
	static const struct audit_row row = { .actor = "root", .action = "user.add" };
	struct uadm_err err;
	TXN t = { 0 };

	CHECK_OK(txn_begin(&t, st, &err));
	CHECK_OK(audit_append(st, &row, 201, &err));
	CHECK_OK(txn_commit(&t, &err));
}

/* Whatever broke it stays on record as it is, and the trail is whole from there: until something
 * is changed again, before or after. */
static void
test_reseal(void **state)
{
	static const struct {
		const char *breaks, *says;
		int64_t at; /* the new row */
	} cases[] = {
		{ "UPDATE audit SET actor = 'eve' WHERE id = 2", "row 2 was changed",
		    6 },
		{ "UPDATE audit SET target = target || char(0) WHERE id = 1",
		    "row 1 was changed", 6 },
		{ "DELETE FROM audit WHERE id = 3", "row 3 is missing", 6 },
		{ "DELETE FROM audit WHERE id > 2", "row 3 is missing", 6 },
		{ "DELETE FROM audit", "row 1 is missing", 6 },
		{ "DELETE FROM audit; UPDATE meta SET audit_id = 0, audit_mac = NULL",
		    "the whole trail", 1 },
		{ "INSERT INTO audit SELECT 9, at, actor, action, target, detail, mac "
		  "FROM audit WHERE id = 5",
		    "row 6 is missing", 10 },
		{ "INSERT INTO audit SELECT -3, at, actor, action, target, detail, mac "
		  "FROM audit WHERE id = 5",
		    "row 1 is missing", 6 },
		/* a forged one, and one in the place of another row */
		{ "UPDATE audit SET action = 'audit.reseal' WHERE id = 5",
		    "row 5 was changed", 6 },
	};
	static const char *const again[] = {
		"UPDATE audit SET actor = 'again' WHERE id = (SELECT min(id) FROM audit)",
		"UPDATE audit SET mac = zeroblob(32) WHERE id = (SELECT min(id) FROM audit)",
		"UPDATE audit SET detail = 'rows=0' WHERE action = 'audit.reseal'",
		"DELETE FROM audit WHERE action = 'audit.reseal'",
		"DELETE FROM audit WHERE id = (SELECT min(id) FROM audit)",
		"DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)",
		"INSERT INTO audit SELECT -9, at, actor, action, target, detail, mac "
		"FROM audit WHERE id = (SELECT max(id) FROM audit)",
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		for (size_t j = 0; j < ARRAY_LEN(again); j++) {
			struct audit_verdict v;
			int64_t rows;

			five_rows(state);
			raw_sql(OPEN_UP);
			raw_sql(cases[i].breaks);
			rows = raw_int("SELECT count(*) FROM audit");
			STORE *st = open_store();
			v = reseal(st);
			CHECK_HAS(v.problem, cases[i].says);
			CHECK_EQ(v.resealed_at, cases[i].at, cases[i].breaks);
			append(st);
			v = verify();
			CHECK_TEXT(v.problem, "", cases[i].breaks);
			CHECK_EQ(v.rows, rows + 2, "nothing is lost");
			CHECK_EQ(v.resealed_at, cases[i].at, "said again");
			v = reseal(st);
			CHECK_EQ(verify().rows, rows + 2, "a whole one is left alone");
			store_close(&st);
			raw_sql(OPEN_UP);
			raw_sql(again[j]);
			if (verify().problem[0] == '\0')
				fail_msg("not found after a reseal: %s", again[j]);
			st = open_store();
			reseal(st);
			CHECK_TEXT(verify().problem, "", "and a second time");
		}
	}
}

/* The rows stay to the byte, and are kept from then on. */
static void
test_reseal_keeps(void **state)
{
	struct audit_verdict v;
	struct uadm_err err;
	int64_t sum;

	(void)state;
	raw_sql(OPEN_UP "UPDATE audit SET actor = 'eve' WHERE id = 2;"
			"CREATE TABLE was AS SELECT * FROM audit");
	STORE *st = open_store();
	CHECK_HAS(reseal(st).problem, "row 2");
	assert_int_equal(raw_int("SELECT count(*) FROM (SELECT * FROM was INTERSECT "
				 "SELECT * FROM audit)"),
	    5);
	sum = raw_int("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND "
		      "tbl_name = 'audit'");
	CHECK_EQ(sum, 2, "triggers");
	/* no number is left for another one */
	store_close(&st);
	raw_sql(
	    "INSERT INTO audit SELECT 9223372036854775807, at, actor, action, target, "
	    "detail, mac FROM audit WHERE id = 5");
	st = open_store();
	TXN t = { 0 };
	CHECK_OK(txn_begin(&t, st, &err));
	CHECK_FAILS(UADM_UNAVAILABLE, audit_reseal(st, "root", false, 200, &v, &err));
}

/* The key is lost: the one that is there becomes the store's. */
static void
test_reseal_other_key(void **state)
{
	struct store_place p = place();
	STORE *st = NULL;
	struct audit_verdict v;
	struct uadm_err err;

	(void)state;
	p.audit_key[31] ^= 1;
	CHECK_OK(store_open(&p, &st, &err));
	reseal(st);
	store_close(&st);
	CHECK_OK(store_open(&p, &st, &err));
	assert_true(store_key_is_its_own(st));
	CHECK_OK(audit_verify(st, &v, &err));
	CHECK_TEXT(v.problem, "", "whole");
	assert_int_equal(
	    raw_int("SELECT count(*) FROM audit WHERE detail = 'rows=5 key=other'"), 1);
	store_close(&st);
	st = open_store();
	assert_false(store_key_is_its_own(st));
}

struct seen {
	char ids[64];
	int stop_at;
};

static enum uadm_code
see(void *arg, const struct audit_row *row, struct uadm_err *err)
{
	struct seen *s = arg;
	size_t used = strlen(s->ids);

	snprintf(
	    s->ids + used, sizeof(s->ids) - used, "%d:%s ", (int)row->id, row->target);
	return row->id == s->stop_at ? uadm_fail(err, UADM_DENIED, "stop") : UADM_OK;
}

static void
test_each(void **state)
{
	static const struct {
		int64_t most;
		const char *target;
		const char *ids;
	} cases[] = {
		{ 0, NULL, "1:alice 2:bob 3:staff2 4:bob 5:bob " },
		{ 2, NULL, "4:bob 5:bob " },
		{ 0, "bob", "2:bob 4:bob 5:bob " },
		{ 1, "bob", "5:bob " },
		{ 0, "nobody", "" },
	};
	STORE *st = open_store();
	struct uadm_err err;
	int64_t n;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct seen s = { 0 };

		CHECK_OK(audit_each(st, cases[i].most, cases[i].target, see, &s, &err));
		CHECK_TEXT(s.ids, cases[i].ids, cases[i].ids);
	}
	struct seen s = { .stop_at = 2 };
	CHECK_FAILS(UADM_DENIED, audit_each(st, 0, NULL, see, &s, &err));
	CHECK_TEXT(s.ids, "1:alice 2:bob ", "stopped");
	CHECK_OK(audit_count(st, &n, &err));
	CHECK_EQ(n, 5, "count");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_whole, five_rows),
		cmocka_unit_test(test_tampering),
		cmocka_unit_test_setup(test_append_after_a_cut, five_rows),
		cmocka_unit_test_setup(test_append_only, five_rows),
		cmocka_unit_test_setup(test_another_key, five_rows),
		cmocka_unit_test(test_adopted_key),
		cmocka_unit_test(test_reseal),
		cmocka_unit_test_setup(test_reseal_keeps, five_rows),
		cmocka_unit_test_setup(test_reseal_other_key, five_rows),
		cmocka_unit_test_setup(test_each, five_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
