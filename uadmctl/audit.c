/*
 * audit.c - audit list, verify, reseal.
 */
#include "libuadm/ops/factors.h"
#include "libuadm/ops/trail.h"
#include "uadmctl/input.h"
#include "uadmctl/print.h"

#include <jansson.h>

static enum uadm_code
print_audit(void *arg, const struct audit_row *row, struct uadm_err *err)
{
	const struct cell cells[] = { { .number = row->id }, { .number = row->at },
		{ .text = row->actor }, { .text = row->action },
		{ .text = row->target }, { .text = row->detail } };

	(void)err;
	print_row(arg, cells);
	return UADM_OK;
}

int
cmd_audit_list(struct cli *cli)
{
	static const struct column columns[] = { { "id", CELL_NUMBER, true },
		{ "at", CELL_TIME, true }, { "actor", CELL_TEXT, true, FIT_CUT },
		{ "action", CELL_TEXT, true }, { "target", CELL_TEXT, true },
		{ "detail", CELL_TEXT, true, FIT_CUT } };
	struct uadm_err err = { 0 };
	int64_t most;

	if (!cli_number(cli, "number", 0, INT64_MAX, 100, &most))
		return cli->worst;
	if (!print_begin(cli, columns, ARRAY_LEN(columns)))
		return cli->worst;
	if (audit_each(cli->uadm.store, most, cli_value(cli, "target"), print_audit,
		cli, &err) != UADM_OK)
		return print_abort(cli, &err);
	print_end(cli);
	return cli->worst;
}

/* For programs; `resealed` is the number of the row. */
static void
print_verdict(const struct audit_verdict *v, bool whole)
{
	json_t *out = json_pack("{s:b, s:I, s:s?, s:s?, s:o}", "whole", whole, "rows",
	    (json_int_t)v->rows, "problem", whole ? NULL : v->problem, "mend",
	    whole ? NULL : "uadmctl audit reseal", "resealed",
	    v->resealed_at == 0 ? json_null()
				: json_integer((json_int_t)v->resealed_at));

	print_json(out);
	json_decref(out);
}

int
cmd_audit_verify(struct cli *cli)
{
	struct audit_verdict v;
	struct uadm_err err = { 0 };
	bool whole;

	if (audit_verify(cli->uadm.store, &v, &err) != UADM_OK)
		return cli_fail(cli, NULL, &err);
	whole = v.problem[0] == '\0';
	if (cli->json) {
		print_verdict(&v, whole);
	} else if (!whole) {
		print_note(cli, "the trail is broken: %s", v.problem);
		print_note(cli, "  mend: uadmctl audit reseal");
	} else if (v.resealed_at != 0) {
		printf(
		    "the trail is whole: %lld rows; row %lld says what was wrong before it\n",
		    (long long)v.rows, (long long)v.resealed_at);
	} else {
		printf("the trail is whole: %lld row%s\n", (long long)v.rows,
		    v.rows == 1 ? "" : "s");
	}
	return whole ? 0 : EXIT_NO;
}

/* It sealed more than the trail. */
static bool
tell_lost(struct cli *cli)
{
	struct uadm_err err = { 0 };
	int64_t lost;

	if (op_factors_lost(&cli->uadm, &lost, &err) != UADM_OK) {
		cli_fail(cli, NULL, &err);
		return false;
	}
	if (lost > 0)
		print_note(cli,
		    "%lld second factor%s sealed with it and cannot be used any more, recovery "
		    "codes neither: uadmctl factor list; uadmctl factor remove USER...",
		    (long long)lost, lost == 1 ? " was" : "s were");
	print_note(cli,
	    "codes that were sent or printed, and not used yet, are worth nothing");
	return true;
}

/* What is wrong is shown before it is asked. */
int
cmd_audit_reseal(struct cli *cli)
{
	struct audit_verdict v;
	struct uadm_err err = { 0 };
	bool other = cli->uadm.other_key, broken;

	if (audit_verify(cli->uadm.store, &v, &err) != UADM_OK)
		return cli_fail(cli, NULL, &err);
	broken = other || v.problem[0] != '\0';
	if (broken) {
		print_note(cli, "%s%s",
		    other ? "the key is not the one that sealed the trail"
			  : "the trail is broken: ",
		    other ? "" : v.problem);
		if (other && !tell_lost(cli))
			return cli->worst;
		if (!input_confirm(
			cli, "Put that on record and go on from there?", NULL))
			return cli->worst;
		if (op_audit_reseal(&cli->uadm, &v, &err) != UADM_OK)
			return cli_fail(cli, NULL, &err);
	}
	result_begin(cli);
	result_done(cli, "trail", broken ? "resealed" : "whole", broken);
	result_end(cli);
	return cli->worst;
}
