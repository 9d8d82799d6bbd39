/*
 * factor.h - what verbs say of second factors beside their own.
 */
#ifndef UADM_UADMCTL_FACTOR_H
#define UADM_UADMCTL_FACTOR_H

#include "uadmctl/cli.h"

/* What keeps those who are to have one from giving it on this host (op_factor_ways), as warnings. */
void factor_warn(struct cli *cli);

#endif
