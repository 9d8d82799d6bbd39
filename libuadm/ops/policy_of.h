/*
 * policy_of.h - whose policy counts: the one place where everything that judges a user gets it. That is
 * the host's (u->policy), with what the user's principal account has over it, and their role there.
 * Who is in no account, and whoever is nobody, is judged by the host's.
 */
#ifndef UADM_OPS_POLICY_OF_H
#define UADM_OPS_POLICY_OF_H

#include "libuadm/ops/context.h"
#include "libuadm/policy/overlay.h"

/* As the store has it now, also for a number that is nobody's: what is done is the same. */
enum uadm_code op_policy_of_uid(
    struct uadm *u, uid_t uid, struct policy *p, struct uadm_err *err) UADM_CHECKED;
/* With what is root's word in it. */
enum uadm_code op_policies_of_uid(struct uadm *u, uid_t uid, struct policy *p,
    struct policy *floor, struct uadm_err *err) UADM_CHECKED;
/* A role that is given until some day is another one from then on, before anybody carries that out. */
int64_t user_role_now(const struct user *user);
/* Of a user who was read a moment ago, or who is about to be made: `account` and the role there count. */
enum uadm_code op_policy_of(struct uadm *u, const struct user *user, struct policy *p,
    struct uadm_err *err) UADM_CHECKED;
/* In an account (0: the host) for a role there (0: whichever). */
enum uadm_code op_policy_in(struct uadm *u, gid_t account, int64_t role,
    struct policy *p, struct uadm_err *err) UADM_CHECKED;
/* The same layer by layer. The values may not fit each other: policy_check(). */
enum uadm_code op_policy_layers(struct uadm *u, gid_t account, int64_t role,
    struct policy_layers *l, struct uadm_err *err) UADM_CHECKED;

/* For lists: each account's is read once. The caller frees it. */
struct policies {
	struct policies_entry {
		gid_t account;
		int64_t role;
		struct policy policy;
	} * at;
	size_t count, room;
};
#define POLICIES CLEANUP(policies_free) struct policies
void policies_free(struct policies *all);
/* *p is good until the next call. */
enum uadm_code policies_get(struct uadm *u, struct policies *all,
    const struct user *user, const struct policy **p,
    struct uadm_err *err) UADM_CHECKED;
/* The host's, but with the longest times for which an attempt counts and a lock holds anywhere: what
 * does not count by this one counts by none. */
enum uadm_code op_policy_widest(
    struct uadm *u, struct policy *p, struct uadm_err *err) UADM_CHECKED;

#endif
