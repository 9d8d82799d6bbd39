#include "libuadm/ops/show.h"

#include "libuadm/base/names.h"
#include "libuadm/base/paths.h"
#include "libuadm/ops/accounts.h"
#include "libuadm/ops/act.h"
#include "libuadm/ops/batch.h"
#include "libuadm/ops/factors.h"
#include "libuadm/ops/local.h"
#include "libuadm/ops/login.h"
#include "libuadm/ops/policy_of.h"
#include "libuadm/ops/sessions.h"
#include "libuadm/secrets/crypthash.h"
#include "libuadm/store/attempts.h"
#include "libuadm/store/codes.h"
#include "libuadm/store/groups.h"
#include "libuadm/store/members.h"
#include "libuadm/store/numbers.h"

#include <string.h>

/* Both fit with the space: UADM_DISPLAY_SIZE is made of them. */
static void
join_names(char *out, const char *first, const char *last)
{
	char *end = stpcpy(out, first);

	if (first[0] != '\0' && last[0] != '\0')
		*end++ = ' ';
	memcpy(end, last, strlen(last) + 1);
}

char *
user_display_name(const struct user *u, char *out)
{
	if (u->display_name[0] != '\0')
		snprintf(out, UADM_DISPLAY_SIZE, "%s", u->display_name);
	else if (u->first_name[0] != '\0' || u->last_name[0] != '\0')
		join_names(out, u->first_name, u->last_name);
	else
		snprintf(out, UADM_DISPLAY_SIZE, "%s", u->name);
	return out;
}

struct guess {
	const char *wanted;
	char best[UADM_NAME_SIZE];
	size_t distance;
};

static void
consider(void *arg, const char *name)
{
	struct guess *g = arg;
	size_t d = name_distance(g->wanted, name);

	if (d < g->distance) {
		g->distance = d;
		snprintf(g->best, sizeof(g->best), "%s", name);
	}
}

static enum uadm_code
not_found(struct uadm *u, enum number_kind kind, const char *name, struct uadm_err *err)
{
	struct guess g = { .wanted = name, .distance = name_distance_most(name) + 1 };
	const char *what = kind == NUMBER_USER ? "user" : "group";
	struct uadm_err ignored;
	char shown[80];

	uadm_fail(err, UADM_NOT_FOUND, "no such %s: \"%s\"", what,
	    text_escape(shown, sizeof(shown), name));
	if (kind == NUMBER_USER && local_has_user(name))
		return uadm_hint(err,
		    "%s is a local user of " UADM_LOCAL_PASSWD
		    ": uadm does not decide its logins",
		    shown);
	/* A guess looks at every name: not for each line of a long file, while logins wait. */
	if (strlen(name) < UADM_NAME_SIZE && !batch_is_open(u) &&
	    numbers_each_name(u->store, kind, consider, &g, &ignored) == UADM_OK &&
	    g.best[0] != '\0')
		uadm_hint(err, "did you mean \"%s\"?", g.best);
	return err->code;
}

enum uadm_code
find_user(struct uadm *u, const char *name, struct user *user, struct uadm_err *err)
{
	enum uadm_code c = users_get(u->store, name, user, err);

	return c == UADM_NOT_FOUND ? not_found(u, NUMBER_USER, name, err) : c;
}

enum uadm_code
find_group(struct uadm *u, const char *name, struct group *g, struct uadm_err *err)
{
	enum uadm_code c = groups_get(u->store, name, g, err);

	return c == UADM_NOT_FOUND ? not_found(u, NUMBER_GROUP, name, err) : c;
}

enum uadm_code
find_gid(struct uadm *u, const char *name, gid_t *gid, struct uadm_err *err)
{
	enum uadm_code c = groups_gid(u->store, name, gid, err);

	return c == UADM_NOT_FOUND ? not_found(u, NUMBER_GROUP, name, err) : c;
}

struct showing {
	struct uadm *u;
	const struct user_query *query;
	struct clock_now now;
	int64_t steady;
	struct attempt_window
	    window; /* of the query: what counts by anybody's policy */
	struct policies policies;
	const struct policy *policy;        /* the one of the user at hand ... */
	struct attempt_window users_window; /* ... and what counts by it */
	gid_t account;                      /* of the query; 0: none */
	int64_t role;                       /* likewise */
	bool any, has_role;
	enum uadm_code (*found)(void *, const struct user_view *, struct uadm_err *);
	void *arg;
	struct user_view view;
};

/* When a lock ends that is on. Where it is due and has not fallen yet (killed attempts have failed
 * since), it would with the next attempt. */
static int64_t
locked_until(const struct showing *s, const struct user_row *row)
{
	const struct policy *p = s->policy;
	int64_t since = s->steady;

	if (p->lock_time == 0)
		return 0;
	if (row->lock_set && policy_lock_holds(p, row->lock_since, s->steady))
		since = row->lock_since;
	return failed_wall_time(
	    &s->users_window, s->now.wall, policy_lock_ends(p, since));
}

/* The row was counted by the widest window of all: where that is not the user's own, and something was
 * found, it is counted again. */
static enum uadm_code
count_again(struct showing *s, struct user_row *row, struct uadm_err *err)
{
	const struct attempt_window *w = &s->users_window;
	struct attempt_counts n;
	enum uadm_code c;

	if ((w->since == s->window.since && w->lock_over == s->window.lock_over) ||
	    (row->failures == 0 && row->lock_failures == 0))
		return UADM_OK;
	if ((c = attempts_count(s->u->store, row->user.uid, NULL, w, &n, err)) !=
	    UADM_OK)
		return c;
	row->lock_failures = n.failures;
	row->failures = s->query->bare ? 0 : n.all_failures;
	return UADM_OK;
}

/* Whether somebody is locked is the policy's to say, here as at a login. */
static enum uadm_code
look(struct showing *s, const struct user_row *found, struct uadm_err *err)
{
	struct user_view *v = &s->view;
	struct user_row *row = &v->row;
	struct lockout_facts f;
	enum uadm_code c;

	*row = *found;
	if ((c = policies_get(s->u, &s->policies, &row->user, &s->policy, err)) !=
	    UADM_OK)
		return c;
	s->users_window = policy_lockout_window(s->policy, s->steady);
	if ((c = count_again(s, row, err)) != UADM_OK)
		return c;
	f = (struct lockout_facts){ .locked = row->lock_set,
		.locked_at = row->lock_since,
		.failures = row->lock_failures };
	v->locked = policy_lockout(s->policy, &f, s->steady) == LOCKOUT_LOCKED;
	v->locked_until = v->locked ? locked_until(s, row) : 0;
	v->failed_attempts = row->failures;
	v->password_expires_at = policy_password_expires_at(s->policy, &row->user);
	v->password_inactive_at = policy_password_inactive_at(s->policy, &row->user);
	v->password_kind = row->user.password_set
	    ? crypthash_name(crypthash_kind_of_start(row->verifier_kind))
	    : NULL;
	v->status = policy_login_status(&row->user, v->locked, s->now.wall);
	user_display_name(&row->user, v->display_name);
	return UADM_OK;
}

static enum uadm_code
read_failed(struct showing *s, struct uadm_err *err)
{
	struct failed_sources *list = s->query->failed;

	if (list == NULL)
		return UADM_OK;
	list->count = 0;
	if (s->view.failed_attempts == 0)
		return UADM_OK;
	return failed_sources_read(s->u, s->view.row.user.uid, s->policy,
	    &s->users_window, s->now.wall, list, err);
}

static enum uadm_code
read_code(struct showing *s, struct uadm_err *err)
{
	const struct code_clock clock = { .wall = s->now.wall, .steady = s->steady };
	struct code live[CODE_KINDS] = { 0 }, *code = &s->view.code;
	size_t count = 0;
	enum uadm_code c = UADM_OK;

	*code = (struct code){ 0 };
	if (s->query->codes)
		c = codes_live(
		    s->u->store, s->view.row.user.uid, &clock, live, &count, err);
	for (size_t i = 0; i < count; i++)
		if (live[i].expires_at > code->expires_at)
			*code = live[i];
	s->view.code_word = code->kind == CODE_NONE ? NULL : code_kind_word(code->kind);
	explicit_bzero(live, sizeof(live));
	explicit_bzero(code->hash, sizeof(code->hash));
	return c;
}

static enum uadm_code
keep_member(void *arg, const struct member *m, struct uadm_err *err)
{
	struct showing *s = arg;
	struct member_list *list = s->query->members;
	const struct uadm *u = s->u;
	enum uadm_code c = UADM_OK;

	/* Who sees a user in one account is told nothing of the others. */
	if (m->uid != u->acting.uid)
		c = act_in_account(s->u, ACT_ACCOUNT_READ, m->account, err);
	if (c != UADM_OK)
		return c == UADM_DENIED ? UADM_OK : c;
	if (list->count == list->room) {
		size_t room = 2 * list->room + 4;
		void *more = reallocarray(list->at, room, sizeof(*list->at));

		if (more == NULL)
			return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
		list->at = more;
		list->room = room;
	}
	list->at[list->count++] = *m;
	return UADM_OK;
}

static enum uadm_code
read_members(struct showing *s, struct uadm_err *err)
{
	const struct member_filter f = {
		.uid = s->view.row.user.uid, .account = s->account, .ended = true
	};
	struct member_list *list = s->query->members;

	if (list == NULL)
		return UADM_OK;
	list->count = 0;
	return s->view.row.user.account == 0
	    ? UADM_OK
	    : members_each(s->u->store, &f, keep_member, s, err);
}

static enum uadm_code
note_role(void *arg, const struct member *m, struct uadm_err *err)
{
	struct showing *s = arg;

	(void)err;
	if (m->role == s->role && (s->account == 0 || m->account == s->account))
		s->has_role = true;
	return UADM_OK;
}

static enum uadm_code
look_for_role(struct showing *s, uid_t uid, struct uadm_err *err)
{
	s->has_role = s->role == 0;
	return s->has_role
	    ? UADM_OK
	    : members_each(s->u->store, &(struct member_filter){ .uid = uid },
		  note_role, s, err);
}

static enum uadm_code
show_row(void *arg, const struct user_row *row, struct uadm_err *err)
{
	struct showing *s = arg;
	enum uadm_code c = look(s, row, err);

	if (c != UADM_OK)
		return c;
	s->any = true;
	if (s->query->status != NULL && strcmp(s->query->status, s->view.status) != 0)
		return UADM_OK;
	if ((c = look_for_role(s, row->user.uid, err)) != UADM_OK || !s->has_role)
		return c;
	if (s->query->review_due != 0 &&
	    (row->user.review_by == 0 || row->user.review_by > s->query->review_due))
		return UADM_OK;
	/* Who never did has had the time since they were made. */
	if (s->query->unseen_since != 0 &&
	    (row->last_login != 0 ? row->last_login : row->user.created_at) >=
		s->query->unseen_since)
		return UADM_OK;
	/* Of an account that was asked for all are shown, or none. */
	if (s->query->account == NULL &&
	    (c = act_on_user(s->u, ACT_USER_READ, &row->user, err)) != UADM_OK)
		return c;
	if ((c = read_failed(s, err)) != UADM_OK ||
	    (c = read_members(s, err)) != UADM_OK || (c = read_code(s, err)) != UADM_OK)
		return c;
	return s->found(s->arg, &s->view, err);
}

/* Everybody is root's to see; others name an account. */
static enum uadm_code
may_list(
    struct uadm *u, const struct user_query *q, gid_t *account, struct uadm_err *err)
{
	struct account a;
	enum uadm_code c;

	if (q->account != NULL) {
		if ((c = find_account(u, q->account, &a, err)) != UADM_OK)
			return c;
		*account = a.gid;
		return act_in_account(u, ACT_ACCOUNT_READ, a.gid, err);
	}
	if (q->name != NULL || act_is_root(u))
		return UADM_OK;
	uadm_fail(err, UADM_DENIED, "only root sees the users of all accounts");
	return uadm_hint(err, "uadmctl user list --account ACCOUNT");
}

static void
showing_done(struct showing *s)
{
	policies_free(&s->policies);
}

enum uadm_code
op_users(struct uadm *u, const struct user_query *query,
    enum uadm_code (*found)(void *, const struct user_view *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	CLEANUP(showing_done)
	struct showing s = { .u = u, .query = query, .found = found, .arg = arg };
	struct policy widest;
	struct user_filter f = { .name = query->name,
		.group = query->group,
		.kind = query->kind,
		.tag = query->tag,
		.account = query->account,
		.bare = query->bare };
	struct role role = { 0 };
	struct group g;
	TXN t = { 0 };
	enum uadm_code c;

	clock_read(&s.now);
	if ((c = txn_read(&t, u->store, err)) != UADM_OK ||
	    (c = may_list(u, query, &s.account, err)) != UADM_OK ||
	    (c = store_steady(u->store, &s.now, &s.steady, err)) != UADM_OK ||
	    (query->role != NULL &&
		(c = find_role(u, query->role, &role, err)) != UADM_OK) ||
	    (query->group != NULL &&
		(c = find_group(u, query->group, &g, err)) != UADM_OK) ||
	    (c = op_policy_widest(u, &widest, err)) != UADM_OK)
		return c;
	s.role = role.id;
	f.window = s.window = policy_lockout_window(&widest, s.steady);
	if ((c = users_each(u->store, &f, show_row, &s, err)) != UADM_OK)
		return c;
	return query->name != NULL && !s.any
	    ? not_found(u, NUMBER_USER, query->name, err)
	    : UADM_OK;
}

static enum uadm_code
keep_view(void *arg, const struct user_view *v, struct uadm_err *err)
{
	(void)err;
	struct user_view *kept = arg;

	*kept = *v;
	kept->row.groups = kept->row.tags = ""; /* they end with the row */
	return UADM_OK;
}

enum uadm_code
op_user_outlook(
    struct uadm *u, const char *name, struct user_outlook *o, struct uadm_err *err)
{
	const struct user_query q = {
		.name = name, .failed = &o->failed, .codes = true
	};
	struct factor_facts factor;
	struct login_facts f;
	struct policy p;
	struct clock_now now;
	enum uadm_code c;

	o->failed = (struct failed_sources){ NULL, 0, 0 };
	if ((c = op_users(u, &q, keep_view, &o->view, err)) != UADM_OK ||
	    (c = op_policy_of(u, &o->view.row.user, &p, err)) != UADM_OK)
		return c;
	clock_read(&now);
	f = (struct login_facts){ .user = &o->view.row.user,
		.policy = &p,
		.phase = LOGIN_AUTH,
		.now = now.wall,
		.locked = o->view.locked,
		.by_password = true };
	if ((c = op_login_elsewhere(u, "", f.user, &f.elsewhere, err)) != UADM_OK ||
	    (c = factor_facts_read(u, f.user, true, now.wall, &p, &factor, err)) !=
		UADM_OK)
		return c;
	if ((c = session_is_full(u, &p, f.user->uid, &o->full, err)) != UADM_OK)
		return c;
	o->factor = policy_factor(&factor);
	o->factor_pending = factor.totp == TOTP_PENDING;
	if (o->factor == FACTOR_MISSING && o->factor_pending)
		o->factor = FACTOR_CODE;
	if ((c = op_factor_is_lost(u, f.user->uid, &o->factor_lost, err)) != UADM_OK)
		return c;
	f.factor_missing =
	    o->factor == FACTOR_MISSING || (o->factor == FACTOR_CODE && o->factor_lost);
	o->by_password = policy_login(&f);
	f.by_code = true;
	o->by_code = policy_login(&f);
	f.by_code = false;
	if ((c = op_login_name_moved(u, f.user, false, &f.name_moved, err)) != UADM_OK)
		return c;
	f.phase = LOGIN_ACCOUNT;
	f.by_password = f.factor_missing = false;
	f.for_services = u->config.access_services[0] != '\0';
	o->by_key = policy_login(&f);
	f.factor_missing = !policy_factor_key(factor.policy, o->factor);
	o->by_ssh_key = policy_login(&f);
	return UADM_OK;
}
