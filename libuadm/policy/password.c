#include "libuadm/policy/password.h"

#include "libuadm/base/names.h"

#include <string.h>

static const char *const texts[PASSWORD_RULES] = {
	[PASSWORD_LENGTH] = "at least 10 characters",
	[PASSWORD_LOWER] = "a lower-case letter",
	[PASSWORD_UPPER] = "an upper-case letter",
	[PASSWORD_DIGIT] = "a digit",
	[PASSWORD_SPECIAL] = "a special character",
	[PASSWORD_NOT_NAME] = "no login name in it",
	[PASSWORD_TYPED] = "no control characters",
};

const char *
policy_password_rule_text(enum password_rule rule)
{
	return (size_t)rule < PASSWORD_RULES ? texts[rule] : "";
}

/* Only ASCII has classes here: what is "special" must not depend on a locale, and letters of
 * other scripts count for length and as special characters. */
struct password_verdict
policy_password(const char *text, const char *name)
{
	struct password_verdict v = { .met[PASSWORD_TYPED] = true };
	size_t length = 0, n;
	unsigned c;

	for (const char *p = text; *p != '\0' && (n = text_decode(p, &c)) != 0;
	     p += n) {
		length++;
		if (c < 0x20 || (c >= 0x7f && c < 0xa0))
			v.met[PASSWORD_TYPED] = false;
		else if (c >= 'a' && c <= 'z')
			v.met[PASSWORD_LOWER] = true;
		else if (c >= 'A' && c <= 'Z')
			v.met[PASSWORD_UPPER] = true;
		else if (c >= '0' && c <= '9')
			v.met[PASSWORD_DIGIT] = true;
		else
			v.met[PASSWORD_SPECIAL] = true;
	}
	v.met[PASSWORD_LENGTH] = length >= PASSWORD_MIN_LENGTH;
	v.met[PASSWORD_NOT_NAME] = strlen(name) < 3 || strcasestr(text, name) == NULL;
	v.good = true;
	for (size_t i = 0; i < PASSWORD_RULES; i++)
		v.good = v.good && v.met[i];
	return v;
}

void
policy_password_explain(const struct password_verdict *v, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < PASSWORD_RULES && used < size; i++)
		if (!v->met[i])
			used += (size_t)snprintf(out + used, size - used, "%s%s",
			    used == 0 ? "needs " : ", ", texts[i]);
}
