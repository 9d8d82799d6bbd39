/* P22: real processes are found and ended, and nobody else's. Under a uid of this run's own, for
 * other runs on this machine have theirs. */
#include "libuadm/ops/process_kill.h"
#include "libuadm/ops/processes.h"
#include "libuadm/ops/subuids.h"

#include "tests/unit/check.h"

#include <signal.h>
#include <sys/wait.h>

static struct uadm_err err;
static uid_t jo, bob;
static const uid_t *one = &jo;

/* A child with these ids that waits for its end; ready when this returns. */
static pid_t
start(uid_t real, uid_t effective, uid_t saved)
{
	int ends[2];
	char ready = 0;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	if ((pid = fork()) == 0) {
		sigset_t all;

		sigfillset(&all);
		sigprocmask(SIG_BLOCK, &all, NULL);
		if (setresuid(real, effective, saved) == 0 &&
		    write(ends[1], "r", 1) == 1)
			for (;;)
				pause();
		_exit(1);
	}
	assert_true(pid > 0);
	assert_int_equal(read(ends[0], &ready, 1), 1);
	close(ends[0]);
	close(ends[1]);
	return pid;
}

static bool
lives(pid_t pid)
{
	return waitpid(pid, NULL, WNOHANG) == 0;
}

static void
finish(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static const struct process_note *
note_of(const struct process_job *job, pid_t pid)
{
	for (size_t i = 0; i < job->note_count; i++)
		if (job->notes[i].pid == pid)
			return &job->notes[i];
	return NULL;
}

static void
test_ends_by_every_id(void **state)
{
	const uid_t ids[][3] = { { jo, jo, jo }, { jo, 0, 0 }, { 0, jo, bob },
		{ 0, 0, jo }, { bob, jo, bob }, { bob, bob, jo } };
	struct process_job job = { .uids = one, .uid_count = 1 };
	pid_t mine[ARRAY_LEN(ids)], other = start(bob, bob, bob), root = start(0, 0, 0),
				    borrows = start(0, jo, 0);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		mine[i] = start(ids[i][0], ids[i][1], ids[i][2]);
	CHECK_OK(processes_end(&job, &err));
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		const struct process_note *n = note_of(&job, mine[i]);

		assert_non_null(n);
		CHECK_EQ(n->fate, PROCESS_END, "fate");
		assert_false(n->alive);
		assert_false(lives(mine[i]));
	}
	CHECK_EQ(job.note_count, ARRAY_LEN(ids), "notes");
	assert_true(lives(other) && lives(root) && lives(borrows));
	free(job.notes);
	finish(other);
	finish(root);
	finish(borrows);
}

static bool
not_bob(void *arg, uid_t uid)
{
	(void)arg;
	return uid != bob;
}

/* Ranges of jo's, of jo's and bob's, of jo's and somebody else's: 10 ids each. */
static void
test_subordinate(void **state)
{
	const uid_t from = jo + 10;
	struct subuid_range ranges[] = {
		{ .uid = jo, .first = from, .last = from + 29 },
		{ .uid = bob, .first = from + 10, .last = from + 19 },
		{ .uid = SUBUID_OTHERS, .first = from + 20, .last = from + 29 },
	};
	struct subuids subuids = { .ranges = ranges, .count = ARRAY_LEN(ranges) };
	const uid_t both[] = { jo, bob };
	struct process_job job = { .uids = one, .uid_count = 1, .subuids = &subuids };
	const struct process_note *n;
	pid_t mine[] = { start(from, from, from), start(from + 9, 0, 0),
		start(0, 0, from), start(jo, from, from) };
	pid_t shared = start(from + 10, from + 10, from + 10),
	      others = start(from + 20, from + 20, from + 20),
	      borrows = start(0, from, 0);

	(void)state;
	ranges[1].uid = SUBUID_OTHERS; /* bob is not in this job */
	CHECK_OK(processes_end(&job, &err));
	for (size_t i = 0; i < ARRAY_LEN(mine); i++) {
		assert_non_null(n = note_of(&job, mine[i]));
		assert_true(n->uid == jo && n->fate == PROCESS_END && !n->alive);
		assert_false(lives(mine[i]));
	}
	assert_true(lives(shared) && lives(others) && lives(borrows));
	CHECK_EQ(job.note_count, ARRAY_LEN(mine), "notes");

	/* Both are in it now, but one of them is not due; and then is. */
	memset(subuids.known, 0, sizeof(subuids.known));
	ranges[1].uid = bob;
	job.uids = both;
	job.uid_count = 2;
	job.is_due = not_bob;
	CHECK_OK(processes_end(&job, &err));
	assert_true(lives(shared) && lives(others));
	job.is_due = NULL;
	CHECK_OK(processes_end(&job, &err));
	assert_false(lives(shared));
	assert_true(lives(others) && lives(borrows));
	free(job.notes);
	finish(others);
	finish(borrows);
}

/* The first thread has ended, which looks dead, and another one runs on. */
static void
test_ends_what_looks_dead(void **state)
{
	struct process_job job = { .uids = one, .uid_count = 1 };
	struct process_seen seen = { 0 };
	int proc = open("/proc", O_RDONLY | O_DIRECTORY);
	pid_t dead = start(jo, jo, jo);

	(void)state;
	seen.facts.pid = dead;
	assert_true(process_read_rest(proc, &seen));
	kill(dead, SIGKILL);
	assert_int_equal(
	    waitid(P_PID, (id_t)dead, &(siginfo_t){ 0 }, WEXITED | WNOWAIT), 0);
	assert_false(process_read_rest(proc, &seen)); /* a zombie */
	CHECK_OK(processes_end(&job, &err));
	assert_null(note_of(&job, dead));
	free(job.notes);
	finish(dead);
	close(proc);
}

static bool
never(void *arg, uid_t uid)
{
	++*(int *)arg;
	return uid != jo;
}

static void
test_leaves_alone(void **state)
{
	int asked = 0;
	struct process_job dry = { .uids = one, .uid_count = 1, .look_only = true };
	struct process_job undue = {
		.uids = one, .uid_count = 1, .is_due = never, .arg = &asked
	};
	struct process_job nobody = { .uids = one, .uid_count = 0 };
	pid_t pid = start(jo, jo, jo);

	(void)state;
	CHECK_OK(processes_end(&dry, &err));
	assert_non_null(note_of(&dry, pid));
	CHECK_OK(processes_end(&undue, &err));
	assert_int_equal(asked, 1);
	assert_int_equal(undue.note_count, 0);
	CHECK_OK(processes_end(&nobody, &err));
	process_kill_all(bob);
	process_kill_all(0);
	process_kill_all(PROCESS_NO_LOGIN);
	assert_true(lives(pid));
	process_kill_all(jo);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	free(dry.notes);
}

/* A leader of sessions by pid and start; with another start it is somebody else by now. */
static void
test_leaders(void **state)
{
	struct process_seen seen = { .facts.pid = start(0, 0, 0) };
	int proc = open("/proc", O_RDONLY | O_DIRECTORY);
	struct process_leader leaders[] = { { 2, 1, jo }, { 0, 0, jo }, { 0, 0, jo } };
	struct process_job job = {
		.uids = one, .uid_count = 1, .leaders = leaders, .leader_count = 3
	};
	pid_t pid = seen.facts.pid;

	(void)state;
	assert_true(pid > 2 && process_read_rest(proc, &seen));
	/* who had the pid before, of records that were never closed */
	leaders[2] = (struct process_leader){ pid, seen.start - 1, jo };
	leaders[1] = (struct process_leader){ pid, seen.start + 1, jo };
	CHECK_OK(processes_end(&job, &err));
	assert_true(lives(pid));
	leaders[2].start = seen.start;
	leaders[2].uid = bob; /* who is not in this job */
	CHECK_OK(processes_end(&job, &err));
	assert_true(lives(pid));
	leaders[2].uid = jo;
	CHECK_OK(processes_end(&job, &err));
	assert_false(lives(pid));
	free(job.notes);
	close(proc);
}

/* Who asks for their own end goes on, and so does what they came from and what descends from that. */
static void
test_own(void **state)
{
	struct process_job job = { .uids = one, .uid_count = 1 };
	pid_t helper, asker;
	int status;

	(void)state;
	if ((asker = fork()) == 0) {
		/* may be root again, as sudo's child is */
		if (setresuid(jo, 0, 0) != 0)
			_exit(2);
		helper = start(jo, jo, jo);
		if (processes_end(&job, &err) != UADM_OK || !lives(helper))
			_exit(3);
		if (processes_watch(&job, &err) != UADM_OK)
			_exit(5);
		if (!lives(helper))
			_exit(6);
		finish(helper);
		_exit(note_of(&job, getpid()) != NULL &&
			    note_of(&job, getpid())->fate == PROCESS_OWN
			? 0
			: 4);
	}
	assert_int_equal(waitpid(asker, &status, 0), asker);
	CHECK_EQ(status, 0, "status of who asked");
}

static void
test_uids(void **state)
{
	pid_t a = start(jo, jo, jo), b = start(0, 0, bob);
	uid_t *uids;
	size_t count, found = 0;

	(void)state;
	CHECK_OK(processes_uids(&uids, &count, &err));
	for (size_t i = 0; i < count; i++) {
		found += uids[i] == jo || uids[i] == bob;
		assert_true(i == 0 || uids[i] > uids[i - 1]);
		assert_true(uids[i] != 0 && uids[i] != PROCESS_NO_LOGIN);
	}
	assert_int_equal(found, 2);
	free(uids);
	finish(a);
	finish(b);
}

static int
setup(void **state)
{
	(void)state;
	jo = 1500000000 + 64 * (uid_t)getpid();
	bob = jo + 1;
	return 0;
}

static void
test_needs_root(void **state)
{
	(void)state;
	skip();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends_by_every_id),
		cmocka_unit_test(test_subordinate),
		cmocka_unit_test(test_ends_what_looks_dead),
		cmocka_unit_test(test_leaves_alone),
		cmocka_unit_test(test_leaders),
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_uids),
	};
	const struct CMUnitTest none[] = { cmocka_unit_test(test_needs_root) };

	if (geteuid() != 0)
		return cmocka_run_group_tests_name("ops/processes", none, NULL, NULL);
	return cmocka_run_group_tests_name("ops/processes", tests, setup, NULL);
}
