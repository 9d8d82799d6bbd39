#include "libuadm/store/attempts.h"

#include "libuadm/store/private.h"

/* The rows of one user, found by the index, with what each of them is. */
#define SORTED                                                                         \
	"FROM (SELECT a.source, a.started, a.local, " ATTEMPT_FLIES                    \
	" AS flies, " ATTEMPT_COUNTS                                                   \
	" AS counts FROM attempt a LEFT JOIN lockout l ON l.uid = a.uid "              \
	"WHERE a.uid = :uid) "

enum uadm_code
attempts_count(struct store *st, uid_t uid, const char *source,
    const struct attempt_window *w, struct attempt_counts *n, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT coalesce(sum(counts AND NOT local), 0), "
	    "coalesce(sum(flies AND NOT local), 0), "
	    "coalesce(sum(counts AND source IS :source), 0), "
	    "coalesce(sum(flies AND source IS :source), 0), coalesce(sum(counts), 0), "
	    "(SELECT since FROM lockout WHERE uid = :uid) " SORTED);
	enum uadm_code c;

	*n = (struct attempt_counts){ 0 };
	stmt_int(&q, ":uid", uid);
	stmt_window(&q, w);
	stmt_text(&q, ":source", source);
	if ((c = stmt_one(&q, err)) != UADM_OK)
		return c;
	n->failures = stmt_col_int(&q, 0);
	n->in_flight = stmt_col_int(&q, 1);
	n->source_failures = stmt_col_int(&q, 2);
	n->source_in_flight = stmt_col_int(&q, 3);
	n->all_failures = stmt_col_int(&q, 4);
	n->lock_set = sqlite3_column_type(q.h, 5) != SQLITE_NULL;
	n->locked_at = stmt_col_int(&q, 5);
	return UADM_OK;
}

enum uadm_code
attempts_each_failure(struct store *st, uid_t uid, const struct attempt_window *w,
    void (*found)(void *, const char *, int64_t), void *arg, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT source, started " SORTED "WHERE counts ORDER BY source, started");
	enum uadm_code c;
	bool more;

	stmt_int(&q, ":uid", uid);
	stmt_window(&q, w);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more)
		found(arg, stmt_col_peek(&q, 0), stmt_col_int(&q, 1));
	return c;
}

enum uadm_code
attempts_drop_old(
    struct store *st, uid_t uid, const struct attempt_window *w, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "DELETE FROM attempt WHERE uid = :uid AND started <= :since "
	    "AND (deadline IS NULL OR deadline <= :now)");

	stmt_int(&q, ":uid", uid);
	stmt_int(&q, ":since", w->since);
	stmt_int(&q, ":now", w->now);
	return stmt_run(&q, err);
}

enum uadm_code
attempts_drop_old_strangers(
    struct store *st, const struct attempt_window *w, bool *any, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "DELETE FROM attempt WHERE uid >= :first AND started <= :since "
	    "AND (deadline IS NULL OR deadline <= :now)");
	STMT locks =
	    stmt_make(st, "DELETE FROM lockout WHERE uid >= :first AND since <= :over");
	enum uadm_code c;

	stmt_int(&q, ":first", ATTEMPT_STRANGER);
	stmt_int(&q, ":since", w->since);
	stmt_int(&q, ":now", w->now);
	stmt_int(&locks, ":first", ATTEMPT_STRANGER);
	stmt_int(&locks, ":over", w->lock_over);
	if ((c = stmt_run(&q, err)) != UADM_OK)
		return c;
	*any = store_changes(st) > 0;
	if ((c = stmt_run(&locks, err)) == UADM_OK)
		*any = *any || store_changes(st) > 0;
	return c;
}

enum uadm_code
attempts_reserve(
    struct store *st, const struct attempt_entry *e, int64_t *id, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "INSERT INTO attempt (uid, source, local, started, deadline, at, service) "
	    "VALUES (:uid, :source, :local, :now, :deadline, :wall, :service) RETURNING id");
	enum uadm_code c;

	stmt_int(&q, ":uid", e->uid);
	stmt_text(&q, ":source", e->source);
	stmt_int(&q, ":local", e->local);
	stmt_int(&q, ":now", e->started);
	stmt_int(&q, ":deadline", e->deadline);
	stmt_int(&q, ":wall", e->wall);
	stmt_text(&q, ":service", e->service);
	if ((c = stmt_one(&q, err)) != UADM_OK)
		return c;
	*id = stmt_col_int(&q, 0);
	return stmt_run(&q, err);
}

enum uadm_code
attempts_fail(struct store *st, int64_t id, bool factor, struct uadm_err *err)
{
	STMT q = stmt_make(
	    st, "UPDATE attempt SET deadline = NULL, factor = :factor WHERE id = :id");

	stmt_int(&q, ":factor", factor);
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
attempts_succeed(struct store *st, uid_t uid, const char *source, bool factor,
    int64_t now, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "DELETE FROM attempt WHERE uid = :uid "
	    "AND (deadline IS NULL OR deadline <= :now) "
	    "AND (:factor OR NOT factor) "
	    "AND (NOT local OR source IS :source OR source = 'uid:' || :uid)");
	enum uadm_code c;

	stmt_int(&q, ":factor", factor);
	stmt_int(&q, ":uid", uid);
	stmt_int(&q, ":now", now);
	stmt_text(&q, ":source", source);
	return (c = stmt_run(&q, err)) != UADM_OK ? c : drop_lock(st, uid, err);
}

enum uadm_code
attempts_clear(struct store *st, uid_t uid, int64_t now, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "DELETE FROM attempt WHERE uid = :uid "
	    "AND (deadline IS NULL OR deadline <= :now)");
	enum uadm_code c;

	stmt_int(&q, ":uid", uid);
	stmt_int(&q, ":now", now);
	return (c = stmt_run(&q, err)) != UADM_OK ? c : drop_lock(st, uid, err);
}

enum uadm_code
attempts_unlock_expired(
    struct store *st, uid_t uid, int64_t now, int64_t locked_at, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "DELETE FROM attempt WHERE uid = :uid AND started <= :locked_at AND NOT local "
	    "AND (deadline IS NULL OR deadline <= :now)");
	enum uadm_code c;

	stmt_int(&q, ":uid", uid);
	stmt_int(&q, ":now", now);
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
proofs_add(struct store *st, const struct process *p, const struct process *parent,
    uid_t uid, bool factor, int64_t now, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "INSERT OR REPLACE INTO proof "
	    "(pid, pid_start, parent, parent_start, uid, at, factor) "
	    "VALUES (:pid, :start, :parent, :pstart, :uid, :now, :factor)");

	stmt_int(&q, ":pid", p->pid);
	stmt_int(&q, ":start", p->start);
	stmt_int(&q, ":parent", parent->pid);
	stmt_int(&q, ":pstart", parent->start);
	stmt_int(&q, ":uid", uid);
	stmt_int(&q, ":now", now);
	stmt_int(&q, ":factor", factor);
	return stmt_run(&q, err);
}

static enum uadm_code
drop_proof(struct store *st, int64_t pid, int64_t start, struct uadm_err *err)
{
	STMT q =
	    stmt_make(st, "DELETE FROM proof WHERE pid = :pid AND pid_start = :start");

	stmt_int(&q, ":pid", pid);
	stmt_int(&q, ":start", start);
	return stmt_run(&q, err);
}

enum uadm_code
proofs_reap(struct store *st, int64_t boot, int64_t old,
    bool (*lives)(void *, const struct process *), void *arg, struct uadm_err *err)
{
	STMT gone = stmt_make(st, "DELETE FROM proof WHERE at < :boot");
	STMT q = stmt_make(st, "SELECT pid, pid_start FROM proof WHERE at <= :old");
	enum uadm_code c;
	bool more;

	stmt_int(&gone, ":boot", boot);
	stmt_int(&q, ":old", old);
	if ((c = stmt_run(&gone, err)) != UADM_OK)
		return c;
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more) {
		const struct process p = { .pid = (pid_t)stmt_col_int(&q, 0),
			.start = stmt_col_int(&q, 1) };

		if (!lives(arg, &p) &&
		    (c = drop_proof(st, p.pid, p.start, err)) != UADM_OK)
			return c;
	}
	return c;
}

/* A parent whose start was not to be had is any process of that number. */
enum uadm_code
proofs_find(struct store *st, const struct process *p, const struct process *parent,
    uid_t uid, int64_t boot, struct proof_kind *found, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT count(*), coalesce(max(factor), 0) FROM proof WHERE uid = :uid AND at >= :boot "
	    "AND ((pid = :pid AND pid_start = :start) "
	    "OR (parent = :pid AND parent_start IN (0, :start)) "
	    "OR (pid = :ppid AND pid_start = :pstart))");
	enum uadm_code c;

	stmt_int(&q, ":uid", uid);
	stmt_int(&q, ":boot", boot);
	stmt_int(&q, ":pid", p->pid);
	stmt_int(&q, ":start", p->start);
	stmt_int(&q, ":ppid", parent->pid);
	stmt_int(&q, ":pstart", parent->start);
	*found = (struct proof_kind){ false, false };
	if ((c = stmt_one(&q, err)) != UADM_OK)
		return c;
	found->password = stmt_col_int(&q, 0) != 0;
	found->factor = stmt_col_int(&q, 1) != 0;
	return UADM_OK;
}
