/*
 * groups.h - POSIX groups and who is in them.
 */
#ifndef UADM_STORE_GROUPS_H
#define UADM_STORE_GROUPS_H

#include "libuadm/base/user.h"
#include "libuadm/store/db.h"

enum uadm_code groups_get(struct store *st, const char *name, struct group *g,
    struct uadm_err *err) UADM_CHECKED;
/* Its number alone: a count of members costs as much as there are. */
enum uadm_code groups_gid(
    struct store *st, const char *name, gid_t *gid, struct uadm_err *err) UADM_CHECKED;
/* `name` is UADM_NAME_SIZE long. */
enum uadm_code groups_name(
    struct store *st, gid_t gid, char *name, struct uadm_err *err) UADM_CHECKED;
/* Whose members it shows (accounts.h): nobody is put into such a group by hand. 0 = an ordinary one. */
enum uadm_code groups_account(
    struct store *st, gid_t gid, gid_t *account, struct uadm_err *err) UADM_CHECKED;
/* The ordinary groups somebody is in, by number. */
enum uadm_code groups_each_ordinary_of(struct store *st, uid_t uid,
    enum uadm_code (*found)(void *arg, gid_t gid, struct uadm_err *err), void *arg,
    struct uadm_err *err) UADM_CHECKED;
/* All that somebody is shown in but the private one, by name. */
enum uadm_code groups_each_of(struct store *st, uid_t uid,
    enum uadm_code (*found)(void *arg, const char *name, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;
enum uadm_code groups_insert(
    struct store *st, const struct group *g, struct uadm_err *err) UADM_CHECKED;
enum uadm_code groups_delete(
    struct store *st, gid_t gid, struct uadm_err *err) UADM_CHECKED;

/* *changed is false when the user was (not) in the group already. */
enum uadm_code groups_add_member(struct store *st, gid_t gid, uid_t uid, bool *changed,
    struct uadm_err *err) UADM_CHECKED;
enum uadm_code groups_remove_member(struct store *st, gid_t gid, uid_t uid,
    bool *changed, struct uadm_err *err) UADM_CHECKED;

enum uadm_code groups_has_member(struct store *st, gid_t gid, uid_t uid, bool *is,
    struct uadm_err *err) UADM_CHECKED;

/* Each group with its count of members: by name, or the `most` largest first (0 = all, by
 * name). */
enum uadm_code groups_each(struct store *st, int64_t most,
    enum uadm_code (*found)(void *arg, const struct group *g, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

/* The names of the members, sorted. */
enum uadm_code groups_each_member(struct store *st, gid_t gid,
    enum uadm_code (*found)(void *arg, const char *name, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

/* What gets published: each group by gid, and every (gid, uid) by uid and gid. */
enum uadm_code groups_each_published(struct store *st,
    enum uadm_code (*found)(
	void *arg, gid_t gid, const char *name, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;
enum uadm_code groups_each_pair(struct store *st,
    enum uadm_code (*found)(void *arg, gid_t gid, uid_t uid, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

#endif
