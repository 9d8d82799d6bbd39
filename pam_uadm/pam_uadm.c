/*
 * pam_uadm.c - the six entry points: who is asked about, and who decides.
 *
 * Threat: this runs in the host's process, as root in most of them. So it decides one thing
 * itself, who is none of ours, and leaves the rest to uadmd; and it leaves the host as
 * it found it: errno, signals, ids, directory, umask, environment, descriptors, children.
 *
 * The order is a promise: root and the users of /etc/passwd are sent on before arguments,
 * sockets or programs are looked at, so that nothing that is wrong with us is wrong for them.
 */
#include "pam_uadm/args.h"
#include "pam_uadm/call.h"
#include "pam_uadm/dialogue.h"
#include "pam_uadm/link.h"
#include "pam_uadm/local.h"

#include <errno.h>
#include <pthread.h>
#include <security/pam_ext.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define ENTRY __attribute__((visibility("default")))

/* pam_get_user() calls the conversation without a look at whether there is one. */
static bool
can_converse(pam_handle_t *pamh)
{
	const void *item = NULL;

	return pam_get_item(pamh, PAM_CONV, &item) == PAM_SUCCESS && item != NULL &&
	    ((const struct pam_conv *)item)->conv != NULL;
}

/* The one who logs in, as the host named them; never set by us. Only where there is a human
 * to ask may libpam ask for the name. */
static int
name_user(struct call *call)
{
	bool may_ask = call->phase == RELAY_AUTH || call->phase == RELAY_CHAUTHTOK;
	const char *name = NULL;
	const void *item = NULL;
	int code = pam_get_item(call->pamh, PAM_USER, &item);

	if (code == PAM_SUCCESS)
		name = item;
	if (name == NULL && may_ask)
		code = can_converse(call->pamh) ? pam_get_user(call->pamh, &name, NULL)
						: PAM_CONV_ERR;
	if (code == PAM_CONV_AGAIN)
		return PAM_INCOMPLETE;
	if (code != PAM_SUCCESS)
		return PAM_CONV_ERR;
	call->user = name;
	return PAM_SUCCESS;
}

/* Proven not ours. Names this long are nobody's in our store, and not cut to fit. */
static bool
is_not_ours(const char *user)
{
	return user == NULL || user[0] == '\0' || strlen(user) > CALL_NAME_MAX ||
	    local_has_user(user);
}

/* libpam sets exactly one; without, nobody could say what a success meant. */
static bool
has_one_pass(int flags)
{
	return ((flags & PAM_PRELIM_CHECK) != 0) != ((flags & PAM_UPDATE_AUTHTOK) != 0);
}

static int
decide(const struct call *call)
{
	/* What a caller who is not root could gain by stopping uadmd is guesses: those go to
	 * the listening one. Sessions need what its unit may not do (make a home). */
	bool shared = call->phase == RELAY_AUTH || call->phase == RELAY_CHAUTHTOK;
	struct link link;
	const char *why = "";
	bool heard = false, ours;
	int code = PAM_AUTHINFO_UNAVAIL;

	do {
		if (!link_open(&link, shared, &why)) {
			pam_syslog(call->pamh, LOG_ERR, "%s: %m", why);
			return PAM_AUTHINFO_UNAVAIL;
		}
		ours = link.pid > 0;
		code = dialogue_run(call, link.fd, &heard);
		link_close(&link);
		/* A listener that is overrun hangs up before it has said a word: whoever holds
		 * its places must not keep others out, so root then has one of its own. */
		shared = false;
	} while (!heard && !ours && geteuid() == 0);
	if (call->args.debug)
		pam_syslog(call->pamh, LOG_DEBUG, "uadmd's verdict comes to: %s",
		    pam_strerror(call->pamh, code));
	return code;
}

/* A host's thread that is cancelled half-way would leave a process and a descriptor behind,
 * so that waits until the call is over (or the human is asked: prompt.c). */
static int
relay(
    pam_handle_t *pamh, enum relay_phase phase, int flags, int argc, const char **argv)
{
	struct call call = { .pamh = pamh, .phase = phase, .flags = flags };
	int saved = errno, code = name_user(&call);

	if (code != PAM_SUCCESS)
		return code;
	if (is_not_ours(call.user)) {
		errno = saved;
		return PAM_USER_UNKNOWN;
	}
	args_parse(&call.args, argc, argv);
	if (call.args.wrong != NULL) {
		pam_syslog(pamh, LOG_ERR, "argument not known or not valid: %s",
		    call.args.wrong);
		return PAM_SERVICE_ERR;
	}
	if (phase == RELAY_CHAUTHTOK && !has_one_pass(flags))
		return PAM_SYSTEM_ERR;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &call.cancel);
	code = decide(&call);
	pthread_setcancelstate(call.cancel, NULL);
	errno = saved;
	return code;
}

ENTRY int
pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	return relay(pamh, RELAY_AUTH, flags, argc, argv);
}

/* Nothing is to be done, so uadmd is not asked. Success here lets nobody in: no host takes
 * it for an authentication, and cron and sshd (public keys) call it without one. A refusal
 * would be worse: `default=die` makes cron drop the job, while Debian's stack turns it into
 * success after an auth that went well. Others than ours pass over the line, as they did in
 * auth. */
ENTRY int
pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	struct call call = { .pamh = pamh, .phase = RELAY_SETCRED, .flags = flags };
	int saved = errno, code = name_user(&call);

	(void)argc;
	(void)argv;
	if (code == PAM_SUCCESS && is_not_ours(call.user))
		code = PAM_USER_UNKNOWN;
	errno = saved;
	return code;
}

ENTRY int
pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	return relay(pamh, RELAY_ACCOUNT, flags, argc, argv);
}

ENTRY int
pam_sm_chauthtok(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	return relay(pamh, RELAY_CHAUTHTOK, flags, argc, argv);
}

ENTRY int
pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	return relay(pamh, RELAY_OPEN_SESSION, flags, argc, argv);
}

ENTRY int
pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	return relay(pamh, RELAY_CLOSE_SESSION, flags, argc, argv);
}
