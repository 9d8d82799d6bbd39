#include "libuadm/policy/password.h"

#include "libuadm/base/cleanup.h"
#include "libuadm/base/names.h"

#include <string.h>

enum { NAME_LEAST = 3 }; /* characters: shorter names are in too many good passwords */

/* How each rule reads, for a number of one and of more; %lld is the number. */
static const struct {
	const char *word, *one, *many;
} texts[PASSWORD_RULES] = {
	[PASSWORD_LENGTH] = { "min-length", "at least 1 character",
	    "at least %lld characters" },
	[PASSWORD_LOWER] = { "min-lower", "a lower-case letter",
	    "at least %lld lower-case letters" },
	[PASSWORD_UPPER] = { "min-upper", "an upper-case letter",
	    "at least %lld upper-case letters" },
	[PASSWORD_DIGIT] = { "min-digit", "a digit", "at least %lld digits" },
	[PASSWORD_SPECIAL] = { "min-special", "a special character",
	    "at least %lld special characters" },
	[PASSWORD_REPEAT] = { "max-repeat", "no character twice in a row",
	    "no character more than %lld times in a row" },
	[PASSWORD_DICTIONARY] = { "dictionary", "no word of the dictionary", NULL },
	[PASSWORD_NOT_USER] = { "user-check", "none of the user's names in it", NULL },
	[PASSWORD_TYPED] = { "control-characters", "no control characters", NULL },
	[PASSWORD_PAST] = { "history", "not the current password",
	    "none of the last %lld passwords" },
};

/* What a text is made of. Only ASCII has classes here: what is "special" must not depend on a
 * locale, and letters of other scripts count for length and as special characters. */
struct content {
	int64_t length, lower, upper, digit, special;
	int64_t repeat; /* the longest run of one character */
	bool control;
};

static void
count_one(struct content *n, unsigned c)
{
	n->length++;
	if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		n->control = true;
	else if (c >= 'a' && c <= 'z')
		n->lower++;
	else if (c >= 'A' && c <= 'Z')
		n->upper++;
	else if (c >= '0' && c <= '9')
		n->digit++;
	else
		n->special++;
}

static struct content
count(const char *text)
{
	struct content n = { 0 };
	unsigned c, before = 0;
	int64_t run = 0;
	size_t size;

	for (const char *p = text; *p != '\0' && (size = text_decode(p, &c)) != 0;
	     p += size) {
		count_one(&n, c);
		run = c == before ? run + 1 : 1;
		before = c;
		if (run > n.repeat)
			n.repeat = run;
	}
	return n;
}

static bool
has_name(const char *text, const char *name)
{
	return count(name).length >= NAME_LEAST && strcasestr(text, name) != NULL;
}

/* The login name, that backwards, first and last name, and the e-mail's part before the @. */
static bool
has_name_of(const char *text, const struct user *u)
{
	char backwards[UADM_NAME_SIZE] = "", local[UADM_EMAIL_SIZE];
	size_t n = strnlen(u->name, sizeof(u->name) - 1);

	for (size_t i = 0; i < n; i++)
		backwards[i] = u->name[n - 1 - i];
	snprintf(local, sizeof(local), "%.*s", (int)strcspn(u->email, "@"), u->email);
	return has_name(text, u->name) || has_name(text, backwards) ||
	    has_name(text, u->first_name) || has_name(text, u->last_name) ||
	    has_name(text, local);
}

/* `number` goes into the text; a rule that does not apply is met. */
static void
rule(struct password_verdict *v, enum password_rule r, bool applies, bool met,
    int64_t number)
{
	struct password_answer *a = &v->rules[r];
	const char *form =
	    number > 1 && texts[r].many != NULL ? texts[r].many : texts[r].one;

	a->applies = applies;
	a->met = !applies || met;
	snprintf(a->text, sizeof(a->text), form, (long long)number);
	v->good = v->good && a->met;
}

/* Said only where it stands in the way: "(it is based on a dictionary word)". */
static void
add_reason(struct password_answer *a, const char *why)
{
	size_t used = strlen(a->text);

	if (!a->met && why != NULL && why[0] != '\0')
		snprintf(a->text + used, sizeof(a->text) - used, " (%s)", why);
}

struct password_verdict
policy_password(const struct policy *p, const struct password_facts *f)
{
	const struct content n = count(f->text);
	struct password_verdict v = { .good = true };

	rule(&v, PASSWORD_LENGTH, true, n.length > 0 && n.length >= p->min_length,
	    p->min_length);
	rule(&v, PASSWORD_LOWER, p->min_lower > 0, n.lower >= p->min_lower,
	    p->min_lower);
	rule(&v, PASSWORD_UPPER, p->min_upper > 0, n.upper >= p->min_upper,
	    p->min_upper);
	rule(&v, PASSWORD_DIGIT, p->min_digit > 0, n.digit >= p->min_digit,
	    p->min_digit);
	rule(&v, PASSWORD_SPECIAL, p->min_special > 0, n.special >= p->min_special,
	    p->min_special);
	rule(&v, PASSWORD_REPEAT, p->max_repeat > 0, n.repeat <= p->max_repeat,
	    p->max_repeat);
	rule(&v, PASSWORD_DICTIONARY, p->dictionary != 0, f->dictionary_passed, 0);
	add_reason(&v.rules[PASSWORD_DICTIONARY], f->dictionary_says);
	rule(&v, PASSWORD_NOT_USER, p->user_check != 0 && f->user != NULL,
	    f->user != NULL && !has_name_of(f->text, f->user), 0);
	rule(&v, PASSWORD_TYPED, true, !n.control, 0);
	rule(&v, PASSWORD_PAST, f->past != PAST_UNKNOWN, f->past == PAST_FRESH,
	    p->history);
	return v;
}

const char *
policy_password_rule_word(enum password_rule r)
{
	return (size_t)r < PASSWORD_RULES ? texts[r].word : "";
}

char *
policy_password_line(
    const struct password_answer *a, bool utf8, char out[PASSWORD_LINE_SIZE])
{
	const char *met = utf8 ? "\xe2\x9c\x93" : "[x]";
	const char *unmet = utf8 ? "\xe2\x9c\x97" : "[ ]";

	snprintf(out, PASSWORD_LINE_SIZE, "%s %s%s", a->met ? met : unmet,
	    a->met ? "" : "not yet: ", a->text);
	return out;
}

void
policy_password_explain(const struct password_verdict *v, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < PASSWORD_RULES && used < size; i++)
		if (!v->rules[i].met)
			used += (size_t)snprintf(out + used, size - used, "%s%s",
			    used == 0 ? "needs " : ", ", v->rules[i].text);
}
