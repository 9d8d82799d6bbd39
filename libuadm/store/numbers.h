/*
 * numbers.h - what NSS shows is unique: the names (users, groups) in one table, and every uid
 * and gid ever given out in another, where a number stays when its owner has gone.
 */
#ifndef UADM_STORE_NUMBERS_H
#define UADM_STORE_NUMBERS_H

#include "libuadm/store/db.h"

enum number_kind { NUMBER_USER = 0, NUMBER_GROUP };

/* The number after the highest ever given out in the range, or `least`; when the end is
 * reached, the lowest that was never given. UADM_UNAVAILABLE when the range is used up. */
enum uadm_code numbers_next(struct store *st, int64_t least, int64_t most, int64_t *id,
    struct uadm_err *err) UADM_CHECKED;

/* The highest number ever given out in the range; 0 = none was. */
enum uadm_code numbers_highest(struct store *st, int64_t least, int64_t most,
    int64_t *id, struct uadm_err *err) UADM_CHECKED;
/* Never give this number out, whoever had it, unless it is known already. */
enum uadm_code numbers_bar(struct store *st, enum number_kind kind, int64_t id,
    int64_t now, struct uadm_err *err) UADM_CHECKED;

/* Was this number never given out? UADM_EXISTS says to whom. */
enum uadm_code number_is_free(
    struct store *st, int64_t id, struct uadm_err *err) UADM_CHECKED;

/* Give `id` to `name` and publish the name. UADM_EXISTS names who has the name or had the id. */
enum uadm_code numbers_give(struct store *st, enum number_kind kind, int64_t id,
    const char *name, int64_t now, struct uadm_err *err) UADM_CHECKED;

/* Unpublish the name; the number stays taken. */
enum uadm_code numbers_release(
    struct store *st, int64_t id, int64_t now, struct uadm_err *err) UADM_CHECKED;

/* Was this the uid of a user who left? Then `name` is who it was. */
enum uadm_code number_was_users(struct store *st, int64_t id, char *name, size_t size,
    bool *was, struct uadm_err *err) UADM_CHECKED;

/* The uid of the user of this name who left last (0 = none). */
enum uadm_code number_who_left(
    struct store *st, const char *name, int64_t *id, struct uadm_err *err) UADM_CHECKED;

/* When somebody else of this name last left (Unix seconds; 0 = never). */
enum uadm_code number_last_left(struct store *st, const char *name, int64_t but_id,
    int64_t *left, struct uadm_err *err) UADM_CHECKED;

/* When the last group of this name left, an account's among them (Unix seconds; 0 = there was none). */
enum uadm_code number_was_groups(struct store *st, const char *name, int64_t *left,
    struct uadm_err *err) UADM_CHECKED;

/* Is every user and group published under its own name and number, and nothing else? */
enum uadm_code numbers_check(struct store *st,
    void (*found)(void *arg, const char *what), void *arg,
    struct uadm_err *err) UADM_CHECKED;

/* The published names, for "did you mean": one after the other. */
enum uadm_code numbers_each_name(struct store *st, enum number_kind kind,
    void (*found)(void *arg, const char *name), void *arg,
    struct uadm_err *err) UADM_CHECKED;

#endif
