/*
 * Threat: an invitation is a way in for whoever reads the mail. It gives no more than the inviter has
 * (member_join() asks), is good once and for a while, and until it is accepted nothing is shown of the
 * user in any group.
 *
 * Threat: names that come from outside. What is made of an address keeps to the rules of names, and
 * is nobody's.
 */
#include "libuadm/ops/invites.h"

#include "libuadm/base/names.h"
#include "libuadm/ops/accounts.h"
#include "libuadm/ops/act.h"
#include "libuadm/ops/guard.h"
#include "libuadm/ops/ids.h"
#include "libuadm/ops/policy_of.h"
#include "libuadm/ops/show.h"
#include "libuadm/policy/login.h"
#include "libuadm/store/members.h"
#include "libuadm/store/numbers.h"
#include "libuadm/store/users.h"

#include <string.h>

enum { NAMES_TRIED = 1000 };

void
invite_name(const char *email, char out[UADM_NAME_SIZE])
{
	size_t n = 0;

	for (const char *p = email; *p != '\0' && *p != '@' && *p != '+'; p++) {
		char c = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
		bool letter = c >= 'a' && c <= 'z';
		bool other = (c >= '0' && c <= '9') || c == '_' || c == '-';

		if (c == '.')
			c = '-', other = true;
		/* A letter comes first, no '-' last, and there is room for a number. */
		if (n == 0 && other && c >= '0' && c <= '9')
			out[n++] = 'u';
		if ((letter || (other && n > 0)) && n < UADM_NAME_SIZE - 5)
			out[n++] = c;
	}
	while (n > 0 && out[n - 1] == '-')
		n--;
	if (n == 0)
		out[n++] = 'u';
	out[n] = '\0';
}

static bool
is_free(struct uadm *u, const char *name)
{
	void (*const warn)(const char *) = u->warn;
	struct uadm_err ignored;
	bool free;

	u->warn = NULL; /* of the one that is taken it is said once */
	free = name_check("name", name, &ignored) == UADM_OK &&
	    take_user_name(u, name, false, &ignored) == UADM_OK;
	u->warn = warn;
	return free;
}

/* jo, jo2, jo3, ...; and a home that was not given goes along. */
static enum uadm_code
choose_name(struct uadm *u, struct user_addition *add, struct uadm_err *err)
{
	const char *wanted = add->arg;
	struct user *user = &add->user;
	char home[UADM_PATH_SIZE];
	bool home_given;

	snprintf(home, sizeof(home), "%s/%s", u->config.home_base, user->name);
	home_given = strcmp(home, user->home) != 0;
	for (int i = 2; !is_free(u, user->name); i++) {
		if (i > NAMES_TRIED) {
			uadm_fail(
			    err, UADM_EXISTS, "no name like \"%s\" is free", wanted);
			return uadm_hint(err, "give one: --name");
		}
		snprintf(user->name, sizeof(user->name), "%.26s%d", wanted, i);
	}
	if (!home_given)
		snprintf(user->home, sizeof(user->home), "%s/%s", u->config.home_base,
		    user->name);
	return UADM_OK;
}

enum uadm_code
op_user_invite(struct uadm *u, struct user_addition *add, char wanted[UADM_NAME_SIZE],
    struct uadm_err *err)
{
	if (add->user.email[0] == '\0')
		return uadm_fail(
		    err, UADM_INVALID, "an invitation needs an e-mail address");
	add->invite = true;
	if (add->user.name[0] == '\0') {
		invite_name(add->user.email, add->user.name);
		add->prepare = choose_name;
		add->arg = wanted;
	}
	memcpy(wanted, add->user.name, UADM_NAME_SIZE);
	/* A reserved one may begin one that is not. */
	if (add->prepare != NULL && name_is_reserved(wanted))
		snprintf(add->user.name, sizeof(add->user.name), "%.26s2", wanted);
	return op_user_add(u, add, err);
}

static enum uadm_code
invite(struct uadm *u, const struct user_addition *add, const struct clock_now *now,
    struct uadm_err *err)
{
	struct invitation i = { .uid = add->user.uid, .invited_at = now->wall };
	enum uadm_code c = UADM_OK;

	snprintf(i.invited_by, sizeof(i.invited_by), "%s", u->actor);
	if (add->account_count == 0)
		return invitations_put(u->store, &i, err);
	for (size_t n = 0; n < add->account_count && c == UADM_OK; n++) {
		i.account = add->accounts[n].member.account;
		c = invitations_put(u->store, &i, err);
	}
	return c;
}

enum uadm_code
invite_addition(struct uadm *u, struct user_addition *add, const struct clock_now *now,
    struct uadm_err *err)
{
	const struct member *m =
	    add->account_count > 0 ? &add->accounts[0].member : NULL;
	struct policy p;
	int64_t steady;
	enum uadm_code c;

	if (add->temporary) {
		if ((c = op_policy_of_uid(u, add->user.uid, &p, err)) != UADM_OK ||
		    (c = store_steady_keep(u->store, now, &steady, err)) != UADM_OK)
			return c;
		add->given.expires_at = now->wall + p.temp_password_lifetime;
		return users_set_temporary(u->store, add->user.uid,
		    add->given.expires_at, steady + p.temp_password_lifetime * 1000,
		    err);
	}
	add->invited = add->invite ||
	    (add->invite_if_pending && !add->user.password_set && m != NULL &&
		m->state == MEMBER_PENDING && add->user.kind == USER_PERSON);
	if (!add->invited)
		return UADM_OK;
	if ((c = invite(u, add, now, err)) != UADM_OK)
		return c;
	add->user.invited = true;
	return code_give(u, &add->user, CODE_INVITATION, add->way,
	    m != NULL ? m->account_name : NULL, m != NULL ? m->role_name : NULL, now,
	    &add->given, err);
}

struct listing {
	struct uadm *u;
	int64_t now;
	enum uadm_code (*found)(void *, const struct invitation *, struct uadm_err *);
	void *arg;
};

static enum uadm_code
show_invitation(void *arg, const struct invitation *found, struct uadm_err *err)
{
	const struct listing *l = arg;
	struct invitation i = *found;
	struct user user;
	enum uadm_code c = users_get_uid(l->u->store, i.uid, &user, err);

	if (c != UADM_OK)
		return c;
	i.status = policy_login_status(&user, false, l->now);
	return l->found(l->arg, &i, err);
}

enum uadm_code
op_invitations(struct uadm *u, const char *account,
    enum uadm_code (*found)(void *, const struct invitation *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	struct listing l = { .u = u, .found = found, .arg = arg };
	struct code_clock clock;
	struct clock_now now;
	struct account a;
	TXN t = { 0 };
	enum uadm_code c;

	clock_read(&now);
	clock.wall = l.now = now.wall;
	if ((c = txn_read(&t, u->store, err)) != UADM_OK)
		return c;
	if (account == NULL && !act_is_root(u)) {
		uadm_fail(
		    err, UADM_DENIED, "only root sees the invitations of all accounts");
		return uadm_hint(err, "uadmctl invite list --account ACCOUNT");
	}
	if ((account != NULL &&
		((c = find_account(u, account, &a, err)) != UADM_OK ||
		    (c = act_in_account(u, ACT_ACCOUNT_READ, a.gid, err)) !=
			UADM_OK)) ||
	    (c = store_steady(u->store, &now, &clock.steady, err)) != UADM_OK)
		return c;
	return invitations_each(u->store, account, &clock, show_invitation, &l, err);
}

/* Whose an address is is told to those alone who may do this to them. */
static enum uadm_code
find_invited(struct uadm *u, const char *who, enum act act, struct user *user,
    struct uadm_err *err)
{
	struct uadm_err why;
	char shown[80];
	enum uadm_code c;

	if (strchr(who, '@') == NULL)
		return (c = find_user(u, who, user, err)) == UADM_OK
		    ? act_on_user(u, act, user, err)
		    : c;
	if ((c = users_get_email(u->store, who, user, &why)) == UADM_OK &&
	    (c = act_on_user(u, act, user, &why)) == UADM_OK)
		return UADM_OK;
	if (c != UADM_NOT_FOUND && c != UADM_DENIED) {
		*err = why;
		return c;
	}
	return uadm_fail(err, UADM_NOT_FOUND,
	    "nobody with the address \"%s\" is invited",
	    text_escape(shown, sizeof(shown), who));
}

static bool
waits(const struct user *user)
{
	return user->invited || (user->account != 0 && user->member == MEMBER_PENDING);
}

static enum uadm_code
not_invited(const struct user *user, struct uadm_err *err)
{
	uadm_fail(
	    err, UADM_INVALID, "\"%s\" has no invitation that is open", user->name);
	return uadm_hint(
	    err, "for a new password: uadmctl user reset-password %s", user->name);
}

static enum uadm_code
nothing_to_cancel(const struct user *user, struct uadm_err *err)
{
	uadm_fail(
	    err, UADM_INVALID, "\"%s\" has no invitation that is open", user->name);
	return user->account != 0 && user->member == MEMBER_PENDING
	    ? uadm_hint(err,
		  "what waits to be accepted without a code: uadmctl member revoke ACCOUNT %s",
		  user->name)
	    : uadm_hint(err,
		  "uadmctl user show %s; who is to be kept out: uadmctl user suspend %s",
		  user->name, user->name);
}

static enum uadm_code
keep_pending(void *arg, const struct member *m, struct uadm_err *err)
{
	struct member *pending = arg;

	(void)err;
	if (m->state == MEMBER_PENDING)
		*pending = *m;
	return UADM_OK;
}

/* A code would shut out who has a login elsewhere until it is used: no account beside the principal one may do
 * that. */
static enum uadm_code
nothing_to_resend(struct uadm *u, const struct user *user, struct uadm_err *err)
{
	struct member_filter all = { .uid = user->uid };
	struct member pending = { 0 };
	enum uadm_code c;

	if ((c = members_each(u->store, &all, keep_pending, &pending, err)) != UADM_OK)
		return c;
	if (pending.account == 0 ||
	    act_in_account(u, ACT_ACCOUNT_READ, pending.account, err) != UADM_OK)
		return not_invited(user, err);
	uadm_fail(err, UADM_INVALID,
	    "\"%s\" has a login already: what waits in %s is not accepted by a code",
	    user->name, pending.account_name);
	return uadm_hint(err,
	    "root accepts it in their name: uadmctl member resume %s %s",
	    pending.account_name, user->name);
}

enum uadm_code
op_invite_resend(struct uadm *u, const char *who, enum code_way way,
    char name[UADM_NAME_SIZE], struct code_given *given, struct uadm_err *err)
{
	struct invitation i = { 0 };
	struct member m = { 0 };
	struct user user;
	CHANGE ch = { 0 };
	enum uadm_code c;

	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = find_invited(u, who, ACT_INVITE_RESEND, &user, err)) != UADM_OK)
		return c;
	memcpy(name, user.name, UADM_NAME_SIZE);
	if (!waits(&user) || user.kind != USER_PERSON)
		return nothing_to_resend(u, &user, err);
	if (user.account != 0 &&
	    (c = members_get(u->store, user.account, user.uid, &m, err)) != UADM_OK)
		return c;
	i = (struct invitation){
		.uid = user.uid, .account = user.account, .invited_at = ch.now.wall
	};
	snprintf(i.invited_by, sizeof(i.invited_by), "%s", u->actor);
	if ((!user.invited && (c = invitations_put(u->store, &i, err)) != UADM_OK) ||
	    (c = code_give(u, &user, CODE_INVITATION, way,
		 m.account != 0 ? m.account_name : NULL,
		 m.account != 0 ? m.role_name : NULL, &ch.now, given, err)) != UADM_OK)
		return c;
	c = change_commit(&ch, u, "invite.resend", user.name, NULL, false, err);
	if (c != UADM_OK)
		code_given_wipe(given);
	return c;
}

enum uadm_code
invite_is_over(struct uadm *u, uid_t uid, struct uadm_err *err)
{
	struct user user;
	enum uadm_code c = users_get_uid(u->store, uid, &user, err);

	return c != UADM_OK || user.invited ? c
					    : code_end(u, uid, CODE_INVITATION, err);
}

static enum uadm_code
take_back(struct uadm *u, const struct user *user, bool all,
    const struct clock_now *now, struct uadm_err *err)
{
	enum uadm_code c;

	if ((c = code_end(u, user->uid, CODE_NONE, err)) != UADM_OK)
		return c;
	if (all)
		return (c = users_delete(u->store, user->uid, err)) == UADM_OK
		    ? numbers_release(u->store, user->uid, now->wall, err)
		    : c;
	return invitations_end(u->store, user->uid, now->wall, err);
}

enum uadm_code
op_invite_cancel(struct uadm *u, const char *who, char name[UADM_NAME_SIZE],
    bool *deleted, struct uadm_err *err)
{
	struct last_login last;
	struct user user;
	CHANGE ch = { 0 };
	GUARD g = { 0 };
	enum uadm_code c;

	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = find_invited(u, who, ACT_INVITE_CANCEL, &user, err)) != UADM_OK)
		return c;
	memcpy(name, user.name, UADM_NAME_SIZE);
	if (!user.invited)
		return nothing_to_cancel(&user, err);
	if ((c = users_last_login(u->store, user.uid, &last, err)) != UADM_OK)
		return c;
	*deleted = !user.password_set && last.at == 0;
	if ((c = guard_user(u, &g, user.uid, ch.now.wall, err)) != UADM_OK ||
	    (c = take_back(u, &user, *deleted, &ch.now, err)) != UADM_OK ||
	    (c = guard_hold(u, &g, err)) != UADM_OK)
		return c;
	return change_commit(&ch, u, "invite.cancel", user.name,
	    *deleted ? "deleted=yes" : NULL, true, err);
}
