/*
 * session.h - what kind of session a PAM service opens, and whether there is a place for one more.
 *
 * Pure: who is in, and as what, is gathered elsewhere and passed in.
 */
#ifndef UADM_POLICY_SESSION_H
#define UADM_POLICY_SESSION_H

#include "libuadm/base/policy.h"

#include <stdbool.h>

enum session_kind {
	SESSION_LOGIN = 0, /* somebody has come in; what is not known is that, too */
	SESSION_SWITCH,    /* who is in already becomes this user: su, sudo */
	SESSION_JOB,       /* nobody's eyes: cron, at */
	SESSION_MANAGER,   /* the user's own systemd */
	SESSION_KINDS,
};

enum session_kind policy_session_kind(const char *service);
/* "login", "switch", "job", "manager". */
const char *policy_session_kind_word(enum session_kind kind);

/* Is there a place for one more, where so many logins of theirs are open? Logins alone take one: a
 * job that was refused would be lost, and who is in is in. */
bool policy_session_admits(
    const struct policy *p, enum session_kind kind, int64_t logins);

#endif
