/* The write-ahead log of processes that live for one commit: short, found again, made again (S2). */
#include "tests/unit/store/stores.h"

#define LOG_FILE UADM_STORE_FILE "-wal"

enum { FRAME = 4096 + 24, FRAMES_MOST = 200 };

/* What one process does. */
static void
commit_once(void)
{
	STORE *st = open_store();
	struct uadm_err err;

	CHECK_OK(store_bump_generation(st, &err));
}

static uint64_t
generation(void)
{
	STORE *st = open_store();
	struct uadm_err err;
	uint64_t n = 0;

	CHECK_OK(store_generation(st, &n, NULL, &err));
	return n;
}

static off_t
log_size(void)
{
	struct stat st;

	assert_int_equal(stat(LOG_FILE, &st), 0);
	CHECK_EQ(st.st_mode & 07777, 0600, "mode");
	return st.st_size;
}

/* Written back, begun anew, and nothing of it lost on the way. */
static void
test_stays_short(void **state)
{
	enum { COMMITS = 250 };

	(void)state;
	for (unsigned i = 1; i <= COMMITS; i++) {
		commit_once();
		assert_true(log_size() < FRAMES_MOST * FRAME);
	}
	CHECK_EQ(generation(), 1 + COMMITS, "read from the log");
	CHECK_EQ(raw_int("SELECT generation FROM meta"), 1 + COMMITS, "by another");
}

/* sqlite3(1) removes it when it ends: the next one makes it, and is as careful as the first. */
static void
test_made_again(void **state)
{
	struct stat st;

	(void)state;
	for (unsigned i = 0; i < 120; i++)
		commit_once();
	raw_sql("UPDATE meta SET generation = 7");
	assert_int_equal(stat(LOG_FILE, &st), -1);
	CHECK_EQ(generation(), 7, "written back");
	commit_once();
	CHECK_EQ(generation(), 8, "made again");
	assert_true(log_size() > 0);
}

/* A reader that stays keeps the log from being begun anew; when it goes, that is made up for. */
static void
test_with_a_reader(void **state)
{
	enum { COMMITS = 120 };
	struct uadm_err err;
	uint64_t n;
	off_t most;

	(void)state;
	{
		STORE *st = open_store();
		TXN t = { 0 };

		CHECK_OK(txn_read(&t, st, &err));
		CHECK_OK(store_generation(st, &n, NULL, &err));
		for (unsigned i = 0; i < COMMITS; i++) {
			STORE *other = open_store();

			CHECK_OK(store_bump_generation(other, &err));
		}
		CHECK_OK(store_generation(st, &n, NULL, &err));
		CHECK_EQ(n, 1, "what it saw when it began");
		most = log_size();
		assert_true(most > COMMITS * FRAME);
	}
	for (unsigned i = 0; i < COMMITS; i++)
		commit_once();
	assert_true(log_size() <= most + 2 * FRAME);
	CHECK_EQ(generation(), 1 + 2 * COMMITS, "all of it");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_stays_short, empty_store),
		cmocka_unit_test_setup(test_made_again, empty_store),
		cmocka_unit_test_setup(test_with_a_reader, empty_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
