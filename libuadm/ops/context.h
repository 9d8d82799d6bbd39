/*
 * context.h - what every use case works with: configuration, key, store, time, and who acts.
 */
#ifndef UADM_OPS_CONTEXT_H
#define UADM_OPS_CONTEXT_H

#include "libuadm/base/clock.h"
#include "libuadm/base/policy.h"
#include "libuadm/base/user.h"
#include "libuadm/config/config.h"
#include "libuadm/secrets/key.h"
#include "libuadm/secrets/pwhash.h"
#include "libuadm/store/db.h"

#include <signal.h>

/* Many changes that become durable together, each of them for itself made or not: see batch.h. */
struct batch {
	bool on; /* change_begin() makes what follows a part of it */
	struct txn txn;
	int64_t begun_ms; /* since when every login waits for it */
	bool held;        /* signals wait meanwhile */
	sigset_t before;
};

/* The user whose rights root acts with (act.h). Zero: root does what root may. */
struct acting {
	uid_t uid;
	char name[UADM_NAME_SIZE];
	char time_zone[UADM_ZONE_SIZE]; /* who reads is the actor, too */
};

struct uadm {
	struct config config;
	struct store *store;
	struct key buckets; /* where attempts on unknown names are counted */
	struct key codes;   /* hashes of one-time codes */
	struct policy
	    policy; /* of who has none of their own; shipped until the store is open */
	char actor[UADM_TEXT_SIZE]; /* for the audit trail */
	bool dry_run;               /* roll back instead of committing */
	bool other_key;             /* the key that is there is not the store's */
	struct batch batch;
	struct acting acting;
	bool
	    break_glass; /* an account may be left without an able administrator (guard.h) */
	char glass
	    [200]; /* ... and these are, by the change under way: for its audit row */
	struct planning
	    *planning; /* NULL, or who looks at what a dry run makes (plan.h) */
	struct letter_office
	    *letters;           /* NULL, or what mail is written with (letters.h) */
	int64_t letters_queued; /* since it was opened */
	void (*warn)(
	    const char *text); /* what a person should know of a change; NULL: nobody */
};
#define UADM CLEANUP(uadm_close) struct uadm

/* Read the configuration (`conf` or, when NULL, the host's), open key and store, and load the
 * policy. Where only the policy is bad, u->store is open all the same, to mend it. */
enum uadm_code uadm_open(
    struct uadm *u, const char *conf, struct uadm_err *err) UADM_CHECKED;
/* Also with a key that is not the store's: only for op_audit_reseal(). */
enum uadm_code uadm_open_any_key(
    struct uadm *u, const char *conf, struct uadm_err *err) UADM_CHECKED;
void uadm_close(struct uadm *u);

/* The configuration alone, for what works without a store. */
enum uadm_code uadm_open_config(
    struct uadm *u, const char *conf, struct uadm_err *err) UADM_CHECKED;

/* The rest of uadm_open(). Also where there is no configuration that can be read, for what must
 * work then: u->config is the shipped one after that failure. */
enum uadm_code uadm_open_store(struct uadm *u, struct uadm_err *err) UADM_CHECKED;

/* Make what is missing of key, store and published directory. *made tells whether the store is
 * new. Refuses a new key for an old store: its audit trail would no longer verify. */
enum uadm_code op_store_init(
    struct uadm *u, bool *made, struct uadm_err *err) UADM_CHECKED;

/* The host's key for one purpose (UADM_NOT_FOUND: there is none), and a place for a store that
 * is opened with it. */
enum uadm_code uadm_key(
    enum key_purpose purpose, struct key *out, struct uadm_err *err) UADM_CHECKED;
enum uadm_code uadm_place(
    const char *dir, struct store_place *place, struct uadm_err *err) UADM_CHECKED;

/* Who runs a process of root's, for the audit trail: "root", or "root (login alice)" when the kernel
 * knows from which login the root came. */
void uadm_actor_name(pid_t pid, char *out, size_t size);

struct pwhash_cost uadm_hash_cost(const struct uadm *u);

/* A change under way: one transaction (or a part of the batch's), one audit row. */
struct change {
	struct txn txn;
	struct clock_now now;
	bool held;       /* signals wait until it is over */
	sigset_t before; /* the mask then */
};
#define CHANGE CLEANUP(change_done) struct change

enum uadm_code change_begin(
    struct change *ch, struct uadm *u, struct uadm_err *err) UADM_CHECKED;
/* Write the audit row (`detail` may be NULL) and commit; or, on a dry run, roll back.
 * `published`: NSS shows something else now. */
enum uadm_code change_commit(struct change *ch, struct uadm *u, const char *action,
    const char *target, const char *detail, bool published,
    struct uadm_err *err) UADM_CHECKED;
/* The two halves of it, where a change has more than one row. */
enum uadm_code change_note(struct change *ch, struct uadm *u, const char *action,
    const char *target, const char *detail, bool published,
    struct uadm_err *err) UADM_CHECKED;
enum uadm_code change_end(
    struct change *ch, struct uadm *u, struct uadm_err *err) UADM_CHECKED;
void change_done(struct change *ch);

/* While a change is under way every login on this host waits for it, and while a file is
 * published every other change: ^Z and the like wait until it is done. change_begin() does this
 * by itself. */
void change_hold(struct change *ch);
bool signals_hold(sigset_t *before);

/* Write the published file anew when the store is ahead of it. *published tells. Root's next
 * call does it when a crash fell between a commit and this. */
bool op_publish_is_due(struct uadm *u);
/* How the published file is now, for who is about to write it. `whole`: to its last record. */
enum published_state { PUBLISHED_SOUND = 0, PUBLISHED_MISSING, PUBLISHED_DAMAGED };
enum published_state op_published_state(bool whole);
enum uadm_code op_publish(
    struct uadm *u, bool force, bool *published, struct uadm_err *err) UADM_CHECKED;

#endif
