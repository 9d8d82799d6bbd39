/*
 * factors.h - the tables of second factors. Every function that changes something runs inside the
 * caller's transaction.
 */
#ifndef UADM_STORE_FACTORS_H
#define UADM_STORE_FACTORS_H

#include "libuadm/base/user.h"
#include "libuadm/store/db.h"

enum { FACTOR_SEALED_MOST = 128 };

struct factor {
	uid_t uid;
	unsigned char sealed[FACTOR_SEALED_MOST];
	size_t sealed_size;
	int64_t last_step;
	int64_t created_at, confirmed_at; /* 0: no code of it was seen yet */
	int64_t recovery_left;
	char name[UADM_NAME_SIZE];
};

/* UADM_NOT_FOUND without one. */
enum uadm_code factors_get(
    struct store *st, uid_t uid, struct factor *f, struct uadm_err *err) UADM_CHECKED;
/* Each one, or that of `uid` (0: all), by name. */
enum uadm_code factors_each(struct store *st, uid_t uid,
    enum uadm_code (*found)(void *arg, const struct factor *f, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;
/* In the place of the one there is, whose recovery codes go with it. */
enum uadm_code factors_put(
    struct store *st, const struct factor *f, struct uadm_err *err) UADM_CHECKED;
enum uadm_code factors_drop(
    struct store *st, uid_t uid, struct uadm_err *err) UADM_CHECKED;

/* A step is taken once, and none before it after it: *taken is false otherwise. The first one
 * confirms the factor. */
enum uadm_code factors_take_step(struct store *st, uid_t uid, int64_t step, int64_t now,
    bool *taken, struct uadm_err *err) UADM_CHECKED;

enum uadm_code recovery_put(
    struct store *st, uid_t uid, const char *hash, struct uadm_err *err) UADM_CHECKED;
enum uadm_code recovery_drop(
    struct store *st, uid_t uid, struct uadm_err *err) UADM_CHECKED;
/* Once: *taken is false where there is none such, or it was used. */
enum uadm_code recovery_take(struct store *st, uid_t uid, const char *hash, int64_t now,
    bool *taken, struct uadm_err *err) UADM_CHECKED;

/* Is there anybody of whom a login may ask a factor? */
enum uadm_code factors_may_be_due(
    struct store *st, bool *may, struct uadm_err *err) UADM_CHECKED;

/* From when on somebody has time to set one up. By root's word: the latest of when the rule was made
 * (the host's, or that of their principal account), when the user was, and when they were given time (they
 * came under a rule, or their factor was taken away). By their account's own: likewise, of its rules. */
struct factor_since {
	int64_t root, own;
};
enum uadm_code factors_since(struct store *st, uid_t uid, struct factor_since *since,
    struct uadm_err *err) UADM_CHECKED;
/* `account` 0: of the host. */
enum uadm_code factors_rule_made(struct store *st, int64_t account, bool own,
    int64_t now, struct uadm_err *err) UADM_CHECKED;

enum factor_grace {
	FACTOR_GRACE_ONCE = 0, /* not, where it was given before */
	FACTOR_GRACE_AGAIN,
	FACTOR_GRACE_OWN, /* by the account's own rules */
};
enum uadm_code factors_grace_begins(struct store *st, uid_t uid,
    enum factor_grace which, int64_t now, struct uadm_err *err) UADM_CHECKED;

#endif
