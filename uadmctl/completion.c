/*
 * completion.c - completion for bash, zsh and fish, from the table of commands.
 *
 * Threat: a name in the store that other hands have put there. bash's compgen expands the words it
 * is given, as root: so what comes from the store is cut down to the characters that names have.
 */
#include "uadmctl/cli.h"

#include "libuadm/policy/settings.h"

#include <string.h>

/* Names are in the store, and that is root's: nobody else is even asked for a password. */
#define LIST_NAMES                                                                     \
	"list -o name --noheadings --raw 2>/dev/null | tr -cd 'A-Za-z0-9_.\\n-'"

#define FISH_VERB                                                                      \
	"complete -c uadmctl -n '__fish_seen_subcommand_from %s; and "                 \
	"__fish_seen_subcommand_from %s'"

static const char *const statuses[] = { USER_STATUSES };
static const char *const kinds[] = { USER_KINDS, CONTACT_KIND_WORDS, MAIL_KINDS };
static const char *const states[] = { MEMBER_STATES, MAIL_STATES };
static const char *const formats[] = { TIME_FORMATS };
static const char *const shell_names[] = { "bash", "zsh", "fish" };

/* Options whose value is one of a few words, or a name. */
static const struct {
	const char *option;
	const char *const *words;
	size_t count;
	const char *names; /* "user", "group", "account", "role", "right" */
} values[] = {
	{ "status", statuses, ARRAY_LEN(statuses), NULL },
	{ "kind", kinds, ARRAY_LEN(kinds), NULL },
	{ "completion", shell_names, ARRAY_LEN(shell_names), NULL },
	{ "group", NULL, 0, "group" },
	{ "groups", NULL, 0, "group" },
	{ "user", NULL, 0, "user" },
	{ "as", NULL, 0, "user" },
	{ "account", NULL, 0, "account" },
	{ "role", NULL, 0, "role" },
	{ "then", NULL, 0, "role" },
	{ "default-role", NULL, 0, "role" },
	{ "right", NULL, 0, "right" },
	{ "state", states, ARRAY_LEN(states), NULL },
	{ "time-format", formats, ARRAY_LEN(formats), NULL },
};

static bool
first_of_noun(size_t i)
{
	return i == 0 || strcmp(commands[i].noun, commands[i - 1].noun) != 0;
}

/* What the first argument is named after, where the others are users. */
static const char *
first_of(const struct command *c)
{
	if (strncmp(c->args, "GROUP", 5) == 0)
		return "group";
	return strncmp(c->args, "ACCOUNT USER", 12) == 0 ? "account" : "";
}

/* Whose names a verb takes: "user", "group", or "" (new names, or none at all). */
static const char *
names_of(const struct command *c)
{
	const char *args = c->args + (c->args[0] == '[' ? 1 : 0);

	if (first_of(c)[0] != '\0' || strncmp(args, "TAG", 3) == 0)
		return "user"; /* after the first argument */
	if (strncmp(args, "USER", 4) == 0)
		return "user";
	if (strncmp(args, "ACCOUNT", 7) == 0)
		return "account";
	return strncmp(args, "NAME", 4) == 0 && strcmp(c->verb, "add") != 0 ? c->noun
									    : "";
}

static void
print_options(const struct command *c)
{
	struct option options[CLI_OPTIONS_MOST];

	command_options(c, options);
	for (const struct option *o = options; o->name != NULL; o++)
		printf(" --%s", o->name);
}

static void
print_keys(void)
{
	for (size_t i = 0; i < setting_count; i++)
		printf("%s%s", i == 0 ? "" : " ", settings[i].key);
}

static void
print_words(const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		printf("%s%s", i == 0 ? "" : " ", words[i]);
}

static void
bash_nouns(void)
{
	fputs("\t1:*) list='", stdout);
	for (size_t i = 0; i < command_count; i++)
		if (first_of_noun(i))
			printf("%s%s", i == 0 ? "" : " ", commands[i].noun);
	puts("' ;;");
}

static void
bash_verbs(size_t first)
{
	printf("\t2:%s:*) list='", commands[first].noun);
	for (size_t i = first; i < command_count && (i == first || !first_of_noun(i));
	     i++)
		if (commands[i].verb != NULL)
			printf("%s%s", i == first ? "" : " ", commands[i].verb);
		else
			print_options(&commands[i]);
	puts("' ;;");
}

/* Of a key that takes numbers there is but one word. */
static void
bash_key_values(void)
{
	puts("\t\tcase $prev in");
	for (size_t i = 0; i < setting_count; i++) {
		const struct setting *s = &settings[i];

		if (s->unit == SETTING_WORD) {
			printf("\t\t%s) list+=' default ", s->key);
			print_words(s->words, (size_t)s->most + 1);
			puts("' ;;");
		} else if (s->unit == SETTING_YESNO) {
			printf("\t\t%s) list+=' default yes no' ;;\n", s->key);
		}
	}
	puts("\t\t*) list+=' default' ;;\n\t\tesac");
}

static void
bash_arguments(const struct command *c)
{
	if (first_of(c)[0] != '\0')
		printf("\t3:%s:%s) of=%s ;;\n", c->noun, c->verb, first_of(c));
	/* A value follows each key: keys are at odd places. */
	if (strcmp(c->args, "KEY VALUE...") == 0) {
		printf("\t[3579]:%s:%s|[1-9][13579]:%s:%s) list='", c->noun, c->verb,
		    c->noun, c->verb);
		print_keys();
		puts("' ;;");
	}
	printf("\t*:%s:%s) of='%s' list='", c->noun, c->verb, names_of(c));
	if (strcmp(c->args, "KEY...") == 0 || strcmp(c->args, "[KEY...]") == 0)
		print_keys();
	print_options(c);
	if (strcmp(c->args, "KEY VALUE...") == 0) {
		puts("'");
		bash_key_values();
		puts("\t\t;;");
	} else {
		puts("' ;;");
	}
}

static void
bash_values(void)
{
	puts("\tcase $prev in");
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		printf("\t--%s) of='%s' list='", values[i].option,
		    values[i].names == NULL ? "" : values[i].names);
		print_words(values[i].words, values[i].count);
		puts("' ;;");
	}
	puts("\tesac");
}

/* `collect` makes COMPREPLY of $list and $cur. */
static void
complete_by(const char *collect)
{
	puts(
	    "_uadmctl() {\n"
	    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} list='' of=''\n"
	    "\tcase \"$COMP_CWORD:${COMP_WORDS[1]}:${COMP_WORDS[2]}\" in");
	bash_nouns();
	for (size_t i = 0; i < command_count; i++)
		if (first_of_noun(i))
			bash_verbs(i);
	for (size_t i = 0; i < command_count; i++)
		if (commands[i].verb != NULL)
			bash_arguments(&commands[i]);
	puts("\tesac");
	bash_values();
	puts("\tif [[ -n $of && $cur != -* && $EUID == 0 ]]; then\n"
	     "\t\tlist+=\" $(uadmctl \"$of\" " LIST_NAMES ")\"\n"
	     "\tfi");
	printf("\t%s\n}\ncomplete -o default -F _uadmctl uadmctl\n", collect);
}

static void
complete_bash(void)
{
	puts("# bash completion for uadmctl, made by: uadmctl help --completion bash");
	complete_by("mapfile -t COMPREPLY < <(compgen -W \"$list\" -- \"$cur\")");
}

/* It has no mapfile. */
static void
complete_zsh(void)
{
	puts("#compdef uadmctl\n"
	     "# zsh completion for uadmctl, made by: uadmctl help --completion zsh\n"
	     "autoload -U +X bashcompinit && bashcompinit");
	complete_by("COMPREPLY=($(compgen -W \"$list\" -- \"$cur\"))");
}

static void
fish_option(const struct command *c, const struct option *o)
{
	printf(FISH_VERB " -l %s", c->noun, c->verb, o->name);
	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		if (strcmp(values[i].option, o->name) == 0 && values[i].words != NULL) {
			fputs(" -xa '", stdout);
			print_words(values[i].words, values[i].count);
			putchar('\'');
		}
	putchar('\n');
}

static void
fish_arguments(const struct command *c)
{
	if (strstr(c->args, "KEY") != NULL) {
		printf(FISH_VERB " -a ", c->noun, c->verb);
		putchar('\'');
		print_keys();
		puts("'");
	} else if (*names_of(c) != '\0') {
		printf(FISH_VERB " -a ", c->noun, c->verb);
		printf("\"(test (id -u) = 0; and uadmctl %s " LIST_NAMES ")\"\n",
		    names_of(c));
	}
}

static void
complete_fish(void)
{
	puts("# fish completion for uadmctl, made by: uadmctl help --completion fish\n"
	     "complete -c uadmctl -f");
	for (size_t i = 0; i < command_count; i++) {
		const struct command *c = &commands[i];
		struct option options[CLI_OPTIONS_MOST];

		if (first_of_noun(i))
			printf("complete -c uadmctl -n __fish_use_subcommand -a %s\n",
			    c->noun);
		if (c->verb == NULL)
			continue;
		printf(
		    "complete -c uadmctl -n '__fish_seen_subcommand_from %s' -a %s -d '%s'\n",
		    c->noun, c->verb, c->summary);
		command_options(c, options);
		for (const struct option *o = options; o->name != NULL; o++)
			fish_option(c, o);
		fish_arguments(c);
	}
}

bool
help_completion(const char *shell)
{
	static void (*const print[])(
	    void) = { complete_bash, complete_zsh, complete_fish };

	for (size_t i = 0; i < ARRAY_LEN(shell_names); i++)
		if (strcmp(shell, shell_names[i]) == 0) {
			print[i]();
			return true;
		}
	return false;
}
