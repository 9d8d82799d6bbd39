#include "libuadm/store/sessions.h"

#include "libuadm/store/private.h"

#include <string.h>

enum uadm_code
sessions_open(struct store *st, const struct session *s, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "INSERT INTO session (uid, service, tty, source, leader, leader_start, boot_id, "
	    "opened_at) VALUES (:uid, :service, :tty, :source, :leader, :start, :boot, :at)");

	stmt_int(&q, ":uid", s->uid);
	stmt_text(&q, ":service", s->service);
	stmt_text(&q, ":tty", s->tty);
	stmt_text(&q, ":source", s->source);
	stmt_int(&q, ":leader", s->leader);
	stmt_int(&q, ":start", s->leader_start);
	stmt_text(&q, ":boot", s->boot_id);
	stmt_int(&q, ":at", s->opened_at);
	return stmt_run(&q, err);
}

enum uadm_code
sessions_close(struct store *st, uid_t uid, pid_t leader, const char *service,
    int64_t now, bool *closed, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "UPDATE session SET closed_at = :now WHERE id = (SELECT max(id) FROM session "
	    "WHERE closed_at IS NULL AND leader = :leader AND uid = :uid "
	    "AND service IS :service)");
	enum uadm_code c;

	stmt_int(&q, ":now", now);
	stmt_int(&q, ":leader", leader);
	stmt_int(&q, ":uid", uid);
	stmt_text(&q, ":service", service);
	c = stmt_run(&q, err);
	*closed = c == UADM_OK && store_changes(st) > 0;
	return c;
}

static enum uadm_code
end_session(struct store *st, int64_t id, int64_t now, struct uadm_err *err)
{
	STMT q = stmt_make(st, "UPDATE session SET closed_at = :now WHERE id = :id");

	stmt_int(&q, ":now", now);
	stmt_int(&q, ":id", id);
	return stmt_run(&q, err);
}

enum uadm_code
sessions_set_tty(struct store *st, int64_t id, const char *tty, struct uadm_err *err)
{
	STMT q = stmt_make(st, "UPDATE session SET tty = :tty WHERE id = :id");

	stmt_int(&q, ":id", id);
	stmt_text(&q, ":tty", tty);
	return stmt_run(&q, err);
}

static void
read_open(const struct stmt *q, struct session *s)
{
	*s = (struct session){ .id = stmt_col_int(q, 0),
		.leader = (pid_t)stmt_col_int(q, 1),
		.leader_start = stmt_col_int(q, 2),
		.uid = (uid_t)stmt_col_int(q, 4) };
	stmt_col_text(q, 3, s->boot_id, sizeof(s->boot_id));
}

enum uadm_code
sessions_each_lone_leader(struct store *st, uid_t uid,
    enum uadm_code (*found)(void *, const struct session *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT id, leader, leader_start, boot_id, uid FROM session s "
	    "WHERE uid = :uid AND closed_at IS NULL AND NOT EXISTS "
	    "(SELECT 1 FROM session o WHERE o.closed_at IS NULL AND o.leader = s.leader "
	    "AND o.leader_start = s.leader_start AND o.boot_id IS s.boot_id "
	    "AND o.uid <> s.uid)");
	struct session s;
	enum uadm_code c;
	bool more;

	stmt_int(&q, ":uid", uid);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more) {
		read_open(&q, &s);
		if ((c = found(arg, &s, err)) != UADM_OK)
			return c;
	}
	return c;
}

enum uadm_code
sessions_reap(struct store *st, int64_t now,
    bool (*is_alive)(void *, const struct session *), void *arg, bool *any,
    struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT id, leader, leader_start, boot_id, uid FROM session "
	    "WHERE closed_at IS NULL");
	struct session s;
	enum uadm_code c;
	bool more;

	*any = false;
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more) {
		read_open(&q, &s);
		if (is_alive(arg, &s))
			continue;
		if ((c = end_session(st, s.id, now, err)) != UADM_OK)
			return c;
		*any = true;
	}
	return c;
}

enum uadm_code
sessions_forget(struct store *st, int64_t before, bool *any, struct uadm_err *err)
{
	/* The oldest of all are looked at, by their ids: no index is kept for this. */
	STMT q = stmt_make(st,
	    "DELETE FROM session WHERE closed_at < :before AND id IN "
	    "(SELECT id FROM session WHERE closed_at IS NOT NULL ORDER BY id LIMIT 1000)");
	enum uadm_code c;

	stmt_int(&q, ":before", before);
	c = stmt_run(&q, err);
	*any = c == UADM_OK && store_changes(st) > 0;
	return c;
}

#define SHOWN                                                                          \
	"SELECT s.id, s.leader, s.leader_start, s.boot_id, s.uid, u.name, s.service, " \
	"s.tty, s.source, s.opened_at, s.closed_at "                                   \
	"FROM session s JOIN user u ON u.uid = s.uid WHERE "

/* The `+` keeps those that are open from being looked for in all that a user ever had. */
static const char *const shown[] = {
	SHOWN "s.closed_at IS NULL AND (:id = 0 OR s.id = :id) "
	      "AND (:uid = 0 OR +s.uid = :uid) AND :since = :since "
	      "AND (:account IS NULL OR +s.uid IN (SELECT m.uid FROM membership m "
	      "JOIN \"group\" g ON g.gid = m.account "
	      "WHERE g.name = :account AND m.state <> 'ended')) ORDER BY s.id",
	SHOWN
	"(s.closed_at IS NULL OR s.closed_at >= :since) AND (:id = 0 OR s.id = :id) "
	"AND (:uid = 0 OR s.uid = :uid) "
	"AND (:account IS NULL OR s.uid IN (SELECT m.uid FROM membership m "
	"JOIN \"group\" g ON g.gid = m.account "
	"WHERE g.name = :account AND m.state <> 'ended')) ORDER BY s.id",
};

static void
read_shown(const struct stmt *q, struct session *s)
{
	read_open(q, s);
	stmt_col_text(q, 5, s->user, sizeof(s->user));
	stmt_col_text(q, 6, s->service, sizeof(s->service));
	stmt_col_text(q, 7, s->tty, sizeof(s->tty));
	stmt_col_text(q, 8, s->source, sizeof(s->source));
	s->opened_at = stmt_col_int(q, 9);
	s->closed_at = stmt_col_int(q, 10);
}

enum uadm_code
sessions_each(struct store *st, const struct session_filter *f,
    enum uadm_code (*found)(void *, const struct session *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	STMT q = stmt_make(st, shown[f->ended ? 1 : 0]);
	struct session s;
	enum uadm_code c;
	bool more;

	stmt_int(&q, ":id", f->id);
	stmt_int(&q, ":uid", f->uid);
	stmt_int(&q, ":since", f->since);
	stmt_text(&q, ":account", f->account);
	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more) {
		read_shown(&q, &s);
		if ((c = found(arg, &s, err)) != UADM_OK)
			return c;
	}
	return c;
}
