/*
 * reviews.h - access reviews: who was in an account then, and what was decided of each. Rows stay, also
 * when users and accounts go.
 */
#ifndef UADM_STORE_REVIEWS_H
#define UADM_STORE_REVIEWS_H

#include "libuadm/base/user.h"
#include "libuadm/store/db.h"

struct review {
	int64_t id;
	gid_t account;
	char name[UADM_NAME_SIZE]; /* the account's */
	int64_t started_at, finished_at;
	char started_by[UADM_TEXT_SIZE], finished_by[UADM_TEXT_SIZE];
	int64_t users, kept, revoked;
	int64_t
	    open; /* undecided, and still in the account; of one that is finished 0 */
};

struct review_item {
	int64_t review;
	uid_t uid;
	char name[UADM_NAME_SIZE], role[UADM_NAME_SIZE], state[16], status[32];
	char contact[UADM_TEXT_SIZE];
	int64_t last_login;
	char role_now
	    [UADM_NAME_SIZE]; /* of who is in the account still, in an open one */
	/* "keep", "revoke", or empty: also where an open review has one about something else than what is now */
	char decision[8];
	int64_t decided_at;
	char decided_by[UADM_TEXT_SIZE];
};

/* UADM_NOT_FOUND: the account has no such review. */
enum uadm_code reviews_get(struct store *st, gid_t account, int64_t id,
    struct review *r, struct uadm_err *err) UADM_CHECKED;
/* The newest one of an account; UADM_NOT_FOUND. */
enum uadm_code reviews_newest(struct store *st, gid_t account, struct review *r,
    struct uadm_err *err) UADM_CHECKED;
/* Of an account, or (0) all, by number. */
enum uadm_code reviews_each(struct store *st, gid_t account,
    enum uadm_code (*found)(void *arg, const struct review *r, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;
/* Fills in r->id. */
enum uadm_code reviews_insert(
    struct store *st, struct review *r, struct uadm_err *err) UADM_CHECKED;
enum uadm_code reviews_finish(
    struct store *st, const struct review *r, struct uadm_err *err) UADM_CHECKED;

enum uadm_code review_items_each(struct store *st, int64_t review,
    enum uadm_code (*found)(
	void *arg, const struct review_item *i, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;
/* UADM_NOT_FOUND: that user is not in this review; who has got the name since is another one. */
enum uadm_code review_items_get(struct store *st, int64_t review, uid_t uid,
    const char *name, struct review_item *i, struct uadm_err *err) UADM_CHECKED;
/* A new one, or another decision of one that is there, with the role and states it is about. */
enum uadm_code review_items_write(
    struct store *st, const struct review_item *i, struct uadm_err *err) UADM_CHECKED;

#endif
