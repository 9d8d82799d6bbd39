/*
 * sessions.h - who is logged in, who was, and whether one more may be.
 */
#ifndef UADM_OPS_SESSIONS_H
#define UADM_OPS_SESSIONS_H

#include "libuadm/ops/context.h"
#include "libuadm/policy/session.h"
#include "libuadm/store/sessions.h"

/* Is there a place for one more of this service's, by the user's policy? Within the transaction that opens it, and after
 * sessions_reap(): of many that come at once each sees those before it. */
enum uadm_code session_admit(struct uadm *u, const struct policy *p, uid_t uid,
    const char *service, bool *admitted, struct uadm_err *err) UADM_CHECKED;

/* The same asked from outside, where those that died may not have been put on record yet: would a login
 * be one too many? */
enum uadm_code session_is_full(struct uadm *u, const struct policy *p, uid_t uid,
    bool *full, struct uadm_err *err) UADM_CHECKED;

struct session_view {
	struct session s;
	enum session_kind kind;
	bool open;     /* its leader lives */
	char tty[160]; /* where it is by now: sshd makes a terminal later */
	int64_t idle;  /* seconds since a key was pressed there; -1: nobody knows */
};

struct session_query {
	const char *const *users; /* of these alone */
	size_t user_count;
	const char
	    *account;  /* or of these; with neither: of all, which is root's to see */
	bool ended;    /* those that are over, too ... */
	int64_t since; /* ... since then */
	/* Since when a session without a terminal has been idle, for who keeps logins
	 * (systemd-logind); NULL: nobody. false: nobody knows. */
	bool (*idle_since)(const struct session *s, int64_t *at);
};

/* Call `found` for each, the oldest first. Nothing is written: who has died without a word is
 * shown as ended, of which nobody knows when. */
enum uadm_code op_sessions(struct uadm *u, const struct session_query *q,
    enum uadm_code (*found)(
	void *arg, const struct session_view *v, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

/* Of maintain: put those that died on record, and forget what is older than it has to be. */
enum uadm_code op_sessions_tidy(struct uadm *u, struct uadm_err *err) UADM_CHECKED;

#endif
