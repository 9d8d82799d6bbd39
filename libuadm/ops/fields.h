/*
 * fields.h - what can be set of a user: one table behind `user add`, `user set`, CSV and JSON.
 */
#ifndef UADM_OPS_FIELDS_H
#define UADM_OPS_FIELDS_H

#include "libuadm/base/error.h"
#include "libuadm/base/user.h"

#include <stddef.h>

enum field_type {
	FIELD_NAME, /* shown in passwd(5): no colon */
	FIELD_TEXT,
	FIELD_EMAIL,
	FIELD_MOBILE,
	FIELD_HOME,
	FIELD_SHELL,
	FIELD_ZONE,
	FIELD_TIME
};

struct field {
	const char
	    *key; /* as in JSON and CSV: "first_name"; the option is --first-name */
	const char *name; /* as in messages: "first name" */
	enum field_type type;
	size_t offset, size;
};

extern const struct field user_fields[];
extern const size_t user_field_count;

/* By key, `-` and `_` being one. NULL when there is none. */
const struct field *field_find(const char *key);

/* Check the value and put it into *u; "" clears what may be empty. The error names the field,
 * the rule and the escaped value. `now` is for relative times. */
enum uadm_code field_set(struct user *u, const struct field *f, const char *value,
    int64_t now, struct uadm_err *err) UADM_CHECKED;

/* The value as text (times as RFC 3339), for audit rows and output. Returns `out`. */
char *field_text(const struct user *u, const struct field *f, char *out, size_t size);

#endif
