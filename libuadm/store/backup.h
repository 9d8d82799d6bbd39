/*
 * backup.h - a consistent copy of the store, and a past put back into it.
 *
 * Putting back is one transaction of the store that is there, so logins and lookups see the old
 * or the new, and nothing has to be closed. What must not go back with time stays: numbers
 * given since are never given again, the audit trail goes on, locks and failures stand, whoever
 * is suspended now stays suspended, whoever was deleted since comes back suspended, and of two
 * ends of a user's time the earlier one holds, of two beginnings the later one. Nobody gets back in an
 * account what they have lost there since: a membership that was suspended, ended or given a lower role,
 * a right that was taken from a member or from a role.
 */
#ifndef UADM_STORE_BACKUP_H
#define UADM_STORE_BACKUP_H

#include "libuadm/store/db.h"

/* Write all of the store to `path`, which must not exist: as it is at one moment, while
 * others go on writing. */
enum uadm_code store_copy(
    struct store *st, const char *path, struct uadm_err *err) UADM_CHECKED;

/* Attach the copy at `path` (of the schema we have) as the past, outside of a transaction, and
 * let go of it. While it is attached SQLite's own watch over references is off: past_take() looks
 * itself. */
enum uadm_code past_attach(
    struct store *st, const char *path, struct uadm_err *err) UADM_CHECKED;
void past_detach(struct store *st);

/* How the past lies to what there is: a trail that the present one continues, a store with
 * nothing of its own in it, or neither. */
enum past_fit { PAST_FOREIGN = 0, PAST_OURS, PAST_INTO_EMPTY };
enum uadm_code past_fits(
    struct store *st, enum past_fit *fit, struct uadm_err *err) UADM_CHECKED;

enum past_change {
	PAST_COMES_BACK,      /* was deleted since; suspended */
	PAST_GOES,            /* was made since */
	PAST_STAYS_SUSPENDED, /* was suspended since */
	PAST_OLDER_PASSWORD,  /* has changed the password since */
	PAST_KEEPS_TIME,      /* may log in for a shorter time since */
	PAST_KEEPS_ACCOUNTS, /* was taken out of an account, or has another role there, since */
};
/* What putting it back will do to users, by name. */
enum uadm_code past_changes(struct store *st,
    enum uadm_code (*found)(
	void *arg, enum past_change what, const char *name, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

/* What is set otherwise: for everybody (account ""), an account, a role in it (else ""). NULL where it is
 * not set, so that the value below it holds. `own`: by the account's own administrators. */
struct past_setting {
	const char *account, *role, *key;
	bool own;
	const int64_t *now, *then;
};
enum uadm_code past_policy(struct store *st,
    enum uadm_code (*found)(
	void *arg, const struct past_setting *s, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

/* Put it back, within a transaction. `steady` and `wall` are now; the trail comes along into an
 * empty store. */
enum uadm_code past_take(struct store *st, enum past_fit fit, int64_t steady,
    int64_t wall, struct uadm_err *err) UADM_CHECKED;

#endif
