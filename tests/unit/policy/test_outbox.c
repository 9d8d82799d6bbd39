/* When a mail is tried again, and when no more: by table. */
#include "libuadm/policy/outbox.h"

#include "tests/unit/check.h"

#include <sysexits.h>

enum { MINUTE = 60 * 1000 };
#define HOUR ((int64_t)60 * MINUTE)
#define EXITED(n)                                                                      \
	{                                                                              \
		.begun = true, .in_time = true, .status = (n)                          \
	}
#define AGAIN(mins) LETTER_WAITS, (int64_t)(mins)*MINUTE

static const struct {
	const char *label;
	struct mailer_end end;
	int64_t tries, age;
	enum letter_state state;
	int64_t wait;
	bool ails;
} cases[] = {
	{ "sent", EXITED(0), 1, 0, LETTER_SENT, 0, false },
	{ "sent at last", EXITED(0), 99, 99 * 24 * HOUR, LETTER_SENT, 0, false },
	{ "nothing known", { 0 }, 1, 0, AGAIN(1), true },
	{ "not begun, whatever else", { .in_time = true }, 1, 0, AGAIN(1), true },
	{ "hung", { .begun = true }, 1, 0, AGAIN(1), true },
	{ "hung, and its status is 0", { .begun = true, .signal = 9 }, 1, 0, AGAIN(1),
	    true },
	{ "killed", { .begun = true, .in_time = true, .signal = 9 }, 1, 0, AGAIN(1),
	    true },
	{ "nobody", EXITED(EX_NOUSER), 1, 0, LETTER_FAILED, 0, false },
	{ "no host", EXITED(EX_NOHOST), 1, 0, LETTER_FAILED, 0, false },
	{ "bad mail", EXITED(EX_DATAERR), 1, 0, LETTER_FAILED, 0, false },
	{ "later", EXITED(EX_TEMPFAIL), 1, 0, AGAIN(1), true },
	{ "may be anything", EXITED(EX_UNAVAILABLE), 1, 0, AGAIN(1), false },
	{ "set up badly", EXITED(EX_CONFIG), 1, 0, AGAIN(1), true },
	{ "called badly", EXITED(EX_USAGE), 1, 0, AGAIN(1), true },
	{ "says nothing", EXITED(1), 1, 0, AGAIN(1), true },
	{ "no such program, by a shell", EXITED(127), 1, 0, AGAIN(1), true },
	{ "second", EXITED(EX_TEMPFAIL), 2, 2 * MINUTE, AGAIN(5), true },
	{ "third", EXITED(EX_TEMPFAIL), 3, 7 * MINUTE, AGAIN(30), true },
	{ "fourth", EXITED(EX_TEMPFAIL), 4, 40 * MINUTE, AGAIN(120), true },
	{ "fifth", EXITED(EX_TEMPFAIL), 5, 3 * HOUR, AGAIN(360), true },
	{ "and so on", EXITED(EX_TEMPFAIL), 9, 30 * HOUR, AGAIN(360), true },
	{ "a last one within three days", EXITED(EX_TEMPFAIL), 12, 66 * HOUR,
	    AGAIN(360), true },
	{ "no more after three days", EXITED(EX_TEMPFAIL), 12, 66 * HOUR + 1,
	    LETTER_FAILED, 360 * MINUTE, true },
	{ "of a number that is none", EXITED(EX_TEMPFAIL), 0, 0, AGAIN(1), true },
};

static void
test_next(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct letter_next n =
		    policy_letter_next(&cases[i].end, cases[i].tries, cases[i].age);

		CHECK_EQ(n.state, cases[i].state, cases[i].label);
		CHECK_EQ(n.mailer_ails, cases[i].ails, cases[i].label);
		if (n.state == LETTER_WAITS)
			CHECK_EQ(n.wait_ms, cases[i].wait, cases[i].label);
	}
}

static void
test_words(void **state)
{
	char out[120];

	(void)state;
	for (int i = 0; i < LETTER_STATES; i++)
		CHECK_EQ(policy_letter_state(policy_letter_word((enum letter_state)i)),
		    i, "a word");
	CHECK_EQ(policy_letter_state("nonsense"), LETTER_DROPPED, "no word");
	CHECK_TEXT(policy_letter_word(LETTER_STATES), "dropped", "no state");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (policy_letter_next(&cases[i].end, 1, 0).state != LETTER_SENT) {
			policy_mailer_says(&cases[i].end, out, sizeof(out));
			assert_true(strncmp(out, "the mailer ", 11) == 0);
		}
	policy_mailer_says(&cases[3].end, out, sizeof(out));
	CHECK_HAS(out, "cannot be run");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
