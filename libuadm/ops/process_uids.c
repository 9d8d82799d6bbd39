/* process_uids.c - whose processes run at all; see processes.h. */
#include "libuadm/ops/processes.h"

#include <dirent.h>
#include <fcntl.h>

struct uids {
	uid_t *at;
	size_t count, room;
};

static enum uadm_code
add(struct uids *u, uid_t uid, struct uadm_err *err)
{
	/* Neighbours are alike, as a rule. */
	if (uid == 0 || uid == PROCESS_NO_LOGIN ||
	    (u->count > 0 && u->at[u->count - 1] == uid))
		return UADM_OK;
	if (u->count == u->room) {
		size_t room = u->room * 2 + 64;
		uid_t *more = reallocarray(u->at, room, sizeof(*more));

		if (more == NULL)
			return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
		u->at = more;
		u->room = room;
	}
	u->at[u->count++] = uid;
	return UADM_OK;
}

static int
order(const void *a, const void *b)
{
	const uid_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
sort_and_merge(struct uids *u)
{
	size_t kept = 0;

	if (u->count == 0)
		return;
	qsort(u->at, u->count, sizeof(*u->at), order);
	for (size_t i = 1; i < u->count; i++)
		if (u->at[i] != u->at[kept])
			u->at[++kept] = u->at[i];
	u->count = kept + 1;
}

static enum uadm_code
collect(DIR *dir, struct uids *u, struct uadm_err *err)
{
	enum uadm_code c = UADM_OK;

	for (struct dirent *e; c == UADM_OK && (e = readdir(dir)) != NULL;) {
		struct process_seen p = { .facts.pid =
					      (pid_t)strtol(e->d_name, NULL, 10) };

		if (p.facts.pid <= 0 || !process_read_ids(dirfd(dir), NULL, &p))
			continue;
		for (size_t i = 0; i < ARRAY_LEN(p.ids) && c == UADM_OK; i++)
			c = add(u, p.ids[i], err);
		if (c == UADM_OK)
			c = add(u, process_read_login(dirfd(dir), p.facts.pid), err);
	}
	return c;
}

enum uadm_code
processes_uids(uid_t **uids, size_t *count, struct uadm_err *err)
{
	struct uids u = { 0 };
	DIR *dir = opendir("/proc");
	enum uadm_code c;

	*uids = NULL;
	*count = 0;
	if (dir == NULL)
		return uadm_fail(err, UADM_UNAVAILABLE, "cannot look into /proc: %m");
	c = collect(dir, &u, err);
	closedir(dir);
	sort_and_merge(&u);
	*uids = u.at;
	*count = u.count;
	return c;
}
