/*
 * policy_test.c - policy test: would this password do? It is asked for once, held against every
 * rule, and forgotten: nothing of it is printed, logged or stored.
 */
#include "libuadm/ops/accounts.h"
#include "libuadm/ops/passwords.h"
#include "libuadm/ops/show.h"
#include "uadmctl/fit.h"
#include "uadmctl/input.h"
#include "uadmctl/policy.h"
#include "uadmctl/print.h"
#include "uadmctl/rules.h"

#include <jansson.h>
#include <string.h>

void
print_rules(FILE *to, const struct password_verdict *v)
{
	char line[PASSWORD_LINE_SIZE];

	for (int i = 0; i < PASSWORD_RULES; i++)
		if (v->rules[i].applies)
			fprintf(to, "%s\n",
			    policy_password_line(&v->rules[i], fit_shows_utf8(), line));
}

static void
print_rules_json(const struct password_verdict *v)
{
	json_t *rules = json_array(), *all;

	for (int i = 0; i < PASSWORD_RULES; i++)
		if (v->rules[i].applies)
			json_array_append_new(rules,
			    json_pack("{s:s, s:b, s:s}", "rule",
				policy_password_rule_word((enum password_rule)i), "met",
				v->rules[i].met, "text", v->rules[i].text));
	all = json_pack("{s:b, s:o}", "good", v->good, "rules", rules);
	print_json(all);
	json_decref(all);
}

int
cmd_policy_test(struct cli *cli)
{
	CLEANUP(secret_wipe) struct secret pw = { 0 };
	struct password_question q = { .past = PAST_ALWAYS };
	const char *name = cli_value(cli, "user");
	struct password_verdict v;
	struct uadm_err err = { 0 };
	struct policy_whose whose;
	struct account account = { 0 };
	struct role role = { 0 };
	struct user user;

	if (!policy_whose(cli, &whose))
		return cli->worst;
	if (whose.account != NULL &&
	    (find_account(&cli->uadm, whose.account, &account, &err) != UADM_OK ||
		(whose.role != NULL &&
		    find_role(&cli->uadm, whose.role, &role, &err) != UADM_OK)))
		return cli_fail(cli, NULL, &err);
	q.account = account.gid;
	q.role = role.id;
	if (name != NULL) {
		if (find_user(&cli->uadm, name, &user, &err) != UADM_OK)
			return cli_fail(cli, NULL, &err);
		q.user = &user;
	}
	if (secret_new(&pw, &err) != UADM_OK)
		return cli_fail(cli, NULL, &err);
	if (!input_password_once(cli, "Password to test: ", &pw))
		return cli->worst;
	if (op_password_judge(&cli->uadm, &q, &pw, &v, &err) != UADM_OK)
		return cli_fail(cli, NULL, &err);
	if (cli->json)
		print_rules_json(&v);
	else
		print_rules(stdout, &v);
	return v.good ? 0 : EXIT_NO;
}
