/*
 * rights.h - the algebra of rights. A right belongs to one scope and works only where both are held.
 *
 * Pure sets: what roles and memberships hold is read elsewhere and passed in.
 */
#ifndef UADM_POLICY_RIGHTS_H
#define UADM_POLICY_RIGHTS_H

#include "libuadm/base/account.h"

bool rights_has(const struct rights *r, int64_t right);
void rights_add(struct rights *r, int64_t right);
void rights_remove(struct rights *r, int64_t right);
bool rights_are_empty(const struct rights *r);
/* Is each of these among those? */
bool rights_within(const struct rights *these, const struct rights *those);
/* These without those; either; both. */
struct rights rights_minus(const struct rights *these, const struct rights *those);
struct rights rights_union(const struct rights *these, const struct rights *those);
struct rights rights_common(const struct rights *these, const struct rights *those);

/* Of these only what the catalogue has and whose scope is among them too. */
struct rights rights_working(const struct catalogue *cat, const struct rights *these);

/* What works for a member now: nothing unless the membership and its account are active. What is
 * granted or denied beside the role beats the role, and an end that is due has come. */
struct rights rights_now(
    const struct catalogue *cat, const struct holding *h, int64_t now);

/* The role whose group it is in now; 0: none. */
int64_t rights_role_now(const struct holding *h, int64_t now);
/* All that the membership holds or could come to hold without anybody giving it more: pending,
 * suspended, or with the role it falls back to. What an actor must have to act on the member. It
 * counts without a scope as well, for the scope may be added by somebody who sees the scope alone. */
struct rights rights_potential(const struct catalogue *cat, const struct holding *h);

#endif
