/*
 * show.h - how a user looks from outside: the derived values that lists and `user show` share.
 */
#ifndef UADM_OPS_SHOW_H
#define UADM_OPS_SHOW_H

#include "libuadm/base/account.h"
#include "libuadm/base/code.h"
#include "libuadm/ops/context.h"
#include "libuadm/ops/failed.h"
#include "libuadm/policy/factor.h"
#include "libuadm/policy/login.h"
#include "libuadm/store/users.h"

/* The display name, or "First Last", or the login name. `out` is UADM_DISPLAY_SIZE long. */
char *user_display_name(const struct user *u, char *out);

struct user_view {
	struct user_row row;
	char display_name[UADM_DISPLAY_SIZE];
	const char *status; /* policy_login_status() */
	bool locked;
	int64_t
	    locked_until; /* Unix seconds as the clock stands now; 0 = until reset */
	int64_t failed_attempts;
	int64_t password_expires_at;  /* Unix seconds; 0 = never, or there is none */
	int64_t password_inactive_at; /* likewise: from then on it opens nothing */
	const char *password_kind; /* "argon2id", "yescrypt", ...; NULL: no password */
	struct code code; /* that is open, the one that is good for longest; or none */
	const char *code_word; /* "invitation", "reset", "self-reset"; NULL: none */
};

struct user_query {
	const char *name, *group, *account, *kind, *status, *tag; /* NULL: any */
	const char *role;     /* in the account, or in any; NULL: any */
	int64_t unseen_since; /* only who has not logged in since then; 0: all */
	int64_t review_due;   /* only whose review is due by then; 0: all */
	bool bare;            /* neither groups, tags nor failures are needed */
	bool codes;           /* those that are open are */
	struct failed_sources
	    *failed; /* NULL, or to be filled for each user before `found` */
	struct member_list
	    *members; /* likewise: where the user belongs, as far as the actor sees */
};

/* The principal one first. The caller frees `at`. */
struct member_list {
	struct member *at;
	size_t count, room;
};

/* Call `found` for each user that fits, by name, in one consistent view. `name`: UADM_NOT_FOUND
 * with a suggestion when there is no such user. */
enum uadm_code op_users(struct uadm *u, const struct user_query *q,
    enum uadm_code (*found)(void *arg, const struct user_view *v, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

/* What a login of this user would meet now: by password, and by key or without. */
struct user_outlook {
	struct user_view view;
	struct login_answer by_password;
	struct login_answer by_code; /* if one is open */
	struct login_answer by_key;
	bool full; /* as many logins are open as there may be: one more is refused */
	struct login_answer by_ssh_key; /* alone, from another host: factor-on-key */
	enum factor_need factor;        /* on the services that ask */
	bool
	    factor_lost; /* there is one, and its secret does not open: no code is right */
	bool factor_pending; /* one was handed out, and its first code does as well */
	struct failed_sources failed; /* the caller's to free */
};
enum uadm_code op_user_outlook(struct uadm *u, const char *name, struct user_outlook *o,
    struct uadm_err *err) UADM_CHECKED;

/* The user or group of that name, or UADM_NOT_FOUND with a did-you-mean. */
enum uadm_code find_user(struct uadm *u, const char *name, struct user *user,
    struct uadm_err *err) UADM_CHECKED;
enum uadm_code find_gid(
    struct uadm *u, const char *name, gid_t *gid, struct uadm_err *err) UADM_CHECKED;
enum uadm_code find_group(struct uadm *u, const char *name, struct group *g,
    struct uadm_err *err) UADM_CHECKED;

#endif
