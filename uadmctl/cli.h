/*
 * cli.h - one call of uadmctl: what was asked for, and how to answer.
 *
 * One table of commands drives parsing, help, completion and the manual's synopsis. Data goes
 * to stdout, everything else to stderr.
 */
#ifndef UADM_UADMCTL_CLI_H
#define UADM_UADMCTL_CLI_H

#include "libuadm/base/error.h"
#include "libuadm/ops/context.h"
#include "libuadm/ops/ending.h"
#include "libuadm/ops/letters.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

enum {
	EXIT_NO = 1, /* "no": a declined question, a check that says so */
	CLI_OPTIONS_MOST = 64,
};

struct option {
	const char *name; /* without the dashes; NULL ends a table */
	char letter;      /* 0: none */
	const char *arg;  /* what follows it; NULL: a switch */
	const char *help;
	bool repeats;
};

enum command_flag {
	CMD_STORE = 1 << 0,    /* opens the store */
	CMD_CHANGES = 1 << 1,  /* --dry-run; publishes what changed */
	CMD_DESTROYS = 1 << 2, /* asks first: --yes, --no-input */
	CMD_MANY = 1 << 3,     /* --from FILE */
	CMD_LIST = 1 << 4,     /* -o, --noheadings, --raw */
	CMD_FIELDS = 1 << 5,   /* an option for each field of a user */
	CMD_ASKS = 1 << 6,     /* may prompt: --no-input */
	CMD_OPTIONAL = 1 << 7, /* where there is no store there is nothing to do */
	CMD_GUESTS = 1
	    << 11, /* --from takes the file of `user invite`, too: EMAIL, or NAME without it */
	CMD_ANYHOW = 1 << 8, /* works also with a configuration that cannot be read */
	CMD_AS = 1 << 9,     /* others than root may do it: --as means something */
	CMD_GUARDED =
	    1 << 10, /* may take an account's last administrator: --break-glass */
};

/* What --status and --kind take. */
#define USER_STATUSES                                                                  \
	"active", "suspended", "locked", "expired", "inactive", "invited",             \
	    "principal-suspended"
#define TIME_FORMATS       "iso", "relative", "epoch"
#define USER_KINDS         "person", "service"
#define CONTACT_KIND_WORDS "employee", "contractor", "partner", "customer", "supplier"
#define MAIL_STATES        "queued", "sending", "sent", "failed", "dropped"
#define MAIL_KINDS         LETTERS_WITH_CODE, LETTERS_WITHOUT
#define MEMBER_STATES      "active", "pending", "suspended", "ended"

struct cli;

struct command {
	const char *noun, *verb;   /* verb NULL: the noun is all */
	const char *args;          /* for help: "NAME..." */
	int least_args, most_args; /* most -1: any number */
	unsigned flags;
	const char *summary; /* one line, lower case, no full stop */
	const struct option *options;
	int (*run)(struct cli *cli); /* returns the exit status */
	const char *more;            /* further lines of the help, or NULL */
	const char *const
	    *columns;    /* of --from beside "name" and, with CMD_FIELDS, fields */
	const char *key; /* the column that names a row; NULL: "name" */
};

extern const struct command commands[];
extern const size_t command_count;

struct cli {
	const struct command *command;
	struct uadm uadm;
	const char **args;
	size_t arg_count;
	struct {
		const struct option *option;
		const char *value;
	} given[CLI_OPTIONS_MOST];
	size_t given_count;
	bool json;
	bool asked;      /* all names were agreed to at once */
	bool stop;       /* no use in going on with the next name */
	char where[300]; /* "FILE:LINE: " of the row that is being done, or "" */
	const char *row; /* what that row, or the argument, names; NULL: none is */
	bool only_row;   /* there is no other */
	int worst;       /* the exit status so far */
	struct printer *printer;
	struct ending ending; /* users whose processes end */
	bool watch;           /* ... also those that turn up in the next seconds */
	struct bulk *bulk;    /* bulk.h; NULL: a result is printed at once */
	/* Before the results of some names are told, if what follows from them is done together */
	void (*settle)(struct cli *cli, bool lost);
	/* where the options of this command are kept while it runs */
	struct option options[CLI_OPTIONS_MOST];
};

/* cli.c: parse argv into *cli. false: said on stderr what is wrong. */
bool cli_parse(struct cli *cli, int argc, char **argv);
bool cli_has(const struct cli *cli, const char *option);
const char *cli_value(
    const struct cli *cli, const char *option); /* the last one, or NULL */
/* The values of an option that repeats, in order; those of a list separated by ',' are several. The
 * words are the caller's to free, after the array. */
char **cli_values(const struct cli *cli, const char *option, size_t *count);
void cli_values_free(char ***values);
/* One of these words, or absent. false: said that it is none. */
bool cli_one_of(
    struct cli *cli, const char *option, const char *const *words, size_t count);
/* A time (times.h), 0 where it is absent. false: said what is wrong. */
bool cli_time(struct cli *cli, const char *option, int64_t *out);
/* Of one that has been: time_parse_past(). */
bool cli_past(struct cli *cli, const char *option, int64_t *out);
/* A number within bounds, or `otherwise` when the option is absent; false: said so. */
bool cli_number(struct cli *cli, const char *option, int64_t least, int64_t most,
    int64_t otherwise, int64_t *out);

/* The options a command takes, its own and those its flags bring; NULL name ends. */
void command_options(const struct command *c, struct option out[CLI_OPTIONS_MOST]);
/* Those alone that its flags bring, fields of a user apart. */
void command_shared_options(
    const struct command *c, struct option out[CLI_OPTIONS_MOST]);

/* "uadmctl: error: ..." and "hint: ..." on stderr; remembers the worst exit status and returns
 * the code's own. `who` may be NULL. With --json also an object on stdout, or the next element
 * of the list that has begun there. */
int cli_fail(struct cli *cli, const char *who, const struct uadm_err *err);
/* The part on stderr alone. */
void cli_say_error(const struct cli *cli, const char *who, const struct uadm_err *err);
int cli_usage(struct cli *cli, const char *fmt, ...) UADM_PRINTF(2, 3);
void cli_warn(const char *fmt, ...) UADM_PRINTF(1, 2);
/* One line, escaped: whatever is in it, it stays one and does nothing to a terminal. */
void say_line(FILE *to, const char *fmt, va_list ap);
/* What an exit status of several results is: the worst. */
int cli_worse(int a, int b);

/* main.c: NSS must show what was changed before we say that it is done. */
void cli_publish(struct cli *cli);

/* help.c */
int cmd_help(struct cli *cli);
void help_command(const struct command *c);
void help_overview(FILE *to);
/* completion.c: print it for this shell; false: there is none. */
bool help_completion(const char *shell);

/* The verbs, one file for each noun. */
int cmd_user_add(struct cli *cli);
int cmd_user_list(struct cli *cli);
int cmd_user_show(struct cli *cli);
int cmd_user_set(struct cli *cli);
int cmd_user_set_password(struct cli *cli);
int cmd_user_reset_password(struct cli *cli);
int cmd_user_invite(struct cli *cli);
int cmd_invite_list(struct cli *cli);
int cmd_invite_resend(struct cli *cli);
int cmd_invite_cancel(struct cli *cli);
int cmd_user_suspend(struct cli *cli);
int cmd_user_resume(struct cli *cli);
int cmd_user_unlock(struct cli *cli);
int cmd_user_delete(struct cli *cli);
int cmd_user_check(struct cli *cli);
int cmd_review_start(struct cli *cli);
int cmd_review_walk(struct cli *cli);
int cmd_review_list(struct cli *cli);
int cmd_review_keep(struct cli *cli);
int cmd_review_revoke(struct cli *cli);
int cmd_review_finish(struct cli *cli);
int cmd_session_list(struct cli *cli);
int cmd_session_terminate(struct cli *cli);
int cmd_user_stale(struct cli *cli);
int cmd_user_clone(struct cli *cli);
int cmd_user_transfer(struct cli *cli);
int cmd_user_tag(struct cli *cli);
int cmd_user_untag(struct cli *cli);
int cmd_tag_list(struct cli *cli);
int cmd_contact_add(struct cli *cli);
int cmd_contact_list(struct cli *cli);
int cmd_contact_show(struct cli *cli);
int cmd_contact_set(struct cli *cli);
int cmd_contact_delete(struct cli *cli);
int cmd_group_add(struct cli *cli);
int cmd_group_list(struct cli *cli);
int cmd_group_show(struct cli *cli);
int cmd_group_add_member(struct cli *cli);
int cmd_group_remove_member(struct cli *cli);
int cmd_group_delete(struct cli *cli);
int cmd_group_top(struct cli *cli);
int cmd_account_add(struct cli *cli);
int cmd_account_list(struct cli *cli);
int cmd_account_show(struct cli *cli);
int cmd_account_set(struct cli *cli);
int cmd_account_suspend(struct cli *cli);
int cmd_account_resume(struct cli *cli);
int cmd_account_delete(struct cli *cli);
int cmd_member_add(struct cli *cli);
int cmd_member_list(struct cli *cli);
int cmd_member_role(struct cli *cli);
int cmd_member_grant(struct cli *cli);
int cmd_member_deny(struct cli *cli);
int cmd_member_suspend(struct cli *cli);
int cmd_member_resume(struct cli *cli);
int cmd_member_revoke(struct cli *cli);
int cmd_role_add(struct cli *cli);
int cmd_role_list(struct cli *cli);
int cmd_role_show(struct cli *cli);
int cmd_role_set(struct cli *cli);
int cmd_role_grant(struct cli *cli);
int cmd_role_deny(struct cli *cli);
int cmd_role_delete(struct cli *cli);
int cmd_right_add(struct cli *cli);
int cmd_right_list(struct cli *cli);
int cmd_right_delete(struct cli *cli);
int cmd_can(struct cli *cli);
int cmd_factor_enroll(struct cli *cli);
int cmd_factor_list(struct cli *cli);
int cmd_factor_remove(struct cli *cli);
int cmd_factor_recovery(struct cli *cli);
int cmd_policy_list(struct cli *cli);
int cmd_policy_show(struct cli *cli);
int cmd_policy_set(struct cli *cli);
int cmd_policy_unset(struct cli *cli);
int cmd_policy_test(struct cli *cli);
int cmd_mail_list(struct cli *cli);
int cmd_mail_show(struct cli *cli);
int cmd_mail_retry(struct cli *cli);
int cmd_mail_drop(struct cli *cli);
int cmd_mail_test(struct cli *cli);
int cmd_mail_deliver(struct cli *cli);
int cmd_store_init(struct cli *cli);
int cmd_store_info(struct cli *cli);
int cmd_store_backup(struct cli *cli);
int cmd_store_restore(struct cli *cli);
int cmd_store_check(struct cli *cli);
int cmd_store_publish(struct cli *cli);
int cmd_audit_list(struct cli *cli);
int cmd_audit_verify(struct cli *cli);
int cmd_audit_reseal(struct cli *cli);
int cmd_host_status(struct cli *cli);
int cmd_maintain(struct cli *cli);
/* Of maintain: put a host back whose trial is over. */
void host_end_trial(struct cli *cli);
int cmd_host_enable(struct cli *cli);
int cmd_host_confirm(struct cli *cli);
int cmd_host_disable(struct cli *cli);

#endif
