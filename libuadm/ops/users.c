#include "libuadm/ops/users.h"

#include "libuadm/base/names.h"
#include "libuadm/ops/accounts.h"
#include "libuadm/ops/act.h"
#include "libuadm/ops/contacts.h"
#include "libuadm/ops/detail.h"
#include "libuadm/ops/domains.h"
#include "libuadm/ops/groups.h"
#include "libuadm/ops/guard.h"
#include "libuadm/ops/homes.h"
#include "libuadm/ops/ids.h"
#include "libuadm/ops/invites.h"
#include "libuadm/ops/letters.h"
#include "libuadm/ops/owners.h"
#include "libuadm/ops/passwords.h"
#include "libuadm/ops/show.h"
#include "libuadm/ops/user_there.h"
#include "libuadm/store/groups.h"
#include "libuadm/store/numbers.h"
#include "libuadm/store/users.h"

#include <stddef.h>
#include <string.h>

/* What a dry run writes is rolled back: it need not pay, but the row must hold something. */
static enum uadm_code
make_verifier(const struct uadm *u, const struct secret *pw, struct verifier *v,
    struct uadm_err *err)
{
	if (!u->dry_run)
		return pwhash_make(v, pw, uadm_hash_cost(u), err);
	strcpy(v->text, "*");
	return UADM_OK;
}

/* Nobody but its user is to know it for long: a new one is due, and it runs out (invites.c). */
static enum uadm_code
temporary_password(
    struct uadm *u, struct user_addition *add, struct verifier *v, struct uadm_err *err)
{
	CLEANUP(secret_wipe) struct secret pw = { 0 };
	enum uadm_code c = secret_new(&pw, err);

	add->user.must_change = true;
	code_make_password(add->given.text);
	return c != UADM_OK ||
		(c = secret_set(&pw, add->given.text, strlen(add->given.text), err)) !=
		    UADM_OK
	    ? c
	    : make_verifier(u, &pw, v, err);
}

static const char *
default_shell(void)
{
	return access("/bin/bash", X_OK) == 0 ? "/bin/bash" : "/bin/sh";
}

static enum uadm_code
check_service(const struct user *user, struct uadm_err *err)
{
	const char *missing = user->reason[0] == '\0' ? "reason"
	    : user->owner[0] == '\0'                  ? "owner"
	    : user->review_by == 0                    ? "review-by"
						      : NULL;

	if (user->kind != USER_SERVICE || missing == NULL)
		return UADM_OK;
	uadm_fail(err, UADM_INVALID, "a service identity needs --%s", missing);
	return uadm_hint(
	    err, "--reason TEXT --owner NAME --review-by DATE are mandatory for it");
}

/* When a service identity is given an owner and a review date: somebody who is there, and a day
 * to come. Later both may lie in the past without keeping anybody from changing the rest. */
static enum uadm_code
check_review(struct uadm *u, const struct user *user, int64_t now, struct uadm_err *err)
{
	char shown[80];

	if (user->kind != USER_SERVICE)
		return UADM_OK;
	if (user->review_by <= now)
		return uadm_fail(err, UADM_INVALID, "review-by is not in the future");
	if (owner_is_there(u, user->owner))
		return UADM_OK;
	uadm_fail(err, UADM_INVALID, "owner \"%s\" is no user of this host",
	    text_escape(shown, sizeof(shown), user->owner));
	return uadm_hint(err, "name another one: --owner NAME");
}

static enum uadm_code
check_window(const struct user *user, struct uadm_err *err)
{
	if (user->valid_from != 0 && user->expires_at != 0 &&
	    user->valid_from >= user->expires_at)
		return uadm_fail(err, UADM_INVALID, "valid-from is not before expires");
	return UADM_OK;
}

static enum uadm_code
join_groups(struct uadm *u, const struct user_addition *add, struct uadm_err *err)
{
	enum uadm_code c = UADM_OK;

	for (size_t i = 0; i < add->group_count && c == UADM_OK; i++) {
		gid_t gid;
		bool changed;

		if ((c = find_gid(u, add->groups[i], &gid, err)) == UADM_OK &&
		    (c = group_is_ordinary(u, add->groups[i], gid, err)) == UADM_OK)
			c = groups_add_member(
			    u->store, gid, add->user.uid, &changed, err);
	}
	return c;
}

/* In a part of their own, so that a list of shells is not read for root. */
static bool
is_shell_of_host(const char *shell)
{
	bool found = false;
	const char *one;

	setusershell();
	while (!found && (one = getusershell()) != NULL)
		found = strcmp(one, shell) == 0;
	endusershell();
	return found;
}

/* A home or a shell that the host would trust is root's to give. Empty is the default. */
static bool
is_hosts_shell(const struct user *user)
{
	return user->shell[0] != '\0' && strcmp(user->shell, default_shell()) != 0 &&
	    !is_shell_of_host(user->shell);
}

static bool
is_hosts_home(const struct uadm *u, const struct user *user)
{
	return user->home[0] != '\0' && !home_is_derived(u, user);
}

static enum uadm_code
may_add(struct uadm *u, const struct user_addition *add, struct uadm_err *err)
{
	struct account a;
	enum uadm_code c = UADM_OK;

	if (act_is_root(u))
		return UADM_OK;
	if (add->account_count == 0)
		c = act_in_account(u, ACT_USER_ADD, 0, err);
	for (size_t i = 0; i < add->account_count && c == UADM_OK; i++)
		if ((c = find_account(u, add->accounts[i].account, &a, err)) == UADM_OK)
			c = act_in_account(u, ACT_USER_ADD, a.gid, err);
	if (c == UADM_OK &&
	    (add->user.uid != 0 || add->group_count > 0 || add->reuse_name ||
		is_hosts_home(u, &add->user) || is_hosts_shell(&add->user)))
		c = act_may(u, &(struct act_on){ .act = ACT_USER_SET_HOST }, err);
	return c;
}

static enum uadm_code
join_accounts(
    struct uadm *u, struct user_addition *add, int64_t now, struct uadm_err *err)
{
	enum uadm_code c = UADM_OK;

	/* It is the principal account's mail; once it is known that they may add users at all. */
	for (size_t i = 0; i < add->account_count && c == UADM_OK; i++) {
		add->accounts[i].pending = add->invite;
		c = member_join(u, &add->user, true, &add->accounts[i], now, err);
	}
	return c == UADM_OK && add->account_count > 0
	    ? domain_may_join(u, add->accounts[0].account, add->accounts[0].role,
		  add->user.email, add->stranger_ok, err)
	    : c;
}

/* accounts=acme:developer,beta:viewer rights=acme:Work_Run */
static enum uadm_code
say_accounts(struct uadm *u, struct detail *d, const struct user_addition *add,
    struct uadm_err *err)
{
	char in[UADM_NAME_SIZE + 2];
	enum uadm_code c = UADM_OK;

	for (size_t i = 0; i < add->account_count; i++) {
		snprintf(in, sizeof(in), "%s:", add->accounts[i].member.account_name);
		detail_item(d, "accounts", in, add->accounts[i].member.role_name);
	}
	for (size_t i = 0; i < add->account_count && c == UADM_OK; i++)
		c = member_detail(u, d, &add->accounts[i], err);
	return c;
}

static bool
gives_password(const struct user_addition *add)
{
	return add->password != NULL || add->hash != NULL;
}

/* `kind`: of a hash that was imported, else NULL. */
static enum uadm_code
store_user(struct uadm *u, struct user_addition *add, const struct verifier *v,
    const char *kind, struct uadm_err *err)
{
	struct user *user = &add->user;
	CHANGE ch = { 0 };
	DETAIL d = { 0 };
	enum uadm_code c;
	id_t id = user->uid;

	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (add->prepare != NULL && (c = add->prepare(u, add, err)) != UADM_OK) ||
	    (c = may_add(u, add, err)) != UADM_OK)
		return c;
	user->created_at = ch.now.wall;
	if ((c = check_review(u, user, ch.now.wall, err)) != UADM_OK ||
	    (user->contact[0] != '\0' && (c = contact_fits(u, user, err)) != UADM_OK))
		return c;
	if ((c = user_take_name(u, add, err)) != UADM_OK ||
	    (c = take_id(u, NUMBER_USER, "uid", &id, err)) != UADM_OK)
		return c;
	user->uid = (uid_t)id;
	if ((c = home_may_be(u, user, err)) != UADM_OK ||
	    (c = numbers_give(
		 u->store, NUMBER_USER, id, user->name, ch.now.wall, err)) != UADM_OK ||
	    (c = user_insert(u, add, err)) != UADM_OK ||
	    (c = join_groups(u, add, err)) != UADM_OK ||
	    (c = join_accounts(u, add, ch.now.wall, err)) != UADM_OK)
		return c;
	user->password_set = gives_password(add) || add->temporary;
	if (user->password_set &&
	    (c = users_set_verifier(u->store, user->uid, v, ch.now.wall, err)) !=
		UADM_OK)
		return c;
	if ((c = invite_addition(u, add, &ch.now, err)) != UADM_OK)
		return c;
	detail_number(&d, "uid", user->uid);
	detail_add(&d, "kind", user->kind == USER_SERVICE ? "service" : "person");
	detail_add(&d, "password",
	    add->temporary           ? "temporary"
		: user->password_set ? "yes"
				     : "no");
	detail_add(&d, "imported", kind);
	detail_add(&d, "invited", add->invited ? "yes" : NULL);
	detail_add(&d, "clone_of", add->clone_of);
	for (size_t i = 0; i < add->group_count; i++)
		detail_add(&d, "groups", add->groups[i]);
	if ((c = say_accounts(u, &d, add, err)) != UADM_OK)
		return c;
	return detail_commit(&ch, u, add->invite ? "user.invite" : "user.add",
	    user->name, &d, true, err);
}

enum uadm_code
op_user_add(struct uadm *u, struct user_addition *add, struct uadm_err *err)
{
	struct user *user = &add->user;
	struct verifier v = { 0 };
	const char *kind = NULL;
	enum uadm_code c;

	if ((c = name_check("name", user->name, err)) != UADM_OK ||
	    (c = check_service(user, err)) != UADM_OK ||
	    (c = check_window(user, err)) != UADM_OK)
		return c;
	if (user->kind == USER_SERVICE && gives_password(add))
		return uadm_fail(
		    err, UADM_INVALID, "a service identity cannot have a password");
	if (user->kind == USER_SERVICE && (add->temporary || add->invite))
		return uadm_fail(err, UADM_INVALID,
		    "a service identity cannot have a password, nor a code for one");
	if (user->must_change && !gives_password(add))
		return uadm_fail(
		    err, UADM_INVALID, "--must-change needs a password to change");
	if (user->home[0] == '\0')
		snprintf(user->home, sizeof(user->home), "%s/%s", u->config.home_base,
		    user->name);
	if (user->shell[0] == '\0')
		snprintf(user->shell, sizeof(user->shell), "%s", default_shell());
	/* Argon2 is slow on purpose: pay for it before holding the write lock. */
	if (add->hash != NULL)
		c = pwhash_import(&v, add->hash, uadm_hash_cost(u), &kind, err);
	else if (add->password != NULL)
		c = make_verifier(u, add->password, &v, err);
	else if (add->temporary)
		c = temporary_password(u, add, &v, err);
	if (c == UADM_OK)
		c = store_user(u, add, &v, kind, err);
	explicit_bzero(&v, sizeof(v));
	if (c != UADM_OK || u->dry_run)
		secret_zero(add->given.text, sizeof(add->given.text));
	return c;
}

static enum uadm_code
apply_changes(struct user *user, const struct field_change *changes, size_t count,
    int64_t now, struct detail *d, bool *changed, struct uadm_err *err)
{
	enum uadm_code c;

	for (size_t i = 0; i < count; i++) {
		char was[UADM_DISPLAY_SIZE], is[UADM_DISPLAY_SIZE];
		const struct field *f = changes[i].field;

		field_text(user, f, was, sizeof(was));
		if ((c = field_set(user, f, changes[i].value, now, err)) != UADM_OK)
			return c;
		if (strcmp(was, field_text(user, f, is, sizeof(is))) == 0)
			continue;
		*changed = true;
		detail_add(d, f->key, is);
	}
	return check_window(user, err);
}

/* What changing a field asks for; the others are asked for ACT_USER_SET alone. Whoever reads somebody's mail gets
 * their codes, a number is a second factor, and what is in a home is run by who lives there. */
static const struct {
	size_t offset;
	enum act act;
} field_acts[] = {
	{ offsetof(struct user, valid_from), ACT_USER_SET_TIME },
	{ offsetof(struct user, expires_at), ACT_USER_SET_TIME },
	{ offsetof(struct user, email), ACT_USER_SET_WAY_IN },
	{ offsetof(struct user, mobile), ACT_FACTOR_ENROLL },
	{ offsetof(struct user, home), ACT_USER_SET_WAY_IN },
	{ offsetof(struct user, shell), ACT_USER_SET_WAY_IN },
};

/* What each change asks of who makes it; and whether it is about time. */
static enum uadm_code
may_set(struct uadm *u, const struct user *user, const struct field_change *changes,
    size_t count, bool *time, struct uadm_err *err)
{
	enum uadm_code c = act_on_user(u, ACT_USER_SET, user, err);

	for (size_t i = 0; i < count; i++)
		for (size_t n = 0; n < ARRAY_LEN(field_acts) && c == UADM_OK; n++) {
			if (changes[i].field->offset != field_acts[n].offset)
				continue;
			*time = *time || field_acts[n].act == ACT_USER_SET_TIME;
			c = act_on_user(u, field_acts[n].act, user, err);
		}
	return c;
}

static enum uadm_code
may_be_hosts(struct uadm *u, const struct user *was, const struct user *user,
    struct uadm_err *err)
{
	const bool home = strcmp(was->home, user->home) != 0;
	enum uadm_code c = UADM_OK;

	if (!act_is_root(u) &&
	    ((home && is_hosts_home(u, user)) ||
		(strcmp(was->shell, user->shell) != 0 && is_hosts_shell(user))))
		c = act_on_user(u, ACT_USER_SET_HOST, user, err);
	return c == UADM_OK && home ? home_may_be(u, user, err) : c;
}

/* What went to the old address, or is on its way there, is not for who has that: the codes are over. */
static enum uadm_code
leave_address(struct uadm *u, const struct user *user, struct uadm_err *err)
{
	char text[200];
	bool has;
	enum uadm_code c;

	if ((c = letters_withdraw(u, user->uid, NULL, err)) != UADM_OK ||
	    (c = op_login_has_code(u, user, &has, err)) != UADM_OK || !has ||
	    (c = code_end(u, user->uid, CODE_NONE, err)) != UADM_OK)
		return c;
	snprintf(text, sizeof(text),
	    "the code that %s was given is over; a new one: uadmctl %s %s", user->name,
	    user->invited ? "invite resend" : "user reset-password", user->name);
	if (u->warn != NULL)
		u->warn(text);
	return UADM_OK;
}

/* Whose an address is is told to those alone who may look at them. */
static enum uadm_code
address_is_free(struct uadm *u, const struct user *user, struct uadm_err *err)
{
	struct user other;
	enum uadm_code c = user->email[0] != '\0'
	    ? users_get_email(u->store, user->email, &other, err)
	    : UADM_NOT_FOUND;

	if (c != UADM_OK || other.uid == user->uid)
		return c == UADM_NOT_FOUND ? UADM_OK : c;
	c = act_on_user(u, ACT_USER_READ, &other, err);
	return c == UADM_DENIED
	    ? uadm_fail(err, UADM_EXISTS, "email \"%s\" is taken", user->email)
	    : c;
}

enum uadm_code
op_user_set(struct uadm *u, const char *name, const struct field_change *changes,
    size_t count, bool *changed, struct uadm_err *err)
{
	DETAIL d = { 0 };
	struct user user, was;
	bool time = false, moved;
	CHANGE ch = { 0 };
	GUARD g = { 0 };
	enum uadm_code c;

	*changed = false;
	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = find_user(u, name, &user, err)) != UADM_OK ||
	    (c = may_set(u, &user, changes, count, &time, err)) != UADM_OK)
		return c;
	was = user;
	if ((c = apply_changes(&user, changes, count, ch.now.wall, &d, changed, err)) !=
		UADM_OK ||
	    (c = may_be_hosts(u, &was, &user, err)) != UADM_OK ||
	    (c = check_service(&user, err)) != UADM_OK ||
	    (strcmp(was.contact, user.contact) != 0 &&
		(c = contact_fits(u, &user, err)) != UADM_OK) ||
	    !*changed)
		return c;
	if ((strcmp(was.owner, user.owner) != 0 || was.review_by != user.review_by) &&
	    (c = check_review(u, &user, ch.now.wall, err)) != UADM_OK)
		return c;
	moved = strcmp(was.email, user.email) != 0;
	if ((moved && (c = address_is_free(u, &user, err)) != UADM_OK) ||
	    (moved && (c = domain_tell(u, &user, err)) != UADM_OK) ||
	    (time && (c = guard_user(u, &g, user.uid, ch.now.wall, err)) != UADM_OK) ||
	    (c = users_update(u->store, &user, err)) != UADM_OK ||
	    (moved && (c = leave_address(u, &user, err)) != UADM_OK) ||
	    (c = guard_hold(u, &g, err)) != UADM_OK)
		return c;
	return detail_commit(&ch, u, "user.set", name, &d, true, err);
}

/* `kind`: of a hash that was imported, else NULL. */
static enum uadm_code
store_password(struct uadm *u, const char *name, const struct verifier *v,
    const char *kind, bool must_change, struct uadm_err *err)
{
	struct user user;
	char detail[80];
	CHANGE ch = { 0 };
	enum uadm_code c;

	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = find_user(u, name, &user, err)) != UADM_OK ||
	    (c = act_on_user(u, ACT_USER_SET_PASSWORD, &user, err)) != UADM_OK)
		return c;
	if (user.kind == USER_SERVICE)
		return uadm_fail(err, UADM_INVALID,
		    "\"%s\" is a service identity and cannot have a password", name);
	if (v == NULL && !user.password_set)
		return uadm_fail(
		    err, UADM_INVALID, "\"%s\" has no password to change", name);
	user.must_change = must_change;
	if ((c = users_update(u->store, &user, err)) != UADM_OK ||
	    (v != NULL &&
		((c = password_replace(u, user.uid, v, ch.now.wall, err)) != UADM_OK ||
		    (c = letters_tell(u, &user, "password-changed", err)) != UADM_OK)))
		return c;
	snprintf(detail, sizeof(detail), "%s%s%s%s", kind != NULL ? "imported=" : "",
	    kind != NULL ? kind : "", kind != NULL && must_change ? " " : "",
	    must_change ? "must_change=yes" : "");
	return change_commit(&ch, u,
	    v != NULL ? "user.set-password" : "user.must-change", name, detail, false,
	    err);
}

enum uadm_code
op_user_set_password(struct uadm *u, const char *name, struct secret *pw,
    bool must_change, struct uadm_err *err)
{
	struct verifier v = { 0 };
	struct user user;
	enum uadm_code c;

	/* Say that there is no such user before asking for rules or paying for a hash. */
	if ((c = find_user(u, name, &user, err)) != UADM_OK ||
	    (c = act_on_user(u, ACT_USER_SET_PASSWORD, &user, err)) != UADM_OK ||
	    (pw != NULL && (c = check_new_password(u, &user, pw, err)) != UADM_OK) ||
	    (pw != NULL && (c = make_verifier(u, pw, &v, err)) != UADM_OK))
		return c;
	c = store_password(u, name, pw != NULL ? &v : NULL, NULL, must_change, err);
	explicit_bzero(&v, sizeof(v));
	return c;
}

enum uadm_code
op_user_import_password(struct uadm *u, const char *name, const struct secret *hash,
    bool must_change, struct uadm_err *err)
{
	struct verifier v = { 0 };
	const char *kind;
	struct user user;
	enum uadm_code c;

	if ((c = find_user(u, name, &user, err)) != UADM_OK ||
	    (c = act_on_user(u, ACT_USER_SET_PASSWORD, &user, err)) != UADM_OK ||
	    (c = pwhash_import(&v, hash, uadm_hash_cost(u), &kind, err)) != UADM_OK)
		return c;
	c = store_password(u, name, &v, kind, must_change, err);
	explicit_bzero(&v, sizeof(v));
	return c;
}
