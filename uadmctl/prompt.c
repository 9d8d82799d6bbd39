/*
 * prompt.c - questions to a person: yes or no, and passwords.
 */
#include "uadmctl/input.h"

#include "libuadm/base/names.h"
#include "libuadm/ops/passwords.h"
#include "uadmctl/bulk.h"
#include "uadmctl/print.h"
#include "uadmctl/rules.h"
#include "uadmctl/terminal.h"

#include <fcntl.h>
#include <string.h>
#include <termios.h>

enum { NEW_TRIES = 3 };

static bool
may_ask(struct cli *cli, const char *question)
{
	struct uadm_err err = { 0 };

	if (!cli_has(cli, "no-input") && isatty(STDIN_FILENO) == 1)
		return true;
	/* The question itself: what follows it in further lines is for who can answer. */
	uadm_fail(&err, UADM_USAGE, "would have to ask: %.*s",
	    (int)strcspn(question, "\n"), question);
	uadm_hint(&err, "--yes answers it");
	cli_say_error(cli, NULL, &err); /* the question has the name */
	result_not_asked(cli, &err);
	return false;
}

/* Of several names this one alone is left out, and it is a result like others. */
static void
decline(struct cli *cli)
{
	char shown[300];

	if (cli->row == NULL || cli->only_row)
		fputs("uadmctl: nothing was done\n", stderr);
	else
		fprintf(stderr, "uadmctl: %s: left out\n",
		    text_escape(shown, sizeof(shown), cli->row));
	result_declined(cli);
	cli->worst = cli_worse(cli->worst, EXIT_NO);
}

bool
input_confirm(struct cli *cli, const char *question, const char *typed)
{
	char line[256], shown[80];

	if (cli_has(cli, "yes") || cli->uadm.dry_run)
		return true;
	bulk_flush(cli); /* nobody waits for us while we wait for an answer */
	if (!may_ask(cli, question))
		return false;
	if (typed != NULL)
		fprintf(stderr, "%s\nType %s to go on: ", question,
		    text_escape(shown, sizeof(shown), typed));
	else
		fprintf(stderr, "%s [y/N] ", question);
	if (fgets(line, sizeof(line), stdin) == NULL)
		line[0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	if (typed != NULL ? strcmp(line, typed) == 0 : line[0] == 'y' || line[0] == 'Y')
		return true;
	decline(cli);
	return false;
}

/* One line, without its end, also one that ends as in DOS. What does not fit is told as too
 * long. */
static bool
read_line(int fd, struct secret *pw, struct uadm_err *err)
{
	char ch, buf[SECRET_SIZE];
	size_t n = 0;
	ssize_t got;
	bool ok;

	while ((got = read(fd, &ch, 1)) == 1 && ch != '\n' && n < sizeof(buf))
		buf[n++] = ch;
	if (n > 0 && buf[n - 1] == '\r')
		n--;
	if (got < 0)
		uadm_fail(err, UADM_INVALID, "cannot read descriptor %d: %m", fd);
	ok = got >= 0 && secret_set(pw, buf, n, err) == UADM_OK;
	secret_zero(buf, sizeof(buf));
	return ok;
}

/* Ask on the terminal itself: stdin may be a file, and stdout a pipe. */
static bool
ask_hidden(const char *prompt, struct secret *pw, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	bool ok;

	if (tty < 0 || !terminal_without(tty, ECHO)) {
		uadm_fail(
		    err, UADM_USAGE, "there is no terminal to ask for a password on");
		uadm_hint(err, "--password-stdin or --password-fd");
		return false;
	}
	dprintf(tty, "%s", prompt);
	ok = read_line(tty, pw, err);
	terminal_restore();
	dprintf(tty, "\n");
	return ok;
}

/* One that the policy takes, in NFC: nobody types one twice that is not. */
static bool
ask_good(
    struct cli *cli, const struct user *user, struct secret *pw, struct uadm_err *err)
{
	const struct password_question q = { .user = user };
	struct password_verdict v;
	char prompt[120], shown[80];

	snprintf(prompt, sizeof(prompt),
	    "New password for %s: ", text_escape(shown, sizeof(shown), user->name));
	for (int i = 0; i < NEW_TRIES; i++) {
		if (!ask_hidden(prompt, pw, err) ||
		    op_password_judge(&cli->uadm, &q, pw, &v, err) != UADM_OK)
			return false;
		if (v.good)
			return true;
		fputs("Not taken. What a new password needs:\n", stderr);
		print_rules(stderr, &v);
	}
	uadm_fail(err, UADM_INVALID, "no password was given that the policy takes");
	uadm_hint(err, "what it asks for: uadmctl policy list");
	return false;
}

static bool
ask_twice(
    struct cli *cli, const struct user *user, struct secret *pw, struct uadm_err *err)
{
	CLEANUP(secret_wipe) struct secret again = { 0 };

	if (secret_new(&again, err) != UADM_OK || !ask_good(cli, user, pw, err) ||
	    !ask_hidden("Retype new password: ", &again, err))
		return false;
	if (secret_normalize_password(&again, err) == UADM_OK &&
	    secret_equal(pw, &again))
		return true;
	uadm_fail(err, UADM_INVALID, "the two passwords are not the same");
	return false;
}

/* Where the options say that a password comes from; *fd -1: they do not. false: said so. */
static bool
piped_from(struct cli *cli, int *fd)
{
	bool from_stdin = cli_has(cli, "password-stdin");
	int64_t n;

	*fd = -1;
	if (from_stdin && cli_has(cli, "password-fd")) {
		cli_usage(cli, "--password-stdin and --password-fd exclude each other");
		return false;
	}
	if (!cli_number(
		cli, "password-fd", 0, 1 << 20, from_stdin ? STDIN_FILENO : -1, &n))
		return false;
	*fd = (int)n;
	return true;
}

static bool
may_ask_password(const struct cli *cli, struct uadm_err *err)
{
	if (!cli_has(cli, "no-input"))
		return true;
	uadm_fail(err, UADM_USAGE, "would have to ask for a password");
	uadm_hint(err, "--password-stdin or --password-fd");
	return false;
}

bool
input_password(
    struct cli *cli, const struct user *user, bool ask, struct secret *pw, bool *given)
{
	struct uadm_err err = { 0 };
	int fd;

	if (!piped_from(cli, &fd))
		return false;
	*given = ask || fd >= 0;
	if (!*given ||
	    (fd >= 0 ? read_line(fd, pw, &err)
		     : may_ask_password(cli, &err) && ask_twice(cli, user, pw, &err)))
		return true;
	cli_fail(cli, NULL, &err);
	return false;
}

bool
input_password_once(struct cli *cli, const char *prompt, struct secret *pw)
{
	struct uadm_err err = { 0 };
	int fd;

	if (!piped_from(cli, &fd))
		return false;
	if (fd >= 0 ? read_line(fd, pw, &err)
		    : may_ask_password(cli, &err) && ask_hidden(prompt, pw, &err))
		return true;
	cli_fail(cli, NULL, &err);
	return false;
}

bool
input_hash(struct cli *cli, struct secret *hash, bool *given)
{
	static const char *const others[] = { "password", "password-stdin",
		"password-fd", "keep" };
	struct uadm_err err = { 0 };
	int64_t fd = STDIN_FILENO;
	bool from_stdin = cli_has(cli, "hash-stdin"), from_fd = cli_has(cli, "hash-fd");

	*given = from_stdin || from_fd;
	for (size_t i = 0; *given && i < ARRAY_LEN(others); i++)
		if ((from_stdin && from_fd) || cli_has(cli, others[i])) {
			cli_usage(cli, "--hash-stdin and --hash-fd exclude %s%s",
			    from_stdin && from_fd ? "each other" : "--",
			    from_stdin && from_fd ? "" : others[i]);
			return false;
		}
	if (!cli_number(cli, "hash-fd", 0, 1 << 20, STDIN_FILENO, &fd))
		return false;
	if (!*given || read_line((int)fd, hash, &err))
		return true;
	cli_fail(cli, NULL, &err);
	return false;
}
