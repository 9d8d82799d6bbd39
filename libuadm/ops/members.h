/*
 * members.h - the use cases of memberships; as users.h says. Groups and rights follow at once, and what
 * a user runs may go on until the caller ends it (ending.h).
 */
#ifndef UADM_OPS_MEMBERS_H
#define UADM_OPS_MEMBERS_H

#include "libuadm/base/account.h"
#include "libuadm/ops/context.h"

struct member_addition {
	const char *account;
	const char *role;          /* NULL: the account's default */
	const char *const *rights; /* scopes and rights beside the role */
	size_t right_count;
	struct rights more,
	    less; /* likewise, by number; and what is denied whatever the role has */
	int64_t ends_at;  /* 0 = never */
	const char *then; /* the role from then on; NULL: the membership ends */
	bool exist_ok;
	bool pending; /* until it is accepted, whatever the account asks for */
	/* filled in */
	struct member member;
	bool changed;
	struct rights granted, denied; /* beside the role */
	struct rights skipped; /* of the rights: what the actor may not pass on */
};
/* The names of these, separated by ','. */
char *op_rights_text(
    struct uadm *u, const struct rights *r, char out[RIGHTS_TEXT_SIZE]);
/* Fails with the sentence for who adds somebody once more. */
enum uadm_code member_there(const struct member *m, struct uadm_err *err) UADM_CHECKED;
struct detail;
/* For the trail: what this one was given, in words that name the account. */
enum uadm_code member_detail(struct uadm *u, struct detail *d,
    const struct member_addition *add, struct uadm_err *err) UADM_CHECKED;
/* `user`: a name or an e-mail address. The first account somebody gets is the principal one. */
enum uadm_code op_member_add(struct uadm *u, const char *user,
    struct member_addition *add, struct uadm_err *err) UADM_CHECKED;
/* The same within the caller's transaction, without a row in the trail: for who makes the user. `is_new`:
 * made in this very transaction, so in no account yet. */
enum uadm_code member_join(struct uadm *u, const struct user *user, bool is_new,
    struct member_addition *add, int64_t now, struct uadm_err *err) UADM_CHECKED;

/* `until` 0: for good. Until then it is for a while, and falls back to `then` (NULL: the role before). */
enum uadm_code op_member_role(struct uadm *u, const char *account, const char *user,
    const char *role, int64_t until, const char *then, bool *changed,
    struct uadm_err *err) UADM_CHECKED;
/* Beside the role. */
enum uadm_code op_member_right(struct uadm *u, const char *account, const char *user,
    const char *const *rights, size_t count, bool granted, bool *changed,
    struct uadm_err *err) UADM_CHECKED;

/* Another account is the principal one: where the user is an active member already. */
enum uadm_code op_user_transfer(struct uadm *u, const char *user, const char *account,
    char from[UADM_NAME_SIZE], bool *changed, struct uadm_err *err) UADM_CHECKED;

enum member_verb { MEMBER_SUSPEND = 1, MEMBER_RESUME, MEMBER_REVOKE };
/* `ends`: what they run is to be ended next; that is for who may suspend the user. */
enum uadm_code op_member_state(struct uadm *u, const char *account, const char *user,
    enum member_verb verb, bool ends, bool *changed, struct uadm_err *err) UADM_CHECKED;

/* The same within the caller's change, with its row in the trail. */
enum uadm_code member_set_state(struct uadm *u, struct change *ch, const char *account,
    const char *user, enum member_verb verb, bool ends, bool *changed,
    struct uadm_err *err) UADM_CHECKED;

/* Carry out the ends that are due. Safe to run twice at once. */
enum uadm_code op_members_end_due(
    struct uadm *u, int64_t *count, struct uadm_err *err) UADM_CHECKED;

/* Those of an account, of a user, or of both. Names of rights separated by ','. */
struct member_query {
	const char *account; /* NULL: all that the actor sees something of */
	const char *user;    /* by name or e-mail address; NULL: all */
	const char *role;    /* NULL: any */
	const char *state;   /* NULL: all but "ended" */
};
struct member_view {
	struct member member;
	char granted[RIGHTS_TEXT_SIZE], denied[RIGHTS_TEXT_SIZE];
	const char *
	    status; /* policy_login_status() of the user, who is not looked at for locks */
};
enum uadm_code op_members(struct uadm *u, const struct member_query *q,
    enum uadm_code (*found)(
	void *arg, const struct member_view *v, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

const char *op_member_state_word(enum member_state state);

#endif
