/*
 * factors.h - the use cases of second factors, for who administers them.
 */
#ifndef UADM_OPS_FACTORS_H
#define UADM_OPS_FACTORS_H

#include "libuadm/ops/factor.h"

struct factor_view {
	char name[UADM_NAME_SIZE];
	const char *state; /* "confirmed", "pending"; "lost": sealed with another key */
	int64_t created_at, confirmed_at, recovery_left;
};

/* Everybody's, by name, or that of one user, who may have none. */
enum uadm_code op_factors(struct uadm *u, const char *name,
    enum uadm_code (*found)(
	void *arg, const struct factor_view *v, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

/* Could one be set up for this user now? UADM_EXISTS: there is one that is confirmed. */
enum uadm_code op_factor_may_enroll(struct uadm *u, const char *name, struct user *user,
    struct uadm_err *err) UADM_CHECKED;

/* `step` is that of the code that confirms it; 0: the first right code at a login does. */
enum uadm_code op_factor_enroll(struct uadm *u, const char *name, const struct totp *t,
    int64_t step, const char (*recovery)[RECOVERY_SIZE],
    struct uadm_err *err) UADM_CHECKED;

/* Before it is asked whether to: would op_factor_remove(), or op_factor_recovery(), find one, and how many
 * recovery codes are left of it? UADM_NOT_FOUND: no such user. */
enum uadm_code op_factor_may_remove(
    struct uadm *u, const char *name, bool *there, struct uadm_err *err) UADM_CHECKED;
enum uadm_code op_factor_may_renew(
    struct uadm *u, const char *name, int64_t *left, struct uadm_err *err) UADM_CHECKED;

/* With its recovery codes. *changed is false where there was none. The time in which a new one can be set
 * up at a login begins again. */
enum uadm_code op_factor_remove(
    struct uadm *u, const char *name, bool *changed, struct uadm_err *err) UADM_CHECKED;

/* These recovery codes instead of those there were. UADM_NOT_FOUND without a factor. */
enum uadm_code op_factor_recovery(struct uadm *u, const char *name,
    const char (*recovery)[RECOVERY_SIZE], struct uadm_err *err) UADM_CHECKED;

/* What `store check` says: secrets that nobody can read. */
enum uadm_code factors_check(struct uadm *u,
    void (*found)(void *arg, const char *what, const char *mend), void *arg,
    struct uadm_err *err) UADM_CHECKED;

/* How many of those there are. */
enum uadm_code op_factors_lost(
    struct uadm *u, int64_t *lost, struct uadm_err *err) UADM_CHECKED;
/* Is this user's one of them? */
enum uadm_code op_factor_is_lost(
    struct uadm *u, uid_t uid, bool *lost, struct uadm_err *err) UADM_CHECKED;

#endif
