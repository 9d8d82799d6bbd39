/*
 * cli.c - from argv to a command, its arguments and its options.
 */
#include "uadmctl/cli.h"

#include "libuadm/base/names.h"
#include "libuadm/base/number.h"
#include "libuadm/base/times.h"
#include "libuadm/ops/fields.h"
#include "uadmctl/bulk.h"
#include "uadmctl/print.h"
#include "uadmctl/progress.h"
#include "uadmctl/unknown.h"

#include <stdarg.h>
#include <string.h>
#include <sysexits.h>

static const struct option common[] = {
	{ "help", 'h', NULL, "explain this command", false },
	{ "json", 0, NULL, "print JSON", false },
	{ "utc", 0, NULL, "read and write times in UTC", false },
	{ "time-format", 0, "FORM",
	    "times as iso, relative or epoch (JSON has its own)", false },
	{ "conf", 0, "FILE", "this configuration instead of the host's", false },
	{ 0 },
};

/* Without a command. */
static const struct option bare[] = {
	{ "help", 'h', NULL, "explain", false },
	{ "version", 'V', NULL, "print the version", false },
	{ 0 },
};

static const struct option by_flag[] = {
	{ "dry-run", 0, NULL, "say what would be done, and change nothing", false },
	{ "from", 0, "FILE",
	    "read names, or CSV with a header, from FILE (- = standard input)", false },
	{ "yes", 'y', NULL, "do not ask", false },
	{ "no-input", 0, NULL, "fail rather than ask", false },
	{ "output", 'o', "COL,...", "these columns", false },
	{ "noheadings", 0, NULL, "no line of headings", false },
	{ "raw", 0, NULL, "no alignment: columns separated by one space", false },
	{ "as", 0, "USER", "with the rights of this user and no more", false },
	{ "break-glass", 0, NULL,
	    "even if an account is left without an able administrator", false },
	{ 0 },
};
static const unsigned by_flag_mask[] = { CMD_CHANGES, CMD_MANY, CMD_DESTROYS,
	CMD_DESTROYS | CMD_ASKS, CMD_LIST, CMD_LIST, CMD_LIST, CMD_STORE, CMD_GUARDED };

static const char *const type_args[] = {
	[FIELD_NAME] = "TEXT",
	[FIELD_TEXT] = "TEXT",
	[FIELD_EMAIL] = "ADDRESS",
	[FIELD_MOBILE] = "NUMBER",
	[FIELD_HOME] = "DIR",
	[FIELD_SHELL] = "PROGRAM",
	[FIELD_ZONE] = "ZONE",
	[FIELD_TIME] = "DATE",
};

/* "first_name" is --first-name. */
static const char *
field_option_name(const struct field *f)
{
	static char names[32][32];
	size_t i = (size_t)(f - user_fields);

	snprintf(names[i], sizeof(names[i]), "%s", f->key);
	for (char *p = names[i]; *p != '\0'; p++)
		if (*p == '_')
			*p = '-';
	return names[i];
}

void
command_shared_options(const struct command *c, struct option out[CLI_OPTIONS_MOST])
{
	size_t n = 0;

	for (size_t i = 0; by_flag[i].name != NULL; i++)
		if ((c->flags & by_flag_mask[i]) != 0)
			out[n++] = by_flag[i];
	out[n] = (struct option){ 0 };
}

void
command_options(const struct command *c, struct option out[CLI_OPTIONS_MOST])
{
	size_t n = 0;

	for (const struct option *o = c->options; o != NULL && o->name != NULL; o++)
		out[n++] = *o;
	for (size_t i = 0; (c->flags & CMD_FIELDS) != 0 && i < user_field_count; i++)
		/* What a row is called by is no option. */
		if (c->key == NULL || strcmp(user_fields[i].key, c->key) != 0)
			out[n++] = (struct option){ field_option_name(&user_fields[i]),
				0, type_args[user_fields[i].type], "set this field",
				false };
	command_shared_options(c, out + n);
	while (out[n].name != NULL)
		n++;
	/* Help is text, whatever else is asked for. */
	for (const struct option *o = common; o->name != NULL; o++)
		if (c->run != cmd_help || o == common)
			out[n++] = *o;
	out[n] = (struct option){ 0 };
}

int
cli_worse(int a, int b)
{
	return a > b ? a : b;
}

void
say_line(FILE *to, const char *fmt, va_list ap)
{
	char *text = NULL, *shown;
	size_t size;

	if (vasprintf(&text, fmt, ap) < 0)
		abort();
	size = 4 * strlen(text) + sizeof("...");
	if ((shown = malloc(size)) == NULL)
		abort();
	fprintf(to, "%s\n", text_escape(shown, size, text));
	free(shown);
	free(text);
}

static void UADM_PRINTF(1, 2) say_error_line(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_line(stderr, fmt, ap);
	va_end(ap);
}

void
cli_say_error(const struct cli *cli, const char *who, const struct uadm_err *err)
{
	/* "dev1: dev1 does not belong to acme" */
	const size_t n = who == NULL ? 0 : strlen(who);

	if (n > 0 && strncmp(err->msg, who, n) == 0 && err->msg[n] == ' ')
		who = NULL;
	progress_hide();
	say_error_line("uadmctl: error: %s%s%s%s", cli->where, who == NULL ? "" : who,
	    who == NULL ? "" : ": ", err->msg);
	if (err->hint[0] != '\0')
		say_error_line("hint: %s", err->hint);
}

int
cli_fail(struct cli *cli, const char *who, const struct uadm_err *err)
{
	int status = uadm_exit_status(err->code);

	cli_say_error(cli, who, err);
	bulk_failed(cli);
	if (cli->json)
		print_error(cli, who, err);
	cli->worst = cli_worse(cli->worst, status);
	return status;
}

int
cli_usage(struct cli *cli, const char *fmt, ...)
{
	const struct command *c = cli->command;
	struct uadm_err err = { .code = UADM_USAGE };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err.msg, sizeof(err.msg), fmt, ap);
	va_end(ap);
	if (c != NULL)
		uadm_hint(&err, "uadmctl help %s%s%s", c->noun,
		    c->verb == NULL ? "" : " ", c->verb == NULL ? "" : c->verb);
	return cli_fail(cli, NULL, &err);
}

void
cli_warn(const char *fmt, ...)
{
	va_list ap;

	progress_hide();
	fputs("uadmctl: warning: ", stderr);
	va_start(ap, fmt);
	say_line(stderr, fmt, ap);
	va_end(ap);
}

static bool
find_command(struct cli *cli)
{
	bool noun_known = false;

	for (size_t i = 0; i < command_count; i++) {
		const struct command *c = &commands[i];

		if (strcmp(c->noun, cli->args[0]) != 0)
			continue;
		noun_known = true;
		if (c->verb == NULL ||
		    (cli->arg_count > 1 && strcmp(c->verb, cli->args[1]) == 0)) {
			size_t used = c->verb == NULL ? 1 : 2;

			cli->command = c;
			cli->args += used;
			cli->arg_count -= used;
			return true;
		}
	}
	if (!noun_known)
		unknown_noun(cli);
	else
		unknown_verb(cli);
	return false;
}

static const struct option *
find_option(const struct cli *cli, const char *name, size_t len, char letter)
{
	for (const struct option *o = cli->options; o->name != NULL; o++)
		if (letter != 0
			? o->letter == letter
			: strlen(o->name) == len && strncmp(o->name, name, len) == 0)
			return o;
	return NULL;
}

static bool
keep_option(struct cli *cli, const struct option *o, const char *value)
{
	if (!o->repeats && cli_has(cli, o->name)) {
		cli_usage(cli, "--%s is given twice", o->name);
		return false;
	}
	if (cli->given_count == ARRAY_LEN(cli->given)) {
		cli_usage(cli, "too many options");
		return false;
	}
	cli->given[cli->given_count].option = o;
	cli->given[cli->given_count++].value = value;
	return true;
}

/* One "--name", "--name=value", "-n" or "-nvalue"; *i moves on when the value is the next. */
static bool
parse_option(struct cli *cli, int argc, char **argv, int *i)
{
	const char *word = argv[*i], *value = NULL;
	bool is_long = word[1] == '-';
	size_t len = is_long ? strcspn(word + 2, "=") : 0;
	const struct option *o = find_option(cli, word + 2, len, is_long ? 0 : word[1]);

	if (o == NULL && !is_long && word[1] >= '0' && word[1] <= '9') {
		char shown[60];

		cli_usage(cli, "\"%s\": nothing here can be negative",
		    text_escape(shown, sizeof(shown), word));
		return false;
	}
	if (o == NULL) {
		char name[64];

		snprintf(name, sizeof(name), "%.*s", is_long ? (int)len : 1,
		    word + (is_long ? 2 : 1));
		unknown_option(cli, name, is_long);
		return false;
	}
	if (is_long && word[2 + len] == '=')
		value = word + 2 + len + 1;
	else if (!is_long && word[2] != '\0')
		value = word + 2;
	if (o->arg == NULL && value != NULL) {
		cli_usage(cli, "--%s takes no value", o->name);
		return false;
	}
	if (o->arg != NULL && value == NULL) {
		if (*i + 1 >= argc) {
			cli_usage(cli, "--%s needs a value (%s)", o->name, o->arg);
			return false;
		}
		value = argv[++*i];
		/* `--first-name --last-name Doe` has lost a value; `--first-name=--x` means it. */
		if (strncmp(value, "--", 2) == 0 &&
		    find_option(cli, value + 2, strcspn(value + 2, "="), 0) != NULL) {
			cli_usage(cli, "--%s needs a value (%s), and %s is an option",
			    o->name, o->arg, value);
			return false;
		}
	}
	return keep_option(cli, o, value);
}

static bool
check_arguments(struct cli *cli)
{
	const struct command *c = cli->command;

	if (cli_has(cli, "help"))
		return true;
	for (size_t i = 0; c->run == cmd_policy_set && i < cli->arg_count; i++)
		if (strchr(cli->args[i], '=') != NULL) {
			char shown[80];

			cli_usage(cli, "KEY and VALUE are two arguments: \"%s\" is one",
			    text_escape(shown, sizeof(shown), cli->args[i]));
			return false;
		}
	if (cli->arg_count < (size_t)c->least_args) {
		cli_usage(cli, "missing argument: %s", c->args);
		return false;
	}
	if (c->most_args >= 0 && cli->arg_count > (size_t)c->most_args) {
		char shown[80];

		cli_usage(cli, "too many arguments, from \"%s\" on",
		    text_escape(shown, sizeof(shown), cli->args[c->most_args]));
		return false;
	}
	return true;
}

/* Known before the rest: a program that asked for JSON gets it of a call that is wrong, too. */
static bool
asks_json(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--json") == 0)
			return true;
	return false;
}

static bool
asks_help(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	return false;
}

/* No command: --help, --version, or nothing at all. Always false: there is nothing to run. */
static bool
parse_bare(struct cli *cli, int argc, char **argv)
{
	memcpy(cli->options, bare, sizeof(bare));
	for (int i = 1; i < argc; i++)
		if (!parse_option(cli, argc, argv, &i))
			return false;
	cli->worst = 0;
	if (cli_has(cli, "version")) {
		printf("uadmctl %s\n", UADM_VERSION);
	} else if (cli_has(cli, "help")) {
		help_overview(stdout);
	} else {
		help_overview(stderr);
		cli->worst = EX_USAGE;
	}
	return false;
}

/* The command is known by the first two words that are no options, so that options may stand
 * anywhere; those before the command are looked up once it is known. */
bool
cli_parse(struct cli *cli, int argc, char **argv)
{
	bool only_args = false;
	size_t n = 0;

	cli->worst = EX_USAGE;
	cli->json = asks_json(argc, argv);
	cli->args = calloc((size_t)argc + 1, sizeof(*cli->args));
	if (cli->args == NULL)
		return false;
	for (int i = 1; i < argc && n < 2 && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--conf") == 0 || strcmp(argv[i], "--as") == 0 ||
		    strcmp(argv[i], "--time-format") == 0)
			i++; /* those before the command that take a value */
		else if (argv[i][0] != '-')
			cli->args[n++] = argv[i];
	cli->arg_count = n;
	const char **all = cli->args;
	if (n == 0)
		return parse_bare(cli, argc, argv);
	if (n == 1 && asks_help(argc, argv)) {
		/* "uadmctl user --help" is "uadmctl help user" */
		cli->command = &commands[command_count - 1];
		cli->worst = 0;
		return true;
	}
	if (!find_command(cli))
		return false;
	command_options(cli->command, cli->options);
	n = 0;
	for (int i = 1; i < argc; i++) {
		if (!only_args && strcmp(argv[i], "--") == 0)
			only_args = true;
		else if (!only_args && argv[i][0] == '-' && argv[i][1] != '\0') {
			if (!parse_option(cli, argc, argv, &i))
				return false;
		} else {
			all[n++] = argv[i];
		}
	}
	size_t used = (size_t)(cli->args - all);
	cli->arg_count = n - used;
	if (!check_arguments(cli))
		return false;
	cli->worst = 0;
	return true;
}
