/*
 * person.h - the user whom somebody calls by name or by e-mail address: one place for all verbs that take either.
 */
#ifndef UADM_OPS_PERSON_H
#define UADM_OPS_PERSON_H

#include "libuadm/ops/context.h"

/* `account`: the one that the verb is about; NULL: none. `role`: that somebody is to have there, for hints, or NULL. What may be done to them is the caller's to ask. */
enum uadm_code find_person(struct uadm *u, const char *account, const char *role,
    const char *who, struct user *user, struct uadm_err *err) UADM_CHECKED;

#endif
