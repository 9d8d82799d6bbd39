/*
 * Threat: somebody outside who gets a login because they are on record. So a kind says whether it
 * may, and what is none of these may not.
 */
#include "libuadm/policy/contact.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *word;
	bool may_log_in;
} kinds[CONTACT_KINDS] = {
	[CONTACT_NONE] = { NULL, false },
	[CONTACT_EMPLOYEE] = { "employee", true },
	[CONTACT_CONTRACTOR] = { "contractor", true },
	[CONTACT_PARTNER] = { "partner", true },
	[CONTACT_CUSTOMER] = { "customer", false },
	[CONTACT_SUPPLIER] = { "supplier", false },
};

const char *
policy_contact_word(enum contact_kind kind)
{
	return (unsigned)kind < CONTACT_KINDS ? kinds[kind].word : NULL;
}

enum contact_kind
policy_contact_kind(const char *word)
{
	for (int i = CONTACT_NONE + 1; i < CONTACT_KINDS; i++)
		if (strcmp(kinds[i].word, word) == 0)
			return (enum contact_kind)i;
	return CONTACT_NONE;
}

bool
policy_contact_may_log_in(enum contact_kind kind)
{
	return (unsigned)kind < CONTACT_KINDS && kinds[kind].may_log_in;
}
