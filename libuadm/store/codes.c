#include "libuadm/store/codes.h"

#include "libuadm/store/private.h"

#include <string.h>

static const char *const words[] = { [CODE_NONE] = "none",
	[CODE_INVITATION] = "invitation",
	[CODE_RESET] = "reset",
	[CODE_SELF] = "self-reset" };

const char *
code_kind_word(enum code_kind kind)
{
	return (size_t)kind < ARRAY_LEN(words) ? words[kind] : words[CODE_NONE];
}

static enum code_kind
kind_of(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(words[i], word) == 0)
			return (enum code_kind)i;
	return CODE_NONE;
}

#define LIVE "(expires_at > :wall AND :steady - made_steady < lifetime * 1000) "

static void
bind_clock(struct stmt *q, const struct code_clock *now)
{
	stmt_int(q, ":wall", now->wall);
	stmt_int(q, ":steady", now->steady);
}

enum uadm_code
codes_put(struct store *st, uid_t uid, const struct code *code, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "INSERT OR REPLACE INTO code (uid, kind, hash, made_at, expires_at, made_steady, "
	    "lifetime, attempts) VALUES (:uid, :kind, :hash, :made, :expires, :steady, "
	    ":lifetime, 0)");

	stmt_int(&q, ":uid", uid);
	stmt_text(&q, ":kind", code_kind_word(code->kind));
	stmt_text(&q, ":hash", code->hash);
	stmt_int(&q, ":made", code->made_at);
	stmt_int(&q, ":expires", code->expires_at);
	stmt_int(&q, ":steady", code->made_steady);
	stmt_int(&q, ":lifetime", code->lifetime);
	return stmt_run(&q, err);
}

enum uadm_code
codes_live(struct store *st, uid_t uid, const struct code_clock *now,
    struct code out[CODE_KINDS], size_t *count, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT kind, hash, made_at, expires_at, made_steady, lifetime, attempts "
	    "FROM code WHERE uid = :uid AND " LIVE);
	enum uadm_code c = UADM_OK;
	bool more;

	*count = 0;
	stmt_int(&q, ":uid", uid);
	bind_clock(&q, now);
	while (
	    *count < CODE_KINDS && (c = stmt_row(&q, &more, err)) == UADM_OK && more) {
		struct code *code = &out[(*count)++];

		*code = (struct code){ .kind = kind_of(stmt_col_peek(&q, 0)) };
		stmt_col_text(&q, 1, code->hash, sizeof(code->hash));
		code->made_at = stmt_col_int(&q, 2);
		code->expires_at = stmt_col_int(&q, 3);
		code->made_steady = stmt_col_int(&q, 4);
		code->lifetime = stmt_col_int(&q, 5);
		code->attempts = stmt_col_int(&q, 6);
	}
	return c;
}

enum uadm_code
codes_claim(struct store *st, uid_t uid, const char *hash, const struct code_clock *now,
    enum code_kind *kind, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "DELETE FROM code WHERE uid = :uid AND hash = :hash AND " LIVE
	    "RETURNING kind");
	enum uadm_code c;
	bool more;

	*kind = CODE_NONE;
	stmt_int(&q, ":uid", uid);
	stmt_text(&q, ":hash", hash);
	bind_clock(&q, now);
	if ((c = stmt_row(&q, &more, err)) != UADM_OK || !more)
		return c;
	*kind = kind_of(stmt_col_peek(&q, 0));
	return stmt_row(&q, &more, err);
}

enum uadm_code
codes_drop(struct store *st, uid_t uid, enum code_kind kind, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "DELETE FROM code WHERE uid = :uid AND (:kind IS NULL OR kind = :kind)");

	stmt_int(&q, ":uid", uid);
	stmt_text(&q, ":kind", kind == CODE_NONE ? NULL : code_kind_word(kind));
	return stmt_run(&q, err);
}

enum uadm_code
codes_count_attempt(struct store *st, uid_t uid, struct uadm_err *err)
{
	STMT q =
	    stmt_make(st, "UPDATE code SET attempts = attempts + 1 WHERE uid = :uid");

	stmt_int(&q, ":uid", uid);
	return stmt_run(&q, err);
}

enum uadm_code
codes_drop_over(
    struct store *st, const struct code_clock *now, bool *any, struct uadm_err *err)
{
	STMT q = stmt_make(st, "DELETE FROM code WHERE NOT " LIVE);
	enum uadm_code c;

	bind_clock(&q, now);
	c = stmt_run(&q, err);
	*any = c == UADM_OK && store_changes(st) > 0;
	return c;
}

enum uadm_code
proofs_mark_code(struct store *st, const struct process *p, uid_t uid, const char *hash,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "UPDATE proof SET code = :hash WHERE pid = :pid AND pid_start = :start "
	    "AND uid = :uid");

	stmt_int(&q, ":pid", p->pid);
	stmt_int(&q, ":start", p->start);
	stmt_int(&q, ":uid", uid);
	stmt_text(&q, ":hash", hash);
	return stmt_run(&q, err);
}

/* As proofs_find() has it. */
#define KIN                                                                            \
	"uid = :uid AND code IS NOT NULL AND at >= :boot "                             \
	"AND ((pid = :pid AND pid_start = :start) "                                    \
	"OR (parent = :pid AND parent_start IN (0, :start)) "                          \
	"OR (pid = :ppid AND pid_start = :pstart))"

static void
bind_kin(struct stmt *q, const struct process *p, const struct process *parent,
    uid_t uid, int64_t boot)
{
	stmt_int(q, ":uid", uid);
	stmt_int(q, ":boot", boot);
	stmt_int(q, ":pid", p->pid);
	stmt_int(q, ":start", p->start);
	stmt_int(q, ":ppid", parent->pid);
	stmt_int(q, ":pstart", parent->start);
}

enum uadm_code
proofs_by_code(struct store *st, const struct process *p, const struct process *parent,
    uid_t uid, int64_t boot, bool *by_code, char hash[CODE_HASH_SIZE],
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT CASE WHEN pid = :pid AND pid_start = :start THEN code END FROM proof "
	    "WHERE " KIN " ORDER BY 1 DESC LIMIT 1");
	enum uadm_code c;

	hash[0] = '\0';
	bind_kin(&q, p, parent, uid, boot);
	if ((c = stmt_row(&q, by_code, err)) == UADM_OK && *by_code)
		stmt_col_text(&q, 0, hash, CODE_HASH_SIZE);
	return c;
}

enum uadm_code
proofs_any_code(struct store *st, uid_t uid, bool *any, struct uadm_err *err)
{
	STMT q = stmt_make(
	    st, "SELECT 1 FROM proof WHERE uid = :uid AND code IS NOT NULL LIMIT 1");

	stmt_int(&q, ":uid", uid);
	return stmt_row(&q, any, err);
}

enum uadm_code
proofs_have_password(struct store *st, const struct process *p,
    const struct process *parent, uid_t uid, int64_t boot, struct uadm_err *err)
{
	STMT q = stmt_make(st, "UPDATE proof SET code = NULL WHERE " KIN);

	bind_kin(&q, p, parent, uid, boot);
	return stmt_run(&q, err);
}

enum uadm_code
invitations_put(struct store *st, const struct invitation *i, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "INSERT OR REPLACE INTO invitation (uid, account, invited_at, invited_by) "
	    "VALUES (:uid, :account, :at, :by)");

	stmt_int(&q, ":uid", i->uid);
	stmt_int(&q, ":account", i->account);
	stmt_int(&q, ":at", i->invited_at);
	stmt_text(&q, ":by", i->invited_by);
	return stmt_run(&q, err);
}

enum uadm_code
invitations_drop(struct store *st, uid_t uid, struct uadm_err *err)
{
	STMT q = stmt_make(st, "DELETE FROM invitation WHERE uid = :uid");

	stmt_int(&q, ":uid", uid);
	return stmt_run(&q, err);
}

enum uadm_code
invitations_accept(
    struct store *st, uid_t uid, int64_t now, bool *any, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "UPDATE membership SET state = 'active', since = :now WHERE uid = :uid "
	    "AND state = 'pending' AND (principal = 1 OR account IN "
	    "(SELECT i.account FROM invitation i WHERE i.uid = :uid))");
	enum uadm_code c;

	stmt_int(&q, ":uid", uid);
	stmt_int(&q, ":now", now);
	c = stmt_run(&q, err);
	*any = c == UADM_OK && store_changes(st) > 0;
	return c == UADM_OK ? invitations_drop(st, uid, err) : c;
}

enum uadm_code
invitations_end(struct store *st, uid_t uid, int64_t now, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "UPDATE membership SET state = 'ended', ends_at = NULL, then_role = NULL, since = :now "
	    "WHERE uid = :uid AND state = 'pending' "
	    "AND account IN (SELECT i.account FROM invitation i WHERE i.uid = :uid)");
	enum uadm_code c;

	stmt_int(&q, ":uid", uid);
	stmt_int(&q, ":now", now);
	c = stmt_run(&q, err);
	return c == UADM_OK ? invitations_drop(st, uid, err) : c;
}

enum uadm_code
invitations_each(struct store *st, const char *account, const struct code_clock *now,
    enum uadm_code (*found)(void *, const struct invitation *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT i.uid, i.account, i.invited_at, i.invited_by, u.name, u.email, g.name, "
	    "o.name, (SELECT max(c.expires_at) FROM code c WHERE c.uid = i.uid AND " LIVE
	    "), (SELECT sum(c.attempts) FROM code c WHERE c.uid = i.uid) "
	    "FROM invitation i JOIN user u ON u.uid = i.uid "
	    "LEFT JOIN \"group\" g ON g.gid = i.account "
	    "LEFT JOIN membership m ON m.account = i.account AND m.uid = i.uid "
	    "LEFT JOIN role o ON o.id = m.role "
	    "WHERE :account IS NULL OR g.name = :account ORDER BY u.name, g.name");
	struct invitation i;
	enum uadm_code c;
	bool more;

	stmt_text(&q, ":account", account);
	bind_clock(&q, now);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more) {
		i = (struct invitation){ .uid = (uid_t)stmt_col_int(&q, 0),
			.account = (gid_t)stmt_col_int(&q, 1),
			.invited_at = stmt_col_int(&q, 2),
			.expires_at = stmt_col_int(&q, 8),
			.attempts = stmt_col_int(&q, 9) };
		stmt_col_text(&q, 3, i.invited_by, sizeof(i.invited_by));
		stmt_col_text(&q, 4, i.name, sizeof(i.name));
		stmt_col_text(&q, 5, i.email, sizeof(i.email));
		stmt_col_text(&q, 6, i.account_name, sizeof(i.account_name));
		stmt_col_text(&q, 7, i.role_name, sizeof(i.role_name));
		if ((c = found(arg, &i, err)) != UADM_OK)
			return c;
	}
	return c;
}
