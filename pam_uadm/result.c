/*
 * result.c - from uadmd's verdict to a PAM code and a line in the log.
 *
 * Threat: a verdict that means something else in another phase. A table says which code each
 * has in each phase, and what it does not name is PAM_AUTHINFO_UNAVAIL: no cell is
 * PAM_IGNORE, and PAM_SUCCESS stands in one row. A session is refused with PAM_PERM_DENIED
 * because sudo goes on after PAM_SESSION_ERR. The log gets names and hosts that strangers
 * chose: all that is not a printable ASCII character goes in as \xNN, spaces too where a
 * field ends at one, so that nobody forges a field or a line.
 */
#include "pam_uadm/result.h"

#include <security/pam_ext.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

enum {
	LOG_TEXT_MAX = 512,
	DELAY_MAX_US = 60000000, /* as long as the policy goes */
};

/* auth, account, chauthtok, session; 0 is "not in this phase". */
static const struct {
	int code[4];
} codes[] = {
	[RELAY_NO_VERDICT] = { { 0 } },
	[RELAY_SUCCESS] = { { 0 } }, /* PAM_SUCCESS is 0: see result_code() */
	[RELAY_NOT_OURS] = { { PAM_USER_UNKNOWN, PAM_USER_UNKNOWN, PAM_USER_UNKNOWN,
	    PAM_USER_UNKNOWN } },
	[RELAY_AUTH_FAILED] = { { PAM_AUTH_ERR, PAM_AUTH_ERR, PAM_AUTH_ERR,
	    PAM_PERM_DENIED } },
	[RELAY_DENIED] = { { PAM_PERM_DENIED, PAM_PERM_DENIED, PAM_PERM_DENIED,
	    PAM_PERM_DENIED } },
	[RELAY_EXPIRED] = { { PAM_ACCT_EXPIRED, PAM_ACCT_EXPIRED, PAM_ACCT_EXPIRED,
	    PAM_PERM_DENIED } },
	[RELAY_CHANGE_DUE] = { { 0, PAM_NEW_AUTHTOK_REQD, 0, 0 } },
	[RELAY_TOKEN_ERROR] = { { 0, 0, PAM_AUTHTOK_ERR, 0 } },
	[RELAY_TOKEN_RECOVER] = { { 0, 0, PAM_AUTHTOK_RECOVERY_ERR, 0 } },
	[RELAY_CONVERSATION] = { { PAM_CONV_ERR, PAM_CONV_ERR, PAM_CONV_ERR,
	    PAM_CONV_ERR } },
	[RELAY_UNAVAILABLE] = { { 0 } },
	[RELAY_BUSY] = { { 0, 0, PAM_TRY_AGAIN, 0 } },
};

int
result_code(enum relay_phase phase, int64_t result)
{
	int column = phase == RELAY_AUTH ? 0
	    : phase == RELAY_ACCOUNT     ? 1
	    : phase == RELAY_CHAUTHTOK   ? 2
					 : 3;

	if (result == RELAY_SUCCESS)
		return PAM_SUCCESS;
	if (result < 0 || (size_t)result >= sizeof(codes) / sizeof(codes[0]) ||
	    codes[result].code[column] == 0)
		return PAM_AUTHINFO_UNAVAIL;
	return codes[result].code[column];
}

/* Cut where it does not fit: a name that long is nobody's. */
static const char *
escape(char *out, size_t size, const char *text, bool is_field)
{
	size_t at = 0;

	for (; *text != '\0' && at + sizeof("\\xNN") <= size; text++) {
		unsigned char c = (unsigned char)*text;

		if (c > ' ' && c < 0x7f && c != '\\')
			out[at++] = (char)c;
		else if (c == ' ' && !is_field)
			out[at++] = ' ';
		else
			at += (size_t)snprintf(out + at, size - at, "\\x%02x", c);
	}
	out[at] = '\0';
	return out;
}

struct field {
	char text[LOG_TEXT_MAX];
};

static const char *
item(const struct call *call, int which, struct field *out)
{
	const void *value = NULL;

	if (pam_get_item(call->pamh, which, &value) != PAM_SUCCESS || value == NULL)
		value = "";
	return escape(out->text, sizeof(out->text), value, true);
}

static const char *
user(const struct call *call, bool known, struct field *out)
{
	return known ? escape(out->text, sizeof(out->text), call->user, true) : "";
}

/* The form of pam_unix, which is what log watchers read. The name of somebody unknown is
 * often a password typed in the wrong place. */
static void
log_failure(const struct call *call, bool known)
{
	struct field tty, ruser, rhost, name;

	pam_syslog(call->pamh, LOG_NOTICE,
	    "authentication failure; logname= uid=%u euid=%u tty=%s ruser=%s rhost=%s%s%s",
	    (unsigned)getuid(), (unsigned)geteuid(), item(call, PAM_TTY, &tty),
	    item(call, PAM_RUSER, &ruser), item(call, PAM_RHOST, &rhost),
	    known ? "  user=" : " ", user(call, known, &name));
}

static const char *
phase_name(enum relay_phase phase)
{
	switch (phase) {
	case RELAY_AUTH:
		return "authentication";
	case RELAY_SETCRED:
		return "credentials";
	case RELAY_ACCOUNT:
		return "account";
	case RELAY_CHAUTHTOK:
		return "password change";
	case RELAY_OPEN_SESSION:
		return "session";
	case RELAY_CLOSE_SESSION:
		return "end of session";
	}
	return "call";
}

static void
log_reason(const struct call *call, int code, bool known, const char *why)
{
	struct field name, rhost, text;

	pam_syslog(call->pamh, code == PAM_SUCCESS ? LOG_INFO : LOG_NOTICE,
	    "%s %s; user=%s rhost=%s reason=%s", phase_name(call->phase),
	    code == PAM_SUCCESS ? "allowed" : "refused", user(call, known, &name),
	    item(call, PAM_RHOST, &rhost),
	    escape(text.text, sizeof(text.text), why, false));
}

int
result_of(const struct call *call, const struct relay_frame *f)
{
	int64_t result = relay_get_int(f, RELAY_F_RESULT, RELAY_NO_VERDICT);
	int64_t delay = relay_get_int(f, RELAY_F_DELAY_US, 0);
	bool known = relay_get_int(f, RELAY_F_LOG_USER, 0) == 1;
	int code = result_code(call->phase, result);
	char why[LOG_TEXT_MAX];

	if (call->phase == RELAY_AUTH && code == PAM_AUTH_ERR)
		log_failure(call, known);
	if (!relay_get_text(f, RELAY_F_LOG, why, sizeof(why)) &&
	    code == PAM_AUTHINFO_UNAVAIL)
		snprintf(why, sizeof(why), "verdict %lld", (long long)result);
	if (why[0] != '\0')
		log_reason(call, code, known, why);
	if (code != PAM_SUCCESS && delay > 0 && !call->args.nodelay)
		pam_fail_delay(call->pamh,
		    (unsigned)(delay < DELAY_MAX_US ? delay : DELAY_MAX_US));
	return code;
}
