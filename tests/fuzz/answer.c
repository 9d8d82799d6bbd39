/*
 * Of any file: the status is one that glibc knows what to do with; texts are in the caller's buffer
 * and end there; the name or id is the one asked for, and some file has the two in one record; a
 * buffer that was too small is not for ever. Of one that holds together: the very answer of
 * model.c, or none where bytes of it were changed afterwards. And a file that cannot be mapped is
 * answered from as one that can.
 */
#include "tests/fuzz/answer.h"

#include "libuadm/directory/checksum.h"
#include "tests/fuzz/model.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>

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
	OWN_ERRNO = 7777,
	/* No record needs more: a pointer and a byte for each byte of the largest file. */
	ENOUGH = 1 << 18,
};

struct run run;

void
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
	want(!run.in->strange || status == NSS_STATUS_UNAVAIL,
	    "an answer out of another base");
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
	if ((run.in->damaged || run.in->strange) && a->status == NSS_STATUS_UNAVAIL)
		return; /* whatever is said is true, and nothing need be said */
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

void
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

bool
walk_step(bool group, size_t size)
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

void
walk_start(bool group)
{
	walk_reset(group);
	if (group)
		_nss_uadm_setgrent(0);
	else
		_nss_uadm_setpwent(0);
}

void
walk_end(bool group)
{
	walk_reset(group);
	if (group)
		_nss_uadm_endgrent();
	else
		_nss_uadm_endpwent();
}

static void
check_gids(
    const struct model_entry *e, gid_t skip, const gid_t *list, long used, long limit)
{
	long expected = 0;

	for (uint32_t i = 0; i < e->r.count && run.wrong == NULL; i++) {
		gid_t gid;

		memcpy(&gid, e->gids + i * sizeof(gid), sizeof(gid));
		if (gid == skip || !directory_id_allowed(gid) ||
		    (limit > 0 && expected >= limit))
			continue;
		want(expected < used && list[expected] == gid, "the wrong groups");
		expected++;
	}
	want(used == expected, "too many groups");
	run.outcomes[GOT_MEMBERSHIPS] += expected > 0;
}

/* As check_truth(). */
static bool
memberships_due(const char *name, enum nss_status status, struct model_entry *e)
{
	bool found;

	if (!run.in->sound ||
	    ((run.in->damaged || run.in->strange) && status == NSS_STATUS_UNAVAIL))
		return false;
	found = model_find(run.in, name, 0, e) && e->user && !e->gone;
	want(status == (found ? NSS_STATUS_SUCCESS : NSS_STATUS_NOTFOUND),
	    "groups of nobody, or none of somebody");
	return found && run.wrong == NULL;
}

void
memberships(const char *name, gid_t skip, long size, long limit)
{
	gid_t *list = malloc((size_t)size * sizeof(*list));
	enum nss_status status;
	struct model_entry e;
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
	if (memberships_due(name, status, &e))
		check_gids(&e, skip, list, used, limit);
	free(list);
}
