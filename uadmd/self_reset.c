/*
 * self_reset.c - at a login screen, an empty password asks for a one-time code by mail (F67).
 *
 * Threat: somebody who is not the user. Whatever is typed, the same is said, it costs what a wrong
 * password costs, and takes as long: whether there is such a user, such an address, a lock, a code that
 * was sent a moment ago, or an administrator, who gets none. Wrong addresses count as wrong passwords
 * do, for the source first and then for the user.
 *
 * Only where the program that asks is root's own (sshd, login, a display manager): under su and sudo
 * somebody else is sitting there.
 */
#include "libuadm/ops/self_reset.h"

#include "uadmd/phases.h"

#include <string.h>

/* The log has what became of it; the address is nobody's business. */
static void
ask(struct call *c, const char *email, struct verdict *v)
{
	struct uadm_err err = { 0 };
	const char *outcome;

	if (op_self_reset(c->u, &c->request, c->whose == LOGIN_OURS ? &c->user : NULL,
		email, &outcome, &err) != UADM_OK) {
		say_unavailable(v, &err);
		return;
	}
	talk_info(c->talk,
	    "If that is the address of this user, a code is on its way to it. Log in with it as the "
	    "password.");
	v->result = RELAY_AUTH_FAILED;
	delay_failure(c, v);
	snprintf(v->log, sizeof(v->log), "asked for a code: %s", outcome);
}

bool
self_reset(struct call *c, const struct secret *pw, struct verdict *v)
{
	CLEANUP(secret_wipe) struct secret email = { 0 };
	struct uadm_err err = { 0 };

	if (pw->length != 0 || c->request.real_uid != 0 || !op_self_reset_is_on(c->u))
		return false;
	if (secret_new(&email, &err) != UADM_OK) {
		say_unavailable(v, &err);
		return true;
	}
	talk_info(c->talk,
	    "No password? Give the e-mail address that is registered for you, and a one-time code is "
	    "sent to it.");
	if (talk_open(c->talk, "E-mail address: ", &email) != TALK_GIVEN) {
		v->result = RELAY_CONVERSATION; /* no answer, no charge */
		v->delay_us = 0;
		return true;
	}
	/* None: an empty password it was. */
	if (email.length == 0)
		return false;
	ask(c, email.text, v);
	return true;
}
