/*
 * clone.h - a user who belongs where another one does: the first-named way to make one.
 *
 * Accounts, roles, rights and ordinary groups are copied as far as the actor may give them. A role that
 * holds more than that is replaced by the one that holds most of it, and what else may be given is
 * granted beside it. Nothing that identifies or lets in the source is copied.
 */
#ifndef UADM_OPS_CLONE_H
#define UADM_OPS_CLONE_H

#include "libuadm/ops/users.h"

struct clone {
	const char *source;
	struct user_addition add; /* name, fields and password; the rest is filled in */
	const char *const *grant; /* rights beside the source's, in each account */
	size_t grant_count;
	const char *const *deny; /* ... and but for these */
	size_t deny_count;
	bool expires_given; /* else it is the source's */
	/* filled in; names separated by ',' */
	struct words {
		char *text; /* never NULL afterwards */
		size_t used, room;
	} groups, groups_skipped;
	struct words accounts_skipped; /* those that the actor may see ... */
	size_t accounts_unseen;        /* ... and how many others */
};

/* add.accounts and the lists are the caller's to free with clone_free(), also after a failure. */
enum uadm_code op_user_clone(
    struct uadm *u, struct clone *k, struct uadm_err *err) UADM_CHECKED;
void clone_free(struct clone *k);

#endif
