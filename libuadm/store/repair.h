/*
 * repair.h - put right what follows from the rest: names and numbers from users and groups, rows
 * that belong to nobody, indexes. What cannot be derived (users, passwords, the trail) is not
 * touched.
 */
#ifndef UADM_STORE_REPAIR_H
#define UADM_STORE_REPAIR_H

#include "libuadm/store/db.h"

/* Within the caller's transaction. `done` is called for each thing that had to be put right:
 * what, and how many rows. */
enum uadm_code store_repair(struct store *st,
    void (*done)(void *arg, const char *what, int64_t rows), void *arg,
    struct uadm_err *err) UADM_CHECKED;

/* Users and groups whose numbers lie outside of the ranges that are configured. */
enum uadm_code store_check_ranges(struct store *st, int64_t uid_min, int64_t uid_max,
    int64_t gid_min, int64_t gid_max, void (*found)(void *arg, const char *what),
    void *arg, struct uadm_err *err) UADM_CHECKED;

#endif
