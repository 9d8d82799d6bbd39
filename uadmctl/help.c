/*
 * help.c - help, completion and the manual's list of commands, all from the one table.
 */
#include "uadmctl/cli.h"

#include "libuadm/policy/settings.h"

#include <string.h>
#include <sysexits.h>

static const char *
space_if(const char *text)
{
	return text == NULL || *text == '\0' ? "" : " ";
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
		fprintf(to, "  %-22s %s\n", words, c->summary);
	}
	fputs(
	    "\nuadmctl help NOUN VERB explains one. Every command takes --json.\n", to);
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
		printf("  %-30s %s\n", words, o->help);
	}
}

void
help_command(const struct command *c)
{
	printf("uadmctl %s%s%s%s%s [--option...]\n\n  %s\n", c->noun, space_if(c->verb),
	    c->verb == NULL ? "" : c->verb, space_if(c->args), c->args, c->summary);
	if (c->more != NULL)
		printf("\n%s\n", c->more);
	puts("\noptions:");
	print_options(c);
}

/* One word for the completion scripts: every option of a command, space separated. */
static void
print_option_words(const struct command *c)
{
	struct option options[CLI_OPTIONS_MOST];

	command_options(c, options);
	for (const struct option *o = options; o->name != NULL; o++)
		printf(" --%s", o->name);
}

static void
complete_bash(void)
{
	puts("# bash completion for uadmctl, made by: uadmctl help --completion bash\n"
	     "_uadmctl() {\n"
	     "\tlocal cur=${COMP_WORDS[COMP_CWORD]} words=\n"
	     "\tcase \"$COMP_CWORD:${COMP_WORDS[1]}:${COMP_WORDS[2]}\" in");
	fputs("\t1:*) words='", stdout);
	for (size_t i = 0; i < command_count; i++)
		if (i == 0 || strcmp(commands[i].noun, commands[i - 1].noun) != 0)
			printf("%s%s", i == 0 ? "" : " ", commands[i].noun);
	puts("' ;;");
	for (size_t i = 0; i < command_count; i++) {
		if (i > 0 && strcmp(commands[i].noun, commands[i - 1].noun) == 0)
			continue;
		printf("\t2:%s:*) words='", commands[i].noun);
		for (size_t j = i; j < command_count &&
		     strcmp(commands[j].noun, commands[i].noun) == 0;
		     j++)
			if (commands[j].verb != NULL)
				printf("%s%s", j == i ? "" : " ", commands[j].verb);
			else
				print_option_words(&commands[j]);
		puts("' ;;");
	}
	for (size_t i = 0; i < command_count; i++) {
		if (commands[i].verb == NULL)
			continue;
		printf("\t*:%s:%s) words='", commands[i].noun, commands[i].verb);
		print_option_words(&commands[i]);
		puts("' ;;");
	}
	puts("\tesac\n"
	     "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
	     "}\n"
	     "complete -o default -F _uadmctl uadmctl");
}

static void
complete_zsh(void)
{
	puts("#compdef uadmctl\n"
	     "# zsh completion for uadmctl, made by: uadmctl help --completion zsh\n"
	     "autoload -U +X bashcompinit && bashcompinit");
	complete_bash();
}

static void
complete_fish(void)
{
	puts("# fish completion for uadmctl, made by: uadmctl help --completion fish\n"
	     "complete -c uadmctl -f");
	for (size_t i = 0; i < command_count; i++) {
		const struct command *c = &commands[i];
		struct option options[CLI_OPTIONS_MOST];

		if (i == 0 || strcmp(c->noun, commands[i - 1].noun) != 0)
			printf("complete -c uadmctl -n __fish_use_subcommand -a %s\n",
			    c->noun);
		if (c->verb == NULL)
			continue;
		printf(
		    "complete -c uadmctl -n '__fish_seen_subcommand_from %s' -a %s -d '%s'\n",
		    c->noun, c->verb, c->summary);
		command_options(c, options);
		for (const struct option *o = options; o->name != NULL; o++)
			printf(
			    "complete -c uadmctl -n '__fish_seen_subcommand_from %s; and "
			    "__fish_seen_subcommand_from %s' -l %s\n",
			    c->noun, c->verb, o->name);
	}
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
		for (const struct option *o = c->options; o != NULL && o->name != NULL;
		     o++)
			manual_option(o);
	}
}

/* POLICY of uadmctl(8). */
static void
manual_policy(void)
{
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
	}
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
			printf("  uadmctl %s %-14s %s\n", c->noun, c->verb, c->summary);
		any = true;
	}
	return any ? 0 : cli_usage(cli, "no help on that");
}

int
cmd_help(struct cli *cli)
{
	static const struct {
		const char *shell;
		void (*print)(void);
	} shells[] = { { "bash", complete_bash }, { "zsh", complete_zsh },
		{ "fish", complete_fish } };
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
	if (manual != NULL)
		return cli_usage(cli, "--manual knows commands and policy");
	for (size_t i = 0; shell != NULL && i < ARRAY_LEN(shells); i++)
		if (strcmp(shell, shells[i].shell) == 0) {
			shells[i].print();
			return 0;
		}
	if (shell != NULL)
		return cli_usage(cli, "--completion knows bash, zsh and fish");
	if (cli->arg_count > 0)
		return help_noun(cli);
	help_overview(stdout);
	return 0;
}
