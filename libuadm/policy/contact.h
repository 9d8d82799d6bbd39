/*
 * contact.h - what kinds of contacts there are, and which of them may be linked to a login.
 */
#ifndef UADM_POLICY_CONTACT_H
#define UADM_POLICY_CONTACT_H

#include "libuadm/base/contact.h"

#include <stdbool.h>

/* "employee", ...; NULL of what is none. */
const char *policy_contact_word(enum contact_kind kind);
/* CONTACT_NONE for any other word. */
enum contact_kind policy_contact_kind(const char *word);
/* A customer or supplier is somebody to deal with, not somebody who logs in. */
bool policy_contact_may_log_in(enum contact_kind kind);

#endif
