#include "libuadm/store/old_passwords.h"

#include "libuadm/store/private.h"

/* By number and not by time: clocks are set. */
static enum uadm_code
trim(struct store *st, uid_t uid, int64_t keep, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "DELETE FROM old_password WHERE uid = :uid AND id NOT IN "
	    "(SELECT id FROM old_password WHERE uid = :uid ORDER BY id DESC LIMIT :keep)");

	stmt_int(&q, ":uid", uid);
	stmt_int(&q, ":keep", keep < 0 ? 0 : keep);
	return stmt_run(&q, err);
}

static enum uadm_code
add(struct store *st, uid_t uid, const struct verifier *v, int64_t now,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "INSERT INTO old_password (uid, verifier, replaced_at) "
	    "VALUES (:uid, :verifier, :now)");

	stmt_int(&q, ":uid", uid);
	stmt_text(&q, ":verifier", v->text);
	stmt_int(&q, ":now", now);
	return stmt_run(&q, err);
}

enum uadm_code
old_passwords_push(struct store *st, uid_t uid, const struct verifier *v, int64_t keep,
    int64_t now, struct uadm_err *err)
{
	enum uadm_code c = keep > 0 ? add(st, uid, v, now, err) : UADM_OK;

	return c == UADM_OK ? trim(st, uid, keep, err) : c;
}

enum uadm_code
old_passwords_get(struct store *st, uid_t uid, int64_t most, struct verifier *out,
    int64_t *count, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT verifier FROM old_password WHERE uid = :uid ORDER BY id DESC LIMIT :most");
	enum uadm_code c;
	bool more;

	*count = 0;
	stmt_int(&q, ":uid", uid);
	stmt_int(&q, ":most", most < 0 ? 0 : most);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more && *count < most)
		stmt_col_text(&q, 0, out[(*count)++].text, sizeof(out->text));
	return c;
}
