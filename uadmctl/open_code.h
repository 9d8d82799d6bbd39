/*
 * open_code.h - the one-time code that a user has, if any, as `user list`, `show` and `check` tell it.
 */
#ifndef UADM_UADMCTL_OPEN_CODE_H
#define UADM_UADMCTL_OPEN_CODE_H

#include "libuadm/ops/show.h"

/* Would one be taken now, to set a password with? */
bool open_code_lets_in(const struct user_outlook *o);
/* ", a code is open until ..." in `out`, or nothing. */
const char *open_code_words(const struct user_outlook *o, char *out, size_t size);
/* A line of `user check --why`, where there is something to say. */
void open_code_why(const struct user_outlook *o);

#endif
