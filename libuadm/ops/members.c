/*
 * Threat: rights that come by a side door: a role given until some day that falls back to more than
 * the actor has, a membership that is resumed for somebody who never accepted it, a user of nobody's
 * who is taken in and then taken over. Each of these asks act.h with all that would come of it.
 */
#include "libuadm/ops/members.h"

#include "libuadm/base/names.h"
#include "libuadm/base/times.h"
#include "libuadm/ops/accounts.h"
#include "libuadm/ops/act.h"
#include "libuadm/ops/detail.h"
#include "libuadm/ops/domains.h"
#include "libuadm/ops/factor_grace.h"
#include "libuadm/ops/guard.h"
#include "libuadm/ops/idle.h"
#include "libuadm/ops/invites.h"
#include "libuadm/ops/person.h"
#include "libuadm/ops/show.h"
#include "libuadm/policy/rights.h"
#include "libuadm/store/accounts.h"
#include "libuadm/store/members.h"
#include "libuadm/store/roles.h"
#include "libuadm/store/users.h"

#include <string.h>

const char *
op_member_state_word(enum member_state state)
{
	return member_state_word(state);
}

/* What is to happen to whom, and how it stands. `there`: a membership that is not over. */
struct case_at_hand {
	struct account account;
	struct user user;
	struct member member;
	bool there;
};

static enum uadm_code
look(struct uadm *u, const char *account, const char *name, struct case_at_hand *k,
    struct uadm_err *err)
{
	enum uadm_code c;

	if ((c = find_account(u, account, &k->account, err)) != UADM_OK ||
	    (c = find_person(u, account, NULL, name, &k->user, err)) != UADM_OK)
		return c;
	c = members_get(u->store, k->account.gid, k->user.uid, &k->member, err);
	k->there = c == UADM_OK && k->member.state != MEMBER_ENDED;
	return c == UADM_NOT_FOUND ? UADM_OK : c;
}

static enum uadm_code
no_member(const struct case_at_hand *k, struct uadm_err *err)
{
	uadm_fail(err, UADM_NOT_FOUND, "%s does not belong to %s", k->user.name,
	    k->account.name);
	return uadm_hint(
	    err, "uadmctl member add %s %s", k->account.name, k->user.name);
}

static enum uadm_code
may(struct uadm *u, enum act act, const struct case_at_hand *k,
    const struct rights *given, struct uadm_err *err)
{
	struct act_on on = {
		.act = act, .target = &k->user, .account = k->account.gid
	};

	if (given != NULL)
		on.given = *given;
	return act_may(u, &on, err);
}

static enum uadm_code
check_until(int64_t until, const char *then, int64_t now, struct uadm_err *err)
{
	if (until == 0 && then != NULL)
		return uadm_fail(err, UADM_INVALID, "--then goes with --until");
	if (until != 0 && until <= now)
		return uadm_fail(err, UADM_INVALID, "until: that is not in the future");
	return UADM_OK;
}

/* Of the rights that were asked for, those that the actor may pass on. */
static enum uadm_code
grant_what_may_be(struct uadm *u, struct member_addition *add, struct uadm_err *err)
{
	struct rights may_give;
	struct right r;
	bool changed;
	enum uadm_code c = act_grantable(u, add->member.account, &may_give, err);

	for (size_t i = 0; i < add->right_count && c == UADM_OK; i++) {
		if ((c = find_right(u, add->rights[i], &r, err)) != UADM_OK)
			return c;
		rights_add(
		    rights_has(&may_give, r.id) ? &add->granted : &add->skipped, r.id);
	}
	const struct rights more = rights_common(&add->more, &may_give);

	add->granted = rights_union(&add->granted, &more);
	add->granted = rights_minus(&add->granted, &add->less);
	add->denied = add->less;
	for (int64_t id = 1; id <= RIGHTS_MOST && c == UADM_OK; id++)
		if (rights_has(&add->granted, id) || rights_has(&add->denied, id))
			c = members_set_right(u->store, add->member.account,
			    add->member.uid, id,
			    rights_has(&add->denied, id) ? MEMBER_RIGHT_DENIED
							 : MEMBER_RIGHT_GRANTED,
			    &changed, err);
	return c;
}

static enum uadm_code
choose_role(struct uadm *u, const struct member_addition *add, const struct account *a,
    struct member *m, struct act_on *on, struct uadm_err *err)
{
	struct role r, then = { 0 };
	enum uadm_code c;

	if ((c = find_role(u, add->role != NULL ? add->role : a->default_role_name, &r,
		 err)) != UADM_OK ||
	    (add->then != NULL && (c = find_role(u, add->then, &then, err)) != UADM_OK))
		return c;
	m->role = r.id;
	memcpy(m->role_name, r.name, sizeof(m->role_name));
	m->then_role = then.id;
	memcpy(m->then_role_name, then.name, sizeof(m->then_role_name));
	on->given = rights_union(&r.rights, &then.rights);
	on->role = &r;
	on->then_role = &then;
	c = act_may(u, on, err);
	on->role = on->then_role = NULL;
	return c;
}

static enum uadm_code
write_member(
    struct uadm *u, const struct member *m, bool was_there, struct uadm_err *err)
{
	enum uadm_code c;

	if (!was_there)
		return members_insert(u->store, m, err);
	/* Somebody who comes back has nothing left of before. */
	return (c = members_drop_rights(u->store, m->account, m->uid, err)) == UADM_OK
	    ? members_update(u->store, m, err)
	    : c;
}

enum uadm_code
member_there(const struct member *m, struct uadm_err *err)
{
	uadm_fail(err, UADM_EXISTS, "This user already belongs to your account");
	return uadm_hint(err, "%s is in %s as %s (%s); --exist-ok takes that for done",
	    m->user_name, m->account_name, m->role_name, member_state_word(m->state));
}

enum uadm_code
member_join(struct uadm *u, const struct user *user, bool is_new,
    struct member_addition *add, int64_t now, struct uadm_err *err)
{
	struct member *m = &add->member, before = { 0 };
	struct act_on on = { .act = is_new ? ACT_USER_ADD : ACT_MEMBER_ADD,
		.target = is_new ? NULL : user };
	struct factor_required required;
	struct account a;
	bool any = false, was_there;
	enum uadm_code c;

	add->changed = false;
	add->granted = add->denied = (struct rights){ { 0 } };
	if ((c = find_account(u, add->account, &a, err)) != UADM_OK ||
	    (c = check_until(add->ends_at, add->then, now, err)) != UADM_OK)
		return c;
	on.account = a.gid;
	/* Before anything is said about who is there. */
	if ((c = act_may(u, &on, err)) != UADM_OK)
		return c;
	c = members_get(u->store, a.gid, user->uid, &before, err);
	if (c != UADM_OK && c != UADM_NOT_FOUND)
		return c;
	was_there = c == UADM_OK;
	if (was_there && before.state != MEMBER_ENDED) {
		*m = before;
		return add->exist_ok ? UADM_OK : member_there(&before, err);
	}
	*m = (struct member){ .account = a.gid,
		.uid = user->uid,
		.state = a.require_acceptance || add->pending ? MEMBER_PENDING
							      : MEMBER_ACTIVE,
		.ends_at = add->ends_at,
		.since = now,
		.account_suspended = a.suspended_at != 0 };
	memcpy(m->account_name, a.name, sizeof(m->account_name));
	memcpy(m->user_name, user->name, sizeof(m->user_name));
	if ((c = choose_role(u, add, &a, m, &on, err)) != UADM_OK ||
	    (c = members_any(u->store, user->uid, &any, err)) != UADM_OK)
		return c;
	m->principal = was_there ? before.principal : !any;
	add->changed = true;
	if ((c = factor_required(u, user->uid, &required, err)) != UADM_OK ||
	    (c = write_member(u, m, was_there, err)) != UADM_OK ||
	    (!is_new &&
		(c = factor_grace_of_change(
		     u, user->uid, &required, act_is_root(u), now, err)) != UADM_OK))
		return c;
	return grant_what_may_be(u, add, err);
}

enum uadm_code
member_detail(struct uadm *u, struct detail *d, const struct member_addition *add,
    struct uadm_err *err)
{
	char in[UADM_NAME_SIZE + 2];
	enum uadm_code c;

	snprintf(in, sizeof(in), "%s:", add->member.account_name);
	detail_time(d, "until", in, add->member.ends_at);
	if (add->member.then_role != 0)
		detail_item(d, "then", in, add->member.then_role_name);
	c = detail_rights(u, d, "rights", in, &add->granted, err);
	return c == UADM_OK ? detail_rights(u, d, "denied", in, &add->denied, err) : c;
}

enum uadm_code
op_member_add(
    struct uadm *u, const char *name, struct member_addition *add, struct uadm_err *err)
{
	struct user user;
	CHANGE ch = { 0 };
	DETAIL d = { 0 };
	enum uadm_code c;

	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = find_person(u, add->account, add->role, name, &user, err)) !=
		UADM_OK ||
	    (c = member_join(u, &user, false, add, ch.now.wall, err)) != UADM_OK ||
	    !add->changed)
		return c;
	detail_add(&d, "account", add->member.account_name);
	detail_add(&d, "role", add->member.role_name);
	detail_add(&d, "state", member_state_word(add->member.state));
	detail_add(&d, "principal", add->member.principal ? "yes" : NULL);
	detail_time(&d, "until", "", add->ends_at);
	detail_add(&d, "then", add->then);
	if ((c = detail_rights(u, &d, "rights", "", &add->granted, err)) != UADM_OK ||
	    (c = detail_rights(u, &d, "denied", "", &add->denied, err)) != UADM_OK)
		return c;
	return detail_commit(&ch, u, "member.add", user.name, &d, true, err);
}

static enum uadm_code
set_role(const struct role *r, int64_t until, const struct role *then, struct member *m,
    struct uadm_err *err)
{
	/* A role for a while that is given once more falls back to what it was before all that. */
	const int64_t before = m->then_role != 0 ? m->then_role : m->role;

	if (until != 0 && m->ends_at != 0 && m->then_role == 0)
		return uadm_fail(err, UADM_INVALID,
		    "the membership itself has an end: the role can be changed for good alone");
	if (until != 0) {
		m->ends_at = until;
		m->then_role = then->id != 0 ? then->id : before;
	} else if (m->then_role != 0) {
		m->ends_at = m->then_role = 0;
	}
	m->role = r->id;
	return UADM_OK;
}

enum uadm_code
op_member_role(struct uadm *u, const char *account, const char *name, const char *role,
    int64_t until, const char *then_name, bool *changed, struct uadm_err *err)
{
	struct case_at_hand k = { 0 };
	struct role r, then = { 0 };
	struct factor_required required;
	struct act_on on;
	CHANGE ch = { 0 };
	DETAIL d = { 0 };
	GUARD g = { 0 };
	struct member m;
	enum uadm_code c;

	*changed = false;
	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = look(u, account, name, &k, err)) != UADM_OK ||
	    (c = may(u, ACT_MEMBER_ROLE, &k, NULL, err)) != UADM_OK)
		return c;
	if (!k.there)
		return no_member(&k, err);
	m = k.member;
	if ((c = check_until(until, then_name, ch.now.wall, err)) != UADM_OK ||
	    (c = find_role(u, role, &r, err)) != UADM_OK ||
	    (then_name != NULL && (c = find_role(u, then_name, &then, err)) != UADM_OK))
		return c;
	on = (struct act_on){ .act = ACT_MEMBER_ROLE,
		.target = &k.user,
		.account = k.account.gid,
		.given = rights_union(&r.rights, &then.rights),
		.role = &r,
		.then_role = &then };
	if ((c = act_may(u, &on, err)) != UADM_OK ||
	    (c = set_role(&r, until, &then, &m, err)) != UADM_OK)
		return c;
	if (m.role == k.member.role && m.ends_at == k.member.ends_at &&
	    m.then_role == k.member.then_role)
		return UADM_OK;
	*changed = true;
	if ((c = guard_user(u, &g, k.user.uid, ch.now.wall, err)) != UADM_OK ||
	    (c = factor_required(u, k.user.uid, &required, err)) != UADM_OK ||
	    (c = members_update(u->store, &m, err)) != UADM_OK ||
	    (c = factor_grace_of_change(u, k.user.uid, &required, act_is_root(u),
		 ch.now.wall, err)) != UADM_OK ||
	    (c = guard_hold(u, &g, err)) != UADM_OK)
		return c;
	detail_add(&d, "account", k.account.name);
	detail_add(&d, "role", r.name);
	detail_add(&d, "was", k.member.role_name);
	detail_time(&d, "until", "", m.ends_at);
	if (m.then_role != 0) {
		if (m.then_role != then.id &&
		    (c = roles_get_id(u->store, m.then_role, &then, err)) != UADM_OK)
			return c;
		detail_add(&d, "then", then.name);
	}
	return detail_commit(&ch, u, "member.role", k.user.name, &d, true, err);
}

static enum uadm_code
set_rights(struct uadm *u, const struct case_at_hand *k, const struct rights *which,
    bool granted, bool *changed, struct uadm_err *err)
{
	enum uadm_code c = UADM_OK;

	for (int64_t right = 1; right <= RIGHTS_MOST && c == UADM_OK; right++) {
		bool one = false;

		if (!rights_has(which, right))
			continue;
		c = members_set_right(u->store, k->account.gid, k->user.uid, right,
		    granted ? MEMBER_RIGHT_GRANTED : MEMBER_RIGHT_DENIED, &one, err);
		*changed = *changed || one;
	}
	return c;
}

enum uadm_code
op_member_right(struct uadm *u, const char *account, const char *name,
    const char *const *rights, size_t count, bool granted, bool *changed,
    struct uadm_err *err)
{
	const enum act act = granted ? ACT_MEMBER_GRANT : ACT_MEMBER_DENY;
	struct case_at_hand k = { 0 };
	struct rights which;
	CHANGE ch = { 0 };
	DETAIL d = { 0 };
	GUARD g = { 0 };
	enum uadm_code c;

	*changed = false;
	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = look(u, account, name, &k, err)) != UADM_OK ||
	    (c = may(u, act, &k, NULL, err)) != UADM_OK)
		return c;
	if (!k.there)
		return no_member(&k, err);
	if ((c = find_rights(u, rights, count, &which, err)) != UADM_OK ||
	    (granted && (c = may(u, act, &k, &which, err)) != UADM_OK) ||
	    (c = guard_user(u, &g, k.user.uid, ch.now.wall, err)) != UADM_OK ||
	    (c = set_rights(u, &k, &which, granted, changed, err)) != UADM_OK ||
	    !*changed || (c = guard_hold(u, &g, err)) != UADM_OK ||
	    (granted &&
		(c = idle_warn(u, &k.account, &k.user, &which, err)) != UADM_OK))
		return c;
	detail_add(&d, "account", k.account.name);
	if ((c = detail_rights(u, &d, "rights", "", &which, err)) != UADM_OK)
		return c;
	return detail_commit(&ch, u, granted ? "member.grant" : "member.deny",
	    k.user.name, &d, false, err);
}

static const struct {
	enum act act;
	const char *action;
	enum member_state to;
} verbs[] = {
	[MEMBER_SUSPEND] = { ACT_MEMBER_SUSPEND, "member.suspend", MEMBER_SUSPENDED },
	[MEMBER_RESUME] = { ACT_MEMBER_RESUME, "member.resume", MEMBER_ACTIVE },
	[MEMBER_REVOKE] = { ACT_MEMBER_REVOKE, "member.revoke", MEMBER_ENDED },
};

/* Suspended and resumed it would be accepted; by whom it was not asked. Root does it in their name. */
static enum uadm_code
check_pending(struct uadm *u, const struct case_at_hand *k, enum member_verb verb,
    struct uadm_err *err)
{
	if (k->member.state != MEMBER_PENDING || verb == MEMBER_REVOKE)
		return UADM_OK;
	if (verb == MEMBER_SUSPEND)
		return uadm_fail(err, UADM_INVALID,
		    "%s has not accepted yet: there is nothing to suspend, but it can be revoked",
		    k->user.name);
	if (act_is_root(u))
		return UADM_OK;
	uadm_fail(err, UADM_DENIED, "%s has to accept it; only root can do it for them",
	    k->user.name);
	return uadm_hint(err,
	    "they accept by logging in with the code that uadmctl invite resend %s sends; root by: "
	    "uadmctl member resume %s %s",
	    k->user.name, k->account.name, k->user.name);
}

/* What somebody runs is not only this account's: whoever takes them in and out again must not end it. */
static enum uadm_code
may_end(struct uadm *u, const struct case_at_hand *k, struct uadm_err *err)
{
	const enum uadm_code c = act_on_user(u, ACT_USER_SUSPEND, &k->user, err);

	if (c == UADM_DENIED)
		uadm_hint(err,
		    "who may suspend %s may end what they run; without --end-sessions they lose what "
		    "%s gives them",
		    k->user.name, k->account.name);
	return c;
}

/* What the membership holds is compared as for all verbs; its roles come back as if they were given. */
static enum uadm_code
may_resume(struct uadm *u, const struct case_at_hand *k, struct uadm_err *err)
{
	struct role r = { 0 }, then = { 0 };
	struct act_on on = { .act = ACT_MEMBER_RESUME,
		.target = &k->user,
		.account = k->account.gid,
		.role = &r,
		.then_role = &then };
	enum uadm_code c = roles_get_id(u->store, k->member.role, &r, err);

	if (c == UADM_OK && k->member.then_role != 0)
		c = roles_get_id(u->store, k->member.then_role, &then, err);
	return c == UADM_OK ? act_may(u, &on, err) : c;
}

enum uadm_code
member_set_state(struct uadm *u, struct change *ch, const char *account,
    const char *name, enum member_verb verb, bool ends, bool *changed,
    struct uadm_err *err)
{
	struct case_at_hand k = { 0 };
	char detail[200];
	struct member m;
	GUARD g = { 0 };
	enum uadm_code c;

	*changed = false;
	if ((c = look(u, account, name, &k, err)) != UADM_OK ||
	    (c = may(u, verbs[verb].act, &k, NULL, err)) != UADM_OK ||
	    (ends && (c = may_end(u, &k, err)) != UADM_OK))
		return c;
	if (k.member.account != 0 && k.member.state == verbs[verb].to)
		return UADM_OK;
	if (!k.there)
		return no_member(&k, err);
	if ((c = check_pending(u, &k, verb, err)) != UADM_OK ||
	    (verb == MEMBER_RESUME && (c = may_resume(u, &k, err)) != UADM_OK) ||
	    (c = guard_user(u, &g, k.user.uid, ch->now.wall, err)) != UADM_OK)
		return c;
	m = k.member;
	m.state = verbs[verb].to;
	if (verb == MEMBER_REVOKE) {
		m.ends_at = m.then_role = 0;
		m.since = ch->now.wall;
	}
	*changed = true;
	if ((verb == MEMBER_REVOKE &&
		(c = members_drop_rights(u->store, m.account, m.uid, err)) !=
		    UADM_OK) ||
	    (c = members_update(u->store, &m, err)) != UADM_OK ||
	    (c = guard_hold(u, &g, err)) != UADM_OK ||
	    (k.user.invited && (c = invite_is_over(u, k.user.uid, err)) != UADM_OK))
		return c;
	snprintf(detail, sizeof(detail), "account=%s role=%s%s", k.account.name,
	    k.member.role_name, m.principal ? " principal=yes" : "");
	return change_note(ch, u, verbs[verb].action, k.user.name, detail, true, err);
}

enum uadm_code
op_member_state(struct uadm *u, const char *account, const char *name,
    enum member_verb verb, bool ends, bool *changed, struct uadm_err *err)
{
	CHANGE ch = { 0 };
	enum uadm_code c;

	*changed = false;
	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = member_set_state(u, &ch, account, name, verb, ends, changed, err)) !=
		UADM_OK)
		return c;
	return *changed ? change_end(&ch, u, err) : UADM_OK;
}
