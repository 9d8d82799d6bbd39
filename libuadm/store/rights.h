/*
 * rights.h - the catalogue of scopes and rights.
 */
#ifndef UADM_STORE_RIGHTS_H
#define UADM_STORE_RIGHTS_H

#include "libuadm/base/account.h"
#include "libuadm/store/db.h"

/* All of it, for policy/rights.h. */
enum uadm_code rights_catalogue(
    struct store *st, struct catalogue *cat, struct uadm_err *err) UADM_CHECKED;

/* Names compare without case. UADM_NOT_FOUND without such a one. */
enum uadm_code rights_get(struct store *st, const char *name, struct right *r,
    struct uadm_err *err) UADM_CHECKED;
/* Each scope with its rights behind it, by name. */
enum uadm_code rights_each(struct store *st,
    enum uadm_code (*found)(void *arg, const struct right *r, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

/* How many roles and memberships hold it by name. */
enum uadm_code rights_uses(struct store *st, int64_t id, int64_t *roles,
    int64_t *memberships, struct uadm_err *err) UADM_CHECKED;

/* Fills in r->id. UADM_UNAVAILABLE when the catalogue is full. */
enum uadm_code rights_insert(
    struct store *st, struct right *r, struct uadm_err *err) UADM_CHECKED;
/* With it go the places where roles and memberships have it. */
enum uadm_code rights_delete(
    struct store *st, int64_t id, struct uadm_err *err) UADM_CHECKED;

#endif
