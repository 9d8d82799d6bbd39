#include "uadmctl/plan.h"

#include "uadmctl/member.h"

#include <jansson.h>
#include <string.h>

static bool
can_ask(const struct cli *cli)
{
	return !cli_has(cli, "yes") && !cli_has(cli, "no-input") &&
	    isatty(STDIN_FILENO) == 1;
}

bool
plan_is_wanted(const struct cli *cli)
{
	return cli->uadm.dry_run || can_ask(cli);
}

enum uadm_code
plan_make(struct cli *cli, const struct input_row *row, plan_op *op, void *arg,
    struct plan *plan, struct uadm_err *err)
{
	PLANNING p = { 0 };
	enum uadm_code c;

	*plan = (struct plan){ 0 };
	if (!plan_is_wanted(cli))
		return UADM_OK;
	if ((c = plan_begin(&p, &cli->uadm, row->name, err)) == UADM_OK &&
	    (c = op(cli, row, arg, err)) == UADM_OK)
		*plan = p.plan;
	return c;
}

bool
plan_consent(struct cli *cli, const char *question, const struct plan *plan)
{
	char follows[PLAN_TEXT_SIZE], text[PLAN_TEXT_SIZE + 600];

	if (!plan->any || !can_ask(cli) || cli->uadm.dry_run)
		return true;
	snprintf(text, sizeof(text), "%s%s\n", question,
	    plan_text(plan, follows, sizeof(follows)));
	return input_confirm(cli, text, NULL);
}

static void
say(char *text, size_t size, const char *before, const char *words)
{
	size_t used = strlen(text);

	if (*words != '\0')
		snprintf(text + used, size - used, "\n  %s%s", before, words);
}

char *
plan_text(const struct plan *p, char *text, size_t size)
{
	char sessions[80] = "";

	*text = '\0';
	if (p->sessions > 0)
		snprintf(sessions, sizeof(sessions), "%lld", (long long)p->sessions);
	say(text, size, "leaves the accounts: ", p->accounts_left);
	say(text, size, "leaves the groups: ", p->groups_lost);
	say(text, size, "comes into the groups: ", p->groups_gained);
	say(text, size, "loses the rights: ", p->rights_lost);
	say(text, size, "gets the rights: ", p->rights_gained);
	say(text, size, "", p->login_lost ? "cannot log in any more" : "");
	say(text, size, "open sessions that end: ", p->login_lost ? sessions : "");
	say(text, size, "left without an able administrator: ", p->no_administrator);
	say(text, size, "left with one able administrator: ", p->one_administrator);
	return text;
}

json_t *
plan_json(const struct plan *p)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:b, s:I, s:o, s:o}",
	    "accounts_left", member_words(p->accounts_left), "groups_lost",
	    member_words(p->groups_lost), "groups_gained",
	    member_words(p->groups_gained), "rights_lost", member_words(p->rights_lost),
	    "rights_gained", member_words(p->rights_gained), "login_lost",
	    p->login_lost, "sessions", (json_int_t)p->sessions, "no_administrator",
	    member_words(p->no_administrator), "one_administrator",
	    member_words(p->one_administrator));
}
