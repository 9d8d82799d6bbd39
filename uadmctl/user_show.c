/*
 * user_show.c - user list, show.
 */
#include "libuadm/base/clock.h"
#include "libuadm/base/names.h"
#include "libuadm/base/times.h"
#include "libuadm/ops/members.h"
#include "libuadm/ops/show.h"
#include "uadmctl/failed_cell.h"
#include "uadmctl/print.h"
#include "uadmctl/user_list.h"
#include "uadmctl/when.h"

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
	ACCOUNT,
	MEMBERSHIPS,
	SHARED,
	FAILED_ATTEMPTS,
	FAILED_FROM,
	LOCKED_UNTIL,
	LAST_LOGIN,
	PASSWORD_SET,
	PASSWORD_CHANGED,
	PASSWORD_EXPIRES,
	PASSWORD_INACTIVE,
	PASSWORD_KIND,
	MUST_CHANGE,
	CODE,
	CODE_EXPIRES,
	CODE_ATTEMPTS,
	CREATED_AT,
	SUSPENDED_AT,
	SUSPENDED_BY_ROOT,
	KEEP_SESSIONS,
	VALID_FROM,
	EXPIRES,
	REASON,
	OWNER,
	REVIEW_BY,
	CONTACT,
	TAGS,
	COLUMNS
};

static const struct column columns[COLUMNS] = {
	[NAME] = { "name", CELL_TEXT, true },
	[UID] = { "uid", CELL_NUMBER, true },
	[GID] = { "gid", CELL_NUMBER, false },
	[KIND] = { "kind", CELL_TEXT, false },
	[STATUS] = { "status", CELL_TEXT, true },
	[FIRST_NAME] = { "first_name", CELL_TEXT, false, FIT_CUT },
	[LAST_NAME] = { "last_name", CELL_TEXT, false, FIT_CUT },
	[DISPLAY_NAME] = { "display_name", CELL_TEXT, true, FIT_CUT },
	[EMAIL] = { "email", CELL_TEXT, true, FIT_CUT },
	[MOBILE] = { "mobile", CELL_TEXT, false },
	[HOME] = { "home", CELL_TEXT, false, FIT_CUT },
	[SHELL] = { "shell", CELL_TEXT, false },
	[TIME_ZONE] = { "time_zone", CELL_TEXT, false },
	[GROUPS] = { "groups", CELL_LIST, true, FIT_CUT },
	[ACCOUNT] = { "account", CELL_TEXT, false },
	[MEMBERSHIPS] = { "memberships", CELL_OBJECTS, false, FIT_CUT },
	[SHARED] = { "shared", CELL_BOOL, false },
	[FAILED_ATTEMPTS] = { "failed_attempts", CELL_NUMBER, false },
	[FAILED_FROM] = { "failed_sources", CELL_OBJECTS, false, FIT_CUT },
	[LOCKED_UNTIL] = { "locked_until", CELL_TIME, false },
	[LAST_LOGIN] = { "last_login", CELL_TIME, true },
	[PASSWORD_SET] = { "password_set", CELL_BOOL, false },
	[PASSWORD_CHANGED] = { "password_changed_at", CELL_TIME, false },
	[PASSWORD_EXPIRES] = { "password_expires_at", CELL_TIME, false },
	[PASSWORD_INACTIVE] = { "password_inactive_at", CELL_TIME, false },
	[PASSWORD_KIND] = { "password_kind", CELL_TEXT, false },
	[MUST_CHANGE] = { "must_change", CELL_BOOL, false },
	[CODE] = { "code", CELL_TEXT, false },
	[CODE_EXPIRES] = { "code_expires_at", CELL_TIME, false },
	[CODE_ATTEMPTS] = { "code_attempts", CELL_NUMBER, false },
	[CREATED_AT] = { "created_at", CELL_TIME, false },
	[SUSPENDED_AT] = { "suspended_at", CELL_TIME, false },
	[SUSPENDED_BY_ROOT] = { "suspended_by_root", CELL_BOOL, false },
	[KEEP_SESSIONS] = { "keep_sessions", CELL_BOOL, false },
	[VALID_FROM] = { "valid_from", CELL_TIME, false },
	[EXPIRES] = { "expires", CELL_TIME, false },
	[REASON] = { "reason", CELL_TEXT, false, FIT_CUT },
	[OWNER] = { "owner", CELL_TEXT, false },
	[REVIEW_BY] = { "review_by", CELL_TIME, false },
	[CONTACT] = { "contact", CELL_TEXT, false, FIT_CUT },
	[TAGS] = { "tags", CELL_LIST, false, FIT_CUT },
};

static const struct column member_columns[] = { { "account", CELL_TEXT, true },
	{ "role", CELL_TEXT, true }, { "principal", CELL_BOOL, true },
	{ "state", CELL_TEXT, true }, { "ends_at", CELL_TIME, true },
	{ "then_role", CELL_TEXT, true } };

/* Where a user belongs, as a cell. */
struct member_cell {
	struct member_list list;
	struct cell_objects objects;
};

static void
get_member(void *arg, size_t i, struct cell *cells, char line[CELL_LINE_SIZE])
{
	const struct member *m = &((const struct member_cell *)arg)->list.at[i];
	char when[TIME_SIZE];

	cells[0] = (struct cell){ .text = m->account_name };
	cells[1] = (struct cell){ .text = m->role_name };
	cells[2] = (struct cell){ .number = m->principal };
	cells[3] = (struct cell){ .text = op_member_state_word(m->state) };
	cells[4] = (struct cell){ .number = m->ends_at };
	cells[5] = (struct cell){ .text = m->then_role_name };
	snprintf(line, CELL_LINE_SIZE, "%s: %s%s%s%s%s%s%s%s", m->account_name,
	    m->role_name, m->principal ? ", principal" : "",
	    m->state != MEMBER_ACTIVE ? ", " : "",
	    m->state != MEMBER_ACTIVE ? op_member_state_word(m->state) : "",
	    m->ends_at != 0 ? ", until " : "", when_end(m->ends_at, when),
	    m->then_role != 0 ? ", then " : "", m->then_role_name);
}

static struct cell
member_cell(struct member_cell *m)
{
	m->objects = (struct cell_objects){ .columns = member_columns,
		.column_count = ARRAY_LEN(member_columns),
		.count = m->list.count,
		.get = get_member,
		.arg = m };
	return (struct cell){ .objects = &m->objects };
}

static const char *
principal_of(const struct member_cell *m)
{
	return m->list.count > 0 && m->list.at[0].principal ? m->list.at[0].account_name
							    : NULL;
}

static void
fill_cells(const struct user_view *v, struct failed_cell *failed,
    struct member_cell *members, struct cell cells[COLUMNS])
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
		[ACCOUNT] = { .text = principal_of(members) },
		[MEMBERSHIPS] = member_cell(members),
		[SHARED] = { .number = v->row.group_count > 0 },
		[FAILED_ATTEMPTS] = { .number = v->failed_attempts },
		[FAILED_FROM] = failed_cell(failed),
		[LOCKED_UNTIL] = { .number = v->locked_until,
		    .text = v->locked ? "until user unlock" : NULL },
		[LAST_LOGIN] = { .number = v->row.last_login },
		[PASSWORD_SET] = { .number = u->password_set },
		[PASSWORD_CHANGED] = { .number = u->password_changed_at },
		[PASSWORD_EXPIRES] = { .number = v->password_expires_at },
		[PASSWORD_INACTIVE] = { .number = v->password_inactive_at },
		[PASSWORD_KIND] = { .text = v->password_kind },
		[MUST_CHANGE] = { .number = u->must_change },
		[CODE] = { .text = v->code_word },
		[CODE_EXPIRES] = { .number = v->code.expires_at },
		[CODE_ATTEMPTS] = { .number = v->code.attempts },
		[CREATED_AT] = { .number = u->created_at },
		[SUSPENDED_AT] = { .number = u->suspended_at },
		[SUSPENDED_BY_ROOT] = { .number = u->suspended_by_root },
		[KEEP_SESSIONS] = { .number = u->keep_sessions },
		[VALID_FROM] = { .number = u->valid_from },
		[EXPIRES] = { .number = u->expires_at },
		[REASON] = { .text = u->reason },
		[OWNER] = { .text = u->owner },
		[REVIEW_BY] = { .number = u->review_by },
		[CONTACT] = { .text = u->contact },
		[TAGS] = { .text = v->row.tags },
	};

	memcpy(cells, filled, sizeof(filled));
}

struct showing {
	struct cli *cli;
	struct failed_cell failed;
	struct member_cell members;
	size_t shown;
};

static void
showing_done(struct showing *s)
{
	failed_sources_free(&s->failed.list);
	free(s->members.list.at);
}

static enum uadm_code
print_user(void *arg, const struct user_view *v, struct uadm_err *err)
{
	struct showing *s = arg;
	struct cell cells[COLUMNS];

	(void)err;
	fill_cells(v, &s->failed, &s->members, cells);
	print_row(s->cli, cells);
	return UADM_OK;
}

int
list_users(struct cli *cli, struct user_query q)
{
	CLEANUP(showing_done) struct showing s = { .cli = cli };
	struct uadm_err err = { 0 };

	if (!print_begin(cli, columns, COLUMNS))
		return cli->worst;
	q.bare = !print_wants(cli, "groups") && !print_wants(cli, "tags") &&
	    !print_wants(cli, "shared") && !print_wants(cli, "failed_attempts") &&
	    !print_wants(cli, "failed_sources");
	q.codes = print_wants(cli, "code") || print_wants(cli, "code_expires_at") ||
	    print_wants(cli, "code_attempts");
	if (print_wants(cli, "failed_sources"))
		q.failed = &s.failed.list;
	if (print_wants(cli, "memberships") || print_wants(cli, "account"))
		q.members = &s.members.list;
	if (op_users(&cli->uadm, &q, print_user, &s, &err) != UADM_OK)
		return print_abort(cli, &err);
	print_end(cli);
	return cli->worst;
}

bool
query_users(struct cli *cli, struct user_query *q)
{
	static const char *const statuses[] = { USER_STATUSES };
	static const char *const kinds[] = { USER_KINDS };
	struct clock_now now;

	*q = (struct user_query){ .group = cli_value(cli, "group"),
		.account = cli_value(cli, "account"),
		.role = cli_value(cli, "role"),
		.kind = cli_value(cli, "kind"),
		.status = cli_value(cli, "status"),
		.tag = cli_value(cli, "tag") };
	if (cli_has(cli, "review-due")) {
		clock_read(&now);
		q->review_due = now.wall;
	}
	return cli_one_of(cli, "status", statuses, ARRAY_LEN(statuses)) &&
	    cli_one_of(cli, "kind", kinds, ARRAY_LEN(kinds));
}

int
cmd_user_list(struct cli *cli)
{
	struct user_query q;

	return query_users(cli, &q) ? list_users(cli, q) : cli->worst;
}

static enum uadm_code
show_user(void *arg, const struct user_view *v, struct uadm_err *err)
{
	struct showing *s = arg;
	struct cell cells[COLUMNS];

	(void)err;
	fill_cells(v, &s->failed, &s->members, cells);
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
	CLEANUP(showing_done) struct showing s = { .cli = cli };
	char shown[80];
	bool list = cli->json && cli->arg_count > 1;

	if (list && !print_begin(cli, columns, COLUMNS))
		return cli->worst;
	for (size_t i = 0; i < cli->arg_count; i++) {
		const struct user_query q = { .name = cli->args[i],
			.failed = &s.failed.list,
			.members = &s.members.list,
			.codes = true };
		struct uadm_err err = { 0 };
		enum uadm_code c =
		    op_users(&cli->uadm, &q, list ? print_user : show_user, &s, &err);

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
