#include "libuadm/store/tags.h"

#include "libuadm/store/private.h"

enum uadm_code
tags_set(struct store *st, uid_t uid, const char *tag, bool on, bool *changed,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    on ? "INSERT INTO tag (uid, tag) VALUES (:uid, :tag) ON CONFLICT DO NOTHING"
	       : "DELETE FROM tag WHERE uid = :uid AND tag = :tag");
	enum uadm_code c;

	stmt_int(&q, ":uid", uid);
	stmt_text(&q, ":tag", tag);
	c = stmt_run(&q, err);
	*changed = c == UADM_OK && store_changes(st) > 0;
	return c;
}

enum uadm_code
tags_each(struct store *st,
    enum uadm_code (*found)(void *, const char *, int64_t, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	STMT q =
	    stmt_make(st, "SELECT tag, count(*) FROM tag GROUP BY tag ORDER BY tag");
	enum uadm_code c;
	bool more;

	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more)
		if ((c = found(arg, stmt_col_peek(&q, 0), stmt_col_int(&q, 1), err)) !=
		    UADM_OK)
			return c;
	return c;
}
