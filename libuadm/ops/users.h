/*
 * users.h - the use cases that change users. Each is one transaction (a part of one, in a batch)
 * with one audit row, and changes nothing when it fails. *changed is false when things were so
 * already. What NSS shows is published by the caller (op_publish) once it is done with all of them.
 */
#ifndef UADM_OPS_USERS_H
#define UADM_OPS_USERS_H

#include "libuadm/ops/codes.h"
#include "libuadm/ops/context.h"
#include "libuadm/ops/fields.h"
#include "libuadm/ops/members.h"

struct user_addition {
	/* name and kind; every field of fields.h that was given; uid 0 = the next free one;
	 * an empty home or shell gets the default */
	struct user user;
	const char *const *groups; /* borrowed */
	size_t group_count;
	struct member_addition *accounts; /* the first one is the principal one */
	size_t account_count;
	bool stranger_ok; /* an e-mail domain that is nobody's is meant so */
	const struct secret *password; /* NULL: none is set */
	const struct secret *hash;     /* another system's, in place of a password */
	/* How they get in first, where no password is given */
	bool invite; /* a one-time code; their memberships are pending until then */
	bool invite_if_pending; /* the same, where an account asks for acceptance */
	bool temporary; /* a password that is made for them, once and for a while */
	enum code_way way;
	struct code_given given; /* filled in; also with the temporary password */
	bool invited;            /* filled in */
	/* NULL, or what fills in the rest within the transaction */
	enum uadm_code (*prepare)(
	    struct uadm *u, struct user_addition *add, struct uadm_err *err);
	void *arg;            /* its */
	const char *clone_of; /* for the trail; NULL: of nobody */
};

/* Fills in `add->user`. */
enum uadm_code op_user_add(
    struct uadm *u, struct user_addition *add, struct uadm_err *err) UADM_CHECKED;

struct field_change {
	const struct field *field;
	const char *value;
};
enum uadm_code op_user_set(struct uadm *u, const char *name,
    const struct field_change *changes, size_t count, bool *changed,
    struct uadm_err *err) UADM_CHECKED;

/* What runs goes on until op_end() ends it (ending.h): the caller's to do, for all at once. With
 * `keep_sessions` it may go on. */
enum uadm_code op_user_suspend(struct uadm *u, const char *name, bool keep_sessions,
    bool *changed, struct uadm_err *err) UADM_CHECKED;
enum uadm_code op_user_resume(
    struct uadm *u, const char *name, bool *changed, struct uadm_err *err) UADM_CHECKED;
/* Forget failures and the lock. */
enum uadm_code op_user_unlock(
    struct uadm *u, const char *name, bool *changed, struct uadm_err *err) UADM_CHECKED;
enum uadm_code op_user_delete(
    struct uadm *u, const char *name, struct uadm_err *err) UADM_CHECKED;

/* `pw` NULL: keep the password and only make a change due (or not). */
enum uadm_code op_user_set_password(struct uadm *u, const char *name, struct secret *pw,
    bool must_change, struct uadm_err *err) UADM_CHECKED;

/* Take the password that `hash`, made by another system, was made of. Nobody knows whether it
 * keeps to the rules. */
enum uadm_code op_user_import_password(struct uadm *u, const char *name,
    const struct secret *hash, bool must_change, struct uadm_err *err) UADM_CHECKED;

#endif
