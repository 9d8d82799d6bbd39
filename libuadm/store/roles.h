/*
 * roles.h - named sets of scopes and rights.
 */
#ifndef UADM_STORE_ROLES_H
#define UADM_STORE_ROLES_H

#include "libuadm/base/account.h"
#include "libuadm/store/db.h"

/* UADM_NOT_FOUND without such a role. r->rights has all of the catalogue for one with everything. */
enum uadm_code roles_get(struct store *st, const char *name, struct role *r,
    struct uadm_err *err) UADM_CHECKED;
enum uadm_code roles_get_id(
    struct store *st, int64_t id, struct role *r, struct uadm_err *err) UADM_CHECKED;
/* What a role holds, and no more of it: an empty set for 0. */
enum uadm_code roles_rights(struct store *st, int64_t id, struct rights *rights,
    struct uadm_err *err) UADM_CHECKED;

/* How many memberships that have not ended have it. r->members is for who shows it to fill in. */
enum uadm_code roles_members(
    struct store *st, int64_t id, int64_t *n, struct uadm_err *err) UADM_CHECKED;

/* Each by name. */
enum uadm_code roles_each(struct store *st,
    enum uadm_code (*found)(void *arg, const struct role *r, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;
/* The names of the scopes and rights a role was given (not those of one with everything). */
enum uadm_code roles_each_right(struct store *st, int64_t id,
    enum uadm_code (*found)(void *arg, const char *name, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

/* Fills in r->id. */
enum uadm_code roles_insert(
    struct store *st, struct role *r, struct uadm_err *err) UADM_CHECKED;
enum uadm_code roles_delete(
    struct store *st, int64_t id, struct uadm_err *err) UADM_CHECKED;
enum uadm_code roles_set_right(struct store *st, int64_t role, int64_t right, bool held,
    bool *changed, struct uadm_err *err) UADM_CHECKED;

/* How many memberships and accounts would be without a role if this one went. */
enum uadm_code roles_uses(struct store *st, int64_t id, int64_t *memberships,
    int64_t *accounts, struct uadm_err *err) UADM_CHECKED;

#endif
