#include "uadmctl/input.h"

#include "libuadm/base/names.h"
#include "uadmctl/csv.h"
#include "uadmctl/print.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sysexits.h>
#include <termios.h>

static bool
may_ask(struct cli *cli, const char *question)
{
	if (!cli_has(cli, "no-input") && isatty(STDIN_FILENO) == 1)
		return true;
	fprintf(stderr,
	    "uadmctl: error: would have to ask: %s\nhint: --yes answers it\n",
	    question);
	cli->worst = cli_worse(cli->worst, EX_USAGE);
	return false;
}

bool
input_confirm(struct cli *cli, const char *question, const char *typed)
{
	char line[256];

	if (cli_has(cli, "yes") || cli->uadm.dry_run)
		return true;
	if (!may_ask(cli, question))
		return false;
	if (typed != NULL)
		fprintf(stderr, "%s\nType %s to go on: ", question, typed);
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

/* One line, without its end. A password that does not fit is told as too long. */
static bool
read_line(int fd, struct secret *pw, struct uadm_err *err)
{
	char ch, buf[SECRET_SIZE];
	size_t n = 0;
	ssize_t got;
	bool ok;

	while ((got = read(fd, &ch, 1)) == 1 && ch != '\n' && n < sizeof(buf))
		buf[n++] = ch;
	if (got < 0)
		uadm_fail(err, UADM_INVALID, "cannot read the password: %m");
	ok = got >= 0 && secret_set(pw, buf, n, err) == UADM_OK;
	secret_zero(buf, sizeof(buf));
	return ok;
}

/* Ask on the terminal itself: stdin may be a file, and stdout a pipe. Signals wait until the
 * echo is on again. */
static bool
ask_hidden(const char *prompt, struct secret *pw, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	struct termios was, quiet;
	sigset_t block, before;
	bool ok;

	if (tty < 0 || tcgetattr(tty, &was) != 0) {
		uadm_fail(
		    err, UADM_USAGE, "there is no terminal to ask for a password on");
		uadm_hint(err, "--password-stdin or --password-fd");
		return false;
	}
	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigaddset(&block, SIGTSTP);
	sigaddset(&block, SIGQUIT);
	sigprocmask(SIG_BLOCK, &block, &before);
	quiet = was;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(tty, TCSAFLUSH, &quiet);
	dprintf(tty, "%s", prompt);
	ok = read_line(tty, pw, err);
	tcsetattr(tty, TCSAFLUSH, &was);
	dprintf(tty, "\n");
	sigprocmask(SIG_SETMASK, &before, NULL);
	return ok;
}

static bool
ask_twice(const char *name, struct secret *pw, struct uadm_err *err)
{
	CLEANUP(secret_wipe) struct secret again = { 0 };
	char prompt[120];

	snprintf(prompt, sizeof(prompt), "New password for %s: ", name);
	if (secret_new(&again, err) != UADM_OK || !ask_hidden(prompt, pw, err) ||
	    !ask_hidden("Retype new password: ", &again, err))
		return false;
	if (secret_equal(pw, &again))
		return true;
	uadm_fail(err, UADM_INVALID, "the two passwords are not the same");
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
		cli->worst = EX_USAGE;
		return false;
	}
	if (!*given ||
	    (from_stdin || from_fd ? read_line((int)fd, pw, &err)
		    : cli_has(cli, "no-input")
		    ? (uadm_fail(&err, UADM_USAGE, "would have to ask for a password"),
			  false)
		    : ask_twice(name, pw, &err)))
		return true;
	cli_fail(cli, NULL, &err);
	return false;
}

static void
bad_line(struct cli *cli, const char *file, size_t line, const char *why)
{
	struct uadm_err err = { 0 };
	char where[300];

	snprintf(where, sizeof(where), "%s:%zu",
	    strcmp(file, "-") == 0 ? "stdin" : file, line);
	uadm_fail(&err, UADM_INVALID, "%s", why);
	result_failed(cli, where, &err);
}

/* A header is a first row that has a cell called "name" and is not just that by chance: any
 * file with more than one column needs one. */
static size_t
find_name_column(const struct csv *c)
{
	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->cells[i], "name") == 0)
			return i;
	return CSV_CELLS_MOST;
}

struct header {
	char *text;
	const char *keys[CSV_CELLS_MOST];
	size_t count, name;
};

static void
header_free(struct header *h)
{
	free(h->text);
}

static bool
keep_header(struct header *h, const struct csv *c)
{
	h->text = malloc(sizeof(c->buf));
	if (h->text == NULL)
		return false;
	memcpy(h->text, c->buf, sizeof(c->buf));
	for (size_t i = 0; i < c->count; i++)
		h->keys[i] = h->text + (c->cells[i] - c->buf);
	h->count = c->count;
	h->name = find_name_column(c);
	return true;
}

static void
give_row(struct cli *cli, const char *file, struct csv *c, const struct header *h,
    void (*found)(struct cli *, const struct input_row *))
{
	struct input_row row = { .line = c->line, .name = c->cells[0] };

	if (c->count > h->count) {
		bad_line(cli, file, c->line,
		    h->count == 1
			? "more than one column needs a header with a column \"name\""
			: "more cells than the header has");
		return;
	}
	for (size_t i = c->count; i < h->count; i++)
		c->cells[i] = "";
	if (h->text != NULL) {
		row.name = c->cells[h->name];
		row.keys = h->keys;
		row.values = c->cells;
		row.count = h->count;
	}
	found(cli, &row);
}

static bool
each_line(struct cli *cli, const char *file, FILE *from,
    void (*found)(struct cli *, const struct input_row *))
{
	CLEANUP(cleanup_free) struct csv *c = calloc(1, sizeof(*c));
	CLEANUP(header_free) struct header h = { .count = 1 };
	enum csv_answer answer;
	const char *why;
	bool first = true;

	if (c == NULL)
		return false;
	c->from = from;
	while ((answer = csv_read(c, &why)) != CSV_END) {
		if (answer == CSV_BAD)
			bad_line(cli, file, c->line, why);
		else if (first && find_name_column(c) < CSV_CELLS_MOST) {
			if (!keep_header(&h, c))
				return false;
		} else {
			give_row(cli, file, c, &h, found);
		}
		first = false;
	}
	return true;
}

bool
input_each(
    struct cli *cli, size_t skip, void (*found)(struct cli *, const struct input_row *))
{
	const char *file = cli_value(cli, "from");
	CLEANUP(cleanup_file) FILE *opened = NULL;

	if (file != NULL && cli->arg_count > skip) {
		cli_usage(cli,
		    "names come from the command line or from --from, not from both");
		return false;
	}
	if (file == NULL && cli->arg_count <= skip) {
		cli_usage(cli, "no names are given");
		return false;
	}
	for (size_t i = skip; i < cli->arg_count; i++)
		found(cli, &(struct input_row){ .name = cli->args[i] });
	if (file == NULL)
		return true;
	if (strcmp(file, "-") != 0 && (opened = fopen(file, "re")) == NULL) {
		fprintf(stderr, "uadmctl: error: cannot open %s: %m\n", file);
		cli->worst = cli_worse(cli->worst, EX_USAGE);
		return false;
	}
	return each_line(cli, file, opened != NULL ? opened : stdin, found);
}
