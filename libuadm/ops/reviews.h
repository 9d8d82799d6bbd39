/*
 * reviews.h - the use cases of access reviews; as users.h says. Who looks after the users of an account
 * walks through them and decides of each; what is revoked is revoked at once, and the record stays.
 */
#ifndef UADM_OPS_REVIEWS_H
#define UADM_OPS_REVIEWS_H

#include "libuadm/ops/context.h"
#include "libuadm/store/reviews.h"

/* All who are in the account now. UADM_EXISTS while one is open. */
enum uadm_code op_review_start(struct uadm *u, const char *account, struct review *r,
    struct uadm_err *err) UADM_CHECKED;
/* `revoke` ends the membership too (members.h, as is `ends`). *i: of whom was decided, as it was then. Nobody but root decides
 * about themselves. */
enum uadm_code op_review_decide(struct uadm *u, const char *account, const char *user,
    bool revoke, bool ends, struct review_item *i, bool *changed,
    struct uadm_err *err) UADM_CHECKED;
/* The one that is under way; UADM_NOT_FOUND: none is. */
enum uadm_code op_review_open(struct uadm *u, const char *account, struct review *r,
    struct uadm_err *err) UADM_CHECKED;
/* Refused while somebody who is still in the account is undecided. */
enum uadm_code op_review_finish(struct uadm *u, const char *account, struct review *r,
    struct uadm_err *err) UADM_CHECKED;

/* All reviews that the actor may see; of one account its newest, or the one with this number (0: none),
 * with each user in it. */
enum uadm_code op_reviews(struct uadm *u,
    enum uadm_code (*found)(void *arg, const struct review *r, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;
enum uadm_code op_review_items(struct uadm *u, const char *account, int64_t number,
    enum uadm_code (*found)(
	void *arg, const struct review_item *i, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

#endif
