/* args.h - the arguments of the module's line in /etc/pam.d. */
#ifndef UADM_PAM_ARGS_H
#define UADM_PAM_ARGS_H

#include "pam_uadm/call.h"

/* Fill `args`; with args->wrong set the line must not be obeyed. */
void args_parse(struct args *args, int argc, const char **argv);

#endif
