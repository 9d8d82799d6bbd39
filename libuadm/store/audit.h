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

/* Walk the whole chain. *rows is how many were looked at; `problem` is empty when it is whole,
 * else it names the first row that is not right and how (bad_id 0: all of it is gone). */
struct audit_verdict {
	int64_t rows;
	int64_t bad_id;
	char problem[256];
};
enum uadm_code audit_verify(
    struct store *st, struct audit_verdict *v, struct uadm_err *err) UADM_CHECKED;

/* Seal every row anew with the key that the store is open with, in the caller's transaction: for
 * a trail that another key has sealed, which nobody can verify any more. */
enum uadm_code audit_reseal(struct store *st, struct uadm_err *err) UADM_CHECKED;

#endif
