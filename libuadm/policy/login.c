#include "libuadm/policy/login.h"

#include "libuadm/base/cleanup.h"

static const struct {
	const char *word;
	const char *text;
} reasons[] = {
	[LOGIN_UNKNOWN] = { "unknown", "no such user" },
	[LOGIN_SUSPENDED] = { "suspended", "the user is suspended" },
	[LOGIN_NOT_YET_VALID] = { "not-yet-valid",
	    "the user's access has not begun yet" },
	[LOGIN_EXPIRED] = { "expired", "the user's access has ended" },
	[LOGIN_NAME_MOVED] = { "name-moved",
	    "the name was somebody else's until a moment ago; wait three minutes" },
	[LOGIN_SERVICE_PASSWORD] = { "service-identity",
	    "a service identity cannot log in with a password" },
	[LOGIN_NO_PASSWORD] = { "no-password", "no password is set; only keys work" },
	[LOGIN_LOCKED] = { "locked",
	    "too many failed logins; the password is not looked at" },
	[LOGIN_MUST_CHANGE] = { "must-change", "a new password has to be set first" },
	[LOGIN_FINE] = { "ok", "nothing stands in the way" },
};

/* What holds whatever way somebody comes in; LOGIN_FINE when nothing does. */
static enum login_reason
state_reason(const struct user *u, int64_t now)
{
	if (u->suspended_at != 0)
		return LOGIN_SUSPENDED;
	if (u->valid_from != 0 && now < u->valid_from)
		return LOGIN_NOT_YET_VALID;
	/* A clock that could not be read is 0, which is before any end. */
	if (u->expires_at != 0 && (now <= 0 || now >= u->expires_at))
		return LOGIN_EXPIRED;
	return LOGIN_FINE;
}

/* A due change binds whoever has a password and came in with it; where we cannot know how
 * (sshd opens the session in another process), the account phase has asked already. */
static bool
change_is_due(const struct login_facts *f)
{
	return f->user->must_change && f->user->password_set && f->by_password;
}

struct login_answer
policy_login(const struct login_facts *f)
{
	enum login_reason reason;

	if (f->user == NULL)
		return (struct login_answer){ LOGIN_REFUSE, LOGIN_UNKNOWN };
	if ((reason = state_reason(f->user, f->now)) != LOGIN_FINE)
		return (struct login_answer){ LOGIN_REFUSE, reason };
	if (f->name_moved && f->phase != LOGIN_AUTH)
		return (struct login_answer){ LOGIN_REFUSE, LOGIN_NAME_MOVED };
	if (f->phase == LOGIN_AUTH && f->user->kind == USER_SERVICE)
		return (struct login_answer){ LOGIN_REFUSE, LOGIN_SERVICE_PASSWORD };
	if (f->phase == LOGIN_AUTH && !f->user->password_set)
		return (struct login_answer){ LOGIN_REFUSE, LOGIN_NO_PASSWORD };
	if (f->locked && (f->phase == LOGIN_AUTH || f->lock_keys))
		return (struct login_answer){ LOGIN_REFUSE, LOGIN_LOCKED };
	if (change_is_due(f))
		return (struct login_answer){ LOGIN_CHANGE, LOGIN_MUST_CHANGE };
	return (struct login_answer){ LOGIN_ALLOW, LOGIN_FINE };
}

const char *
policy_login_status(const struct user *u, bool locked, int64_t now)
{
	switch (state_reason(u, now)) {
	case LOGIN_SUSPENDED:
		return "suspended";
	case LOGIN_NOT_YET_VALID:
		return "inactive";
	case LOGIN_EXPIRED:
		return "expired";
	case LOGIN_UNKNOWN:
	case LOGIN_NAME_MOVED:
	case LOGIN_SERVICE_PASSWORD:
	case LOGIN_NO_PASSWORD:
	case LOGIN_LOCKED:
	case LOGIN_MUST_CHANGE:
	case LOGIN_FINE:
		break;
	}
	return locked ? "locked" : "active";
}

const char *
policy_login_reason_word(enum login_reason reason)
{
	return (size_t)reason < ARRAY_LEN(reasons) ? reasons[reason].word : "unknown";
}

const char *
policy_login_reason_text(enum login_reason reason)
{
	return (size_t)reason < ARRAY_LEN(reasons) ? reasons[reason].text
						   : "no such user";
}
