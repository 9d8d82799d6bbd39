/*
 * mail.h - the outbox on the command line: what other verbs need of it.
 */
#ifndef UADM_UADMCTL_MAIL_H
#define UADM_UADMCTL_MAIL_H

#include "uadmctl/cli.h"

/* Send what is due, a result for each, within result_begin() and result_end(). */
void mail_deliver(struct cli *cli);
/* The same with nobody listening. */
void mail_deliver_quietly(const char *conf);

#endif
