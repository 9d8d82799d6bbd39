/*
 * tags.h - words that administrators put on users. What a user has is read with the user (users.h).
 */
#ifndef UADM_STORE_TAGS_H
#define UADM_STORE_TAGS_H

#include "libuadm/store/db.h"

/* *changed is false where the user had it, or did not, already. */
enum uadm_code tags_set(struct store *st, uid_t uid, const char *tag, bool on,
    bool *changed, struct uadm_err *err) UADM_CHECKED;

/* Each tag that somebody has, by name, and how many have it. */
enum uadm_code tags_each(struct store *st,
    enum uadm_code (*found)(
	void *arg, const char *tag, int64_t users, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

#endif
