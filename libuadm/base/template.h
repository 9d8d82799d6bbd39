/*
 * template.h - the text of a mail with places to be filled in: "Subject: ..." first, an empty line, the
 * body. {name} is a place; a line with a place for which there is nothing is left out.
 *
 * Pure: the text and what is filled in are passed in.
 */
#ifndef UADM_BASE_TEMPLATE_H
#define UADM_BASE_TEMPLATE_H

#include "libuadm/base/error.h"

#include <stddef.h>

enum { TEMPLATE_MOST = 16 * 1024, TEMPLATE_SUBJECT_SIZE = 512 };

/* What stands for a code until the mail is sent; no text that is filled in can have it. */
#define TEMPLATE_CODE      "\x01"
#define TEMPLATE_CODE_CHAR '\x01'

struct template_place {
	const char *name;
	const char *value; /* NULL or "": there is nothing */
};

/* Is it a template with these places and no others? UADM_INVALID says the line and what is wrong. */
enum uadm_code template_check(const char *text, const struct template_place *places,
    size_t count, struct uadm_err *err) UADM_CHECKED;

/* The same, filled in. Values are cleaned: one line, no control characters. *body is the caller's. */
enum uadm_code template_fill(const char *text, const struct template_place *places,
    size_t count, char subject[TEMPLATE_SUBJECT_SIZE], char **body,
    struct uadm_err *err) UADM_CHECKED;

#endif
