/*
 * attempts.h - the books of guesses: reservations, failures, locks, and proofs.
 *
 * All times are milliseconds of the steady clock (db.h). Every function that changes something
 * runs inside the caller's transaction.
 *
 * Guesses at names that are nobody's are kept in the same books, or it would show in who has to
 * wait: `uid` is then ATTEMPT_STRANGER plus a bucket of the name, which is no number of a user's.
 */
#ifndef UADM_STORE_ATTEMPTS_H
#define UADM_STORE_ATTEMPTS_H

#include "libuadm/base/attempt.h"
#include "libuadm/store/db.h"

/* A failure is settled or past its deadline, and started within the window. `source` is NULL or
 * "" for a console. Failures of a `local` source are that source's only. */
struct attempt_counts {
	int64_t failures;  /* of all sources that are not local */
	int64_t in_flight; /* likewise: reserved, deadline still to come */
	int64_t source_failures, source_in_flight;
	int64_t all_failures; /* local ones as well */
	bool lock_set;        /* perhaps one that has run out: ask the policy */
	int64_t locked_at;
};

enum uadm_code attempts_count(struct store *st, uid_t uid, const char *source,
    const struct attempt_window *w, struct attempt_counts *n,
    struct uadm_err *err) UADM_CHECKED;

/* Each failure that counts, the sources one after the other and each one's oldest first. */
enum uadm_code attempts_each_failure(struct store *st, uid_t uid,
    const struct attempt_window *w,
    void (*found)(void *arg, const char *source, int64_t started), void *arg,
    struct uadm_err *err) UADM_CHECKED;

/* Forget what counts no more: whoever guesses slowly must not fill the disk. */
enum uadm_code attempts_drop_old(struct store *st, uid_t uid,
    const struct attempt_window *w, struct uadm_err *err) UADM_CHECKED;

#define ATTEMPT_STRANGER ((uid_t)1 << 31)
enum { ATTEMPT_STRANGERS = 4096 };

/* The same, of all names that are nobody's. *any: there was something to forget. */
enum uadm_code attempts_drop_old_strangers(struct store *st,
    const struct attempt_window *w, bool *any, struct uadm_err *err) UADM_CHECKED;

struct attempt_entry {
	uid_t uid;
	const char *source, *service;
	bool local;
	int64_t started, deadline; /* steady ms */
	int64_t wall;
};
/* *id names the reservation. */
enum uadm_code attempts_reserve(struct store *st, const struct attempt_entry *e,
    int64_t *id, struct uadm_err *err) UADM_CHECKED;
/* The reservation becomes a failure now. `factor`: the password was right, the code was not. */
enum uadm_code attempts_fail(
    struct store *st, int64_t id, bool factor, struct uadm_err *err) UADM_CHECKED;
/* It never happened: nothing was verified. */
enum uadm_code attempts_withdraw(
    struct store *st, int64_t id, struct uadm_err *err) UADM_CHECKED;

enum uadm_code attempts_lock(struct store *st, uid_t uid, int64_t now, int64_t wall,
    struct uadm_err *err) UADM_CHECKED;
/* A right password came from `source`: forget its failures, those of the user's own uid and of all
 * that are not local, and the lock. What another local source has failed still counts against it,
 * or it would get new guesses with each login of its victim's. No reservation in flight goes. And
 * failures of a second factor stay, or each use of the password where none is asked for would give new
 * guesses at it: unless one was judged now, and was right or not due (`factor`). */
enum uadm_code attempts_succeed(struct store *st, uid_t uid, const char *source,
    bool factor, int64_t now, struct uadm_err *err) UADM_CHECKED;
/* Forget all failures and the lock, but no reservation in flight. */
enum uadm_code attempts_clear(
    struct store *st, uid_t uid, int64_t now, struct uadm_err *err) UADM_CHECKED;
/* Forget a lock that has run out, with the failures that led to it. */
enum uadm_code attempts_unlock_expired(struct store *st, uid_t uid, int64_t now,
    int64_t locked_at, struct uadm_err *err) UADM_CHECKED;

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

/* How: the password, and whether what the second factor asks for was judged and fine. */
struct proof_kind {
	bool password, factor;
};

/* Remember that this process proved the user's password, and look whether it, a child of it or
 * its parent did. However long ago: su(1) belongs to its caller, who may stop it for as long as
 * they like. `boot` is when this boot began; before it there were other processes. */
enum uadm_code proofs_add(struct store *st, const struct process *p,
    const struct process *parent, uid_t uid, bool factor, int64_t now,
    struct uadm_err *err) UADM_CHECKED;
enum uadm_code proofs_find(struct store *st, const struct process *p,
    const struct process *parent, uid_t uid, int64_t boot, struct proof_kind *found,
    struct uadm_err *err) UADM_CHECKED;
/* Forget those of other boots, and the `old` ones of processes that are gone. A parent does not keep
 * them: it may be a daemon that lives for as long as the host, and nobody but root holds that up. */
enum uadm_code proofs_reap(struct store *st, int64_t boot, int64_t old,
    bool (*lives)(void *arg, const struct process *p), void *arg,
    struct uadm_err *err) UADM_CHECKED;

#endif
