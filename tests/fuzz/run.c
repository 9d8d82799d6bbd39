/*
 * The lookups of an input: those its bytes say, and then everybody. Each with the files mapped, and
 * once more with some of them read: the answers are the same.
 */
#include "tests/fuzz/answer.h"
#include "tests/fuzz/model.h"

#include <string.h>
#include <unistd.h>

enum nss_status _nss_uadm_getpwnam_r(
    const char *, struct passwd *, char *, size_t, int *);

enum { SUBJECTS = 48, OPS = 48, STEPS = 4096 };

/* Whom to ask for. */
struct subject {
	char name[DIRECTORY_NAME_MAX + 4];
	uint32_t id;
};

static struct subject subjects[SUBJECTS];
static unsigned subject_count;

static uint8_t
next_byte(const uint8_t **p, const uint8_t *end)
{
	return *p < end ? *(*p)++ : 0;
}

/* Somebody of the files, or whoever the bytes say. */
static struct subject
subject_take(const uint8_t **p, const uint8_t *end)
{
	unsigned which = next_byte(p, end), len;
	struct subject s = { .name = "" };

	if (which < 0xe0 && subject_count > 0)
		return subjects[which % subject_count];
	for (int i = 0; i < 4; i++)
		s.id = s.id << 8 | next_byte(p, end);
	len = which % sizeof(s.name);
	for (unsigned i = 0; i < len; i++)
		s.name[i] = (char)next_byte(p, end);
	return s;
}

enum op {
	OP_PWNAM,
	OP_PWUID,
	OP_GRNAM,
	OP_GRGID,
	OP_GROUPS,
	OP_STEP,
	OP_START,
	OP_END,
	OP_REPLACE,
	OP_COUNT,
};

static void
op_run(const uint8_t **p, const uint8_t *end)
{
	enum op op = next_byte(p, end) % OP_COUNT;
	unsigned byte = next_byte(p, end);
	size_t size = byte < 0xc0 ? byte : (size_t)1 << byte % 16;
	struct subject s;

	switch (op) {
	case OP_PWNAM:
	case OP_GRNAM:
		s = subject_take(p, end);
		look_up(op == OP_GRNAM, s.name, 0, size);
		break;
	case OP_PWUID:
	case OP_GRGID:
		s = subject_take(p, end);
		look_up(op == OP_GRGID, NULL, s.id, size);
		break;
	case OP_GROUPS:
		s = subject_take(p, end);
		memberships(s.name, s.id, 1 + byte % 8, byte / 8 % 8);
		break;
	case OP_STEP:
		walk_step(size % 2 != 0, size);
		break;
	case OP_START:
		walk_start(size % 2 != 0);
		break;
	case OP_END:
		walk_end(size % 2 != 0);
		break;
	case OP_REPLACE:
		memory_replace();
		break;
	case OP_COUNT:
		break;
	}
}

/* Everybody, in every way, beginning with buffers that are too small. */
static void
everybody(void)
{
	for (unsigned i = 0; i < subject_count && run.wrong == NULL; i++) {
		const struct subject *s = &subjects[i];

		for (int group = 0; group < 2; group++) {
			look_up(group, s->name, 0, i * 7 % 64);
			look_up(group, NULL, s->id, 512);
		}
		memberships(s->name, 0, 1, 0);
	}
	for (int group = 0; group < 2; group++) {
		walk_start(group);
		for (int i = 0; i < STEPS && walk_step(group, 256); i++)
			;
		walk_end(group);
	}
}

static void
subjects_find(void)
{
	subject_count = 0;
	for (int file = 0; file < 1 + run.in->two; file++) {
		struct model_entry e;

		for (uint64_t at = 0;
		     subject_count < SUBJECTS && model_at(run.in, file, at, &e);
		     at = e.next) {
			struct subject *s = &subjects[subject_count++];
			size_t len = e.r.name_len;

			len = len < sizeof(s->name) ? len : sizeof(s->name) - 1;
			memset(s, 0, sizeof(*s));
			memcpy(s->name, e.name, len);
			s->id = e.r.id;
		}
	}
}

static int
lowest_descriptor(void)
{
	int fd = dup(2);

	close(fd);
	return fd;
}

/* All of it, the files being mapped but for the unmappable ones. */
static uint32_t
run_once(unsigned unmappable)
{
	int descriptor = lowest_descriptor(), error;
	const uint8_t *p = run.in->ops, *end = p + run.in->ops_size;
	char buf[64];
	struct passwd pw;

	memory_put(run.in, unmappable);
	run.reading = unmappable != 0;
	run.digest = 0;
	walk_end(false);
	walk_end(true);
	for (int i = 0; i < OPS && p < end && run.wrong == NULL; i++)
		op_run(&p, end);
	everybody();
	walk_end(false);
	walk_end(true);
	memory_clear();
	/* This one sees that all is gone, and lets go of what it had. */
	_nss_uadm_getpwnam_r("nobody", &pw, buf, sizeof(buf), &error);
	want(memory_mapped() == 0, "a mapping is left");
	want(lowest_descriptor() == descriptor, "a descriptor is left");
	return run.digest;
}

const char *
fuzz_run(const uint8_t *data, size_t size, unsigned outcomes[OUTCOMES])
{
	struct fuzz_input in;
	uint32_t mapped;

	fuzz_input_make(&in, data, size);
	run.in = &in;
	run.outcomes = outcomes;
	run.wrong = NULL;
	subjects_find();
	mapped = run_once(0);
	if (in.unmappable != 0 && run.wrong == NULL)
		want(run_once(in.unmappable) == mapped,
		    "what is read is not what is mapped");
	fuzz_input_free(&in);
	return run.wrong;
}
