/*
 * chauthtok.c - a user changes the password: both passes.
 *
 * Threat: sshd and login change an expired password as root on the user's behalf, and whoever
 * finds an open terminal runs passwd(1). So the old password is asked for unless root asks for
 * somebody else out of its own (passwd NAME, never with CHANGE_EXPIRED), each pass verifies it
 * again (they are two processes that share nothing), a wrong one is charged like any guess, and
 * the rules and the past bind everybody. With CHANGE_EXPIRED nothing is changed that is not due.
 *
 * Who came in with a one-time code, proved by this very process, is not asked for it again: what counts
 * is that it is there still when the new password is written, for that uses it up.
 */
#include "uadmd/phases.h"

#include "libuadm/base/times.h"
#include "libuadm/ops/codes.h"
#include "libuadm/ops/passwords.h"
#include "libuadm/ops/policy_of.h"

#include <string.h>

enum { NEW_TRIES = 3 };

static bool
needs_old(const struct call *c)
{
	return (c->flags & RELAY_CHANGE_EXPIRED) != 0 || c->request.real_uid != 0;
}

static int64_t
wall_now(void)
{
	struct clock_now now;

	clock_read(&now);
	return now.wall;
}

static enum login_reason
due(const struct call *c)
{
	return policy_password_due(&c->policy, &c->user, wall_now());
}

/* May this user's password be changed here at all? */
static bool
may_change(struct call *c, struct verdict *v)
{
	struct uadm_err err = { 0 };
	bool has_code = false;

	if (c->user.kind == USER_SERVICE) {
		talk_error(c->talk, "A service identity has no password.");
		v->result = RELAY_DENIED;
		return false;
	}
	if (!c->user.password_set && needs_old(c) &&
	    op_login_has_code(c->u, &c->user, &has_code, &err) != UADM_OK) {
		say_unavailable(v, &err);
		return false;
	}
	if (!c->user.password_set && needs_old(c) && !has_code && !c->by_code) {
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
	if (p.answer == PROOF_RIGHT && p.verdict.verdict != LOGIN_REFUSE) {
		memcpy(c->code, p.code, sizeof(c->code));
		return true;
	}
	if (p.answer == PROOF_RIGHT) {
		say_refused(c, v, p.verdict);
		return false;
	}
	v->result = RELAY_TOKEN_RECOVER;
	delay_failure(c, v);
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

/* Too soon after the last change? Told only to who has proved the password; what root does of its
 * own does not wait. */
static bool
may_change_yet(struct call *c, struct verdict *v)
{
	int64_t wait = c->code[0] != '\0'
	    ? 0
	    : policy_password_wait(&c->policy, &c->user, wall_now());
	char span[TIME_SIZE], line[100];

	if (wait <= 0 || !needs_old(c))
		return true;
	snprintf(line, sizeof(line), "Your password may be changed again in %s.",
	    time_span(wait, true, span));
	talk_error(c->talk, line);
	v->result = RELAY_TOKEN_ERROR;
	snprintf(v->log, sizeof(v->log), "min-age");
	return false;
}

static void
tell_why(struct call *c)
{
	talk_info(c->talk,
	    c->by_code
		? "The code is right. Set a password now: the code is used up with it."
		: due(c) == LOGIN_PASSWORD_EXPIRED
		? "Your password has expired. You must set a new one before you can go on."
		: "You must set a new password before you can go on.");
}

/* With the old password, or a code, proved here and now. What was proved as a code in auth is looked at
 * again, for a person may have been thinking since. */
static bool
prove_again(struct call *c, struct secret *old, struct verdict *v)
{
	struct uadm_err err = { 0 };
	bool live = false;

	if (!needs_old(c))
		return true;
	if (c->code[0] == '\0')
		return get_old(c, old, v) && check_old(c, old, v) &&
		    may_change_yet(c, v);
	if (op_login_code_is_live(c->u, &c->user, c->code, &live, &err) != UADM_OK) {
		say_unavailable(v, &err);
		return false;
	}
	if (live)
		return true;
	talk_error(c->talk,
	    "That code has been used or replaced, or has run out. Ask for a new one.");
	v->result = RELAY_TOKEN_RECOVER;
	snprintf(v->log, sizeof(v->log), "code used, replaced or over");
	return false;
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
		tell_why(c);
	if (prove_again(c, &old, v))
		v->result = RELAY_SUCCESS;
}

/* Every rule that applies, met or not: what is good already need not be thought of again. The words
 * tell the two apart where a client shows the marks as escapes. */
static void
tell_rules(struct call *c, const struct password_verdict *rules)
{
	char line[PASSWORD_LINE_SIZE];

	talk_error(c->talk, "Not taken. What a new password needs:");
	for (int i = 0; i < PASSWORD_RULES; i++)
		if (rules->rules[i].applies)
			talk_error(c->talk,
			    policy_password_line(&rules->rules[i], true, line));
}

enum answer { AGAIN = 0, STOP, GOT };

static enum answer
judge(struct call *c, struct secret *pw, const struct secret *old, struct verdict *v)
{
	const struct password_question q = {
		.user = &c->user, .current = old, .past = PAST_IF_GOOD
	};
	struct password_verdict rules;
	struct uadm_err err = { 0 };
	char line[340];

	switch (op_password_judge(c->u, &q, pw, &rules, &err)) {
	case UADM_OK:
		if (code_is_password(c->u, &c->user, c->code, pw)) {
			talk_error(c->talk,
			    "Not taken: that is the code, which was sent to you.");
			return AGAIN;
		}
		if (rules.good)
			return GOT;
		tell_rules(c, &rules);
		return AGAIN;
	case UADM_INVALID:
		snprintf(line, sizeof(line), "Not taken: %.300s.", err.msg);
		talk_error(c->talk, line);
		return AGAIN;
	case UADM_USAGE:
	case UADM_EXISTS:
	case UADM_NOT_FOUND:
	case UADM_UNAVAILABLE:
	case UADM_BUSY:
	case UADM_DENIED:
	case UADM_CONFIG:
	case UADM_INTERNAL:
		break;
	}
	talk_error(c->talk,
	    err.code == UADM_BUSY
		? "Too much is going on here. Try again later."
		: "No password can be changed at the moment. Ask your administrator.");
	say_unavailable(v, &err);
	return STOP;
}

static enum answer
ask_new(struct call *c, struct secret *pw, const struct secret *old, struct verdict *v)
{
	enum answer taken;
	CLEANUP(secret_wipe) struct secret again = { 0 };
	struct uadm_err err = { 0 };

	if (secret_new(&again, &err) != UADM_OK ||
	    talk_secret(c->talk, "New password: ", RELAY_ITEM_AUTHTOK, pw) !=
		TALK_GIVEN ||
	    pw->length == 0)
		return STOP;
	if ((taken = judge(c, pw, old, v)) != GOT)
		return taken;
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
get_new(struct call *c, struct secret *pw, const struct secret *old, struct verdict *v)
{
	struct uadm_err err = { 0 };

	v->result = RELAY_TOKEN_ERROR;

	/* What a module before us asked for (pam_pwquality); libpam has forgotten the login's. */
	if ((c->flags & (RELAY_USE_AUTHTOK | RELAY_TRY_FIRST | RELAY_USE_FIRST)) != 0 &&
	    c->token.text != NULL &&
	    secret_set(pw, c->token.text, c->token.length, &err) == UADM_OK)
		switch (judge(c, pw, old, v)) {
		case GOT:
			return true;
		case STOP:
			return false;
		case AGAIN:
			break;
		}
	if ((c->flags & RELAY_USE_AUTHTOK) != 0) {
		snprintf(v->log, sizeof(v->log), "new password refused");
		return false;
	}
	for (int i = 0; i < NEW_TRIES; i++)
		switch (ask_new(c, pw, old, v)) {
		case GOT:
			return true;
		case STOP:
			return false;
		case AGAIN:
			break;
		}
	snprintf(v->log, sizeof(v->log), "new password refused");
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
	struct login_answer answer;
	struct uadm_err err = { 0 };
	CLEANUP(verifier_wipe) struct verifier was = { 0 };
	bool with_old, by_code;

	if (secret_new(&old, &err) != UADM_OK || secret_new(&pw, &err) != UADM_OK) {
		say_unavailable(v, &err);
		return;
	}
	/* What is verified now is what the new one replaces. */
	if (op_login_verifier(c->u, &c->user, &was, &err) != UADM_OK) {
		say_unavailable(v, &err);
		return;
	}
	if (!prove_again(c, &old, v))
		return;
	by_code = c->code[0] != '\0';
	with_old = needs_old(c) && !by_code;
	if (with_old && secret_normalize_password(&old, &err) != UADM_OK) {
		say_unavailable(v, &err);
		return;
	}
	if (!get_new(c, &pw, with_old ? &old : NULL, v))
		return;
	if ((by_code ? op_login_set_password_by_code(c->u, &c->request, &c->user,
			   c->code, &was, &pw, &answer, &err)
		     : op_login_set_password(c->u, &c->request, &c->user, !with_old,
			   &was, &pw, &err)) != UADM_OK) {
		if (by_code && answer.verdict == LOGIN_REFUSE) {
			say_refused(c, v, answer);
			return;
		}
		if (err.code == UADM_DENIED)
			talk_error(c->talk,
			    "That code has been used or replaced, or has run out. Ask for a new one.");
		say_unavailable(v, &err);
		return;
	}
	talk_keep_token(c->talk);
	v->result = RELAY_SUCCESS;
}

void
phase_chauthtok(struct call *c, struct verdict *v)
{
	struct uadm_err err = { 0 };

	if (op_policy_of_uid(c->u, c->user.uid, &c->policy, &err) != UADM_OK ||
	    ((c->flags & RELAY_CHANGE_EXPIRED) != 0 &&
		op_login_by_code(c->u, &c->request, &c->user, &c->by_code, c->code,
		    &err) != UADM_OK)) {
		say_unavailable(v, &err);
		return;
	}
	/* Refused unless a change is due: sshd asks with this flag only then. */
	if ((c->flags & RELAY_CHANGE_EXPIRED) != 0 && !c->by_code &&
	    due(c) == LOGIN_FINE) {
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
