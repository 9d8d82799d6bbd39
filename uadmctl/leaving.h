/*
 * leaving.h - what goes and what stays with a user who is deleted, as it is told (libuadm/ops/traces.h).
 */
#ifndef UADM_UADMCTL_LEAVING_H
#define UADM_UADMCTL_LEAVING_H

#include "libuadm/ops/traces.h"
#include "uadmctl/cli.h"

/* false: why they cannot be deleted so is in *err. */
bool leaving_find(
    struct cli *cli, const struct user *user, struct traces *t, struct uadm_err *err);
enum { LEAVING_TEXT_SIZE = 1600 };
/* A line for what goes and one for what stays, each behind a newline. */
char *leaving_question(const struct traces *t, char text[LEAVING_TEXT_SIZE]);

/* Once nothing of theirs runs any more. */
enum uadm_code leaving_remove(struct cli *cli, struct traces *t, struct uadm_err *err);
/* ", crontab and 2 at jobs removed" */
char *leaving_text(
    const struct cli *cli, const struct traces *t, char text[LEAVING_TEXT_SIZE]);
struct json_t;
void leaving_json(const struct traces *t, const char *owns, struct json_t *into);

#endif
