/*
 * policy.c - policy list, show, set, unset.
 */
#include "uadmctl/policy.h"

#include "libuadm/base/names.h"
#include "uadmctl/factor.h"
#include "uadmctl/print.h"

#include <jansson.h>
#include <stddef.h>
#include <string.h>

static const struct column columns[] = {
	{ "key", CELL_TEXT, true },
	{ "value", CELL_TEXT, true },
	{ "from", CELL_TEXT, true },
	{ "shipped", CELL_TEXT, true },
	{ "number", CELL_NUMBER, false }, /* seconds, a count, or 0 and 1 */
	{ "unit", CELL_TEXT, false },
	{ "least", CELL_TEXT, false },
	{ "most", CELL_TEXT, false },
	{ "meaning", CELL_TEXT, true, FIT_WRAP },
	{ "zero_means", CELL_TEXT, false, FIT_WRAP },
	/* whose it is, and root's word on it: empty where it is the host's */
	{ "account", CELL_TEXT, false },
	{ "role", CELL_TEXT, false },
	{ "set_by", CELL_TEXT, false },
	{ "floor", CELL_TEXT, false },
};

static const struct {
	const char *from, *by;
} sources[POLICY_LAYERS] = {
	[POLICY_SHIPPED] = { "shipped", NULL },
	[POLICY_HOST] = { "host", NULL },
	[POLICY_ACCOUNT] = { "account", "root" },
	[POLICY_ACCOUNT_OWN] = { "account", "account" },
	[POLICY_ROLE] = { "role", "root" },
	[POLICY_ROLE_OWN] = { "role", "account" },
};

static const char *const unit_names[] = { [SETTING_COUNT] = "count",
	[SETTING_TIME] = "seconds",
	[SETTING_YESNO] = "yes or no",
	[SETTING_WORD] = "word" };

bool
policy_whose(struct cli *cli, struct policy_whose *w)
{
	*w = (struct policy_whose){ .account = cli_value(cli, "account"),
		.role = cli_value(cli, "role"),
		.user = cli_value(cli, "user") };
	if (w->role != NULL && w->account == NULL)
		cli_usage(cli, "--role is one in an account: --account");
	else if (w->user != NULL && w->account != NULL)
		cli_usage(cli, "--user and --account exclude each other");
	return cli->worst == 0;
}

struct viewing {
	struct cli *cli;
	struct policy_view view;
	bool all; /* a list: what 0 means goes into its lines */
};

static void
print_setting(struct viewing *v, const struct setting *s,
    void (*print)(struct cli *, const struct cell *))
{
	char value[SETTING_SIZE], shipped[SETTING_SIZE], least[SETTING_SIZE],
	    most[SETTING_SIZE], floor[SETTING_SIZE];
	char meaning[300];
	const struct policy_word w = policy_word(&v->view.layers, s);
	const bool of_account = v->view.account[0] != '\0';
	/* `policy show KEY` has a line for it. */
	bool none = w.value == 0 && s->zero != NULL && !v->cli->json && v->all;

	snprintf(meaning, sizeof(meaning), "%s%s%s", s->meaning, none ? " - now: " : "",
	    none ? s->zero : "");
	const struct cell cells[ARRAY_LEN(columns)] = { { .text = s->key },
		{ .text = setting_text(s, w.value, value) },
		{ .text = sources[w.from].from },
		{ .text = setting_text(s, s->shipped, shipped) }, { .number = w.value },
		{ .text = unit_names[s->unit] },
		{ .text = setting_text(s, s->least, least) },
		{ .text = setting_text(s, s->most, most) }, { .text = meaning },
		{ .text = s->zero },
		{ .text = w.from >= POLICY_ACCOUNT ? v->view.account : NULL },
		{ .text = w.from >= POLICY_ROLE ? v->view.role : NULL },
		{ .text = sources[w.from].by },
		{ .text = of_account ? setting_text(s, w.floor, floor) : NULL } };

	print(v->cli, cells);
}

/* Whose policy it is; with --user who judges that one. */
static bool
read_view(struct viewing *v)
{
	struct policy_whose whose;
	struct uadm_err err = { 0 };
	const struct policy_view *w = &v->view;

	if (!policy_whose(v->cli, &whose))
		return false;
	if (op_policy_view(&v->cli->uadm, &whose, &v->view, &err) != UADM_OK) {
		cli_fail(v->cli, NULL, &err);
		return false;
	}
	if (w->user[0] != '\0' && w->account[0] != '\0')
		print_note(v->cli,
		    "%s: the policy of %s, the principal account, for %s", w->user,
		    w->account, w->role);
	else if (w->user[0] != '\0')
		print_note(v->cli,
		    "%s: the policy of the host, for who is in no account", w->user);
	return true;
}

static int
print_all(struct cli *cli)
{
	struct viewing v = { .cli = cli, .all = true };

	if (!read_view(&v) || !print_begin(cli, columns, ARRAY_LEN(columns)))
		return cli->worst;
	for (size_t i = 0; i < setting_count; i++)
		print_setting(&v, &settings[i], print_row);
	print_end(cli);
	return 0;
}

int
cmd_policy_list(struct cli *cli)
{
	return print_all(cli);
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

/* One key is an object; several, or all of them, are an array. */
int
cmd_policy_show(struct cli *cli)
{
	struct viewing v = { .cli = cli };
	bool list = cli->json && cli->arg_count > 1;

	if (cli->arg_count == 0)
		return print_all(cli);
	if (!read_view(&v) || (list && !print_begin(cli, columns, ARRAY_LEN(columns))))
		return cli->worst;
	for (size_t i = 0; i < cli->arg_count; i++) {
		const struct setting *s = find(cli, cli->args[i]);

		if (!cli->json && i > 0)
			putchar('\n');
		if (s != NULL)
			print_setting(&v, s, list ? print_row : print_one);
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
tell(struct cli *cli, const struct setting_change *ch)
{
	const int64_t was = ch->was;
	char is[SETTING_SIZE], before[SETTING_SIZE], what[2 * SETTING_SIZE + 20];

	setting_text(ch->setting, ch->value, is);
	setting_text(ch->setting, was, before);
	if (cli->json)
		snprintf(
		    what, sizeof(what), "%s", ch->changed ? "changed" : "unchanged");
	else if (was == ch->value)
		snprintf(what, sizeof(what), "%s", is);
	else
		snprintf(what, sizeof(what), "%s (was %s)", is, before);
	result_print(cli,
	    &(struct result){ .name = ch->setting->key,
		.what = what,
		.changed = ch->changed,
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
    const struct policy *is, const struct setting_change *changes, size_t count)
{
	struct policy was = *is;
	struct uadm_err ignored;
	char text[SETTING_SIZE];

	for (size_t i = 0; i < count; i++)
		if (policy_put(&was, changes[i].setting, changes[i].was, &ignored) !=
		    UADM_OK)
			return;
	for (size_t i = 0; i < setting_count; i++) {
		const struct setting *s = &settings[i];
		const char *why = policy_idle(is, s);
		int64_t value = policy_get(is, s);

		if (why != NULL &&
		    (is_named(s, changes, count) ||
			(value != s->shipped && why != policy_idle(&was, s))))
			cli_warn(
			    "%s %s: %s", s->key, setting_text(s, value, text), why);
	}
}

/* Who has a second factor required wants to know now where nobody could give one. */
static void
warn_of_factors(struct cli *cli, const struct setting_change *changes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (changes[i].setting->offset ==
			offsetof(struct policy, require_factor) &&
		    changes[i].value != 0)
			factor_warn(cli);
}

/* All or none: keys that belong together are set together. */
static int
change(struct cli *cli, struct setting_change *changes, size_t count)
{
	struct policy_whose whose;
	struct uadm_err err = { 0 };
	struct policy is;
	bool changed;

	if (!policy_whose(cli, &whose))
		return cli->worst;
	if (op_policy_set(&cli->uadm, &whose, changes, count, &is, &changed, &err) !=
	    UADM_OK)
		return cli_fail(cli, NULL, &err);
	result_begin(cli);
	for (size_t i = 0; i < count; i++)
		tell(cli, &changes[i]);
	result_end(cli);
	warn_of_idle(&is, changes, count);
	warn_of_factors(cli, changes, count);
	return cli->worst;
}

int
cmd_policy_set(struct cli *cli)
{
	struct setting_change changes[SETTINGS_MOST] = { 0 };
	size_t count = cli->arg_count / 2;

	if (cli->arg_count % 2 != 0 || count > SETTINGS_MOST)
		return cli_usage(cli, "each KEY needs its VALUE");
	for (size_t i = 0; i < count; i++)
		if (!read_change(
			cli, cli->args[2 * i], cli->args[2 * i + 1], &changes[i]))
			return cli->worst;
	return change(cli, changes, count);
}

int
cmd_policy_unset(struct cli *cli)
{
	struct setting_change changes[SETTINGS_MOST] = { 0 };

	if (cli->arg_count > SETTINGS_MOST)
		return cli_usage(cli, "there are no more than %d keys", SETTINGS_MOST);
	for (size_t i = 0; i < cli->arg_count; i++)
		if (!read_change(cli, cli->args[i], "default", &changes[i]))
			return cli->worst;
	return change(cli, changes, cli->arg_count);
}
