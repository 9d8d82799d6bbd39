/* The records of sessions: which are shown, and what is forgotten (F60). */
#include "libuadm/store/sessions.h"

#include "libuadm/store/users.h"
#include "tests/unit/check.h"
#include "tests/unit/store/stores.h"

enum { ALICE = 30000, BOB = 30001, NOW = 1000000 };

/* "1 2 5": their ids. */
static enum uadm_code
take_id(void *arg, const struct session *s, struct uadm_err *err)
{
	char *ids = arg;
	size_t used = strlen(ids);

	(void)err;
	snprintf(
	    ids + used, 200 - used, "%s%lld", used > 0 ? " " : "", (long long)s->id);
	return UADM_OK;
}

static void
add(struct store *st, uid_t uid, const char *service, int64_t at, int64_t ended)
{
	struct session s = {
		.uid = uid, .leader = 7, .leader_start = 9, .opened_at = at
	};
	struct uadm_err err;
	bool closed;

	snprintf(s.service, sizeof(s.service), "%s", service);
	strcpy(s.boot_id, "boot");
	strcpy(s.tty, "pts/1");
	strcpy(s.source, "there");
	CHECK_OK(sessions_open(st, &s, &err));
	if (ended != 0)
		CHECK_OK(sessions_close(st, uid, 7, service, ended, &closed, &err));
}

static enum uadm_code
keep(void *arg, const struct session *s, struct uadm_err *err)
{
	(void)err;
	*(struct session *)arg = *s;
	return UADM_OK;
}

static void
test_each(void **state)
{
	static const struct {
		const char *label;
		struct session_filter f;
		const char *ids;
	} cases[] = {
		{ "who is in", { .id = 0 }, "2 4" },
		{ "alice", { .uid = ALICE }, "2" },
		{ "bob", { .uid = BOB }, "4" },
		{ "nobody", { .uid = 30009 }, "" },
		{ "one", { .id = 4 }, "4" },
		{ "one that is over", { .id = 1 }, "" },
		{ "... it, too", { .id = 1, .ended = true }, "1" },
		{ "all", { .ended = true }, "1 2 3 4" },
		{ "since", { .ended = true, .since = 60 }, "2 3 4" },
		{ "to the second", { .ended = true, .since = 50 }, "1 2 3 4" },
		{ "of later, what is open", { .ended = true, .since = NOW }, "2 4" },
		{ "alice, all", { .uid = ALICE, .ended = true }, "1 2" },
		{ "of an account that nobody is in", { .account = "acme" }, "" },
		{ "... ever was", { .account = "acme", .ended = true }, "" },
	};
	STORE *st = open_store();
	struct session s = { 0 };
	struct uadm_err err;

	(void)state;
	add_user(st, ALICE, "alice");
	add_user(st, BOB, "bob");
	add(st, ALICE, "sshd", 1, 50);
	add(st, ALICE, "login", 2, 0);
	add(st, BOB, "su", 3, 70);
	add(st, BOB, "cron", 4, 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char ids[200] = "";

		CHECK_OK(sessions_each(st, &cases[i].f, take_id, ids, &err));
		CHECK_TEXT(ids, cases[i].ids, cases[i].label);
	}
	CHECK_OK(sessions_each(
	    st, &(struct session_filter){ .id = 1, .ended = true }, keep, &s, &err));
	CHECK_TEXT(s.user, "alice", "user");
	CHECK_TEXT(s.service, "sshd", "service");
	CHECK_TEXT(s.tty, "pts/1", "tty");
	CHECK_TEXT(s.source, "there", "source");
	CHECK_TEXT(s.boot_id, "boot", "boot");
	assert_true(s.uid == ALICE && s.leader == 7 && s.leader_start == 9 &&
	    s.opened_at == 1 && s.closed_at == 50);
}

static void
test_forget(void **state)
{
	STORE *st = open_store();
	struct uadm_err err;
	char ids[200] = "";
	bool any;

	(void)state;
	add_user(st, ALICE, "alice");
	add(st, ALICE, "sshd", 1, 10);
	add(st, ALICE, "sshd", 2, 20);
	add(st, ALICE, "login", 3, 0);
	CHECK_OK(sessions_forget(st, 10, &any, &err));
	assert_false(any);
	CHECK_OK(sessions_forget(st, 11, &any, &err));
	assert_true(any);
	CHECK_OK(sessions_each(
	    st, &(struct session_filter){ .ended = true }, take_id, ids, &err));
	CHECK_TEXT(ids, "2 3", "left");
	/* What is open is not old. */
	CHECK_OK(sessions_forget(st, NOW, &any, &err));
	*ids = '\0';
	CHECK_OK(sessions_each(
	    st, &(struct session_filter){ .ended = true }, take_id, ids, &err));
	CHECK_TEXT(ids, "3", "left");
	/* So many at once that nobody has to wait. */
	raw_sql(
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) INSERT INTO session "
	    "(uid, leader, leader_start, opened_at, closed_at) SELECT 30000, 1, 1, 1, 2 FROM n");
	for (int64_t left = 2501; left > 1; left = left > 1001 ? left - 1000 : 1) {
		CHECK_EQ(raw_int("SELECT count(*) FROM session"), left, "rows");
		CHECK_OK(sessions_forget(st, NOW, &any, &err));
		assert_true(any);
	}
	CHECK_EQ(raw_int("SELECT count(*) FROM session"), 1, "rows");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_each, empty_store),
		cmocka_unit_test_setup(test_forget, empty_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
