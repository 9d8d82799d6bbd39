/*
 * members_show.c - who belongs where, as far as the actor may see it; see members.h.
 */
#include "libuadm/ops/members.h"

#include "libuadm/ops/accounts.h"
#include "libuadm/ops/act.h"
#include "libuadm/ops/person.h"
#include "libuadm/ops/show.h"
#include "libuadm/policy/login.h"
#include "libuadm/policy/rights.h"
#include "libuadm/store/members.h"
#include "libuadm/store/rights.h"
#include "libuadm/store/users.h"

#include <string.h>

struct listing {
	struct uadm *u;
	const struct member_query *q;
	enum uadm_code (*found)(void *, const struct member_view *, struct uadm_err *);
	void *arg;
	struct member_view view;
	uid_t uid;    /* 0: any */
	int64_t role; /* 0: any */
	int64_t now;
};

struct joining {
	const struct rights *which;
	char *out;
	size_t used;
};

static enum uadm_code
join_name(void *arg, const struct right *r, struct uadm_err *err)
{
	struct joining *j = arg;

	(void)err;
	if (rights_has(j->which, r->id))
		j->used +=
		    (size_t)snprintf(j->out + j->used, RIGHTS_TEXT_SIZE - j->used,
			"%s%s", j->used > 0 ? "," : "", r->name);
	return UADM_OK;
}

char *
op_rights_text(struct uadm *u, const struct rights *r, char out[RIGHTS_TEXT_SIZE])
{
	struct uadm_err ignored;

	*out = '\0';
	if (!rights_are_empty(r) &&
	    rights_each(u->store, join_name, &(struct joining){ r, out, 0 },
		&ignored) != UADM_OK)
		snprintf(out, RIGHTS_TEXT_SIZE, "?");
	return out;
}

static enum uadm_code
join_right(void *arg, const char *name, bool granted, struct uadm_err *err)
{
	struct member_view *v = arg;
	char *out = granted ? v->granted : v->denied;
	size_t used = strlen(out);

	(void)err;
	if (used + strlen(name) + 2 <= sizeof(v->granted))
		snprintf(out + used, sizeof(v->granted) - used, "%s%s",
		    used > 0 ? "," : "", name);
	return UADM_OK;
}

static bool
is_wanted(const struct listing *l, const struct member *m)
{
	return (l->uid == 0 || m->uid == l->uid) &&
	    (l->role == 0 || m->role == l->role) &&
	    (l->q->state == NULL ||
		strcmp(l->q->state, member_state_word(m->state)) == 0);
}

static enum uadm_code
show(void *arg, const struct member *m, struct uadm_err *err)
{
	struct listing *l = arg;
	struct user user;
	enum uadm_code c;

	if (!is_wanted(l, m))
		return UADM_OK;
	/* Who sees a user in one account is told nothing of the others. */
	if (l->q->account == NULL && m->uid != l->u->acting.uid &&
	    (c = act_in_account(l->u, ACT_ACCOUNT_READ, m->account, err)) != UADM_OK)
		return c == UADM_DENIED ? UADM_OK : c;
	if ((c = users_get_uid(l->u->store, m->uid, &user, err)) != UADM_OK)
		return c;
	l->view.member = *m;
	l->view.granted[0] = l->view.denied[0] = '\0';
	l->view.status = policy_login_status(&user, false, l->now);
	c = members_each_right(
	    l->u->store, m->account, m->uid, join_right, &l->view, err);
	return c == UADM_OK ? l->found(l->arg, &l->view, err) : c;
}

enum uadm_code
op_members(struct uadm *u, const struct member_query *q,
    enum uadm_code (*found)(void *, const struct member_view *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	struct listing l = { .u = u, .q = q, .found = found, .arg = arg };
	struct member_filter f = { .ended = q->state != NULL };
	struct clock_now now;
	struct account a;
	struct role role;
	struct user user;
	TXN t = { 0 };
	enum uadm_code c;

	clock_read(&now);
	l.now = now.wall;
	if ((c = txn_read(&t, u->store, err)) != UADM_OK)
		return c;
	if (q->account != NULL) {
		if ((c = find_account(u, q->account, &a, err)) != UADM_OK ||
		    (c = act_in_account(u, ACT_ACCOUNT_READ, a.gid, err)) != UADM_OK)
			return c;
		f.account = a.gid;
	}
	if (q->user != NULL) {
		if ((c = find_person(u, q->account, NULL, q->user, &user, err)) !=
			UADM_OK ||
		    (q->account == NULL &&
			(c = act_on_user(u, ACT_USER_READ, &user, err)) != UADM_OK))
			return c;
		l.uid = user.uid;
		f.uid = q->account == NULL ? user.uid : 0;
	}
	if (q->role != NULL) {
		if ((c = find_role(u, q->role, &role, err)) != UADM_OK)
			return c;
		l.role = role.id;
	}
	return members_each(u->store, &f, show, &l, err);
}
