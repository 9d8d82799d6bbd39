/*
 * password.h - is this password good enough? Every rule on its own, so that each can be shown
 * as met or not. Pure.
 */
#ifndef UADM_POLICY_PASSWORD_H
#define UADM_POLICY_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

enum password_rule {
	PASSWORD_LENGTH = 0, /* ten characters */
	PASSWORD_LOWER,
	PASSWORD_UPPER,
	PASSWORD_DIGIT,
	PASSWORD_SPECIAL,
	PASSWORD_NOT_NAME, /* does not contain the login name */
	PASSWORD_TYPED, /* no control characters: none of them can be typed at a login */
	PASSWORD_RULES,
};

enum { PASSWORD_MIN_LENGTH = 10 };

struct password_verdict {
	bool met[PASSWORD_RULES];
	bool good; /* all of them; zero refuses */
};

/* `text` is NFC UTF-8; `name` is the login name. */
struct password_verdict policy_password(const char *text, const char *name);

/* "at least 10 characters", "a lower-case letter", ... */
const char *policy_password_rule_text(enum password_rule rule);

/* All rules that are not met, as one line: "needs at least 10 characters, a digit". */
void policy_password_explain(const struct password_verdict *v, char *out, size_t size);

#endif
