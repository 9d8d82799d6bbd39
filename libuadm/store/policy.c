#include "libuadm/store/policy.h"

#include "libuadm/store/private.h"

static enum uadm_code
each(struct stmt *q, policy_found *found, void *arg, struct uadm_err *err)
{
	enum uadm_code c;
	bool more;

	while ((c = stmt_row(q, &more, err)) == UADM_OK && more) {
		const struct policy_place place = { .account = stmt_col_int(q, 0),
			.role = stmt_col_int(q, 1),
			.own = stmt_col_int(q, 2) != 0 };

		if ((c = found(arg, &place, stmt_col_peek(q, 3), stmt_col_int(q, 4),
			 err)) != UADM_OK)
			return c;
	}
	return c;
}

enum uadm_code
policy_each(struct store *st, int64_t account, int64_t role, policy_found *found,
    void *arg, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT account, role, own, key, value FROM policy "
	    "WHERE account = :account AND role IN (0, :role)");

	stmt_int(&q, ":account", account);
	stmt_int(&q, ":role", role);
	return each(&q, found, arg, err);
}

enum uadm_code
policy_each_of(struct store *st, uid_t uid, int64_t now, policy_found *found, void *arg,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT p.account, p.role, p.own, p.key, p.value FROM membership m "
	    "CROSS JOIN policy p ON p.account = m.account AND p.role IN (0, "
	    "iif(m.then_role IS NOT NULL AND m.ends_at <= :now, m.then_role, m.role)) "
	    "WHERE m.uid = :uid AND m.principal = 1");

	stmt_int(&q, ":now", now);
	stmt_int(&q, ":uid", uid);
	return each(&q, found, arg, err);
}

enum uadm_code
policy_each_account(
    struct store *st, policy_found *found, void *arg, struct uadm_err *err)
{
	STMT q = stmt_make(
	    st, "SELECT account, role, own, key, value FROM policy WHERE account <> 0");

	return each(&q, found, arg, err);
}

static void
bind_place(struct stmt *q, const struct policy_place *place, const char *key)
{
	stmt_int(q, ":account", place->account);
	stmt_int(q, ":role", place->role);
	stmt_int(q, ":own", place->own);
	stmt_text(q, ":key", key);
}

enum uadm_code
policy_keep(struct store *st, const struct policy_place *place, const char *key,
    int64_t value, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "INSERT INTO policy (account, role, own, key, value) "
	    "VALUES (:account, :role, :own, :key, :value) "
	    "ON CONFLICT (account, role, own, key) DO UPDATE SET value = :value");

	bind_place(&q, place, key);
	stmt_int(&q, ":value", value);
	return stmt_run(&q, err);
}

enum uadm_code
policy_drop(struct store *st, const struct policy_place *place, const char *key,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "DELETE FROM policy WHERE account = :account AND role = :role "
	    "AND own = :own AND key = :key");

	bind_place(&q, place, key);
	return stmt_run(&q, err);
}
