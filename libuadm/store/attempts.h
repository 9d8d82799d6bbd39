/*
 * attempts.h - the books of guesses: reservations, failures, locks, and proofs.
 *
 * All times are milliseconds of the steady clock (db.h). Every function that changes something
 * runs inside the caller's transaction.
 */
#ifndef UADM_STORE_ATTEMPTS_H
#define UADM_STORE_ATTEMPTS_H

#include "libuadm/store/db.h"

struct attempt_counts {
	int64_t
	    failures; /* settled, or past their deadline, and started after `since` */
	int64_t in_flight; /* reserved, deadline still to come */
	int64_t source_failures, source_in_flight; /* of these, by `source` */
	bool lock_set;
	int64_t locked_at;
};

enum uadm_code attempts_count(struct store *st, uid_t uid, const char *source,
    int64_t since, int64_t now, struct attempt_counts *n,
    struct uadm_err *err) UADM_CHECKED;

/* Forget what started up to `since` and counts no more: whoever guesses slowly must not fill
 * the disk. */
enum uadm_code attempts_drop_old(
    struct store *st, uid_t uid, int64_t since, struct uadm_err *err) UADM_CHECKED;

/* *id names the reservation. */
enum uadm_code attempts_reserve(struct store *st, uid_t uid, const char *source,
    const char *service, int64_t now, int64_t deadline, int64_t wall, int64_t *id,
    struct uadm_err *err) UADM_CHECKED;
/* The reservation becomes a failure now. */
enum uadm_code attempts_fail(
    struct store *st, int64_t id, struct uadm_err *err) UADM_CHECKED;
/* It never happened: nothing was verified. */
enum uadm_code attempts_withdraw(
    struct store *st, int64_t id, struct uadm_err *err) UADM_CHECKED;

enum uadm_code attempts_lock(struct store *st, uid_t uid, int64_t now, int64_t wall,
    struct uadm_err *err) UADM_CHECKED;
/* Forget all failures and locks, but not reservations in flight of others than `but`. */
enum uadm_code attempts_clear(struct store *st, uid_t uid, int64_t now, int64_t but,
    struct uadm_err *err) UADM_CHECKED;
/* Forget a lock that has run out, with the failures before it. */
enum uadm_code attempts_unlock_expired(
    struct store *st, uid_t uid, int64_t locked_at, struct uadm_err *err) UADM_CHECKED;

/* The write that an attempt costs which can be charged to nobody. */
enum uadm_code attempts_bucket(
    struct store *st, uint32_t bucket, int64_t wall, struct uadm_err *err) UADM_CHECKED;
enum { ATTEMPT_BUCKETS = 256 };

/* A process, told apart from a later one of the same pid by its start. */
struct process {
	pid_t pid;
	int64_t start; /* clock ticks after boot: /proc/PID/stat, field 22 */
	pid_t parent;
};

/* Remember that this process proved the user's password, and look whether it, a child of it or
 * its parent did, after `since`. */
enum uadm_code proofs_add(struct store *st, const struct process *p, uid_t uid,
    int64_t now, int64_t since, struct uadm_err *err) UADM_CHECKED;
enum uadm_code proofs_find(struct store *st, const struct process *p,
    const struct process *parent, uid_t uid, int64_t since, bool *found,
    struct uadm_err *err) UADM_CHECKED;

#endif
