/* Whose a process is and whether it ends (P22), and who may go on running (P7): by table. */
#include "libuadm/policy/ending.h"

#include "tests/unit/check.h"

enum { NOW = 1000, JO = 5000, BOB = 5001 };

/* IDS: real, effective, saved, fs. A login uid that is left out is root's, who is nobody here. */
#define IDS(r, e, s, f) .real = (r), .effective = (e), .saved = (s), .fs = (f)
#define ALL(u)          IDS(u, u, u, u)
/* From the user's login: parent, session, terminal, and the rest of what makes a daemon. */
#define FROM(p, s, t) .login = JO, .parent = (p), .session = (s), .has_terminal = (t)
#define DAEMON        FROM(1, 77, false), .first_look = true
#define SERVICE       .systemd = true, .in_service = true

static const struct {
	const char *label;
	struct process_facts f; /* pid 77 unless it says so */
	enum process_fate want;
} processes[] = {
	{ "another user's", { ALL(BOB), .login = BOB }, PROCESS_OTHERS },
	{ "root's", { ALL(0), .login = PROCESS_NO_LOGIN }, PROCESS_OTHERS },
	{ "nothing known", { 0 }, PROCESS_OTHERS },
	{ "the user's", { ALL(JO), .login = JO }, PROCESS_END },
	{ "from no login (cron, dovecot)", { ALL(JO), .login = PROCESS_NO_LOGIN },
	    PROCESS_END },
	{ "sudo -u: from another's login", { ALL(JO), .login = BOB }, PROCESS_END },
	{ "a setuid-root program", { IDS(JO, 0, 0, 0) }, PROCESS_END },
	{ "a setuid-BOB program", { IDS(JO, BOB, BOB, BOB) }, PROCESS_END },
	{ "BOB runs a setuid-JO program", { IDS(BOB, JO, JO, JO) }, PROCESS_END },
	{ "effective", { IDS(BOB, JO, BOB, BOB) }, PROCESS_END },
	{ "saved", { IDS(0, 0, JO, 0) }, PROCESS_END },
	{ "fs", { IDS(BOB, BOB, BOB, JO) }, PROCESS_END },
	{ "a setuid-JO program that root runs", { IDS(0, JO, JO, JO) }, PROCESS_END },
	{ "root borrows the effective id", { IDS(0, JO, 0, JO) }, PROCESS_OTHERS },
	{ "root borrows the fs id", { IDS(0, 0, 0, JO) }, PROCESS_OTHERS },
	{ "... later, or a login on its way", { IDS(0, JO, 0, JO), .arriving = true },
	    PROCESS_OTHERS },
	{ "... from another's login", { IDS(0, JO, 0, JO), .login = BOB },
	    PROCESS_OTHERS },
	{ "... from the user's login", { IDS(0, JO, 0, JO), .login = JO },
	    PROCESS_END },
	{ "... and leads the user's session", { IDS(0, 0, 0, JO), .leads = true },
	    PROCESS_END },
	{ "... and leads it, a worker of a daemon that is spared",
	    { IDS(0, JO, 0, JO), .leads = true, .parent_spared = true }, PROCESS_END },
	{ "... of a daemon that is spared, from no login of theirs",
	    { IDS(0, JO, 0, JO), .parent_spared = true }, PROCESS_OTHERS },
	{ "not root, and borrows: by its real id", { IDS(BOB, JO, 0, JO) },
	    PROCESS_END },
	{ "not root, and borrows: by its saved id", { IDS(0, JO, BOB, JO) },
	    PROCESS_END },
	{ "a root shell from the user's login", { ALL(0), .login = JO }, PROCESS_END },
	{ "another's shell from the user's login", { ALL(BOB), .login = JO },
	    PROCESS_END },
	{ "the leader of a session", { ALL(0), .leads = true }, PROCESS_END },
	{ "the user's, whatever else: a service",
	    { ALL(JO), .parent = 1, .session = 77, .first_look = true, .systemd = true,
		.in_service = true },
	    PROCESS_END },

	{ "the leader of a session, by itself: a server's process for one connection, or "
	  "another supervisor's daemon",
	    { ALL(0), .login = PROCESS_NO_LOGIN, .parent = 70, .session = 77,
		.first_look = true, .leads = true },
	    PROCESS_END },

	{ "a daemon that the user restarted", { ALL(0), DAEMON }, PROCESS_DAEMON },
	{ "one that leads a session, too", { ALL(0), DAEMON, .leads = true },
	    PROCESS_DAEMON },
	{ "one that borrows the id for a moment", { IDS(0, JO, 0, JO), DAEMON },
	    PROCESS_DAEMON },
	{ "not by its parent", { ALL(0), FROM(70, 77, false), .first_look = true },
	    PROCESS_END },
	{ "not by its session", { ALL(0), FROM(1, 70, false), .first_look = true },
	    PROCESS_END },
	{ "not by its terminal", { ALL(0), FROM(1, 77, true), .first_look = true },
	    PROCESS_END },
	{ "not by a later look", { ALL(0), FROM(1, 77, false) }, PROCESS_END },
	{ "not another user's", { IDS(BOB, 0, 0, 0), DAEMON }, PROCESS_END },
	{ "not one that keeps another id", { IDS(0, 0, BOB, 0), DAEMON }, PROCESS_END },
	{ "systemd: a service", { ALL(0), DAEMON, SERVICE }, PROCESS_DAEMON },
	{ "systemd: in a session", { ALL(0), DAEMON, .systemd = true }, PROCESS_END },
	{ "systemd: a login within ssh.service",
	    { ALL(0), FROM(70, 77, false), .first_look = true, SERVICE }, PROCESS_END },

	{ "a worker of a daemon that is spared",
	    { ALL(33), .login = JO, .parent = 70, .parent_spared = true },
	    PROCESS_HELPER },
	{ "... that is the user", { ALL(JO), .parent_spared = true }, PROCESS_END },
	{ "... that leads the user's session",
	    { ALL(0), .login = JO, .parent_spared = true, .leads = true },
	    PROCESS_END },
	{ "... that acts for the user",
	    { IDS(0, JO, 0, JO), .login = JO, .parent_spared = true }, PROCESS_END },
	{ "... that has nothing to do with the user",
	    { ALL(0), .login = BOB, .parent_spared = true }, PROCESS_OTHERS },
	{ "uadmd from the user's login", { ALL(0), .login = JO, .is_uadmd = true },
	    PROCESS_HELPER },
	{ "uadmd run by the user", { ALL(JO), .login = JO, .is_uadmd = true },
	    PROCESS_END },

	{ "ourselves, by sudo", { ALL(0), .login = JO, .is_ours = true }, PROCESS_OWN },
	{ "the shell we came from", { ALL(JO), .is_ours = true }, PROCESS_OWN },
	{ "we are not the user's", { ALL(0), .login = BOB, .is_ours = true },
	    PROCESS_OTHERS },
	{ "init", { ALL(JO), .login = JO, .pid = 1 }, PROCESS_OTHERS },
	{ "a kernel thread", { ALL(0), .login = JO, .kernel = true }, PROCESS_OTHERS },
};

static void
test_processes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(processes); i++) {
		struct process_facts f = processes[i].f;

		if (f.pid == 0)
			f.pid = 77;
		CHECK_EQ(policy_process(&f, JO), processes[i].want, processes[i].label);
		/* Root, and who came from nowhere, are never somebody to end. */
		f.leads = false;
		CHECK_EQ(policy_process(&f, 0), PROCESS_OTHERS, processes[i].label);
		CHECK_EQ(policy_process(&f, PROCESS_NO_LOGIN), PROCESS_OTHERS,
		    processes[i].label);
	}
}

static const struct {
	const char *label;
	struct user user;
	bool may;
} users[] = {
	{ "anybody", { 0 }, true },
	{ "locked in the past, must change", { .must_change = true }, true },
	{ "suspended", { .suspended_at = 1 }, false },
	{ "suspended in the future is suspended", { .suspended_at = NOW + 9 }, false },
	{ "suspended, keeps sessions", { .suspended_at = 1, .keep_sessions = true },
	    true },
	{ "kept, but the time is over",
	    { .suspended_at = 1, .keep_sessions = true, .expires_at = NOW }, false },
	{ "ends now", { .expires_at = NOW }, false },
	{ "ends in a second", { .expires_at = NOW + 1 }, true },
	{ "begins now", { .valid_from = NOW }, true },
	{ "begins in a second", { .valid_from = NOW + 1 }, false },
	{ "keeping alone says nothing", { .keep_sessions = true, .expires_at = 1 },
	    false },
};

static void
test_users(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(users); i++)
		CHECK_EQ(policy_user_may_run(&users[i].user, NOW), users[i].may,
		    users[i].label);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_processes),
		cmocka_unit_test(test_users),
	};

	return cmocka_run_group_tests_name("policy/ending", tests, NULL, NULL);
}
