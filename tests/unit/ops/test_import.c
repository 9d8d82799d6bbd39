/* Passwords that came as another system's hash (P20): given by an administrator, replaced by the
 * first good login and by nothing else. */
#include "libuadm/ops/show.h"
#include "tests/unit/ops/host.h"

#include <crypt.h>
#include <signal.h>
#include <sys/wait.h>

#define NAME "zq-alice"

static const struct {
	const char *setting, *detail;
} kinds[] = {
	{ "$y$j75$F5Jx5fExrKuPp53xLKQ..1$", "imported=yescrypt" },
	{ "$6$rounds=5000$saltsalt$", "imported=SHA-512" },
	{ "$5$saltsalt$", "imported=SHA-256" },
};

static const char *
hash_of(const char *password, const char *setting)
{
	static struct crypt_data data;
	/* Not crypt_r(): a sanitizer's stands in for that one, with nothing behind it. */
	const char *hash = crypt_rn(password, setting, &data, sizeof(data));

	assert_non_null(hash);
	assert_int_equal(hash[0], '$');
	return hash;
}

static enum uadm_code
import(struct uadm *u, const char *name, const char *hash, bool must_change,
    struct uadm_err *err)
{
	SECRET text = { 0 };

	fill_secret(&text, hash);
	return op_user_import_password(u, name, &text, must_change, err);
}

/* A store with one user, whose password is of this kind. */
static void
one_imported(void **state, size_t kind)
{
	struct clock_now now;
	struct uadm_err err;
	int64_t steady;
	UADM u = { 0 };

	empty_host(state);
	open_host(&u);
	add_person(&u, NAME, NULL);
	CHECK_OK(import(&u, NAME, hash_of(PASSWORD, kinds[kind].setting), false, &err));
	clock_read(&now);
	CHECK_OK(store_steady_keep(u.store, &now, &steady, &err));
}

static struct proof
prove(struct uadm *u, const char *name, const char *password, bool final)
{
	struct login_request r = { .service = "test", .host = { 4242, 7, 4241 } };
	enum login_whose whose;
	struct user user;
	struct proof p;
	SECRET pw = { 0 };
	struct uadm_err err;

	snprintf(r.name, sizeof(r.name), "%s", name);
	CHECK_OK(op_login_whose(u, name, &whose, &user, &err));
	fill_secret(&pw, password);
	CHECK_OK(op_login_prove(
	    u, &r, whose == LOGIN_OURS ? &user : NULL, &pw, final, &p, &err));
	return p;
}

static int64_t
imported(void)
{
	return raw_int(
	    "SELECT count(*) FROM password WHERE verifier NOT GLOB '$argon2id$*'");
}

/* P20: wrong ones leave the hash alone, as do right ones that are no login; the first login
 * replaces it, and the next is checked against the new one. */
static void
test_first_good_login(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		const char *label = kinds[i].detail;
		struct uadm_err err;
		bool changed;
		UADM u = { 0 };
		int64_t since;

		one_imported(state, i);
		open_host(&u);
		since = raw_int("SELECT changed_at FROM password");
		CHECK_EQ(prove(&u, NAME, "wrong", true).charged, true, label);
		CHECK_EQ(prove(&u, NAME, "", true).charged, true, label);
		CHECK_EQ(prove(&u, NAME, PASSWORD, false).answer, PROOF_RIGHT, label);
		CHECK_OK(op_user_suspend(&u, NAME, false, &changed, &err));
		CHECK_EQ(prove(&u, NAME, PASSWORD, true).verdict.reason,
		    LOGIN_SUSPENDED, label);
		CHECK_OK(op_user_resume(&u, NAME, &changed, &err));
		CHECK_EQ(
		    prove(&u, "zq-nobody", PASSWORD, true).answer, PROOF_WRONG, label);
		CHECK_EQ(imported(), 1, label);
		CHECK_EQ(prove(&u, NAME, PASSWORD, true).answer, PROOF_RIGHT, label);
		CHECK_EQ(imported(), 0, label);
		CHECK_EQ(raw_int("SELECT count(*) FROM password "
				 "WHERE verifier LIKE '$argon2id$v=19$m=8192,t=1,%'"),
		    1, label);
		/* The password is as old as it was. */
		CHECK_EQ(raw_int("SELECT changed_at FROM password"), since, label);
		CHECK_EQ(prove(&u, NAME, "wrong", true).charged, true, label);
		CHECK_EQ(prove(&u, NAME, PASSWORD, true).answer, PROOF_RIGHT, label);
	}
}

static void
change_meanwhile(struct uadm *u)
{
	SECRET pw = { 0 };
	struct uadm_err err;

	fill_secret(&pw, "Another-Horse-2");
	CHECK_OK(op_user_set_password(u, NAME, &pw, false, &err));
}

static void
import_meanwhile(struct uadm *u)
{
	struct uadm_err err;

	CHECK_OK(
	    import(u, NAME, hash_of("Another-Horse-2", "$6$saltsalt$"), false, &err));
}

static void
nothing_meanwhile(struct uadm *u)
{
	(void)u;
}

/* P20: a password that is changed while the old one is being checked stays changed. */
static bool
lock_is_free(void)
{
	sqlite3 *db = NULL;
	bool taken;

	assert_int_equal(sqlite3_open(UADM_STORE_FILE, &db), SQLITE_OK);
	taken = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK;
	sqlite3_close(db);
	return taken;
}

/* Not within a change: whoever stands still there keeps everybody waiting. */
static void
stand_still(pid_t pid)
{
	for (;;) {
		usleep(2000);
		kill(pid, SIGSTOP);
		if (lock_is_free())
			return;
		kill(pid, SIGCONT);
	}
}

static void
test_changed_meanwhile(void **state)
{
	static const struct {
		const char *label;
		void (*act)(struct uadm *u);
		enum proof_answer answer;
		const char *password; /* that works afterwards */
		bool rehashed;        /* by the login that was under way */
	} cases[] = {
		{ "nothing", nothing_meanwhile, PROOF_RIGHT, PASSWORD, true },
		{ "changed", change_meanwhile, PROOF_WRONG, "Another-Horse-2", false },
		{ "imported", import_meanwhile, PROOF_WRONG, "Another-Horse-2", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases) * ARRAY_LEN(kinds); i++) {
		size_t k = i % ARRAY_LEN(cases);
		int status;
		pid_t pid;
		UADM u = { 0 };

		one_imported(state, i / ARRAY_LEN(cases));
		if ((pid = fork()) == 0) {
			struct uadm_err err;
			struct proof p;

			CHECK_OK(uadm_open(&u, SLOW, &err));
			p = prove(&u, NAME, PASSWORD, true);
			_exit((int)p.answer + (p.charged ? 128 : 0));
		}
		open_host(&u);
		while (raw_int("SELECT count(*) FROM attempt") == 0 &&
		    waitpid(pid, NULL, WNOHANG) == 0)
			usleep(1000);
		stand_still(pid);
		cases[k].act(&u);
		kill(pid, SIGCONT);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		/* The old one is a wrong one now, and counts as one. */
		CHECK_EQ(WEXITSTATUS(status),
		    cases[k].answer == PROOF_RIGHT ? PROOF_RIGHT : PROOF_WRONG + 128,
		    cases[k].label);
		CHECK_EQ(raw_int("SELECT count(*) FROM password "
				 "WHERE verifier LIKE '%,t=20,%'"),
		    cases[k].rehashed, cases[k].label);
		CHECK_EQ(prove(&u, NAME, cases[k].password, true).answer, PROOF_RIGHT,
		    cases[k].label);
	}
}

/* The trail has the kind and nothing of the hash; a change can be due at once. */
static void
test_given(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		const char *hash = hash_of(PASSWORD, kinds[i].setting);
		char sql[400];
		struct uadm_err err;
		struct proof p;
		UADM u = { 0 };

		one_imported(state, i);
		open_host(&u);
		snprintf(sql, sizeof(sql),
		    "SELECT count(*) FROM audit WHERE action = 'user.set-password' AND "
		    "target = '" NAME "' AND detail = '%s'",
		    kinds[i].detail);
		CHECK_EQ(raw_int(sql), 1, kinds[i].detail);
		snprintf(sql, sizeof(sql),
		    "SELECT count(*) FROM audit WHERE instr(detail, '%s') "
		    "OR instr(detail, '%s')",
		    strrchr(hash, '$') + 1, kinds[i].setting);
		CHECK_EQ(raw_int(sql), 0, kinds[i].detail);
		CHECK_OK(import(&u, NAME, hash, true, &err));
		p = prove(&u, NAME, PASSWORD, true);
		CHECK_EQ(p.verdict.verdict, LOGIN_CHANGE, kinds[i].detail);
	}
}

/* With the user, and for whom there is none to be had. */
static void
test_added_and_refused(void **state)
{
	SECRET hash = { 0 };
	struct user_addition add = { .user.name = "zq-bob", .hash = &hash };
	struct user_addition service = { .user = { .kind = USER_SERVICE,
					     .name = "zq-robot",
					     .reason = "why",
					     .owner = "root",
					     .review_by = 4102444800 },
		.hash = &hash };
	struct uadm_err err;
	UADM u = { 0 };

	empty_host(state);
	open_host(&u);
	fill_secret(&hash, hash_of(PASSWORD, kinds[1].setting));
	add.user.must_change = true;
	CHECK_OK(op_user_add(&u, &add, &err));
	assert_true(add.user.password_set);
	CHECK_EQ(raw_int("SELECT count(*) FROM audit WHERE action = 'user.add' AND "
			 "detail LIKE '%password=yes%imported=SHA-512'"),
	    1, "row");
	CHECK_EQ(prove(&u, "zq-bob", PASSWORD, true).verdict.verdict, LOGIN_CHANGE,
	    "change due");

	CHECK_FAILS(UADM_INVALID, op_user_add(&u, &service, &err));
	service.hash = NULL;
	CHECK_OK(op_user_add(&u, &service, &err));
	CHECK_FAILS(UADM_INVALID, import(&u, "zq-robot", hash.text, false, &err));
	CHECK_HAS(err.msg, "service identity");
	CHECK_FAILS(UADM_NOT_FOUND, import(&u, "zq-nobody", hash.text, false, &err));
	CHECK_FAILS(UADM_INVALID,
	    import(&u, "zq-bob", "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/", false, &err));
	snprintf(add.user.name, sizeof(add.user.name), "zq-carol");
	add.user.uid = 0;
	fill_secret(&hash, "!");
	CHECK_FAILS(UADM_INVALID, op_user_add(&u, &add, &err));
	CHECK_EQ(raw_int("SELECT count(*) FROM user"), 2, "nobody half made");
	CHECK_EQ(raw_int("SELECT count(*) FROM password"), 1, "passwords");
}

/* A dry run looks at the hash and keeps nothing. */
static void
test_dry_run(void **state)
{
	struct uadm_err err;
	UADM u = { 0 };

	one_imported(state, 0);
	open_host(&u);
	u.dry_run = true;
	CHECK_OK(import(&u, NAME, hash_of("other", "$5$saltsalt$"), true, &err));
	CHECK_FAILS(UADM_INVALID, import(&u, NAME, "!", true, &err));
	CHECK_EQ(raw_int("SELECT count(*) FROM password WHERE verifier GLOB '$y$*'"), 1,
	    "as it was");
}

/* P10: every login asks for one that is imported: by the index, also among many users. */
static void
test_asked_by_index(void **state)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *h = NULL;
	bool found = false;
	struct verifier v;
	struct uadm_err err;
	UADM u = { 0 };

	one_imported(state, 0);
	open_host(&u);
	CHECK_OK(users_imported_verifier(u.store, &v, &found, &err));
	assert_true(found);
	assert_int_equal(strncmp(v.text, "$y$", 3), 0);
	CHECK_EQ(prove(&u, NAME, PASSWORD, true).answer, PROOF_RIGHT, "login");
	CHECK_OK(users_imported_verifier(u.store, &v, &found, &err));
	assert_false(found);
	assert_string_equal(v.text, "");

	assert_int_equal(sqlite3_open(UADM_STORE_FILE, &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_prepare_v2(db,
		"EXPLAIN QUERY PLAN SELECT verifier FROM password "
		"WHERE verifier NOT GLOB '$argon2id$*' ORDER BY uid LIMIT 1",
		-1, &h, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(h), SQLITE_ROW);
	CHECK_HAS((const char *)sqlite3_column_text(h, 3), "password_imported");
	assert_int_equal(sqlite3_step(h), SQLITE_DONE);
	sqlite3_finalize(h);
	sqlite3_close(db);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_good_login),
		cmocka_unit_test(test_changed_meanwhile),
		cmocka_unit_test(test_given),
		cmocka_unit_test(test_added_and_refused),
		cmocka_unit_test(test_dry_run),
		cmocka_unit_test(test_asked_by_index),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
