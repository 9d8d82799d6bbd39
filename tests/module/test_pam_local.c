/*
 * test_pam_local.c - who is none of pam_uadm's business, and what it shows of itself (P15, P25).
 */
#include "tests/module/helpers/host.h"

static int (*const phases[])(pam_handle_t *, int) = { pam_authenticate, pam_acct_mgmt,
	pam_chauthtok, pam_open_session, pam_close_session };
enum { PHASES = sizeof(phases) / sizeof(phases[0]) };

/* P15: root and local users are passed on, without a prompt, with uadmd gone, and without
 * a program being run. */
static void
test_P15_local_users(void **state)
{
	static const char *const names[] = { "root", "local", "toor", "last" };

	(void)state;
	assert_int_equal(rename(fake_path("/uadmd"), fake_path("/uadmd.away")), 0);
	for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++)
		for (int i = 0; i < PHASES; i++) {
			struct host h = { 0 };

			assert_int_equal(host_call(&h, i % 2 ? "plain" : "wrong",
					     names[n], phases[i], 0),
			    PAM_USER_UNKNOWN);
			assert_string_equal(h.said, "");
			assert_null(strstr(host_log, "spawn"));
			assert_null(strstr(host_log, "argument"));
		}
	assert_int_equal(rename(fake_path("/uadmd.away"), fake_path("/uadmd")), 0);
	for (int i = 0; i < PHASES; i++)
		host_call(&(struct host){ 0 }, "plain", "local", phases[i], 0);
	assert_int_equal(runs(), 0);
}

/* P15: setcred never runs anything, and passes local users on. */
static void
test_P15_setcred(void **state)
{
	(void)state;
	assert_int_equal(host_call(&(struct host){ .conv = CONV_NULL }, "plain", "root",
			     pam_setcred, PAM_ESTABLISH_CRED),
	    PAM_USER_UNKNOWN);
	assert_int_equal(host_call(&(struct host){ .conv = CONV_NULL }, "plain", "mia",
			     pam_setcred, PAM_ESTABLISH_CRED),
	    PAM_SUCCESS);
	assert_int_equal(runs(), 0);
}

/* P15: root comes first, even before the file; nobody else is local without it, nor by a
 * part of a name, nor by another field. */
static void
test_P15_passwd_file(void **state)
{
	static const char *const others[] = { "loca", "locals", "x", "local:x", "Root",
		"1000", "root\n" };
	char long_line[20000];
	struct host h = { 0 };

	(void)state;
	NEEDS_ROOT();
	assert_int_equal(rename(fake_path("/etc/passwd"), fake_path("/etc/away")), 0);
	assert_int_equal(
	    host_call(&h, "plain", "root", pam_authenticate, 0), PAM_USER_UNKNOWN);
	assert_int_equal(runs(), 0);
	assert_int_equal(
	    host_call(&h, "plain", "local", pam_acct_mgmt, 0), PAM_SUCCESS);
	assert_int_equal(runs(), 1);
	assert_int_equal(mkfifo(fake_path("/etc/passwd"), 0600), 0);
	assert_int_equal(
	    host_call(&h, "plain", "local", pam_acct_mgmt, 0), PAM_SUCCESS);
	assert_int_equal(rename(fake_path("/etc/away"), fake_path("/etc/passwd")), 0);
	runs();
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		host_call(&h, "plain", others[i], pam_acct_mgmt, 0);
		if (runs() != 1)
			fail_msg("%s", others[i]);
	}

	/* Across the reader's pieces, whatever their size. */
	memset(long_line, 'y', sizeof(long_line));
	memcpy(long_line + 8190, "\nsplit:x:1002:1002::/:/bin/sh\n", 30);
	long_line[sizeof(long_line) - 1] = '\0';
	rename(fake_path("/etc/passwd"), fake_path("/etc/away"));
	file_write(fake_path("/etc/passwd"), long_line);
	assert_int_equal(
	    host_call(&h, "plain", "split", pam_acct_mgmt, 0), PAM_USER_UNKNOWN);
	assert_int_equal(rename(fake_path("/etc/away"), fake_path("/etc/passwd")), 0);
	assert_int_equal(runs(), 0);
}

/* Names that cannot be ours are not cut to one that is. */
static void
test_names_too_long(void **state)
{
	char name[300];

	(void)state;
	memset(name, 'a', sizeof(name));
	name[256] = '\0';
	assert_int_equal(
	    host_call(&(struct host){ 0 }, "plain", name, pam_authenticate, 0),
	    PAM_USER_UNKNOWN);
	assert_int_equal(host_call(&(struct host){ 0 }, "plain", "", pam_acct_mgmt, 0),
	    PAM_USER_UNKNOWN);
	assert_int_equal(runs(), 0);
}

/* A typo in /etc/pam.d refuses managed users and says which word it was. */
static void
test_wrong_argument(void **state)
{
	(void)state;
	assert_int_equal(
	    host_call(&(struct host){ 0 }, "wrong", "asks", pam_authenticate, 0),
	    PAM_SERVICE_ERR);
	assert_non_null(strstr(host_log, "use_frist_pass"));
	assert_int_equal(
	    host_call(&(struct host){ 0 }, "relative", "asks", pam_acct_mgmt, 0),
	    PAM_SERVICE_ERR);
	assert_int_equal(runs(), 0);
}

/* P25 */
static void
test_P25_exports(void **state)
{
	char command[1200], line[256], *found = NULL;
	FILE *p;
	int n = 0;

	(void)state;
	snprintf(command, sizeof(command), "nm -D --defined-only %s",
	    fake_path("/pam_uadm.so"));
	p = popen(command, "r");
	assert_non_null(p);
	while (fgets(line, sizeof(line), p) != NULL) {
		found = strrchr(line, ' ');
		if (found == NULL || strncmp(found, " pam_sm_", 8) != 0)
			fail_msg("exported: %s", line);
		n++;
	}
	assert_int_equal(pclose(p), 0);
	assert_int_equal(n, 6);
#ifdef __SANITIZE_ADDRESS__
	print_message("not looked at: a sanitizer adds its own libraries\n");
#else
	snprintf(command, sizeof(command), "readelf -d %s | grep NEEDED",
	    fake_path("/pam_uadm.so"));
	p = popen(command, "r");
	assert_non_null(p);
	while (fgets(line, sizeof(line), p) != NULL)
		if (strstr(line, "[libc.so.") == NULL &&
		    strstr(line, "[libpam.so.") == NULL)
			fail_msg("needs: %s", line);
	assert_int_equal(pclose(p), 0);
#endif
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_P15_local_users),
		cmocka_unit_test(test_P15_setcred),
		cmocka_unit_test(test_P15_passwd_file),
		cmocka_unit_test(test_names_too_long),
		cmocka_unit_test(test_wrong_argument),
		cmocka_unit_test(test_P25_exports),
	};

	return cmocka_run_group_tests(tests, host_setup, NULL);
}
