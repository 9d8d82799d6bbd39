#include "libuadm/policy/delegation.h"

#include "libuadm/base/cleanup.h"
#include "libuadm/policy/rights.h"

/* The manual's table is printed from this one. */
const struct act_rule act_rules[ACT_COUNT] = {
	[ACT_NONE] = { NULL, ACT_WHERE_ROOT },
	[ACT_ROOT] = { "everything else", ACT_WHERE_ROOT },
	[ACT_CATALOGUE_READ] = { "role list, role show, right list", ACT_WHERE_ANYONE },
	[ACT_USER_READ] = { "user show, user check, factor list USER, can, policy show --user, session list USER",
	    ACT_WHERE_SHARED, { RIGHT_USER_READ } },
	[ACT_ACCOUNT_READ] = { "account show, member list, user list --account, user stale --account, review list, invite list --account, policy show --account, session list --account",
	    ACT_WHERE_ACCOUNT, { RIGHT_USER_READ } },
	[ACT_USER_ADD] = { "user add --account, user invite --account, user clone",
	    ACT_WHERE_ACCOUNT, { RIGHT_USER_WRITE, RIGHT_USER_READ } },
	[ACT_USER_SET] = { "user set, user tag, user untag", ACT_WHERE_PRINCIPAL,
	    { RIGHT_USER_WRITE }, ACT_CAP_PRINCIPAL },
	[ACT_USER_SET_WAY_IN] = { "user set --email, --home, --shell",
	    ACT_WHERE_PRINCIPAL, { RIGHT_USER_WRITE }, ACT_CAP_ALL },
	[ACT_USER_SET_TIME] = { "user set --valid-from, --expires", ACT_WHERE_PRINCIPAL,
	    { RIGHT_USER_WRITE }, ACT_CAP_PRINCIPAL, true },
	[ACT_USER_SET_HOST] = { "user add, user set: --uid, --groups, --reuse-name, another --home, --shell",
	    ACT_WHERE_ROOT },
	[ACT_USER_SUSPEND] = { "user suspend; member suspend, member revoke: --end-sessions",
	    ACT_WHERE_PRINCIPAL, { RIGHT_USER_WRITE }, ACT_CAP_PRINCIPAL },
	[ACT_USER_RESUME] = { "user resume", ACT_WHERE_PRINCIPAL, { RIGHT_USER_WRITE },
	    ACT_CAP_PRINCIPAL, true },
	[ACT_USER_UNLOCK] = { "user unlock", ACT_WHERE_PRINCIPAL, { RIGHT_USER_WRITE },
	    ACT_CAP_ALL },
	[ACT_USER_SET_PASSWORD] = { "user set-password", ACT_WHERE_PRINCIPAL,
	    { RIGHT_USER_WRITE }, ACT_CAP_ALL },
	[ACT_USER_RESET_PASSWORD] = { "user reset-password", ACT_WHERE_PRINCIPAL,
	    { RIGHT_USER_WRITE }, ACT_CAP_ALL },
	[ACT_INVITE_RESEND] = { "invite resend", ACT_WHERE_PRINCIPAL,
	    { RIGHT_USER_WRITE }, ACT_CAP_ALL, true },
	[ACT_INVITE_CANCEL] = { "invite cancel", ACT_WHERE_PRINCIPAL,
	    { RIGHT_USER_WRITE }, ACT_CAP_ALL, true },
	[ACT_USER_DELETE] = { "user delete", ACT_WHERE_PRINCIPAL, { RIGHT_USER_WRITE },
	    ACT_CAP_PRINCIPAL },
	[ACT_SESSION_OWN] = { "session list, session terminate: one's own",
	    ACT_WHERE_ANYONE },
	[ACT_SESSION_END] = { "session terminate", ACT_WHERE_PRINCIPAL,
	    { RIGHT_USER_WRITE }, ACT_CAP_ALL },
	[ACT_FACTOR_ENROLL] = { "factor enroll, factor recovery, user set --mobile",
	    ACT_WHERE_PRINCIPAL, { RIGHT_USER_WRITE }, ACT_CAP_ALL, true },
	[ACT_FACTOR_REMOVE] = { "factor remove", ACT_WHERE_PRINCIPAL,
	    { RIGHT_USER_WRITE }, ACT_CAP_ALL, true },
	[ACT_USER_TRANSFER] = { "user transfer", ACT_WHERE_PRINCIPAL,
	    { RIGHT_USER_WRITE }, ACT_CAP_ALL, true },
	[ACT_MEMBER_ADD] = { "member add", ACT_WHERE_ACCOUNT, { RIGHT_USER_WRITE },
	    ACT_CAP_ACCOUNT, true },
	[ACT_MEMBER_ROLE] = { "member role", ACT_WHERE_ACCOUNT, { RIGHT_ROLE_WRITE },
	    ACT_CAP_ACCOUNT, true },
	[ACT_MEMBER_GRANT] = { "member grant", ACT_WHERE_ACCOUNT, { RIGHT_ROLE_WRITE },
	    ACT_CAP_ACCOUNT, true },
	[ACT_MEMBER_DENY] = { "member deny", ACT_WHERE_ACCOUNT, { RIGHT_ROLE_WRITE },
	    ACT_CAP_ACCOUNT, true },
	[ACT_MEMBER_SUSPEND] = { "member suspend", ACT_WHERE_ACCOUNT,
	    { RIGHT_USER_WRITE }, ACT_CAP_ACCOUNT },
	[ACT_MEMBER_RESUME] = { "member resume", ACT_WHERE_ACCOUNT,
	    { RIGHT_USER_WRITE }, ACT_CAP_ACCOUNT, true },
	[ACT_MEMBER_REVOKE] = { "member revoke", ACT_WHERE_ACCOUNT,
	    { RIGHT_USER_WRITE }, ACT_CAP_ACCOUNT },
	[ACT_REVIEW] = { "review start, keep, finish; revoke: as member revoke",
	    ACT_WHERE_ACCOUNT, { RIGHT_USER_WRITE, RIGHT_USER_READ } },
	[ACT_ACCOUNT_SET] = { "account set", ACT_WHERE_ACCOUNT,
	    { RIGHT_ACCOUNT_WRITE } },
	[ACT_ACCOUNT_DOMAIN] = { "account set --domain", ACT_WHERE_ROOT },
	[ACT_POLICY_SET] = { "policy set, policy unset: --account, to what is no weaker",
	    ACT_WHERE_ACCOUNT, { RIGHT_ACCOUNT_WRITE } },
};

static const struct {
	const char *word, *text;
} reasons[] = {
	[DELEGATION_NO_ACT] = { "no-act", "that is nothing that anybody does" },
	[DELEGATION_ROOT_ONLY] = { "root-only", "only root may do that" },
	[DELEGATION_ACTOR_UNABLE] = { "actor-unable",
	    "who cannot log in cannot act either" },
	[DELEGATION_SELF] = { "self", "nobody does that to themselves" },
	[DELEGATION_NO_ACCOUNT] = { "no-account",
	    "a user who is in no account is root's to manage" },
	[DELEGATION_LACKS] = { "lacks-right", "a right that it needs is not held" },
	[DELEGATION_OUTRANKED] = { "outranked",
	    "the user holds a right that the actor lacks" },
	[DELEGATION_GROUPS] = { "group",
	    "the user is in a group that the actor is not in" },
	[DELEGATION_LIFTS] = { "lifts", "it would give a right that the actor lacks" },
	[DELEGATION_ROLE] = { "role",
	    "it would give a role that the actor does not have there, and with it its group" },
	[DELEGATION_FINE] = { "ok", "nothing stands in the way" },
};

bool
policy_delegation_is_local(enum act act)
{
	const enum act_where where =
	    (size_t)act < ACT_COUNT ? act_rules[act].where : ACT_WHERE_ROOT;

	return where != ACT_WHERE_PRINCIPAL && where != ACT_WHERE_SHARED &&
	    ((size_t)act >= ACT_COUNT || act_rules[act].cap != ACT_CAP_ALL);
}

static const struct standing *
standing_in(const struct standing *s, size_t count, gid_t account)
{
	static const struct standing nothing;
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s[middle].account < account)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && s[low].account == account ? &s[low] : &nothing;
}

static struct rights
held_in(const struct standing *s, size_t count, gid_t account)
{
	return standing_in(s, count, account)->rights;
}

/* Is this role, in that account, no more than what the actor has there? */
static bool
has_role(
    const struct delegation_facts *f, gid_t account, const struct standing_role *role)
{
	const struct standing *s = standing_in(f->actor, f->actor_count, account);

	return role->id == 0 || role->id == s->roles[0].id ||
	    (role->shipped && s->roles[0].id != 0 &&
		rights_within(&role->rights, &s->rights)) ||
	    (!rights_are_empty(&s->rights) &&
		rights_within(&f->catalogue->all, &s->rights));
}

static struct delegation_answer
refuse(enum delegation_reason reason, gid_t account, int64_t right)
{
	return (struct delegation_answer){
		.reason = reason, .account = account, .right = right
	};
}

/* The first of these that the others lack; 0: none. */
static int64_t
first_beyond(const struct rights *these, const struct rights *those)
{
	const struct rights beyond = rights_minus(these, those);
	int64_t right = 1;

	while (right <= RIGHTS_MOST && !rights_has(&beyond, right))
		right++;
	return right <= RIGHTS_MOST ? right : 0;
}

/* 0: the actor has what it takes there. */
static int64_t
first_needed(
    const struct delegation_facts *f, const struct act_rule *rule, gid_t account)
{
	const struct rights held = held_in(f->actor, f->actor_count, account);

	for (size_t i = 0; i < ARRAY_LEN(rule->needs) && rule->needs[i] != 0; i++)
		if (!rights_has(&held, rule->needs[i]))
			return rule->needs[i];
	return 0;
}

static struct delegation_answer
has_the_rights(const struct delegation_facts *f, const struct act_rule *rule)
{
	const struct delegation_answer fine = { true, DELEGATION_FINE, 0, 0 };
	gid_t account = rule->where == ACT_WHERE_ACCOUNT ? f->account : f->principal;
	int64_t lacks;

	switch (rule->where) {
	case ACT_WHERE_ROOT:
		return refuse(DELEGATION_ROOT_ONLY, 0, 0);
	case ACT_WHERE_ANYONE:
		return fine;
	case ACT_WHERE_SHARED:
		if (f->is_self)
			return fine;
		for (size_t i = 0; i < f->target_count; i++)
			if (first_needed(f, rule, f->target[i].account) == 0)
				return fine;
		break;
	case ACT_WHERE_ACCOUNT:
	case ACT_WHERE_PRINCIPAL:
		break;
	}
	if (account == 0)
		return refuse(DELEGATION_NO_ACCOUNT, 0, 0);
	lacks = first_needed(f, rule, account);
	/* Not in the principal account, yet the right may be held there. */
	if (rule->where == ACT_WHERE_SHARED && lacks == 0)
		return fine;
	return lacks == 0 ? fine : refuse(DELEGATION_LACKS, account, lacks);
}

static struct delegation_answer
compare_groups(const struct delegation_facts *f)
{
	size_t at = 0;

	for (size_t i = 0; i < f->target_group_count; i++) {
		while (at < f->actor_group_count &&
		    f->actor_groups[at] < f->target_groups[i])
			at++;
		if (at == f->actor_group_count ||
		    f->actor_groups[at] != f->target_groups[i])
			return refuse(DELEGATION_GROUPS, f->target_groups[i], 0);
	}
	return (struct delegation_answer){ true, DELEGATION_FINE, 0, 0 };
}

/* Nobody is above themselves. */
static struct delegation_answer
compare_target(const struct delegation_facts *f, enum act_cap cap)
{
	for (size_t i = 0; i < f->target_count && !f->is_self; i++) {
		const struct standing *t = &f->target[i];
		const struct rights held =
		    held_in(f->actor, f->actor_count, t->account);
		int64_t beyond;

		if ((cap == ACT_CAP_ACCOUNT && t->account != f->account) ||
		    (cap == ACT_CAP_PRINCIPAL && t->account != f->principal))
			continue;
		if ((beyond = first_beyond(&t->rights, &held)) != 0)
			return refuse(DELEGATION_OUTRANKED, t->account, beyond);
		if (cap == ACT_CAP_ALL &&
		    (!has_role(f, t->account, &t->roles[0]) ||
			!has_role(f, t->account, &t->roles[1])))
			return refuse(DELEGATION_GROUPS, t->account, 0);
	}
	return cap != ACT_CAP_ACCOUNT && !f->is_self
	    ? compare_groups(f)
	    : (struct delegation_answer){ true, DELEGATION_FINE, 0, 0 };
}

struct delegation_answer
policy_delegation(const struct delegation_facts *f)
{
	const struct act_rule *rule;
	struct delegation_answer a;
	struct rights held;
	int64_t beyond;

	if (f->act <= ACT_NONE || f->act >= ACT_COUNT)
		return refuse(DELEGATION_NO_ACT, 0, 0);
	rule = &act_rules[f->act];
	if (f->root)
		return (struct delegation_answer){ true, DELEGATION_FINE, 0, 0 };
	if (!f->able)
		return refuse(DELEGATION_ACTOR_UNABLE, 0, 0);
	if (rule->where == ACT_WHERE_ROOT)
		return refuse(DELEGATION_ROOT_ONLY, 0, 0);
	if (f->is_self && rule->not_self)
		return refuse(DELEGATION_SELF, 0, 0);
	/* Whoever takes one in who was in no account so far would have them for good. */
	if (f->has_target && f->principal == 0 && !f->is_self)
		return refuse(DELEGATION_NO_ACCOUNT, 0, 0);
	if (!(a = has_the_rights(f, rule)).allowed)
		return a;
	if (rule->cap != ACT_CAP_NONE &&
	    (!f->has_target || !(a = compare_target(f, rule->cap)).allowed))
		return f->has_target ? a : refuse(DELEGATION_NO_ACT, 0, 0);
	held = held_in(f->actor, f->actor_count, f->account);
	if ((beyond = first_beyond(&f->given, &held)) != 0)
		return refuse(DELEGATION_LIFTS, f->account, beyond);
	if (!has_role(f, f->account, &f->given_roles[0]) ||
	    !has_role(f, f->account, &f->given_roles[1]))
		return refuse(DELEGATION_ROLE, f->account, 0);
	return (struct delegation_answer){ true, DELEGATION_FINE, 0, 0 };
}

const char *
policy_delegation_word(enum delegation_reason reason)
{
	return (size_t)reason < ARRAY_LEN(reasons) ? reasons[reason].word
						   : reasons[DELEGATION_NO_ACT].word;
}

const char *
policy_delegation_text(enum delegation_reason reason)
{
	return (size_t)reason < ARRAY_LEN(reasons) ? reasons[reason].text
						   : reasons[DELEGATION_NO_ACT].text;
}
