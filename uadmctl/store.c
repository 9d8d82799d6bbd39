/*
 * store.c - store init, info, check, publish.
 */
#include "libuadm/base/paths.h"
#include "libuadm/ops/info.h"
#include "uadmctl/json.h"
#include "uadmctl/print.h"

#include <string.h>

int
cmd_store_init(struct cli *cli)
{
	struct uadm_err err = { 0 };
	bool made = false;

	if (op_store_init(&cli->uadm, &made, &err) != UADM_OK)
		return cli_fail(cli, NULL, &err);
	result_begin(cli);
	result_done(cli, UADM_STORE_DIR,
	    cli->json ? (made ? "made" : "there")
		      : (made ? "store made" : "store there"),
	    made);
	result_end(cli);
	if (made)
		print_note(cli,
		    "The key %s is not in backups of the store: keep a copy of it apart.",
		    UADM_KEY_FILE);
	return cli->worst;
}

int
cmd_store_info(struct cli *cli)
{
	static const struct column columns[] = { { "store", CELL_TEXT, true },
		{ "schema", CELL_NUMBER, true }, { "generation", CELL_NUMBER, true },
		{ "published_generation", CELL_NUMBER, true },
		{ "users", CELL_NUMBER, true }, { "groups", CELL_NUMBER, true },
		{ "audit_rows", CELL_NUMBER, true },
		{ "imported_hashes", CELL_NUMBER, true } };
	struct store_info info;
	struct uadm_err err = { 0 };

	if (op_store_info(&cli->uadm, &info, &err) != UADM_OK)
		return cli_fail(cli, NULL, &err);
	const struct cell cells[] = { { .text = UADM_STORE_FILE },
		{ .number = info.schema }, { .number = (int64_t)info.generation },
		{ .number = (int64_t)info.published }, { .number = info.users },
		{ .number = info.groups }, { .number = info.audit_rows },
		{ .number = info.imported } };
	print_object(cli, columns, ARRAY_LEN(columns), cells);
	return 0;
}

struct complaints {
	struct cli *cli;
	json_t *list, *repaired;
	size_t count;
};

static void
complain(void *arg, const char *what, const char *mend)
{
	struct complaints *k = arg;

	k->count++;
	json_array_append_new(k->list,
	    json_pack("{s:o, s:s?}", "problem", json_text(what), "mend", mend));
	print_note(k->cli, "%s", what);
	if (mend != NULL)
		print_note(k->cli, "  mend: %s", mend);
}

static void
tell_repair(void *arg, const char *what, int64_t rows)
{
	struct complaints *k = arg;

	json_array_append_new(k->repaired,
	    json_pack("{s:s, s:I}", "what", what, "rows", (json_int_t)rows));
	print_note(k->cli, "%s%s (%lld)", k->cli->uadm.dry_run ? "would: " : "", what,
	    (long long)rows);
}

/* With --repair: an object of what was done and what is left; else the array of problems. */
static void
print_check(struct cli *cli, struct complaints *k, bool repaired)
{
	json_t *both;

	if (!cli->json) {
		if (k->count == 0)
			print_note(cli, "the store is sound");
		return;
	}
	if (!repaired) {
		print_json(k->list);
		return;
	}
	both = json_pack("{s:O, s:O}", "repaired", k->repaired, "problems", k->list);
	print_json(both);
	json_decref(both);
}

int
cmd_store_check(struct cli *cli)
{
	struct complaints k = {
		.cli = cli, .list = json_array(), .repaired = json_array()
	};
	bool repair = cli_has(cli, "repair");
	struct uadm_err err = { 0 };
	int status = 0;

	if ((repair && op_store_repair(&cli->uadm, tell_repair, &k, &err) != UADM_OK) ||
	    op_store_check(&cli->uadm, complain, &k, &err) != UADM_OK) {
		status = cli_fail(cli, NULL, &err);
	} else {
		print_check(cli, &k, repair);
		status = k.count > 0 ? EXIT_NO : 0;
	}
	json_decref(k.list);
	json_decref(k.repaired);
	return status;
}

int
cmd_store_publish(struct cli *cli)
{
	static const struct {
		const char *json, *text;
	} was[] = { [PUBLISHED_SOUND] = { "sound", "" },
		[PUBLISHED_MISSING] = { "missing", ": was missing, written anew" },
		[PUBLISHED_DAMAGED] = { "damaged", ": was damaged, written anew" } };
	struct uadm_err err = { 0 };
	enum published_state before = op_published_state(true);
	bool published;

	/* What is damaged behind a sound header is not seen by those who only ask whether it is
	 * behind. */
	if (op_publish(&cli->uadm, cli_has(cli, "force") || before != PUBLISHED_SOUND,
		&published, &err) != UADM_OK)
		return cli_fail(cli, NULL, &err);
	result_begin(cli);
	result_print(cli,
	    &(struct result){ .name = UADM_DIRECTORY_FILE,
		.what = "published",
		.changed = published,
		.text = was[before].text,
		.json = json_pack("{s:s}", "was", was[before].json) },
	    &(struct uadm_err){ 0 });
	result_end(cli);
	return 0;
}
