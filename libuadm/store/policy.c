#include "libuadm/store/policy.h"

#include "libuadm/store/private.h"

enum uadm_code
policy_each(struct store *st, int64_t account,
    enum uadm_code (*found)(void *, const char *, int64_t, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	STMT q =
	    stmt_make(st, "SELECT key, value FROM policy WHERE account = :account");
	enum uadm_code c;
	bool more;

	stmt_int(&q, ":account", account);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more)
		if ((c = found(arg, stmt_col_peek(&q, 0), stmt_col_int(&q, 1), err)) !=
		    UADM_OK)
			return c;
	return c;
}

enum uadm_code
policy_keep(struct store *st, int64_t account, const char *key, int64_t value,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "INSERT INTO policy (account, key, value) VALUES (:account, :key, :value) "
	    "ON CONFLICT (account, key) DO UPDATE SET value = :value");

	stmt_int(&q, ":account", account);
	stmt_text(&q, ":key", key);
	stmt_int(&q, ":value", value);
	return stmt_run(&q, err);
}

enum uadm_code
policy_drop(struct store *st, int64_t account, const char *key, struct uadm_err *err)
{
	STMT q =
	    stmt_make(st, "DELETE FROM policy WHERE account = :account AND key = :key");

	stmt_int(&q, ":account", account);
	stmt_text(&q, ":key", key);
	return stmt_run(&q, err);
}
