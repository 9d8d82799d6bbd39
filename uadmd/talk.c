#include "uadmd/talk.h"

#include "libuadm/base/clock.h"
#include "libuadm/base/names.h"

#include <string.h>
#include <unistd.h>

enum { SEND_MS = 10000, HUMAN_MS = 600000 };
/* What the module takes of a line, NUL included. */
enum { RELAY_LINE_MAX = 512 };

static bool
send_frame(struct talk *t)
{
	bool sent = relay_send(t->fd, &t->frame, clock_boot_ms() + SEND_MS);

	relay_wipe(&t->frame);
	return sent;
}

static enum talk_answer
ask(struct talk *t, const char *prompt, bool echo, enum relay_item item,
    struct secret *out)
{
	struct uadm_err ignored;
	const char *text;
	size_t size = 0;
	enum talk_answer answer = TALK_NONE;

	relay_begin(&t->frame, RELAY_PROMPT);
	relay_put_text(&t->frame, RELAY_F_TEXT, prompt);
	relay_put_int(&t->frame, RELAY_F_ECHO, echo);
	relay_put_int(&t->frame, RELAY_F_ITEM, item);
	if (!send_frame(t) ||
	    !relay_receive(t->fd, &t->frame, clock_boot_ms() + HUMAN_MS) ||
	    t->frame.type != RELAY_ANSWER)
		return TALK_GONE;
	text = relay_get(&t->frame, RELAY_F_TEXT, &size);
	if (text != NULL && relay_get_int(&t->frame, RELAY_F_NO_ANSWER, 0) == 0 &&
	    secret_set(out, text, size, &ignored) == UADM_OK)
		answer = TALK_GIVEN;
	relay_wipe(&t->frame);
	return answer;
}

enum talk_answer
talk_secret(
    struct talk *t, const char *prompt, enum relay_item item, struct secret *out)
{
	return ask(t, prompt, false, item, out);
}

enum talk_answer
talk_open(struct talk *t, const char *prompt, struct secret *out)
{
	return ask(t, prompt, true, RELAY_ITEM_NONE, out);
}

static void
say(struct talk *t, enum relay_type type, const char *text)
{
	char shown[RELAY_LINE_MAX];

	relay_begin(&t->frame, type);
	relay_put_text(
	    &t->frame, RELAY_F_TEXT, text_escape(shown, sizeof(shown), text));
	send_frame(t);
}

void
talk_info(struct talk *t, const char *text)
{
	say(t, RELAY_INFO, text);
}

void
talk_error(struct talk *t, const char *text)
{
	say(t, RELAY_ERROR, text);
}

void
talk_setenv(struct talk *t, const char *name, const char *value)
{
	relay_begin(&t->frame, RELAY_SETENV);
	relay_put_text(&t->frame, RELAY_F_NAME, name);
	relay_put_text(&t->frame, RELAY_F_VALUE, value);
	send_frame(t);
}

void
talk_keep_token(struct talk *t)
{
	relay_begin(&t->frame, RELAY_AUTHTOK);
	send_frame(t);
}

bool
talk_result(struct talk *t, const struct verdict *v)
{
	char shown[RELAY_LINE_MAX];

	relay_begin(&t->frame, RELAY_RESULT);
	relay_put_int(&t->frame, RELAY_F_RESULT, v->result);
	if (v->log[0] != '\0')
		relay_put_text(
		    &t->frame, RELAY_F_LOG, text_escape(shown, sizeof(shown), v->log));
	relay_put_int(&t->frame, RELAY_F_LOG_USER, v->known);
	if (v->delay_us > 0)
		relay_put_int(&t->frame, RELAY_F_DELAY_US, v->delay_us);
	return send_frame(t);
}

void
talk_done(struct talk *t)
{
	relay_wipe(&t->frame);
}
