/*
 * group.c - groups for getgrnam(3), getgrgid(3), getgrent(3) and initgroups(3): accounts, roles
 * and plain groups with their members, and the private group of each user, which has none.
 *
 * Threat: as in passwd.c. initgroups_dyn is answered from the user's own record; without it
 * glibc would read every group of the host at each login.
 */
#include "nss_uadm/answer.h"

#include <grp.h>
#include <stdlib.h>

NSS_EXPORT enum nss_status _nss_uadm_getgrnam_r(
    const char *name, struct group *gr, char *buf, size_t size, int *errnop);
NSS_EXPORT enum nss_status _nss_uadm_getgrgid_r(
    gid_t gid, struct group *gr, char *buf, size_t size, int *errnop);
NSS_EXPORT enum nss_status _nss_uadm_setgrent(int stay_open);
NSS_EXPORT enum nss_status _nss_uadm_endgrent(void);
NSS_EXPORT enum nss_status _nss_uadm_getgrent_r(
    struct group *gr, char *buf, size_t size, int *errnop);
NSS_EXPORT enum nss_status _nss_uadm_initgroups_dyn(const char *user, gid_t skip,
    long *start, long *size, gid_t **groups, long limit, int *errnop);

static struct directory_walk walk;

/* Point `list` at the names that stand one behind the other at `names`. */
static bool
members_list(char **list, char *names, const struct directory_entry *e)
{
	char *end = names + e->members_size, *nul;

	for (size_t i = 0; i < e->member_count; i++) {
		if ((nul = memchr(names, '\0', (size_t)(end - names))) == NULL)
			return false;
		list[i] = names;
		names = nul + 1;
	}
	list[e->member_count] = NULL;
	return true;
}

static enum nss_status
group_pack(const struct directory_entry *e, struct group *gr, char *buf, size_t size,
    int *errnop)
{
	size_t pad = -(uintptr_t)buf % _Alignof(char *);
	/* 64 bits: two lengths of 32 bits from the file cannot overflow it. */
	uint64_t list_size = ((uint64_t)e->member_count + 1) * sizeof(char *);
	uint64_t need =
	    pad + list_size + e->members_size + e->name_len + 1 + sizeof("*");

	if (size < need)
		return answer_error(NSS_STATUS_TRYAGAIN, ERANGE, errnop);
	gr->gr_gid = e->id;
	gr->gr_mem = (char **)(void *)(buf + pad);
	buf += pad + list_size;
	gr->gr_name = memcpy(buf, e->name, e->name_len);
	buf += e->name_len;
	*buf++ = '\0';
	gr->gr_passwd = memcpy(buf, "*", sizeof("*"));
	buf += sizeof("*");
	if (e->members_size > 0)
		memcpy(buf, e->members, e->members_size);
	if (!members_list(gr->gr_mem, buf, e))
		return answer_none(DIRECTORY_UNAVAILABLE, errnop);
	return NSS_STATUS_SUCCESS;
}

static enum nss_status
group_answer(enum directory_answer a, const struct directory_entry *e, struct group *gr,
    char *buf, size_t size, int *errnop)
{
	if (a != DIRECTORY_FOUND)
		return answer_none(a, errnop);
	return group_pack(e, gr, buf, size, errnop);
}

enum nss_status
_nss_uadm_getgrnam_r(
    const char *name, struct group *gr, char *buf, size_t size, int *errnop)
{
	struct directory_view v;
	struct directory_entry e;
	enum nss_status status;
	int error = directory_open(&v);

	if (error != 0)
		return answer_error(NSS_STATUS_UNAVAIL, error, errnop);
	status =
	    group_answer(directory_by_name(&v, name, &e), &e, gr, buf, size, errnop);
	directory_close(&v);
	return status;
}

enum nss_status
_nss_uadm_getgrgid_r(gid_t gid, struct group *gr, char *buf, size_t size, int *errnop)
{
	struct directory_view v;
	struct directory_entry e;
	enum nss_status status;
	int error = directory_open(&v);

	if (error != 0)
		return answer_error(NSS_STATUS_UNAVAIL, error, errnop);
	status = group_answer(directory_by_id(&v, gid, &e), &e, gr, buf, size, errnop);
	directory_close(&v);
	return status;
}

enum nss_status
_nss_uadm_setgrent(int stay_open)
{
	(void)stay_open;
	return directory_walk_start(&walk) == 0 ? NSS_STATUS_SUCCESS
						: NSS_STATUS_UNAVAIL;
}

enum nss_status
_nss_uadm_endgrent(void)
{
	directory_walk_end(&walk);
	return NSS_STATUS_SUCCESS;
}

enum nss_status
_nss_uadm_getgrent_r(struct group *gr, char *buf, size_t size, int *errnop)
{
	struct directory_view v;
	struct directory_entry e;
	enum nss_status status;
	uint64_t at, offset;
	bool mine;
	int error;

	do {
		if ((error = directory_walk_open(&walk, &v, &at)) != 0)
			return answer_error(NSS_STATUS_UNAVAIL, error, errnop);
		offset = directory_walk_offset(at);
		status = group_answer(
		    directory_next(&v, true, &offset, &e), &e, gr, buf, size, errnop);
		/* An entry that did not fit comes again. */
		mine = status != NSS_STATUS_SUCCESS ||
		    directory_walk_move(&walk, at, offset);
		directory_close(&v);
	} while (!mine);
	return status;
}

/* The caller's growing array, as initgroups_dyn hands it over. */
struct gids {
	long *used;
	long *size;
	gid_t **list;
	long limit; /* <= 0: none */
};

static bool
gids_grow(struct gids *g)
{
	long size = *g->size > 0 ? 2 * *g->size : 16;
	gid_t *list;

	if (g->limit > 0 && size > g->limit)
		size = g->limit;
	list = realloc(*g->list, (size_t)size * sizeof(*list));
	if (list == NULL)
		return false;
	*g->list = list;
	*g->size = size;
	return true;
}

static enum nss_status
gids_add(struct gids *g, const struct directory_entry *e, gid_t skip, int *errnop)
{
	for (size_t i = 0; i < e->gid_count; i++) {
		gid_t gid;

		memcpy(&gid, e->gids + i * sizeof(gid), sizeof(gid));
		if (gid == skip || !directory_id_allowed(gid))
			continue;
		if (g->limit > 0 && *g->used >= g->limit)
			break; /* the caller wants no more of them */
		if (*g->used >= *g->size && !gids_grow(g))
			return answer_error(NSS_STATUS_TRYAGAIN, ENOMEM, errnop);
		(*g->list)[(*g->used)++] = gid;
	}
	return NSS_STATUS_SUCCESS;
}

enum nss_status
_nss_uadm_initgroups_dyn(const char *user, gid_t skip, long *start, long *size,
    gid_t **groups, long limit, int *errnop)
{
	struct gids g = { start, size, groups, limit };
	struct directory_view v;
	struct directory_entry e;
	enum directory_answer a;
	enum nss_status status;
	int error = directory_open(&v);

	if (error != 0)
		return answer_error(NSS_STATUS_UNAVAIL, error, errnop);
	a = directory_by_name(&v, user, &e);
	if (a == DIRECTORY_FOUND && !e.user)
		a = DIRECTORY_NOT_FOUND;
	status = a == DIRECTORY_FOUND ? gids_add(&g, &e, skip, errnop)
				      : answer_none(a, errnop);
	directory_close(&v);
	return status;
}
