/*
 * audit_verify.c - is the trail whole, and how to go on when it is not.
 *
 * A trail that is broken stays on record as it is: a row AUDIT_RESEAL is bound not to the row
 * before but to a keyed digest of all of them, to the byte, and the chain goes on from it. Nobody
 * can make one without the key, and none counts any more once something before it has changed.
 */
#include "libuadm/store/audit_seal.h"

#include <string.h>

/* All that the rows have so far been, to the byte. */
static void
digest_begin(struct seal *m, const struct store *st)
{
	static const unsigned char past[] = "what is on record";

	seal_begin(m, st);
	seal_part(m, past, sizeof(past));
}

/* What a row that is right has in it follows from its number and hash. */
static void
digest_right(struct seal *m, const struct stmt *q, const struct audit_row *row)
{
	unsigned char part[1 + sizeof(row->id) + MAC_SIZE] = { 1 };

	memcpy(part + 1, &row->id, sizeof(row->id));
	seal_copy(q, 6, part + 1 + sizeof(row->id));
	seal_part(m, part, sizeof(part));
}

static void
digest_wrong(struct seal *m, const struct stmt *q, const struct audit_row *row)
{
	static const unsigned char wrong = 0;

	seal_part(m, &wrong, sizeof(wrong));
	seal_part(m, &row->id, sizeof(row->id));
	seal_part(m, &row->at, sizeof(row->at));
	for (int i = 2; i < 7; i++) {
		const void *value = sqlite3_column_blob(q->h, i);
		uint64_t n = (uint64_t)sqlite3_column_bytes(q->h, i);

		seal_part(m, &n, sizeof(n));
		if (value != NULL)
			seal_part(m, value, n);
	}
}

/* The way through a trail, row by row. */
struct walk {
	unsigned char chain[MAC_SIZE]; /* what the next row is bound to */
	struct seal past;              /* all rows up to here */
	int64_t last;                  /* the number of the last */
};

static bool
walk_begin(struct walk *w, struct store *st)
{
	static const unsigned char none[MAC_SIZE];

	w->last = 0;
	digest_begin(&w->past, st);
	return seal_newest(st, 0, none, w->chain);
}

/* A field longer than our struct, or with a NUL in it, was not written by us. */
static bool
row_is_right(struct store *st, const struct stmt *q, const struct audit_row *row,
    unsigned char chain[MAC_SIZE])
{
	unsigned char stored[MAC_SIZE], mac[MAC_SIZE];

	seal_copy(q, 6, stored);
	if (!seal_row(st, chain, row, mac) || !seal_newest(st, row->id, stored, chain))
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
put_on_record(struct audit_verdict *v, int64_t id)
{
	v->problem[0] = '\0';
	v->bad_id = 0;
	v->resealed_at = id;
}

static void
judge_row(
    struct store *st, const struct stmt *q, struct walk *w, struct audit_verdict *v)
{
	struct audit_row row;
	bool reseals;

	audit_row_read(q, &row);
	v->rows++;
	reseals = strcmp(row.action, AUDIT_RESEAL) == 0;
	if (reseals) {
		struct seal past = w->past;

		seal_end(&past, w->chain);
	} else if (row.id != w->last + 1) {
		say_problem(v, w->last + 1, "is missing");
	}
	if (row_is_right(st, q, &row, w->chain)) {
		if (reseals)
			put_on_record(v, row.id);
		digest_right(&w->past, q, &row);
	} else {
		say_problem(v, row.id, "was changed, or is not where it was written");
		digest_wrong(&w->past, q, &row);
	}
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
	if ((c = seal_read_head(st, head_id, head, err)) != UADM_OK)
		return c;
	if (!walk_begin(w, st))
		return seal_failed(err);
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
	if (!seal_end(&w.past, past))
		return seal_failed(err);
	if ((c = keep_again(st, err)) != UADM_OK ||
	    (c = audit_row_write(st, past, row, err)) != UADM_OK)
		return c;
	v->resealed_at = row.id;
	return seal_write_key(st, err);
}
