/*
 * input.h - what a person or a pipe gives us: confirmations, passwords, lists of names, CSV.
 */
#ifndef UADM_UADMCTL_INPUT_H
#define UADM_UADMCTL_INPUT_H

#include "libuadm/base/user.h"
#include "libuadm/secrets/secret.h"
#include "uadmctl/cli.h"

/* Ask y/N, or have `typed` typed. --yes answers; --no-input or no terminal: said, exit 64;
 * declined: said, exit 1. Returns true to go on; else cli->worst is set. */
bool input_confirm(struct cli *cli, const char *question, const char *typed);

/* A password for `user`: from --password-stdin, --password-fd, or a prompt (twice), where one that
 * the policy does not take is asked for again. *given is false when none of these was asked for and
 * `ask` is false. Returns false when it said why. */
bool input_password(
    struct cli *cli, const struct user *user, bool ask, struct secret *pw, bool *given);

/* The same, asked for once with this prompt: for looking at it, not for setting it. */
bool input_password_once(struct cli *cli, const char *prompt, struct secret *pw);
/* Another system's hash of a password, from --hash-stdin or --hash-fd. *given tells whether one of
 * these was asked for. Returns false when it said why. */
bool input_hash(struct cli *cli, struct secret *hash, bool *given);

/* Rows of --from, else the arguments from `skip` on, each as a row with just a name. */
struct input_row {
	const char *name;
	size_t line;               /* 0: an argument */
	const char *const *keys;   /* of the CSV header, or NULL */
	const char *const *values; /* as many; "" where the row is short */
	size_t count;
};
/* Calls `found` for each; it says itself what fails. false: the input cannot be read (said). */
bool input_each(struct cli *cli, size_t skip,
    void (*found)(struct cli *, const struct input_row *));
/* The same between result_begin() and result_end(). Returns the exit status. */
int input_apply(struct cli *cli, size_t skip,
    void (*found)(struct cli *, const struct input_row *));

#endif
