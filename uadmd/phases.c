/*
 * Threat: what is said tells. Before the password is proved, nothing differs between a wrong
 * one, an unknown name, a locked and a suspended user: one prompt, one cost, one code. A lock is
 * never told, for behind it nothing is verified.
 */
#include "uadmd/phases.h"

#include "uadmd/factor.h"

#include "libuadm/base/times.h"
#include "libuadm/base/zones.h"
#include "libuadm/policy/session.h"

#include <string.h>

void
say_unavailable(struct verdict *v, const struct uadm_err *err)
{
	v->result = err->code == UADM_BUSY ? RELAY_BUSY : RELAY_UNAVAILABLE;
	snprintf(v->log, sizeof(v->log), "%s", err->msg);
}

void
delay_failure(const struct call *c, struct verdict *v)
{
	/* The host's, for whoever it is: else it would tell users from unknown names. */
	v->delay_us = c->u->policy.fail_delay * 1000000;
}

static enum relay_result
result_of(struct login_answer answer)
{
	switch (answer.reason) {
	case LOGIN_EXPIRED:
		return RELAY_EXPIRED;
	case LOGIN_MUST_CHANGE:
	case LOGIN_PASSWORD_EXPIRED:
	case LOGIN_CODE:
		return RELAY_CHANGE_DUE;
	case LOGIN_UNKNOWN:
	case LOGIN_INVITED:
	case LOGIN_PRINCIPAL_SUSPENDED:
	case LOGIN_PRINCIPAL_ENDED:
	case LOGIN_ACCOUNT_SUSPENDED:
	case LOGIN_ELSEWHERE:
	case LOGIN_SUSPENDED:
	case LOGIN_NOT_YET_VALID:
	case LOGIN_NAME_MOVED:
	case LOGIN_SERVICE_PASSWORD:
	case LOGIN_SERVICE_ELSEWHERE:
	case LOGIN_NO_PASSWORD:
	case LOGIN_LOCKED:
	case LOGIN_FACTOR:
	case LOGIN_PASSWORD_INACTIVE:
	case LOGIN_TEMPORARY_OVER:
	case LOGIN_SESSIONS_FULL:
	case LOGIN_FINE:
		break;
	}
	return RELAY_DENIED;
}

static const char *
told(enum login_reason reason)
{
	switch (reason) {
	case LOGIN_INVITED:
		return "You have not accepted your invitation yet: log in with the code in it. If it has run "
		       "out, ask your administrator for a new one.";
	case LOGIN_PRINCIPAL_SUSPENDED:
	case LOGIN_ACCOUNT_SUSPENDED:
	case LOGIN_SUSPENDED:
		return "Your access is suspended. Ask your administrator.";
	case LOGIN_ELSEWHERE:
		return "Your account gives no access here. Ask your administrator.";
	case LOGIN_PRINCIPAL_ENDED:
	case LOGIN_EXPIRED:
		return "Your access has expired. Ask your administrator.";
	case LOGIN_NOT_YET_VALID:
		return "Your access has not begun yet.";
	case LOGIN_FACTOR:
		return "You need a second factor, and have none. Ask your administrator.";
	case LOGIN_PASSWORD_INACTIVE:
		return "Your password expired too long ago. Ask your administrator.";
	case LOGIN_TEMPORARY_OVER:
		return "Your temporary password has run out. Ask your administrator for a new one.";
	case LOGIN_SESSIONS_FULL:
		return "You are logged in as often as you may be. Log out elsewhere first.";
	case LOGIN_UNKNOWN:
	case LOGIN_NAME_MOVED:
	case LOGIN_SERVICE_PASSWORD:
	case LOGIN_SERVICE_ELSEWHERE:
	case LOGIN_NO_PASSWORD:
	case LOGIN_LOCKED:
	case LOGIN_CODE:
	case LOGIN_MUST_CHANGE: /* these are said when the new one is asked for */
	case LOGIN_PASSWORD_EXPIRED:
	case LOGIN_FINE:
		break;
	}
	return NULL;
}

void
say_refused(struct call *c, struct verdict *v, struct login_answer answer)
{
	const char *text = told(answer.reason);

	/* Where no code was asked for there is another way in. */
	if (answer.reason == LOGIN_FACTOR && c->request.factor == NULL)
		text =
		    "An ssh key alone is not enough here. Log in with your password and your second factor.";
	v->result = result_of(answer);
	snprintf(v->log, sizeof(v->log), "%s", policy_login_reason_word(answer.reason));
	if (text != NULL)
		talk_error(c->talk, text);
}

/* Check one password; true when it was the right one, or there is no use in asking again, and v says what
 * comes of it. */
static bool
try_password(struct call *c, struct secret *pw, struct verdict *v)
{
	struct uadm_err err = { 0 };
	struct proof p;

	if (factor_prove(c, pw, &p, v, &err) != UADM_OK) {
		say_unavailable(v, &err);
		return true;
	}
	if (v->result != RELAY_NO_VERDICT)
		return true;
	if (p.answer != PROOF_RIGHT) {
		v->result = RELAY_AUTH_FAILED;
		delay_failure(c, v);
		snprintf(v->log, sizeof(v->log), "%s%s", p.why,
		    p.locked ? ", now locked" : "");
		return false;
	}
	/* A due change is the account phase's business. */
	if (p.verdict.verdict == LOGIN_REFUSE) {
		say_refused(c, v, p.verdict);
		return true;
	}
	talk_keep_token(c->talk);
	v->result = RELAY_SUCCESS;
	return true;
}

static void
say_no_answer(struct verdict *v)
{
	v->result = RELAY_CONVERSATION; /* no answer, no charge */
	v->delay_us = 0;
}

/* With what an earlier module has, which may be nothing; true when v says what comes of it. */
static bool
try_earlier(struct call *c, struct verdict *v)
{
	const bool only = (c->flags & RELAY_USE_FIRST) != 0;

	if ((c->flags & (RELAY_TRY_FIRST | RELAY_USE_FIRST)) != 0 &&
	    c->token.text != NULL) {
		if (!factor_ask(c)) {
			say_no_answer(v);
			return true;
		}
		if (try_password(c, &c->token, v) || only)
			return true;
		v->result = RELAY_NO_VERDICT;
	}
	if (only) {
		v->result = RELAY_AUTH_FAILED;
		snprintf(v->log, sizeof(v->log), "no password from an earlier module");
	}
	return only;
}

void
phase_auth(struct call *c, struct verdict *v)
{
	struct uadm_err err = { 0 };
	CLEANUP(secret_wipe) struct secret pw = { 0 };

	if (c->u == NULL) {
		say_unavailable(v, &c->why);
		return;
	}
	if (c->whose == LOGIN_OURS)
		op_login_search_in_vain(c->u, c->request.name);
	if (secret_new(&pw, &err) != UADM_OK || factor_begin(c, &err) != UADM_OK) {
		say_unavailable(v, &err);
		return;
	}
	if (try_earlier(c, v))
		return;
	/* Both are asked for before either is looked at. */
	if (talk_secret(c->talk, "Password: ", RELAY_ITEM_AUTHTOK, &pw) != TALK_GIVEN) {
		say_no_answer(v);
		return;
	}
	if (self_reset(c, &pw, v))
		return;
	if (factor_ask(c))
		try_password(c, &pw, v);
	else
		say_no_answer(v);
}

static void
tell_expiry(struct call *c, int64_t expires_in)
{
	char span[TIME_SIZE], line[80];

	if (expires_in <= 0)
		return;
	snprintf(line, sizeof(line), "Your password expires in %s.",
	    time_span(expires_in, false, span));
	talk_info(c->talk, line);
}

void
phase_account(struct call *c, struct verdict *v)
{
	struct uadm_err err = { 0 };
	struct login_answer answer;

	if (op_login_account(c->u, &c->request, &c->user, &answer, &err) != UADM_OK)
		say_unavailable(v, &err);
	else if (answer.verdict != LOGIN_ALLOW)
		say_refused(c, v, answer);
	else {
		tell_expiry(c, answer.expires_in);
		v->result = RELAY_SUCCESS;
	}
}

/* To somebody who is here already, or to nobody's eyes, nothing is told. */
static void
tell_last_login(struct call *c, const struct last_login *l)
{
	char when[TIME_SIZE], line[400];

	if (policy_session_kind(c->request.service) != SESSION_LOGIN)
		return;
	if (l->at != 0) {
		snprintf(line, sizeof(line), "Last login: %s%s%s by %s",
		    zone_time(l->at, c->user.time_zone, when),
		    l->source[0] != '\0' ? " from " : "", l->source, l->service);
		talk_info(c->talk, line);
	}
	if (l->failures > 0) {
		snprintf(line, sizeof(line), "%lld failed login%s since your last one.",
		    (long long)l->failures, l->failures == 1 ? "" : "s");
		talk_info(c->talk, line);
	}
}

void
phase_open(struct call *c, struct verdict *v)
{
	struct uadm_err err = { 0 };
	struct session_opened s;

	if (op_login_open(c->u, &c->request, &c->user, &s, &err) != UADM_OK) {
		say_unavailable(v, &err);
		return;
	}
	if (s.answer.verdict != LOGIN_ALLOW) {
		say_refused(c, v, s.answer);
		v->result = RELAY_DENIED; /* sudo goes on after anything else */
		return;
	}
	/* One that tzdata has no more would be UTC by another name. */
	if (zone_is_valid(c->user.time_zone))
		talk_setenv(c->talk, "TZ", c->user.time_zone);
	tell_last_login(c, &s.before);
	if (s.home_problem[0] != '\0') {
		talk_error(c->talk,
		    "Your home directory could not be made. Ask your administrator.");
		snprintf(v->log, sizeof(v->log), "%s", s.home_problem);
	}
	v->result = RELAY_SUCCESS;
}

void
phase_close(struct call *c, struct verdict *v)
{
	struct uadm_err err = { 0 };

	if (op_login_close(c->u, &c->request, &c->user, &err) != UADM_OK)
		say_unavailable(v, &err);
	else
		v->result = RELAY_SUCCESS;
}
