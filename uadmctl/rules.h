/*
 * rules.h - the rules of a password as a person sees them.
 */
#ifndef UADM_UADMCTL_RULES_H
#define UADM_UADMCTL_RULES_H

#include "libuadm/policy/password.h"

#include <stdio.h>

/* A line for each that applies, met or not. */
void print_rules(FILE *to, const struct password_verdict *v);

#endif
