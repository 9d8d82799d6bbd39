/*
 * member.h - what `member add` and `user add --account` share: how a membership is asked for and told.
 */
#ifndef UADM_UADMCTL_MEMBER_H
#define UADM_UADMCTL_MEMBER_H

#include "libuadm/ops/members.h"
#include "uadmctl/cli.h"

/* The default role is for people, who are told of it: with --no-input one is named. false: said so. */
bool member_role_is_named(struct cli *cli);

struct input_row;
/* `review revoke` of one: as `member revoke`, with what will follow, the question and --end-sessions. */
void member_review_revoke(struct cli *cli, const struct input_row *row);

/* Those of --right and --scope. Freed by cli_values_free(). */
char **member_rights(const struct cli *cli, size_t *count);

/* " in acme as developer, its default, principal; skipped, ...": what follows "added". */
void member_say(struct cli *cli, const struct member_addition *add, bool role_named,
    char *text, size_t size);
struct user;
/* Who is made a member of a principal account that asks for acceptance, and has no code to accept with, is kept
 * out by that: a warning says so. true: it did. */
bool member_warn_waits(
    struct cli *cli, const struct user *user, const struct member_addition *add);
struct json_t;
/* The words of a list separated by ','. */
struct json_t *member_words(const char *joined);
struct json_t *member_json(struct cli *cli, const struct member_addition *add);
struct json_t *member_rights_json(struct cli *cli, const struct rights *rights);

#endif
