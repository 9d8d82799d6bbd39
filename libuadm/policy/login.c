#include "libuadm/policy/login.h"

#include "libuadm/base/cleanup.h"

static const struct {
	const char *word;
	const char *text;
} reasons[] = {
	[LOGIN_UNKNOWN] = { "unknown", "no such user" },
	[LOGIN_PRINCIPAL_SUSPENDED] = { "principal-suspended",
	    "the user is suspended in the principal account" },
	[LOGIN_PRINCIPAL_ENDED] = { "principal-ended",
	    "the user's membership in the principal account has ended" },
	[LOGIN_ACCOUNT_SUSPENDED] = { "account-suspended",
	    "the user's principal account is suspended" },
	[LOGIN_SUSPENDED] = { "suspended", "the user is suspended" },
	[LOGIN_NOT_YET_VALID] = { "not-yet-valid",
	    "the user's access has not begun yet" },
	[LOGIN_EXPIRED] = { "expired", "the user's access has ended" },
	[LOGIN_INVITED] = { "invited",
	    "the user is invited and has not accepted yet: the code is the only way in" },
	[LOGIN_ELSEWHERE] = { "other-accounts",
	    "this host or service is for the members of accounts that the user is not in" },
	[LOGIN_NAME_MOVED] = { "name-moved",
	    "the name was somebody else's until a moment ago; wait three minutes" },
	[LOGIN_SERVICE_PASSWORD] = { "service-identity",
	    "a service identity cannot log in with a password" },
	[LOGIN_SERVICE_ELSEWHERE] = { "service-not-named",
	    "service identities get in by the services alone that uadm.conf names" },
	[LOGIN_NO_PASSWORD] = { "no-password", "no password is set; only keys work" },
	[LOGIN_LOCKED] = { "locked",
	    "too many failed logins; the password is not looked at" },
	[LOGIN_FACTOR] = { "factor",
	    "a second factor is due, and this way in has none" },
	[LOGIN_PASSWORD_INACTIVE] = { "password-inactive",
	    "the password expired too long ago; an administrator has to set a new one" },
	[LOGIN_TEMPORARY_OVER] = { "temporary-password-expired",
	    "the temporary password has run out; an administrator has to make a new one" },
	[LOGIN_CODE] = { "code",
	    "with a one-time code: a password has to be set first" },
	[LOGIN_PASSWORD_EXPIRED] = { "password-expired",
	    "the password has expired; a new one has to be set first" },
	[LOGIN_MUST_CHANGE] = { "must-change", "a new password has to be set first" },
	[LOGIN_SESSIONS_FULL] = { "too-many-sessions",
	    "the user is logged in as often as max-sessions allows" },
	[LOGIN_FINE] = { "ok", "nothing stands in the way" },
};

enum login_reason
policy_principal(const struct user *u, int64_t now)
{
	if (u->account == 0)
		return u->invited ? LOGIN_INVITED : LOGIN_FINE;
	if (u->account_suspended)
		return LOGIN_ACCOUNT_SUSPENDED;
	/* At the minute it ends, whether that has been written down yet or not. */
	if (u->member_ends_at != 0 && (now <= 0 || now >= u->member_ends_at))
		return LOGIN_PRINCIPAL_ENDED;
	switch (u->member) {
	case MEMBER_ACTIVE:
		return u->invited ? LOGIN_INVITED : LOGIN_FINE;
	case MEMBER_PENDING:
		return LOGIN_INVITED;
	case MEMBER_SUSPENDED:
		return LOGIN_PRINCIPAL_SUSPENDED;
	case MEMBER_ENDED:
		break;
	}
	return LOGIN_PRINCIPAL_ENDED;
}

/* What holds whatever way somebody comes in; LOGIN_FINE when nothing does. A code is what an invitation
 * is accepted with: so that comes last, and who is invited is told what the code would meet, too. */
static enum login_reason
state_reason(const struct user *u, bool by_code, int64_t now)
{
	enum login_reason principal = policy_principal(u, now);

	if (principal != LOGIN_FINE && principal != LOGIN_INVITED)
		return principal;
	if (u->suspended_at != 0)
		return LOGIN_SUSPENDED;
	if (u->valid_from != 0 && now < u->valid_from)
		return LOGIN_NOT_YET_VALID;
	/* A clock that could not be read is 0, which is before any end. */
	if (u->expires_at != 0 && (now <= 0 || now >= u->expires_at))
		return LOGIN_EXPIRED;
	return by_code ? LOGIN_FINE : principal;
}

/* How old the password is. One from the future, by a clock that was wrong then or is now, is
 * new. */
static int64_t
age(const struct user *u, int64_t now)
{
	return u->password_changed_at <= 0 ? now
	    : u->password_changed_at > now ? 0
					   : now - u->password_changed_at;
}

enum login_reason
policy_password_due(const struct policy *p, const struct user *u, int64_t now)
{
	bool expired;

	if (!u->password_set)
		return LOGIN_FINE;
	/* A clock that could not be read is 0, which is before any end. */
	if (u->temporary_until != 0 &&
	    (u->temporary_over || now <= 0 || now >= u->temporary_until))
		return LOGIN_TEMPORARY_OVER;
	expired = p->max_age != 0 && age(u, now) >= p->max_age;
	if (expired && p->inactive != 0 && age(u, now) - p->max_age >= p->inactive)
		return LOGIN_PASSWORD_INACTIVE;
	if (u->must_change)
		return LOGIN_MUST_CHANGE;
	return expired ? LOGIN_PASSWORD_EXPIRED : LOGIN_FINE;
}

int64_t
policy_password_expires_at(const struct policy *p, const struct user *u)
{
	if (u->password_set && u->temporary_until != 0)
		return u->temporary_until;
	if (!u->password_set || p->max_age == 0 ||
	    u->password_changed_at > INT64_MAX - p->max_age)
		return 0;
	return u->password_changed_at + p->max_age;
}

int64_t
policy_password_inactive_at(const struct policy *p, const struct user *u)
{
	int64_t expires = policy_password_expires_at(p, u);

	/* A temporary one opens nothing then. */
	if (expires != 0 && u->temporary_until != 0)
		return expires;
	return expires == 0 || p->inactive == 0 || expires > INT64_MAX - p->inactive
	    ? 0
	    : expires + p->inactive;
}

int64_t
policy_password_wait(const struct policy *p, const struct user *u, int64_t now)
{
	if (!u->password_set || u->password_changed_at > now ||
	    policy_password_due(p, u, now) != LOGIN_FINE || age(u, now) >= p->min_age)
		return 0;
	return p->min_age - age(u, now);
}

/* A password that has run out or is to be changed binds whoever came in with it; where we cannot
 * know how (sshd opens the session in another process), the account phase has asked already. */
static struct login_answer
password_answer(const struct login_facts *f)
{
	struct login_answer a = { LOGIN_ALLOW, LOGIN_FINE, 0 };
	int64_t ends;

	if (f->by_code)
		return (struct login_answer){ LOGIN_CHANGE, LOGIN_CODE, 0 };
	if (!f->by_password)
		return a;
	a.reason = policy_password_due(f->policy, f->user, f->now);
	if (a.reason == LOGIN_PASSWORD_INACTIVE || a.reason == LOGIN_TEMPORARY_OVER)
		a.verdict = LOGIN_REFUSE;
	else if (a.reason != LOGIN_FINE)
		a.verdict = LOGIN_CHANGE;
	ends = policy_password_expires_at(f->policy, f->user);
	if (a.verdict == LOGIN_ALLOW && ends > f->now &&
	    ends - f->now <= f->policy->warn)
		a.expires_in = ends - f->now;
	return a;
}

struct login_answer
policy_login(const struct login_facts *f)
{
	enum login_reason reason;

	if (f->user == NULL || f->policy == NULL)
		return (struct login_answer){ LOGIN_REFUSE, LOGIN_UNKNOWN };
	if ((reason = state_reason(f->user, f->by_code, f->now)) != LOGIN_FINE)
		return (struct login_answer){ LOGIN_REFUSE, reason };
	if (f->elsewhere)
		return (struct login_answer){ LOGIN_REFUSE, LOGIN_ELSEWHERE };
	if (f->name_moved && f->phase != LOGIN_AUTH)
		return (struct login_answer){ LOGIN_REFUSE, LOGIN_NAME_MOVED };
	if (f->phase == LOGIN_AUTH && f->user->kind == USER_SERVICE)
		return (struct login_answer){ LOGIN_REFUSE, LOGIN_SERVICE_PASSWORD };
	if (f->user->kind == USER_SERVICE && !f->for_services)
		return (struct login_answer){ LOGIN_REFUSE, LOGIN_SERVICE_ELSEWHERE };
	if (f->phase == LOGIN_AUTH && !f->user->password_set && !f->by_code)
		return (struct login_answer){ LOGIN_REFUSE, LOGIN_NO_PASSWORD };
	if (f->locked && (f->phase == LOGIN_AUTH || f->policy->lock_keys != 0))
		return (struct login_answer){ LOGIN_REFUSE, LOGIN_LOCKED };
	if (f->factor_missing)
		return (struct login_answer){ LOGIN_REFUSE, LOGIN_FACTOR };
	return password_answer(f);
}

const char *
policy_login_status(const struct user *u, bool locked, int64_t now)
{
	switch (state_reason(u, false, now)) {
	case LOGIN_INVITED:
		return "invited";
	case LOGIN_PRINCIPAL_SUSPENDED:
	case LOGIN_PRINCIPAL_ENDED:
	case LOGIN_ACCOUNT_SUSPENDED:
		return "principal-suspended";
	case LOGIN_SUSPENDED:
		return "suspended";
	case LOGIN_NOT_YET_VALID:
		return "inactive";
	case LOGIN_EXPIRED:
		return "expired";
	case LOGIN_UNKNOWN:
	case LOGIN_ELSEWHERE:
	case LOGIN_NAME_MOVED:
	case LOGIN_SERVICE_PASSWORD:
	case LOGIN_SERVICE_ELSEWHERE:
	case LOGIN_NO_PASSWORD:
	case LOGIN_LOCKED:
	case LOGIN_FACTOR:
	case LOGIN_PASSWORD_INACTIVE:
	case LOGIN_TEMPORARY_OVER:
	case LOGIN_CODE:
	case LOGIN_MUST_CHANGE:
	case LOGIN_PASSWORD_EXPIRED:
	case LOGIN_SESSIONS_FULL:
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
