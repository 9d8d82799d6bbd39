/*
 * Threat: these texts end up in passwd entries (a colon adds a field), on terminals (escape
 * sequences), in mail headers (a newline adds one) and in paths (`..`). Each type allows no
 * more than it needs.
 */
#include "libuadm/ops/fields.h"

#include "libuadm/base/address.h"
#include "libuadm/base/names.h"
#include "libuadm/base/times.h"
#include "libuadm/base/zones.h"

#include <ctype.h>
#include <string.h>
#include <sys/stat.h>

#define FIELD(key, name, type, member)                                                 \
	{                                                                              \
		key, name, type, offsetof(struct user, member),                        \
		    sizeof(((struct user *)0)->member)                                 \
	}

const struct field user_fields[] = {
	FIELD("first_name", "first name", FIELD_NAME, first_name),
	FIELD("last_name", "last name", FIELD_NAME, last_name),
	FIELD("display_name", "display name", FIELD_NAME, display_name),
	FIELD("email", "email", FIELD_EMAIL, email),
	FIELD("mobile", "mobile", FIELD_MOBILE, mobile),
	FIELD("home", "home", FIELD_HOME, home),
	FIELD("shell", "shell", FIELD_SHELL, shell),
	FIELD("time_zone", "time zone", FIELD_ZONE, time_zone),
	FIELD("valid_from", "valid-from", FIELD_TIME, valid_from),
	FIELD("expires", "expires", FIELD_TIME, expires_at),
	FIELD("reason", "reason", FIELD_TEXT, reason),
	FIELD("owner", "owner", FIELD_TEXT, owner),
	FIELD("review_by", "review-by", FIELD_TIME, review_by),
	FIELD("contact", "contact", FIELD_TEXT, contact),
};
const size_t user_field_count = ARRAY_LEN(user_fields);

static bool
same_key(const char *a, const char *b)
{
	for (; *a != '\0' && *b != '\0'; a++, b++)
		if ((*a == '-' ? '_' : *a) != (*b == '-' ? '_' : *b))
			return false;
	return *a == *b;
}

const struct field *
field_find(const char *key)
{
	for (size_t i = 0; i < user_field_count; i++)
		if (same_key(user_fields[i].key, key))
			return &user_fields[i];
	return NULL;
}

static enum uadm_code
refuse(const struct field *f, const char *value, const char *rule, struct uadm_err *err)
{
	char shown[120];

	return uadm_fail(err, UADM_INVALID, "%s \"%s\" %s", f->name,
	    text_escape(shown, sizeof(shown), value), rule);
}

/* E.164: + and 7 to 15 digits. */
static bool
is_mobile(const char *s)
{
	size_t digits = strspn(s + (s[0] == '+'), "0123456789");

	return s[0] == '+' && s[1] != '0' && s[1 + digits] == '\0' && digits >= 7 &&
	    digits <= 15;
}

static bool
is_clean_path(const char *s)
{
	return s[0] == '/' && s[1] != '\0' && strpbrk(s, ":\n") == NULL &&
	    strstr(s, "//") == NULL && strstr(s, "/./") == NULL &&
	    strstr(s, "/../") == NULL && s[strlen(s) - 1] != '/' &&
	    strcmp(s + strlen(s) - 2, "/.") != 0 &&
	    (strlen(s) < 3 || strcmp(s + strlen(s) - 3, "/..") != 0);
}

static bool
is_program(const char *s)
{
	struct stat st;

	return is_clean_path(s) && stat(s, &st) == 0 && S_ISREG(st.st_mode) &&
	    (st.st_mode & 0111) != 0;
}

static bool
has_no_colon(const char *s)
{
	return strchr(s, ':') == NULL;
}

static const struct {
	bool (*test)(const char *value);
	const char *rule;
	bool may_be_empty;
} types[] = {
	[FIELD_NAME] = { has_no_colon, "contains a colon, which passwd(5) uses", true },
	[FIELD_TEXT] = { NULL, NULL, true },
	[FIELD_EMAIL] = { address_is_valid, "is not an e-mail address", true },
	[FIELD_MOBILE] = { is_mobile, "is not a phone number like +436601234567",
	    true },
	[FIELD_HOME] = { is_clean_path,
	    "is not a plain absolute path (no colon, no . or ..)", false },
	[FIELD_SHELL] = { is_program,
	    "is not the absolute path of a program on this host", false },
	[FIELD_ZONE] = { zone_is_valid,
	    "is not a time zone of this host, like Europe/Vienna", true },
	[FIELD_TIME] = { NULL, NULL, true },
};

enum uadm_code
field_set(struct user *u, const struct field *f, const char *value, int64_t now,
    struct uadm_err *err)
{
	char *place = (char *)u + f->offset;
	enum uadm_code c;

	if (f->type == FIELD_TIME) {
		int64_t t;

		if ((c = time_parse(f->name, value, now, &t, err)) == UADM_OK)
			memcpy(place, &t, sizeof(t));
		return c;
	}
	if ((c = text_check(f->name, value, f->size, err)) != UADM_OK)
		return c;
	if (*value == ' ' || (*value != '\0' && value[strlen(value) - 1] == ' '))
		return refuse(f, value, "begins or ends with a space", err);
	if (*value == '\0' && !types[f->type].may_be_empty)
		return refuse(f, value, "cannot be empty", err);
	if (*value != '\0' && types[f->type].test != NULL &&
	    !types[f->type].test(value))
		return refuse(f, value, types[f->type].rule, err);
	snprintf(place, f->size, "%s", value);
	return UADM_OK;
}

char *
field_text(const struct user *u, const struct field *f, char *out, size_t size)
{
	const char *place = (const char *)u + f->offset;
	char when[TIME_SIZE];
	int64_t t;

	if (f->type == FIELD_TIME) {
		memcpy(&t, place, sizeof(t));
		place = time_utc(t, when);
	}
	snprintf(out, size, "%s", place);
	return out;
}
