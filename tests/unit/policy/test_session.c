/* What is a login, whether there is a place for one more (P21), and which processes are of one session (F60). */
#include "libuadm/policy/session.h"
#include "libuadm/policy/session_process.h"

#include "tests/unit/check.h"

enum { JO = 5000, BOB = 5001 };

static void
test_kinds(void **state)
{
	static const struct {
		const char *service, *word;
	} cases[] = { { "sshd", "login" }, { "login", "login" },
		{ "gdm-password", "login" }, { "", "login" },
		{ "never-heard-of", "login" }, { "SU", "login" }, { "su ", "login" },
		{ "su", "switch" }, { "su-l", "switch" }, { "sudo", "switch" },
		{ "sudo-i", "switch" }, { "runuser", "switch" },
		{ "runuser-l", "switch" }, { "polkit-1", "switch" },
		{ "doas", "switch" }, { "systemd-run0", "switch" }, { "cron", "job" },
		{ "crond", "job" }, { "atd", "job" }, { "systemd-user", "manager" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		CHECK_TEXT(
		    policy_session_kind_word(policy_session_kind(cases[i].service)),
		    cases[i].word, cases[i].service);
	CHECK_TEXT(policy_session_kind_word(SESSION_KINDS), "login", "none of them");
}

static void
test_P21_places(void **state)
{
	static const struct {
		const char *label;
		int64_t most;
		enum session_kind kind;
		int64_t open;
		bool admitted;
	} cases[] = {
		{ "no bound", 0, SESSION_LOGIN, 99999, true },
		{ "the first", 1, SESSION_LOGIN, 0, true },
		{ "one too many", 1, SESSION_LOGIN, 1, false },
		{ "the third", 3, SESSION_LOGIN, 2, true },
		{ "the fourth", 3, SESSION_LOGIN, 3, false },
		{ "the bound was lowered since", 1, SESSION_LOGIN, 7, false },
		{ "su", 1, SESSION_SWITCH, 1, true },
		{ "cron", 1, SESSION_JOB, 1, true },
		{ "systemd --user", 1, SESSION_MANAGER, 1, true },
		{ "a kind that is none", 1, SESSION_KINDS, 1, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct policy p = { .max_sessions = cases[i].most };

		CHECK_EQ(policy_session_admits(&p, cases[i].kind, cases[i].open),
		    cases[i].admitted, cases[i].label);
	}
}

#define IDS(u)  .p.real = (u), .p.effective = (u), .p.saved = (u), .p.fs = (u)
#define FROM(u) .p.login = (u)
#define ORPHAN  .p.parent = 1, .p.session = 77
#define FIRST   .p.first_look = true
#define NOBODYS FROM(PROCESS_NO_LOGIN)

static const struct {
	const char *label;
	struct session_process_facts f; /* pid 77 unless it says so */
	enum process_fate want;
} processes[] = {
	{ "the user's, and of another session", { IDS(JO), FROM(JO) }, PROCESS_OTHERS },
	{ "another's", { IDS(BOB), FROM(BOB) }, PROCESS_OTHERS },
	{ "the leader: sshd's, login's", { IDS(0), FROM(JO), .is_leader = true },
	    PROCESS_END },
	{ "the leader: su's, in another's login",
	    { IDS(0), FROM(BOB), .is_leader = true }, PROCESS_END },
	{ "the leader: cron's, of no login", { IDS(0), NOBODYS, .is_leader = true },
	    PROCESS_END },
	{ "the leader: the user's own systemd", { IDS(JO), NOBODYS, .is_leader = true },
	    PROCESS_END },
	{ "below it", { IDS(JO), FROM(JO), .below = true }, PROCESS_END },
	{ "... root's by sudo", { IDS(0), FROM(JO), .below = true }, PROCESS_END },
	{ "... root's by sudo, in su's session", { IDS(0), FROM(BOB), .below = true },
	    PROCESS_END },
	{ "... another's by su", { IDS(BOB), FROM(JO), .below = true }, PROCESS_END },
	{ "in the background: nohup",
	    { IDS(JO), FROM(JO), .p.parent = 1, .in_group = true }, PROCESS_END },
	{ "... root's", { IDS(0), FROM(JO), .p.parent = 1, .in_group = true },
	    PROCESS_END },
	{ "... that shed its login: by its ids alone",
	    { IDS(JO), NOBODYS, .in_group = true }, PROCESS_END },
	{ "left altogether: setsid",
	    { IDS(JO), FROM(JO), ORPHAN, FIRST, .same_login = true }, PROCESS_END },
	{ "... another's, by su",
	    { IDS(BOB), FROM(JO), ORPHAN, FIRST, .same_login = true }, PROCESS_END },
	{ "... another's, that is of no login of theirs",
	    { IDS(BOB), FROM(BOB), ORPHAN, FIRST, .in_group = true }, PROCESS_OTHERS },
	{ "a daemon that was restarted from it",
	    { IDS(0), FROM(JO), ORPHAN, FIRST, .same_login = true }, PROCESS_DAEMON },
	{ "... which is looked at again",
	    { IDS(0), FROM(JO), ORPHAN, .same_login = true, .before = PROCESS_DAEMON },
	    PROCESS_DAEMON },
	{ "... and its worker",
	    { IDS(0), FROM(JO), .p.parent = 70, FIRST, .p.parent_spared = true,
		.same_login = true },
	    PROCESS_HELPER },
	{ "an orphan of later is none",
	    { IDS(0), FROM(JO), ORPHAN, .same_login = true }, PROCESS_END },
	{ "root's, with a terminal",
	    { IDS(0), FROM(JO), ORPHAN, FIRST, .p.has_terminal = true,
		.same_login = true },
	    PROCESS_END },
	{ "on systemd, no service",
	    { IDS(0), FROM(JO), ORPHAN, FIRST, .p.systemd = true, .same_login = true },
	    PROCESS_END },
	{ "on systemd, a service",
	    { IDS(0), FROM(JO), ORPHAN, FIRST, .p.systemd = true, .p.in_service = true,
		.same_login = true },
	    PROCESS_DAEMON },
	{ "our own that closes it",
	    { IDS(0), FROM(JO), .p.is_uadmd = true, .below = true }, PROCESS_HELPER },
	{ "who asks", { IDS(0), FROM(JO), .p.is_ours = true, .below = true },
	    PROCESS_OWN },
	{ "init", { IDS(JO), .p.pid = 1, .below = true }, PROCESS_OTHERS },
	{ "the kernel's", { IDS(JO), .p.kernel = true, .below = true },
	    PROCESS_OTHERS },

	{ "shared: the leader",
	    { IDS(0), FROM(JO), .is_leader = true, .leader_shared = true },
	    PROCESS_OTHERS },
	{ "shared: the user's below it",
	    { IDS(JO), NOBODYS, .below = true, .leader_shared = true }, PROCESS_END },
	{ "shared: root's below it",
	    { IDS(0), NOBODYS, .below = true, .leader_shared = true }, PROCESS_OTHERS },
	{ "shared: another's below it",
	    { IDS(BOB), FROM(JO), .below = true, .leader_shared = true },
	    PROCESS_OTHERS },
	{ "shared: the user's elsewhere",
	    { IDS(JO), FROM(JO), .same_login = true, .leader_shared = true },
	    PROCESS_OTHERS },
};

static void
test_F60_processes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(processes); i++) {
		struct session_process_facts f = processes[i].f;

		if (f.p.pid == 0)
			f.p.pid = 77;
		CHECK_EQ(policy_session_process(&f, JO), processes[i].want,
		    processes[i].label);
		/* Root, and nobody, have none. */
		f = processes[i].f;
		f.p.pid = 77;
		if (f.before == PROCESS_OTHERS)
			CHECK_EQ(policy_session_process(&f, 0), PROCESS_OTHERS,
			    processes[i].label);
	}
}

static void
test_F60_logins(void **state)
{
	static const struct {
		const char *label;
		uint32_t leaders;
		uid_t login;
		uint32_t parents;
		bool is_login;
	} cases[] = {
		{ "sshd's, below a daemon", 7, JO, 0, true },
		{ "sshd's, below one that an administrator restarted", 7, JO, 3, true },
		{ "su's to somebody else", 7, BOB, 7, false },
		{ "su's to oneself", 7, JO, 7, false },
		{ "a kernel without", 0, JO, 0, false },
		{ "cron's, where nothing is set", 0, PROCESS_NO_LOGIN, 0, false },
		{ "another's login", 7, BOB, 0, false },
		{ "nothing known", 0, 0, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		CHECK_EQ(policy_session_is_login(
			     cases[i].leaders, cases[i].login, cases[i].parents, JO),
		    cases[i].is_login, cases[i].label);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_P21_places),
		cmocka_unit_test(test_F60_processes),
		cmocka_unit_test(test_F60_logins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
