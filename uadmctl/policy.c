/*
 * policy.c - policy list, show, set.
 */
#include "libuadm/ops/policy.h"

#include "libuadm/base/names.h"
#include "uadmctl/print.h"

#include <jansson.h>
#include <string.h>

enum { SETTINGS_MOST = 64 };

static const struct column columns[] = {
	{ "key", CELL_TEXT, true },
	{ "value", CELL_TEXT, true },
	{ "shipped", CELL_TEXT, true },
	{ "number", CELL_NUMBER, false }, /* seconds, a count, or 0 and 1 */
	{ "unit", CELL_TEXT, false },
	{ "least", CELL_TEXT, false },
	{ "most", CELL_TEXT, false },
	{ "meaning", CELL_TEXT, true, FIT_WRAP },
	{ "zero_means", CELL_TEXT, false, FIT_WRAP },
};

static const char *const unit_names[] = { [SETTING_COUNT] = "count",
	[SETTING_TIME] = "seconds",
	[SETTING_YESNO] = "yes or no",
	[SETTING_WORD] = "word" };

static void
print_setting(struct cli *cli, const struct setting *s,
    void (*print)(struct cli *, const struct cell *))
{
	char value[SETTING_SIZE], shipped[SETTING_SIZE], least[SETTING_SIZE],
	    most[SETTING_SIZE];
	char meaning[300];
	int64_t number = policy_get(&cli->uadm.policy, s);
	/* `policy show` has a line for it. */
	bool none = number == 0 && s->zero != NULL && !cli->json &&
	    cli->command->run == cmd_policy_list;

	snprintf(meaning, sizeof(meaning), "%s%s%s", s->meaning, none ? " - now: " : "",
	    none ? s->zero : "");
	const struct cell cells[ARRAY_LEN(columns)] = { { .text = s->key },
		{ .text = setting_text(s, number, value) },
		{ .text = setting_text(s, s->shipped, shipped) }, { .number = number },
		{ .text = unit_names[s->unit] },
		{ .text = setting_text(s, s->least, least) },
		{ .text = setting_text(s, s->most, most) }, { .text = meaning },
		{ .text = s->zero } };

	print(cli, cells);
}

int
cmd_policy_list(struct cli *cli)
{
	if (!print_begin(cli, columns, ARRAY_LEN(columns)))
		return cli->worst;
	for (size_t i = 0; i < setting_count; i++)
		print_setting(cli, &settings[i], print_row);
	print_end(cli);
	return 0;
}

/* The key of that name; otherwise says so, with the nearest one. */
static const struct setting *
find(struct cli *cli, const char *key)
{
	const struct setting *s = setting_find(key), *near = NULL;
	size_t best = name_distance_most(key) + 1;
	struct uadm_err err = { 0 };
	char shown[80];

	if (s != NULL)
		return s;
	for (size_t i = 0; i < setting_count; i++)
		if (name_distance(key, settings[i].key) < best) {
			best = name_distance(key, settings[i].key);
			near = &settings[i];
		}
	uadm_fail(&err, UADM_NOT_FOUND, "no such key of a policy: \"%s\"",
	    text_escape(shown, sizeof(shown), key));
	if (near != NULL)
		uadm_hint(&err, "did you mean \"%s\"?", near->key);
	else
		uadm_hint(&err, "uadmctl policy list");
	if (cli->json && cli->printer != NULL)
		result_failed(cli, shown, &err);
	else
		cli_fail(cli, NULL, &err);
	return NULL;
}

static void
print_one(struct cli *cli, const struct cell *cells)
{
	print_object(cli, columns, ARRAY_LEN(columns), cells);
}

/* One key is an object; several are an array. */
int
cmd_policy_show(struct cli *cli)
{
	bool list = cli->json && cli->arg_count > 1;

	if (list && !print_begin(cli, columns, ARRAY_LEN(columns)))
		return cli->worst;
	for (size_t i = 0; i < cli->arg_count; i++) {
		const struct setting *s = find(cli, cli->args[i]);

		if (!cli->json && i > 0)
			putchar('\n');
		if (s != NULL)
			print_setting(cli, s, list ? print_row : print_one);
	}
	if (list)
		print_end(cli);
	return cli->worst;
}

static bool
read_change(
    struct cli *cli, const char *key, const char *text, struct setting_change *ch)
{
	struct uadm_err err = { 0 };

	ch->setting = find(cli, key);
	if (ch->setting == NULL)
		return false;
	ch->reset = strcmp(text, "default") == 0;
	if (ch->reset) {
		ch->value = ch->setting->shipped;
		return true;
	}
	if (setting_parse(ch->setting, text, &ch->value, &err) == UADM_OK)
		return true;
	uadm_hint(&err, "uadmctl policy show %s", ch->setting->key);
	cli_fail(cli, NULL, &err);
	return false;
}

static void
tell(struct cli *cli, const struct setting_change *ch, int64_t was)
{
	char is[SETTING_SIZE], before[SETTING_SIZE], what[2 * SETTING_SIZE + 20];

	setting_text(ch->setting, ch->value, is);
	setting_text(ch->setting, was, before);
	if (cli->json)
		snprintf(what, sizeof(what), "%s",
		    was == ch->value ? "unchanged" : "changed");
	else if (was == ch->value)
		snprintf(what, sizeof(what), "%s", is);
	else
		snprintf(what, sizeof(what), "%s (was %s)", is, before);
	result_print(cli,
	    &(struct result){ .name = ch->setting->key,
		.what = what,
		.changed = was != ch->value,
		.json = json_pack("{s:s, s:s, s:I, s:s}", "value", is, "was", before,
		    "number", (json_int_t)ch->value, "unit",
		    unit_names[ch->setting->unit]) },
	    &(struct uadm_err){ 0 });
}

static bool
is_named(const struct setting *s, const struct setting_change *changes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (changes[i].setting == s)
			return true;
	return false;
}

/* Of what was set now, and of what had been set and does nothing any more. */
static void
warn_of_idle(
    const struct policy *was, const struct setting_change *changes, size_t count)
{
	struct policy is = *was;
	struct uadm_err ignored;
	char text[SETTING_SIZE];

	for (size_t i = 0; i < count; i++)
		if (policy_put(&is, changes[i].setting, changes[i].value, &ignored) !=
		    UADM_OK)
			return;
	for (size_t i = 0; i < setting_count; i++) {
		const struct setting *s = &settings[i];
		const char *why = policy_idle(&is, s);
		int64_t value = policy_get(&is, s);

		if (why != NULL &&
		    (is_named(s, changes, count) ||
			(value != s->shipped && why != policy_idle(was, s))))
			cli_warn(
			    "%s %s: %s", s->key, setting_text(s, value, text), why);
	}
}

/* All or none: keys that belong together are set together. */
int
cmd_policy_set(struct cli *cli)
{
	struct setting_change changes[SETTINGS_MOST] = { 0 };
	const struct policy was = cli->uadm.policy;
	size_t count = cli->arg_count / 2;
	struct uadm_err err = { 0 };
	bool changed;

	if (cli->arg_count % 2 != 0 || count > SETTINGS_MOST)
		return cli_usage(cli, "each KEY needs its VALUE");
	for (size_t i = 0; i < count; i++)
		if (!read_change(
			cli, cli->args[2 * i], cli->args[2 * i + 1], &changes[i]))
			return cli->worst;
	if (op_policy_set(&cli->uadm, changes, count, &changed, &err) != UADM_OK)
		return cli_fail(cli, NULL, &err);
	result_begin(cli);
	for (size_t i = 0; i < count; i++)
		tell(cli, &changes[i], policy_get(&was, changes[i].setting));
	result_end(cli);
	warn_of_idle(&was, changes, count);
	return cli->worst;
}
