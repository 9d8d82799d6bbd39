/*
 * factor.c - the second factor's part of the conversation.
 *
 * Threat: a conversation that tells whose password was right. Where a factor may be due on a service,
 * everybody is asked for password and code, names that are nobody's too, before either is looked at.
 * Somebody who gets a message, or sets a factor up, is asked again after that, and that cannot be hidden:
 * it comes after the right password only. Each time all is proved anew, password included, so nothing
 * is held while a person thinks, and every wrong code is charged like a wrong password.
 */
#include "uadmd/factor.h"

#include "libuadm/base/times.h"
#include "libuadm/secrets/qr.h"
#include "uadmd/message.h"

#include <string.h>

enum { ENROLL_TRIES = 3, HOST_SIZE = 65, RECOVERY_A_LINE = 5 };

/* One for everybody on this host. */
static const char
    prompt[] = "Code of your second factor (empty if you have none): ",
    prompt_or_sent[] =
	"Code of your second factor (empty if you have none, or to be sent one): ";

enum uadm_code
factor_begin(struct call *c, struct uadm_err *err)
{
	bool asked;
	enum uadm_code code;

	c->request.factor = NULL;
	if ((code = op_factor_is_asked(c->u, c->request.service, &asked, err)) !=
		UADM_OK ||
	    !asked || (code = secret_new(&c->typed, err)) != UADM_OK)
		return code;
	c->factor.typed = &c->typed;
	c->request.factor = &c->factor;
	return UADM_OK;
}

bool
factor_ask(struct call *c)
{
	return c->request.factor == NULL ||
	    talk_secret(c->talk,
		c->u->config.sms_command[0] != '\0' ? prompt_or_sent : prompt,
		RELAY_ITEM_NONE, &c->typed) == TALK_GIVEN;
}

static enum uadm_code
prove(struct call *c, struct secret *pw, struct proof *p, struct uadm_err *err)
{
	return op_login_prove(c->u, &c->request,
	    c->whose == LOGIN_OURS ? &c->user : NULL, pw, true, p, err);
}

/* Was the password right, and is this still to be done? */
static bool
is_left(const struct call *c, const struct proof *p, enum factor_verdict what)
{
	return c->request.factor != NULL && p->answer == PROOF_RIGHT &&
	    p->verdict.verdict != LOGIN_REFUSE && c->factor.verdict == what;
}

static void
host_name(char out[HOST_SIZE])
{
	if (gethostname(out, HOST_SIZE) != 0)
		out[0] = '\0';
	out[HOST_SIZE - 1] = '\0';
	if (out[0] == '\0' ||
	    out[strspn(out,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-")] !=
		'\0')
		snprintf(out, HOST_SIZE, "host");
}

/* false: v says why there is no use in asking. */
static bool
send_message(struct call *c, struct verdict *v)
{
	char text[200], line[100], host[HOST_SIZE];
	const char *number = c->factor.number;
	struct uadm_err err = { 0 };

	if (c->factor.message[0] == '\0') {
		talk_error(c->talk,
		    "No further code is sent for now. The last one may still be good.");
		return true;
	}
	host_name(host);
	snprintf(text, sizeof(text),
	    "%s is your code for %s. It is good for 5 minutes.", c->factor.message,
	    host);
	if (message_send(&c->u->config, number, text, &err) != UADM_OK) {
		talk_error(c->talk, "No code could be sent. Ask your administrator.");
		say_unavailable(v, &err);
	} else {
		snprintf(line, sizeof(line),
		    "A code was sent to your number that ends in %s.",
		    strlen(number) > 2 ? number + strlen(number) - 2 : "");
		talk_info(c->talk, line);
	}
	explicit_bzero(text, sizeof(text));
	explicit_bzero(c->factor.message, sizeof(c->factor.message));
	return err.code == UADM_OK;
}

static enum uadm_code
after_message(struct call *c, struct secret *pw, struct proof *p, struct verdict *v,
    struct uadm_err *err)
{
	if (!send_message(c, v))
		return UADM_OK;
	if (talk_secret(c->talk, "Code: ", RELAY_ITEM_NONE, &c->typed) != TALK_GIVEN) {
		v->result = RELAY_CONVERSATION;
		return UADM_OK;
	}
	/* An empty answer must not send another one. */
	if (c->typed.length == 0 &&
	    secret_set(&c->typed, "none", strlen("none"), err) != UADM_OK)
		return err->code;
	return prove(c, pw, p, err);
}

struct enrolling {
	struct totp secret;
	char recovery[RECOVERY_CODES][RECOVERY_SIZE];
	char uri[TOTP_URI_SIZE];
};

static void
enrolling_wipe(struct enrolling *e)
{
	secret_zero(e, sizeof(*e));
}

static void
tell_line(void *arg, const char *text)
{
	talk_info(arg, text);
}

static void
tell_recovery(struct call *c, const struct enrolling *e)
{
	char line[RECOVERY_A_LINE * (RECOVERY_SIZE + 2) + 1];
	size_t used = 0;

	talk_info(c->talk,
	    "Keep these codes: each lets you in once without the app, when it is set up.");
	for (int i = 0; i < RECOVERY_CODES; i++) {
		used += (size_t)snprintf(
		    line + used, sizeof(line) - used, "  %s", e->recovery[i]);
		if ((i + 1) % RECOVERY_A_LINE != 0 && i + 1 < RECOVERY_CODES)
			continue;
		talk_info(c->talk, line);
		used = 0;
	}
	explicit_bzero(line, sizeof(line));
}

/* The QR code is last, and what is kept before it: a terminal of 24 lines has room for it, the question, and
 * the codes above, and a console does not scroll back. All of it before the question: what is said after it sshd
 * shows to nobody who runs a command. */
static void
tell_enrolling(struct call *c, struct enrolling *e)
{
	char host[HOST_SIZE], text[TOTP_TEXT_SIZE], line[80];
	struct uadm_err ignored;

	host_name(host);
	totp_uri(&e->secret, host, c->user.name, e->uri);
	totp_text(&e->secret, text);
	talk_info(c->talk,
	    "You need a second factor here. Scan the QR code with an app for one-time codes,");
	talk_info(c->talk, "such as FreeOTP or Aegis, or type in what is above it.");
	talk_info(c->talk, e->uri);
	snprintf(line, sizeof(line), "Key: %s", text);
	talk_info(c->talk, line);
	tell_recovery(c, e);
	if (qr_lines(e->uri, tell_line, c->talk, &ignored) != UADM_OK)
		talk_info(c->talk, "(No QR code can be shown here.)");
	explicit_bzero(text, sizeof(text));
	explicit_bzero(line, sizeof(line));
}

enum confirmed {
	NOT_CONFIRMED = 0, /* no code was right */
	NOT_ANSWERED,      /* there was nobody to ask */
	CONFIRMED,
};

/* A code of it, to see that the app has it. */
static enum uadm_code
confirm(
    struct call *c, const struct enrolling *e, enum confirmed *so, struct uadm_err *err)
{
	char code[PASSCODE_TYPED];
	struct clock_now now;
	enum uadm_code rc = UADM_OK;
	int64_t step = 0;

	*so = NOT_CONFIRMED;
	for (int i = 0; i < ENROLL_TRIES && rc == UADM_OK && step == 0; i++) {
		if (talk_secret(c->talk, "Code that the app shows: ", RELAY_ITEM_NONE,
			&c->typed) != TALK_GIVEN) {
			*so = NOT_ANSWERED;
			return UADM_OK;
		}
		clock_read(&now);
		passcode_read(c->typed.text, code);
		rc = totp_find(&e->secret, now.wall, code, &step, err);
		if (rc == UADM_OK && step == 0)
			talk_error(c->talk, "That is not the code of now.");
	}
	explicit_bzero(code, sizeof(code));
	c->factor.enrolled = step != 0 ? &e->secret : NULL;
	c->factor.enrolled_step = step;
	if (step != 0)
		*so = CONFIRMED;
	return rc;
}

static enum uadm_code
after_enrolling(struct call *c, struct secret *pw, struct proof *p, struct verdict *v,
    struct uadm_err *err)
{
	CLEANUP(enrolling_wipe) struct enrolling e = { 0 };
	enum confirmed so;
	enum uadm_code code;

	/* Where nothing is shown nothing can be set up. */
	if ((c->flags & RELAY_SILENT) != 0) {
		p->verdict = (struct login_answer){ LOGIN_REFUSE, LOGIN_FACTOR };
		return UADM_OK;
	}
	totp_make(&e.secret);
	for (int i = 0; i < RECOVERY_CODES; i++)
		recovery_make(e.recovery[i]);
	tell_enrolling(c, &e);
	if ((code = confirm(c, &e, &so, err)) != UADM_OK)
		return code;
	if (so != CONFIRMED) {
		v->result = so == NOT_ANSWERED ? RELAY_CONVERSATION : RELAY_DENIED;
		snprintf(v->log, sizeof(v->log), "no second factor was set up");
		return UADM_OK;
	}
	c->factor.recovery = (const char(*)[RECOVERY_SIZE])e.recovery;
	code = prove(c, pw, p, err);
	c->factor.enrolled = NULL;
	return code;
}

static void
tell_recovery_used(struct call *c)
{
	char line[120];

	snprintf(line, sizeof(line), "That was a recovery code. %lld %s left.",
	    (long long)c->factor.recovery_left,
	    c->factor.recovery_left == 1 ? "is" : "are");
	talk_info(c->talk, line);
}

enum uadm_code
factor_prove(struct call *c, struct secret *pw, struct proof *p, struct verdict *v,
    struct uadm_err *err)
{
	enum uadm_code code = prove(c, pw, p, err);

	v->result = RELAY_NO_VERDICT;
	if (code == UADM_OK && is_left(c, p, FACTOR_IS_TO_SEND))
		code = after_message(c, pw, p, v, err);
	else if (code == UADM_OK && is_left(c, p, FACTOR_IS_TO_ENROLL))
		code = after_enrolling(c, pw, p, v, err);
	if (code != UADM_OK || v->result != RELAY_NO_VERDICT)
		return code;
	/* Whatever is still left then (the number went meanwhile, say): it is not proved. */
	if (is_left(c, p, FACTOR_IS_TO_SEND) || is_left(c, p, FACTOR_IS_TO_ENROLL)) {
		p->answer = PROOF_WRONG;
		p->why = "the second factor changed meanwhile";
	}
	if (is_left(c, p, FACTOR_IS_FINE) && c->factor.used_recovery)
		tell_recovery_used(c);
	return code;
}
