/*
 * The lookups of an input, and what is wrong with an answer.
 *
 * Of any file: the status is one that glibc knows what to do with; texts are in the caller's buffer
 * and end there; the name or id is the one asked for, and some file has the two in one record; a
 * buffer that was too small is not for ever. Of one that is not damaged: the very answer of
 * model.c. And a file that cannot be mapped is answered from as one that can.
 */
#include "tests/fuzz/fuzz.h"

#include "libuadm/directory/checksum.h"
#include "tests/fuzz/model.h"

#include <errno.h>
#include <grp.h>
#include <nss.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum nss_status _nss_uadm_getpwnam_r(
    const char *, struct passwd *, char *, size_t, int *);
enum nss_status _nss_uadm_getpwuid_r(uid_t, struct passwd *, char *, size_t, int *);
enum nss_status _nss_uadm_setpwent(int);
enum nss_status _nss_uadm_endpwent(void);
enum nss_status _nss_uadm_getpwent_r(struct passwd *, char *, size_t, int *);
enum nss_status _nss_uadm_getgrnam_r(
    const char *, struct group *, char *, size_t, int *);
enum nss_status _nss_uadm_getgrgid_r(gid_t, struct group *, char *, size_t, int *);
enum nss_status _nss_uadm_setgrent(int);
enum nss_status _nss_uadm_endgrent(void);
enum nss_status _nss_uadm_getgrent_r(struct group *, char *, size_t, int *);
enum nss_status _nss_uadm_initgroups_dyn(
    const char *, gid_t, long *, long *, gid_t **, long, int *);

enum {
	SUBJECTS = 48,
	OPS = 48,
	STEPS = 4096,
	OWN_ERRNO = 7777,
	/* No record needs more: a pointer and a byte for each byte of the largest file. */
	ENOUGH = 1 << 18,
};

/* Whom to ask for. */
struct subject {
	char name[DIRECTORY_NAME_MAX + 4];
	uint32_t id;
};

static struct {
	const struct fuzz_input *in;
	unsigned *outcomes;
	const char *wrong; /* the first thing that was */
	uint32_t digest;   /* of all answers */
	struct subject subjects[SUBJECTS];
	unsigned subject_count;
	bool reading; /* something is not mapped */
	struct {
		int file;
		uint64_t at;
	} walk[2]; /* of users, of groups: the model's place */
} run;

static void
want(bool good, const char *otherwise)
{
	if (!good && run.wrong == NULL)
		run.wrong = otherwise;
}

static void
digest(const void *bytes, size_t size)
{
	run.digest = crc32c(run.digest, bytes, size);
}

/* A question, and room for the answer. */
struct ask {
	bool group;
	bool walk;
	const char *name; /* NULL: by id */
	uint32_t id;
	enum nss_status status;
	int error;
	char *buf;
	size_t size;
	struct passwd pw;
	struct group gr;
};

static enum nss_status
ask_module(struct ask *a)
{
	if (a->walk)
		return a->group
		    ? _nss_uadm_getgrent_r(&a->gr, a->buf, a->size, &a->error)
		    : _nss_uadm_getpwent_r(&a->pw, a->buf, a->size, &a->error);
	if (a->group)
		return a->name != NULL
		    ? _nss_uadm_getgrnam_r(a->name, &a->gr, a->buf, a->size, &a->error)
		    : _nss_uadm_getgrgid_r(a->id, &a->gr, a->buf, a->size, &a->error);
	return a->name != NULL
	    ? _nss_uadm_getpwnam_r(a->name, &a->pw, a->buf, a->size, &a->error)
	    : _nss_uadm_getpwuid_r(a->id, &a->pw, a->buf, a->size, &a->error);
}

static void
check_status(enum nss_status status, int error)
{
	bool good = status == NSS_STATUS_SUCCESS;

	good |= status == NSS_STATUS_NOTFOUND && error == ENOENT;
	good |= status == NSS_STATUS_UNAVAIL && (error == EAGAIN || error == ENOENT);
	good |= status == NSS_STATUS_TRYAGAIN && error == ERANGE;
	want(good, "a status that says nothing, or with another errno");
	want(errno == OWN_ERRNO, "the host's errno was changed");
	run.outcomes[GOT_FOUND] += status == NSS_STATUS_SUCCESS;
	run.outcomes[GOT_NOT_FOUND] += status == NSS_STATUS_NOTFOUND;
	run.outcomes[GOT_DAMAGED] += status == NSS_STATUS_UNAVAIL && error == EAGAIN;
	run.outcomes[GOT_TOO_SMALL] += status == NSS_STATUS_TRYAGAIN;
	run.outcomes[GOT_BY_READING] += status == NSS_STATUS_SUCCESS && run.reading;
}

/* As glibc does it: a larger buffer for as long as one is asked for. */
static void
ask(struct ask *a, size_t size)
{
	for (;; size = 2 * size + 1) {
		free(a->buf);
		a->size = size;
		if ((a->buf = malloc(size)) == NULL)
			abort();
		a->error = 0;
		errno = OWN_ERRNO;
		a->status = ask_module(a);
		check_status(a->status, a->error);
		if (a->status != NSS_STATUS_TRYAGAIN)
			break;
		want(size <= ENOUGH, "no buffer is large enough");
		if (run.wrong != NULL)
			break;
	}
	digest(&a->status, sizeof(a->status));
	digest(&a->error, sizeof(a->error));
}

static void
check_text(const struct ask *a, const char *text)
{
	bool within = text >= a->buf && text < a->buf + a->size;

	within = within && memchr(text, '\0', (size_t)(a->buf + a->size - text));
	want(within, "a text is not in the buffer, or does not end there");
	if (within)
		digest(text, strlen(text) + 1);
}

/* The list, all of it, lies in the buffer. */
static void
check_members(const struct ask *a)
{
	char **end = (char **)(void *)(a->buf + a->size), **m = a->gr.gr_mem;

	want((char *)m >= a->buf && (uintptr_t)m % _Alignof(char *) == 0,
	    "the members' list is not in the buffer");
	for (; run.wrong == NULL; m++) {
		want(m + 1 <= end, "the members' list does not end");
		if (run.wrong != NULL || *m == NULL)
			return;
		check_text(a, *m);
		run.outcomes[GOT_MEMBERS]++;
	}
}

static void
check_answer(const struct ask *a)
{
	const char *name = a->group ? a->gr.gr_name : a->pw.pw_name;
	const char *secret = a->group ? a->gr.gr_passwd : a->pw.pw_passwd;
	uint32_t id = a->group ? a->gr.gr_gid : a->pw.pw_uid;

	check_text(a, name);
	check_text(a, secret);
	if (a->group)
		check_members(a);
	if (!a->group) {
		check_text(a, a->pw.pw_gecos);
		check_text(a, a->pw.pw_dir);
		check_text(a, a->pw.pw_shell);
		want(a->pw.pw_gid == id, "a private group of another number");
	}
	if (run.wrong != NULL)
		return;
	digest(&id, sizeof(id));
	want(strcmp(secret, "*") == 0, "a hash");
	want(directory_id_allowed(id), "an id of the system");
	want(a->walk || (a->name != NULL ? strcmp(name, a->name) == 0 : id == a->id),
	    "somebody else");
	want(run.in->sound || model_has(run.in, name, id),
	    "a name and an id that do not go together");
}

/* Character by character, whatever NULs a text has in it. */
static void
check_same(const char *got, const char *expected, size_t size, const char *what)
{
	want(memcmp(got, expected, size) == 0 && got[size] == '\0', what);
}

static void
check_content(const struct ask *a, const struct model_entry *e)
{
	const char *text = e->name;

	want((a->group ? a->gr.gr_gid : a->pw.pw_uid) == e->r.id, "the wrong id");
	check_same(a->group ? a->gr.gr_name : a->pw.pw_name, text, e->r.name_len,
	    "the wrong name");
	if (!a->group) {
		text += e->r.name_len + 1;
		check_same(a->pw.pw_gecos, text, e->r.gecos_len, "the wrong gecos");
		text += e->r.gecos_len + 1;
		check_same(a->pw.pw_dir, text, e->r.home_len, "the wrong home");
		text += e->r.home_len + 1;
		check_same(a->pw.pw_shell, text, e->r.shell_len, "the wrong shell");
		return;
	}
	text = e->members;
	for (uint32_t i = 0; i < (e->user ? 0 : e->r.count); i++) {
		want(a->gr.gr_mem[i] != NULL && strcmp(a->gr.gr_mem[i], text) == 0,
		    "the wrong member");
		if (run.wrong != NULL)
			return;
		text += strlen(text) + 1;
	}
	want(a->gr.gr_mem[e->user ? 0 : e->r.count] == NULL, "too many members");
}

/* `e` is NULL where nobody is to be found. */
static void
check_truth(const struct ask *a, const struct model_entry *e)
{
	if (!run.in->sound || run.wrong != NULL)
		return;
	if (e != NULL && a->group && !model_members_whole(e)) {
		want(a->status == NSS_STATUS_UNAVAIL, "members that are not there");
		return;
	}
	want(a->status == (e != NULL ? NSS_STATUS_SUCCESS : NSS_STATUS_NOTFOUND),
	    e != NULL ? "somebody is not found" : "somebody who is not there");
	if (e == NULL || run.wrong != NULL)
		return;
	check_content(a, e);
	run.outcomes[e->file == 0 ? GOT_IN_DELTA : GOT_IN_BASE] += run.in->two;
}

static void
look_up(bool group, const char *name, uint32_t id, size_t size)
{
	struct ask a = { .group = group, .name = name, .id = id };
	struct model_entry e;
	bool found = run.in->sound && (name != NULL || directory_id_allowed(id)) &&
	    model_find(run.in, name, id, &e);

	ask(&a, size);
	if (a.status == NSS_STATUS_SUCCESS)
		check_answer(&a);
	run.outcomes[GOT_GONE] += found && e.gone && run.in->two && e.file == 0;
	found = found && !e.gone && (group || e.user);
	check_truth(&a, found ? &e : NULL);
	free(a.buf);
}

/* False: the walk is over. */
static bool
step(bool group, size_t size)
{
	struct ask a = { .group = group, .walk = true };
	struct model_entry e;
	int file = run.walk[group].file;
	uint64_t at = run.walk[group].at;
	bool found = run.in->sound &&
	    model_next(run.in, group, &run.walk[group].file, &run.walk[group].at, &e);

	ask(&a, size);
	if (a.status == NSS_STATUS_SUCCESS)
		check_answer(&a);
	/* It stays before what cannot be given. */
	if (found && a.status == NSS_STATUS_UNAVAIL) {
		run.walk[group].file = file;
		run.walk[group].at = at;
	}
	run.outcomes[GOT_WALKED] += a.status == NSS_STATUS_SUCCESS;
	check_truth(&a, found ? &e : NULL);
	free(a.buf);
	return a.status == NSS_STATUS_SUCCESS && run.wrong == NULL;
}

static void
walk_reset(bool group)
{
	run.walk[group].file = run.in->two;
	run.walk[group].at = 0;
}

static void
walk_start(bool group)
{
	walk_reset(group);
	if (group)
		_nss_uadm_setgrent(0);
	else
		_nss_uadm_setpwent(0);
}

static void
walk_end(bool group)
{
	walk_reset(group);
	if (group)
		_nss_uadm_endgrent();
	else
		_nss_uadm_endpwent();
}

static void
check_memberships(
    const char *name, gid_t skip, const gid_t *list, long used, long limit)
{
	struct model_entry e;
	long expected = 0;

	if (!run.in->sound || !model_find(run.in, name, 0, &e) || !e.user)
		return;
	for (uint32_t i = 0; i < e.r.count; i++) {
		gid_t gid;

		memcpy(&gid, e.gids + i * sizeof(gid), sizeof(gid));
		if (gid == skip || !directory_id_allowed(gid) ||
		    (limit > 0 && expected >= limit))
			continue;
		want(expected < used && list[expected] == gid, "the wrong groups");
		expected++;
		if (run.wrong != NULL)
			return;
	}
	want(used == expected, "too many groups");
	run.outcomes[GOT_MEMBERSHIPS] += expected > 0;
}

static void
memberships(const char *name, gid_t skip, long size, long limit)
{
	gid_t *list = malloc((size_t)size * sizeof(*list));
	enum nss_status status;
	long used = 0, i;
	int error = 0;

	errno = OWN_ERRNO;
	status =
	    _nss_uadm_initgroups_dyn(name, skip, &used, &size, &list, limit, &error);
	check_status(status, error);
	want(used >= 0 && used <= size && (limit <= 0 || used <= limit),
	    "more groups than there is room for");
	for (i = 0; i < used && run.wrong == NULL; i++)
		want(list[i] != skip && directory_id_allowed(list[i]),
		    "a group not asked for");
	if (run.wrong == NULL) {
		digest(&status, sizeof(status));
		digest(list, (size_t)used * sizeof(*list));
	}
	if (status == NSS_STATUS_SUCCESS)
		check_memberships(name, skip, list, used, limit);
	free(list);
}

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

	if (which < 0xe0 && run.subject_count > 0)
		return run.subjects[which % run.subject_count];
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
		step(size % 2 != 0, size);
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
	for (unsigned i = 0; i < run.subject_count && run.wrong == NULL; i++) {
		const struct subject *s = &run.subjects[i];

		for (int group = 0; group < 2; group++) {
			look_up(group, s->name, 0, i * 7 % 64);
			look_up(group, NULL, s->id, 512);
		}
		memberships(s->name, 0, 1, 0);
	}
	for (int group = 0; group < 2; group++) {
		walk_start(group);
		for (int i = 0; i < STEPS && step(group, 256); i++)
			;
		walk_end(group);
	}
}

static void
subjects_find(void)
{
	run.subject_count = 0;
	for (int file = 0; file < 1 + run.in->two; file++) {
		struct model_entry e;

		for (uint64_t at = 0;
		     run.subject_count < SUBJECTS && model_at(run.in, file, at, &e);
		     at = e.next) {
			struct subject *s = &run.subjects[run.subject_count++];
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
	walk_reset(false);
	walk_reset(true);
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
