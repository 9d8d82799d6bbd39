#include "libuadm/policy/settings.h"

#include "libuadm/base/cleanup.h"
#include "libuadm/base/names.h"
#include "libuadm/base/number.h"
#include "libuadm/base/times.h"

#include <string.h>

enum { MIN = 60, HOUR = 60 * MIN, DAY = 24 * HOUR, YEARS = 36500 };

#define COUNT(k, f, s, lo, hi, strict, m, z)                                           \
	{                                                                              \
		k, SETTING_COUNT, s, lo, hi, offsetof(struct policy, f), strict, m, z  \
	}
#define TIME(k, f, s, lo, hi, strict, m, z)                                            \
	{                                                                              \
		k, SETTING_TIME, s, lo, hi, offsetof(struct policy, f), strict, m, z   \
	}
#define YESNO(k, f, s, strict, m)                                                      \
	{                                                                              \
		k, SETTING_YESNO, s, 0, 1, offsetof(struct policy, f), strict, m, NULL \
	}

/* The first word is 0. */
#define WORD(k, f, s, strict, m, w)                                                    \
	{                                                                              \
		k, SETTING_WORD, s, 0, ARRAY_LEN(w) - 1, offsetof(struct policy, f),   \
		    strict, m, NULL, w                                                 \
	}

/* As enum factor_require and enum factor_on_key have them. */
static const char *const require_words[] = { "none", "any", "totp" };
static const char *const on_key_words[] = { "refuse", "allow" };

const struct setting settings[] = {
	COUNT("deny", deny, 5, 1, 1000, SETTING_LESS,
	    "wrong passwords within the interval that lock a user", NULL),
	TIME("interval", interval, 15 * MIN, 1, 365LL * DAY, SETTING_MORE,
	    "how long a wrong password counts", NULL),
	TIME("lock-time", lock_time, 15 * MIN, 0, 365LL * DAY, SETTING_MORE_ENDLESS,
	    "how long a lock holds", "until somebody unlocks the user"),
	COUNT("source-limit", source_limit, 5, 1, 1000, SETTING_LESS,
	    "wrong passwords of one remote host for one user; then it is refused, and the user "
	    "not locked: of use only where it is below deny",
	    NULL),
	COUNT("local-source-limit", local_source_limit, 3, 1, 1000, SETTING_LESS,
	    "wrong passwords of one local user, or of this host over its own network, for one "
	    "user; then that source is refused; they never lock the user",
	    NULL),
	YESNO("lock-keys", lock_keys, 0, SETTING_MORE,
	    "does a lock also refuse ssh keys, cron and at? Then strangers can lock users out "
	    "of their keys"),
	COUNT("min-length", min_length, 10, 1, 128, SETTING_MORE,
	    "characters of a password", NULL),
	COUNT("min-lower", min_lower, 1, 0, 64, SETTING_MORE,
	    "lower-case letters in it", NULL),
	COUNT("min-upper", min_upper, 1, 0, 64, SETTING_MORE,
	    "upper-case letters in it", NULL),
	COUNT("min-digit", min_digit, 1, 0, 64, SETTING_MORE, "digits in it", NULL),
	COUNT("min-special", min_special, 1, 0, 64, SETTING_MORE,
	    "other characters in it", NULL),
	COUNT("max-repeat", max_repeat, 0, 0, 64, SETTING_LESS_ENDLESS,
	    "the same character in a row", "any number"),
	YESNO("dictionary", dictionary, 1, SETTING_MORE,
	    "is a password refused that is made of a word of the dictionary?"),
	YESNO("user-check", user_check, 1, SETTING_MORE,
	    "is a password refused that has the user's names in it?"),
	COUNT("history", history, 5, 0, 50, SETTING_MORE,
	    "how many of their passwords users must not use again",
	    "only the current one"),
	TIME("min-age", min_age, 0, 0, 365LL * DAY, SETTING_MORE,
	    "how old a password must be before its user may change it", "no wait"),
	TIME("max-age", max_age, 0, 0, (int64_t)YEARS *DAY, SETTING_LESS_ENDLESS,
	    "how old a password may become before a new one is due", "any age"),
	TIME("warn", warn, 7LL * DAY, 0, 365LL * DAY, SETTING_FREE,
	    "how long before that a login says so", "no warning"),
	TIME("inactive", inactive, 0, 0, (int64_t)YEARS *DAY, SETTING_LESS_ENDLESS,
	    "how long after that the password still opens the way to a new one",
	    "without an end"),
	TIME("fail-delay", fail_delay, 2, 0, MIN, SETTING_OF_HOST,
	    "how long a login waits after a wrong password", "no wait"),
	TIME("invite-lifetime", invite_lifetime, 7LL * DAY, 5 * MIN, 365LL * DAY,
	    SETTING_LESS, "how long the code of an invitation is good", NULL),
	TIME("reset-lifetime", reset_lifetime, DAY, 5 * MIN, 30LL * DAY, SETTING_LESS,
	    "how long the code of a password reset is good", NULL),
	TIME("temp-password-lifetime", temp_password_lifetime, 3LL * DAY, 5 * MIN,
	    90LL * DAY, SETTING_LESS, "how long a temporary password is good", NULL),
	YESNO("self-reset", self_reset, 1, SETTING_LESS,
	    "may users have a code sent to their e-mail address at the login screen? Only where mail "
	    "is set up, and never who administers an account"),
	COUNT("max-sessions", max_sessions, 0, 0, 100000, SETTING_LESS_ENDLESS,
	    "logins of one user that may be open at the same time; su, sudo, cron and at are none",
	    "any number"),
	WORD("require-factor", require_factor, 0, SETTING_MORE,
	    "which second factor a login needs: none, any (an app's code, or one that is "
	    "sent to the mobile number) or totp (an app's). Who has set up an app is always "
	    "asked for its code",
	    require_words),
	TIME("factor-grace", factor_grace, 7LL * DAY, 0, 365LL * DAY, SETTING_LESS,
	    "for how long who has to have a second factor can set it up in a login; "
	    "then only an administrator can",
	    "not at all"),
	WORD("factor-on-key", factor_on_key, 0, SETTING_LESS,
	    "does an ssh key alone let in who has to have a second factor? refuse or allow",
	    on_key_words),
};
const size_t setting_count = ARRAY_LEN(settings);
_Static_assert(ARRAY_LEN(settings) <= SETTINGS_MOST, "policy_layers has no more room");

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool
same_key(const char *a, const char *b)
{
	for (; *a != '\0' && (*a == lower(*b) || (*a == '-' && *b == '_')); a++, b++)
		;
	return *a == '\0' && *b == '\0';
}

const struct setting *
setting_find(const char *key)
{
	for (size_t i = 0; i < setting_count; i++)
		if (same_key(settings[i].key, key))
			return &settings[i];
	return NULL;
}

static int64_t *
field(struct policy *p, const struct setting *s)
{
	return (int64_t *)(void *)((char *)p + s->offset);
}

struct policy
policy_shipped(void)
{
	struct policy p = { 0 };

	for (size_t i = 0; i < setting_count; i++)
		*field(&p, &settings[i]) = settings[i].shipped;
	return p;
}

int64_t
policy_get(const struct policy *p, const struct setting *s)
{
	struct policy copy = *p;

	return *field(&copy, s);
}

enum uadm_code
policy_put(
    struct policy *p, const struct setting *s, int64_t value, struct uadm_err *err)
{
	char least[SETTING_SIZE], most[SETTING_SIZE];

	if (value < s->least || value > s->most)
		return uadm_fail(err, UADM_INVALID, "%s must be between %s and %s",
		    s->key, setting_text(s, s->least, least),
		    setting_text(s, s->most, most));
	*field(p, s) = value;
	return UADM_OK;
}

/* As a number of which more is stricter. */
static int64_t
strength(const struct setting *s, int64_t value)
{
	switch (s->strict) {
	case SETTING_LESS:
		return -value;
	case SETTING_LESS_ENDLESS:
		return value == 0 ? INT64_MIN : -value;
	case SETTING_MORE:
		return value;
	case SETTING_MORE_ENDLESS:
		return value == 0 ? INT64_MAX : value;
	case SETTING_OF_HOST:
	case SETTING_FREE:
		break;
	}
	return 0;
}

bool
setting_is_weaker(const struct setting *s, int64_t value, int64_t than)
{
	return strength(s, value) < strength(s, than);
}

enum uadm_code
policy_check(const struct policy *p, struct uadm_err *err)
{
	if (p->max_age != 0 && p->min_age >= p->max_age)
		return uadm_fail(err, UADM_INVALID,
		    "min-age must be below max-age: else nobody could change in time");
	return UADM_OK;
}

const char *
policy_idle(const struct policy *p, const struct setting *s)
{
	const struct {
		size_t offset;
		bool holds;
		const char *why;
	} rules[] = {
		{ offsetof(struct policy, source_limit), p->source_limit >= p->deny,
		    "it has no effect unless it is below deny: the user is locked first" },
		{ offsetof(struct policy, warn), p->warn != 0 && p->max_age == 0,
		    "it has no effect while max-age is 0" },
		{ offsetof(struct policy, warn), p->warn != 0 && p->warn >= p->max_age,
		    "it is not below max-age: every login warns" },
		{ offsetof(struct policy, inactive),
		    p->inactive != 0 && p->max_age == 0,
		    "it has no effect while max-age is 0" },
		{ offsetof(struct policy, factor_grace),
		    p->factor_grace != 0 && p->require_factor == 0,
		    "it has no effect while require-factor is none" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (rules[i].offset == s->offset && rules[i].holds)
			return rules[i].why;
	return NULL;
}

static const struct {
	char letter;
	int64_t secs;
} units[] = { { 'd', DAY }, { 'h', HOUR }, { 'm', MIN }, { 's', 1 } };

/* The largest unit that divides it. */
char *
setting_text(const struct setting *s, int64_t value, char out[SETTING_SIZE])
{
	if (s->unit == SETTING_YESNO)
		snprintf(out, SETTING_SIZE, "%s", value != 0 ? "yes" : "no");
	else if (s->unit == SETTING_WORD)
		snprintf(out, SETTING_SIZE, "%s",
		    value >= 0 && value <= s->most ? s->words[value] : "?");
	else if (s->unit == SETTING_COUNT || value == 0)
		snprintf(out, SETTING_SIZE, "%lld", (long long)value);
	else
		for (size_t i = 0; i < ARRAY_LEN(units); i++)
			if (value % units[i].secs == 0) {
				snprintf(out, SETTING_SIZE, "%lld%c",
				    (long long)(value / units[i].secs),
				    units[i].letter);
				break;
			}
	return out;
}

static bool
parse_yesno(const char *text, int64_t *value)
{
	*value = strcmp(text, "yes") == 0;
	return *value != 0 || strcmp(text, "no") == 0;
}

static bool
parse_word(const struct setting *s, const char *text, int64_t *value)
{
	for (*value = 0; *value <= s->most; (*value)++)
		if (strcmp(text, s->words[*value]) == 0)
			return true;
	return false;
}

static void
describe_form(const struct setting *s, char *out, size_t size)
{
	static const char *const forms[] = {
		[SETTING_COUNT] = "a number",
		[SETTING_TIME] = "a time such as 90s, 15m, 12h or 30d",
		[SETTING_YESNO] = "yes or no",
		[SETTING_WORD] = "one of",
	};
	size_t used = (size_t)snprintf(out, size, "%s", forms[s->unit]);

	for (int64_t i = 0; s->unit == SETTING_WORD && i <= s->most; i++)
		used += (size_t)snprintf(
		    out + used, size - used, "%s %s", i > 0 ? "," : "", s->words[i]);
}

enum uadm_code
setting_parse(
    const struct setting *s, const char *text, int64_t *value, struct uadm_err *err)
{
	struct policy scratch;
	char shown[60], form[100];
	bool ok = false;

	*value = 0;
	switch (s->unit) {
	case SETTING_COUNT:
		ok = number_parse(text, INT64_MIN, INT64_MAX, value);
		break;
	case SETTING_TIME:
		ok = duration_parse(text, value);
		break;
	case SETTING_YESNO:
		ok = parse_yesno(text, value);
		break;
	case SETTING_WORD:
		ok = parse_word(s, text, value);
		break;
	}
	if (!ok) {
		describe_form(s, form, sizeof(form));
		return uadm_fail(err, UADM_INVALID, "%s \"%s\" is not %s", s->key,
		    text_escape(shown, sizeof(shown), text), form);
	}
	return policy_put(&scratch, s, *value, err);
}
