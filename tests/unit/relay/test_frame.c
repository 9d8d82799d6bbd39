/*
 * test_frame.c - frames: what goes in comes out, and what is not sound is dropped.
 */
#include "libuadm/relay/frame.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define FIELD(tag, size)                                                               \
	(unsigned char)(tag), (unsigned char)((tag) >> 8), (unsigned char)(size),      \
	    (unsigned char)((size) >> 8)

/* The tables below are written for a little-endian machine. */
static bool
is_little_endian(void)
{
	const uint16_t one = 1;

	return *(const unsigned char *)&one == 1;
}

static void
test_what_goes_in_comes_out(void **state)
{
	struct relay_frame f;
	char text[16], small[4];
	size_t size;

	(void)state;
	relay_begin(&f, RELAY_PROMPT);
	relay_put_text(&f, RELAY_F_TEXT, "Password: ");
	relay_put_text(&f, RELAY_F_NAME, NULL);
	relay_put_text(&f, RELAY_F_VALUE, "");
	relay_put_int(&f, RELAY_F_ECHO, -7);
	relay_put(&f, RELAY_F_LOG, "a\0b", 3);
	assert_true(relay_is_sound(&f));

	assert_true(relay_get_text(&f, RELAY_F_TEXT, text, sizeof(text)));
	assert_string_equal(text, "Password: ");
	assert_null(relay_get(&f, RELAY_F_NAME, &size));
	assert_int_equal(size, 0);
	assert_false(relay_get_text(&f, RELAY_F_NAME, text, sizeof(text)));
	assert_string_equal(text, "");
	assert_non_null(relay_get(&f, RELAY_F_VALUE, &size));
	assert_true(relay_get_text(&f, RELAY_F_VALUE, text, sizeof(text)));
	assert_string_equal(text, "");
	assert_int_equal(relay_get_int(&f, RELAY_F_ECHO, 1), -7);
	assert_int_equal(relay_get_int(&f, RELAY_F_ITEM, 42), 42);

	/* Not a number, does not fit, has a NUL in it: absent. */
	assert_int_equal(relay_get_int(&f, RELAY_F_TEXT, 42), 42);
	memset(small, 'x', sizeof(small));
	assert_false(relay_get_text(&f, RELAY_F_TEXT, small, sizeof(small)));
	assert_string_equal(small, "");
	assert_false(relay_get_text(&f, RELAY_F_LOG, text, sizeof(text)));
	assert_string_equal(text, "");
}

static void
test_cap_spoils_the_frame(void **state)
{
	static const char big[RELAY_FRAME_MAX];
	struct relay_frame f;
	int pair[2];

	(void)state;
	relay_begin(&f, RELAY_ANSWER);
	relay_put(&f, RELAY_F_TEXT, big, RELAY_FRAME_MAX - 4);
	assert_true(relay_is_sound(&f)); /* exactly full */
	relay_put_int(&f, RELAY_F_ECHO, 1);
	assert_true(f.overflow);
	assert_false(relay_is_sound(&f));

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_false(relay_send(pair[0], &f, relay_clock_ms() + 1000));

	relay_begin(&f, RELAY_ANSWER);
	relay_put(&f, RELAY_F_TEXT, big, RELAY_FRAME_MAX - 3);
	relay_put_int(
	    &f, RELAY_F_ECHO, 1); /* would fit, but what is before it did not */
	assert_false(relay_is_sound(&f));
	assert_int_equal(f.used, 0);
	close(pair[0]);
	close(pair[1]);
}

static const struct {
	const char *label;
	enum relay_type type;
	size_t used;
	bool want;
	unsigned char payload[16];
} shapes[] = {
	{ "empty", RELAY_RESULT, 0, true, { 0 } },
	{ "one empty field", RELAY_RESULT, 4, true, { FIELD(1, 0) } },
	{ "two fields", RELAY_RESULT, 9, true, { FIELD(1, 1), 'x', FIELD(2, 0) } },
	{ "an unknown tag", RELAY_RESULT, 4, true, { FIELD(63, 0) } },
	{ "the same tag twice", RELAY_RESULT, 8, false, { FIELD(1, 0), FIELD(1, 0) } },
	{ "tag 0", RELAY_RESULT, 4, false, { FIELD(0, 0) } },
	{ "tag 64", RELAY_RESULT, 4, false, { FIELD(64, 0) } },
	{ "tag 65535", RELAY_RESULT, 4, false, { FIELD(65535, 0) } },
	{ "half a head", RELAY_RESULT, 3, false, { FIELD(1, 0) } },
	{ "a byte short", RELAY_RESULT, 7, false, { FIELD(1, 4) } },
	{ "a byte too many", RELAY_RESULT, 5, false, { FIELD(1, 0) } },
	{ "a size of 65535", RELAY_RESULT, 16, false, { FIELD(1, 65535) } },
	{ "more used than there is", RELAY_RESULT, RELAY_FRAME_MAX + 1, false, { 0 } },
	{ "type 0", (enum relay_type)0, 0, false, { 0 } },
	{ "a type too high", (enum relay_type)9, 0, false, { 0 } },
};

static void
test_shapes(void **state)
{
	(void)state;
	if (!is_little_endian())
		skip();
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct relay_frame f = { .type = shapes[i].type };
		size_t size;

		f.used = shapes[i].used;
		memcpy(f.payload, shapes[i].payload, sizeof(shapes[i].payload));
		if (relay_is_sound(&f) != shapes[i].want)
			fail_msg("%s", shapes[i].label);
		/* What is not sound may still be asked for fields. */
		for (int tag = 0; tag < 70; tag++)
			(void)relay_get(&f, (enum relay_tag)tag, &size);
	}
}

/* Random and nearly right payloads: whatever is found lies inside (ASan watches). */
static void
test_hostile_payloads(void **state)
{
	struct relay_frame *f = malloc(sizeof(*f)); /* its end is guarded there */
	char text[64];

	(void)state;
	assert_non_null(f);
	srandom(1);
	for (int round = 0; round < 20000; round++) {
		relay_begin(f, (enum relay_type)(1 + random() % 8));
		while (random() % 4 != 0)
			relay_put(f, (enum relay_tag)(1 + random() % 24), text,
			    (size_t)(random() % 64));
		for (long flips = random() % 4; flips > 0 && f->used > 0; flips--)
			f->payload[(size_t)random() % f->used] =
			    (unsigned char)random();
		if (random() % 8 == 0)
			f->used = (size_t)random() % (RELAY_FRAME_MAX + 10);
		for (int tag = 0; tag < 26; tag++) {
			size_t size;
			const unsigned char *data =
			    relay_get(f, (enum relay_tag)tag, &size);

			if (data != NULL &&
			    (data < f->payload || size > f->used ||
				data + size > f->payload + f->used))
				fail_msg("round %d: outside", round);
			relay_get_text(f, (enum relay_tag)tag, text, sizeof(text));
			relay_get_int(f, (enum relay_tag)tag, 0);
		}
		(void)relay_is_sound(f);
	}
	free(f);
}

static void
test_wipe(void **state)
{
	static const struct relay_frame zero;
	struct relay_frame f;

	(void)state;
	relay_begin(&f, RELAY_ANSWER);
	relay_put_text(&f, RELAY_F_TEXT, "secret");
	relay_wipe(&f);
	assert_memory_equal(&f, &zero, sizeof(f));
}

static void
test_transfer(void **state)
{
	struct relay_frame out, in;
	char text[16];
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	for (int i = 0; i < 3; i++) {
		relay_begin(&out, RELAY_ANSWER);
		relay_put_text(&out, RELAY_F_TEXT, i == 0 ? "one" : "more");
		assert_true(relay_send(pair[0], &out, relay_clock_ms() + 1000));
	}
	/* Never more than one frame is read. */
	assert_true(relay_receive(pair[1], &in, relay_clock_ms() + 1000));
	assert_true(relay_get_text(&in, RELAY_F_TEXT, text, sizeof(text)));
	assert_string_equal(text, "one");
	assert_true(relay_receive(pair[1], &in, relay_clock_ms() + 1000));
	assert_true(relay_receive(pair[1], &in, relay_clock_ms() + 1000));
	assert_true(relay_get_text(&in, RELAY_F_TEXT, text, sizeof(text)));
	assert_string_equal(text, "more");
	close(pair[0]);
	assert_false(relay_receive(pair[1], &in, relay_clock_ms() + 1000));
	/* SIGPIPE would end this program here. */
	assert_false(relay_send(pair[1], &out, relay_clock_ms() + 1000));
	close(pair[1]);
}

static const struct {
	const char *label;
	size_t size;
	uint32_t words[6];
} bad_wires[] = {
	{ "type 0", 8, { 0, 0 } },
	{ "type 9", 8, { 9, 0 } },
	{ "type 2^31", 8, { 0x80000000U, 0 } },
	{ "over the cap", 8, { RELAY_RESULT, RELAY_FRAME_MAX + 1 } },
	{ "size 2^32-1", 8, { RELAY_RESULT, 0xffffffffU } },
	{ "half a head, then nothing", 4, { RELAY_RESULT } },
	{ "announces more than it sends", 12, { RELAY_RESULT, 8, 0 } },
	{ "zeros for fields", 16, { RELAY_RESULT, 8, 0, 0 } },
};

static void
test_bad_wires(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_wires) / sizeof(bad_wires[0]); i++) {
		struct relay_frame f;
		int pair[2];

		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
		assert_int_equal(write(pair[0], bad_wires[i].words, bad_wires[i].size),
		    bad_wires[i].size);
		close(pair[0]);
		if (relay_receive(pair[1], &f, relay_clock_ms() + 1000))
			fail_msg("%s", bad_wires[i].label);
		assert_false(relay_is_sound(&f));
		assert_int_equal(f.used, 0);
		close(pair[1]);
	}
}

/* One byte every 20 ms, for as long as somebody listens. */
static void *
dribble(void *arg)
{
	static const uint32_t head[2] = { RELAY_RESULT, 100 };
	const int fd = *(int *)arg;

	for (size_t i = 0;; i++) {
		const char *byte = i < sizeof(head) ? (const char *)head + i : "";

		if (send(fd, byte, 1, MSG_NOSIGNAL) != 1)
			return NULL;
		usleep(20 * 1000);
	}
}

static void
test_deadlines(void **state)
{
	static const char big[RELAY_FRAME_MAX / 2];
	struct relay_frame f;
	int64_t before;
	pthread_t thread;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	before = relay_clock_ms();
	assert_false(relay_receive(pair[1], &f, before + 100));
	assert_in_range(relay_clock_ms() - before, 99, 2000);
	assert_false(relay_receive(pair[1], &f, before)); /* gone by already */

	/* Nobody reads: the buffer fills, then it is the deadline again. */
	relay_begin(&f, RELAY_INFO);
	relay_put(&f, RELAY_F_TEXT, big, sizeof(big));
	before = relay_clock_ms();
	while (relay_send(pair[0], &f, before + 200))
		continue;
	assert_in_range(relay_clock_ms() - before, 199, 3000);
	close(pair[0]);
	close(pair[1]);

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(pthread_create(&thread, NULL, dribble, &pair[0]), 0);
	before = relay_clock_ms();
	assert_false(relay_receive(pair[1], &f, before + 300));
	assert_in_range(relay_clock_ms() - before, 299, 3000);
	close(pair[1]);
	pthread_join(thread, NULL);
	close(pair[0]);
}

static void
on_alarm(int sig)
{
	(void)sig;
}

/* Signals arrive all the time and hurry nothing. */
static void
test_interrupted(void **state)
{
	struct sigaction act = { .sa_handler = on_alarm }, old;
	struct relay_frame f;
	int64_t before;
	pthread_t thread;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(pthread_create(&thread, NULL, dribble, &pair[0]), 0);
	sigaction(SIGALRM, &act, &old);
	ualarm(3000, 3000);
	before = relay_clock_ms();
	assert_false(relay_receive(pair[1], &f, before + 300));
	ualarm(0, 0);
	assert_in_range(relay_clock_ms() - before, 299, 3000);
	sigaction(SIGALRM, &old, NULL);
	close(pair[1]);
	pthread_join(thread, NULL);
	close(pair[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_goes_in_comes_out),
		cmocka_unit_test(test_cap_spoils_the_frame),
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_hostile_payloads),
		cmocka_unit_test(test_wipe),
		cmocka_unit_test(test_transfer),
		cmocka_unit_test(test_bad_wires),
		cmocka_unit_test(test_deadlines),
		cmocka_unit_test(test_interrupted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
