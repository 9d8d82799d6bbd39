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
