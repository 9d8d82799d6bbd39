/*
 * policy.h - what the verbs of the policy share.
 */
#ifndef UADM_UADMCTL_POLICY_H
#define UADM_UADMCTL_POLICY_H

#include "libuadm/ops/policy.h"
#include "uadmctl/cli.h"

/* What --account, --role and --user say. false: said that they do not go together. */
bool policy_whose(struct cli *cli, struct policy_whose *w);

#endif
