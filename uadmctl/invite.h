/*
 * invite.h - how a one-time code is told, for whoever makes one.
 */
#ifndef UADM_UADMCTL_INVITE_H
#define UADM_UADMCTL_INVITE_H

#include "libuadm/ops/codes.h"
#include "uadmctl/cli.h"

/* --print-code, or by mail. */
enum code_way code_way_of(const struct cli *cli);
/* What the user types to use it: "ssh jo@host". */
enum { CODE_COMMAND_SIZE = 400 };
const char *code_command(const char *name, char *out, size_t size);
/* What goes on in a result's line, and into its object. */
void code_say(const struct cli *cli, const struct code_given *g, const char *name,
    char *out, size_t size);
struct json_t *code_json(const struct code_given *g, const char *name);

#endif
