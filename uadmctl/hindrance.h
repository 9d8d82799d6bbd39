/*
 * hindrance.h - what else keeps a user out, told with what was done for them.
 */
#ifndef UADM_UADMCTL_HINDRANCE_H
#define UADM_UADMCTL_HINDRANCE_H

#include "libuadm/ops/show.h"
#include "uadmctl/cli.h"

/* How the user is now; what `v` has of groups and tags is not to be read. */
bool hindrance_look(
    struct cli *cli, const char *name, struct user_view *v, struct uadm_err *err);
/* ", but expired since 2026-01-31 00:00": what still stands in the way of one whose state is `status`. */
void hindrance_say(
    const struct user_view *v, const char *status, char *out, size_t size);

#endif
