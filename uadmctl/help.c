/*
 * help.c - help and the manual's list of commands, all from the one table.
 */
#include "uadmctl/cli.h"

#include "libuadm/policy/delegation.h"
#include "libuadm/policy/settings.h"

#include <string.h>
#include <sysexits.h>

enum { WIDTH = 80 };

static const char *
space_if(const char *text)
{
	return text == NULL || *text == '\0' ? "" : " ";
}

/* Words from column `at` on, where the line stands already; further lines begin there too. An
 * end of line in the text is a space. */
static void
put_wrapped(FILE *to, int at, const char *text)
{
	int used = at;

	while (*text != '\0') {
		int n = (int)strcspn(text, " \n");
		bool first = used == at;

		if (!first && used + 1 + n > WIDTH) {
			fprintf(to, "\n%*s", at, "");
			used = at;
			first = true;
		}
		fprintf(to, "%s%.*s", first ? "" : " ", n, text);
		used += n + (first ? 0 : 1);
		text += n;
		text += strspn(text, " \n");
	}
	fputc('\n', to);
}

/* `words` in a column up to `at`, and `text` beside or, where they are too long, below. */
static void
put_beside(FILE *to, const char *words, int at, const char *text)
{
	int used = fprintf(to, "  %s", words);

	if (used >= at)
		fprintf(to, "\n%*s", at, "");
	else
		fprintf(to, "%*s", at - used, "");
	put_wrapped(to, at, text);
}

void
help_overview(FILE *to)
{
	const char *noun = "";

	fprintf(to,
	    "uadmctl %s - users of this host who are managed by uadm\n\n"
	    "usage: uadmctl NOUN VERB [ARGUMENT...] [--option...]\n",
	    UADM_VERSION);
	for (size_t i = 0; i < command_count; i++) {
		const struct command *c = &commands[i];
		char words[60];

		if (strcmp(noun, c->noun) != 0)
			fputc('\n', to);
		noun = c->noun;
		snprintf(words, sizeof(words), "%s%s%s", c->noun, space_if(c->verb),
		    c->verb == NULL ? "" : c->verb);
		put_beside(to, words, 25, c->summary);
	}
	fputs(
	    "\nuadmctl help NOUN VERB explains one. Every command but help takes --json.\n",
	    to);
}

static void
print_options(const struct command *c)
{
	struct option options[CLI_OPTIONS_MOST];

	command_options(c, options);
	for (const struct option *o = options; o->name != NULL; o++) {
		char words[60], letter[8] = "    ";

		if (o->letter != 0)
			snprintf(letter, sizeof(letter), "-%c, ", o->letter);
		snprintf(words, sizeof(words), "%s--%s%s%s", letter, o->name,
		    space_if(o->arg), o->arg == NULL ? "" : o->arg);
		put_beside(stdout, words, 33, o->help);
	}
}

void
help_command(const struct command *c)
{
	printf("uadmctl %s%s%s%s%s [--option...]\n\n  ", c->noun, space_if(c->verb),
	    c->verb == NULL ? "" : c->verb, space_if(c->args), c->args);
	put_wrapped(stdout, 2, c->summary);
	if (c->more != NULL) {
		putchar('\n');
		put_wrapped(stdout, 0, c->more);
	}
	puts("\noptions:");
	print_options(c);
}

/* A dash that a reader can copy, and nothing that troff takes for a request. */
static void
manual_text(const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", stdout);
	for (; *text != '\0'; text++)
		if (*text == '-')
			fputs("\\-", stdout);
		else
			putchar(*text);
}

static void
manual_option(const struct option *o)
{
	fputs(".TP\n.B ", stdout);
	manual_text("--");
	manual_text(o->name);
	if (o->arg != NULL)
		printf(" \\fI%s\\fR", o->arg);
	putchar('\n');
	manual_text(o->help);
	putchar('\n');
}

/* What several commands share is explained once, in CONVENTIONS: here it is only named. */
static void
manual_shared(const struct command *c)
{
	struct option shared[CLI_OPTIONS_MOST];
	const char *between = "Also: ";

	command_shared_options(c, shared);
	for (const struct option *o = shared; o->name != NULL; o++) {
		printf("%s\\fB", between);
		manual_text("--");
		manual_text(o->name);
		fputs("\\fR", stdout);
		between = ", ";
	}
	if (shared[0].name != NULL)
		puts(".");
}

/* COMMANDS of uadmctl(8), in man(7): the build puts it into the page. */
static void
manual_commands(void)
{
	for (size_t i = 0; i < command_count; i++) {
		const struct command *c = &commands[i];

		fputs(".SS ", stdout);
		manual_text(c->noun);
		fputs(space_if(c->verb), stdout);
		manual_text(c->verb == NULL ? "" : c->verb);
		printf(" \\fI%s\\fR\n", c->args);
		manual_text(c->summary);
		puts(".");
		if (c->more != NULL) {
			manual_text(c->more);
			putchar('\n');
		}
		manual_shared(c);
		for (const struct option *o = c->options; o != NULL && o->name != NULL;
		     o++)
			manual_option(o);
	}
}

/* POLICY of uadmctl(8). */
static void
manual_policy(void)
{
	static const char *const stricter[] = {
		[SETTING_OF_HOST] = "none, it is the host's",
		[SETTING_FREE] = "as its administrators like",
		[SETTING_LESS] = "less is stricter",
		[SETTING_LESS_ENDLESS] = "less is stricter, 0 the laxest",
		[SETTING_MORE] = "more is stricter",
		[SETTING_MORE_ENDLESS] = "more is stricter, 0 the strictest",
	};
	char text[SETTING_SIZE];

	for (size_t i = 0; i < setting_count; i++) {
		const struct setting *s = &settings[i];

		fputs(".TP\n.B ", stdout);
		manual_text(s->key);
		putchar('\n');
		manual_text(s->meaning);
		printf("%s\nShipped: ",
		    s->meaning[strlen(s->meaning) - 1] == '?' ? "" : ".");
		manual_text(setting_text(s, s->shipped, text));
		if (s->unit != SETTING_YESNO) {
			printf("; from %s", setting_text(s, s->least, text));
			printf(" to %s", setting_text(s, s->most, text));
		}
		puts(".");
		if (s->zero != NULL)
			printf("0: %s.\n", s->zero);
		printf(".br\nOf an account: %s.\n",
		    s->unit == SETTING_YESNO && s->strict == SETTING_MORE
			? "yes is stricter"
			: stricter[s->strict]);
	}
}

static void
manual_needs(const struct act_rule *rule)
{
	static const char *const names[] = {
		[RIGHT_USER_READ] = "Any_User_read",
		[RIGHT_USER_WRITE] = "Any_User_Write",
		[RIGHT_ROLE_WRITE] = "Any_Role_Write",
		[RIGHT_ACCOUNT_WRITE] = "Account_Write",
	};
	static const char *const where[] = {
		[ACT_WHERE_ROOT] = "root only",
		[ACT_WHERE_ANYONE] = "nothing",
		[ACT_WHERE_ACCOUNT] = "in the account",
		[ACT_WHERE_PRINCIPAL] = "in the user\\(cqs principal account",
		[ACT_WHERE_SHARED] = "in any account of the user",
	};
	static const char *const caps[] = {
		[ACT_CAP_NONE] = "",
		[ACT_CAP_ACCOUNT] = "; all that the user holds in it",
		[ACT_CAP_PRINCIPAL] =
		    "; all that the user holds in it; their groups beside those of accounts",
		[ACT_CAP_ALL] =
		    "; all that the user holds in any account; all their groups",
	};

	for (size_t i = 0; i < ARRAY_LEN(rule->needs) && rule->needs[i] != 0; i++)
		printf("%s%s", i > 0 ? " and " : "", names[rule->needs[i]]);
	printf("%s%s%s%s.\n", rule->needs[0] != 0 ? " " : "", where[rule->where],
	    caps[rule->cap], rule->not_self ? "; not to oneself" : "");
}

/* RIGHTS of uadmctl(8): the table that decides. */
static void
manual_rights(void)
{
	for (int act = ACT_NONE + 1; act < ACT_COUNT; act++) {
		fputs(".TP\n.B ", stdout);
		manual_text(act_rules[act].verb);
		putchar('\n');
		manual_needs(&act_rules[act]);
	}
}

static void
help_verb(const struct command *c)
{
	char words[60];

	snprintf(words, sizeof(words), "uadmctl %s %s", c->noun, c->verb);
	put_beside(stdout, words, 33, c->summary);
}

static int
help_noun(struct cli *cli)
{
	bool any = false;

	for (size_t i = 0; i < command_count; i++) {
		const struct command *c = &commands[i];

		if (strcmp(c->noun, cli->args[0]) != 0)
			continue;
		if (cli->arg_count > 1 &&
		    (c->verb == NULL || strcmp(c->verb, cli->args[1]) != 0))
			continue;
		if (cli->arg_count > 1 || c->verb == NULL)
			help_command(c);
		else
			help_verb(c);
		any = true;
	}
	return any ? 0 : cli_usage(cli, "no help on that");
}

int
cmd_help(struct cli *cli)
{
	const char *shell = cli_value(cli, "completion");
	const char *manual = cli_value(cli, "manual");

	if (manual != NULL && strcmp(manual, "commands") == 0) {
		manual_commands();
		return 0;
	}
	if (manual != NULL && strcmp(manual, "policy") == 0) {
		manual_policy();
		return 0;
	}
	if (manual != NULL && strcmp(manual, "rights") == 0) {
		manual_rights();
		return 0;
	}
	if (manual != NULL)
		return cli_usage(cli, "--manual knows commands, policy and rights");
	if (shell != NULL && help_completion(shell))
		return 0;
	if (shell != NULL)
		return cli_usage(cli, "--completion knows bash, zsh and fish");
	if (cli->arg_count > 0)
		return help_noun(cli);
	help_overview(stdout);
	return 0;
}
