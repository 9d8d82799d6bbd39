/*
 * result.c - what became of each name of a verb: a line for people, an object in JSON. Where the
 * changes of several rows are written together it is told when they are durable (bulk.h).
 */
#include "libuadm/base/names.h"
#include "uadmctl/bulk.h"
#include "uadmctl/json.h"
#include "uadmctl/print.h"

#include <string.h>

/* What the lists call it. */
static const char *
name_key(const struct cli *cli)
{
	return cli->command != NULL && strcmp(cli->command->noun, "policy") == 0
	    ? "key"
	    : "name";
}

static void
result_json(struct cli *cli, const struct result *r, const struct uadm_err *err)
{
	json_t *row = json_pack("{s:o, s:o, s:b, s:b}", name_key(cli),
	    json_text(r->name), "result", json_text(r->what), "changed", r->changed,
	    "dry_run", cli->uadm.dry_run);

	if (r->json != NULL)
		json_object_update(row, r->json);
	if (err->code != UADM_OK) {
		json_object_set_new(row, "error", json_text(err->msg));
		json_object_set_new(row, "hint", json_text(err->hint));
	}
	print_element(cli, row);
}

/* What does not go with "would be" and "already" has words of its own. */
static const struct {
	const char *what, *would, *unchanged;
} phrases[] = {
	{ "changed", "would be changed", "nothing to change" },
	{ "password set", "would get the password", NULL },
	{ "password due for a change", "would have to change the password", NULL },
	{ "terminated", NULL, "nothing to end" },
	{ "had no second factor", NULL, "had no second factor" },
	{ "resumed", NULL, "not suspended" },
	{ "tagged", NULL, "has the tag already" },
	{ "untagged", NULL, "does not have the tag" },
	{ "added", NULL, "is there already" },
	{ "granted", NULL, "has that already" },
};

static void
say_result(const struct cli *cli, const struct result *r)
{
	const char *text = r->text != NULL ? r->text : "";
	char name[80];

	text_escape(name, sizeof(name), r->name);
	for (size_t i = 0; i < ARRAY_LEN(phrases); i++) {
		const char *phrase = !r->changed ? phrases[i].unchanged
		    : cli->uadm.dry_run          ? phrases[i].would
						 : NULL;

		if (strcmp(phrases[i].what, r->what) == 0 && phrase != NULL) {
			printf("%s: %s%s\n", name, phrase, text);
			return;
		}
	}
	printf("%s: %s%s%s%s\n", name,
	    cli->uadm.dry_run && r->changed ? "would be " : "", r->what,
	    r->changed ? "" : " already", text);
}

void
result_print(struct cli *cli, const struct result *r, const struct uadm_err *err)
{
	if (cli->json)
		result_json(cli, r, err);
	else
		say_result(cli, r);
	json_decref(r->json);
	if (err->code == UADM_OK)
		return;
	cli_say_error(cli, r->name, err);
	cli->worst = cli_worse(cli->worst, uadm_exit_status(err->code));
}

struct done {
	char name[80], what[80];
	bool changed;
};

static void
tell_done(struct cli *cli, const void *what, const struct uadm_err *lost)
{
	const struct done *d = what;

	if (lost != NULL && d->changed)
		result_failed(cli, d->name, lost);
	else
		result_done(cli, d->name, d->what, d->changed);
}

void
result_done(struct cli *cli, const char *name, const char *what, bool changed)
{
	const struct result r = { .name = name, .what = what, .changed = changed };
	struct done d = { .changed = changed };

	if (bulk_waits(cli)) {
		snprintf(d.name, sizeof(d.name), "%s", name);
		snprintf(d.what, sizeof(d.what), "%s", what);
		bulk_later(cli, tell_done, &d, sizeof(d));
		return;
	}

	result_print(cli, &r, &(struct uadm_err){ 0 });
}

void
print_error(struct cli *cli, const char *name, const struct uadm_err *err)
{
	json_t *row = json_pack("{s:o*, s:s, s:b, s:o, s:o}", name_key(cli),
	    name == NULL ? NULL : json_text(name), "result", uadm_code_name(err->code),
	    "changed", 0, "error", json_text(err->msg), "hint",
	    json_text(err->hint[0] != '\0' ? err->hint : NULL));
	size_t n = strlen(cli->where);

	/* "FILE:LINE", without the ": " of what is said on stderr. */
	if (n > 2)
		json_object_set_new(row, "at", json_stringn(cli->where, n - 2));
	print_element(cli, row);
}

struct failed {
	bool named;
	char name[400];
	struct uadm_err err;
};

static void
tell_failed(struct cli *cli, const void *what, const struct uadm_err *lost)
{
	const struct failed *f = what;

	(void)lost; /* it was before that */
	result_failed(cli, f->named ? f->name : NULL, &f->err);
}

int
result_failed(struct cli *cli, const char *name, const struct uadm_err *err)
{
	struct failed f = { .named = name != NULL, .err = *err };

	/* Each further name would wait as long. */
	if (err->code == UADM_BUSY)
		cli->stop = true;
	if (bulk_waits(cli)) {
		snprintf(f.name, sizeof(f.name), "%s", name == NULL ? "" : name);
		bulk_later(cli, tell_failed, &f, sizeof(f));
		return uadm_exit_status(err->code);
	}
	return cli_fail(cli, name, err);
}

/* Of the row at hand; what is no row has no element (review walk, session terminate). */
void
result_declined(struct cli *cli)
{
	if (cli->json && cli->row != NULL)
		print_element(cli,
		    json_pack("{s:o, s:s, s:b, s:b}", name_key(cli),
			json_text(cli->row), "result", "declined", "changed", 0,
			"dry_run", 0));
}

void
result_not_asked(struct cli *cli, const struct uadm_err *err)
{
	bulk_failed(cli);
	if (cli->json)
		print_error(cli, cli->row, err);
	cli->worst = cli_worse(cli->worst, uadm_exit_status(err->code));
}

int
print_shown(
    struct cli *cli, const struct column *columns, size_t count, shown_one *show)
{
	bool as_list = cli->json && cli->arg_count > 1;
	char shown[80];

	if (as_list && !print_begin(cli, columns, count))
		return cli->worst;
	for (size_t i = 0; i < cli->arg_count; i++) {
		struct uadm_err err = { 0 };

		if (!cli->json && i > 0)
			putchar('\n');
		if (show(cli, cli->args[i], as_list, &err) == UADM_OK)
			continue;
		if (as_list)
			result_failed(
			    cli, text_escape(shown, sizeof(shown), cli->args[i]), &err);
		else
			cli_fail(cli, NULL, &err);
	}
	if (as_list)
		print_end(cli);
	return cli->worst;
}
