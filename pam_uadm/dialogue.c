/*
 * dialogue.c - one call, from START to RESULT.
 *
 * Threat: who answers may be broken or not who we think. It can have prompts shown, lines
 * shown, the time zone set, and a verdict given; nothing else it says has an effect, and
 * how much it says is bounded. There is one way to PAM_SUCCESS: a sound RESULT frame on this
 * connection that says so. Everything else (no answer in time, a frame out of place, one
 * without its text, too many) is PAM_AUTHINFO_UNAVAIL. The clock runs while uadmd is at
 * work and stands still while the human is.
 */
#include "pam_uadm/dialogue.h"

#include "pam_uadm/prompt.h"
#include "pam_uadm/result.h"

#include <security/pam_ext.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define CLEANUP(fn) __attribute__((cleanup(fn)))

enum {
	FRAMES_MAX = 256, /* of one call */
	PROMPTS_MAX = 32, /* of one call */
	ZONE_SIZE = 64,
};

struct dialogue {
	const struct call *call;
	int fd;
	int64_t deadline_ms;
	int prompts;
	struct answer authtok;    /* of the last prompt for it, until AUTHTOK */
	struct relay_frame frame; /* in and out: never both are needed */
};

static void
dialogue_wipe(struct dialogue *d)
{
	explicit_bzero(d, sizeof(*d));
}

static void
restart_clock(struct dialogue *d)
{
	d->deadline_ms = relay_clock_ms() +
	    (d->call->phase == RELAY_AUTH ? UADM_WAIT_AUTH_MS : UADM_WAIT_MS);
}

static int64_t
start_flags(const struct call *call)
{
	bool change = call->phase == RELAY_CHAUTHTOK;
	const struct {
		bool set;
		enum relay_flag flag;
	} all[] = {
		{ (call->flags & PAM_SILENT) != 0, RELAY_SILENT },
		{ call->phase == RELAY_AUTH &&
			(call->flags & PAM_DISALLOW_NULL_AUTHTOK) != 0,
		    RELAY_DISALLOW_NULL },
		{ change && (call->flags & PAM_PRELIM_CHECK) != 0, RELAY_PRELIM },
		{ change && (call->flags & PAM_UPDATE_AUTHTOK) != 0, RELAY_UPDATE },
		{ change && (call->flags & PAM_CHANGE_EXPIRED_AUTHTOK) != 0,
		    RELAY_CHANGE_EXPIRED },
		{ call->args.try_first_pass, RELAY_TRY_FIRST },
		{ call->args.use_first_pass, RELAY_USE_FIRST },
		{ call->args.use_authtok, RELAY_USE_AUTHTOK },
		{ call->args.debug, RELAY_DEBUG },
		{ call->args.nodelay, RELAY_NODELAY },
	};
	int64_t flags = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		flags |= all[i].set ? (int64_t)all[i].flag : 0;
	return flags;
}

static const char *
get_item(const struct call *call, int which)
{
	const void *value = NULL;

	return pam_get_item(call->pamh, which, &value) == PAM_SUCCESS ? value : NULL;
}

/* Facts for the records and the limits, not names that decide: a longer one is cut. */
static void
put_fact(struct dialogue *d, enum relay_tag tag, int which)
{
	const char *value = get_item(d->call, which);

	if (value != NULL)
		relay_put(&d->frame, tag, value, strnlen(value, CALL_NAME_MAX));
}

static void
put_token(struct dialogue *d, enum relay_tag tag, int which)
{
	CLEANUP(answer_wipe) struct answer token = { 0 };

	answer_take(&token, get_item(d->call, which));
	if (token.given)
		relay_put_text(&d->frame, tag, token.text);
}

/* Tokens go only where the line in /etc/pam.d lets an earlier module's be used, and the old
 * password to the second pass of a change, whose first pass has asked for it. */
static void
put_tokens(struct dialogue *d)
{
	const struct args *args = &d->call->args;
	bool first = args->try_first_pass || args->use_first_pass;
	bool update = (d->call->flags & PAM_UPDATE_AUTHTOK) != 0;

	if (d->call->phase == RELAY_AUTH && first)
		put_token(d, RELAY_F_AUTHTOK, PAM_AUTHTOK);
	if (d->call->phase != RELAY_CHAUTHTOK)
		return;
	if (first || update)
		put_token(d, RELAY_F_OLDAUTHTOK, PAM_OLDAUTHTOK);
	if (update && (first || args->use_authtok))
		put_token(d, RELAY_F_AUTHTOK, PAM_AUTHTOK);
}

/* A uadmd that does not listen any more may have left a RESULT that says why: then what is
 * there already is read, and nothing waited for. */
static void
send_frame(struct dialogue *d)
{
	restart_clock(d);
	if (!relay_send(d->fd, &d->frame, d->deadline_ms))
		d->deadline_ms = relay_clock_ms();
	relay_wipe(&d->frame); /* not to lie there while the human thinks */
}

static void
send_start(struct dialogue *d)
{
	const struct call *call = d->call;

	relay_begin(&d->frame, RELAY_START);
	relay_put_int(&d->frame, RELAY_F_VERSION, RELAY_VERSION);
	relay_put_int(&d->frame, RELAY_F_PHASE, call->phase);
	relay_put_int(&d->frame, RELAY_F_FLAGS, start_flags(call));
	relay_put_text(&d->frame, RELAY_F_USER, call->user);
	put_fact(d, RELAY_F_SERVICE, PAM_SERVICE);
	put_fact(d, RELAY_F_TTY, PAM_TTY);
	put_fact(d, RELAY_F_RHOST, PAM_RHOST);
	put_fact(d, RELAY_F_RUSER, PAM_RUSER);
	relay_put_int(&d->frame, RELAY_F_RUID, (int64_t)getuid());
	relay_put_int(&d->frame, RELAY_F_PID, (int64_t)getpid());
	relay_put_text(&d->frame, RELAY_F_CONF, call->args.conf);
	relay_put_text(&d->frame, RELAY_F_ACCOUNTS, call->args.accounts);
	put_tokens(d);
	send_frame(d);
}

static void
send_answer(struct dialogue *d, const struct answer *answer)
{
	relay_begin(&d->frame, RELAY_ANSWER);
	if (answer->given)
		relay_put_text(&d->frame, RELAY_F_TEXT, answer->text);
	else
		relay_put_int(&d->frame, RELAY_F_NO_ANSWER, 1);
	send_frame(d);
}

static void
keep_token(struct dialogue *d, int64_t what, const struct answer *answer)
{
	bool usable = answer->given && !answer->too_long;

	if (what == RELAY_ITEM_AUTHTOK) {
		answer_wipe(&d->authtok);
		if (usable)
			d->authtok = *answer;
	} else if (what == RELAY_ITEM_OLDAUTHTOK && usable &&
	    d->call->phase == RELAY_CHAUTHTOK) {
		pam_set_item(d->call->pamh, PAM_OLDAUTHTOK, answer->text);
	}
}

static bool
on_prompt(struct dialogue *d)
{
	CLEANUP(answer_wipe) struct answer answer = { 0 };
	char text[PAM_MAX_MSG_SIZE];
	int64_t echo = relay_get_int(&d->frame, RELAY_F_ECHO, 0);
	int64_t what = relay_get_int(&d->frame, RELAY_F_ITEM, RELAY_ITEM_NONE);

	if (++d->prompts > PROMPTS_MAX ||
	    !relay_get_text(&d->frame, RELAY_F_TEXT, text, sizeof(text)))
		return false;
	prompt_ask(d->call, text, echo == 1, &answer);
	keep_token(d, what, &answer);
	send_answer(d, &answer);
	return true;
}

static bool
on_line(struct dialogue *d)
{
	char text[PAM_MAX_MSG_SIZE];
	int64_t before = relay_clock_ms();

	if (!relay_get_text(&d->frame, RELAY_F_TEXT, text, sizeof(text)))
		return false;
	prompt_show(d->call, text, d->frame.type == RELAY_ERROR);
	/* A window that waits to be closed is the human's time, not uadmd's. */
	d->deadline_ms += relay_clock_ms() - before;
	return true;
}

/* The environment of a session is a way to become somebody (LD_PRELOAD, PATH, ...), and libc
 * opens what TZ names: so TZ alone, and in it the name of a zone below the zone directory. */
static bool
is_zone(const char *value)
{
	static const char allowed[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789_+-/";

	return value[0] != '\0' && value[0] != '/' &&
	    value[strspn(value, allowed)] == '\0';
}

static bool
on_setenv(struct dialogue *d)
{
	char name[sizeof("TZ")], zone[ZONE_SIZE], line[sizeof("TZ=") + ZONE_SIZE];

	if (d->call->phase != RELAY_OPEN_SESSION ||
	    !relay_get_text(&d->frame, RELAY_F_NAME, name, sizeof(name)) ||
	    strcmp(name, "TZ") != 0 ||
	    !relay_get_text(&d->frame, RELAY_F_VALUE, zone, sizeof(zone)) ||
	    !is_zone(zone))
		return false;
	snprintf(line, sizeof(line), "TZ=%s", zone);
	pam_putenv(d->call->pamh, line);
	return true;
}

static bool
on_authtok(struct dialogue *d)
{
	if (d->call->phase != RELAY_AUTH && d->call->phase != RELAY_CHAUTHTOK)
		return false;
	if (d->authtok.given)
		pam_set_item(d->call->pamh, PAM_AUTHTOK, d->authtok.text);
	answer_wipe(&d->authtok);
	return true;
}

/* false: the frame has no place here, and nothing more is heard. */
static bool
obey(struct dialogue *d)
{
	switch (d->frame.type) {
	case RELAY_PROMPT:
		return on_prompt(d);
	case RELAY_INFO:
	case RELAY_ERROR:
		return on_line(d);
	case RELAY_SETENV:
		return on_setenv(d);
	case RELAY_AUTHTOK:
		return on_authtok(d);
	case RELAY_START:
	case RELAY_ANSWER:
	case RELAY_RESULT:
		break;
	}
	return false;
}

static int
no_verdict(const struct call *call, const char *why)
{
	pam_syslog(call->pamh, LOG_ERR, "uadmd gave no verdict: %s", why);
	return PAM_AUTHINFO_UNAVAIL;
}

int
dialogue_run(const struct call *call, int fd, bool *heard)
{
	CLEANUP(dialogue_wipe) struct dialogue d = { .call = call, .fd = fd };

	*heard = false;
	send_start(&d);
	for (int frames = 0; frames < FRAMES_MAX; frames++) {
		if (!relay_receive(fd, &d.frame, d.deadline_ms))
			return no_verdict(call,
			    relay_clock_ms() < d.deadline_ms
				? "it hung up or broke the format"
				: "it did not answer in time");
		*heard = true;
		if (d.frame.type == RELAY_RESULT)
			return result_of(call, &d.frame);
		if (!obey(&d))
			return no_verdict(
			    call, "it sent a frame that has no place here");
	}
	return no_verdict(call, "it sent too many frames");
}
