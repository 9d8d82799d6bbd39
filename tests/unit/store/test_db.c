/* The store's file: made, opened, refused; its clock; and several processes at once (S2). */
#include "libuadm/store/audit.h"
#include "tests/unit/store/stores.h"

#include <sys/wait.h>

static enum uadm_code
try_open(struct uadm_err *err)
{
	const struct store_place p = place();
	STORE *st = NULL;

	return store_open(&p, &st, err);
}

static int
no_store(void **state)
{
	(void)state;
	root_clean();
	return 0;
}

static void
test_create(void **state)
{
	const struct store_place p = place();
	struct uadm_err err;
	struct stat st;
	uint64_t generation = 0;

	(void)state;
	CHECK_FAILS(UADM_NOT_FOUND, try_open(&err));
	CHECK_HAS(err.hint, "uadmctl store init");
	umask(0);
	CHECK_OK(store_create(&p, NULL, NULL, &err));
	assert_int_equal(stat(UADM_STORE_DIR, &st), 0);
	CHECK_EQ(st.st_mode & 07777, 0700, "directory");
	assert_int_equal(stat(UADM_STORE_FILE, &st), 0);
	CHECK_EQ(st.st_mode & 07777, 0600, "file");
	CHECK_FAILS(UADM_EXISTS, store_create(&p, NULL, NULL, &err));

	STORE *one = open_store();
	CHECK_OK(store_bump_generation(one, &err));
	assert_int_equal(stat(UADM_STORE_FILE "-wal", &st), 0);
	CHECK_EQ(st.st_mode & 07777, 0600, "the log beside it");
	umask(022);
	store_close(&one);
	store_close(&one); /* twice is fine */
	one = open_store();
	CHECK_OK(store_generation(one, &generation, NULL, &err));
	CHECK_EQ(generation, 2, "generation");
}

/* What a crash in store_create() leaves is told, and finished by the next one. */
static void
test_half_made(void **state)
{
	const struct store_place p = place();
	struct uadm_err err;

	(void)state;
	root_dir("/var/lib/uadm/store", 0700);
	root_file("/var/lib/uadm/store/uadm.db", 0600, "", 0);
	CHECK_FAILS(UADM_UNAVAILABLE, try_open(&err));
	CHECK_HAS(err.msg, "never finished");
	CHECK_OK(store_create(&p, NULL, NULL, &err));
	CHECK_OK(try_open(&err));
}

static void
test_refused(void **state)
{
	char back[48];
	struct uadm_err err;

	(void)state;
	raw_sql("PRAGMA user_version = 1000");
	CHECK_FAILS(UADM_UNAVAILABLE, try_open(&err));
	CHECK_HAS(err.msg, "schema 1000");
	snprintf(
	    back, sizeof(back), "PRAGMA user_version = %d", store_schema_version());
	raw_sql(back);
	CHECK_OK(try_open(&err));

	root_dir("/var/lib/uadm/store", 0750);
	CHECK_FAILS(UADM_UNAVAILABLE, try_open(&err));
	root_dir("/var/lib/uadm/store", 0700);
	assert_int_equal(chmod(UADM_STORE_FILE, 0640), 0);
	CHECK_FAILS(UADM_UNAVAILABLE, try_open(&err));
	CHECK_HAS(err.msg, "mode 0640");
	assert_int_equal(chmod(UADM_STORE_FILE, 0600), 0);
	CHECK_OK(try_open(&err));

	assert_int_equal(rename(UADM_STORE_FILE, UADM_STORE_DIR "/other"), 0);
	CHECK_FAILS(UADM_NOT_FOUND, try_open(&err));
	assert_int_equal(symlink("other", UADM_STORE_FILE), 0);
	CHECK_FAILS(UADM_UNAVAILABLE, try_open(&err));
	assert_int_equal(unlink(UADM_STORE_FILE), 0);
	assert_int_equal(mkfifo(UADM_STORE_FILE, 0600), 0);
	CHECK_FAILS(UADM_UNAVAILABLE, try_open(&err));
	assert_int_equal(unlink(UADM_STORE_FILE), 0);
	root_file(
	    "/var/lib/uadm/store/uadm.db", 0600, "no database, but long enough", 28);
	CHECK_FAILS(UADM_UNAVAILABLE, try_open(&err));
	CHECK_HAS(err.msg, "damaged");
}

/* What later schemas added goes, and the first one is left, with something in it. */
static const char back_to_1[] =
    "DROP TRIGGER message_number; DROP TRIGGER message_password; DROP TRIGGER message_no_password;"
    "ALTER TABLE last_login DROP COLUMN wrong_codes;"
    "DROP INDEX user_of_home; DROP TABLE letter;"
    "DROP TRIGGER invitation_over; DROP TRIGGER invitation_account_gone; DROP TABLE invitation; DROP TABLE code;"
    "ALTER TABLE proof DROP COLUMN code; ALTER TABLE password DROP COLUMN temporary_until;"
    "DROP TABLE recovery; DROP TABLE factor; DROP TABLE factor_rule; DROP TABLE factor_grace;"
    "DROP TABLE message; DROP TABLE message_sent; ALTER TABLE proof DROP COLUMN factor;"
    "DROP TABLE tag; DROP TABLE review_item; DROP TABLE review; DROP INDEX user_of_contact;"
    "ALTER TABLE user DROP COLUMN contact; DROP TABLE contact;"
    "DROP VIEW account_pair; DROP TRIGGER membership_new; DROP TRIGGER membership_gone;"
    "DROP TRIGGER membership_changed; DROP TRIGGER account_changed;"
    "DROP TABLE membership_right; DROP TABLE membership; DROP TABLE account_domain;"
    "DROP INDEX group_of_account; ALTER TABLE \"group\" DROP COLUMN role;"
    "ALTER TABLE \"group\" DROP COLUMN account; DROP TABLE account;"
    "DROP TABLE role_right; DROP TABLE role; DROP TABLE \"right\";"
    "DROP TABLE policy; DROP TABLE old_password; DROP INDEX password_imported;"
    "DROP TRIGGER attempt_of_nobody; DROP TABLE attempt; DROP TABLE lockout;"
    "CREATE TABLE attempt (id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  uid INTEGER NOT NULL REFERENCES user(uid) ON DELETE CASCADE,"
    "  source TEXT, started INTEGER NOT NULL, deadline INTEGER,"
    "  at INTEGER NOT NULL, service TEXT) STRICT;"
    "CREATE INDEX attempt_of_user ON attempt(uid, started);"
    "CREATE TABLE lockout (uid INTEGER PRIMARY KEY REFERENCES user(uid) ON DELETE CASCADE,"
    "  since INTEGER NOT NULL, at INTEGER NOT NULL) STRICT;"
    "DROP TRIGGER changed_user_new; DROP TRIGGER changed_user_gone; DROP TRIGGER changed_user;"
    "DROP TRIGGER changed_group_new; DROP TRIGGER changed_group_gone; DROP TRIGGER changed_group;"
    "DROP TRIGGER changed_member_new; DROP TRIGGER changed_member_gone;"
    "DROP TRIGGER changed_member; DROP TABLE changed;"
    "DROP TRIGGER changed_user_name; ALTER TABLE meta DROP COLUMN mark;"
    "ALTER TABLE meta DROP COLUMN base_seed; ALTER TABLE meta DROP COLUMN base_settings;"
    "ALTER TABLE user DROP COLUMN keep_sessions;"
    "ALTER TABLE user DROP COLUMN suspended_by_root;"
    "ALTER TABLE password DROP COLUMN temporary_steady;"
    "ALTER TABLE proof DROP COLUMN parent_start;"
    "ALTER TABLE meta DROP COLUMN key_check;"
    "INSERT INTO number VALUES (60000, 'user', 'jo', 1, NULL);"
    "INSERT INTO published VALUES ('jo', 'user', 60000);"
    "INSERT INTO user (uid, name, kind, home, shell, created_at) "
    "VALUES (60000, 'jo', 'person', '/home/jo', '/bin/sh', 1);"
    "INSERT INTO attempt (uid, source, started, at) VALUES (60000, 'uid:7', 1, 1), "
    "(60000, 'host:h', 1, 1), (60000, NULL, 1, 1);"
    "INSERT INTO lockout VALUES (60000, 2, 3); PRAGMA user_version = 1";

static void
test_upgrade(void **state)
{
	static const char *const leftovers[] = { UADM_STORE_FILE "-wal",
		UADM_STORE_FILE "-shm" };
	struct uadm_err err;

	(void)state;
	raw_sql(back_to_1);
	CHECK_OK(try_open(&err));
	assert_int_equal(raw_int("PRAGMA user_version"), store_schema_version());
	assert_int_equal(raw_int("SELECT length(key_check) FROM meta"), 32);
	assert_int_equal(raw_int("SELECT count(*) FROM policy"), 0);
	assert_int_equal(raw_int("SELECT count(*) FROM role WHERE shipped"), 4);
	assert_int_equal(raw_int("SELECT count(*) FROM \"right\" WHERE shipped"), 9);
	assert_int_equal(raw_int("SELECT count(*) FROM membership"), 0);
	assert_int_equal(
	    raw_int("SELECT count(*) FROM \"group\" WHERE account IS NOT NULL"), 0);
	assert_int_equal(
	    raw_int("SELECT keep_sessions FROM user WHERE name = 'jo'"), 0);
	assert_int_equal(
	    raw_int("SELECT local FROM attempt WHERE source = 'uid:7'"), 1);
	assert_int_equal(
	    raw_int("SELECT local FROM attempt WHERE source = 'host:h'"), 0);
	assert_int_equal(raw_int("SELECT local FROM attempt WHERE source IS NULL"), 0);
	assert_int_equal(raw_int("SELECT since FROM lockout WHERE uid = 60000"), 2);
	raw_sql("DELETE FROM user; DELETE FROM published");
	assert_int_equal(raw_int("SELECT count(*) FROM attempt"), 0);
	assert_int_equal(raw_int("SELECT count(*) FROM lockout"), 0);
	/* What there was is beside it, as it was. */
	for (size_t i = 0; i < ARRAY_LEN(leftovers); i++)
		unlink(leftovers[i]);
	assert_int_equal(
	    rename(UADM_STORE_DIR "/before-schema-2.db", UADM_STORE_FILE), 0);
	assert_int_equal(raw_int("PRAGMA user_version"), 1);
	assert_int_equal(raw_int("SELECT uid FROM user WHERE name = 'jo'"), 60000);
}

static void
test_foreign_owner(void **state)
{
	struct uadm_err err;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(UADM_STORE_FILE, 4242, 0), 0);
	CHECK_FAILS(UADM_UNAVAILABLE, try_open(&err));
	CHECK_HAS(err.msg, "uid 4242");
	assert_int_equal(chown(UADM_STORE_FILE, 0, 0), 0);
	assert_int_equal(chown(UADM_STORE_DIR, 4242, 0), 0);
	CHECK_FAILS(UADM_UNAVAILABLE, try_open(&err));
	assert_int_equal(chown(UADM_STORE_DIR, 0, 0), 0);
	assert_int_equal(chown(UADM_STATE_DIR, 4242, 0), 0);
	CHECK_FAILS(UADM_UNAVAILABLE, try_open(&err));
	assert_int_equal(chown(UADM_STATE_DIR, 0, 0), 0);
	CHECK_OK(try_open(&err));
}

static void
test_transactions(void **state)
{
	STORE *st = open_store();
	struct uadm_err err;
	uint64_t n = 0;

	(void)state;
	{
		TXN t = { 0 };

		CHECK_OK(txn_begin(&t, st, &err));
		CHECK_OK(store_bump_generation(st, &err));
	} /* left without a commit */
	CHECK_OK(store_generation(st, &n, NULL, &err));
	CHECK_EQ(n, 1, "rolled back");
	{
		TXN t = { 0 };

		CHECK_OK(txn_begin(&t, st, &err));
		CHECK_OK(store_bump_generation(st, &err));
		CHECK_OK(txn_commit(&t, &err));
	}
	CHECK_OK(store_generation(st, &n, NULL, &err));
	CHECK_EQ(n, 2, "committed");
}

/* P11: the wall clock does not matter, a reboot goes on, and nothing goes back. */
static void
test_steady_clock(void **state)
{
	static const struct {
		const char *label;
		struct clock_now now;
		bool keep;
		int64_t want;
	} steps[] = {
		{ "first", { .wall = 1000, .boot_ms = 5000, .boot_id = "one" }, true,
		    5000 },
		{ "ten years on",
		    { .wall = 315361000, .boot_ms = 6000, .boot_id = "one" }, false,
		    6000 },
		{ "ten years back", { .wall = 0, .boot_ms = 7000, .boot_id = "one" },
		    true, 7000 },
		{ "boot time went back", { .boot_ms = 100, .boot_id = "one" }, false,
		    7000 },
		{ "rebooted", { .boot_ms = 300, .boot_id = "two" }, false, 7300 },
		{ "recorded", { .boot_ms = 400, .boot_id = "two" }, true, 7400 },
		{ "goes on", { .boot_ms = 1400, .boot_id = "two" }, true, 8400 },
		{ "again", { .boot_ms = 0, .boot_id = "three" }, true, 8400 },
		{ "and on", { .boot_ms = 1, .boot_id = "three" }, false, 8401 },
	};
	STORE *st = open_store();
	struct uadm_err err;
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		ms = -1;
		CHECK_OK(steps[i].keep ? store_steady_keep(st, &steps[i].now, &ms, &err)
				       : store_steady(st, &steps[i].now, &ms, &err));
		CHECK_EQ(ms, steps[i].want, steps[i].label);
	}
	/* P13: a boot that nobody can name is not a new one. */
	assert_int_equal(
	    store_steady(st, &(struct clock_now){ .boot_ms = 9000 }, &ms, &err),
	    UADM_UNAVAILABLE);
}

/* One process with SQLite in it that was not forked from one that has it open. */
static pid_t
start_other(const char *what)
{
	pid_t pid = fork();

	if (pid == 0) {
		execl("/proc/self/exe", "test_db", what, (char *)NULL);
		_exit(99);
	}
	return pid;
}

static int
finish(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool
append(struct store *st)
{
	static const struct audit_row row = { .actor = "a", .action = "b" };
	struct uadm_err err;
	TXN t = { 0 };

	return txn_begin(&t, st, &err) == UADM_OK &&
	    audit_append(st, &row, 1, &err) == UADM_OK &&
	    txn_commit(&t, &err) == UADM_OK;
}

enum { EACH = 50 };

/* What start_other() runs: the exit status is the number of audit rows, or 99. */
static int
be_other(const char *what)
{
	const struct store_place p = place();
	STORE *st = NULL;
	struct uadm_err err;
	int64_t n = 0;

	for (int i = 0; i < (*what == 'w' ? EACH : 1); i++) {
		store_close(&st);
		if (store_open(&p, &st, &err) != UADM_OK ||
		    (*what != 'c' && !append(st)))
			return 99;
	}
	return audit_count(st, &n, &err) == UADM_OK ? (int)n : 99;
}

/* Another process that comes and goes must not take the log from under this one: what is
 * committed here has to be seen there. */
static void
test_others_close(void **state)
{
	STORE *st = open_store();
	struct uadm_err err;

	(void)state;
	CHECK_EQ(finish(start_other("append")), 1, "the other's");
	assert_true(append(st));
	CHECK_EQ(finish(start_other("count")), 2, "seen by another");
	CHECK_OK(try_open(&err)); /* nor does a second one in here */
	CHECK_FAILS(UADM_EXISTS,
	    store_create(&(struct store_place){ .dir = UADM_STORE_DIR,
			     .owner = UADM_TRUSTED_UID },
		NULL, NULL, &err));
	CHECK_EQ(finish(start_other("append")), 3, "the other's");
	assert_true(append(st));
	CHECK_EQ(finish(start_other("count")), 4, "seen by another");
	store_close(&st);
	CHECK_EQ(finish(start_other("count")), 4, "after closing");
}

/* S2: nobody is told of a busy store, and nothing is lost. */
static void
test_writers_at_once(void **state)
{
	struct audit_verdict v;
	struct uadm_err err;
	pid_t pids[3];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pids); i++)
		pids[i] = start_other("write");
	for (size_t i = 0; i < ARRAY_LEN(pids); i++)
		CHECK_EQ(finish(pids[i]) >= EACH, 1, "a writer");
	STORE *st = open_store();
	CHECK_OK(audit_verify(st, &v, &err));
	CHECK_TEXT(v.problem, "", "the trail");
	CHECK_EQ(v.rows, 3 * EACH, "rows");
}

/* P5: a lock that is held is waited for 5 s, whatever happens to the wall clock. */
static void
test_busy(void **state)
{
	STORE *holder = open_store();
	STORE *st = open_store();
	struct uadm_err err;
	TXN held = { 0 };
	TXN t = { 0 };
	int64_t before, took;

	(void)state;
	CHECK_OK(txn_begin(&held, holder, &err));
	before = clock_boot_ms();
	CHECK_FAILS(UADM_BUSY, txn_begin(&t, st, &err));
	took = clock_boot_ms() - before;
	assert_in_range(took, 4900, 6500);
	CHECK_HAS(err.hint, "try again");
	assert_null(t.st);
	txn_done(&held);
	CHECK_OK(txn_begin(&t, st, &err));
}

static void
note(void *arg, const char *what)
{
	snprintf(arg, 200, "%s", what);
}

static void
test_check_file(void **state)
{
	char found[200] = "";
	struct uadm_err err;

	(void)state;
	STORE *st = open_store();
	add_user(st, 30000, "alice");
	CHECK_OK(store_check_file(st, note, found, &err));
	CHECK_TEXT(found, "", "sound");
	store_close(&st);
	raw_sql("PRAGMA foreign_keys = OFF;"
		"INSERT INTO member (gid, uid) VALUES (20000, 30000)");
	st = open_store();
	CHECK_OK(store_check_file(st, note, found, &err));
	CHECK_HAS(found, "a row of member refers to a missing group");
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_create, no_store),
		cmocka_unit_test_setup(test_half_made, no_store),
		cmocka_unit_test_setup(test_refused, empty_store),
		cmocka_unit_test_setup(test_upgrade, empty_store),
		cmocka_unit_test_setup(test_foreign_owner, empty_store),
		cmocka_unit_test_setup(test_transactions, empty_store),
		cmocka_unit_test_setup(test_steady_clock, empty_store),
		cmocka_unit_test_setup(test_others_close, empty_store),
		cmocka_unit_test_setup(test_writers_at_once, empty_store),
		cmocka_unit_test_setup(test_busy, empty_store),
		cmocka_unit_test_setup(test_check_file, empty_store),
	};

	if (argc == 2)
		return be_other(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
