/*
 * address.h - which mail addresses are taken: plain RFC 5321 mailboxes.
 *
 * Threat: an address ends up in a header of a mail and in what a mailer makes of it. So there are no
 * quotes, comments, address literals or anything else that would have to be understood first.
 */
#ifndef UADM_BASE_ADDRESS_H
#define UADM_BASE_ADDRESS_H

#include <stdbool.h>

bool address_is_valid(const char *address);

#endif
