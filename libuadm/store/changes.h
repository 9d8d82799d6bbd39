/*
 * changes.h - whose published entry has changed since the last whole file (the base) was
 * published, so that the next publish need not read everybody. Triggers write it down.
 *
 * The log begins where the base was read, and the store knows which one that was: after a restore,
 * in a new store, or in one that was put back by hand from before, it is another one or none, and
 * what is in place is not built on.
 */
#ifndef UADM_STORE_CHANGES_H
#define UADM_STORE_CHANGES_H

#include "libuadm/store/db.h"

/* The base as the store knows it. */
struct base {
	bool known;
	uint64_t seed;     /* which it is */
	uint64_t settings; /* what else it was made from, as a number of the caller's */
};

enum uadm_code changes_base(
    struct store *st, struct base *base, struct uadm_err *err) UADM_CHECKED;
/* The log begins with this base, which was read in this generation: what is older is dropped. In a
 * transaction. */
enum uadm_code changes_begin(struct store *st, const struct base *base,
    uint64_t generation, struct uadm_err *err) UADM_CHECKED;

/* How many have changed since; counts no further than `most`. */
enum uadm_code changes_count(struct store *st, uint64_t since, int64_t most, int64_t *n,
    struct uadm_err *err) UADM_CHECKED;

/* Ids of users and groups, there or gone, and the number of the last change of each. */
enum uadm_code changes_each(struct store *st, uint64_t since,
    enum uadm_code (*found)(void *arg, id_t id, uint32_t stamp, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

/* What gets published of one group, if there is one with that number. `large`: it has more than
 * `most` members (0 = no bound). */
enum uadm_code changes_group(struct store *st, gid_t gid, int64_t most,
    enum uadm_code (*found)(
	void *arg, gid_t gid, const char *name, bool large, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

/* The memberships of a user, or in a group. */
struct pair {
	gid_t gid;
	const char *group;
	uid_t uid;
	const char *user;
};
typedef enum uadm_code pair_found(
    void *arg, const struct pair *p, struct uadm_err *err);
enum uadm_code changes_pairs_of_user(struct store *st, uid_t uid, pair_found *found,
    void *arg, struct uadm_err *err) UADM_CHECKED;
enum uadm_code changes_pairs_in_group(struct store *st, gid_t gid, pair_found *found,
    void *arg, struct uadm_err *err) UADM_CHECKED;

#endif
