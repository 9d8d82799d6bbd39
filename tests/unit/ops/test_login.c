/* Account, session and change of password; and how the published file follows the store. */
#include "libuadm/directory/reader.h"
#include "libuadm/directory/writer.h"
#include "libuadm/ops/groups.h"
#include "libuadm/ops/info.h"
#include "tests/unit/ops/host.h"

#include <pwd.h>

#define NAME "zq-alice"

static struct uadm u;
static struct uadm_err err;
static const struct login_request sshd = { .name = NAME, .service = "sshd" };
static struct user alice;

/* What NSS says in this program: a cache that is behind, and another source. */
static struct passwd cached, *cache;

struct passwd *
getpwnam(const char *name)
{
	static struct passwd root = { .pw_name = (char *)"root" };

	if (cache != NULL && strcmp(cache->pw_name, name) == 0)
		return cache;
	return strcmp(name, "root") == 0 ? &root : NULL;
}

static int
setup(void **state)
{
	empty_host(state);
	open_host(&u);
	alice = add_person(&u, NAME, PASSWORD);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	cache = NULL;
	uadm_close(&u);
	return 0;
}

static struct login_request
request(pid_t pid, int64_t start, pid_t parent)
{
	return (struct login_request){
		.name = NAME, .service = "test", .host = { pid, start, parent }
	};
}

static void
reload(void)
{
	enum login_whose whose;

	CHECK_OK(op_login_whose(&u, NAME, &whose, &alice, &err));
	CHECK_EQ(whose, LOGIN_OURS, "whose");
}

static enum login_verdict
account(pid_t pid, int64_t start)
{
	const struct login_request r = request(pid, start, 1);
	struct login_answer a;

	reload();
	CHECK_OK(op_login_account(&u, &r, &alice, &a, &err));
	return a.verdict;
}

static enum login_verdict
open_as(pid_t pid, int64_t start)
{
	const struct login_request r = request(pid, start, 1);
	struct session_opened s;

	reload();
	CHECK_OK(op_login_open(&u, &r, &alice, &s, &err));
	return s.answer.verdict;
}

static void
prove(pid_t pid, int64_t start, pid_t parent)
{
	const struct login_request r = request(pid, start, parent);
	struct proof p;
	SECRET pw = { 0 };

	fill_secret(&pw, PASSWORD);
	CHECK_OK(op_login_prove(&u, &r, &alice, &pw, true, &p, &err));
	CHECK_EQ(p.answer, PROOF_RIGHT, "right");
}

/* P6: cron and keys do not touch the counters. */
static void
test_account_changes_nothing(void **state)
{
	(void)state;
	raw_sql("INSERT INTO attempt (uid, started, at) SELECT uid, 1, 1 FROM user;"
		"INSERT INTO last_login (uid, failures) SELECT uid, 3 FROM user");
	for (int i = 0; i < 1000; i++)
		CHECK_EQ(account(100, 7), LOGIN_ALLOW, "account");
	CHECK_EQ(raw_int("SELECT count(*) FROM attempt"), 1, "attempts");
	CHECK_EQ(raw_int("SELECT failures FROM last_login"), 3, "failures");
	CHECK_EQ(raw_int("SELECT count(*) FROM audit"), 2, "audit");
	CHECK_EQ(raw_int("SELECT sum(attempts) FROM bucket"), 0, "buckets");
}

/* P22: suspended, deleted or made anew between the look at the user and the session's own
 * transaction. */
static void
test_P22_changed_under_way(void **state)
{
	const struct login_request r = request(100, 7, 1);
	struct session_opened s;

	(void)state;
	reload();
	raw_sql("UPDATE user SET suspended_at = 1");
	CHECK_OK(op_login_open(&u, &r, &alice, &s, &err));
	CHECK_EQ(s.answer.verdict, LOGIN_REFUSE, "suspended");
	CHECK_EQ(s.answer.reason, LOGIN_SUSPENDED, "suspended");
	CHECK_OK(op_user_delete(&u, NAME, &err));
	CHECK_OK(op_login_open(&u, &r, &alice, &s, &err));
	CHECK_EQ(s.answer.reason, LOGIN_UNKNOWN, "deleted");
	add_person(&u, NAME, PASSWORD);
	CHECK_OK(op_login_open(&u, &r, &alice, &s, &err));
	CHECK_EQ(s.answer.verdict, LOGIN_REFUSE, "another of that name");
	CHECK_EQ(raw_int("SELECT count(*) FROM session"), 0, "sessions");
}

/* P7: denied through account and session alone. */
static void
test_denied_without_auth(void **state)
{
	static const char *const cases[] = { "UPDATE user SET suspended_at = 1",
		"UPDATE user SET suspended_at = NULL, expires_at = 1",
		"UPDATE user SET expires_at = NULL, valid_from = 99999999999" };

	(void)state;
	CHECK_EQ(account(100, 7), LOGIN_ALLOW, "before");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		raw_sql(cases[i]);
		CHECK_EQ(account(100, 7), LOGIN_REFUSE, cases[i]);
		CHECK_EQ(open_as(100, 7), LOGIN_REFUSE, cases[i]);
	}
	CHECK_EQ(raw_int("SELECT count(*) FROM session"), 0, "sessions");
}

/* No process has such a number. */
enum { BEYOND = 4194304 };

/* A due change binds the process that proved the password and the parent of that (sshd). */
static void
test_must_change(void **state)
{
	SECRET pw = { 0 };
	struct verifier was;
	char sql[200];

	(void)state;
	CHECK_OK(op_user_set_password(&u, NAME, NULL, true, &err));
	CHECK_EQ(account(BEYOND + 100, 7), LOGIN_ALLOW, "by key");
	prove(BEYOND + 101, 7, BEYOND + 100);
	CHECK_EQ(account(BEYOND + 101, 7), LOGIN_CHANGE, "itself");
	CHECK_EQ(account(BEYOND + 100, 7), LOGIN_CHANGE, "its parent");
	CHECK_EQ(open_as(BEYOND + 101, 7), LOGIN_CHANGE, "no session yet");
	/* Whoever calls su may stop it for as long as they like. */
	snprintf(sql, sizeof(sql),
	    "UPDATE proof SET at = (SELECT steady_last FROM meta) - %lld",
	    (long long)clock_boot_ms() - 1000);
	raw_sql(sql);
	CHECK_EQ(account(BEYOND + 101, 7), LOGIN_CHANGE, "hours later");
	CHECK_EQ(raw_int("SELECT count(*) FROM session"), 0, "sessions");
	CHECK_EQ(account(BEYOND + 101, 8), LOGIN_ALLOW, "the pid of another");
	CHECK_EQ(account(BEYOND + 102, 7), LOGIN_ALLOW, "another");

	reload();
	CHECK_OK(op_login_verifier(&u, &alice, &was, &err));
	was.text[40] ^= 1; /* somebody was faster */
	fill_secret(&pw, "Another-Horse-2");
	CHECK_FAILS(UADM_BUSY,
	    op_login_set_password(&u, &sshd, &alice, false, &was, &pw, &err));
	was.text[40] ^= 1;
	CHECK_EQ(account(BEYOND + 101, 7), LOGIN_CHANGE, "still due");
	CHECK_OK(op_login_set_password(&u, &sshd, &alice, false, &was, &pw, &err));
	CHECK_EQ(account(BEYOND + 101, 7), LOGIN_ALLOW, "done");
	CHECK_EQ(raw_int("SELECT count(*) FROM audit WHERE actor = '" NAME
			 "' AND action = 'user.change-password' AND detail = "
			 "'service=sshd'"),
	    1, "audit");

	/* passwd NAME by root. */
	CHECK_OK(op_login_verifier(&u, &alice, &was, &err));
	CHECK_OK(op_login_set_password(&u, &sshd, &alice, true, &was, &pw, &err));
	CHECK_EQ(raw_int("SELECT count(*) FROM audit WHERE actor = 'root' AND "
			 "action = 'user.change-password'"),
	    1, "audit");
}

static void
test_session(void **state)
{
	struct process me = { .pid = getpid() };
	struct login_request r;
	struct session_opened s;

	(void)state;
	assert_true(process_look(&me));
	assert_int_equal(me.parent, getppid());
	r = request(me.pid, me.start, me.parent);
	strcpy(r.rhost, "there");
	CHECK_OK(op_login_open(&u, &r, &alice, &s, &err));
	CHECK_EQ(s.answer.verdict, LOGIN_ALLOW, "verdict");
	CHECK_EQ(s.before.at, 0, "the first one");
	CHECK_EQ(s.home_made, geteuid() == 0, "home");
	raw_sql("UPDATE last_login SET failures = 2");
	/* A leader that is gone is noticed when the next session opens. */
	raw_sql("INSERT INTO session (uid, leader, leader_start, boot_id, opened_at) "
		"SELECT uid, leader, leader_start + 1, boot_id, 1 FROM session");
	CHECK_OK(op_login_open(&u, &r, &alice, &s, &err));
	assert_true(s.before.at > 0);
	CHECK_EQ(s.before.failures, 2, "failures since");
	CHECK_TEXT(s.before.source, "there", "source");
	CHECK_EQ(
	    raw_int("SELECT count(*) FROM session WHERE closed_at IS NULL"), 2, "open");
	CHECK_OK(op_login_close(&u, &r, &alice, &err));
	CHECK_EQ(
	    raw_int("SELECT count(*) FROM session WHERE closed_at IS NULL"), 1, "open");
	assert_false(process_look(&(struct process){ .pid = 0x3fffffff }));
}

/* P7: who was deleted is nobody, whatever a cache still shows; who carries a number that was
 * never ours is another source's; and a name that was just somebody else's opens no session. */
static void
test_P7_deleted_and_cached(void **state)
{
	struct session_opened opened;
	struct login_answer answer;
	enum login_whose whose;
	struct user user;

	(void)state;
	cached = (struct passwd){ .pw_name = (char *)NAME, .pw_uid = alice.uid };
	cache = &cached;
	CHECK_OK(op_user_delete(&u, NAME, &err));
	CHECK_OK(op_login_whose(&u, NAME, &whose, &user, &err));
	CHECK_EQ(whose, LOGIN_NOBODYS, "deleted, but cached");
	cached.pw_uid = 1234567;
	CHECK_OK(op_login_whose(&u, NAME, &whose, &user, &err));
	CHECK_EQ(whose, LOGIN_OTHERS, "a number that was never ours");

	cache = NULL;
	alice = add_person(&u, NAME, PASSWORD);
	CHECK_OK(op_login_account(
	    &u, &(struct login_request){ .name = NAME }, &alice, &answer, &err));
	CHECK_EQ(answer.reason, LOGIN_NAME_MOVED, "an old login may be under way");
	raw_sql(
	    "UPDATE number SET released_at = released_at - 180 WHERE released_at > 0");
	CHECK_OK(op_login_account(
	    &u, &(struct login_request){ .name = NAME }, &alice, &answer, &err));
	CHECK_EQ(answer.reason, LOGIN_NAME_MOVED,
	    "three minutes later, but in a program that was there before");
	alice.created_at -= 1000000000;
	CHECK_OK(op_login_account(
	    &u, &(struct login_request){ .name = NAME }, &alice, &answer, &err));
	CHECK_EQ(answer.verdict, LOGIN_ALLOW, "three minutes later, in a new one");
	cached.pw_uid = alice.uid - 1;
	cache = &cached;
	CHECK_OK(op_login_open(
	    &u, &(struct login_request){ .name = NAME }, &alice, &opened, &err));
	CHECK_EQ(
	    opened.answer.reason, LOGIN_NAME_MOVED, "a cache shows the old number");
	cache = NULL;
}

static void
test_whose(void **state)
{
	static const struct {
		const char *name;
		enum login_whose want;
	} cases[] = { { NAME, LOGIN_OURS }, { "root", LOGIN_OTHERS },
		{ "zq-nobody", LOGIN_NOBODYS }, { "", LOGIN_NOBODYS },
		{ "zq-alice' --", LOGIN_NOBODYS } };
	enum login_whose whose;
	struct user user;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHECK_OK(op_login_whose(&u, cases[i].name, &whose, &user, &err));
		CHECK_EQ(whose, cases[i].want, cases[i].name);
	}
}

/* "name:id:gids" of a user, "name:id members" of a group, "-" when it is not shown. */
static const char *
shown(const char *name)
{
	static char text[300];
	struct directory_view v;
	struct directory_entry e;

	assert_int_equal(directory_open(&v), 0);
	if (directory_by_name(&v, name, &e) != DIRECTORY_FOUND)
		snprintf(text, sizeof(text), "-");
	else if (e.user)
		snprintf(text, sizeof(text), "%.*s:%u:%zu", (int)e.name_len, e.name,
		    e.id, e.gid_count);
	else
		snprintf(text, sizeof(text), "%.*s:%u %zu", (int)e.name_len, e.name,
		    e.id, e.member_count);
	directory_close(&v);
	return text;
}

/* N1: what is published is what the store has, but for names and ids of this host's own. */
static void
test_publish(void **state)
{
	static const struct {
		const char *name, *want;
	} cases[] = { { NAME, "zq-alice:1900000000:1" }, { "zq-bob", "-" },
		{ "zq-carol", "-" }, { "zq-crew", "zq-crew:1800000000 1" },
		{ "zq-none", "-" } };
	struct group g = { .name = "zq-crew" };
	uint64_t generation = 0, stored = 0;
	bool done;

	(void)state;
	add_person(&u, "zq-bob", NULL);
	add_person(&u, "zq-carol", NULL);
	CHECK_OK(op_group_add(&u, &g, &err));
	CHECK_OK(op_group_add_member(&u, "zq-crew", NAME, &done, &err));
	CHECK_OK(op_group_add_member(&u, "zq-crew", "zq-bob", &done, &err));
	root_text("/etc/passwd", "zq-bob:x:1234:1234::/:/bin/sh\n");
	root_text("/etc/group", "other:x:1900000002:\n"); /* carol's id */
	CHECK_OK(op_publish(&u, false, &done, &err));
	assert_true(done);
	/* The setup took the file of the test before away by hand, which this process may
	 * notice a second later. */
	for (int i = 0; i < 300 && strcmp(shown(NAME), cases[0].want) != 0; i++)
		usleep(10000);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		CHECK_TEXT(shown(cases[i].name), cases[i].want, cases[i].name);
	CHECK_OK(store_generation(u.store, &stored, NULL, &err));
	CHECK_OK(directory_generation(
	    UADM_DIRECTORY_DIR, UADM_TRUSTED_UID, &generation, &err));
	CHECK_EQ(generation, stored, "generation");

	CHECK_OK(op_publish(&u, false, &done, &err));
	assert_false(done); /* it is current */
	CHECK_OK(op_publish(&u, true, &done, &err));
	assert_true(done);
	CHECK_OK(op_user_delete(&u, NAME, &err));
	CHECK_TEXT(shown(NAME), "zq-alice:1900000000:1", "not yet");
	CHECK_OK(op_publish(&u, false, &done, &err));
	CHECK_TEXT(shown(NAME), "-", "deleted");
}

static void
complain(void *arg, const char *what, const char *mend)
{
	size_t used = strlen(arg);

	snprintf(
	    (char *)arg + used, 800 - used, "%s (%s);", what, mend != NULL ? mend : "");
}

static void
test_info_and_check(void **state)
{
	static const struct {
		const char *sql, *says;
	} cases[] = {
		{ "UPDATE meta SET generation = generation + 1",
		    "is not that of the store (uadmctl store check --repair" },
		{ "DROP TRIGGER audit_same; UPDATE audit SET actor = 'x' WHERE id = 2",
		    "row 2 was changed" },
		{ "PRAGMA foreign_keys = OFF; DELETE FROM published",
		    "the user zq-alice (1900000000) is not published" },
		{ "INSERT INTO password (uid, verifier, changed_at) SELECT 1, 'x', 1",
		    "a row of password refers to a missing user" },
	};
	char found[800] = "";
	struct store_info info;
	bool done;

	(void)state;
	CHECK_OK(op_store_info(&u, &info, &err));
	CHECK_EQ(info.users, 1, "users");
	CHECK_EQ(info.groups, 0, "groups");
	CHECK_EQ(info.audit_rows, 2, "audit rows");
	CHECK_EQ(info.published, 0, "nothing is published");
	CHECK_OK(op_store_check(&u, complain, found, &err));
	CHECK_HAS(found, "uadmctl store check --repair");
	CHECK_OK(op_publish(&u, false, &done, &err));
	CHECK_OK(op_store_info(&u, &info, &err));
	CHECK_EQ(info.published, info.generation, "generation");
	found[0] = '\0';
	CHECK_OK(op_store_check(&u, complain, found, &err));
	CHECK_TEXT(found, "", "sound");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		found[0] = '\0';
		raw_sql(cases[i].sql);
		CHECK_OK(op_store_check(&u, complain, found, &err));
		CHECK_HAS(found, cases[i].says);
	}
}

/* A key that is gone is not made anew for an old store, whose trail would no longer verify. */
static void
test_key_and_store(void **state)
{
	UADM other = { 0 };
	bool made = true;

	(void)state;
	CHECK_OK(uadm_open_config(&other, CONF, &err));
	CHECK_OK(op_store_init(&other, &made, &err));
	assert_false(made);
	uadm_close(&other);
	root_file("/etc/uadm/secret.key", 0600, "another key, of just as many b..", 32);
	CHECK_FAILS(UADM_UNAVAILABLE, uadm_open(&other, CONF, &err));
	CHECK_HAS(err.msg, "is not this store's");
	assert_null(other.store);
	CHECK_FAILS(UADM_UNAVAILABLE, op_store_init(&other, &made, &err));
	assert_null(other.store);
	CHECK_OK(uadm_open_any_key(&other, CONF, &err));
	assert_true(other.other_key);
	uadm_close(&other);
	assert_int_equal(unlink(UADM_KEY_FILE), 0);
	CHECK_FAILS(UADM_UNAVAILABLE, uadm_open(&other, CONF, &err));
	CHECK_HAS(err.msg, "secret.key is missing");
	CHECK_FAILS(UADM_UNAVAILABLE, op_store_init(&other, &made, &err));
	assert_int_not_equal(access(UADM_KEY_FILE, F_OK), 0);
	assert_int_equal(unlink(UADM_STORE_FILE), 0);
	CHECK_FAILS(UADM_UNAVAILABLE, uadm_open(&other, CONF, &err));
	CHECK_HAS(err.hint, "uadmctl store init");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		/* first: nothing has been published to this process yet */
		cmocka_unit_test_setup_teardown(
		    test_P7_deleted_and_cached, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_account_changes_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_denied_without_auth, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_P22_changed_under_way, setup, teardown),
		cmocka_unit_test_setup_teardown(test_must_change, setup, teardown),
		cmocka_unit_test_setup_teardown(test_session, setup, teardown),
		cmocka_unit_test_setup_teardown(test_whose, setup, teardown),
		cmocka_unit_test_setup_teardown(test_publish, setup, teardown),
		cmocka_unit_test_setup_teardown(test_info_and_check, setup, teardown),
		cmocka_unit_test_setup_teardown(test_key_and_store, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
