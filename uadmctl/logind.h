/*
 * logind.h - systemd's own idea of who is logged in. Where it does not run nothing happens, and no
 * failure is told: what is ended and listed is known without it, it only knows more.
 */
#ifndef UADM_UADMCTL_LOGIND_H
#define UADM_UADMCTL_LOGIND_H

#include "libuadm/ops/sessions.h"

/* Have systemd-logind end all of a user's sessions and user services: it ends what has neither uid nor
 * login uid of theirs. */
void logind_end(uid_t uid);

/* The same of one session, if it is one of logind's: what su opened is a part of another one, which goes
 * on. Of the user's service manager: stop it. */
void logind_end_session(const struct session *s);

/* Since when has nobody used it? false: logind does not know either. */
bool logind_idle_since(const struct session *s, int64_t *at);

/* Does the user's service manager run without a login (loginctl enable-linger)? */
bool logind_lingers(const char *user);
/* From now on not. false: it still does. */
bool logind_linger_off(uid_t uid, const char *user);

#endif
