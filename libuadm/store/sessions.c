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
    bool (*is_alive)(void *, const struct session *), void *arg, struct uadm_err *err)
{
	STMT q = stmt_make(st,
	    "SELECT id, leader, leader_start, boot_id, uid FROM session "
	    "WHERE closed_at IS NULL");
	struct session s;
	enum uadm_code c;
	bool more;

	while ((c = stmt_row(&q, &more, err)) == UADM_OK && more) {
		read_open(&q, &s);
		if (!is_alive(arg, &s) &&
		    (c = end_session(st, s.id, now, err)) != UADM_OK)
			return c;
	}
	return c;
}
