/*
 * verifiers.c - of users (users.h): what their passwords are checked against.
 */
#include "libuadm/store/private.h"
#include "libuadm/store/users.h"

#include <string.h>

enum uadm_code
users_count_imported(struct store *st, int64_t *n, struct uadm_err *err)
{
	STMT q = stmt_make(
	    st, "SELECT count(*) FROM password WHERE verifier NOT GLOB '$argon2id$*'");
	enum uadm_code c = stmt_one(&q, err);

	if (c == UADM_OK)
		*n = stmt_col_int(&q, 0);
	return c;
}

enum uadm_code
users_verifier(
    struct store *st, uid_t uid, struct verifier *v, bool *found, struct uadm_err *err)
{
	STMT q = stmt_make(st, "SELECT verifier FROM password WHERE uid = :uid");
	enum uadm_code c;

	memset(v, 0, sizeof(*v));
	stmt_int(&q, ":uid", uid);
	if ((c = stmt_row(&q, found, err)) == UADM_OK && *found)
		stmt_col_text(&q, 0, v->text, sizeof(v->text));
	return c;
}

enum uadm_code
users_imported_verifier(
    struct store *st, struct verifier *v, bool *found, struct uadm_err *err)
{
	/* In the words of the index password_imported, which SQLite takes for no others. */
	STMT q = stmt_make(st,
	    "SELECT verifier FROM password WHERE verifier NOT GLOB '$argon2id$*' "
	    "ORDER BY uid LIMIT 1");
	enum uadm_code c;

	memset(v, 0, sizeof(*v));
	if ((c = stmt_row(&q, found, err)) == UADM_OK && *found)
		stmt_col_text(&q, 0, v->text, sizeof(v->text));
	return c;
}

enum uadm_code
users_set_verifier(struct store *st, uid_t uid, const struct verifier *v, int64_t now,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "INSERT INTO password (uid, verifier, changed_at) VALUES (:uid, :verifier, :now) "
	    "ON CONFLICT (uid) DO UPDATE SET verifier = :verifier, changed_at = :now, "
	    "temporary_until = NULL, temporary_steady = NULL");

	stmt_int(&q, ":uid", uid);
	stmt_text(&q, ":verifier", v->text);
	stmt_int(&q, ":now", now);
	return stmt_run(&q, err);
}

enum uadm_code
users_drop_verifier(struct store *st, uid_t uid, struct uadm_err *err)
{
	STMT q = stmt_make(st, "DELETE FROM password WHERE uid = :uid");

	stmt_int(&q, ":uid", uid);
	return stmt_run(&q, err);
}

enum uadm_code
users_set_temporary(
    struct store *st, uid_t uid, int64_t until, int64_t steady, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "UPDATE password SET temporary_until = :until, temporary_steady = :steady "
	    "WHERE uid = :uid");

	stmt_int(&q, ":uid", uid);
	stmt_time(&q, ":until", until);
	stmt_int(&q, ":steady", steady);
	return stmt_run(&q, err);
}

enum uadm_code
users_swap_verifier(struct store *st, uid_t uid, const struct verifier *was,
    const struct verifier *v, bool *swapped, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "UPDATE password SET verifier = :verifier WHERE uid = :uid AND verifier = :was");
	enum uadm_code c;

	stmt_int(&q, ":uid", uid);
	stmt_text(&q, ":verifier", v->text);
	stmt_text(&q, ":was", was->text);
	c = stmt_run(&q, err);
	*swapped = c == UADM_OK && store_changes(st) == 1;
	return c;
}
