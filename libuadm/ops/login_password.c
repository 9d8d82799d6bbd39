/*
 * login_password.c - a password that its owner sets at a login.
 *
 * Threat: who sits at the prompt while they are kept out, or while somebody else uses the code or sets
 * another password. So all that let them come so far is looked at once more in the transaction.
 */
#include "libuadm/base/names.h"
#include "libuadm/ops/codes.h"
#include "libuadm/ops/letters.h"
#include "libuadm/ops/login.h"
#include "libuadm/ops/passwords.h"
#include "libuadm/ops/policy_of.h"
#include "libuadm/ops/show.h"
#include "libuadm/ops/slots.h"

#include <string.h>

enum uadm_code
op_login_verifier(
    struct uadm *u, const struct user *user, struct verifier *v, struct uadm_err *err)
{
	bool found;

	return users_verifier(u->store, user->uid, v, &found, err);
}

static void
verifier_wipe(struct verifier *v)
{
	secret_zero(v, sizeof(*v));
}

static enum uadm_code
make_in_slot(struct uadm *u, const struct user *user, const struct secret *pw,
    struct verifier *v, struct uadm_err *err)
{
	CLEANUP(slot_release) struct slot slot = { -1, -1 };
	enum uadm_code c = password_slot(u, user, &slot, err);

	return c == UADM_OK ? pwhash_make(v, pw, uadm_hash_cost(u), err) : c;
}

/* Is it still the same user with the same password? What was verified is what is replaced, and
 * whoever replaces it puts it into the past that was looked at. */
static enum uadm_code
still_the_same(struct uadm *u, const struct user *user, const struct verifier *was,
    struct user *current, struct uadm_err *err)
{
	CLEANUP(verifier_wipe) struct verifier set = { 0 };
	bool found;
	enum uadm_code c;

	if ((c = users_get(u->store, user->name, current, err)) != UADM_OK ||
	    (c = users_verifier(u->store, user->uid, &set, &found, err)) != UADM_OK)
		return c;
	if (current->uid != user->uid || strcmp(set.text, was->text) != 0)
		return uadm_fail(err, UADM_BUSY, "the password was changed meanwhile");
	return UADM_OK;
}

/* The code that somebody came in with, and what is said of them as they are by now. */
struct by_code {
	const char *hash;
	struct login_answer *answer;
};

/* They came in a while ago, and sat at a prompt since: whoever is kept out meanwhile has the code still. */
static enum uadm_code
may_still_log_in(struct uadm *u, const struct login_request *r, const struct user *user,
    const struct clock_now *now, struct login_answer *answer, struct uadm_err *err)
{
	struct policy p;
	struct login_facts f = { .user = user,
		.policy = &p,
		.phase = LOGIN_ACCOUNT,
		.now = now->wall,
		.by_code = true };
	enum uadm_code c;

	if ((c = op_policy_of_uid(u, user->uid, &p, err)) != UADM_OK ||
	    (c = op_login_elsewhere(u, r->accounts, user, &f.elsewhere, err)) !=
		UADM_OK)
		return c;
	*answer = policy_login(&f);
	return answer->verdict == LOGIN_REFUSE
	    ? uadm_fail(
		  err, UADM_DENIED, "%s", policy_login_reason_text(answer->reason))
	    : UADM_OK;
}

/* `code` NULL: without one. The change is the caller's to commit. */
static enum uadm_code
replace(struct uadm *u, const struct login_request *r, const struct user *user,
    const struct by_code *code, const struct verifier *was, const struct verifier *v,
    const struct clock_now *now, enum code_kind *kind, bool *joined,
    struct uadm_err *err)
{
	struct user current;
	enum uadm_code c;

	*kind = CODE_NONE;
	*joined = false;
	if ((c = still_the_same(u, user, was, &current, err)) != UADM_OK)
		return c;
	if (code != NULL &&
	    ((c = may_still_log_in(u, r, &current, now, code->answer, err)) !=
		    UADM_OK ||
		(c = code_use(u, r, user, code->hash, now, kind, joined, err)) !=
		    UADM_OK))
		return c;
	current.must_change = false;
	if ((c = users_update(u->store, &current, err)) != UADM_OK ||
	    (c = password_replace(u, user->uid, v, now->wall, err)) != UADM_OK)
		return c;
	return letters_tell(u, &current, "password-changed", err);
}

static enum uadm_code
set_password(struct uadm *u, const struct login_request *r, const struct user *user,
    bool by_root, const struct by_code *code, const struct verifier *was,
    const struct secret *pw, struct uadm_err *err)
{
	char service[200], detail[260];
	CLEANUP(verifier_wipe) struct verifier v = { 0 };
	CHANGE ch = { 0 };
	enum code_kind kind;
	bool joined;
	enum uadm_code c;

	if ((c = make_in_slot(u, user, pw, &v, err)) != UADM_OK ||
	    (c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = replace(u, r, user, code, was, &v, &ch.now, &kind, &joined, err)) !=
		UADM_OK)
		return c;
	if (by_root)
		uadm_actor_name(r->host.pid, u->actor, sizeof(u->actor));
	else
		snprintf(u->actor, sizeof(u->actor), "%s", user->name);
	text_escape(service, sizeof(service), r->service);
	snprintf(detail, sizeof(detail), "service=%s%s%s", service,
	    kind != CODE_NONE ? " code=" : "",
	    kind != CODE_NONE ? code_kind_word(kind) : "");
	c = change_commit(&ch, u,
	    kind == CODE_INVITATION || joined ? "user.accept" : "user.change-password",
	    user->name, detail, joined, err);
	if (c != UADM_OK || !joined)
		return c;
	change_done(&ch);
	op_login_catch_up(u); /* the session that follows has the groups */
	return UADM_OK;
}

enum uadm_code
op_login_set_password(struct uadm *u, const struct login_request *r,
    const struct user *user, bool by_root, const struct verifier *was,
    const struct secret *pw, struct uadm_err *err)
{
	return set_password(u, r, user, by_root, NULL, was, pw, err);
}

enum uadm_code
op_login_set_password_by_code(struct uadm *u, const struct login_request *r,
    const struct user *user, const char *code, const struct verifier *was,
    const struct secret *pw, struct login_answer *answer, struct uadm_err *err)
{
	*answer = (struct login_answer){ LOGIN_ALLOW, LOGIN_FINE, 0 };
	return set_password(
	    u, r, user, false, &(struct by_code){ code, answer }, was, pw, err);
}
