/*
 * test_pam_relay.c - pam_uadm through libpam, against a uadmd that does as it is told: what
 * goes over the wire, and what comes of every kind of verdict and of no answer (P13, P16, P26).
 */
#include "tests/module/helpers/host.h"

#include "libuadm/relay/frame.h"

static int (*const phases[])(pam_handle_t *, int) = { pam_authenticate, pam_acct_mgmt,
	pam_chauthtok, pam_open_session, pam_close_session };
enum { PHASES = sizeof(phases) / sizeof(phases[0]) };

static const struct {
	int64_t result;
	int codes[PHASES]; /* in the order of `phases` */
} table[] = {
	{ RELAY_NO_VERDICT, { 9, 9, 9, 9, 9 } },
	{ RELAY_SUCCESS, { 0, 0, 0, 0, 0 } },
	{ RELAY_NOT_OURS, { 10, 10, 10, 10, 10 } },
	{ RELAY_AUTH_FAILED, { 7, 7, 7, 6, 6 } },
	{ RELAY_DENIED, { 6, 6, 6, 6, 6 } },
	{ RELAY_EXPIRED, { 13, 13, 13, 6, 6 } },
	{ RELAY_CHANGE_DUE, { 9, 12, 9, 9, 9 } },
	{ RELAY_TOKEN_ERROR, { 9, 9, 20, 9, 9 } },
	{ RELAY_TOKEN_RECOVER, { 9, 9, 21, 9, 9 } },
	{ RELAY_CONVERSATION, { 19, 19, 19, 19, 19 } },
	{ RELAY_UNAVAILABLE, { 9, 9, 9, 9, 9 } },
	{ RELAY_BUSY, { 9, 9, 24, 9, 9 } },
	{ 12, { 9, 9, 9, 9, 9 } },
	{ -1, { 9, 9, 9, 9, 9 } },
	{ INT64_MIN, { 9, 9, 9, 9, 9 } },
	{ INT64_MAX, { 9, 9, 9, 9, 9 } },
	{ (int64_t)1 << 32 | RELAY_SUCCESS, { 9, 9, 9, 9, 9 } },
};

/* P13: success comes of one number only, and nothing is ever PAM_IGNORE. */
static void
test_P13_results(void **state)
{
	(void)state;
	NEEDS_ROOT();
	assert_int_equal(PAM_AUTHINFO_UNAVAIL, 9);
	assert_int_equal(PAM_PERM_DENIED, 6);
	assert_int_equal(PAM_AUTH_ERR, 7);
	assert_int_equal(PAM_NEW_AUTHTOK_REQD, 12);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		for (int p = 0; p < PHASES; p++) {
			char user[64];
			int code;

			snprintf(user, sizeof(user), "result-%lld",
			    (long long)table[i].result);
			code = host_call(
			    &(struct host){ 0 }, "nodelay", user, phases[p], 0);
			if (code != table[i].codes[p])
				fail_msg("%s in phase %d: %d", user, p, code);
		}
	runs();
}

static void
test_right_and_wrong_password(void **state)
{
	struct host right = { .answers = { "sesame" } };
	struct host wrong = { .answers = { "open" } };
	const void *token = NULL;

	(void)state;
	NEEDS_ROOT();
	assert_int_equal(
	    host_call(&right, "plain", "asks", pam_authenticate, 0), PAM_SUCCESS);
	assert_string_equal(right.said, "secret Password: \n");
	assert_string_equal(host_log, "");
	host_start(&wrong, "nodelay", "asks");
	pam_set_item(wrong.pamh, PAM_RHOST, "evil host user=root\n");
	pam_set_item(wrong.pamh, PAM_TTY, "ssh");
	pam_set_item(wrong.pamh, PAM_RUSER, "\x1b[2J");
	assert_int_equal(pam_authenticate(wrong.pamh, 0), PAM_AUTH_ERR);
	/* What belongs to the application is not handed to it: the token is the stack's. */
	assert_int_not_equal(
	    pam_get_item(wrong.pamh, PAM_AUTHTOK, &token), PAM_SUCCESS);
	host_end(&wrong);
	assert_non_null(strstr(
	    host_log, "pam_uadm(nodelay:auth): authentication failure; logname= uid="));
	assert_non_null(strstr(host_log,
	    " tty=ssh ruser=\\x1b[2J rhost=evil\\x20host\\x20user=root\\x0a  user=asks\n"));
}

static unsigned delayed;

static void
note_delay(int code, unsigned usec, void *ptr)
{
	(void)code;
	(void)ptr;
	delayed = usec;
}

/* libpam adds chance to it, so only whether there is one can be told. */
static void
test_delay(void **state)
{
	static const struct {
		const char *service;
		const char *answer;
		bool want;
	} cases[] = { { "plain", "open", true }, { "nodelay", "open", false },
		{ "plain", "sesame", false } };

	(void)state;
	NEEDS_ROOT();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct host h = { .answers = { cases[i].answer } };

		delayed = 0;
		host_start(&h, cases[i].service, "asks");
		pam_set_item(h.pamh, PAM_FAIL_DELAY, (const void *)note_delay);
		pam_authenticate(h.pamh, 0);
		host_end(&h);
		if ((delayed > 0) != cases[i].want)
			fail_msg("case %zu: %u", i, delayed);
	}
}

/* The name of somebody unknown is not logged. */
static void
test_unknown_name_in_log(void **state)
{
	struct host h = { .answers = { "open" } };

	(void)state;
	NEEDS_ROOT();
	assert_int_equal(host_call(&h, "nodelay", "nobody-knows", pam_authenticate, 0),
	    PAM_AUTH_ERR);
	assert_non_null(strstr(host_log, "authentication failure; "));
	assert_null(strstr(host_log, "nobody-knows"));
	assert_null(strstr(host_log, "user=n"));
}

static void
test_denial_in_log(void **state)
{
	(void)state;
	NEEDS_ROOT();
	assert_int_equal(
	    host_call(&(struct host){ 0 }, "nodelay", "result-4", pam_acct_mgmt, 0),
	    PAM_PERM_DENIED);
	assert_non_null(strstr(host_log,
	    "account refused; user=result-4 rhost= reason=suspended\\x0asince \\xc3\\xa4 "
	    "day\n"));
}

static void
test_start_carries_the_items(void **state)
{
	struct host h = { 0 };
	char want[256], rhost[400];

	(void)state;
	NEEDS_ROOT();
	memset(rhost, 'h', sizeof(rhost));
	rhost[sizeof(rhost) - 1] = '\0';
	host_start(&h, "conf", "start");
	pam_set_item(h.pamh, PAM_RHOST, rhost);
	pam_set_item(h.pamh, PAM_TTY, "/dev/pts/3");
	pam_set_item(h.pamh, PAM_RUSER, "mallory");
	/* Flags that mean something in another phase mean nothing here. */
	assert_int_equal(
	    pam_acct_mgmt(h.pamh, PAM_DISALLOW_NULL_AUTHTOK | 0x20), PAM_SUCCESS);
	host_end(&h);
	snprintf(want, sizeof(want),
	    "info version %d phase %d flags %d ruid %u pid %d\n", RELAY_VERSION,
	    RELAY_ACCOUNT, RELAY_DEBUG, getuid(), getpid());
	assert_non_null(strstr(h.said, want));
	assert_non_null(strstr(h.said, "info service 4 conf\n"));
	assert_non_null(strstr(h.said, "info tty 10 /dev/pts/3\n"));
	assert_non_null(strstr(h.said, "info rhost 255 hhhh"));
	assert_non_null(strstr(h.said, "info ruser 7 mallory\n"));
	assert_non_null(strstr(h.said, "info conf 20 /etc/uadm/other.conf\n"));
	assert_null(strstr(h.said, "authtok"));
}

static void
test_silent(void **state)
{
	struct host loud = { 0 }, silent = { 0 };

	(void)state;
	NEEDS_ROOT();
	assert_int_equal(
	    host_call(&loud, "plain", "lines", pam_open_session, 0), PAM_SUCCESS);
	assert_string_equal(loud.said, "info a line\nerror an error\n");
	assert_int_equal(
	    host_call(&silent, "plain", "lines", pam_open_session, PAM_SILENT),
	    PAM_SUCCESS);
	assert_string_equal(silent.said, "");
}

/* P16 at the module's level: what is too long is never cut to something that matches. */
static void
test_P16_long_answers(void **state)
{
	static char text[RELAY_SECRET_MAX + 2];

	(void)state;
	NEEDS_ROOT();
	for (size_t size = RELAY_SECRET_MAX - 1; size <= RELAY_SECRET_MAX + 1; size++) {
		struct host h = { .answers = { text } };
		char want[64];

		memset(text, 'a', size);
		text[size] = '\0';
		assert_int_equal(
		    host_call(&h, "nodelay", "length", pam_authenticate, 0),
		    PAM_AUTH_ERR);
		snprintf(want, sizeof(want), "info length %zu first %s\n",
		    size > RELAY_SECRET_MAX ? RELAY_SECRET_MAX : size,
		    size > RELAY_SECRET_MAX ? "ff" : "61");
		if (strstr(h.said, want) == NULL)
			fail_msg("%zu: %s", size, h.said);
	}
}

/* A later line gets the password, not the code that was asked for after it. */
static void
test_token_for_later_lines(void **state)
{
	struct host h = { .answers = { "sesame" } };
	char text[2048];

	(void)state;
	NEEDS_ROOT();
	snprintf(text, sizeof(text),
	    "auth required %1$s\nauth required %1$s use_first_pass\n",
	    fake_path("/pam_uadm.so"));
	file_write(fake_path("/stack/twice"), text);
	assert_int_equal(
	    host_call(&h, "twice", "twice", pam_authenticate, 0), PAM_SUCCESS);
	assert_non_null(strstr(h.said, "info authtok 6 sesame\n"));

	h = (struct host){ .answers = { "sesame", "123456" } };
	assert_int_equal(
	    host_call(&h, "plain", "factor", pam_authenticate, 0), PAM_SUCCESS);
	assert_string_equal(h.said, "secret Password: \nopen Code: \n");
}

/* The second pass gets the old password that the first has asked for, and with use_authtok
 * the new one of a line before. */
static void
test_change_in_two_passes(void **state)
{
	struct host h = { .answers = { "sesame", "new one" } };
	struct host wrong = { .answers = { "open" } };
	char text[2048];

	(void)state;
	NEEDS_ROOT();
	runs();
	assert_int_equal(
	    host_call(&h, "plain", "change", pam_chauthtok, 0), PAM_SUCCESS);
	assert_int_equal(runs(), 2);
	assert_non_null(strstr(h.said, "secret Old: \n"));
	assert_non_null(strstr(h.said, "flags 8 "));
	assert_non_null(strstr(h.said, "info oldauthtok 6 sesame\n"));
	assert_null(strstr(h.said, "info authtok"));
	assert_int_equal(host_call(&wrong, "plain", "change", pam_chauthtok,
			     PAM_CHANGE_EXPIRED_AUTHTOK),
	    PAM_AUTHTOK_RECOVERY_ERR);
	assert_int_equal(runs(), 1);

	snprintf(text, sizeof(text),
	    "password required %1$s\npassword required %1$s use_authtok\n",
	    fake_path("/pam_uadm.so"));
	file_write(fake_path("/stack/change"), text);
	h = (struct host){ .answers = { "sesame", "sesame", "new one", "new one" } };
	assert_int_equal(
	    host_call(&h, "change", "change", pam_chauthtok, 0), PAM_SUCCESS);
	assert_non_null(strstr(h.said, "info authtok 7 new one\n"));
	runs();
}

/* Of the environment, the time zone of a session and nothing else. */
static void
test_environment(void **state)
{
	struct host h = { 0 };

	(void)state;
	NEEDS_ROOT();
	host_start(&h, "plain", "zone");
	assert_int_equal(pam_open_session(h.pamh, 0), PAM_SUCCESS);
	assert_string_equal(pam_getenv(h.pamh, "TZ"), "Europe/Berlin");
	host_end(&h);
	for (int i = 0; i < 3; i++) {
		static const char *const users[] = { "preload", "bad-zone", "zone" };

		host_start(&h, "plain", users[i]);
		assert_int_equal(
		    i == 2 ? pam_acct_mgmt(h.pamh, 0) : pam_open_session(h.pamh, 0),
		    PAM_AUTHINFO_UNAVAIL);
		assert_null(pam_getenv(h.pamh, "TZ"));
		assert_null(pam_getenv(h.pamh, "LD_PRELOAD"));
		host_end(&h);
	}
}

/* P26: no conversation, and every way in which one gives no answer. */
static void
test_P26_no_answer(void **state)
{
	(void)state;
	NEEDS_ROOT();
	for (int conv = CONV_NULL; conv <= CONV_NO_TEXT; conv++) {
		struct host h = { .conv = (enum host_conv)conv };

		assert_int_equal(
		    host_call(&h, "plain", "asks", pam_authenticate, 0), PAM_CONV_ERR);
		assert_null(strstr(host_log, "authentication failure"));
		assert_int_equal(
		    host_call(&h, "plain", "lines", pam_open_session, 0), PAM_SUCCESS);
		assert_int_equal(
		    host_call(&h, "plain", "change", pam_chauthtok, 0), PAM_CONV_ERR);
	}
}

/* P26: no name, and nobody to ask for it. */
static void
test_P26_no_name(void **state)
{
	(void)state;
	runs();
	for (int i = 0; i < PHASES; i++) {
		int code = host_call(
		    &(struct host){ .conv = CONV_NULL }, "plain", NULL, phases[i], 0);

		assert_int_not_equal(code, PAM_SUCCESS);
		assert_int_not_equal(code, PAM_IGNORE);
	}
	assert_int_not_equal(host_call(&(struct host){ .conv = CONV_FAILS }, "plain",
				 NULL, pam_setcred, 0),
	    PAM_SUCCESS);
	assert_int_equal(runs(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_P13_results),
		cmocka_unit_test(test_right_and_wrong_password),
		cmocka_unit_test(test_delay),
		cmocka_unit_test(test_unknown_name_in_log),
		cmocka_unit_test(test_denial_in_log),
		cmocka_unit_test(test_start_carries_the_items),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_P16_long_answers),
		cmocka_unit_test(test_token_for_later_lines),
		cmocka_unit_test(test_change_in_two_passes),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_P26_no_answer),
		cmocka_unit_test(test_P26_no_name),
	};

	return cmocka_run_group_tests(tests, host_setup, NULL);
}
