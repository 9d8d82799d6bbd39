/*
 * Threat: a copy that is more than who made it. What is given is cut down here to be told, and held
 * against the rule once more when it is written (members.h); all of it in the one transaction, so that
 * what the source loses meanwhile is not given.
 */
#include "libuadm/ops/clone.h"

#include "libuadm/ops/accounts.h"
#include "libuadm/ops/act.h"
#include "libuadm/ops/show.h"
#include "libuadm/policy/rights.h"
#include "libuadm/store/accounts.h"
#include "libuadm/store/groups.h"
#include "libuadm/store/members.h"
#include "libuadm/store/rights.h"
#include "libuadm/store/roles.h"

#include <stdlib.h>
#include <string.h>

enum { ALIKE_MOST = 5 };

struct copying {
	struct uadm *u;
	struct clone *k;
	struct user source;
	struct rights grant, deny;
	struct member_addition *at;
	struct names { /* what the additions point to */
		char account[UADM_NAME_SIZE], role[UADM_NAME_SIZE],
		    then[UADM_NAME_SIZE];
		struct rights skipped;
	} * names;
	char (*groups)[UADM_NAME_SIZE];
	const char **group_list;
	size_t count, group_count;
};

/* One more, separated by ','. "" makes the list without adding to it. */
static enum uadm_code
add_word(struct words *w, const char *word, struct uadm_err *err)
{
	const size_t len = strlen(word), need = w->used + len + 2;
	char *text;

	if (need > w->room) {
		if ((text = realloc(w->text, 2 * need)) == NULL)
			return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
		w->text = text;
		w->room = 2 * need;
	}
	if (w->used > 0 && len > 0)
		w->text[w->used++] = ',';
	memcpy(w->text + w->used, word, len + 1);
	w->used += len;
	return UADM_OK;
}

struct choice {
	struct uadm *u;
	gid_t account;
	const struct rights *most; /* nothing beyond these */
	struct role best;
	int count; /* rights of it; -1: there is none yet */
};

static int
count_of(const struct rights *r)
{
	int n = 0;

	for (int64_t id = 1; id <= RIGHTS_MOST; id++)
		n += rights_has(r, id);
	return n;
}

static enum uadm_code
may_give_role(struct uadm *u, gid_t account, const struct role *r, struct uadm_err *err)
{
	return act_may(u,
	    &(struct act_on){ .act = ACT_USER_ADD,
		.account = account,
		.given = r->rights,
		.role = r },
	    err);
}

static enum uadm_code
may_give_role_id(struct uadm *u, gid_t account, int64_t id, struct uadm_err *err)
{
	struct role r;
	enum uadm_code c = id != 0 ? roles_get_id(u->store, id, &r, err) : UADM_OK;

	return c == UADM_OK && id != 0 ? may_give_role(u, account, &r, err) : c;
}

static enum uadm_code
consider(void *arg, const struct role *r, struct uadm_err *err)
{
	struct choice *ch = arg;
	const int n = count_of(&r->rights);
	enum uadm_code c;

	/* One that holds everything holds later rights too: it is given as it is or not at all. */
	if (r->everything || (ch->most != NULL && !rights_within(&r->rights, ch->most)))
		return UADM_OK;
	/* The most of what is within; without a bound the least there is. */
	if (ch->count >= 0 && (ch->most != NULL ? n <= ch->count : n >= ch->count))
		return UADM_OK;
	if ((c = may_give_role(ch->u, ch->account, r, err)) == UADM_OK) {
		ch->best = *r;
		ch->count = n;
	}
	return c == UADM_DENIED ? UADM_OK : c;
}

static enum uadm_code
skip_account(struct copying *p, const struct member *m, struct uadm_err *err)
{
	enum uadm_code c = act_in_account(p->u, ACT_ACCOUNT_READ, m->account, err);

	if (c == UADM_OK)
		return add_word(&p->k->accounts_skipped, m->account_name, err);
	p->k->accounts_unseen += c == UADM_DENIED;
	return c == UADM_DENIED ? UADM_OK : c;
}

/*
 * The role, as it is, or the one that holds most of what may be given, or the least of all (what
 * of it the source does not hold is denied then); *given: what it holds. false in *found: none
 * that may be given.
 */
static enum uadm_code
choose_role(struct copying *p, const struct holding *h, const struct rights *may_give,
    struct names *n, struct rights *given, bool *found, struct uadm_err *err)
{
	const struct member *m = &h->member;
	struct rights most = rights_common(&h->of_role, may_give);
	struct choice ch = {
		.u = p->u, .account = m->account, .most = &most, .count = -1
	};
	enum uadm_code c;

	*found = true;
	*given = h->of_role;
	memcpy(n->role, h->member.role_name, sizeof(n->role));
	memcpy(n->then, h->member.then_role_name, sizeof(n->then));
	c = may_give_role_id(p->u, m->account, m->role, err);
	if (c == UADM_OK)
		c = may_give_role_id(p->u, m->account, m->then_role, err);
	if (c != UADM_DENIED)
		return c;
	n->then[0] = '\0';
	if (h->member.then_role != 0) /* for good, so it is less than either */
		most = rights_common(&most, &h->of_then_role);
	c = roles_each(p->u->store, consider, &ch, err);
	if (c == UADM_OK && ch.count < 0) {
		ch.most = NULL;
		c = roles_each(p->u->store, consider, &ch, err);
	}
	if (c != UADM_OK)
		return c;
	*found = ch.count >= 0;
	*given = ch.best.rights;
	memcpy(n->role, ch.best.name, sizeof(n->role));
	return UADM_OK;
}

static void
copy_rights(struct copying *p, const struct holding *h, const struct rights *may_give,
    const struct rights *of_role, struct member_addition *a, struct names *n)
{
	const struct rights sum = rights_union(&h->of_role, &h->allowed);
	const struct rights held = rights_minus(&sum, &h->denied);
	/* What a role for a while holds is not given for good. */
	const struct rights *all = h->member.then_role != 0 ? &h->allowed : &held;
	struct rights some = rights_common(all, may_give), got, skipped;
	const struct rights beyond = rights_minus(of_role, &sum);

	some = rights_minus(&some, of_role);
	a->less = rights_union(&h->denied, &p->deny);
	a->less = rights_union(&a->less, &beyond);
	a->less = rights_minus(&a->less, &p->grant);
	a->more = rights_minus(&some, &a->less);
	got = rights_union(of_role, &a->more);
	skipped = rights_minus(&held, &got);
	n->skipped = rights_minus(&skipped, &a->less);
}

static bool
grow(struct copying *p)
{
	void *at, *names;

	if ((p->count & (p->count + 1)) != 0) /* one below a power of two: it is full */
		return true;
	at = reallocarray(p->at, 2 * p->count + 1, sizeof(*p->at));
	if (at != NULL)
		p->at = at;
	names = reallocarray(p->names, 2 * p->count + 1, sizeof(*p->names));
	if (names != NULL)
		p->names = names;
	return at != NULL && names != NULL;
}

static enum uadm_code
copy_membership(void *arg, const struct holding *h, struct uadm_err *err)
{
	struct copying *p = arg;
	const struct member *m = &h->member;
	struct rights may_give, of_role;
	bool found = false;
	enum uadm_code c;

	c = act_in_account(p->u, ACT_USER_ADD, m->account, err);
	if (c == UADM_DENIED || m->state == MEMBER_SUSPENDED)
		return skip_account(p, m, err);
	if (c != UADM_OK ||
	    (c = act_grantable(p->u, m->account, &may_give, err)) != UADM_OK)
		return c;
	if (!grow(p))
		return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	p->at[p->count] = (struct member_addition){ .ends_at = m->ends_at };
	p->names[p->count] = (struct names){ .account = "" };
	memcpy(p->names[p->count].account, m->account_name, UADM_NAME_SIZE);
	if ((c = choose_role(p, h, &may_give, &p->names[p->count], &of_role, &found,
		 err)) != UADM_OK)
		return c;
	if (!found)
		return skip_account(p, m, err);
	if (m->then_role != 0 && p->names[p->count].then[0] == '\0')
		p->at[p->count].ends_at = 0;
	copy_rights(p, h, &may_give, &of_role, &p->at[p->count], &p->names[p->count]);
	p->count++;
	return UADM_OK;
}

/* The arrays have stopped moving. The source's principal account is the copy's, if it is among them. */
static void
settle(struct copying *p, const struct clone *k, gid_t principal, struct uadm *u)
{
	struct account a;
	struct uadm_err ignored;

	for (size_t i = 0; i < p->count; i++) {
		struct names *n = &p->names[i];

		p->at[i].account = n->account;
		p->at[i].role = n->role;
		p->at[i].then = n->then[0] != '\0' ? n->then : NULL;
		p->at[i].rights = k->grant;
		p->at[i].right_count = k->grant_count;
	}
	if (principal == 0 ||
	    accounts_get_gid(u->store, principal, &a, &ignored) != UADM_OK)
		return;
	for (size_t i = 1; i < p->count; i++)
		if (strcmp(p->at[i].account, a.name) == 0) {
			const struct member_addition first = p->at[0];

			p->at[0] = p->at[i];
			p->at[i] = first;
		}
}

static enum uadm_code
copy_group(void *arg, gid_t gid, struct uadm_err *err)
{
	struct copying *p = arg;
	struct clone *k = p->k;
	char name[UADM_NAME_SIZE];
	enum uadm_code c = groups_name(p->u->store, gid, name, err);

	if (c != UADM_OK)
		return c;
	/* A group is the host's: what it is trusted with is not the account's to give. */
	return add_word(act_is_root(p->u) ? &k->groups : &k->groups_skipped, name, err);
}

static enum uadm_code
set_groups(struct copying *p, struct uadm_err *err)
{
	struct clone *k = p->k;
	size_t n = 0;

	for (const char *s = k->groups.text; *s != '\0'; s++)
		n += *s == ',' || s == k->groups.text;
	p->groups = calloc(n + 1, sizeof(*p->groups));
	p->group_list = calloc(n + 1, sizeof(*p->group_list));
	if (p->groups == NULL || p->group_list == NULL)
		return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	for (const char *s = k->groups.text; *s != '\0'; p->group_count++) {
		size_t len = strcspn(s, ",");

		snprintf(
		    p->groups[p->group_count], UADM_NAME_SIZE, "%.*s", (int)len, s);
		p->group_list[p->group_count] = p->groups[p->group_count];
		s += len + (s[len] == ',');
	}
	k->add.groups = p->group_list;
	k->add.group_count = p->group_count;
	return UADM_OK;
}

struct alike {
	const struct copying *p;
	int64_t role;
	struct words names;
	int count;
};

static enum uadm_code
keep_alike(void *arg, const struct member *m, struct uadm_err *err)
{
	struct alike *a = arg;

	if (m->uid == a->p->source.uid || m->role != a->role ||
	    m->state != MEMBER_ACTIVE || a->count >= ALIKE_MOST)
		return UADM_OK;
	a->count++;
	return add_word(&a->names, m->user_name, err);
}

static void
alike_free(struct alike *a)
{
	free(a->names.text);
}

/* F95. Whom to clone instead: who has the same role in the same account. */
static enum uadm_code
refuse_self(struct copying *p, struct uadm_err *err)
{
	CLEANUP(alike_free) struct alike a = { .p = p };
	struct uadm_err ignored;
	struct member m;

	if (members_get(p->u->store, p->source.account, p->source.uid, &m, &ignored) ==
	    UADM_OK) {
		a.role = m.role;
		if (act_in_account(p->u, ACT_ACCOUNT_READ, m.account, &ignored) ==
			UADM_OK &&
		    members_each(p->u->store,
			&(struct member_filter){ .account = m.account }, keep_alike, &a,
			&ignored) != UADM_OK)
			a.names.used = 0;
	}
	uadm_fail(err, UADM_DENIED, "nobody clones themselves");
	return a.names.used > 0
	    ? uadm_hint(err, "similar users: %s", a.names.text)
	    : uadm_hint(err, "nobody else in your account has your role");
}

static enum uadm_code
copy_details(struct copying *p, struct uadm_err *err)
{
	struct user *to = &p->k->add.user;
	const struct user *from = &p->source;

	if (from->kind == USER_SERVICE) {
		uadm_fail(err, UADM_INVALID, "%s is a service identity", from->name);
		return uadm_hint(err,
		    "each has a reason, an owner and a review of its own: uadmctl user add "
		    "NAME --kind service");
	}
	if (to->time_zone[0] == '\0')
		memcpy(to->time_zone, from->time_zone, sizeof(to->time_zone));
	if (!p->k->expires_given)
		to->expires_at = from->expires_at;
	if (to->valid_from != 0 && to->expires_at != 0 &&
	    to->valid_from >= to->expires_at)
		return uadm_fail(err, UADM_INVALID,
		    "valid-from is not before the expires of %s", from->name);
	return UADM_OK;
}

static enum uadm_code
prepare(struct uadm *u, struct user_addition *add, struct uadm_err *err)
{
	struct copying *p = add->arg;
	struct clone *k = p->k;
	enum uadm_code c;

	if ((c = find_user(u, k->source, &p->source, err)) != UADM_OK ||
	    (c = act_on_user(u, ACT_USER_READ, &p->source, err)) != UADM_OK)
		return c;
	if (!act_is_root(u) && p->source.uid == u->acting.uid)
		return refuse_self(p, err);
	if ((c = copy_details(p, err)) != UADM_OK ||
	    (c = find_rights(u, k->grant, k->grant_count, &p->grant, err)) != UADM_OK ||
	    (c = find_rights(u, k->deny, k->deny_count, &p->deny, err)) != UADM_OK ||
	    (c = holdings_each(u->store, p->source.uid, 0, copy_membership, p, err)) !=
		UADM_OK ||
	    (c = groups_each_ordinary_of(
		 u->store, p->source.uid, copy_group, p, err)) != UADM_OK ||
	    (c = set_groups(p, err)) != UADM_OK)
		return c;
	settle(p, k, p->source.account, u);
	add->accounts = p->at;
	add->account_count = p->count;
	return UADM_OK;
}

static void
copying_done(struct copying *p)
{
	free(p->names);
	free(p->groups);
	free(p->group_list);
}

void
clone_free(struct clone *k)
{
	free(k->add.accounts);
	k->add.accounts = NULL;
	k->add.account_count = 0;
	free(k->groups.text);
	free(k->groups_skipped.text);
	free(k->accounts_skipped.text);
	k->groups = k->groups_skipped = k->accounts_skipped = (struct words){ 0 };
}

/* What the role and the rights lost is told with what --grant could not give. */
static void
tell_rights(struct member_addition *a, const struct names *n)
{
	a->skipped = rights_union(&a->skipped, &n->skipped);
}

enum uadm_code
op_user_clone(struct uadm *u, struct clone *k, struct uadm_err *err)
{
	CLEANUP(copying_done) struct copying p = { .u = u, .k = k };
	enum uadm_code c;

	k->groups.used = k->groups_skipped.used = k->accounts_skipped.used = 0;
	k->accounts_unseen = 0;
	if ((c = add_word(&k->groups, "", err)) != UADM_OK ||
	    (c = add_word(&k->groups_skipped, "", err)) != UADM_OK ||
	    (c = add_word(&k->accounts_skipped, "", err)) != UADM_OK)
		return c;
	k->add.prepare = prepare;
	k->add.arg = &p;
	k->add.clone_of = k->source;
	c = op_user_add(u, &k->add, err);
	/* What they point to ends here; member.account_name and the like stay. */
	for (size_t i = 0; i < p.count; i++) {
		for (size_t j = 0; j < p.count; j++)
			if (p.at[i].account == p.names[j].account)
				tell_rights(&p.at[i], &p.names[j]);
		p.at[i].account = p.at[i].member.account_name;
		p.at[i].role = p.at[i].member.role_name;
		p.at[i].then = NULL;
	}
	k->add.accounts = p.at;
	k->add.account_count = p.count;
	k->add.groups = NULL;
	k->add.group_count = 0;
	return c;
}
