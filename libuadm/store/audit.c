/*
 * Threat: somebody with the database but without the key edits, removes, reorders or cuts off
 * what tells on them. Each row's hash covers its own fields and the seal of the row before, ids
 * have no gaps, and meta has the newest seal. A seal is a keyed hash of a row's number and hash
 * that stands nowhere but in meta, and there only for the newest row: who cuts the trail off
 * cannot make one for what is left, and a row appended afterwards breaks the chain. Not found
 * is an older copy of the whole database; and who has root and the key can forge anything: send
 * the trail elsewhere where that matters.
 */
#include "libuadm/store/audit.h"

#include "libuadm/store/private.h"

#include <sodium.h>
#include <string.h>

enum { MAC_SIZE = 32 };
_Static_assert(STORE_KEY_SIZE == crypto_generichash_KEYBYTES, "the key keys BLAKE2b");

/* A hash that is being made; a part that fails spoils it all. */
struct mac {
	crypto_generichash_state h;
	bool good;
};

static void
mac_begin(struct mac *m, const struct store *st)
{
	m->good = crypto_generichash_init(
		      &m->h, st->audit_key, sizeof(st->audit_key), MAC_SIZE) == 0;
}

static void
mac_part(struct mac *m, const void *data, size_t size)
{
	m->good = m->good && crypto_generichash_update(&m->h, data, size) == 0;
}

static void
mac_text(struct mac *m, const char *text)
{
	uint64_t n = strlen(text);

	mac_part(m, &n, sizeof(n));
	mac_part(m, text, n);
}

static bool
mac_end(struct mac *m, unsigned char out[MAC_SIZE])
{
	memset(out, 0, MAC_SIZE);
	return m->good && crypto_generichash_final(&m->h, out, MAC_SIZE) == 0;
}

static bool
row_mac(struct store *st, const unsigned char *before, const struct audit_row *row,
    unsigned char mac[MAC_SIZE])
{
	struct mac m;

	mac_begin(&m, st);
	mac_part(&m, before, MAC_SIZE);
	mac_part(&m, &row->id, sizeof(row->id));
	mac_part(&m, &row->at, sizeof(row->at));
	mac_text(&m, row->actor);
	mac_text(&m, row->action);
	mac_text(&m, row->target);
	mac_text(&m, row->detail);
	return mac_end(&m, mac);
}

/* What stands in meta once row `id` is the newest; row 0 is the empty trail, all zeros. */
static bool
end_seal(struct store *st, int64_t id, const unsigned char mac[MAC_SIZE],
    unsigned char seal[MAC_SIZE])
{
	static const unsigned char end[] = "end";
	struct mac m;

	mac_begin(&m, st);
	mac_part(&m, end, sizeof(end));
	mac_part(&m, &id, sizeof(id));
	mac_part(&m, mac, MAC_SIZE);
	return mac_end(&m, seal);
}

static enum uadm_code
no_mac(struct uadm_err *err)
{
	return uadm_fail(err, UADM_UNAVAILABLE, "the audit trail cannot be sealed");
}

static void
copy_mac(const struct stmt *q, int column, unsigned char mac[MAC_SIZE])
{
	size_t size;
	const void *p = stmt_col_blob(q, column, &size);

	memset(mac, 0, MAC_SIZE);
	if (p != NULL && size == MAC_SIZE)
		memcpy(mac, p, MAC_SIZE);
}

static enum uadm_code
read_head(
    struct store *st, int64_t *id, unsigned char mac[MAC_SIZE], struct uadm_err *err)
{
	STMT q = stmt_make(st, "SELECT audit_id, audit_mac FROM meta");
	enum uadm_code c = stmt_one(&q, err);

	if (c != UADM_OK)
		return c;
	*id = stmt_col_int(&q, 0);
	copy_mac(&q, 1, mac);
	return UADM_OK;
}

static enum uadm_code
write_head(struct store *st, int64_t id, const unsigned char mac[MAC_SIZE],
    struct uadm_err *err)
{
	STMT q = stmt_make(st, "UPDATE meta SET audit_id = :id, audit_mac = :seal");
	unsigned char seal[MAC_SIZE];

	if (!end_seal(st, id, mac, seal))
		return no_mac(err);
	stmt_int(&q, ":id", id);
	stmt_blob(&q, ":seal", seal, MAC_SIZE);
	return stmt_run(&q, err);
}

enum uadm_code
audit_begin(struct store *st, struct uadm_err *err)
{
	static const unsigned char none[MAC_SIZE];

	return write_head(st, 0, none, err);
}

enum uadm_code
audit_append(
    struct store *st, const struct audit_row *given, int64_t now, struct uadm_err *err)
{
	unsigned char before[MAC_SIZE], mac[MAC_SIZE];
	struct audit_row row = *given;
	enum uadm_code c;

	row.at = now;
	if ((c = read_head(st, &row.id, before, err)) != UADM_OK)
		return c;
	row.id++;
	if (!row_mac(st, before, &row, mac))
		return no_mac(err);
	STMT q = stmt_make(st,
	    "INSERT INTO audit (id, at, actor, action, target, detail, mac) "
	    "VALUES (:id, :at, :actor, :action, :target, :detail, :mac)");
	stmt_int(&q, ":id", row.id);
	stmt_int(&q, ":at", row.at);
	stmt_text(&q, ":actor", row.actor);
	stmt_text(&q, ":action", row.action);
	stmt_text(&q, ":target", row.target);
	stmt_text(&q, ":detail", row.detail);
	stmt_blob(&q, ":mac", mac, sizeof(mac));
	if ((c = stmt_run(&q, err)) != UADM_OK)
		return c;
	return write_head(st, row.id, mac, err);
}

static void
read_row(const struct stmt *q, struct audit_row *row)
{
	row->id = stmt_col_int(q, 0);
	row->at = stmt_col_int(q, 1);
	stmt_col_text(q, 2, row->actor, sizeof(row->actor));
	stmt_col_text(q, 3, row->action, sizeof(row->action));
	stmt_col_text(q, 4, row->target, sizeof(row->target));
	stmt_col_text(q, 5, row->detail, sizeof(row->detail));
}

enum uadm_code
audit_each(struct store *st, int64_t most, const char *target,
    enum uadm_code (*found)(void *, const struct audit_row *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT * FROM (SELECT id, at, actor, action, target, detail FROM audit "
	    "WHERE :target IS NULL OR target = :target ORDER BY id DESC LIMIT :most) ORDER BY id");
	struct audit_row row;
	enum uadm_code c;
	bool more;

	stmt_text(&q, ":target", target);
	stmt_int(&q, ":most", most > 0 ? most : -1);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more) {
		read_row(&q, &row);
		if ((c = found(arg, &row, err)) != UADM_OK)
			return c;
	}
	return c;
}

enum uadm_code
audit_count(struct store *st, int64_t *n, struct uadm_err *err)
{
	STMT q = stmt_make(st, "SELECT count(*) FROM audit");
	enum uadm_code c = stmt_one(&q, err);

	if (c == UADM_OK)
		*n = stmt_col_int(&q, 0);
	return c;
}

/* A field longer than our struct, or with a NUL in it, was not written by us. */
static bool
row_is_right(struct store *st, const struct stmt *q, const struct audit_row *row,
    unsigned char chain[MAC_SIZE])
{
	unsigned char stored[MAC_SIZE], mac[MAC_SIZE];

	for (int i = 2; i < 6; i++)
		if (strlen(stmt_col_peek(q, i)) !=
		    (size_t)sqlite3_column_bytes(q->h, i))
			return false;
	copy_mac(q, 6, stored);
	return row_mac(st, chain, row, mac) && end_seal(st, row->id, stored, chain) &&
	    sodium_memcmp(mac, stored, MAC_SIZE) == 0;
}

static void
say_problem(struct audit_verdict *v, int64_t id, const char *what)
{
	v->bad_id = id;
	snprintf(v->problem, sizeof(v->problem), "row %lld %s", (long long)id, what);
}

enum uadm_code
audit_verify(struct store *st, struct audit_verdict *v, struct uadm_err *err)
{
	static const unsigned char none[MAC_SIZE];
	unsigned char chain[MAC_SIZE], head[MAC_SIZE];
	struct audit_row row;
	int64_t head_id = 0, last = 0;
	enum uadm_code c;
	bool more;
	TXN t = { 0 };

	*v = (struct audit_verdict){ 0 };
	if ((c = txn_read(&t, st, err)) != UADM_OK ||
	    (c = read_head(st, &head_id, head, err)) != UADM_OK)
		return c;
	if (!end_seal(st, 0, none, chain))
		return no_mac(err);
	STMT q = stmt_make(st,
	    "SELECT id, at, actor, action, target, detail, mac FROM audit ORDER BY id");
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more && v->bad_id == 0) {
		read_row(&q, &row);
		v->rows++;
		if (row.id != last + 1)
			say_problem(v, last + 1, "is missing");
		else if (!row_is_right(st, &q, &row, chain))
			say_problem(
			    v, row.id, "was changed, or is not where it was written");
		last = row.id;
	}
	if (c != UADM_OK || v->bad_id != 0)
		return c;
	if (last < head_id)
		say_problem(v, last + 1, "is missing: the trail was cut off");
	else if (last > head_id)
		say_problem(v, last, "was added past the recorded end");
	else if (sodium_memcmp(chain, head, MAC_SIZE) != 0 && last > 0)
		say_problem(v, last, "is not the recorded end: the trail was cut off");
	else if (sodium_memcmp(chain, head, MAC_SIZE) != 0)
		snprintf(v->problem, sizeof(v->problem), "the whole trail was removed");
	return UADM_OK;
}

static enum uadm_code
write_mac(struct store *st, int64_t id, const unsigned char mac[MAC_SIZE],
    struct uadm_err *err)
{
	STMT q = stmt_make(st, "UPDATE audit SET mac = :mac WHERE id = :id");

	stmt_blob(&q, ":mac", mac, MAC_SIZE);
	stmt_int(&q, ":id", id);
	return stmt_run(&q, err);
}

static enum uadm_code
reseal_rows(struct store *st, struct uadm_err *err)
{
	static const unsigned char none[MAC_SIZE];
	unsigned char chain[MAC_SIZE], mac[MAC_SIZE] = { 0 };
	struct audit_row row = { 0 };
	enum uadm_code c;
	bool more;

	end_seal(st, 0, none, chain);
	STMT q = stmt_make(
	    st, "SELECT id, at, actor, action, target, detail FROM audit ORDER BY id");
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more) {
		read_row(&q, &row);
		row_mac(st, chain, &row, mac);
		end_seal(st, row.id, mac, chain);
		if ((c = write_mac(st, row.id, mac, err)) != UADM_OK)
			return c;
	}
	return c == UADM_OK ? write_head(st, row.id, mac, err) : c;
}

enum uadm_code
audit_reseal(struct store *st, struct uadm_err *err)
{
	enum uadm_code c;
	int rc = sqlite3_exec(st->db, "DROP TRIGGER main.audit_same", NULL, NULL, NULL);

	if (rc != SQLITE_OK)
		return store_fail(st, rc, err);
	if ((c = reseal_rows(st, err)) != UADM_OK)
		return c;
	rc = sqlite3_exec(st->db, AUDIT_SAME, NULL, NULL, NULL);
	return rc == SQLITE_OK ? UADM_OK : store_fail(st, rc, err);
}
