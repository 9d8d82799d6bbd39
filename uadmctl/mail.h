/*
 * mail.h - the outbox on the command line: what other verbs need of it.
 */
#ifndef UADM_UADMCTL_MAIL_H
#define UADM_UADMCTL_MAIL_H

#include "uadmctl/cli.h"

/* Send what is due within result_begin() and result_end(): a result for each mail, or only for those that are
 * given up, which is all that is news each minute. */
void mail_deliver(struct cli *cli, bool each);
/* The same with nobody listening. */
void mail_deliver_quietly(const char *conf);
/* Of a dry run: a result for each that would be sent now. */
void mail_due(struct cli *cli);

#endif
