/* The outbox in the store: a mail is part of its change, its code is sealed and goes when it is worth
 * nothing, and two couriers never have the same one. */
#include "libuadm/ops/letters.h"

#include "libuadm/ops/act.h"
#include "libuadm/ops/batch.h"
#include "libuadm/ops/courier.h"
#include "libuadm/ops/outbox.h"
#include "libuadm/ops/show.h"
#include "tests/unit/ops/host.h"

#define MAILER UADM_ROOT "/sbin/mailer"
#define GOT    UADM_ROOT "/got"
#define CODE   "K7PX-9QRM-2TWD"
#define TEMPLATE                                                                       \
	"Subject: For {login}, {code}\n\nHello {name}\nCode: {code}\nUntil {expires}\n"

static struct uadm u;
static struct uadm_err err;
static int tried;
static char last[LETTER_ERROR_SIZE], warned[600];

static void
warn(const char *text)
{
	snprintf(warned, sizeof(warned), "%s", text);
}

static void
mailer(const char *text)
{
	char all[600];

	snprintf(all, sizeof(all), "#!/bin/bash\n%s\n", text);
	root_file("/sbin/mailer", 0755, all, strlen(all));
}

static int
setup(void **state)
{
	empty_host(state);
	root_dir("/sbin", 0755);
	root_dir("/usr/share/uadm/mail/en", 0755);
	root_text("/usr/share/uadm/mail/en/reset", TEMPLATE);
	root_text("/usr/share/uadm/mail/en/notice", "Subject: x\n\nfor {login}\n");
	root_text("/etc/uadm/uadm.conf",
	    "[mail]\ncommand = " MAILER "\n[hash]\nopslimit = 1\n" CONF_REST);
	mailer("cat >>" GOT);
	open_host(&u);
	u.warn = warn;
	warned[0] = '\0';
	tried = 0;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	uadm_close(&u);
	return 0;
}

static struct user
person(const char *name)
{
	struct user_addition add = { .password = NULL };

	snprintf(add.user.name, sizeof(add.user.name), "%s", name);
	snprintf(add.user.email, sizeof(add.user.email), "%s@example.org", name);
	snprintf(add.user.time_zone, sizeof(add.user.time_zone), "Asia/Tokyo");
	CHECK_OK(op_user_add(&u, &add, &err));
	return add.user;
}

static enum letter_fate
send(const struct user *user, const char *kind, const char *code, int64_t expires_at,
    bool commit)
{
	const struct letter l = {
		.kind = kind, .user = user, .code = code, .expires_at = expires_at
	};
	enum letter_fate fate;
	CHANGE ch = { 0 };

	CHECK_OK(change_begin(&ch, &u, &err));
	CHECK_OK(op_letter(&u, &l, &fate, &err));
	if (commit)
		CHECK_OK(change_commit(&ch, &u, "test", user->name, NULL, false, &err));
	return fate;
}

static void
note(void *arg, const struct letter_row *r)
{
	(void)arg;
	tried++;
	snprintf(last, sizeof(last), "%s", r->error);
}

static const struct courier_sink sink = { note, NULL };

static void
carry(int want)
{
	tried = 0;
	CHECK_OK(op_courier(&u, COURIER_RUN_MS, &sink, &err));
	CHECK_EQ(tried, want, "mails tried");
}

static int64_t
count(const char *sql)
{
	sqlite3_stmt *h = NULL;
	sqlite3 *db = NULL;
	int64_t n;

	assert_int_equal(sqlite3_open(UADM_STORE_FILE, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &h, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(h), SQLITE_ROW);
	n = sqlite3_column_int64(h, 0);
	sqlite3_finalize(h);
	sqlite3_close(db);
	return n;
}

static char *
got(void)
{
	static char text[20000];
	FILE *f = fopen(GOT, "re");
	size_t n = f == NULL ? 0 : fread(text, 1, sizeof(text) - 1, f);

	if (f != NULL)
		fclose(f);
	text[n] = '\0';
	return text;
}

/* In no file of the store, nor in what is shown of the mail. */
static bool
code_lies_about(void)
{
	static const char *const files[] = { UADM_STORE_FILE, UADM_STORE_FILE "-wal" };
	static char bytes[8 << 20];

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		CLEANUP(cleanup_file) FILE *f = fopen(files[i], "re");
		size_t n = f == NULL ? 0 : fread(bytes, 1, sizeof(bytes), f);

		if (memmem(bytes, n, CODE, strlen(CODE)) != NULL)
			return true;
	}
	return false;
}

#define HAS_CODE "SELECT count(*) FROM letter WHERE code IS NOT NULL"

static void
test_F100_sealed_until_it_is_sent(void **state)
{
	const struct user jo = person("zq-jo");
	CLEANUP(mail_view_wipe) struct mail_view v = { 0 };

	(void)state;
	CHECK_EQ(send(&jo, "reset", CODE, 1798761600, true), LETTER_QUEUED, "queued");
	CHECK_EQ(count(HAS_CODE), 1, "a code");
	assert_false(code_lies_about());
	CHECK_OK(op_mail(&u, "1", &v, &err));
	CHECK_TEXT(v.subject, "For zq-jo, {code}", "what is shown");
	/* F88: the reader's zone */
	CHECK_TEXT(
	    v.body, "Hello zq-jo\nCode: {code}\nUntil 2027-01-01 09:00 JST\n", "of it");
	assert_true(v.has_code);
	carry(1);
	CHECK_HAS(got(), "Subject: For zq-jo, " CODE "\n");
	CHECK_HAS(got(), "Code: " CODE "\n");
	CHECK_EQ(count(HAS_CODE), 0, "no code");
	assert_false(code_lies_about());
	CHECK_EQ(count("SELECT count(*) FROM letter WHERE state = 'sent'"), 1, "sent");
	carry(0);
	CHECK_FAILS(UADM_INVALID, op_mail_retry(&u, "1", &(bool){ false }, &err));
}

static void
test_F103_part_of_its_change(void **state)
{
	const struct user jo = person("zq-jo");

	(void)state;
	CHECK_EQ(send(&jo, "reset", CODE, 0, false), LETTER_QUEUED, "queued");
	CHECK_EQ(count("SELECT count(*) FROM letter"), 0, "taken back");
	u.dry_run = true;
	CHECK_EQ(send(&jo, "reset", CODE, 0, true), LETTER_QUEUED, "would be");
	u.dry_run = false;
	CHECK_EQ(count("SELECT count(*) FROM letter"), 0, "a dry run");
	carry(0);
	/* Of a batch one part goes and the other stays. */
	u.batch.on = true;
	send(&jo, "notice", NULL, 0, true);
	send(&jo, "notice", NULL, 0, false);
	CHECK_OK(batch_end(&u, &err));
	u.batch.on = false;
	CHECK_EQ(count("SELECT count(*) FROM letter"), 1, "one");
	carry(1);
}

static void
test_a_newer_code_takes_its_place(void **state)
{
	const struct user jo = person("zq-jo"), bo = person("zq-bo");
	CHANGE ch = { 0 };

	(void)state;
	send(&jo, "reset", CODE, 0, true);
	send(&bo, "reset", CODE, 0, true);
	send(&jo, "notice", NULL, 0, true);
	send(&jo, "reset", "NEWER", 0, true);
	CHECK_EQ(
	    count("SELECT state = 'dropped' AND code IS NULL FROM letter WHERE id = 1"),
	    1, "the old one");
	CHECK_EQ(count(HAS_CODE), 2, "the others");
	CHECK_FAILS(UADM_INVALID, op_mail_retry(&u, "1", &(bool){ false }, &err));
	CHECK_HAS(err.msg, "code of mail 1 is gone");
	CHECK_OK(change_begin(&ch, &u, &err));
	CHECK_OK(letters_withdraw(&u, jo.uid, "other", &err));
	CHECK_OK(letters_withdraw(&u, bo.uid, NULL, &err));
	CHECK_OK(txn_commit(&ch.txn, &err));
	change_done(&ch);
	CHECK_EQ(count(HAS_CODE), 1, "withdrawn");
	carry(2);
	assert_null(strstr(got(), CODE));
	CHECK_HAS(got(), "NEWER");
	/* Nor does who has the address that the user had. */
	send(&jo, "reset", CODE, 0, true);
	CHECK_OK(op_user_set(&u, "zq-jo",
	    &(struct field_change){ field_find("first_name"), "Jo" }, 1,
	    &(bool){ false }, &err));
	CHECK_EQ(count(HAS_CODE), 1, "the same address");
	CHECK_OK(op_user_set(&u, "zq-jo",
	    &(struct field_change){ field_find("email"), "new@example.org" }, 1,
	    &(bool){ false }, &err));
	CHECK_EQ(count(HAS_CODE), 0, "another address");
	/* Who is deleted gets no code any more. */
	send(&jo, "reset", CODE, 0, true);
	CHECK_OK(op_user_delete(&u, "zq-jo", &err));
	CHECK_EQ(count(HAS_CODE), 0, "gone with the user");
	carry(0);
}

static void
test_dropped_and_expired(void **state)
{
	const struct user jo = person("zq-jo");
	bool changed;

	(void)state;
	send(&jo, "reset", CODE, 0, true);
	CHECK_OK(op_mail_drop(&u, "1", &changed, &err));
	assert_true(changed);
	CHECK_EQ(count(HAS_CODE), 0, "dropped");
	send(&jo, "reset", CODE, 1000, true);
	carry(0);
	CHECK_EQ(count("SELECT count(*) FROM letter WHERE state = 'dropped'"), 2,
	    "over before it was sent");
	CHECK_EQ(count(HAS_CODE), 0, "expired");
	/* What has no code is told however late it is. */
	send(&jo, "notice", NULL, 1000, true);
	carry(1);
	CHECK_TEXT(last, "", "sent");
}

/* As a courier that was killed has left it. */
static void
test_claims(void **state)
{
	const struct user jo = person("zq-jo");
	struct letter_row r = { .id = 1, .state = "sent" };
	struct clock_now now;
	int64_t steady, id;
	bool held = true;

	(void)state;
	send(&jo, "notice", NULL, 0, true);
	clock_read(&now);
	CHECK_OK(store_steady(u.store, &now, &steady, &err));
	CHECK_OK(letters_claim(
	    u.store, LETTERS_OLDEST, 7, steady, steady + 100000, &id, &err));
	CHECK_EQ(id, 1, "claimed");
	CHECK_FAILS(UADM_NOT_FOUND,
	    letters_claim(
		u.store, LETTERS_OLDEST, 8, steady, steady + 100000, &id, &err));
	carry(0); /* it is not due until then */
	CHECK_OK(letters_settle(u.store, &r, 8, 1, &held, &err));
	assert_false(held); /* somebody else's */
	CHECK_OK(letters_claim(
	    u.store, LETTERS_OLDEST, 8, steady + 100000, steady + 200000, &id, &err));
	CHECK_OK(letters_settle(u.store, &r, 7, 1, &held, &err));
	assert_false(held); /* too late */
	CHECK_OK(letters_settle(u.store, &r, 8, 1, &held, &err));
	assert_true(held);
	CHECK_EQ(
	    count(
		"SELECT state = 'sent' AND claim IS NULL AND next IS NULL FROM letter"),
	    1, "settled");
}

static void
test_an_ailing_mailer_is_left_alone(void **state)
{
	const struct user jo = person("zq-jo");

	(void)state;
	for (int i = 0; i < 10; i++)
		send(&jo, "notice", NULL, 0, true);
	mailer("echo away >&2; exit 75");
	carry(3);
	CHECK_HAS(last, "away");
	CHECK_EQ(count("SELECT sum(tries) FROM letter"), 3, "tries");
	mailer("cat >>" GOT);
	carry(7); /* those that failed wait */
	mailer("exit 1");
	CHECK_EQ(
	    count("SELECT count(*) FROM letter WHERE state = 'queued'"), 3, "wait");
}

static void
test_nothing_to_write_with(void **state)
{
	struct user jo = person("zq-jo");

	(void)state;
	CHECK_EQ(send(&jo, "none", NULL, 0, true), LETTER_NOT_SENT, "no template");
	CHECK_HAS(warned, "zq-jo gets no mail");
	root_text("/usr/share/uadm/mail/en/codeless", "Subject: x\n\nx\n");
	CHECK_EQ(send(&jo, "codeless", CODE, 0, true), LETTER_NOT_SENT,
	    "a code that would reach nobody");
	CHECK_HAS(warned, "gets no mail");
	jo.email[0] = '\0';
	CHECK_EQ(send(&jo, "notice", NULL, 0, true), LETTER_NOT_SENT, "no address");
	snprintf(jo.email, sizeof(jo.email), "a@b\nBcc: c@d");
	CHECK_EQ(send(&jo, "notice", NULL, 0, true), LETTER_NOT_SENT, "S7: no address");
	u.config.mail_command[0] = '\0';
	snprintf(jo.email, sizeof(jo.email), "a@b.c");
	CHECK_EQ(send(&jo, "notice", NULL, 0, true), LETTER_NOT_SENT, "no mailer");
	CHECK_EQ(count("SELECT count(*) FROM letter"), 0, "nothing");
}

/* A copy of the store, and another key: the code stays shut. */
static void
test_another_key(void **state)
{
	const struct user jo = person("zq-jo");

	(void)state;
	send(&jo, "reset", CODE, 0, true);
	raw_sql("UPDATE letter SET code = zeroblob(60)");
	carry(1);
	CHECK_HAS(last, "another key");
	CHECK_EQ(
	    count("SELECT count(*) FROM letter WHERE state = 'failed'"), 1, "failed");
	assert_int_equal(access(GOT, F_OK), -1);
}

static void
test_old_ones_are_forgotten(void **state)
{
	const struct user jo = person("zq-jo");

	(void)state;
	send(&jo, "notice", NULL, 0, true);
	send(&jo, "notice", NULL, 0, true);
	carry(2);
	raw_sql("UPDATE letter SET settled_at = settled_at - 31 * 86400 WHERE id = 1");
	carry(0);
	CHECK_EQ(count("SELECT sum(id) FROM letter"), 2, "the newer one");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		TEST(test_F100_sealed_until_it_is_sent),
		TEST(test_F103_part_of_its_change),
		TEST(test_a_newer_code_takes_its_place),
		TEST(test_dropped_and_expired),
		TEST(test_claims),
		TEST(test_an_ailing_mailer_is_left_alone),
		TEST(test_nothing_to_write_with),
		TEST(test_another_key),
		TEST(test_old_ones_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
