/*
 * audit.h - the trail of who did what to whom: append-only, each row bound to the one before
 * by a keyed hash (BLAKE2b), the newest one sealed in meta.
 */
#ifndef UADM_STORE_AUDIT_H
#define UADM_STORE_AUDIT_H

#include "libuadm/base/user.h"
#include "libuadm/store/db.h"

enum { AUDIT_DETAIL_SIZE = 1024 };

struct audit_row {
	int64_t id;
	int64_t at;
	char actor[UADM_TEXT_SIZE];
	char action[UADM_NAME_SIZE]; /* "user.add" */
	char target[UADM_TEXT_SIZE];
	char detail[AUDIT_DETAIL_SIZE]; /* key=value words; never a secret */
};

/* Append within the caller's transaction; `id` and `at` of *row are taken from here and `now`. */
enum uadm_code audit_append(struct store *st, const struct audit_row *row, int64_t now,
    struct uadm_err *err) UADM_CHECKED;

/* Rows from `after` on, at most `most` (0 = all) of the newest; of one target unless NULL. */
enum uadm_code audit_each(struct store *st, int64_t most, const char *target,
    enum uadm_code (*found)(
	void *arg, const struct audit_row *row, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

enum uadm_code audit_count(
    struct store *st, int64_t *n, struct uadm_err *err) UADM_CHECKED;

/* Walk the whole chain. *rows is how many there are; `problem` is empty when it is whole,
 * else it names the first row that is not right and how (bad_id 0: all of it is gone). What the
 * row `resealed_at` (0: none) has put on record is no problem any more while it is as it was. */
struct audit_verdict {
	int64_t rows;
	int64_t bad_id;
	int64_t resealed_at;
	char problem[256];
};
enum uadm_code audit_verify(
    struct store *st, struct audit_verdict *v, struct uadm_err *err) UADM_CHECKED;

/* Go on from a trail that is broken, or that another key has sealed, in the caller's transaction:
 * nothing of it is changed; a row AUDIT_RESEAL tells who did that and what was wrong, seals all
 * before it as it is, and begins a sound chain with the key that the store is open with, which is
 * the store's own from then on. With `other_key` the caller knows that another one sealed it. *v is what was found, with resealed_at the new row; nothing is
 * done when there is no problem. */
#define AUDIT_RESEAL "audit.reseal"
enum uadm_code audit_reseal(struct store *st, const char *actor, bool other_key,
    int64_t now, struct audit_verdict *v, struct uadm_err *err) UADM_CHECKED;

#endif
