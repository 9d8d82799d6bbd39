/*
 * sessions.c - see sessions.h.
 *
 * Threat: a limit that is counted first and then acted upon lets as many in as come at once. So the
 * count is part of the transaction that makes the record. And a limit that a dead session still
 * counts for locks its user out: whoever is counted was looked at just before.
 */
#include "libuadm/ops/sessions.h"

#include "libuadm/ops/accounts.h"
#include "libuadm/ops/act.h"
#include "libuadm/ops/login.h"
#include "libuadm/ops/session_look.h"
#include "libuadm/ops/show.h"

#include <string.h>

struct counting {
	struct clock_now now;
	bool look; /* is each one's leader alive? */
	int64_t logins;
};

static enum uadm_code
count_login(void *arg, const struct session *s, struct uadm_err *err)
{
	struct counting *k = arg;

	(void)err;
	if (policy_session_kind(s->service) == SESSION_LOGIN &&
	    (!k->look || login_leader_lives(&k->now, s)))
		k->logins++;
	return UADM_OK;
}

static enum uadm_code
is_admitted(struct uadm *u, const struct policy *p, uid_t uid, enum session_kind kind,
    bool look, bool *admitted, struct uadm_err *err)
{
	struct counting k = { .look = look };
	enum uadm_code c = UADM_OK;

	clock_read(&k.now);
	if (p->max_sessions != 0)
		c = sessions_each(u->store, &(struct session_filter){ .uid = uid },
		    count_login, &k, err);
	*admitted = c == UADM_OK && policy_session_admits(p, kind, k.logins);
	return c;
}

enum uadm_code
session_admit(struct uadm *u, const struct policy *p, uid_t uid, const char *service,
    bool *admitted, struct uadm_err *err)
{
	return is_admitted(
	    u, p, uid, policy_session_kind(service), false, admitted, err);
}

enum uadm_code
session_is_full(
    struct uadm *u, const struct policy *p, uid_t uid, bool *full, struct uadm_err *err)
{
	bool admitted;
	enum uadm_code c = is_admitted(u, p, uid, SESSION_LOGIN, true, &admitted, err);

	*full = !admitted;
	return c;
}

struct listing {
	const struct session_query *q;
	struct session_look *look;
	struct clock_now now;
	enum uadm_code (*found)(void *, const struct session_view *, struct uadm_err *);
	void *arg;
};

/* The terminal tells; without one whoever else keeps logins may. */
static int64_t
idle_of(const struct listing *l, const struct session *s, const char *tty)
{
	int64_t at;

	if ((tty == NULL || !session_look_used_at(tty, &at)) &&
	    (l->q->idle_since == NULL || !l->q->idle_since(s, &at)))
		return -1;
	return at < l->now.wall ? l->now.wall - at : 0;
}

static enum uadm_code
show(void *arg, const struct session *s, struct uadm_err *err)
{
	struct listing *l = arg;
	struct session_view v = { .s = *s,
		.kind = policy_session_kind(s->service),
		.open = s->closed_at == 0 && login_leader_lives(&l->now, s),
		.idle = -1 };

	if (!v.open && !l->q->ended)
		return UADM_OK;
	snprintf(v.tty, sizeof(v.tty), "%s", s->tty);
	if (v.open)
		v.idle = idle_of(l, s,
		    session_look_tty(
			l->look, s->leader, s->leader_start, v.tty, sizeof(v.tty))
			? v.tty
			: NULL);
	return l->found(l->arg, &v, err);
}

static enum uadm_code
list_users(
    struct uadm *u, struct listing *l, struct session_filter *f, struct uadm_err *err)
{
	enum uadm_code c = UADM_OK;
	struct user user;

	for (size_t i = 0; i < l->q->user_count && c == UADM_OK; i++) {
		if ((c = find_user(u, l->q->users[i], &user, err)) != UADM_OK ||
		    (c = act_on_user(u, ACT_USER_READ, &user, err)) != UADM_OK)
			return c;
		f->uid = user.uid;
		c = sessions_each(u->store, f, show, l, err);
	}
	return c;
}

static enum uadm_code
list_all(
    struct uadm *u, struct listing *l, struct session_filter *f, struct uadm_err *err)
{
	struct account a;
	enum uadm_code c;

	if (l->q->account == NULL && !act_is_root(u)) {
		uadm_fail(err, UADM_DENIED, "only root sees the sessions of all users");
		return uadm_hint(
		    err, "uadmctl session list USER, or --account ACCOUNT");
	}
	if (l->q->account != NULL &&
	    ((c = find_account(u, l->q->account, &a, err)) != UADM_OK ||
		(c = act_in_account(u, ACT_ACCOUNT_READ, a.gid, err)) != UADM_OK))
		return c;
	f->account = l->q->account;
	return sessions_each(u->store, f, show, l, err);
}

enum uadm_code
op_sessions(struct uadm *u, const struct session_query *q,
    enum uadm_code (*found)(void *, const struct session_view *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	struct session_filter f = { .ended = q->ended, .since = q->since };
	SESSION_LOOK look = { 0 };
	struct listing l = { .q = q, .look = &look, .found = found, .arg = arg };
	TXN t = { 0 };
	enum uadm_code c;

	clock_read(&l.now);
	if ((c = session_look(&look, err)) != UADM_OK ||
	    (c = txn_read(&t, u->store, err)) != UADM_OK)
		return c;
	return q->user_count > 0 ? list_users(u, &l, &f, err)
				 : list_all(u, &l, &f, err);
}

struct seating {
	struct store *store;
	struct session_look look;
	bool looked, any;
};

static void
seating_done(struct seating *s)
{
	session_look_done(&s->look);
}

/* sshd makes a terminal after the session is opened, and it is gone before that is closed. */
static enum uadm_code
note_tty(void *arg, const struct session *s, struct uadm_err *err)
{
	struct seating *k = arg;
	char tty[sizeof(s->tty)];
	enum uadm_code c;

	if (strcmp(s->tty, "ssh") != 0)
		return UADM_OK;
	if (!k->looked && (c = session_look(&k->look, err)) != UADM_OK)
		return c;
	k->looked = true;
	if (!session_look_tty(&k->look, s->leader, s->leader_start, tty, sizeof(tty)))
		return UADM_OK;
	k->any = true;
	return sessions_set_tty(k->store, s->id, tty, err);
}

static enum uadm_code
note_ttys(struct uadm *u, bool *any, struct uadm_err *err)
{
	CLEANUP(seating_done) struct seating k = { .store = u->store };
	const struct session_filter open = { 0 };
	enum uadm_code c = sessions_each(u->store, &open, note_tty, &k, err);

	*any = k.any;
	return c;
}

enum uadm_code
op_sessions_tidy(struct uadm *u, struct uadm_err *err)
{
	bool died = false, seated = false, forgotten = false;
	CHANGE ch = { 0 };
	enum uadm_code c;

	if (u->dry_run)
		return UADM_OK;
	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = sessions_reap(u->store, ch.now.wall, login_leader_lives, &ch.now,
		 &died, err)) != UADM_OK ||
	    (c = note_ttys(u, &seated, err)) != UADM_OK ||
	    (u->config.session_history_days > 0 &&
		(c = sessions_forget(u->store,
		     ch.now.wall - u->config.session_history_days * 86400, &forgotten,
		     err)) != UADM_OK))
		return c;
	/* Each minute, for ever: an idle host's disk is left alone. */
	return died || seated || forgotten ? txn_commit(&ch.txn, err) : UADM_OK;
}
