/*
 * subuids.h - whose a subordinate uid is (/etc/subuid, see subuid(5)).
 */
#ifndef UADM_OPS_SUBUIDS_H
#define UADM_OPS_SUBUIDS_H

#include "libuadm/base/error.h"
#include "libuadm/base/user.h"

#include <stdbool.h>
#include <sys/types.h>

#define SUBUID_OTHERS ((uid_t)-1) /* nobody's of those who are asked about */

struct subuid_range {
	char
	    owner[UADM_NAME_SIZE]; /* a name or a uid; empty when it can be no user's */
	uid_t uid;                 /* the owner's: the caller's to set */
	uid_t first, last;
};

enum { SUBUIDS_KNOWN = 256 };

struct subuids {
	struct subuid_range *ranges;
	size_t count, room;
	struct {
		uid_t id, owner;
		bool is_set;
	} known[SUBUIDS_KNOWN]; /* what was asked before */
};
#define SUBUIDS CLEANUP(subuids_wipe) struct subuids

void subuids_wipe(struct subuids *s);

/* One line without its newline: NAME-OR-UID:START:COUNT. false: it is none. */
bool subuid_parse(const char *line, struct subuid_range *range);

/* The whole file; nothing when there is none. Every range is SUBUID_OTHERS until uid is set. */
enum uadm_code subuids_read(struct subuids *s, struct uadm_err *err) UADM_CHECKED;

bool subuid_is_in(const struct subuid_range *range, uid_t id);

/* Whose subordinate uid is this? The first of the owners when there are more and each one's uid is
 * set; SUBUID_OTHERS when it is anybody else's, or somebody's own, or `s` is NULL. */
uid_t subuids_owner(struct subuids *s, uid_t id);

/* The uid of the user whose subordinate uid it is, or `id`. */
uid_t subuids_resolve(struct subuids *s, uid_t id);

#endif
