/*
 * when.h - times as the one who reads them wants them: --utc, --time-format, and whose zone.
 */
#ifndef UADM_UADMCTL_WHEN_H
#define UADM_UADMCTL_WHEN_H

#include "libuadm/base/times.h"
#include "uadmctl/cli.h"

/* By the options and, with --as, by that user's zone. false: said what is wrong. */
bool when_begin(struct cli *cli);

/* In a column. "" for 0. Returns `out`. */
char *when_text(int64_t at, char out[TIME_SIZE]);
/* In a sentence, behind "since" or "until": a distance would not stand there. */
char *when_said(int64_t at, char out[TIME_SIZE]);

#endif
