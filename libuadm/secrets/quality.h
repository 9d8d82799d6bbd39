/*
 * quality.h - is a password made of a word of the dictionary? Through libpwquality and
 * cracklib's dictionary on this host; neither is loaded before the first question.
 */
#ifndef UADM_SECRETS_QUALITY_H
#define UADM_SECRETS_QUALITY_H

#include "libuadm/base/error.h"
#include "libuadm/secrets/secret.h"

#include <stdbool.h>

struct quality {
	bool passed;
	char says[120]; /* why not: "it is based on a dictionary word" */
};

/* `dictionary` is a path without its ".pwd"; NULL: the one cracklib was built with.
 * UADM_UNAVAILABLE with a hint when library or dictionary are missing or damaged: q->passed is
 * false unless UADM_OK is returned. */
enum uadm_code quality_check(const char *dictionary, const struct secret *pw,
    struct quality *q, struct uadm_err *err) UADM_CHECKED;

#endif
