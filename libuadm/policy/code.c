/*
 * Threat: the way to a new password is a way around what keeps somebody out. So whoever could not log
 * in with a right password (suspended, over, bound elsewhere) is sent nothing, and neither are
 * administrators, for whose mailbox an account would be no better guarded than it.
 */
#include "libuadm/policy/code.h"

#include "libuadm/base/cleanup.h"
#include "libuadm/policy/login.h"

#include <strings.h>

int64_t
policy_code_lifetime(const struct policy *p, enum code_kind kind)
{
	switch (kind) {
	case CODE_INVITATION:
		return p->invite_lifetime;
	case CODE_RESET:
	case CODE_SELF:
		return p->reset_lifetime;
	case CODE_NONE:
		break;
	}
	return 0;
}

/* With the code it would be: which opens nothing but the way to a password. */
static bool
would_be_let_in(const struct policy *p, const struct self_reset_facts *f)
{
	return policy_login(&(struct login_facts){ .user = f->user,
				.policy = p,
				.phase = LOGIN_AUTH,
				.now = f->now,
				.by_code = true,
				.elsewhere = f->elsewhere })
		   .verdict != LOGIN_REFUSE;
}

enum self_reset_answer
policy_self_reset(const struct policy *p, const struct self_reset_facts *f)
{
	if (p->self_reset == 0 || !f->mail)
		return SELF_RESET_OFF;
	if (f->user == NULL)
		return SELF_RESET_UNKNOWN;
	if (f->user->kind != USER_PERSON)
		return SELF_RESET_SERVICE;
	if (f->user->email[0] == '\0' || strcasecmp(f->user->email, f->email) != 0)
		return SELF_RESET_OTHER_ADDRESS;
	if (!would_be_let_in(p, f))
		return SELF_RESET_REFUSED;
	if (f->administrator)
		return SELF_RESET_ADMINISTRATOR;
	return f->fresh_until > f->now ? SELF_RESET_FRESH : SELF_RESET_SEND;
}

const char *
policy_self_reset_text(enum self_reset_answer answer)
{
	static const char *const texts[] = {
		[SELF_RESET_OFF] = "no codes are sent",
		[SELF_RESET_UNKNOWN] = "unknown user",
		[SELF_RESET_SERVICE] = "service identity",
		[SELF_RESET_OTHER_ADDRESS] = "not the address of the user",
		[SELF_RESET_REFUSED] = "the user is not let in anyhow",
		[SELF_RESET_ADMINISTRATOR] = "administrators ask another one",
		[SELF_RESET_FRESH] = "one was sent a moment ago",
		[SELF_RESET_SEND] = "a code is sent",
	};

	return (size_t)answer < ARRAY_LEN(texts) ? texts[answer]
						 : texts[SELF_RESET_OFF];
}
