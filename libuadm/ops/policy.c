/*
 * Threat: an account's administrator who opens what the host protects; see overlay.h. The host's policy
 * is root's alone, and an account's is held against root's word when it is set and when it is read.
 */
#include "libuadm/ops/policy.h"

#include "libuadm/ops/accounts.h"
#include "libuadm/ops/act.h"
#include "libuadm/ops/policy_of.h"
#include "libuadm/ops/show.h"

#include "libuadm/base/names.h"
#include "libuadm/store/accounts.h"
#include "libuadm/store/factors.h"
#include "libuadm/store/policy.h"
#include "libuadm/store/roles.h"

#include <string.h>

static enum uadm_code
take(void *arg, const struct policy_place *place, const char *key, int64_t value,
    struct uadm_err *err)
{
	const struct setting *s = setting_find(key);
	char shown[60];

	(void)place;
	if (s != NULL)
		return policy_put(arg, s, value, err);
	return uadm_fail(err, UADM_UNAVAILABLE, "the policy has an unknown key: \"%s\"",
	    text_escape(shown, sizeof(shown), key));
}

enum uadm_code
op_policy_load(struct uadm *u, struct policy *p, struct uadm_err *err)
{
	enum uadm_code c;

	*p = policy_shipped();
	if ((c = policy_each(u->store, POLICY_OF_ALL, 0, take, p, err)) == UADM_OK)
		c = policy_check(p, err);
	return c;
}

/* A change of one place. */
struct setting_up {
	struct uadm *u;
	struct account account; /* gid 0: the host */
	struct role role;       /* id 0: all of them */
	struct policy_layers was, is;
	bool known; /* what it was: other hands may have written what is to be mended */
};

static enum uadm_code
find_place(struct setting_up *s, const struct policy_whose *whose, struct uadm_err *err)
{
	enum uadm_code c;

	if (whose->account == NULL)
		return act_as_root(s->u, err);
	if ((c = find_account(s->u, whose->account, &s->account, err)) != UADM_OK ||
	    (c = act_in_account(s->u, ACT_POLICY_SET, s->account.gid, err)) !=
		UADM_OK ||
	    whose->role == NULL)
		return c;
	return find_role(s->u, whose->role, &s->role, err);
}

static enum uadm_code
read_place(struct setting_up *s, struct policy_layers *l, struct uadm_err *err)
{
	struct policy host;
	enum uadm_code c;

	*l = (struct policy_layers){ .host = s->u->policy };
	if (s->account.gid != 0)
		return op_policy_layers(s->u, s->account.gid, s->role.id, l, err);
	c = op_policy_load(s->u, &host, err);
	l->host = host;
	return c;
}

static enum policy_layer
layer_of(const struct setting_up *s, bool own)
{
	if (s->role.id != 0)
		return own ? POLICY_ROLE_OWN : POLICY_ROLE;
	return own ? POLICY_ACCOUNT_OWN : POLICY_ACCOUNT;
}

static enum uadm_code
drop(
    struct setting_up *s, bool own, const struct setting *setting, struct uadm_err *err)
{
	const struct policy_place place = { s->account.gid, s->role.id, own };

	policy_layer_drop(&s->is, layer_of(s, own), setting);
	return policy_drop(s->u->store, &place, setting->key, err);
}

static enum uadm_code
refuse_weaker(struct setting_up *s, const struct setting_change *ch, int64_t floor,
    struct uadm_err *err)
{
	char value[SETTING_SIZE], least[SETTING_SIZE];

	uadm_fail(err, UADM_DENIED, "%s %s protects less than root wants here: %s",
	    ch->setting->key, setting_text(ch->setting, ch->value, value),
	    setting_text(ch->setting, floor, least));
	return uadm_hint(err,
	    "an account's own value is no weaker: uadmctl policy show --account %s %s",
	    s->account.name, ch->setting->key);
}

static enum uadm_code
put_above(struct setting_up *s, const struct setting_change *ch, struct uadm_err *err)
{
	bool own = !act_is_root(s->u);
	const struct policy_place place = { s->account.gid, s->role.id, own };
	int64_t floor;
	enum uadm_code c;

	/* Root's word takes the account's own back; who is not root takes back no word of root's. */
	if ((c = drop(s, true, ch->setting, err)) != UADM_OK ||
	    (!own && (c = drop(s, false, ch->setting, err)) != UADM_OK) || ch->reset)
		return c;
	floor = policy_word(&s->is, ch->setting).floor;
	if (own && setting_is_weaker(ch->setting, ch->value, floor))
		return refuse_weaker(s, ch, floor, err);
	if ((c = policy_layer_put(
		 &s->is, layer_of(s, own), ch->setting, ch->value, err)) != UADM_OK)
		return c;
	return policy_keep(s->u->store, &place, ch->setting->key, ch->value, err);
}

static enum uadm_code
put(struct setting_up *s, const struct setting_change *ch, struct uadm_err *err)
{
	const struct policy_place all = { .account = POLICY_OF_ALL };
	const char *key = ch->setting->key;
	int64_t value = ch->reset ? ch->setting->shipped : ch->value;

	if (s->account.gid != 0)
		return put_above(s, ch, err);
	return value == ch->setting->shipped
	    ? policy_drop(s->u->store, &all, key, err)
	    : policy_keep(s->u->store, &all, key, value, err);
}

/* One account, and one role in it, whose values have to fit over the new ones. */
struct fitting {
	struct uadm *u;
	struct policy host;
	gid_t only; /* 0: every account */
	gid_t account;
	int64_t role;
};

static enum uadm_code
check_fit(struct fitting *f, struct uadm_err *err)
{
	struct policy_layers l;
	struct policy p;
	struct account a;
	struct role r = { 0 };
	struct uadm_err ignored;
	char why[200];
	enum uadm_code c = op_policy_layers(f->u, f->account, f->role, &l, err);

	/* As it is it lets nobody in, and is mended for itself. */
	if (c != UADM_OK)
		return c == UADM_BUSY ? c : UADM_OK;
	l.host = f->host;
	p = policy_laid(&l);
	if (policy_check(&p, err) == UADM_OK)
		return UADM_OK;
	snprintf(why, sizeof(why), "%.199s", err->msg);
	if ((c = accounts_get_gid(f->u->store, f->account, &a, err)) != UADM_OK)
		return c;
	if (f->role != 0 && roles_get_id(f->u->store, f->role, &r, &ignored) != UADM_OK)
		r.name[0] = '\0';
	uadm_fail(err, UADM_INVALID, "in the account %s%s%s: %s", a.name,
	    r.name[0] != '\0' ? " for the role " : "", r.name, why);
	return uadm_hint(err, "uadmctl policy show --account %s%s%s", a.name,
	    r.name[0] != '\0' ? " --role " : "", r.name);
}

static enum uadm_code
fit_one(void *arg, const struct policy_place *place, const char *key, int64_t value,
    struct uadm_err *err)
{
	struct fitting *f = arg;

	(void)key;
	(void)value;
	if ((f->only != 0 && f->only != (gid_t)place->account) ||
	    (f->account == (gid_t)place->account && f->role == place->role))
		return UADM_OK;
	f->account = (gid_t)place->account;
	f->role = place->role;
	return check_fit(f, err);
}

/* The rows come by account and role. */
static enum uadm_code
all_fit(struct setting_up *s, struct uadm_err *err)
{
	struct fitting f = { .u = s->u, .host = s->is.host, .only = s->account.gid };
	struct policy p = policy_laid(&s->is);
	enum uadm_code c = policy_check(&p, err);

	return c != UADM_OK ? c : policy_each_account(s->u->store, fit_one, &f, err);
}

/* "deny=3 (was 5) lock-time=0" */
static void
describe(const struct setting_up *s, const struct setting_change *ch, char *detail,
    size_t size)
{
	char value[SETTING_SIZE];
	size_t used = strlen(detail);

	snprintf(detail + used, size - used, "%s%s=%s", used == 0 ? "" : " ",
	    ch->setting->key, setting_text(ch->setting, ch->value, value));
	used = strlen(detail);
	if (s->known && ch->was != ch->value)
		snprintf(detail + used, size - used, " (was %s%s)",
		    setting_text(ch->setting, ch->was, value),
		    s->account.gid != 0 && ch->reset ? ", unset" : "");
}

static enum uadm_code
apply(struct setting_up *s, struct setting_change *changes, size_t count,
    struct uadm_err *err)
{
	enum uadm_code c;

	for (size_t i = 0; i < count; i++)
		if ((c = put(s, &changes[i], err)) != UADM_OK)
			return c;
	if ((c = read_place(s, &s->is, err)) != UADM_OK)
		return c;
	for (size_t i = 0; i < count; i++) {
		const struct policy_word is = policy_word(&s->is, changes[i].setting);
		const struct policy_word was =
		    s->known ? policy_word(&s->was, changes[i].setting) : is;

		changes[i].value = is.value;
		changes[i].was = was.value;
		changes[i].changed = is.value != was.value || is.from != was.from;
	}
	return all_fit(s, err);
}

/* Who has to have a second factor from now on has time to set one up from now on: for what root
 * requires from when root did, whatever the account has over it. */
static enum uadm_code
begin_grace_of(const struct setting_up *s, const struct setting_change *ch,
    int64_t wall, struct uadm_err *err)
{
	bool by_root = s->known ? policy_word(&s->is, ch->setting).floor >
		policy_word(&s->was, ch->setting).floor
				: act_is_root(s->u);

	return by_root || !s->known || ch->value > ch->was
	    ? factors_rule_made(s->u->store, s->account.gid, !by_root, wall, err)
	    : UADM_OK;
}

static enum uadm_code
begin_grace(const struct setting_up *s, const struct setting_change *changes,
    size_t count, int64_t wall, struct uadm_err *err)
{
	for (size_t i = 0; i < count; i++)
		if (changes[i].setting->offset ==
		    offsetof(struct policy, require_factor))
			return begin_grace_of(s, &changes[i], wall, err);
	return UADM_OK;
}

enum uadm_code
op_policy_set(struct uadm *u, const struct policy_whose *whose,
    struct setting_change *changes, size_t count, struct policy *is, bool *changed,
    struct uadm_err *err)
{
	struct setting_up s = { .u = u };
	char detail[1024] = "";
	CHANGE ch = { 0 };
	struct uadm_err ignored;
	enum uadm_code c;

	*changed = false;
	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = find_place(&s, whose, err)) != UADM_OK)
		return c;
	s.known = read_place(&s, &s.was, &ignored) == UADM_OK;
	s.is = s.was;
	if ((c = apply(&s, changes, count, err)) != UADM_OK)
		return c;
	*is = policy_laid(&s.is);
	*changed = !s.known || memcmp(&s.was, &s.is, sizeof(s.is)) != 0;
	if (!*changed)
		return UADM_OK;
	if ((c = begin_grace(&s, changes, count, ch.now.wall, err)) != UADM_OK)
		return c;
	if (s.role.id != 0)
		snprintf(detail, sizeof(detail), "role=%s", s.role.name);
	for (size_t i = 0; i < count; i++)
		describe(&s, &changes[i], detail, sizeof(detail));
	if ((c = change_commit(&ch, u, "policy.set",
		 s.account.gid != 0 ? s.account.name : NULL, detail, false, err)) !=
	    UADM_OK)
		return c;
	if (!u->dry_run && s.account.gid == 0)
		u->policy = s.is.host;
	return UADM_OK;
}

static enum uadm_code
view_user(struct uadm *u, const char *name, struct account *a, struct role *r,
    struct policy_view *v, struct uadm_err *err)
{
	struct user user;
	enum uadm_code c;

	if ((c = find_user(u, name, &user, err)) != UADM_OK ||
	    (c = act_on_user(u, ACT_USER_READ, &user, err)) != UADM_OK)
		return c;
	memcpy(v->user, user.name, sizeof(v->user));
	if (user.account == 0)
		return UADM_OK;
	/* Who sees a user in one account is told nothing of the others. */
	if (user.uid != u->acting.uid &&
	    (c = act_in_account(u, ACT_ACCOUNT_READ, user.account, err)) != UADM_OK)
		return c;
	c = accounts_get_gid(u->store, user.account, a, err);
	return c == UADM_OK ? roles_get_id(u->store, user_role_now(&user), r, err) : c;
}

static enum uadm_code
view_account(struct uadm *u, const struct policy_whose *whose, struct account *a,
    struct role *r, struct uadm_err *err)
{
	enum uadm_code c;

	if ((c = find_account(u, whose->account, a, err)) != UADM_OK ||
	    (c = act_in_account(u, ACT_ACCOUNT_READ, a->gid, err)) != UADM_OK ||
	    whose->role == NULL)
		return c;
	return find_role(u, whose->role, r, err);
}

enum uadm_code
op_policy_view(struct uadm *u, const struct policy_whose *whose, struct policy_view *v,
    struct uadm_err *err)
{
	struct account a = { 0 };
	struct role r = { 0 };
	TXN t = { 0 };
	enum uadm_code c;

	memset(v, 0, sizeof(*v));
	if ((c = txn_read(&t, u->store, err)) != UADM_OK)
		return c;
	if (whose->user != NULL)
		c = view_user(u, whose->user, &a, &r, v, err);
	else if (whose->account != NULL)
		c = view_account(u, whose, &a, &r, err);
	else
		c = act_as_root(u, err);
	if (c != UADM_OK)
		return c;
	memcpy(v->account, a.name, sizeof(v->account));
	memcpy(v->role, r.name, sizeof(v->role));
	return op_policy_layers(u, a.gid, r.id, &v->layers, err);
}
