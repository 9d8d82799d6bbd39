/*
 * Threat: another key in the place of the right one would go on sealing where nothing can be
 * verified. So meta knows which key is the store's, by a keyed hash of a constant that tells
 * nothing else about it.
 */
#include "libuadm/store/audit_seal.h"

enum uadm_code
seal_write_key(struct store *st, struct uadm_err *err)
{
	STMT q = stmt_make(st, "UPDATE meta SET key_check = :check");
	unsigned char check[MAC_SIZE];

	if (!seal_key(st, check))
		return seal_failed(err);
	stmt_blob(&q, ":check", check, MAC_SIZE);
	return stmt_run(&q, err);
}

enum uadm_code
audit_begin(struct store *st, struct uadm_err *err)
{
	static const unsigned char none[MAC_SIZE];
	enum uadm_code c = seal_write_key(st, err);

	return c == UADM_OK ? seal_write_head(st, 0, none, err) : c;
}

/* Did the present key seal the newest row? */
static enum uadm_code
key_sealed_head(struct store *st, bool *did, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT audit_id, audit_mac, mac FROM meta LEFT JOIN audit ON id = audit_id");
	unsigned char head[MAC_SIZE], mac[MAC_SIZE], seal[MAC_SIZE];
	enum uadm_code c = stmt_one(&q, err);

	if (c != UADM_OK)
		return c;
	seal_copy(&q, 1, head);
	seal_copy(&q, 2, mac);
	*did = seal_newest(st, stmt_col_int(&q, 0), mac, seal) &&
	    sodium_memcmp(seal, head, MAC_SIZE) == 0;
	return UADM_OK;
}

/* A store of a uadm that did not write down whose it is: who sealed the newest row shows it. */
static enum uadm_code
adopt_key(struct store *st, struct uadm_err *err)
{
	TXN t = { 0 };
	enum uadm_code c;

	if ((c = txn_begin(&t, st, err)) != UADM_OK ||
	    (c = key_sealed_head(st, &st->own_key, err)) != UADM_OK || !st->own_key ||
	    (c = seal_write_key(st, err)) != UADM_OK)
		return c;
	return txn_commit(&t, err);
}

enum uadm_code
audit_know_key(struct store *st, struct uadm_err *err)
{
	STMT q = stmt_make(st, "SELECT key_check FROM meta");
	unsigned char stored[MAC_SIZE], check[MAC_SIZE];
	enum uadm_code c = stmt_one(&q, err);
	bool known;

	if (c != UADM_OK)
		return c;
	known = sqlite3_column_type(q.h, 0) != SQLITE_NULL;
	seal_copy(&q, 0, stored);
	stmt_done(&q);
	if (!known)
		return adopt_key(st, err);
	if (!seal_key(st, check))
		return seal_failed(err);
	st->own_key = sodium_memcmp(stored, check, MAC_SIZE) == 0;
	return UADM_OK;
}

bool
store_key_is_its_own(const struct store *st)
{
	return st->own_key;
}
