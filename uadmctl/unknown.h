/*
 * unknown.h - words that are no noun, verb or option: which one was meant, or what does that here.
 */
#ifndef UADMCTL_UNKNOWN_H
#define UADMCTL_UNKNOWN_H

#include "uadmctl/cli.h"

/* Each says it and makes the exit status that of wrong usage. */
void unknown_noun(struct cli *cli);
void unknown_verb(struct cli *cli); /* or none */
void unknown_option(struct cli *cli, const char *name, bool is_long);

#endif
