/*
 * Threat: somebody with the database but without the key edits, removes, reorders or cuts off
 * what tells on them. Each row's hash covers its own fields and the seal of the row before, ids
 * have no gaps, and meta has the newest seal. A seal is a keyed hash of a row's number and hash
 * that stands nowhere but in meta, and there only for the newest row: who cuts the trail off
 * cannot make one for what is left, and a row appended afterwards breaks the chain. Not found
 * is an older copy of the whole database; and who has root and the key can forge anything: send
 * the trail elsewhere where that matters.
 *
 * A trail that is broken stays on record as it is: a row AUDIT_RESEAL is bound not to the row
 * before but to a keyed digest of all of them, to the byte, and the chain goes on from it. Nobody
 * can make one without the key, and none counts any more once something before it has changed.
 *
 * Another key would go on sealing where nothing can be verified: meta knows which key is the
 * store's by a keyed hash of a constant, which tells nothing else about it.
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

/* What meta has to say whose key it is. */
static bool
key_mac(struct store *st, unsigned char mac[MAC_SIZE])
{
	static const unsigned char key[] = "the key of this store";
	struct mac m;

	mac_begin(&m, st);
	mac_part(&m, key, sizeof(key));
	return mac_end(&m, mac);
}

/* All that the rows have so far been, to the byte. */
static void
digest_begin(struct mac *m, const struct store *st)
{
	static const unsigned char past[] = "what is on record";

	mac_begin(m, st);
	mac_part(m, past, sizeof(past));
}

static void
digest_row(struct mac *m, const struct stmt *q, const struct audit_row *row)
{
	mac_part(m, &row->id, sizeof(row->id));
	mac_part(m, &row->at, sizeof(row->at));
	for (int i = 2; i < 7; i++) {
		const void *value = sqlite3_column_blob(q->h, i);
		uint64_t n = (uint64_t)sqlite3_column_bytes(q->h, i);

		mac_part(m, &n, sizeof(n));
		if (value != NULL)
			mac_part(m, value, n);
	}
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

static enum uadm_code
write_key(struct store *st, struct uadm_err *err)
{
	STMT q = stmt_make(st, "UPDATE meta SET key_check = :check");
	unsigned char check[MAC_SIZE];

	if (!key_mac(st, check))
		return no_mac(err);
	stmt_blob(&q, ":check", check, MAC_SIZE);
	return stmt_run(&q, err);
}

enum uadm_code
audit_begin(struct store *st, struct uadm_err *err)
{
	static const unsigned char none[MAC_SIZE];
	enum uadm_code c = write_key(st, err);

	return c == UADM_OK ? write_head(st, 0, none, err) : c;
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
	copy_mac(&q, 1, head);
	copy_mac(&q, 2, mac);
	*did = end_seal(st, stmt_col_int(&q, 0), mac, seal) &&
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
	    (c = write_key(st, err)) != UADM_OK)
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
	copy_mac(&q, 0, stored);
	stmt_done(&q);
	if (!known)
		return adopt_key(st, err);
	if (!key_mac(st, check))
		return no_mac(err);
	st->own_key = sodium_memcmp(stored, check, MAC_SIZE) == 0;
	return UADM_OK;
}

bool
store_key_is_its_own(const struct store *st)
{
	return st->own_key;
}

/* A row after `before`, and it is the newest. */
static enum uadm_code
write_row(struct store *st, const unsigned char before[MAC_SIZE], struct audit_row row,
    struct uadm_err *err)
{
	unsigned char mac[MAC_SIZE];
	enum uadm_code c;

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

enum uadm_code
audit_append(
    struct store *st, const struct audit_row *given, int64_t now, struct uadm_err *err)
{
	unsigned char before[MAC_SIZE];
	struct audit_row row = *given;
	enum uadm_code c;

	row.at = now;
	if ((c = read_head(st, &row.id, before, err)) != UADM_OK)
		return c;
	row.id++;
	return write_row(st, before, row, err);
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

/* The way through a trail, row by row. */
struct walk {
	unsigned char chain[MAC_SIZE]; /* what the next row is bound to */
	struct mac past;               /* all rows up to here */
	int64_t last;                  /* the number of the last */
};

static bool
walk_begin(struct walk *w, struct store *st)
{
	static const unsigned char none[MAC_SIZE];

	w->last = 0;
	digest_begin(&w->past, st);
	return end_seal(st, 0, none, w->chain);
}

/* A field longer than our struct, or with a NUL in it, was not written by us. */
static bool
row_is_right(struct store *st, const struct stmt *q, const struct audit_row *row,
    unsigned char chain[MAC_SIZE])
{
	unsigned char stored[MAC_SIZE], mac[MAC_SIZE];

	copy_mac(q, 6, stored);
	if (!row_mac(st, chain, row, mac) || !end_seal(st, row->id, stored, chain))
		return false;
	for (int i = 2; i < 6; i++)
		if (strlen(stmt_col_peek(q, i)) !=
		    (size_t)sqlite3_column_bytes(q->h, i))
			return false;
	return sodium_memcmp(mac, stored, MAC_SIZE) == 0;
}

/* The first problem stays, until a row puts it on record. */
static void
say_problem(struct audit_verdict *v, int64_t id, const char *what)
{
	if (v->problem[0] != '\0')
		return;
	v->bad_id = id;
	snprintf(v->problem, sizeof(v->problem), "row %lld %s", (long long)id, what);
}

static void
judge_row(
    struct store *st, const struct stmt *q, struct walk *w, struct audit_verdict *v)
{
	struct audit_row row;
	bool reseals;

	read_row(q, &row);
	v->rows++;
	reseals = strcmp(row.action, AUDIT_RESEAL) == 0;
	if (reseals) {
		struct mac past = w->past;

		mac_end(&past, w->chain);
	} else if (row.id != w->last + 1) {
		say_problem(v, w->last + 1, "is missing");
	}
	if (!row_is_right(st, q, &row, w->chain)) {
		say_problem(v, row.id, "was changed, or is not where it was written");
	} else if (reseals) {
		v->problem[0] = '\0';
		v->bad_id = 0;
		v->resealed_at = row.id;
	}
	digest_row(&w->past, q, &row);
	w->last = row.id;
}

static void
judge_end(const struct walk *w, int64_t head_id, const unsigned char head[MAC_SIZE],
    struct audit_verdict *v)
{
	if (w->last < head_id)
		say_problem(v, w->last + 1, "is missing: the trail was cut off");
	else if (w->last > head_id)
		say_problem(v, w->last, "was added past the recorded end");
	else if (sodium_memcmp(w->chain, head, MAC_SIZE) != 0 && w->last > 0)
		say_problem(
		    v, w->last, "is not the recorded end: the trail was cut off");
	else if (sodium_memcmp(w->chain, head, MAC_SIZE) != 0 && v->problem[0] == '\0')
		snprintf(v->problem, sizeof(v->problem), "the whole trail was removed");
}

/* Within a transaction. *head_id is the number that meta has. */
static enum uadm_code
walk_all(struct store *st, struct walk *w, int64_t *head_id, struct audit_verdict *v,
    struct uadm_err *err)
{
	unsigned char head[MAC_SIZE];
	enum uadm_code c;
	bool more;

	*v = (struct audit_verdict){ 0 };
	if ((c = read_head(st, head_id, head, err)) != UADM_OK)
		return c;
	if (!walk_begin(w, st))
		return no_mac(err);
	STMT q = stmt_make(st,
	    "SELECT id, at, actor, action, target, detail, mac FROM audit ORDER BY id");
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more)
		judge_row(st, &q, w, v);
	if (c == UADM_OK)
		judge_end(w, *head_id, head, v);
	return c;
}

enum uadm_code
audit_verify(struct store *st, struct audit_verdict *v, struct uadm_err *err)
{
	struct walk w;
	int64_t head_id;
	TXN t = { 0 };
	enum uadm_code c = txn_read(&t, st, err);

	return c == UADM_OK ? walk_all(st, &w, &head_id, v, err) : c;
}

/* Who breaks a trail may have taken off what keeps it. */
static enum uadm_code
keep_again(struct store *st, struct uadm_err *err)
{
	int rc = sqlite3_exec(st->db,
	    "DROP TRIGGER IF EXISTS main.audit_keep; DROP TRIGGER IF EXISTS main.audit_same;" AUDIT_KEEP
		AUDIT_SAME,
	    NULL, NULL, NULL);

	return rc == SQLITE_OK ? UADM_OK : store_fail(st, rc, err);
}

enum uadm_code
audit_reseal(struct store *st, const char *actor, bool other_key, int64_t now,
    struct audit_verdict *v, struct uadm_err *err)
{
	struct audit_row row = { .at = now, .action = AUDIT_RESEAL };
	unsigned char past[MAC_SIZE];
	struct walk w;
	int64_t head_id;
	enum uadm_code c = walk_all(st, &w, &head_id, v, err);

	if (c != UADM_OK || (v->problem[0] == '\0' && st->own_key))
		return c;
	row.id = w.last > head_id ? w.last : head_id;
	if (row.id < 0 || row.id == INT64_MAX)
		return uadm_fail(err, UADM_UNAVAILABLE,
		    "no row can come after row %lld of the trail", (long long)row.id);
	row.id++;
	snprintf(row.actor, sizeof(row.actor), "%s", actor);
	other_key = other_key || !st->own_key;
	snprintf(row.detail, sizeof(row.detail), "rows=%lld %s%s", (long long)v->rows,
	    other_key ? "key=other" : "problem=", other_key ? "" : v->problem);
	if (!mac_end(&w.past, past))
		return no_mac(err);
	if ((c = keep_again(st, err)) != UADM_OK ||
	    (c = write_row(st, past, row, err)) != UADM_OK)
		return c;
	v->resealed_at = row.id;
	return write_key(st, err);
}
