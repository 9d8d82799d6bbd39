/*
 * settings.h - the keys of a policy: what each means, its unit, bounds and shipped value, and whether
 * an account may have one of its own. Pure: one table behind `uadmctl policy`, the manual, and what a
 * stored value may be. A row here is all that a new key needs (and its field in base/policy.h).
 */
#ifndef UADM_POLICY_SETTINGS_H
#define UADM_POLICY_SETTINGS_H

#include "libuadm/base/error.h"
#include "libuadm/base/policy.h"

#include <stdbool.h>
#include <stddef.h>

enum setting_unit { SETTING_COUNT = 0, SETTING_TIME, SETTING_YESNO, SETTING_WORD };

/* Which of two values protects more: who administers an account may have its own only that way. */
enum setting_strict {
	SETTING_OF_HOST =
	    0,        /* no account has one: it would tell users from unknown names */
	SETTING_FREE, /* neither */
	SETTING_LESS, /* the smaller one */
	SETTING_MORE, /* the greater one */
	SETTING_LESS_ENDLESS, /* ... and 0 stands for no end, above all others */
	SETTING_MORE_ENDLESS,
};
enum { SETTINGS_MOST = 64 };

struct setting {
	const char *key; /* "lock-time" */
	enum setting_unit unit;
	int64_t shipped, least, most;
	size_t offset; /* into struct policy */
	enum setting_strict strict;
	const char *meaning;
	const char *zero; /* what 0 does; NULL: 0 is nothing special, or not allowed */
	const char *const *words; /* of SETTING_WORD: one for each value */
};

extern const struct setting settings[];
extern const size_t setting_count;

/* The one of that key (`_` is as good as `-`, in either case), or NULL. */
const struct setting *setting_find(const char *key);

/* What we ship. */
struct policy policy_shipped(void);
int64_t policy_get(const struct policy *p, const struct setting *s);
/* UADM_INVALID outside of the bounds. */
enum uadm_code policy_put(struct policy *p, const struct setting *s, int64_t value,
    struct uadm_err *err) UADM_CHECKED;
/* Does `value` protect less than the other? */
bool setting_is_weaker(const struct setting *s, int64_t value, int64_t than);
/* Do the values fit each other? */
enum uadm_code policy_check(const struct policy *p, struct uadm_err *err) UADM_CHECKED;
/* Why this one does not do what it says, beside the others; NULL: it does. */
const char *policy_idle(const struct policy *p, const struct setting *s);

enum { SETTING_SIZE = 40 };
/* "5"; "15m", "90d", "0"; "yes". Returns `out`. */
char *setting_text(const struct setting *s, int64_t value, char out[SETTING_SIZE]);
/* The reverse. A time needs its unit (s m h d w) unless it is 0. */
enum uadm_code setting_parse(const struct setting *s, const char *text, int64_t *value,
    struct uadm_err *err) UADM_CHECKED;

#endif
