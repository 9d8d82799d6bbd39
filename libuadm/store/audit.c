/*
 * Threat: somebody with the database but without the key edits, removes, reorders or cuts off
 * what tells on them. Each row's hash covers its own fields and the seal of the row before, ids
 * have no gaps, and meta has the newest seal. A seal is a keyed hash of a row's number and hash
 * that stands nowhere but in meta, and there only for the newest row: who cuts the trail off
 * cannot make one for what is left, and a row appended afterwards breaks the chain. Not found
 * is an older copy of the whole database; and who has root and the key can forge anything: send
 * the trail elsewhere where that matters.
 */
#include "libuadm/store/audit_seal.h"

enum uadm_code
audit_row_write(struct store *st, const unsigned char before[MAC_SIZE],
    struct audit_row row, struct uadm_err *err)
{
	unsigned char mac[MAC_SIZE];
	enum uadm_code c;

	if (!seal_row(st, before, &row, mac))
		return seal_failed(err);
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
	/* Its number is taken: somebody has added to the trail. */
	if ((c = stmt_run(&q, err)) == UADM_INVALID)
		return uadm_hint(err, "uadmctl audit verify tells more");
	if (c != UADM_OK)
		return c;
	return seal_write_head(st, row.id, mac, err);
}

enum uadm_code
audit_append(
    struct store *st, const struct audit_row *given, int64_t now, struct uadm_err *err)
{
	unsigned char before[MAC_SIZE];
	struct audit_row row = *given;
	enum uadm_code c;

	row.at = now;
	if ((c = seal_read_head(st, &row.id, before, err)) != UADM_OK)
		return c;
	row.id++;
	return audit_row_write(st, before, row, err);
}

void
audit_row_read(const struct stmt *q, struct audit_row *row)
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
		audit_row_read(&q, &row);
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
