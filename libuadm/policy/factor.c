#include "libuadm/policy/factor.h"

#include "libuadm/base/cleanup.h"

static const struct {
	const char *word, *text;
} needs[] = {
	[FACTOR_MISSING] = { "missing", "required, and it is too late to set one up" },
	[FACTOR_CODE] = { "code", "the code of an app" },
	[FACTOR_MESSAGE] = { "message", "a code that is sent to the mobile number" },
	[FACTOR_ENROLL] = { "enroll", "required, and set up at the next login" },
	[FACTOR_FREE] = { "none", "none is asked for" },
};

const char *
policy_factor_word(enum factor_need need)
{
	return (size_t)need < ARRAY_LEN(needs) ? needs[need].word : "missing";
}

const char *
policy_factor_text(enum factor_need need)
{
	return (size_t)need < ARRAY_LEN(needs) ? needs[need].text : "required";
}

/* A clock that could not be read is 0, which is after any grace. */
static bool
is_in_time(int64_t now, int64_t grace, int64_t since)
{
	return now > 0 && grace > 0 && since >= 0 && since <= INT64_MAX - grace &&
	    now < since + grace;
}

/* By one rule, of who has none set up. */
static enum factor_need
need_by(const struct factor_facts *f, int64_t require, int64_t grace, int64_t since)
{
	if (require == REQUIRE_NONE)
		return FACTOR_FREE;
	if (require == REQUIRE_ANY && f->messages)
		return FACTOR_MESSAGE;
	return is_in_time(f->now, grace, since) ? FACTOR_ENROLL : FACTOR_MISSING;
}

enum factor_need
policy_factor(const struct factor_facts *f)
{
	enum factor_need need, by_root;

	if (f->policy == NULL)
		return FACTOR_MISSING;
	if (!f->asked)
		return FACTOR_FREE;
	/* Who has set one up wants to be asked for it, whatever is required. */
	if (f->totp == TOTP_THERE)
		return FACTOR_CODE;
	need = need_by(f, f->policy->require_factor, f->policy->factor_grace, f->since);
	by_root = need_by(f, f->root.require, f->root.grace, f->root.since);
	return need == FACTOR_ENROLL && by_root != FACTOR_FREE ? by_root : need;
}

enum factor_verdict
policy_factor_verdict(
    enum factor_need need, enum factor_totp totp, enum factor_given given)
{
	/* Nothing is due: what was typed is nobody's business. */
	if (need == FACTOR_FREE)
		return FACTOR_IS_FINE;
	/* Also of one that was handed out and not seen until now. */
	if (given == GIVEN_RIGHT)
		return FACTOR_IS_FINE;
	if (given == GIVEN_WRONG && totp == TOTP_PENDING)
		return FACTOR_IS_WRONG;
	switch (need) {
	case FACTOR_CODE:
		return FACTOR_IS_WRONG;
	case FACTOR_MESSAGE:
		return given == GIVEN_NOTHING ? FACTOR_IS_TO_SEND : FACTOR_IS_WRONG;
	case FACTOR_ENROLL:
		return FACTOR_IS_TO_ENROLL;
	case FACTOR_MISSING:
	case FACTOR_FREE:
		break;
	}
	return FACTOR_IS_MISSING;
}

bool
policy_factor_key(const struct policy *p, enum factor_need need)
{
	return need == FACTOR_FREE || need == FACTOR_ENROLL ||
	    p->factor_on_key == ON_KEY_ALLOW;
}
