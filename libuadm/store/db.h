/*
 * db.h - the store: one SQLite file that only root can reach. Open it, and change it in
 * transactions.
 */
#ifndef UADM_STORE_DB_H
#define UADM_STORE_DB_H

#include "libuadm/base/clock.h"
#include "libuadm/base/error.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct store;

enum { STORE_KEY_SIZE = 32 };

/* Where it is and who may own it; `audit_key` is copied. */
struct store_place {
	const char *dir; /* 0700; holds uadm.db */
	uid_t owner;
	unsigned char audit_key[STORE_KEY_SIZE];
};

/* What a new store begins with; called inside the transaction that makes it. */
typedef enum uadm_code store_fill(struct store *st, void *arg, struct uadm_err *err);

/* Make an empty store (directory 0700, file 0600) and let `fill` (may be NULL) begin it: both or
 * nothing. UADM_EXISTS when there is one. */
enum uadm_code store_create(const struct store_place *place, store_fill *fill,
    void *arg, struct uadm_err *err) UADM_CHECKED;

/* Open the store and bring an older schema up to date. UADM_NOT_FOUND: there is none;
 * UADM_UNAVAILABLE: damaged, newer than us, not ours; UADM_BUSY after 5 s. The caller closes
 * with store_close(). */
enum uadm_code store_open(const struct store_place *place, struct store **st,
    struct uadm_err *err) UADM_CHECKED;
void store_close(struct store **st);

/* Is it open with the key that seals it? If not, nothing may be written but audit_reseal(). */
bool store_key_is_its_own(const struct store *st);

/* The schema's number, of this program and of the open store. */
int store_schema_version(void);

/* A transaction that rolls back when it goes out of scope uncommitted. */
struct txn {
	struct store *st; /* NULL: nothing is open */
	bool part;        /* of another one */
};
#define TXN CLEANUP(txn_done) struct txn

/* Take the write lock, waiting 5 s at most (UADM_BUSY). */
enum uadm_code txn_begin(
    struct txn *t, struct store *st, struct uadm_err *err) UADM_CHECKED;
/* A part of a transaction that is open: committed or rolled back by itself, and durable with the
 * whole. Parts do not overlap. */
enum uadm_code txn_begin_part(
    struct txn *t, struct store *st, struct uadm_err *err) UADM_CHECKED;
/* Is it still open? Not after what SQLite rolls back as a whole: no space, no memory. */
bool txn_is_open(const struct txn *t);
/* One consistent view for several reads. */
enum uadm_code txn_read(
    struct txn *t, struct store *st, struct uadm_err *err) UADM_CHECKED;
/* Durable once this returns UADM_OK. */
enum uadm_code txn_commit(struct txn *t, struct uadm_err *err) UADM_CHECKED;
void txn_done(struct txn *t);

/* meta.generation counts the changes to what is published. `mark` (may be NULL) is drawn anew with
 * each: two histories of one store that count as far are told apart by it. */
enum uadm_code store_generation(struct store *st, uint64_t *generation, uint32_t *mark,
    struct uadm_err *err) UADM_CHECKED;
enum uadm_code store_bump_generation(
    struct store *st, struct uadm_err *err) UADM_CHECKED;
/* At least this one: what a store that is gone has published must not look newer. */
enum uadm_code store_raise_generation(
    struct store *st, uint64_t least, struct uadm_err *err) UADM_CHECKED;

/* The steady clock in milliseconds: it only moves while a host is up, goes on across reboots
 * and cannot be set. Time while the host is off does not count. store_steady_keep() records
 * how far it is and belongs in every transaction that stamps something with it. */
enum uadm_code store_steady(struct store *st, const struct clock_now *now, int64_t *ms,
    struct uadm_err *err) UADM_CHECKED;
enum uadm_code store_steady_keep(struct store *st, const struct clock_now *now,
    int64_t *ms, struct uadm_err *err) UADM_CHECKED;

/* SQLite's own look at the file: calls `found` for each complaint. */
enum uadm_code store_check_file(struct store *st,
    void (*found)(void *arg, const char *what), void *arg,
    struct uadm_err *err) UADM_CHECKED;

#endif
