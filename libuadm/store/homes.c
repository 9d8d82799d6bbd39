#include "libuadm/store/homes.h"

#include "libuadm/store/private.h"

enum uadm_code
homes_of_others(struct store *st, const char *home, uid_t uid,
    char name[UADM_NAME_SIZE], struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT name FROM user WHERE uid <> :uid AND (home = :home OR "
	    "substr(home, 1, length(:home) + 1) = :home || '/') ORDER BY name LIMIT 1");
	enum uadm_code c;
	bool more;

	name[0] = '\0';
	stmt_int(&q, ":uid", uid);
	stmt_text(&q, ":home", home);
	if ((c = stmt_row(&q, &more, err)) == UADM_OK && more)
		stmt_col_text(&q, 0, name, UADM_NAME_SIZE);
	return c;
}
