/*
 * user_show.c - user list, show, check.
 */
#include "libuadm/base/names.h"
#include "libuadm/ops/show.h"
#include "uadmctl/print.h"

#include <string.h>

/* One table of columns for list and show, so that their JSON is the same. */
enum col {
	NAME,
	UID,
	GID,
	KIND,
	STATUS,
	FIRST_NAME,
	LAST_NAME,
	DISPLAY_NAME,
	EMAIL,
	MOBILE,
	HOME,
	SHELL,
	TIME_ZONE,
	GROUPS,
	SHARED,
	FAILED_ATTEMPTS,
	LOCKED_UNTIL,
	LAST_LOGIN,
	PASSWORD_SET,
	PASSWORD_CHANGED,
	MUST_CHANGE,
	CREATED_AT,
	SUSPENDED_AT,
	VALID_FROM,
	EXPIRES,
	REASON,
	OWNER,
	REVIEW_BY,
	COLUMNS
};

static const struct column columns[COLUMNS] = {
	[NAME] = { "name", CELL_TEXT, true },
	[UID] = { "uid", CELL_NUMBER, true },
	[GID] = { "gid", CELL_NUMBER, false },
	[KIND] = { "kind", CELL_TEXT, false },
	[STATUS] = { "status", CELL_TEXT, true },
	[FIRST_NAME] = { "first_name", CELL_TEXT, false },
	[LAST_NAME] = { "last_name", CELL_TEXT, false },
	[DISPLAY_NAME] = { "display_name", CELL_TEXT, true },
	[EMAIL] = { "email", CELL_TEXT, true },
	[MOBILE] = { "mobile", CELL_TEXT, false },
	[HOME] = { "home", CELL_TEXT, false },
	[SHELL] = { "shell", CELL_TEXT, false },
	[TIME_ZONE] = { "time_zone", CELL_TEXT, false },
	[GROUPS] = { "groups", CELL_LIST, true },
	[SHARED] = { "shared", CELL_BOOL, false },
	[FAILED_ATTEMPTS] = { "failed_attempts", CELL_NUMBER, false },
	[LOCKED_UNTIL] = { "locked_until", CELL_TIME, false },
	[LAST_LOGIN] = { "last_login", CELL_TIME, true },
	[PASSWORD_SET] = { "password_set", CELL_BOOL, false },
	[PASSWORD_CHANGED] = { "password_changed_at", CELL_TIME, false },
	[MUST_CHANGE] = { "must_change", CELL_BOOL, false },
	[CREATED_AT] = { "created_at", CELL_TIME, false },
	[SUSPENDED_AT] = { "suspended_at", CELL_TIME, false },
	[VALID_FROM] = { "valid_from", CELL_TIME, false },
	[EXPIRES] = { "expires", CELL_TIME, false },
	[REASON] = { "reason", CELL_TEXT, false },
	[OWNER] = { "owner", CELL_TEXT, false },
	[REVIEW_BY] = { "review_by", CELL_TIME, false },
};

static void
fill_cells(const struct user_view *v, struct cell cells[COLUMNS])
{
	const struct user *u = &v->row.user;
	const struct cell filled[COLUMNS] = {
		[NAME] = { .text = u->name },
		[UID] = { .number = u->uid },
		[GID] = { .number = u->uid },
		[KIND] = { .text = u->kind == USER_SERVICE ? "service" : "person" },
		[STATUS] = { .text = v->status },
		[FIRST_NAME] = { .text = u->first_name },
		[LAST_NAME] = { .text = u->last_name },
		[DISPLAY_NAME] = { .text = v->display_name },
		[EMAIL] = { .text = u->email },
		[MOBILE] = { .text = u->mobile },
		[HOME] = { .text = u->home },
		[SHELL] = { .text = u->shell },
		[TIME_ZONE] = { .text = u->time_zone },
		[GROUPS] = { .text = v->row.groups },
		[SHARED] = { .number = v->row.group_count > 0 },
		[FAILED_ATTEMPTS] = { .number = v->failed_attempts },
		[LOCKED_UNTIL] = { .number = v->locked_until },
		[LAST_LOGIN] = { .number = v->row.last_login },
		[PASSWORD_SET] = { .number = u->password_set },
		[PASSWORD_CHANGED] = { .number = u->password_changed_at },
		[MUST_CHANGE] = { .number = u->must_change },
		[CREATED_AT] = { .number = u->created_at },
		[SUSPENDED_AT] = { .number = u->suspended_at },
		[VALID_FROM] = { .number = u->valid_from },
		[EXPIRES] = { .number = u->expires_at },
		[REASON] = { .text = u->reason },
		[OWNER] = { .text = u->owner },
		[REVIEW_BY] = { .number = u->review_by },
	};

	memcpy(cells, filled, sizeof(filled));
}

static enum uadm_code
print_user(void *arg, const struct user_view *v, struct uadm_err *err)
{
	struct cell cells[COLUMNS];

	(void)err;
	fill_cells(v, cells);
	print_row(arg, cells);
	return UADM_OK;
}

static bool
one_of(struct cli *cli, const char *option, const char *const *words, size_t count)
{
	const char *value = cli_value(cli, option);
	char shown[60], all[120] = "";
	size_t used = 0;

	if (value == NULL)
		return true;
	for (size_t i = 0; i < count; i++)
		if (strcmp(value, words[i]) == 0)
			return true;
	for (size_t i = 0; i < count && used < sizeof(all); i++) {
		used += (size_t)snprintf(all + used, sizeof(all) - used, "%s%s",
		    i > 0 ? ", " : "", words[i]);
	}
	cli_usage(cli, "--%s \"%s\" is none of: %s", option,
	    text_escape(shown, sizeof(shown), value), all);
	return false;
}

int
cmd_user_list(struct cli *cli)
{
	static const char *const statuses[] = { "active", "suspended", "locked",
		"expired", "inactive" };
	static const char *const kinds[] = { "person", "service" };
	struct user_query q = { .group = cli_value(cli, "group"),
		.kind = cli_value(cli, "kind"),
		.status = cli_value(cli, "status") };
	struct uadm_err err = { 0 };

	if (!one_of(cli, "status", statuses, ARRAY_LEN(statuses)) ||
	    !one_of(cli, "kind", kinds, ARRAY_LEN(kinds)) ||
	    !print_begin(cli, columns, COLUMNS))
		return cli->worst;
	q.bare = !print_wants(cli, "groups") && !print_wants(cli, "shared") &&
	    !print_wants(cli, "failed_attempts");
	if (op_users(&cli->uadm, &q, print_user, cli, &err) != UADM_OK)
		return print_abort(cli, &err);
	print_end(cli);
	return cli->worst;
}

struct showing {
	struct cli *cli;
	size_t shown;
};

static enum uadm_code
show_user(void *arg, const struct user_view *v, struct uadm_err *err)
{
	struct showing *s = arg;
	struct cell cells[COLUMNS];

	(void)err;
	fill_cells(v, cells);
	if (!s->cli->json && s->shown > 0)
		putchar('\n');
	print_object(s->cli, columns, COLUMNS, cells);
	s->shown++;
	return UADM_OK;
}

/* One user is an object; several are an array. */
int
cmd_user_show(struct cli *cli)
{
	struct showing s = { .cli = cli };
	char shown[80];
	bool list = cli->json && cli->arg_count > 1;

	if (list && !print_begin(cli, columns, COLUMNS))
		return cli->worst;
	for (size_t i = 0; i < cli->arg_count; i++) {
		const struct user_query q = { .name = cli->args[i] };
		struct uadm_err err = { 0 };
		enum uadm_code c = list
		    ? op_users(&cli->uadm, &q, print_user, cli, &err)
		    : op_users(&cli->uadm, &q, show_user, &s, &err);

		if (c != UADM_OK && list)
			result_failed(
			    cli, text_escape(shown, sizeof(shown), cli->args[i]), &err);
		else if (c != UADM_OK)
			cli_fail(cli, NULL, &err);
	}
	if (list)
		print_end(cli);
	return cli->worst;
}

static void
say_why(const struct user_outlook *o)
{
	printf("  by password: %s - %s\n",
	    o->by_password.verdict == LOGIN_REFUSE ? "refused" : "let in",
	    policy_login_reason_text(o->by_password.reason));
	printf("  by key, cron, at, sudo, su from root: %s - %s\n",
	    o->by_key.verdict == LOGIN_REFUSE ? "refused" : "let in",
	    policy_login_reason_text(o->by_key.reason));
}

/* "No" is: the ways that this user has do not all work now. */
static bool
may_log_in(const struct user_outlook *o)
{
	return o->by_key.verdict != LOGIN_REFUSE &&
	    (o->by_password.verdict != LOGIN_REFUSE ||
		o->by_password.reason == LOGIN_NO_PASSWORD ||
		o->by_password.reason == LOGIN_SERVICE_PASSWORD);
}

int
cmd_user_check(struct cli *cli)
{
	static const struct column check_columns[] = { { "name", CELL_TEXT, true },
		{ "allowed", CELL_BOOL, true }, { "status", CELL_TEXT, true },
		{ "by_password", CELL_BOOL, true },
		{ "by_password_reason", CELL_TEXT, true },
		{ "by_key", CELL_BOOL, true }, { "by_key_reason", CELL_TEXT, true },
		{ "locked_until", CELL_TIME, true } };
	struct user_outlook o;
	struct uadm_err err = { 0 };
	bool allowed;

	if (op_user_outlook(&cli->uadm, cli->args[0], &o, &err) != UADM_OK)
		return cli_fail(cli, NULL, &err);
	allowed = may_log_in(&o);
	if (cli->json) {
		const struct cell cells[] = { { .text = o.view.row.user.name },
			{ .number = allowed }, { .text = o.view.status },
			{ .number = o.by_password.verdict != LOGIN_REFUSE },
			{ .text = policy_login_reason_word(o.by_password.reason) },
			{ .number = o.by_key.verdict != LOGIN_REFUSE },
			{ .text = policy_login_reason_word(o.by_key.reason) },
			{ .number = o.view.locked_until } };

		print_object(cli, check_columns, ARRAY_LEN(check_columns), cells);
	} else {
		print_note(cli, "%s: %s (%s)", o.view.row.user.name,
		    allowed                                ? "may log in"
			: o.by_key.verdict != LOGIN_REFUSE ? "may log in by key only"
							   : "may not log in",
		    o.view.status);
		if (cli_has(cli, "why"))
			say_why(&o);
	}
	return allowed ? 0 : EXIT_NO;
}
