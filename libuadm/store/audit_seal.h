/*
 * audit_seal.h - the keyed hashes of the trail, and what meta has of them; for audit*.c.
 */
#ifndef UADM_STORE_AUDIT_SEAL_H
#define UADM_STORE_AUDIT_SEAL_H

#include "libuadm/store/audit.h"
#include "libuadm/store/private.h"

#include <sodium.h>

enum { MAC_SIZE = 32 };

/* A hash that is being made; a part that fails spoils it all. */
struct seal {
	crypto_generichash_state h;
	bool good;
};
void seal_begin(struct seal *m, const struct store *st);
void seal_part(struct seal *m, const void *data, size_t size);
/* false: it could not be made, and is all zeros. */
bool seal_end(struct seal *m, unsigned char out[MAC_SIZE]);

/* Of a row that comes after `before`. */
bool seal_row(struct store *st, const unsigned char *before,
    const struct audit_row *row, unsigned char mac[MAC_SIZE]) UADM_CHECKED;
/* What stands in meta once row `id` is the newest; row 0 is the empty trail, all zeros. */
bool seal_newest(struct store *st, int64_t id, const unsigned char mac[MAC_SIZE],
    unsigned char seal[MAC_SIZE]) UADM_CHECKED;
/* What meta has to say whose key it is. */
bool seal_key(struct store *st, unsigned char mac[MAC_SIZE]) UADM_CHECKED;
enum uadm_code seal_failed(struct uadm_err *err);

/* A column that is no hash is all zeros. */
void seal_copy(const struct stmt *q, int column, unsigned char mac[MAC_SIZE]);
enum uadm_code seal_read_head(struct store *st, int64_t *id,
    unsigned char mac[MAC_SIZE], struct uadm_err *err) UADM_CHECKED;
enum uadm_code seal_write_head(struct store *st, int64_t id,
    const unsigned char mac[MAC_SIZE], struct uadm_err *err) UADM_CHECKED;
enum uadm_code seal_write_key(struct store *st, struct uadm_err *err) UADM_CHECKED;

/* Columns id, at, actor, action, target, detail. */
void audit_row_read(const struct stmt *q, struct audit_row *row);
/* Append it after `before`, and it is the newest. */
enum uadm_code audit_row_write(struct store *st, const unsigned char before[MAC_SIZE],
    struct audit_row row, struct uadm_err *err) UADM_CHECKED;

#endif
