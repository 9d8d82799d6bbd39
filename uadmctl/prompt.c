/*
 * prompt.c - questions to a person: yes or no, and passwords.
 */
#include "uadmctl/input.h"

#include "libuadm/base/names.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <termios.h>

static bool
may_ask(struct cli *cli, const char *question)
{
	struct uadm_err err = { 0 };

	if (!cli_has(cli, "no-input") && isatty(STDIN_FILENO) == 1)
		return true;
	uadm_fail(&err, UADM_USAGE, "would have to ask: %s", question);
	uadm_hint(&err, "--yes answers it");
	cli_fail(cli, NULL, &err);
	return false;
}

bool
input_confirm(struct cli *cli, const char *question, const char *typed)
{
	char line[256], shown[80];

	if (cli_has(cli, "yes") || cli->uadm.dry_run)
		return true;
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
	fputs("uadmctl: nothing was done\n", stderr);
	cli->worst = cli_worse(cli->worst, EXIT_NO);
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
		uadm_fail(err, UADM_INVALID, "cannot read the password: %m");
	ok = got >= 0 && secret_set(pw, buf, n, err) == UADM_OK;
	secret_zero(buf, sizeof(buf));
	return ok;
}

/* The terminal while its echo is off. Whatever signal ends or stops us puts it back first. */
static struct {
	volatile sig_atomic_t quiet;
	int fd;
	struct termios was;
} terminal;

static void
restore_and_raise(int sig)
{
	if (terminal.quiet)
		tcsetattr(terminal.fd, TCSANOW, &terminal.was);
	terminal.quiet = 0;
	raise(sig); /* with the default action: SA_RESETHAND */
}

static const int ending_signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };

static void
echo_off(int tty, struct sigaction saved[ARRAY_LEN(ending_signals)])
{
	struct sigaction restore = { .sa_handler = restore_and_raise,
		.sa_flags = SA_RESETHAND };
	struct termios quiet = terminal.was;

	for (size_t i = 0; i < ARRAY_LEN(ending_signals); i++)
		sigaction(ending_signals[i], &restore, &saved[i]);
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	terminal.fd = tty;
	terminal.quiet = 1;
	tcsetattr(tty, TCSAFLUSH, &quiet);
}

static void
echo_on(int tty, const struct sigaction saved[ARRAY_LEN(ending_signals)])
{
	tcsetattr(tty, TCSAFLUSH, &terminal.was);
	terminal.quiet = 0;
	for (size_t i = 0; i < ARRAY_LEN(ending_signals); i++)
		sigaction(ending_signals[i], &saved[i], NULL);
}

/* Ask on the terminal itself: stdin may be a file, and stdout a pipe. */
static bool
ask_hidden(const char *prompt, struct secret *pw, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	struct sigaction saved[ARRAY_LEN(ending_signals)];
	bool ok;

	if (tty < 0 || tcgetattr(tty, &terminal.was) != 0) {
		uadm_fail(
		    err, UADM_USAGE, "there is no terminal to ask for a password on");
		uadm_hint(err, "--password-stdin or --password-fd");
		return false;
	}
	echo_off(tty, saved);
	dprintf(tty, "%s", prompt);
	ok = read_line(tty, pw, err);
	echo_on(tty, saved);
	dprintf(tty, "\n");
	return ok;
}

static bool
ask_twice(const char *name, struct secret *pw, struct uadm_err *err)
{
	CLEANUP(secret_wipe) struct secret again = { 0 };
	char prompt[120], shown[80];

	snprintf(prompt, sizeof(prompt),
	    "New password for %s: ", text_escape(shown, sizeof(shown), name));
	if (secret_new(&again, err) != UADM_OK || !ask_hidden(prompt, pw, err) ||
	    !ask_hidden("Retype new password: ", &again, err))
		return false;
	if (secret_equal(pw, &again))
		return true;
	uadm_fail(err, UADM_INVALID, "the two passwords are not the same");
	return false;
}

static bool
get_line(struct cli *cli, const char *name, bool piped, int fd, struct secret *pw,
    struct uadm_err *err)
{
	if (piped)
		return read_line(fd, pw, err);
	if (!cli_has(cli, "no-input"))
		return ask_twice(name, pw, err);
	uadm_fail(err, UADM_USAGE, "would have to ask for a password");
	uadm_hint(err, "--password-stdin or --password-fd");
	return false;
}

bool
input_password(
    struct cli *cli, const char *name, bool ask, struct secret *pw, bool *given)
{
	struct uadm_err err = { 0 };
	int64_t fd = STDIN_FILENO;
	bool from_stdin = cli_has(cli, "password-stdin"),
	     from_fd = cli_has(cli, "password-fd");

	*given = ask || from_stdin || from_fd;
	if (from_stdin && from_fd) {
		cli_usage(cli, "--password-stdin and --password-fd exclude each other");
		return false;
	}
	if (!cli_number(cli, "password-fd", 0, 1 << 20, STDIN_FILENO, &fd)) {
		return false;
	}
	if (!*given || get_line(cli, name, from_stdin || from_fd, (int)fd, pw, &err))
		return true;
	cli_fail(cli, NULL, &err);
	return false;
}
