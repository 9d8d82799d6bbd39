#include "libuadm/store/audit_seal.h"

#include <string.h>

_Static_assert(STORE_KEY_SIZE == crypto_generichash_KEYBYTES, "the key keys BLAKE2b");

void
seal_begin(struct seal *m, const struct store *st)
{
	m->good = crypto_generichash_init(
		      &m->h, st->audit_key, sizeof(st->audit_key), MAC_SIZE) == 0;
}

void
seal_part(struct seal *m, const void *data, size_t size)
{
	m->good = m->good && crypto_generichash_update(&m->h, data, size) == 0;
}

static void
seal_text(struct seal *m, const char *text)
{
	uint64_t n = strlen(text);

	seal_part(m, &n, sizeof(n));
	seal_part(m, text, n);
}

bool
seal_end(struct seal *m, unsigned char out[MAC_SIZE])
{
	memset(out, 0, MAC_SIZE);
	return m->good && crypto_generichash_final(&m->h, out, MAC_SIZE) == 0;
}

bool
seal_row(struct store *st, const unsigned char *before, const struct audit_row *row,
    unsigned char mac[MAC_SIZE])
{
	struct seal m;

	seal_begin(&m, st);
	seal_part(&m, before, MAC_SIZE);
	seal_part(&m, &row->id, sizeof(row->id));
	seal_part(&m, &row->at, sizeof(row->at));
	seal_text(&m, row->actor);
	seal_text(&m, row->action);
	seal_text(&m, row->target);
	seal_text(&m, row->detail);
	return seal_end(&m, mac);
}

bool
seal_newest(struct store *st, int64_t id, const unsigned char mac[MAC_SIZE],
    unsigned char seal[MAC_SIZE])
{
	static const unsigned char end[] = "end";
	struct seal m;

	seal_begin(&m, st);
	seal_part(&m, end, sizeof(end));
	seal_part(&m, &id, sizeof(id));
	seal_part(&m, mac, MAC_SIZE);
	return seal_end(&m, seal);
}

bool
seal_key(struct store *st, unsigned char mac[MAC_SIZE])
{
	static const unsigned char key[] = "the key of this store";
	struct seal m;

	seal_begin(&m, st);
	seal_part(&m, key, sizeof(key));
	return seal_end(&m, mac);
}

enum uadm_code
seal_failed(struct uadm_err *err)
{
	return uadm_fail(err, UADM_UNAVAILABLE, "the audit trail cannot be sealed");
}

void
seal_copy(const struct stmt *q, int column, unsigned char mac[MAC_SIZE])
{
	size_t size;
	const void *p = stmt_col_blob(q, column, &size);

	memset(mac, 0, MAC_SIZE);
	if (p != NULL && size == MAC_SIZE)
		memcpy(mac, p, MAC_SIZE);
}

enum uadm_code
seal_read_head(
    struct store *st, int64_t *id, unsigned char mac[MAC_SIZE], struct uadm_err *err)
{
	STMT q = stmt_make(st, "SELECT audit_id, audit_mac FROM meta");
	enum uadm_code c = stmt_one(&q, err);

	if (c != UADM_OK)
		return c;
	*id = stmt_col_int(&q, 0);
	seal_copy(&q, 1, mac);
	return UADM_OK;
}

enum uadm_code
seal_write_head(struct store *st, int64_t id, const unsigned char mac[MAC_SIZE],
    struct uadm_err *err)
{
	STMT q = stmt_make(st, "UPDATE meta SET audit_id = :id, audit_mac = :seal");
	unsigned char seal[MAC_SIZE];

	if (!seal_newest(st, id, mac, seal))
		return seal_failed(err);
	stmt_int(&q, ":id", id);
	stmt_blob(&q, ":seal", seal, MAC_SIZE);
	return stmt_run(&q, err);
}
