/*
 * test_pam_uadmd.c - a uadmd that is broken, missing, or listens (P13, P27).
 */
#include "tests/module/helpers/host.h"

#include "libuadm/relay/frame.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

static int (*const phases[])(pam_handle_t *, int) = { pam_authenticate, pam_acct_mgmt,
	pam_chauthtok, pam_open_session, pam_close_session };
enum { PHASES = sizeof(phases) / sizeof(phases[0]) };

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
			if (relay_clock_ms() - before > 9000)
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

/* Listens as `uid` and serves each connection with the fake on descriptor 0; or, when it is
 * overrun, hangs up on each as systemd does. */
static pid_t
listen_as(uid_t uid, bool overrun)
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

			if (peer >= 0 && !overrun && fork() == 0) {
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
who_decides(uid_t ruid, uid_t euid, bool auth)
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
		if ((auth ? pam_authenticate(h.pamh, 0) : pam_acct_mgmt(h.pamh, 0)) !=
		    PAM_SUCCESS)
			_exit('-');
		_exit(strstr(h.said, "session own") != NULL ? 's' : 'l');
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return (char)(WIFEXITED(status) ? WEXITSTATUS(status) : '!');
}

/* Not in a clone below /root: nobody else gets to a socket there. */
static bool
stranger_reaches(const char *path)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(setresuid(STRANGER, STRANGER, STRANGER) != 0 ||
		    access(path, X_OK) != 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status == 0;
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
	assert_int_equal(who_decides(0, 0, true), 's');
	assert_int_equal(who_decides(STRANGER, 0, true), 's');
	assert_int_equal(who_decides(STRANGER, STRANGER, true), '-');

	pid = listen_as(0, false);
	assert_int_equal(who_decides(0, 0, true), 's');
	assert_int_equal(who_decides(STRANGER, 0, true), 'l');
	assert_int_equal(who_decides(STRANGER, 0, false), 's'); /* no guesses there */
	/* A place that others can write is not asked; nor is a socket that is not root's. */
	assert_int_equal(chmod(fake_path("/run/uadm"), 0777), 0);
	assert_int_equal(who_decides(STRANGER, 0, true), 's');
	assert_int_equal(chmod(fake_path("/run/uadm"), 0755), 0);
	assert_int_equal(
	    chown(fake_path("/run/uadm/uadmd.socket"), STRANGER, (gid_t)-1), 0);
	assert_int_equal(who_decides(STRANGER, 0, true), 's');
	stop_listening(pid);

	/* P28: one whose places are all taken keeps no root host out. */
	pid = listen_as(0, true);
	assert_int_equal(who_decides(STRANGER, 0, true), 's');
	stop_listening(pid);

	/* The socket is root's, but somebody else has come to listen on it. */
	pid = listen_as(STRANGER, false);
	assert_int_equal(who_decides(STRANGER, 0, true), 's');
	stop_listening(pid);

	/* A host that is not root only ever connects (the test build trusts its own uid). */
	if (!stranger_reaches(fake_path("/run/uadm"))) {
		print_message("left out: others cannot reach the build directory\n");
		return;
	}
	pid = listen_as(STRANGER, false);
	assert_int_equal(
	    chown(fake_path("/run/uadm/uadmd.socket"), STRANGER, (gid_t)-1), 0);
	assert_int_equal(chown(fake_path("/run/uadm"), STRANGER, (gid_t)-1), 0);
	assert_int_equal(who_decides(STRANGER, STRANGER, true), 'l');
	stop_listening(pid);
	assert_int_equal(who_decides(STRANGER, STRANGER, true), '-');
	assert_int_equal(chown(fake_path("/run/uadm"), 0, (gid_t)-1), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_P27_broken_uadmd),
		cmocka_unit_test(test_P27_will_not_go),
		cmocka_unit_test(test_P13_no_uadmd),
		cmocka_unit_test(test_P27_listening_uadmd),
	};

	return cmocka_run_group_tests(tests, host_setup, NULL);
}
