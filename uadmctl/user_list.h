/*
 * user_list.h - the users that the options of `user list` and `user stale` ask for.
 */
#ifndef UADM_UADMCTL_USER_LIST_H
#define UADM_UADMCTL_USER_LIST_H

#include "libuadm/ops/show.h"
#include "uadmctl/cli.h"

/* false: said what is wrong with them. */
bool query_users(struct cli *cli, struct user_query *q);
int list_users(struct cli *cli, struct user_query q);

#endif
