#include "libuadm/store/attempts.h"

#include "libuadm/store/private.h"

static enum uadm_code
read_lock(struct store *st, uid_t uid, struct attempt_counts *n, struct uadm_err *err)
{
	STMT q = stmt_make(st, "SELECT since FROM lockout WHERE uid = :uid");
	enum uadm_code c;

	stmt_int(&q, ":uid", uid);
	if ((c = stmt_row(&q, &n->lock_set, err)) == UADM_OK && n->lock_set)
		n->locked_at = stmt_col_int(&q, 0);
	return c;
}

enum uadm_code
attempts_count(struct store *st, uid_t uid, const char *source, int64_t since,
    int64_t now, struct attempt_counts *n, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT coalesce(sum(NOT flying), 0), coalesce(sum(flying), 0), "
	    "coalesce(sum(same AND NOT flying), 0), coalesce(sum(same AND flying), 0) FROM "
	    "(SELECT deadline IS NOT NULL AND deadline > :now AS flying, source IS :source AS same "
	    "FROM attempt WHERE uid = :uid AND started > :since)");
	enum uadm_code c;

	*n = (struct attempt_counts){ 0 };
	stmt_int(&q, ":uid", uid);
	stmt_int(&q, ":since", since);
	stmt_int(&q, ":now", now);
	stmt_text(&q, ":source", source);
	if ((c = stmt_one(&q, err)) != UADM_OK)
		return c;
	n->failures = stmt_col_int(&q, 0);
	n->in_flight = stmt_col_int(&q, 1);
	n->source_failures = stmt_col_int(&q, 2);
	n->source_in_flight = stmt_col_int(&q, 3);
	return read_lock(st, uid, n, err);
}

enum uadm_code
attempts_drop_old(struct store *st, uid_t uid, int64_t since, struct uadm_err *err)
{
	STMT q =
	    stmt_make(st, "DELETE FROM attempt WHERE uid = :uid AND started <= :since");

	stmt_int(&q, ":uid", uid);
	stmt_int(&q, ":since", since);
	return stmt_run(&q, err);
}

enum uadm_code
attempts_reserve(struct store *st, uid_t uid, const char *source, const char *service,
    int64_t now, int64_t deadline, int64_t wall, int64_t *id, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "INSERT INTO attempt (uid, source, started, deadline, at, service) "
	    "VALUES (:uid, :source, :now, :deadline, :wall, :service) RETURNING id");
	enum uadm_code c;

	stmt_int(&q, ":uid", uid);
	stmt_text(&q, ":source", source);
	stmt_int(&q, ":now", now);
	stmt_int(&q, ":deadline", deadline);
	stmt_int(&q, ":wall", wall);
	stmt_text(&q, ":service", service);
	if ((c = stmt_one(&q, err)) != UADM_OK)
		return c;
	*id = stmt_col_int(&q, 0);
	return stmt_run(&q, err);
}

enum uadm_code
attempts_fail(struct store *st, int64_t id, struct uadm_err *err)
{
	STMT q = stmt_make(st, "UPDATE attempt SET deadline = NULL WHERE id = :id");

	stmt_int(&q, ":id", id);
	return stmt_run(&q, err);
}

enum uadm_code
attempts_withdraw(struct store *st, int64_t id, struct uadm_err *err)
{
	STMT q = stmt_make(st, "DELETE FROM attempt WHERE id = :id");

	stmt_int(&q, ":id", id);
	return stmt_run(&q, err);
}

enum uadm_code
attempts_lock(
    struct store *st, uid_t uid, int64_t now, int64_t wall, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "INSERT INTO lockout (uid, since, at) VALUES (:uid, :now, :wall) "
	    "ON CONFLICT (uid) DO NOTHING");

	stmt_int(&q, ":uid", uid);
	stmt_int(&q, ":now", now);
	stmt_int(&q, ":wall", wall);
	return stmt_run(&q, err);
}

static enum uadm_code
drop_lock(struct store *st, uid_t uid, struct uadm_err *err)
{
	STMT q = stmt_make(st, "DELETE FROM lockout WHERE uid = :uid");

	stmt_int(&q, ":uid", uid);
	return stmt_run(&q, err);
}

enum uadm_code
attempts_clear(
    struct store *st, uid_t uid, int64_t now, int64_t but, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "DELETE FROM attempt WHERE uid = :uid "
	    "AND (deadline IS NULL OR deadline <= :now OR id = :but)");
	enum uadm_code c;

	stmt_int(&q, ":uid", uid);
	stmt_int(&q, ":now", now);
	stmt_int(&q, ":but", but);
	return (c = stmt_run(&q, err)) != UADM_OK ? c : drop_lock(st, uid, err);
}

enum uadm_code
attempts_unlock_expired(
    struct store *st, uid_t uid, int64_t locked_at, struct uadm_err *err)
{
	STMT q = stmt_make(
	    st, "DELETE FROM attempt WHERE uid = :uid AND started <= :locked_at");
	enum uadm_code c;

	stmt_int(&q, ":uid", uid);
	stmt_int(&q, ":locked_at", locked_at);
	return (c = stmt_run(&q, err)) != UADM_OK ? c : drop_lock(st, uid, err);
}

enum uadm_code
attempts_bucket(struct store *st, uint32_t bucket, int64_t wall, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "UPDATE bucket SET attempts = attempts + 1, at = :wall WHERE id = :bucket");

	stmt_int(&q, ":bucket", bucket);
	stmt_int(&q, ":wall", wall);
	return stmt_run(&q, err);
}

enum uadm_code
proofs_add(struct store *st, const struct process *p, uid_t uid, int64_t now,
    int64_t since, struct uadm_err *err)
{
	STMT old = stmt_make(st, "DELETE FROM proof WHERE at <= :since");
	enum uadm_code c;

	stmt_int(&old, ":since", since);
	if ((c = stmt_run(&old, err)) != UADM_OK)
		return c;
	STMT q = stmt_make(st,
	    "INSERT OR REPLACE INTO proof (pid, pid_start, parent, uid, at) "
	    "VALUES (:pid, :start, :parent, :uid, :now)");
	stmt_int(&q, ":pid", p->pid);
	stmt_int(&q, ":start", p->start);
	stmt_int(&q, ":parent", p->parent);
	stmt_int(&q, ":uid", uid);
	stmt_int(&q, ":now", now);
	return stmt_run(&q, err);
}

enum uadm_code
proofs_find(struct store *st, const struct process *p, const struct process *parent,
    uid_t uid, int64_t since, bool *found, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT 1 FROM proof WHERE uid = :uid AND at > :since "
	    "AND ((pid = :pid AND pid_start = :start) OR parent = :pid "
	    "OR (pid = :ppid AND pid_start = :pstart))");

	stmt_int(&q, ":uid", uid);
	stmt_int(&q, ":since", since);
	stmt_int(&q, ":pid", p->pid);
	stmt_int(&q, ":start", p->start);
	stmt_int(&q, ":ppid", parent->pid);
	stmt_int(&q, ":pstart", parent->start);
	return stmt_row(&q, found, err);
}
