/*
 * user_clone.c - user clone, user transfer: rehearsed first, so that what will follow is told before it is
 * asked for, and what stands in the way before that.
 */
#include "libuadm/base/clock.h"
#include "libuadm/base/names.h"
#include "libuadm/ops/clone.h"
#include "uadmctl/bulk.h"
#include "uadmctl/input.h"
#include "uadmctl/member.h"
#include "uadmctl/plan.h"
#include "uadmctl/print.h"

#include <jansson.h>
#include <string.h>

static enum uadm_code
fill(struct cli *cli, struct clone *k, struct uadm_err *err)
{
	struct user *user = &k->add.user;
	struct clock_now now;
	enum uadm_code c = name_check("name", cli->args[1], err);

	clock_read(&now);
	if (c == UADM_OK)
		snprintf(user->name, sizeof(user->name), "%s", cli->args[1]);
	for (size_t i = 0; i < cli->given_count && c == UADM_OK; i++) {
		const struct field *f = field_find(cli->given[i].option->name);

		if (f == NULL)
			continue;
		k->expires_given = k->expires_given || strcmp(f->key, "expires") == 0;
		c = field_set(user, f, cli->given[i].value, now.wall, err);
	}
	return c;
}

static void
say(FILE *out, const char *before, const char *words)
{
	if (*words != '\0')
		fprintf(out, "\n  %s%s", before, words);
}

/* A line for each account and for what is not copied. Freed by the caller; NULL: there is no memory for it. */
static char *
clone_text(struct cli *cli, const struct clone *k)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < k->add.account_count; i++) {
		char line[1200];

		member_say(cli, &k->add.accounts[i], true, line, sizeof(line));
		say(out, "", line + 1);
	}
	say(out, "groups: ", k->groups.text);
	say(out, "skipped, not yours to give: groups ", k->groups_skipped.text);
	say(out, "skipped, not yours to give: accounts ", k->accounts_skipped.text);
	if (k->accounts_unseen > 0)
		fprintf(out, "\n  skipped: %zu account%s that you do not see",
		    k->accounts_unseen, k->accounts_unseen == 1 ? "" : "s");
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

static json_t *
clone_json(struct cli *cli, const struct clone *k)
{
	json_t *list = json_array();

	for (size_t i = 0; i < k->add.account_count; i++) {
		json_t *one = member_json(cli, &k->add.accounts[i]);

		json_object_set_new(one, "granted",
		    member_rights_json(cli, &k->add.accounts[i].granted));
		json_array_append_new(list, one);
	}
	return json_pack("{s:i, s:o, s:o, s:o, s:o, s:i}", "uid", (int)k->add.user.uid,
	    "memberships", list, "groups", member_words(k->groups.text),
	    "groups_skipped", member_words(k->groups_skipped.text), "accounts_skipped",
	    member_words(k->accounts_skipped.text), "accounts_unseen",
	    (int)k->accounts_unseen);
}

/* As it would be; what the rehearsal filled in is taken back. */
static enum uadm_code
rehearse(struct cli *cli, const struct clone *wanted, char **text, struct uadm_err *err)
{
	CLEANUP(clone_free) struct clone k = *wanted;
	bool dry_run = cli->uadm.dry_run;
	enum uadm_code c;

	cli->uadm.dry_run = true;
	c = op_user_clone(&cli->uadm, &k, err);
	cli->uadm.dry_run = dry_run;
	if (c == UADM_OK && (*text = clone_text(cli, &k)) == NULL)
		return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	return c;
}

static void
clone_one(struct cli *cli, struct clone *k)
{
	CLEANUP(cleanup_free) char *planned = NULL;
	CLEANUP(cleanup_free) char *question = NULL;
	CLEANUP(cleanup_free) char *text = NULL;
	char shown[80], what[80];
	struct uadm_err err = { 0 };

	text_escape(shown, sizeof(shown), cli->args[1]);
	if (fill(cli, k, &err) != UADM_OK ||
	    rehearse(cli, k, &planned, &err) != UADM_OK) {
		result_failed(cli, shown, &err);
		return;
	}
	if (asprintf(&question, "Make %s as %s is?%s\n", k->add.user.name, k->source,
		planned) < 0)
		abort();
	if (!input_confirm(cli, question, NULL))
		return;
	if (op_user_clone(&cli->uadm, k, &err) != UADM_OK) {
		result_failed(cli, shown, &err);
		return;
	}
	text = clone_text(cli, k);
	snprintf(what, sizeof(what), "cloned with uid %u", (unsigned)k->add.user.uid);
	result_print(cli,
	    &(struct result){ .name = shown,
		.what = cli->json ? "cloned" : what,
		.changed = true,
		.text = text,
		.json = cli->json ? clone_json(cli, k) : NULL },
	    &(struct uadm_err){ 0 });
}

int
cmd_user_clone(struct cli *cli)
{
	CLEANUP(cli_values_free) char **grant = NULL;
	CLEANUP(cli_values_free) char **deny = NULL;
	/* The plan is what is asked about, an unknown mail domain with it. */
	CLEANUP(clone_free)
	struct clone k = { .source = cli->args[0], .add = { .stranger_ok = true } };

	grant = cli_values(cli, "grant", &k.grant_count);
	deny = cli_values(cli, "deny", &k.deny_count);
	k.grant = (const char *const *)grant;
	k.deny = (const char *const *)deny;
	result_begin(cli);
	clone_one(cli, &k);
	result_end(cli);
	return cli->worst;
}

#define TRANSFER_MEANS                                                                                      \
	"\n  the new account's administrators look after the user then, and who is out there cannot log in" \
	"\n  in the account of before the role stays what it is"

struct moving {
	char from[UADM_NAME_SIZE];
	bool changed;
};

static enum uadm_code
transfer(struct cli *cli, const char *name, bool for_real, char from[UADM_NAME_SIZE],
    bool *changed, struct uadm_err *err)
{
	const bool dry_run = cli->uadm.dry_run;
	enum uadm_code c;

	cli->uadm.dry_run = dry_run || !for_real;
	c = op_user_transfer(
	    &cli->uadm, name, cli_value(cli, "to"), from, changed, err);
	cli->uadm.dry_run = dry_run;
	return c;
}

static enum uadm_code
rehearse_transfer(
    struct cli *cli, const struct input_row *row, void *arg, struct uadm_err *err)
{
	struct moving *m = arg;

	return transfer(cli, row->name, false, m->from, &m->changed, err);
}

struct moved {
	char name[80], from[UADM_NAME_SIZE];
	bool changed;
	struct plan plan;
};

static void
tell_moved(struct cli *cli, const void *arg, const struct uadm_err *lost)
{
	const struct moved *m = arg;
	const char *to = cli_value(cli, "to");
	const bool told = cli->uadm.dry_run && m->changed;
	char text[PLAN_TEXT_SIZE + 400], follows[PLAN_TEXT_SIZE] = "";
	json_t *json = NULL;

	if (lost != NULL && m->changed) {
		result_failed(cli, m->name, lost);
		return;
	}
	snprintf(text, sizeof(text), " from %s to %s%s%s", m->from, to,
	    told ? TRANSFER_MEANS : "",
	    told ? plan_text(&m->plan, follows, sizeof(follows)) : "");
	if (cli->json)
		json = json_pack("{s:s, s:s}", "from", m->from, "to", to);
	if (cli->json && told)
		json_object_set_new(json, "plan", plan_json(&m->plan));
	result_print(cli,
	    &(struct result){ .name = m->name,
		.what = "transferred",
		.changed = m->changed,
		.text = m->changed ? text : "",
		.json = json },
	    &(struct uadm_err){ 0 });
}

static void
transfer_one(struct cli *cli, const struct input_row *row)
{
	const char *to = cli_value(cli, "to");
	char follows[PLAN_TEXT_SIZE], question[PLAN_TEXT_SIZE + 500];
	struct moving k = { 0 };
	struct moved m = { 0 };
	struct uadm_err err = { 0 };

	text_escape(m.name, sizeof(m.name), row->name);
	if (plan_make(cli, row, rehearse_transfer, &k, &m.plan, &err) != UADM_OK ||
	    rehearse_transfer(cli, row, &k, &err) != UADM_OK) {
		result_failed(cli, m.name, &err);
		return;
	}
	snprintf(question, sizeof(question),
	    "Transfer %s from %s to %s?" TRANSFER_MEANS "%s\n", m.name, k.from, to,
	    plan_text(&m.plan, follows, sizeof(follows)));
	if (k.changed && !input_confirm(cli, question, NULL))
		return;
	if (k.changed &&
	    transfer(cli, row->name, true, k.from, &k.changed, &err) != UADM_OK) {
		result_failed(cli, m.name, &err);
		return;
	}
	memcpy(m.from, k.from, sizeof(m.from));
	m.changed = k.changed;
	bulk_later(cli, tell_moved, &m, sizeof(m));
}

int
cmd_user_transfer(struct cli *cli)
{
	if (!cli_has(cli, "to"))
		return cli_usage(cli, "to which account? --to ACCOUNT");
	return input_apply(cli, 0, transfer_one);
}
