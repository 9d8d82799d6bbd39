/*
 * unknown.c - see unknown.h.
 */
#include "uadmctl/unknown.h"

#include "libuadm/base/names.h"

#include <string.h>

/* The nearest of the words that `next` gives, or NULL. */
static const char *
nearest(const char *wanted, const char *(*next)(const struct cli *, size_t),
    const struct cli *cli)
{
	size_t best = name_distance_most(wanted) + 1;
	const char *found = NULL, *word;

	for (size_t i = 0; (word = next(cli, i)) != NULL; i++) {
		size_t d = name_distance(wanted, word);

		if (d < best) {
			best = d;
			found = word;
		}
	}
	return found;
}

static const char *
nth_noun(const struct cli *cli, size_t i)
{
	(void)cli;
	return i < command_count ? commands[i].noun : NULL;
}

static const char *
nth_verb(const struct cli *cli, size_t i)
{
	const char *noun = cli->args[0];

	for (size_t j = 0; j < command_count; j++)
		if (strcmp(commands[j].noun, noun) == 0 && commands[j].verb != NULL &&
		    i-- == 0)
			return commands[j].verb;
	return NULL;
}

static const char *
nth_option(const struct cli *cli, size_t i)
{
	return i < CLI_OPTIONS_MOST ? cli->options[i].name : NULL;
}

static void
say_unknown(struct cli *cli, const char *what, const char *word, const char *near,
    const char *dashes)
{
	const struct command *c = cli->command;
	struct uadm_err err = { 0 };
	char shown[80];

	uadm_fail(&err, UADM_USAGE, "unknown %s \"%s%s\"", what, dashes,
	    text_escape(shown, sizeof(shown), word));
	if (near != NULL)
		uadm_hint(&err, "did you mean \"%s%s\"?", dashes, near);
	else if (c != NULL && c->verb != NULL)
		uadm_hint(&err, "uadmctl help %s %s", c->noun, c->verb);
	else
		uadm_hint(&err, "uadmctl help");
	cli_fail(cli, NULL, &err);
}

static void
say_told(struct cli *cli, const char *what, const char *word, const char *says)
{
	struct uadm_err err = { 0 };
	char shown[80];

	uadm_fail(&err, UADM_USAGE, "unknown %s \"%s\"", what,
	    text_escape(shown, sizeof(shown), word));
	uadm_hint(&err, "%s", says);
	cli_fail(cli, NULL, &err);
}

/* Nouns of other systems. */
static const struct {
	const char *tried, *says;
} nouns[] = {
	{ "totp", "did you mean \"factor\"?" },
	{ "mfa", "did you mean \"factor\"?" },
	{ "2fa", "did you mean \"factor\"?" },
	{ "otp", "did you mean \"factor\"?" },
	{ "sms",
	    "[sms] in uadm.conf(5) names what sends codes; uadmctl factor has the others" },
};

/* Options that are arguments here. */
static const struct {
	const char *noun, *verb, *tried, *says;
} options[] = {
	{ "session", "list", "user", "uadmctl session list USER..." },
	{ "factor", "list", "user", "uadmctl factor list USER" },
};

void
unknown_noun(struct cli *cli)
{
	for (size_t i = 0; i < ARRAY_LEN(nouns); i++)
		if (strcmp(nouns[i].tried, cli->args[0]) == 0) {
			say_told(cli, "noun", cli->args[0], nouns[i].says);
			return;
		}
	say_unknown(
	    cli, "noun", cli->args[0], nearest(cli->args[0], nth_noun, cli), "");
}

void
unknown_option(struct cli *cli, const char *name, bool is_long)
{
	const struct command *c = cli->command;
	char whole[80];

	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (is_long && c != NULL && c->verb != NULL &&
		    strcmp(options[i].noun, c->noun) == 0 &&
		    strcmp(options[i].verb, c->verb) == 0 &&
		    strcmp(options[i].tried, name) == 0) {
			snprintf(whole, sizeof(whole), "--%s", name);
			say_told(cli, "option", whole, options[i].says);
			return;
		}
	say_unknown(cli, "option", name,
	    is_long ? nearest(name, nth_option, cli) : NULL, is_long ? "--" : "-");
}

static void
need_verb(struct cli *cli)
{
	struct uadm_err err = { 0 };

	uadm_fail(&err, UADM_USAGE, "\"%s\" needs a verb", cli->args[0]);
	uadm_hint(&err, "uadmctl help %s", cli->args[0]);
	cli_fail(cli, NULL, &err);
}

/* What people try, and what it is called here. A noun's own come before those of all (NULL). */
static const struct {
	const char *noun, *tried, *verb; /* verb NULL: `says` is all there is */
	const char *says;
} synonyms[] = {
	{ "member", "accept", "resume",
	    "who is invited accepts with the code that was sent; root does it in their name: "
	    "uadmctl member resume ACCOUNT USER" },
	{ "member", "delete", "revoke", NULL },
	{ "member", "remove", "revoke", NULL },
	{ "member", "rm", "revoke", NULL },
	{ "member", "set", "role", NULL },
	{ "member", "show", "list", "uadmctl member list ACCOUNT --user USER" },
	{ "account", "rename", NULL,
	    "an account keeps its name, which is that of groups; "
	    "uadmctl account set NAME --description TEXT says what it is" },
	{ "role", "rename", NULL,
	    "a role keeps its name, which is that of groups; uadmctl role set NAME --description TEXT" },
	{ "user", "rename", NULL,
	    "a user keeps the name, which owns files and stands in the trail" },
	{ "user", "tags", NULL, "uadmctl tag list; uadmctl user list --tag TAG" },
	{ "tag", "add", NULL, "uadmctl user tag TAG USER..." },
	{ "tag", "delete", NULL, "uadmctl user untag TAG USER..." },
	{ "factor", "add", "enroll", NULL },
	{ "factor", "new", "enroll", NULL },
	{ "factor", "create", "enroll", NULL },
	{ "factor", "delete", "remove", NULL },
	{ "factor", "disable", "remove", NULL },
	{ "factor", "rm", "remove", NULL },
	{ "factor", "reset", NULL,
	    "for a new device: uadmctl factor remove USER; then factor enroll USER, or the user at the next login" },
	{ "factor", "confirm", NULL,
	    "factor enroll asks for a code, and the first right code at a login confirms what is pending" },
	{ "session", "kill", "terminate", NULL },
	{ "session", "end", "terminate", NULL },
	{ "session", "close", "terminate", NULL },
	{ "session", "delete", "terminate", NULL },
	{ "session", "history", NULL, "uadmctl session list --history" },
	{ NULL, "remove", "delete", NULL },
	{ NULL, "rm", "delete", NULL },
	{ NULL, "del", "delete", NULL },
	{ NULL, "new", "add", NULL },
	{ NULL, "create", "add", NULL },
	{ NULL, "show", "list", NULL },
	{ NULL, "get", "show", NULL },
	{ NULL, "ls", "list", NULL },
	{ NULL, "modify", "set", NULL },
	{ NULL, "change", "set", NULL },
	{ NULL, "edit", "set", NULL },
	{ NULL, "mod", "set", NULL },
	{ NULL, "disable", "suspend", NULL },
	{ NULL, "enable", "resume", NULL },
};

static bool
has_verb(const char *noun, const char *verb)
{
	for (size_t i = 0; i < command_count; i++)
		if (strcmp(commands[i].noun, noun) == 0 && commands[i].verb != NULL &&
		    strcmp(commands[i].verb, verb) == 0)
			return true;
	return false;
}

/* false: nobody has thought of it. */
static bool
say_synonym(struct cli *cli)
{
	const char *noun = cli->args[0];
	struct uadm_err err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(synonyms); i++) {
		if (strcmp(synonyms[i].tried, cli->args[1]) != 0 ||
		    (synonyms[i].noun != NULL && strcmp(synonyms[i].noun, noun) != 0) ||
		    (synonyms[i].verb != NULL && !has_verb(noun, synonyms[i].verb)))
			continue;
		uadm_fail(&err, UADM_USAGE, "unknown verb \"%s\"", cli->args[1]);
		if (synonyms[i].says != NULL)
			uadm_hint(&err, "%s", synonyms[i].says);
		else
			uadm_hint(&err, "did you mean \"%s\"?", synonyms[i].verb);
		cli_fail(cli, NULL, &err);
		return true;
	}
	return false;
}

void
unknown_verb(struct cli *cli)
{
	if (cli->arg_count < 2)
		need_verb(cli);
	else if (!say_synonym(cli))
		say_unknown(cli, "verb", cli->args[1],
		    nearest(cli->args[1], nth_verb, cli), "");
}
