/*
 * addition.h - what a line of --from or an argument asks for of a new user: `user add`, `user invite`.
 */
#ifndef UADM_UADMCTL_ADDITION_H
#define UADM_UADMCTL_ADDITION_H

#include "libuadm/ops/users.h"
#include "uadmctl/input.h"

enum { GROUPS_MOST = 256, ACCOUNTS_MOST = 32 };

/* What one line or one argument asks for. */
struct addition {
	struct user_addition add;
	char groups_text[8192];
	const char *groups[GROUPS_MOST];
	const char *hash; /* of a cell; NULL: none */
	struct member_addition accounts[ACCOUNTS_MOST];
	char accounts_text[ACCOUNTS_MOST][UADM_NAME_SIZE + 1];
	const char *role; /* in each of them; NULL: its default */
	char **rights;
	size_t right_count;
};

void addition_free(struct addition **a);
/* From the options and the cells of the row. `by_email`: what the row is called by is the address, and the
 * name is a cell or an option, or not given. */
enum uadm_code addition_fill(struct cli *cli, const struct input_row *row,
    bool by_email, struct addition *a, struct uadm_err *err) UADM_CHECKED;
/* F11: an e-mail domain that is none of the account's. false: said so, or declined. */
bool addition_domain_is_meant(struct cli *cli, struct addition *a);

#endif
