/*
 * policy.h - the values that differ from the shipped ones, by account and key. 0 is everybody's.
 */
#ifndef UADM_STORE_POLICY_H
#define UADM_STORE_POLICY_H

#include "libuadm/store/db.h"

enum { POLICY_OF_ALL = 0 };

enum uadm_code policy_each(struct store *st, int64_t account,
    enum uadm_code (*found)(
	void *arg, const char *key, int64_t value, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;
enum uadm_code policy_keep(struct store *st, int64_t account, const char *key,
    int64_t value, struct uadm_err *err) UADM_CHECKED;
enum uadm_code policy_drop(struct store *st, int64_t account, const char *key,
    struct uadm_err *err) UADM_CHECKED;

#endif
