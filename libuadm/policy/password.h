/*
 * password.h - is this password good enough? Every rule on its own, so that each can be shown
 * as met or not, with its text made from the policy's numbers. Pure: what the dictionary and the
 * user's past have to say are facts that are passed in.
 */
#ifndef UADM_POLICY_PASSWORD_H
#define UADM_POLICY_PASSWORD_H

#include "libuadm/base/policy.h"
#include "libuadm/base/user.h"

#include <stdbool.h>
#include <stddef.h>

enum password_rule {
	PASSWORD_LENGTH = 0,
	PASSWORD_LOWER,
	PASSWORD_UPPER,
	PASSWORD_DIGIT,
	PASSWORD_SPECIAL,
	PASSWORD_REPEAT,
	PASSWORD_DICTIONARY,
	PASSWORD_NOT_USER, /* has no name of the user's in it */
	PASSWORD_TYPED, /* no control characters: none of them can be typed at a login */
	PASSWORD_PAST,  /* was not the user's before */
	PASSWORD_RULES,
};

enum password_past {
	PAST_UNKNOWN = 0, /* nobody has looked: not a rule then */
	PAST_USED,
	PAST_FRESH,
};

struct password_facts {
	const char *text;        /* NFC UTF-8 */
	const struct user *user; /* whose it is to be; NULL: nobody's in particular */
	bool dictionary_passed;
	const char *dictionary_says; /* "it is based on a dictionary word", or NULL */
	enum password_past past;
};

enum { PASSWORD_RULE_SIZE = 160, PASSWORD_LINE_SIZE = 180 };

struct password_answer {
	bool applies, met;
	char text[PASSWORD_RULE_SIZE]; /* "at least 10 characters", "a digit", ... */
};

struct password_verdict {
	struct password_answer rules[PASSWORD_RULES];
	bool good; /* all that apply are met; zero refuses */
};

struct password_verdict policy_password(
    const struct policy *p, const struct password_facts *f);

/* A stable word for machines: the policy's key where the rule has one. */
const char *policy_password_rule_word(enum password_rule rule);

/* "\u2713 a digit" or "\u2717 not yet: a digit"; where not even UTF-8 can be shown, [x] and [ ]. Returns
 * `out`. */
char *policy_password_line(
    const struct password_answer *a, bool utf8, char out[PASSWORD_LINE_SIZE]);

/* All rules that are not met, as one line: "needs at least 10 characters, a digit". */
void policy_password_explain(const struct password_verdict *v, char *out, size_t size);

#endif
