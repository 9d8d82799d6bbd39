#include "libuadm/store/members.h"

#include "libuadm/store/private.h"
#include "libuadm/store/roles.h"

#include <string.h>

static const char *const states[] = {
	[MEMBER_ENDED] = "ended",
	[MEMBER_PENDING] = "pending",
	[MEMBER_SUSPENDED] = "suspended",
	[MEMBER_ACTIVE] = "active",
};

const char *
member_state_word(enum member_state state)
{
	return (size_t)state < ARRAY_LEN(states) ? states[state] : states[MEMBER_ENDED];
}

enum member_state
member_state_of(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		if (strcmp(word, states[i]) == 0)
			return (enum member_state)i;
	return MEMBER_ENDED;
}

#define COLUMNS                                                                           \
	"SELECT m.account, m.uid, g.name, u.name, m.principal, m.state, m.role, o.name, " \
	"m.ends_at, m.then_role, coalesce(t.name, ''), m.since, a.suspended_at, "         \
	"o.shipped, coalesce(t.shipped, 0) "
#define JOINS                                                                                    \
	"CROSS JOIN account a ON a.gid = m.account CROSS JOIN \"group\" g ON g.gid = m.account " \
	"CROSS JOIN user u ON u.uid = m.uid CROSS JOIN role o ON o.id = m.role "                 \
	"LEFT JOIN role t ON t.id = m.then_role "

static void
read_member(const struct stmt *q, struct member *m)
{
	memset(m, 0, sizeof(*m));
	m->account = (gid_t)stmt_col_int(q, 0);
	m->uid = (uid_t)stmt_col_int(q, 1);
	stmt_col_text(q, 2, m->account_name, sizeof(m->account_name));
	stmt_col_text(q, 3, m->user_name, sizeof(m->user_name));
	m->principal = stmt_col_int(q, 4) != 0;
	m->state = member_state_of(stmt_col_peek(q, 5));
	m->role = stmt_col_int(q, 6);
	stmt_col_text(q, 7, m->role_name, sizeof(m->role_name));
	m->ends_at = stmt_col_int(q, 8);
	m->then_role = stmt_col_int(q, 9);
	stmt_col_text(q, 10, m->then_role_name, sizeof(m->then_role_name));
	m->since = stmt_col_int(q, 11);
	m->account_suspended = stmt_col_int(q, 12) != 0;
	m->role_shipped = stmt_col_int(q, 13) != 0;
	m->then_shipped = stmt_col_int(q, 14) != 0;
}

enum uadm_code
members_get(
    struct store *st, gid_t account, uid_t uid, struct member *m, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    COLUMNS "FROM membership m " JOINS
		    "WHERE m.account = :account AND m.uid = :uid");
	enum uadm_code c;

	stmt_int(&q, ":account", account);
	stmt_int(&q, ":uid", uid);
	if ((c = stmt_one(&q, err)) == UADM_OK)
		read_member(&q, m);
	return c;
}

enum uadm_code
members_any(struct store *st, uid_t uid, bool *any, struct uadm_err *err)
{
	STMT q = stmt_make(st, "SELECT 1 FROM membership WHERE uid = :uid LIMIT 1");

	stmt_int(&q, ":uid", uid);
	return stmt_row(&q, any, err);
}

static enum uadm_code
each(struct stmt *q,
    enum uadm_code (*found)(void *, const struct member *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	struct member m;
	enum uadm_code c;
	bool more;

	while ((c = stmt_row(q, &more, err)) == UADM_OK && more) {
		read_member(q, &m);
		if ((c = found(arg, &m, err)) != UADM_OK)
			return c;
	}
	return c;
}

/* The `+` keeps the members of one account from being looked for among all users, for the sake of
 * an order that a few names are quickly put into. */
enum uadm_code
members_each(struct store *st, const struct member_filter *filter,
    enum uadm_code (*found)(void *, const struct member *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    filter->uid == 0
		? COLUMNS "FROM membership m " JOINS
			  "WHERE m.account = :key AND (:ended OR m.state <> 'ended') "
			  "ORDER BY +u.name"
		: COLUMNS "FROM membership m INDEXED BY membership_of_user " JOINS
			  "WHERE m.uid = :key AND (:ended OR m.state <> 'ended') "
			  "AND (:only = 0 OR m.account = :only OR m.principal = 1) "
			  "ORDER BY -m.principal, +g.name");

	stmt_int(&q, ":key", filter->uid == 0 ? filter->account : filter->uid);
	if (filter->uid != 0)
		stmt_int(&q, ":only", filter->account);
	stmt_int(&q, ":ended", filter->ended);
	return each(&q, found, arg, err);
}

enum uadm_code
members_each_due(struct store *st, int64_t now,
    enum uadm_code (*found)(void *, const struct member *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    COLUMNS "FROM membership m INDEXED BY membership_end " JOINS
		    "WHERE m.ends_at IS NOT NULL AND m.ends_at <= :now "
		    "ORDER BY m.ends_at, m.account, m.uid");

	stmt_int(&q, ":now", now);
	return each(&q, found, arg, err);
}

static void
bind_member(struct stmt *q, const struct member *m)
{
	stmt_int(q, ":account", m->account);
	stmt_int(q, ":uid", m->uid);
	stmt_int(q, ":role", m->role);
	stmt_int(q, ":principal", m->principal);
	stmt_text(q, ":state", member_state_word(m->state));
	stmt_time(q, ":ends", m->ends_at);
	stmt_time(q, ":then", m->then_role);
	stmt_int(q, ":since", m->since);
}

enum uadm_code
members_insert(struct store *st, const struct member *m, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "INSERT INTO membership (account, uid, role, principal, state, ends_at, then_role, "
	    "since) VALUES (:account, :uid, :role, :principal, :state, :ends, :then, :since)");

	bind_member(&q, m);
	return stmt_run(&q, err);
}

enum uadm_code
members_update(struct store *st, const struct member *m, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "UPDATE membership SET role = :role, principal = :principal, state = :state, "
	    "ends_at = :ends, then_role = :then, since = :since "
	    "WHERE account = :account AND uid = :uid");

	bind_member(&q, m);
	return stmt_run(&q, err);
}

enum uadm_code
members_set_principal(struct store *st, gid_t account, uid_t uid, struct uadm_err *err)
{
	/* There is never more than one. */
	STMT none = stmt_make(st,
	    "UPDATE membership SET principal = 0 WHERE uid = :uid AND principal = 1");
	STMT q = stmt_make(st,
	    "UPDATE membership SET principal = 1 WHERE account = :account AND uid = :uid");
	enum uadm_code c;

	stmt_int(&none, ":uid", uid);
	if ((c = stmt_run(&none, err)) != UADM_OK)
		return c;
	stmt_int(&q, ":account", account);
	stmt_int(&q, ":uid", uid);
	return stmt_run(&q, err);
}

enum uadm_code
members_set_right(struct store *st, gid_t account, uid_t uid, int64_t right,
    enum member_right how, bool *changed, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    how == MEMBER_RIGHT_OF_ROLE
		? "DELETE FROM membership_right WHERE account = :account AND uid = :uid "
		  "AND \"right\" = :right"
		: "INSERT INTO membership_right (account, uid, \"right\", allowed) "
		  "VALUES (:account, :uid, :right, :allowed) ON CONFLICT DO UPDATE "
		  "SET allowed = excluded.allowed WHERE allowed <> excluded.allowed");
	enum uadm_code c;

	stmt_int(&q, ":account", account);
	stmt_int(&q, ":uid", uid);
	stmt_int(&q, ":right", right);
	if (how != MEMBER_RIGHT_OF_ROLE)
		stmt_int(&q, ":allowed", how == MEMBER_RIGHT_GRANTED);
	c = stmt_run(&q, err);
	*changed = c == UADM_OK && store_changes(st) > 0;
	return c;
}

enum uadm_code
members_drop_rights(struct store *st, gid_t account, uid_t uid, struct uadm_err *err)
{
	STMT q = stmt_make(
	    st, "DELETE FROM membership_right WHERE account = :account AND uid = :uid");

	stmt_int(&q, ":account", account);
	stmt_int(&q, ":uid", uid);
	return stmt_run(&q, err);
}

enum uadm_code
members_each_right(struct store *st, gid_t account, uid_t uid,
    enum uadm_code (*found)(void *, const char *, bool, struct uadm_err *), void *arg,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT r.name, x.allowed FROM membership_right x JOIN \"right\" r "
	    "ON r.id = x.\"right\" WHERE x.account = :account AND x.uid = :uid "
	    "ORDER BY r.name");
	enum uadm_code c;
	bool more;

	stmt_int(&q, ":account", account);
	stmt_int(&q, ":uid", uid);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more)
		if ((c = found(arg, stmt_col_peek(&q, 0), stmt_col_int(&q, 1) != 0,
			 err)) != UADM_OK)
			return c;
	return c;
}

static enum uadm_code
read_beside(struct store *st, struct holding *h, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT \"right\", allowed FROM membership_right "
	    "WHERE account = :account AND uid = :uid");
	enum uadm_code c;
	bool more;

	stmt_int(&q, ":account", h->member.account);
	stmt_int(&q, ":uid", h->member.uid);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more) {
		int64_t id = stmt_col_int(&q, 0);
		struct rights *to = stmt_col_int(&q, 1) != 0 ? &h->allowed : &h->denied;

		if (id > 0 && id <= RIGHTS_MOST)
			to->bits[id / 64] |= UINT64_C(1) << (id % 64);
	}
	return c;
}

enum uadm_code
holdings_each(struct store *st, uid_t uid, gid_t account,
    enum uadm_code (*found)(void *, const struct holding *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	/* Of one account by its key: whoever is in a thousand is asked about a thousand times. */
	STMT q = stmt_make(st,
	    account != 0 ? COLUMNS "FROM membership m " JOINS
				   "WHERE m.account = :account "
				   "AND m.uid = :uid AND m.state <> 'ended'"
			 : COLUMNS
		"FROM membership m INDEXED BY membership_of_user " JOINS
		"WHERE m.uid = :uid AND m.state <> 'ended' ORDER BY m.account");
	enum uadm_code c;
	bool more;

	stmt_int(&q, ":uid", uid);
	if (account != 0)
		stmt_int(&q, ":account", account);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more) {
		struct holding h = { 0 };

		read_member(&q, &h.member);
		if ((c = roles_rights(st, h.member.role, &h.of_role, err)) != UADM_OK ||
		    (c = roles_rights(st, h.member.then_role, &h.of_then_role, err)) !=
			UADM_OK ||
		    (c = read_beside(st, &h, err)) != UADM_OK ||
		    (c = found(arg, &h, err)) != UADM_OK)
			return c;
	}
	return c;
}
