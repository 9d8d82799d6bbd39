/*
 * login.h - may this login go on? The one evaluator: PAM, the list's status column,
 * `user check --why` and `user show` all ask it, so that they never disagree.
 *
 * Pure: no clock, no file, no SQL. `now` and the facts are passed in.
 */
#ifndef UADM_POLICY_LOGIN_H
#define UADM_POLICY_LOGIN_H

#include "libuadm/base/policy.h"
#include "libuadm/base/user.h"

#include <stdbool.h>
#include <stdint.h>

enum login_phase {
	LOGIN_AUTH = 0, /* a password is being checked */
	LOGIN_ACCOUNT, /* after any kind of authentication: password, key, none (cron) */
	LOGIN_SESSION, /* a session is about to open */
};

struct login_facts {
	const struct user *user;
	const struct policy *policy;
	enum login_phase phase;
	int64_t now;       /* Unix seconds */
	bool locked;       /* too many failures: see lockout.h */
	bool by_password;  /* this login proved the password in its auth phase */
	bool name_moved;   /* see LOGIN_NAME_MOVED */
	bool elsewhere;    /* see LOGIN_ELSEWHERE */
	bool for_services; /* the PAM service is one that service identities may use */
	bool by_code; /* ... or a one-time code, which is good for setting one alone */
	bool factor_missing; /* a second factor is due, and this login has none */
};

enum login_verdict {
	LOGIN_REFUSE = 0,
	LOGIN_CHANGE, /* let in only to set a new password */
	LOGIN_ALLOW,
};

/* In the order they are tested: the first that holds is the reason. */
enum login_reason {
	LOGIN_UNKNOWN = 0,
	LOGIN_PRINCIPAL_SUSPENDED, /* the principal membership is */
	LOGIN_PRINCIPAL_ENDED,
	LOGIN_ACCOUNT_SUSPENDED, /* the principal account itself */
	LOGIN_SUSPENDED,
	LOGIN_NOT_YET_VALID,
	LOGIN_EXPIRED,
	LOGIN_INVITED, /* an invitation, or the principal membership, waits to be accepted: by code only */
	LOGIN_ELSEWHERE, /* host or service are for the members of accounts that this is not one of */
	LOGIN_NAME_MOVED, /* was somebody else's a moment ago: a login of theirs may be under way */
	LOGIN_SERVICE_PASSWORD,  /* a service identity tried a password */
	LOGIN_SERVICE_ELSEWHERE, /* ... or a service that is not for such */
	LOGIN_NO_PASSWORD,       /* none is set: keys only */
	LOGIN_LOCKED,
	LOGIN_FACTOR, /* a second factor is due: none is set up, or the way in has none */
	LOGIN_PASSWORD_INACTIVE, /* expired too long ago to be changed by its user */
	LOGIN_TEMPORARY_OVER,    /* ... likewise, one that was made for them */
	LOGIN_CODE,              /* came in with a one-time code */
	LOGIN_MUST_CHANGE,
	LOGIN_PASSWORD_EXPIRED,
	LOGIN_SESSIONS_FULL, /* as many logins are open as there may be */
	LOGIN_FINE,
};

struct login_answer {
	enum login_verdict verdict;
	enum login_reason reason;
	int64_t expires_in; /* seconds, where the policy wants it told; else 0 */
};

/* A NULL user is unknown and refused; so is everybody without a policy. */
struct login_answer policy_login(const struct login_facts *facts);

/* How the password stands by itself: LOGIN_PASSWORD_INACTIVE, LOGIN_TEMPORARY_OVER,
 * LOGIN_MUST_CHANGE, LOGIN_PASSWORD_EXPIRED, or LOGIN_FINE. */
enum login_reason policy_password_due(
    const struct policy *p, const struct user *user, int64_t now);

/* From when on it opens nothing, not even the way to a new one; likewise. */
int64_t policy_password_inactive_at(const struct policy *p, const struct user *user);

/* When it expires, in Unix seconds; 0: never, or there is none. */
int64_t policy_password_expires_at(const struct policy *p, const struct user *user);

/* How long its user still has to keep it: seconds, 0 = may change it now. Nothing that is due has
 * to wait. */
int64_t policy_password_wait(
    const struct policy *p, const struct user *user, int64_t now);

/* What the lists call this user: "active", "invited", "principal-suspended", "suspended", "locked",
 * "expired", "inactive". */
const char *policy_login_status(const struct user *user, bool locked, int64_t now);

/* How the principal account stands in the way: LOGIN_INVITED, LOGIN_PRINCIPAL_SUSPENDED,
 * LOGIN_PRINCIPAL_ENDED, LOGIN_ACCOUNT_SUSPENDED; LOGIN_FINE for who is in none. */
enum login_reason policy_principal(const struct user *user, int64_t now);

/* Stable word for machines ("suspended"), and a sentence for an administrator. */
const char *policy_login_reason_word(enum login_reason reason);
const char *policy_login_reason_text(enum login_reason reason);

#endif
