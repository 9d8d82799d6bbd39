/*
 * test_pam_relay.c - pam_uadm through libpam, against a uadmd that does as it is told: who is
 * not ours, what goes over the wire, and what comes of every kind of answer.
 */
#include "tests/module/helpers/host.h"

#include "libuadm/relay/frame.h"

#include <security/pam_ext.h>
#include <sys/socket.h>
#include <sys/un.h>

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

/* P27: whatever uadmd does wrong is a refusal, within the bound, and leaves no process. */
static void
test_P27_broken_uadmd(void **state)
{
	static const char *const users[] = { "hang", "hang-deaf", "crash", "early",
		"garbage", "oversize", "cut", "dribble", "as-start", "as-answer",
		"doubled", "empty-result", "flood", "prompts", "no-text" };

	(void)state;
	NEEDS_ROOT();
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++)
		for (int p = 0; p < 2; p++) {
			static struct host h;
			int64_t before = relay_clock_ms();
			int code;

			h = (struct host){ 0 };
			runs();
			code = host_call(&h, "plain", users[i], phases[p], 0);
			if (code != PAM_AUTHINFO_UNAVAIL)
				fail_msg("%s: %d", users[i], code);
			if (relay_clock_ms() - before > 6000)
				fail_msg("%s: %lld ms", users[i],
				    (long long)(relay_clock_ms() - before));
			assert_string_not_equal(host_log, "");
			if (kill(atoi(file_read(fake_path("/trace"))), 0) == 0 ||
			    errno != ESRCH)
				fail_msg("%s: still there", users[i]);
			assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1);
		}
}

/* P27: the verdict counts though uadmd will not go; then it is made to. */
static void
test_P27_will_not_go(void **state)
{
	(void)state;
	NEEDS_ROOT();
	runs();
	assert_int_equal(
	    host_call(&(struct host){ 0 }, "plain", "hang-after", pam_acct_mgmt, 0),
	    PAM_SUCCESS);
	assert_true(
	    kill(atoi(file_read(fake_path("/trace"))), 0) != 0 && errno == ESRCH);
	assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1);
}

/* P13: the program is not there. */
static void
test_P13_no_uadmd(void **state)
{
	(void)state;
	NEEDS_ROOT();
	assert_int_equal(rename(fake_path("/uadmd"), fake_path("/uadmd.away")), 0);
	for (int i = 0; i < PHASES; i++)
		assert_int_equal(
		    host_call(&(struct host){ 0 }, "plain", "asks", phases[i], 0),
		    PAM_AUTHINFO_UNAVAIL);
	assert_int_equal(rename(fake_path("/uadmd.away"), fake_path("/uadmd")), 0);
}

/* --- a uadmd that listens ------------------------------------------------------------- */

enum { STRANGER = 54321 };

/* Listens as `uid` and serves each connection with the fake on descriptor 0. */
static pid_t
listen_as(uid_t uid)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	snprintf(at.sun_path, sizeof(at.sun_path), "%s",
	    fake_path("/run/uadm/uadmd.socket"));
	unlink(at.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(chmod(at.sun_path, 0666), 0);
	if (uid == 0)
		assert_int_equal(listen(fd, 8), 0);
	pid = fork();
	if (pid == 0) {
		if (uid != 0 && (setuid(uid) != 0 || listen(fd, 8) != 0))
			_exit(1);
		for (;;) {
			int peer = accept(fd, NULL, NULL);

			if (peer >= 0 && fork() == 0) {
				dup2(peer, 0);
				execl(fake_path("/uadmd"), "uadmd", (char *)NULL);
				_exit(1);
			}
			close(peer);
		}
	}
	close(fd);
	for (int i = 0; i < 100 && uid != 0; i++) {
		int try = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		bool up = connect(try, (struct sockaddr *)&at, sizeof(at)) == 0;

		close(try);
		if (up)
			break;
		usleep(10000);
	}
	return pid;
}

static void
stop_listening(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	unlink(fake_path("/run/uadm/uadmd.socket"));
}

/* Call account as a host with these ids, and say which uadmd decided: 's'pawned (its parent is
 * the leader of a session of its own), 'l'istening, or '-' none. */
static char
who_decides(uid_t ruid, uid_t euid)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct host h = { 0 };

		/* The first call loads the module, while its file can be read. */
		host_start(&h, "plain", "root");
		if (pam_acct_mgmt(h.pamh, 0) != PAM_USER_UNKNOWN ||
		    pam_set_item(h.pamh, PAM_USER, "report") != PAM_SUCCESS ||
		    setresuid(ruid, euid, euid) != 0)
			_exit('?');
		if (pam_acct_mgmt(h.pamh, 0) != PAM_SUCCESS)
			_exit('-');
		_exit(strstr(h.said, "session own") != NULL ? 's' : 'l');
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return (char)(WIFEXITED(status) ? WEXITSTATUS(status) : '!');
}

static void
test_P27_listening_uadmd(void **state)
{
	pid_t pid;

	(void)state;
	NEEDS_ROOT();
	if (strlen(fake_path("/run/uadm/uadmd.socket")) >=
	    sizeof(((struct sockaddr_un *)NULL)->sun_path)) {
		print_message("skipped: the build directory's name is too long\n");
		skip();
	}
	assert_int_equal(who_decides(0, 0), 's');
	assert_int_equal(who_decides(STRANGER, 0), 's');
	assert_int_equal(who_decides(STRANGER, STRANGER), '-');

	pid = listen_as(0);
	assert_int_equal(who_decides(0, 0), 's');
	assert_int_equal(who_decides(STRANGER, 0), 'l');
	/* A place that others can write is not asked; nor is a socket that is not root's. */
	assert_int_equal(chmod(fake_path("/run/uadm"), 0777), 0);
	assert_int_equal(who_decides(STRANGER, 0), 's');
	assert_int_equal(chmod(fake_path("/run/uadm"), 0755), 0);
	assert_int_equal(
	    chown(fake_path("/run/uadm/uadmd.socket"), STRANGER, (gid_t)-1), 0);
	assert_int_equal(who_decides(STRANGER, 0), 's');
	stop_listening(pid);

	/* The socket is root's, but somebody else has come to listen on it. */
	pid = listen_as(STRANGER);
	assert_int_equal(who_decides(STRANGER, 0), 's');
	stop_listening(pid);

	/* A host that is not root only ever connects (the test build trusts its own uid). */
	pid = listen_as(STRANGER);
	assert_int_equal(
	    chown(fake_path("/run/uadm/uadmd.socket"), STRANGER, (gid_t)-1), 0);
	assert_int_equal(chown(fake_path("/run/uadm"), STRANGER, (gid_t)-1), 0);
	assert_int_equal(who_decides(STRANGER, STRANGER), 'l');
	stop_listening(pid);
	assert_int_equal(who_decides(STRANGER, STRANGER), '-');
	assert_int_equal(chown(fake_path("/run/uadm"), 0, (gid_t)-1), 0);
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
		cmocka_unit_test(test_P27_broken_uadmd),
		cmocka_unit_test(test_P27_will_not_go),
		cmocka_unit_test(test_P13_no_uadmd),
		cmocka_unit_test(test_P27_listening_uadmd),
	};

	return cmocka_run_group_tests(tests, host_setup, NULL);
}
