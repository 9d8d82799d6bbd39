/*
 * bulk.h - what becomes of one name after the other: written together where there are many, and
 * told, in the order of the lines, once it is durable.
 *
 * The rows of --from are one batch (libuadm/ops/batch.h) after the other, none of which is open
 * while we wait: for input, for whoever reads what we print, or for an answer. ^C ends the batch
 * that is open and the rest of the file is left for another call.
 */
#ifndef UADM_UADMCTL_BULK_H
#define UADM_UADMCTL_BULK_H

#include "uadmctl/cli.h"

#include <stdio.h>

/* Say what became of a row. `lost` is not NULL where nothing that was written then has stayed. */
typedef void bulk_tell(struct cli *cli, const void *what, const struct uadm_err *lost);

/* Between these two a row's result waits for the rows beside it. `file`: the rows come from there (NULL:
 * from the command line), and what they change is written together. */
void bulk_begin(struct cli *cli, const char *file);
void bulk_end(struct cli *cli);

/* The descriptor as a stream: before it waits for more, everything so far is written and told. */
FILE *bulk_stream(struct cli *cli, int fd);

/* Is this a row's result, which has to wait? Then put it by; `what` is copied. */
bool bulk_waits(const struct cli *cli);
void bulk_later(struct cli *cli, bulk_tell *tell, const void *what, size_t size);

/* What is said now is that a row failed: they are counted. */
void bulk_failed(struct cli *cli);
/* After each row. */
void bulk_row(struct cli *cli);
/* Write and tell now: before asking somebody something. */
void bulk_flush(struct cli *cli);

#endif
