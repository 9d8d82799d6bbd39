/*
 * chauthtok.c - a user changes the password: both passes.
 *
 * Threat: sshd and login change an expired password as root on the user's behalf, and whoever
 * finds an open terminal runs passwd(1). So the old password is asked for unless root asks for
 * somebody else out of its own (passwd NAME, never with CHANGE_EXPIRED), each pass verifies it
 * again (they are two processes that share nothing), a wrong one is charged like any guess, and
 * the rules bind everybody.
 */
#include "uadmd/phases.h"

#include "libuadm/policy/password.h"

#include <string.h>

enum { NEW_TRIES = 3 };

static bool
needs_old(const struct call *c)
{
	return (c->flags & RELAY_CHANGE_EXPIRED) != 0 || c->request.real_uid != 0;
}

/* May this user's password be changed here at all? */
static bool
may_change(struct call *c, struct verdict *v)
{
	if (c->user.kind == USER_SERVICE) {
		talk_error(c->talk, "A service identity has no password.");
		v->result = RELAY_DENIED;
		return false;
	}
	if (!c->user.password_set && needs_old(c)) {
		talk_error(c->talk, "No password is set. Ask your administrator.");
		v->result = RELAY_DENIED;
		return false;
	}
	return true;
}

static bool
check_old(struct call *c, struct secret *old, struct verdict *v)
{
	struct uadm_err err = { 0 };
	struct proof p;

	/* Not final: changing a password is no login and resets no counter. */
	if (op_login_prove(c->u, &c->request, &c->user, old, false, &p, &err) !=
	    UADM_OK) {
		say_unavailable(v, &err);
		return false;
	}
	if (p.answer == PROOF_RIGHT && p.verdict.verdict != LOGIN_REFUSE)
		return true;
	if (p.answer == PROOF_RIGHT) {
		say_refused(c, v, p.verdict);
		return false;
	}
	v->result = RELAY_TOKEN_RECOVER;
	v->delay = true;
	snprintf(v->log, sizeof(v->log), "current password: %s", p.why);
	return false;
}

/* The old password: from an earlier pass or module, else asked for. */
static bool
get_old(struct call *c, struct secret *old, struct verdict *v)
{
	struct uadm_err err = { 0 };

	if (c->old_token.text != NULL) {
		if (secret_set(old, c->old_token.text, c->old_token.length, &err) ==
		    UADM_OK)
			return true;
		say_unavailable(v, &err);
		return false;
	}
	v->result = RELAY_TOKEN_RECOVER;
	return (c->flags & RELAY_USE_FIRST) == 0 &&
	    talk_secret(c->talk, "Current password: ", RELAY_ITEM_OLDAUTHTOK, old) ==
	    TALK_GIVEN;
}

static void
prelim(struct call *c, struct verdict *v)
{
	CLEANUP(secret_wipe) struct secret old = { 0 };
	struct uadm_err err = { 0 };

	if (secret_new(&old, &err) != UADM_OK) {
		say_unavailable(v, &err);
		return;
	}
	if ((c->flags & RELAY_CHANGE_EXPIRED) != 0)
		talk_info(c->talk, "You must set a new password before you can go on.");
	if (!needs_old(c) || (get_old(c, &old, v) && check_old(c, &old, v)))
		v->result = RELAY_SUCCESS;
}

/* Say each rule that the password does not meet. */
static bool
is_good(struct call *c, struct secret *pw, const struct secret *old)
{
	struct uadm_err err = { 0 };
	struct password_verdict rules;
	char why[300], line[340];

	if (secret_normalize_password(pw, &err) != UADM_OK) {
		snprintf(line, sizeof(line), "Not taken: %.300s.", err.msg);
		talk_error(c->talk, line);
		return false;
	}
	rules = policy_password(pw->text, c->user.name);
	if (!rules.good) {
		policy_password_explain(&rules, why, sizeof(why));
		snprintf(line, sizeof(line), "Not taken: it %s.", why);
		talk_error(c->talk, line);
		return false;
	}
	if (old != NULL && secret_equal(pw, old)) {
		talk_error(c->talk, "Not taken: it is the one you have.");
		return false;
	}
	return true;
}

enum answer { AGAIN = 0, STOP, GOT };

static enum answer
ask_new(struct call *c, struct secret *pw, const struct secret *old)
{
	CLEANUP(secret_wipe) struct secret again = { 0 };
	struct uadm_err err = { 0 };

	if (secret_new(&again, &err) != UADM_OK ||
	    talk_secret(c->talk, "New password: ", RELAY_ITEM_AUTHTOK, pw) !=
		TALK_GIVEN ||
	    pw->length == 0)
		return STOP;
	if (!is_good(c, pw, old))
		return AGAIN;
	if (talk_secret(c->talk, "Retype new password: ", RELAY_ITEM_NONE, &again) !=
	    TALK_GIVEN)
		return STOP;
	if (secret_normalize_password(&again, &err) == UADM_OK &&
	    secret_equal(pw, &again))
		return GOT;
	talk_error(c->talk, "The two are not the same.");
	return AGAIN;
}

static bool
get_new(struct call *c, struct secret *pw, const struct secret *old)
{
	struct uadm_err err = { 0 };

	/* What a module before us asked for (pam_pwquality); libpam has forgotten the login's. */
	if ((c->flags & (RELAY_USE_AUTHTOK | RELAY_TRY_FIRST | RELAY_USE_FIRST)) != 0 &&
	    c->token.text != NULL &&
	    secret_set(pw, c->token.text, c->token.length, &err) == UADM_OK &&
	    is_good(c, pw, old))
		return true;
	if ((c->flags & RELAY_USE_AUTHTOK) != 0)
		return false;
	for (int i = 0; i < NEW_TRIES; i++)
		switch (ask_new(c, pw, old)) {
		case GOT:
			return true;
		case STOP:
			return false;
		case AGAIN:
			break;
		}
	return false;
}

static void
verifier_wipe(struct verifier *v)
{
	secret_zero(v, sizeof(*v));
}

static void
update(struct call *c, struct verdict *v)
{
	CLEANUP(secret_wipe) struct secret old = { 0 };
	CLEANUP(secret_wipe) struct secret pw = { 0 };
	struct uadm_err err = { 0 };
	CLEANUP(verifier_wipe) struct verifier was = { 0 };
	bool with_old = needs_old(c);

	if (secret_new(&old, &err) != UADM_OK || secret_new(&pw, &err) != UADM_OK) {
		say_unavailable(v, &err);
		return;
	}
	/* What is verified now is what the new one replaces. */
	if (op_login_verifier(c->u, &c->user, &was, &err) != UADM_OK) {
		say_unavailable(v, &err);
		return;
	}
	if (with_old && (!get_old(c, &old, v) || !check_old(c, &old, v)))
		return;
	if (with_old && secret_normalize_password(&old, &err) != UADM_OK) {
		say_unavailable(v, &err);
		return;
	}
	if (!get_new(c, &pw, with_old ? &old : NULL)) {
		v->result = RELAY_TOKEN_ERROR;
		return;
	}
	if (op_login_set_password(c->u, &c->user, &was, &pw, &err) != UADM_OK) {
		say_unavailable(v, &err);
		return;
	}
	talk_keep_token(c->talk);
	v->result = RELAY_SUCCESS;
}

void
phase_chauthtok(struct call *c, struct verdict *v)
{
	/* Refused unless a change is due: sshd asks with this flag only then. */
	if ((c->flags & RELAY_CHANGE_EXPIRED) != 0 && !c->user.must_change) {
		v->result = RELAY_DENIED;
		snprintf(v->log, sizeof(v->log), "no change is due");
		return;
	}
	if (!may_change(c, v))
		return;
	if ((c->flags & RELAY_PRELIM) != 0)
		prelim(c, v);
	else
		update(c, v);
}
