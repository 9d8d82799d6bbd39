/*
 * domains.h - whose an e-mail address is, by its domain: a new user belongs first where their mail does.
 */
#ifndef UADM_OPS_DOMAINS_H
#define UADM_OPS_DOMAINS_H

#include "libuadm/base/account.h"
#include "libuadm/ops/context.h"

enum domain_verdict {
	DOMAIN_FOREIGN = 0, /* another account's */
	DOMAIN_UNKNOWN,     /* nobody's, and the account has some */
	DOMAIN_FINE,        /* the account's own, or there is nothing to compare */
};

/* `owner` is filled in where it is foreign. No address is fine. */
enum uadm_code domain_judge(struct uadm *u, const struct account *a, const char *email,
    enum domain_verdict *verdict, struct account *owner,
    struct uadm_err *err) UADM_CHECKED;

/* Of a new user: refuse a foreign one, and an unknown one unless `sure`. Within a transaction. */
/* `role`: what was asked for, for the hint; or NULL. */
enum uadm_code domain_may_join(struct uadm *u, const char *account, const char *role,
    const char *email, bool sure, struct uadm_err *err) UADM_CHECKED;
/* Of one who is there: where an address leads is said, and up to who changes it. Within a transaction. */
/* Of a user who is there already: who is not root gives no address that is another account's, for that would be
 * them there. Root is warned. */
enum uadm_code domain_tell(
    struct uadm *u, const struct user *user, struct uadm_err *err) UADM_CHECKED;
/* Where somebody has to be asked: is it unknown? */
enum uadm_code op_domain_is_unknown(struct uadm *u, const char *account,
    const char *email, bool *unknown, struct uadm_err *err) UADM_CHECKED;

#endif
