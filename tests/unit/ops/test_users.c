/* The use cases that change users and groups: all or nothing, one audit row each, and a dry run
 * changes nothing at all. */
#include "libuadm/ops/groups.h"
#include "libuadm/ops/show.h"
#include "tests/unit/ops/host.h"

#include <unistd.h>

#define ALICE "zq-alice"
#define BOB   "zq-bob"
#define CREW  "zq-crew"

static struct uadm u;
static struct uadm_err err;
static bool changed;

static int
setup(void **state)
{
	struct group g = { .name = CREW };

	empty_host(state);
	open_host(&u);
	add_person(&u, ALICE, PASSWORD);
	CHECK_OK(op_group_add(&u, &g, &err));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	uadm_close(&u);
	return 0;
}

/* Everything but the trail and the clock, as one text. */
static const char everything[] =
    "SELECT (SELECT coalesce(group_concat(quote(uid) || name || quote(email) || home || shell || kind || "
    "quote(suspended_at) || keep_sessions || quote(first_name) || must_change), '') FROM user) || '/' || "
    "coalesce((SELECT group_concat(uid || verifier || changed_at) FROM password), '') || '/' || "
    "coalesce((SELECT group_concat(gid || name) FROM \"group\"), '') || '/' || "
    "coalesce((SELECT group_concat(gid || '-' || uid) FROM member), '') || '/' || "
    "(SELECT group_concat(id || name || quote(released_at)) FROM number) || '/' || "
    "(SELECT group_concat(name || id) FROM published) || '/' || "
    "(SELECT generation || '/' || audit_id FROM meta) || '/' || "
    "(SELECT count(*) FROM attempt) || '/' || (SELECT count(*) FROM lockout)";

static char *
dump(void)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *h = NULL;
	char *text;

	assert_int_equal(sqlite3_open(UADM_STORE_FILE, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, everything, -1, &h, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(h), SQLITE_ROW);
	assert_int_equal(sqlite3_column_type(h, 0), SQLITE_TEXT);
	text = strdup((const char *)sqlite3_column_text(h, 0));
	sqlite3_finalize(h);
	sqlite3_close(db);
	assert_non_null(text);
	return text;
}

static enum uadm_code
add_named(const char *name, uid_t uid, const char *email, const char *group)
{
	struct user_addition add = { .user.uid = uid, .groups = &group };

	add.group_count = group != NULL;
	snprintf(add.user.name, sizeof(add.user.name), "%s", name);
	snprintf(add.user.email, sizeof(add.user.email), "%s", email);
	return op_user_add(&u, &add, &err);
}

static enum uadm_code
add_with_password(const char *name)
{
	SECRET pw = { 0 };
	struct user_addition add = { .password = &pw };

	fill_secret(&pw, PASSWORD);
	snprintf(add.user.name, sizeof(add.user.name), "%s", name);
	return op_user_add(&u, &add, &err);
}

static enum uadm_code
set_one(const char *name, const char *key, const char *value)
{
	const struct field_change c = { field_find(key), value };

	assert_non_null(c.field);
	return op_user_set(&u, name, &c, 1, &changed, &err);
}

static enum uadm_code
set_password(const char *name, const char *text)
{
	SECRET pw = { 0 };

	fill_secret(&pw, text);
	return op_user_set_password(&u, name, &pw, false, &err);
}

#define LATER 4102444800 /* 2100 */

static enum uadm_code
add_service(const char *reason, const char *owner, int64_t review_by)
{
	struct user_addition add = { .user = { .kind = USER_SERVICE,
					 .name = "zq-service",
					 .review_by = review_by } };

	snprintf(add.user.reason, sizeof(add.user.reason), "%s", reason);
	snprintf(add.user.owner, sizeof(add.user.owner), "%s", owner);
	return op_user_add(&u, &add, &err);
}

static enum uadm_code
add_group(const char *name, gid_t gid)
{
	struct group g = { .gid = gid };

	snprintf(g.name, sizeof(g.name), "%s", name);
	return op_group_add(&u, &g, &err);
}

/* What succeeds: with a dry run first, which changes nothing. */
#define CHANGES(action, call)                                                          \
	do {                                                                           \
		char *before = dump();                                                 \
		char *after;                                                           \
                                                                                       \
		u.dry_run = true;                                                      \
		CHECK_OK(call);                                                        \
		u.dry_run = false;                                                     \
		after = dump();                                                        \
		CHECK_TEXT(after, before, "dry " #call);                               \
		free(after);                                                           \
		CHECK_OK(call);                                                        \
		after = dump();                                                        \
		assert_string_not_equal(after, before);                                \
		free(after);                                                           \
		free(before);                                                          \
		CHECK_EQ(raw_int("SELECT action = '" action "' FROM audit "            \
				 "ORDER BY id DESC LIMIT 1"),                          \
		    1, #call);                                                         \
	} while (0)

/* What changes nothing: refused with `code`, or (UADM_OK) it was so already. */
#define KEEPS(want, call)                                                              \
	do {                                                                           \
		char *before = dump();                                                 \
		char *after;                                                           \
                                                                                       \
		CHECK_FAILS(want, call);                                               \
		after = dump();                                                        \
		CHECK_TEXT(after, before, #call);                                      \
		free(after);                                                           \
		free(before);                                                          \
	} while (0)

static void
test_changes(void **state)
{
	(void)state;
	CHANGES("user.add", add_named(BOB, 0, "bob@example.org", CREW));
	CHANGES("user.set", set_one(BOB, "first-name", "Bob"));
	CHANGES("user.suspend", op_user_suspend(&u, BOB, false, &changed, &err));
	assert_true(changed);
	CHANGES("user.suspend", op_user_suspend(&u, BOB, true, &changed, &err));
	assert_true(changed);
	CHANGES("user.resume", op_user_resume(&u, BOB, &changed, &err));
	CHECK_EQ(raw_int("SELECT count(*) FROM user WHERE keep_sessions"), 0, "kept");
	CHANGES("user.set-password", set_password(BOB, PASSWORD));
	CHANGES("user.must-change", op_user_set_password(&u, BOB, NULL, true, &err));
	CHANGES(
	    "group.add-member", op_group_add_member(&u, CREW, ALICE, &changed, &err));
	CHANGES("group.remove-member",
	    op_group_remove_member(&u, CREW, ALICE, &changed, &err));
	raw_sql("INSERT INTO lockout SELECT uid, 1, 1 FROM user");
	CHANGES("user.unlock", op_user_unlock(&u, BOB, &changed, &err));
	CHANGES("user.delete", op_user_delete(&u, BOB, &err));
	CHANGES("group.delete", op_group_delete(&u, CREW, &err));
	CHANGES("group.add", add_group("zq-other", 0));
	CHANGES("user.add", add_service("why", "root", LATER));
	CHANGES("user.add", add_with_password("zq-carol"));
}

static void
test_refusals(void **state)
{
	(void)state;
	KEEPS(UADM_EXISTS, add_named(ALICE, 0, "", NULL));
	CHECK_HAS(err.msg, "there is a user \"zq-alice\"");
	KEEPS(UADM_EXISTS, add_named(CREW, 0, "", NULL));
	CHECK_HAS(err.msg, "there is a group \"zq-crew\"");
	KEEPS(UADM_EXISTS, add_group(ALICE, 0));
	KEEPS(UADM_INVALID, add_named("root", 0, "", NULL));
	KEEPS(UADM_INVALID, add_named("Zq", 0, "", NULL));
	KEEPS(UADM_INVALID, add_group("sudo", 0));
	KEEPS(UADM_NOT_FOUND, add_named(BOB, 0, "", "zq-krew"));
	CHECK_HAS(err.hint, "did you mean \"zq-crew\"");
	KEEPS(UADM_INVALID, add_named(BOB, 1000, "", NULL));
	CHECK_HAS(err.msg, "outside of the range 1900000000-1900000009");
	KEEPS(UADM_EXISTS, add_named(BOB, 1900000000, "", NULL));
	KEEPS(UADM_INVALID, add_group("zq-other", 1900000005));
	CHECK_OK(set_one(ALICE, "email", "a@example.org"));
	KEEPS(UADM_EXISTS, add_named(BOB, 0, "A@Example.ORG", NULL));

	KEEPS(UADM_INVALID, add_service("", "root", LATER));
	CHECK_HAS(err.msg, "--reason");
	KEEPS(UADM_INVALID, add_service("why", "", LATER));
	CHECK_HAS(err.msg, "--owner");
	KEEPS(UADM_INVALID, add_service("why", "root", 0));
	CHECK_HAS(err.msg, "--review-by");

	KEEPS(UADM_NOT_FOUND, set_one("zq-alcie", "email", ""));
	CHECK_HAS(err.hint, "did you mean \"zq-alice\"");
	KEEPS(UADM_INVALID, set_one(ALICE, "email", "no mail"));
	KEEPS(UADM_INVALID, set_password(ALICE, "short"));
	KEEPS(UADM_NOT_FOUND, set_password("zq-nobody", PASSWORD));
	KEEPS(UADM_NOT_FOUND, op_user_delete(&u, "zq-nobody", &err));
	KEEPS(UADM_NOT_FOUND, op_user_delete(&u, CREW, &err));
	KEEPS(UADM_NOT_FOUND, op_group_delete(&u, ALICE, &err));
	KEEPS(
	    UADM_NOT_FOUND, op_group_add_member(&u, CREW, "zq-nobody", &changed, &err));
	KEEPS(UADM_INVALID, add_service("why", "zq-nobody", LATER));
	KEEPS(UADM_INVALID, add_service("why", "root", 9));
	CHECK_OK(add_service("why", "root", LATER));
	KEEPS(UADM_INVALID, set_password("zq-service", PASSWORD));
	KEEPS(UADM_INVALID, set_one("zq-service", "owner", ""));
	CHECK_OK(add_named(BOB, 0, "", NULL));
	KEEPS(UADM_INVALID, op_user_set_password(&u, BOB, NULL, true, &err));
}

static void
test_already_so(void **state)
{
	(void)state;
	KEEPS(UADM_OK, op_user_resume(&u, ALICE, &changed, &err));
	assert_false(changed);
	CHECK_OK(op_user_suspend(&u, ALICE, false, &changed, &err));
	KEEPS(UADM_OK, op_user_suspend(&u, ALICE, false, &changed, &err));
	assert_false(changed);
	KEEPS(UADM_OK, op_user_unlock(&u, ALICE, &changed, &err));
	assert_false(changed);
	KEEPS(UADM_OK, set_one(ALICE, "first_name", ""));
	assert_false(changed);
	KEEPS(UADM_OK, op_group_remove_member(&u, CREW, ALICE, &changed, &err));
	assert_false(changed);
}

/* F62: an id is never given twice, also by choice; a name may come back. */
static void
test_ids(void **state)
{
	(void)state;
	CHECK_OK(op_user_delete(&u, ALICE, &err));
	KEEPS(UADM_EXISTS, add_named(ALICE, 1900000000, "", NULL));
	CHECK_HAS(err.msg, "belonged to the user \"zq-alice\"");
	CHECK_OK(add_named(ALICE, 0, "", NULL));
	CHECK_EQ(raw_int("SELECT uid FROM user"), 1900000001, "the next one");
	CHECK_OK(add_named("zq-last", 1900000009, "", NULL));
	CHECK_OK(add_named("zq-gap", 0, "", NULL));
	CHECK_EQ(
	    raw_int("SELECT uid FROM user WHERE name = 'zq-gap'"), 1900000002, "a gap");
	for (int i = 3; i < 9; i++) {
		char name[16];

		snprintf(name, sizeof(name), "zq-%d", i);
		CHECK_OK(add_named(name, 0, "", NULL));
	}
	KEEPS(UADM_UNAVAILABLE, add_named("zq-more", 0, "", NULL));
}

/* S7 and the rules of each field. NULL = it is taken. */
static void
test_fields(void **state)
{
	static const struct {
		const char *key, *value, *says;
	} cases[] = {
		{ "first_name", "Zo\xc3\xab", NULL },
		{ "first-name", "O'Brien; --", NULL },
		{ "first_name", "a:b", "colon" },
		{ "first_name", "a\nb", "control character" },
		{ "display_name", "\x1b[2J", "control character" },
		{ "last_name", "\xff", "UTF-8" },
		{ "email", "a.b+c@mail.example.org", NULL },
		{ "email", "a@b@c", "is not an e-mail" },
		{ "email", "@example.org", "is not an e-mail" },
		{ "email", "a@", "is not an e-mail" },
		{ "email", "a..b@example.org", "is not an e-mail" },
		{ "email", "a@-example.org", "is not an e-mail" },
		{ "email", "a b@example.org", "is not an e-mail" },
		{ "email", "a@example.org\nBcc: b@c", "control character" },
		{ "mobile", "+436601234567", NULL },
		{ "mobile", "06601234567", "is not a phone" },
		{ "mobile", "+0123456789", "is not a phone" },
		{ "mobile", "+12", "is not a phone" },
		{ "home", "/srv/x", NULL },
		{ "home", "", "cannot be empty" },
		{ "home", "x", "plain absolute" },
		{ "home", "/", "plain absolute" },
		{ "home", "/home/../etc", "plain absolute" },
		{ "home", "/home/..", "plain absolute" },
		{ "home", "/home/.", "plain absolute" },
		{ "home", "/home//x", "plain absolute" },
		{ "home", "/home/x/", "plain absolute" },
		{ "home", "/home/a:b", "colon" },
		{ "shell", "/bin/sh", NULL },
		{ "shell", "/bin", "program" },
		{ "shell", "/etc/passwd", "program" },
		{ "shell", "/no/such", "program" },
		{ "shell", "sh", "program" },
		{ "shell", "", "cannot be empty" },
		{ "time_zone", "../../etc/passwd", "time zone" },
		{ "time_zone", "/etc/localtime", "time zone" },
		{ "time_zone", "Nowhere/At_All", "time zone" },
		{ "time_zone", "", NULL },
		{ "expires", "2030-01-01", NULL },
		{ "expires", "2030-02-31", "is not a date" },
		{ "expires", "never", NULL },
	};
	char big[8192];
	struct user user;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct field *f = field_find(cases[i].key);
		enum uadm_code c;

		memset(&user, 0, sizeof(user));
		c = field_set(&user, f, cases[i].value, 1, &err);
		CHECK_EQ(
		    c, cases[i].says == NULL ? UADM_OK : UADM_INVALID, cases[i].value);
		if (cases[i].says != NULL)
			CHECK_HAS(err.msg, cases[i].says);
	}
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	for (size_t i = 0; i < user_field_count; i++)
		CHECK_EQ(field_set(&user, &user_fields[i], big, 1, &err), UADM_INVALID,
		    user_fields[i].key);
	assert_null(field_find("uid"));
	assert_null(field_find("first"));
	assert_null(field_find(""));
}

static void
test_window(void **state)
{
	(void)state;
	CHECK_OK(set_one(ALICE, "valid_from", "2030-01-01Z"));
	KEEPS(UADM_INVALID, set_one(ALICE, "expires", "2030-01-01Z"));
	KEEPS(UADM_INVALID, set_one(ALICE, "expires", "2029-01-01Z"));
	CHECK_OK(set_one(ALICE, "expires", "2030-01-02Z"));
}

static enum uadm_code
keep_status(void *arg, const struct user_view *v, struct uadm_err *e)
{
	(void)e;
	snprintf(arg, 64, "%s %d %s", v->status, (int)v->failed_attempts,
	    v->locked_until != 0 ? "until" : "-");
	return UADM_OK;
}

/* The list and `user check` say what a login would meet. */
static void
test_shown(void **state)
{
	static const struct {
		const char *sql, *shown;
		enum login_reason by_password, by_key;
	} cases[] = {
		{ "SELECT 1", "active 0 -", LOGIN_FINE, LOGIN_FINE },
		{ "INSERT INTO lockout SELECT uid, 9000000000000, 1 FROM user",
		    "locked 0 until", LOGIN_LOCKED, LOGIN_FINE },
		{ "UPDATE lockout SET since = -900000", "active 0 -", LOGIN_FINE,
		    LOGIN_FINE },
		{ "UPDATE user SET must_change = 1", "active 0 -", LOGIN_MUST_CHANGE,
		    LOGIN_FINE },
		{ "UPDATE user SET expires_at = 1", "expired 0 -", LOGIN_EXPIRED,
		    LOGIN_EXPIRED },
		{ "UPDATE user SET suspended_at = 1", "suspended 0 -", LOGIN_SUSPENDED,
		    LOGIN_SUSPENDED },
	};
	const struct user_query q = { .name = ALICE };
	struct user_outlook o;
	char shown[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		raw_sql(cases[i].sql);
		CHECK_OK(op_users(&u, &q, keep_status, shown, &err));
		CHECK_TEXT(shown, cases[i].shown, cases[i].sql);
		CHECK_OK(op_user_outlook(&u, ALICE, &o, &err));
		CHECK_EQ(o.by_password.reason, cases[i].by_password, cases[i].sql);
		CHECK_EQ(o.by_key.reason, cases[i].by_key, cases[i].sql);
	}
	CHECK_FAILS(UADM_NOT_FOUND, op_user_outlook(&u, "zq-nobody", &o, &err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_changes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(test_already_so, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ids, setup, teardown),
		cmocka_unit_test(test_fields),
		cmocka_unit_test_setup_teardown(test_window, setup, teardown),
		cmocka_unit_test_setup_teardown(test_shown, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
