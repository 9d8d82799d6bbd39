/*
 * info.h - what the store holds, and whether all of it is sound.
 */
#ifndef UADM_OPS_INFO_H
#define UADM_OPS_INFO_H

#include "libuadm/ops/context.h"

struct store_info {
	int schema;
	uint64_t generation;
	uint64_t published; /* 0: nothing, or nothing sound */
	int64_t users, groups, audit_rows;
	int64_t imported; /* passwords that are still another system's hash */
};
enum uadm_code op_store_info(
    struct uadm *u, struct store_info *info, struct uadm_err *err) UADM_CHECKED;

/* Look at the file itself, the audit trail, the published file and the numbers; `found` is
 * called for each complaint: what is wrong and, if known, how to mend it. */
enum uadm_code op_store_check(struct uadm *u,
    void (*found)(void *arg, const char *what, const char *mend), void *arg,
    struct uadm_err *err) UADM_CHECKED;

/* Put right what follows from the rest (store/repair.h), and publish anew where needed. `done` is
 * called for each thing. What is still wrong then op_store_check() says. */
enum uadm_code op_store_repair(struct uadm *u,
    void (*done)(void *arg, const char *what, int64_t rows), void *arg,
    struct uadm_err *err) UADM_CHECKED;

#endif
