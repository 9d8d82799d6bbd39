/*
 * end.h - names one after the other, and what they run ended together (user_end.c).
 */
#ifndef UADM_UADMCTL_END_H
#define UADM_UADMCTL_END_H

#include "uadmctl/input.h"

/* Call `one` for each row (input.h); it adds to cli->ending whose processes are to end and calls
 * end_later(), which tells the result once that is done, or tells it itself. */
int end_each(
    struct cli *cli, size_t skip, void (*one)(struct cli *, const struct input_row *));
void end_later(struct cli *cli);
/* The same, with what will follow: told on a dry run. */
struct plan;
void end_later_as_planned(struct cli *cli, const struct plan *plan);

/* ... of who is deleted, with what goes and stays, and the service identities that they own ("a, b"). */
struct traces;
void end_later_leaving(struct cli *cli, const struct plan *plan,
    const struct traces *traces, const char *owns);

/* End all that was added, between result_begin() and result_end(), and tell of each. */
void end_now(struct cli *cli);

#endif
