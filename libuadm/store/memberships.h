/*
 * memberships.h - everybody's groups, read at once: for lists of all users. Asking for each user's
 * takes longer than all the rest of such a list. Seen by store/ only.
 */
#ifndef UADM_STORE_MEMBERSHIPS_H
#define UADM_STORE_MEMBERSHIPS_H

#include "libuadm/store/users.h"

struct membership {
	uid_t uid;
	uint32_t rank; /* of the group, by name */
};

struct group_rank {
	gid_t gid;
	uint32_t rank;
};

struct memberships {
	struct membership *all; /* by uid */
	size_t count, room;
	char (*names)[UADM_NAME_SIZE]; /* sorted */
	struct group_rank *ranks;      /* by gid */
	size_t groups, groups_room;
	char *text; /* the last user's names */
	size_t text_room;
	size_t
	    next; /* where the last one asked for ended: often the next one begins there */
};

/* Everybody's, or (`account` not NULL) of those who belong to this account. */
enum uadm_code memberships_read(struct store *st, const char *account,
    struct memberships *m, struct uadm_err *err) UADM_CHECKED;
void memberships_free(struct memberships *m);

/* Fill in groups and group_count of row->user.uid. The text is there until the next call. */
enum uadm_code memberships_of(
    struct memberships *m, struct user_row *row, struct uadm_err *err) UADM_CHECKED;

#endif
