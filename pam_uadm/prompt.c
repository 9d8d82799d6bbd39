/*
 * prompt.c - what is said to the human, and what comes back.
 *
 * Threat: the conversation is the host's, and hosts come with none (cron), with one that
 * always fails (sshd's account phase), and with ones that report success and hand back
 * nothing. All of that is "no answer", which charges nobody. What they hand back is wiped before
 * it is freed. Of an answer that is too long nothing is cut: a password must not match
 * by its beginning, so what uadmd gets is a text of the greatest length that is no UTF-8 and
 * longer than any password.
 */
#include "pam_uadm/prompt.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

void
answer_wipe(struct answer *answer)
{
	explicit_bzero(answer, sizeof(*answer));
}

void
answer_take(struct answer *answer, const char *text)
{
	size_t size = text != NULL ? strlen(text) : 0;

	answer_wipe(answer);
	answer->given = text != NULL;
	answer->too_long = size > RELAY_SECRET_MAX;
	if (answer->too_long)
		memset(answer->text, 0xff, RELAY_SECRET_MAX);
	else if (size > 0)
		memcpy(answer->text, text, size);
}

static void
reply_free(struct pam_response *reply)
{
	if (reply == NULL)
		return;
	if (reply->resp != NULL)
		explicit_bzero(reply->resp, strlen(reply->resp));
	free(reply->resp);
	free(reply);
}

/* One message through the host's conversation; NULL unless it went well. */
static struct pam_response *
converse(const struct call *call, int style, const char *text)
{
	struct pam_message message = { .msg_style = style, .msg = text };
	const struct pam_message *messages = &message;
	struct pam_response *reply = NULL;
	const void *item = NULL;
	const struct pam_conv *conv;
	int code, off;

	if (pam_get_item(call->pamh, PAM_CONV, &item) != PAM_SUCCESS || item == NULL)
		return NULL;
	conv = item;
	if (conv->conv == NULL)
		return NULL;
	/* A host may cancel its own thread while the human thinks; see pam_uadm.c. */
	pthread_setcancelstate(call->cancel, &off);
	code = conv->conv(1, &messages, &reply, conv->appdata_ptr);
	pthread_setcancelstate(off, NULL);
	/* After a failure the reply is undefined: not even to be freed. */
	return code == PAM_SUCCESS ? reply : NULL;
}

void
prompt_ask(const struct call *call, const char *text, bool echo, struct answer *answer)
{
	int style = echo ? PAM_PROMPT_ECHO_ON : PAM_PROMPT_ECHO_OFF;
	struct pam_response *reply = converse(call, style, text);

	answer_take(answer, reply != NULL ? reply->resp : NULL);
	reply_free(reply);
}

void
prompt_show(const struct call *call, const char *text, bool is_error)
{
	if ((call->flags & PAM_SILENT) == 0)
		reply_free(
		    converse(call, is_error ? PAM_ERROR_MSG : PAM_TEXT_INFO, text));
}
