/*
 * backup.c - store backup, restore.
 */
#include "libuadm/ops/backup.h"

#include "libuadm/base/names.h"
#include "libuadm/base/paths.h"
#include "uadmctl/input.h"
#include "uadmctl/print.h"

#include <jansson.h>
#include <string.h>

/* Elsewhere - is standard input. A backup is one file with a checksum ahead of what it is of, and
 * is put in its place in one step: nothing for a pipe. */
static bool
is_stream(struct cli *cli)
{
	struct uadm_err err = { 0 };

	if (strcmp(cli->args[0], "-") != 0)
		return false;
	uadm_fail(&err, UADM_USAGE, "a backup is a file, - is none");
	uadm_hint(&err, "uadmctl store %s FILE; ./- is a file of that name",
	    cli->command->verb);
	cli_fail(cli, NULL, &err);
	return true;
}

int
cmd_store_backup(struct cli *cli)
{
	static const struct column columns[] = { { "file", CELL_TEXT, true },
		{ "made_at", CELL_TIME, true }, { "users", CELL_NUMBER, true },
		{ "groups", CELL_NUMBER, true }, { "audit_rows", CELL_NUMBER, true },
		{ "size", CELL_NUMBER, true }, { "sha256", CELL_TEXT, true } };
	struct backup_manifest m;
	struct uadm_err err = { 0 };

	if (is_stream(cli))
		return cli->worst;
	if (op_store_backup(
		&cli->uadm, cli->args[0], cli_has(cli, "force"), &m, &err) != UADM_OK)
		return cli_fail(cli, NULL, &err);
	const struct cell cells[] = { { .text = cli->args[0] }, { .number = m.made_at },
		{ .number = m.users }, { .number = m.groups },
		{ .number = m.audit_rows }, { .number = m.size },
		{ .text = m.sha256 } };
	print_object(cli, columns, ARRAY_LEN(columns), cells);
	return 0;
}

static const struct {
	const char *key, *says;
} changes[] = {
	[PAST_COMES_BACK] = { "comes_back",
	    "comes back suspended, deleted since (user resume lets in)" },
	[PAST_GOES] = { "goes", "goes, made since" },
	[PAST_STAYS_SUSPENDED] = { "stays_suspended", "stays suspended" },
	[PAST_OLDER_PASSWORD] = { "older_password",
	    "has the password of then again, changed since" },
	[PAST_KEEPS_TIME] = { "keeps_time",
	    "keeps the end or beginning of now, which leaves less time" },
	[PAST_KEEPS_ACCOUNTS] = { "keeps_accounts",
	    "gets nothing back in accounts that was lost there since" },
};

struct plan {
	struct cli *cli;
	json_t *lists[ARRAY_LEN(changes)];
	json_t *policy, *unable;
};

static enum uadm_code
plan_one(void *arg, enum past_change what, const char *name, struct uadm_err *err)
{
	struct plan *p = arg;
	char shown[80];

	(void)err;
	json_array_append_new(
	    p->lists[what], json_string(text_escape(shown, sizeof(shown), name)));
	print_note(p->cli, "%s: %s", shown, changes[what].says);
	return UADM_OK;
}

/* NULL: not set there, so that what is below holds. */
static const char *
value_text(const struct setting *setting, const int64_t *value, char out[SETTING_SIZE])
{
	return value == NULL ? NULL : setting_text(setting, *value, out);
}

static enum uadm_code
plan_setting(void *arg, const struct setting *setting, const struct past_setting *s,
    struct uadm_err *err)
{
	char was[SETTING_SIZE], will[SETTING_SIZE];
	const char *now = value_text(setting, s->now, was);
	const char *then = value_text(setting, s->then, will);
	struct plan *p = arg;
	json_t *one = json_pack(
	    "{s:s, s:s?, s:s?}", "key", setting->key, "now", now, "then", then);

	(void)err;
	if (s->account[0] != '\0')
		json_object_update_new(one,
		    json_pack("{s:s, s:s?, s:s}", "account", s->account, "role",
			s->role[0] != '\0' ? s->role : NULL, "by",
			s->own ? "account" : "root"));
	json_array_append_new(p->policy, one);
	print_note(p->cli, "policy%s%s%s%s %s: goes back from %s to %s",
	    s->account[0] != '\0' ? " of " : "", s->account,
	    s->role[0] != '\0' ? ", " : "", s->role, setting->key,
	    now != NULL ? now : "not set", then != NULL ? then : "not set");
	return UADM_OK;
}

static json_t *
plan_json(const struct plan *p, const struct backup *b, const char *aside, bool changed)
{
	json_t *out = json_pack("{s:s, s:I, s:I, s:b, s:b, s:s?, s:b, s:b}", "host",
	    b->manifest.host, "users", (json_int_t)b->manifest.users, "groups",
	    (json_int_t)b->manifest.groups, "other_key", b->other_key, "trail_whole",
	    b->trail_whole, "set_aside", aside[0] == '\0' ? NULL : aside, "changed",
	    changed, "dry_run", p->cli->uadm.dry_run);

	for (size_t i = 0; i < ARRAY_LEN(changes); i++)
		json_object_set(out, changes[i].key, p->lists[i]);
	json_object_set(out, "policy", p->policy);
	json_object_set(out, "no_administrator", p->unable);
	return out;
}

/* The store to restore into; opening one starts with an empty struct, so what was known is put
 * back. */
static enum uadm_code
open_place(struct cli *cli, char *aside, size_t size, struct uadm_err *err)
{
	struct uadm before = cli->uadm;
	enum uadm_code c = uadm_open(&cli->uadm, cli_value(cli, "conf"), err);

	memcpy(cli->uadm.actor, before.actor, sizeof(before.actor));
	cli->uadm.dry_run = before.dry_run;
	aside[0] = '\0';
	if (c != UADM_OK && before.dry_run && cli->uadm.store == NULL)
		return UADM_OK; /* a new one would be made */
	return op_restore_place(
	    &cli->uadm, cli_has(cli, "set-aside"), aside, size, err);
}

static void
warn(const struct backup *b)
{
	if (b->other_key)
		cli_warn(
		    "sealed with another key: the audit trail in it cannot be verified");
	else if (!b->trail_whole)
		cli_warn(
		    "the audit trail in the backup is broken; uadmctl audit reseal goes on from it");
}

static enum uadm_code
keep_unable(void *arg, const struct account *a, struct uadm_err *err)
{
	struct plan *p = arg;

	(void)err;
	json_array_append_new(p->unable, json_string(a->name));
	return UADM_OK;
}

/* Once it is done. */
static void
say_unable(const struct plan *p)
{
	const json_t *one;
	size_t i;

	json_array_foreach(p->unable, i, one)
	{
		const char *name = json_string_value(one);

		cli_warn(
		    "%s %s without an able administrator: uadmctl member role %s USER "
		    "--role administrator, or member add, of somebody who can log in",
		    name, p->cli->uadm.dry_run ? "would be" : "is", name);
	}
}

static enum uadm_code
restore(struct cli *cli, struct backup *b, struct plan *p, char *aside, size_t size,
    bool *done, struct uadm_err *err)
{
	char question[300];
	enum uadm_code c = open_place(cli, aside, size, err);

	*done = false;
	if (c != UADM_OK)
		return c;
	if (aside[0] != '\0')
		print_note(cli, "The store that was there is now %s.", aside);
	if (cli->uadm.store == NULL) {
		print_note(cli, "A new store would be made.");
		return UADM_OK;
	}
	if ((c = op_backup_look(&cli->uadm, b, plan_one, p, err)) != UADM_OK ||
	    (c = op_backup_look_policy(&cli->uadm, b, plan_setting, p, err)) != UADM_OK)
		return c;
	warn(b);
	snprintf(question, sizeof(question),
	    "Put back %lld user%s and %lld group%s, as %s had them?",
	    (long long)b->manifest.users, b->manifest.users == 1 ? "" : "s",
	    (long long)b->manifest.groups, b->manifest.groups == 1 ? "" : "s",
	    b->manifest.host);
	if (!input_confirm(cli, question, NULL))
		return UADM_OK;
	c = op_store_restore(&cli->uadm, b, keep_unable, p, err);
	*done = c == UADM_OK;
	if (*done)
		say_unable(p);
	return c;
}

int
cmd_store_restore(struct cli *cli)
{
	BACKUP b = { .past = NULL };
	struct plan p = { .cli = cli, .policy = json_array(), .unable = json_array() };
	struct uadm_err err = { 0 };
	char aside[300] = "";
	bool done = false;
	enum uadm_code c;

	if (is_stream(cli))
		return cli->worst;
	for (size_t i = 0; i < ARRAY_LEN(changes); i++)
		p.lists[i] = json_array();
	c = op_backup_open(cli->args[0], cli_has(cli, "other-key"), &b, &err);
	if (c == UADM_OK)
		c = restore(cli, &b, &p, aside, sizeof(aside), &done, &err);
	if (c != UADM_OK) {
		cli_fail(cli, NULL, &err);
	} else if (cli->json && cli->worst == 0) {
		json_t *out = plan_json(&p, &b, aside, done);

		print_json(out);
		json_decref(out);
	} else if (done) {
		print_note(cli, "%s: %s", cli->args[0],
		    cli->uadm.dry_run ? "would be restored" : "restored");
	}
	for (size_t i = 0; i < ARRAY_LEN(changes); i++)
		json_decref(p.lists[i]);
	json_decref(p.policy);
	json_decref(p.unable);
	return cli->worst;
}
