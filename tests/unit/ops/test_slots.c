/* P28: nobody holds all the places: neither those where passwords are hashed nor those of calls;
 * P2: and who waits for one gets it, in turn. */
#include "libuadm/ops/slots.h"

#include "libuadm/base/clock.h"
#include "libuadm/ops/turns.h"
#include "tests/unit/check.h"

#include <signal.h>
#include <sys/wait.h>

enum { MANY = 64, LONG_MS = 60000, WAITERS = 8 };

static int
setup(void **state)
{
	(void)state;
	root_clean();
	return 0;
}

static int64_t
in_ms(int64_t ms)
{
	return clock_boot_ms() + ms;
}

static void
test_P28_one_source_leaves_a_slot(void **state)
{
	struct slot held[MANY], other;
	struct uadm_err err;
	int n = 0;

	(void)state;
	while (n < MANY && slot_take(&held[n], 7, in_ms(20), &err) == UADM_OK)
		n++;
	assert_in_range(slot_count(), 3, 12);
	CHECK_EQ(n, slot_count() - 1, "all but one");
	CHECK_EQ(err.code, UADM_BUSY, "the next of this source");
	CHECK_OK(slot_take(&other, 8, in_ms(20), &err));
	CHECK_FAILS(UADM_BUSY, slot_take(&held[n], 8, in_ms(20), &err));
	CHECK_EQ(held[n].source_fd, -1, "and holds nothing");
	slot_release(&other);
	slot_release(&held[0]);
	CHECK_OK(slot_take(&held[0], 7, in_ms(20), &err));
	for (int i = 0; i < n; i++)
		slot_release(&held[i]);
}

static void
test_P28_calls_of_one_uid(void **state)
{
	(void)state;
	for (int i = 0; i < SLOT_CALLS; i++)
		assert_true(slot_of_caller(1));
	assert_false(slot_of_caller(1));
	assert_true(slot_of_caller(2));
	for (uid_t i = 0; i < SLOT_CALLS; i++)
		assert_true(slot_of_caller(1999999000 + i));
	assert_false(slot_of_caller(1999999999)); /* one more subordinate uid */
}

/* Wait until these processes sleep in flock(2) in this order: proc_locks(5) shows each of them
 * below the one it waits behind. */
static void
await_line(const pid_t *pids, size_t count)
{
	int64_t end = in_ms(LONG_MS);
	size_t at;

	do {
		FILE *f = fopen("/proc/locks", "re");
		char line[200];

		assert_non_null(f);
		assert_true(clock_boot_ms() < end);
		at = 0;
		while (fgets(line, sizeof(line), f) != NULL && at < count)
			if (strstr(line, "-> FLOCK") != NULL &&
			    strstr(line, "WRITE") != NULL &&
			    atoi(strstr(line, "WRITE") + 5) == pids[at])
				at++;
		fclose(f);
	} while (at < count);
}

/* One after the other comes to a turnstile that is held, and goes through in that order; neither
 * a wait that was given up nor one that was killed is in the way. */
static void
test_P2_in_turn(void **state)
{
	CLEANUP(cleanup_fd)
	int dir = open(UADM_ROOT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int said[2], held = -1;
	struct uadm_err err;
	pid_t pids[WAITERS];
	char order[WAITERS + 1] = "";

	(void)state;
	assert_int_equal(pipe(said), 0);
	CHECK_OK(turn_wait(dir, "turn", in_ms(20), &held, &err));
	for (int i = 0; i < WAITERS; i++) {
		if ((pids[i] = fork()) == 0) {
			char me = (char)('a' + i);
			int turn = -1;

			close(held); /* the lock is the open file's */
			if (turn_wait(dir, "turn", in_ms(LONG_MS), &turn, &err) ==
				UADM_OK &&
			    write(said[1], &me, 1) != 1)
				abort();
			_exit(0);
		}
		await_line(pids, (size_t)i + 1);
	}
	int late = -1;
	CHECK_FAILS(UADM_BUSY, turn_wait(dir, "turn", in_ms(30), &late, &err));
	kill(pids[2], SIGKILL);
	waitpid(pids[2], NULL, 0);
	memmove(&pids[2], &pids[3], (WAITERS - 3) * sizeof(pids[0]));
	await_line(pids, WAITERS - 1);
	close(held);
	for (size_t got = 0; got < WAITERS - 1;) {
		ssize_t n = read(said[0], order + got, WAITERS - 1 - got);

		assert_true(n > 0);
		got += (size_t)n;
	}
	CHECK_TEXT(order, "abdefgh", "in the order of coming");
	for (int i = 0; i < WAITERS - 1; i++)
		waitpid(pids[i], NULL, 0);
	close(said[0]);
	close(said[1]);
}

/* A wait ends at its deadline, and leaves the signal as it was. */
static void
test_deadline(void **state)
{
	CLEANUP(cleanup_fd)
	int dir = open(UADM_ROOT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CLEANUP(cleanup_fd) int held = -1;
	struct sigaction before = { .sa_handler = SIG_IGN }, after;
	sigset_t blocked, mask;
	struct uadm_err err;
	int late = -1;

	(void)state;
	sigaction(SIGALRM, &before, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGALRM);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	CHECK_OK(turn_wait(dir, "turn", in_ms(20), &held, &err));
	for (int64_t ms = -10; ms <= 50; ms += 20) {
		int64_t deadline = in_ms(ms);

		CHECK_FAILS(UADM_BUSY, turn_wait(dir, "turn", deadline, &late, &err));
		assert_true(clock_boot_ms() >= deadline);
		CHECK_EQ(late, -1, "nothing is held");
	}
	sigaction(SIGALRM, NULL, &after);
	sigprocmask(SIG_SETMASK, NULL, &mask);
	assert_true(after.sa_handler == SIG_IGN && sigismember(&mask, SIGALRM) == 1);
}

/* Who is killed with slots in hand leaves them. */
static void
test_killed_holder(void **state)
{
	struct slot held[MANY];
	struct uadm_err err;
	int said[2], n = 0;
	char got;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(said), 0);
	if ((pid = fork()) == 0) {
		while (n < slot_count() - 1)
			CHECK_OK(slot_take(&held[n++], 7, in_ms(LONG_MS), &err));
		if (write(said[1], "x", 1) != 1)
			abort();
		pause();
	}
	assert_int_equal(read(said[0], &got, 1), 1);
	CHECK_FAILS(UADM_BUSY, slot_take(&held[0], 7, in_ms(20), &err));
	kill(pid, SIGKILL);
	CHECK_OK(slot_take(&held[0], 7, in_ms(LONG_MS), &err));
	slot_release(&held[0]);
	waitpid(pid, NULL, 0);
	close(said[0]);
	close(said[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_P28_one_source_leaves_a_slot, setup),
		cmocka_unit_test_setup(test_P28_calls_of_one_uid, setup),
		cmocka_unit_test_setup(test_P2_in_turn, setup),
		cmocka_unit_test_setup(test_deadline, setup),
		cmocka_unit_test_setup(test_killed_holder, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
