/*
 * review.c - the verbs of access reviews.
 */
#include "libuadm/ops/reviews.h"

#include "libuadm/base/names.h"
#include "libuadm/base/number.h"
#include "libuadm/base/times.h"
#include "libuadm/ops/person.h"
#include "uadmctl/bulk.h"
#include "uadmctl/end.h"
#include "uadmctl/input.h"
#include "uadmctl/member.h"
#include "uadmctl/print.h"

#include <jansson.h>
#include <string.h>
#include <strings.h>

static const struct column review_columns[] = { { "account", CELL_TEXT, true },
	{ "review", CELL_NUMBER, true }, { "started_at", CELL_TIME, true },
	{ "started_by", CELL_TEXT, true, FIT_CUT }, { "finished_at", CELL_TIME, true },
	{ "finished_by", CELL_TEXT, true, FIT_CUT }, { "users", CELL_NUMBER, true },
	{ "kept", CELL_NUMBER, true }, { "revoked", CELL_NUMBER, true },
	{ "open", CELL_NUMBER, true } };

static const struct column item_columns[] = { { "name", CELL_TEXT, true },
	{ "role", CELL_TEXT, true }, { "role_now", CELL_TEXT, true },
	{ "state", CELL_TEXT, true }, { "status", CELL_TEXT, true },
	{ "contact", CELL_TEXT, true, FIT_CUT }, { "last_login", CELL_TIME, true },
	{ "decision", CELL_TEXT, true }, { "decided_at", CELL_TIME, false },
	{ "decided_by", CELL_TEXT, false, FIT_CUT } };

static enum uadm_code
print_review(void *arg, const struct review *r, struct uadm_err *err)
{
	const struct cell cells[] = { { .text = r->name }, { .number = r->id },
		{ .number = r->started_at }, { .text = r->started_by },
		{ .number = r->finished_at }, { .text = r->finished_by },
		{ .number = r->users }, { .number = r->kept }, { .number = r->revoked },
		{ .number = r->open } };

	(void)err;
	print_row(arg, cells);
	return UADM_OK;
}

static enum uadm_code
print_item(void *arg, const struct review_item *i, struct uadm_err *err)
{
	const struct cell cells[] = { { .text = i->name }, { .text = i->role },
		{ .text = i->role_now }, { .text = i->state }, { .text = i->status },
		{ .text = i->contact }, { .number = i->last_login },
		{ .text = i->decision }, { .number = i->decided_at },
		{ .text = i->decided_by } };

	(void)err;
	print_row(arg, cells);
	return UADM_OK;
}

/* RFC 4180. A cell that a spreadsheet would take for a formula is a text to it behind an apostrophe. */
static void
put_csv(const char *text, char end)
{
	putchar('"');
	if (strchr("=+-@", *text) != NULL && *text != '\0')
		putchar('\'');
	for (; *text != '\0'; text++) {
		if (*text == '"')
			putchar('"');
		putchar(*text);
	}
	putchar('"');
	putchar(end);
}

static enum uadm_code
csv_item(void *arg, const struct review_item *i, struct uadm_err *err)
{
	char when[TIME_SIZE];

	(void)arg;
	(void)err;
	put_csv(i->name, ',');
	put_csv(i->role, ',');
	put_csv(i->state, ',');
	put_csv(i->status, ',');
	put_csv(i->contact, ',');
	put_csv(i->last_login != 0 ? time_utc(i->last_login, when) : "", ',');
	put_csv(i->decision, ',');
	put_csv(i->decided_at != 0 ? time_utc(i->decided_at, when) : "", ',');
	put_csv(i->decided_by, '\n');
	return UADM_OK;
}

static int
list_csv(struct cli *cli, int64_t number)
{
	struct uadm_err err = { 0 };

	if (cli->arg_count == 0)
		return cli_usage(cli, "--csv goes with an account");
	puts(
	    "name,role,state,status,contact,last_login,decision,decided_at,decided_by");
	if (op_review_items(&cli->uadm, cli->args[0], number, csv_item, NULL, &err) !=
	    UADM_OK)
		return cli_fail(cli, NULL, &err);
	return cli->worst;
}

int
cmd_review_list(struct cli *cli)
{
	const bool all = cli->arg_count == 0;
	struct uadm_err err = { 0 };
	const char *which = cli_value(cli, "number");
	int64_t number = 0;
	enum uadm_code c;

	if (which != NULL && !number_parse(which, 1, INT64_MAX, &number))
		return cli_usage(cli, "--number: that is no number of a review");
	if (which != NULL && all)
		return cli_usage(cli, "--number goes with an account");
	if (cli_has(cli, "csv"))
		return list_csv(cli, number);
	if (!print_begin(cli, all ? review_columns : item_columns,
		all ? ARRAY_LEN(review_columns) : ARRAY_LEN(item_columns)))
		return cli->worst;
	c = all
	    ? op_reviews(&cli->uadm, print_review, cli, &err)
	    : op_review_items(&cli->uadm, cli->args[0], number, print_item, cli, &err);
	if (c != UADM_OK)
		return print_abort(cli, &err);
	print_end(cli);
	return cli->worst;
}

static int
change(struct cli *cli, const char *what,
    enum uadm_code (*op)(
	struct uadm *, const char *, struct review *, struct uadm_err *))
{
	struct uadm_err err = { 0 };
	struct review r;
	char shown[80], text[120];

	result_begin(cli);
	text_escape(shown, sizeof(shown), cli->args[0]);
	if (op(&cli->uadm, cli->args[0], &r, &err) != UADM_OK) {
		result_failed(cli, shown, &err);
	} else {
		snprintf(text, sizeof(text), ": %lld users, %lld kept, %lld revoked",
		    (long long)r.users, (long long)r.kept, (long long)r.revoked);
		result_print(cli,
		    &(struct result){ .name = shown,
			.what = what,
			.changed = true,
			.text = text,
			.json = cli->json
			    ? json_pack("{s:I, s:I, s:I, s:I, s:I}", "review",
				  (json_int_t)r.id, "users", (json_int_t)r.users,
				  "kept", (json_int_t)r.kept, "revoked",
				  (json_int_t)r.revoked, "open", (json_int_t)r.open)
			    : NULL },
		    &(struct uadm_err){ 0 });
	}
	result_end(cli);
	return cli->worst;
}

int
cmd_review_start(struct cli *cli)
{
	return change(cli, "started", op_review_start);
}

int
cmd_review_finish(struct cli *cli)
{
	return change(cli, "finished", op_review_finish);
}

/* "keep", "revoke", or NULL where the row has that column and it is empty. */
static const char *
decision_of(const struct input_row *row, const char *otherwise)
{
	for (size_t i = 0; i < row->count; i++)
		if (strcmp(row->keys[i], "decision") == 0)
			return *row->values[i] != '\0' ? row->values[i] : NULL;
	return otherwise;
}

struct kept {
	struct review_item item;
	bool changed;
};

static void
tell_kept(struct cli *cli, const void *arg, const struct uadm_err *lost)
{
	const struct kept *k = arg;
	char text[100];

	if (lost != NULL && k->changed) {
		result_failed(cli, k->item.name, lost);
		return;
	}
	snprintf(text, sizeof(text), " as %s", k->item.role);
	result_print(cli,
	    &(struct result){ .name = k->item.name,
		.what = "kept",
		.changed = k->changed,
		.text = text,
		.json = cli->json ? json_pack("{s:s}", "role", k->item.role) : NULL },
	    &(struct uadm_err){ 0 });
}

static void
decide(struct cli *cli, const struct input_row *row, const char *otherwise)
{
	const char *word = decision_of(row, otherwise);
	struct uadm_err err = { 0 };
	struct kept k = { 0 };
	char shown[80], bad[60];

	if (word == NULL)
		return; /* not decided yet */
	text_escape(shown, sizeof(shown), row->name);
	if (strcasecmp(word, "revoke") == 0) {
		member_review_revoke(cli, row);
	} else if (strcasecmp(word, "keep") != 0) {
		uadm_fail(&err, UADM_INVALID,
		    "decision \"%s\" is neither keep nor revoke",
		    text_escape(bad, sizeof(bad), word));
		result_failed(cli, shown, &err);
	} else if (op_review_decide(&cli->uadm, cli->args[0], row->name, false, false,
		       &k.item, &k.changed, &err) != UADM_OK) {
		result_failed(cli, shown, &err);
	} else {
		bulk_later(cli, tell_kept, &k, sizeof(k));
	}
}

static void
keep_one(struct cli *cli, const struct input_row *row)
{
	decide(cli, row, "keep");
}

static void
revoke_one(struct cli *cli, const struct input_row *row)
{
	decide(cli, row, "revoke");
}

int
cmd_review_keep(struct cli *cli)
{
	return input_apply(cli, 1, keep_one);
}

int
cmd_review_revoke(struct cli *cli)
{
	return end_each(cli, 1, revoke_one);
}
