/*
 * user_add.c - user add, user set, user set-password.
 */
#include "libuadm/base/clock.h"
#include "libuadm/base/names.h"
#include "libuadm/base/number.h"
#include "libuadm/base/times.h"
#include "libuadm/ops/accounts.h"
#include "libuadm/ops/domains.h"
#include "libuadm/ops/home.h"
#include "libuadm/ops/passwords.h"
#include "libuadm/ops/same.h"
#include "libuadm/ops/show.h"
#include "libuadm/ops/users.h"
#include "libuadm/policy/ending.h"
#include "libuadm/policy/login.h"
#include "uadmctl/addition.h"
#include "uadmctl/bulk.h"
#include "uadmctl/input.h"
#include "uadmctl/invite.h"
#include "uadmctl/json.h"
#include "uadmctl/member.h"
#include "uadmctl/print.h"
#include "uadmctl/progress.h"
#include "uadmctl/when.h"

#include <jansson.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* The user is there by now: that much is said with the error. */
static enum uadm_code
make_home(struct cli *cli, const struct user *u, struct uadm_err *err)
{
	struct uadm_err why = { 0 };
	bool made;

	if (cli->uadm.dry_run ||
	    home_create(u->home, u->uid, (gid_t)u->uid, cli->uadm.config.home_skel,
		0700, &made, &why) == UADM_OK)
		return UADM_OK;
	uadm_fail(err, why.code, "added with uid %u, but without a home: %s",
	    (unsigned)u->uid, why.msg);
	return uadm_hint(err, "if it is theirs: chown -R %s: %s", u->name, u->home);
}

/* Whoever is to be asked for a password is told first what stands in the way anyhow. */
static enum uadm_code
rehearse(struct cli *cli, const struct addition *a, struct uadm_err *err)
{
	struct user_addition bare = a->add;
	bool dry_run = cli->uadm.dry_run;
	enum uadm_code c;

	bare.user.must_change = false;
	bare.stranger_ok = true; /* that is asked about next */
	cli->uadm.dry_run = true;
	c = op_user_add(&cli->uadm, &bare, err);
	cli->uadm.dry_run = dry_run;
	return c;
}

/* Whose policy the password has to meet: that of the account to be, which is said to be missing when
 * the user is made. */
static struct user
judged_as(struct cli *cli, const struct addition *a)
{
	struct user user = a->add.user;
	const struct member_addition *first = a->add.accounts;
	struct uadm_err ignored;
	struct account account;
	struct role role;

	if (a->add.account_count == 0 ||
	    find_account(&cli->uadm, first->account, &account, &ignored) != UADM_OK)
		return user;
	user.account = account.gid;
	user.member_role = account.default_role;
	if (first->role != NULL &&
	    find_role(&cli->uadm, first->role, &role, &ignored) == UADM_OK)
		user.member_role = role.id;
	return user;
}

/* `a` gets the hash of its row, or the hash or password that was asked for, if one was. false:
 * said what is wrong. */
static bool
get_password(struct cli *cli, struct addition *a, struct secret *pw)
{
	const char *name = a->add.user.name;
	struct uadm_err err = { 0 };
	struct user judged;
	bool given = false;

	if ((cli_has(cli, "password") && rehearse(cli, a, &err) != UADM_OK) ||
	    secret_new(pw, &err) != UADM_OK ||
	    (a->hash != NULL &&
		secret_set(pw, a->hash, strlen(a->hash), &err) != UADM_OK)) {
		result_failed(cli, name, &err);
		return false;
	}
	if (a->hash == NULL && !input_hash(cli, pw, &given))
		return false;
	if (a->hash != NULL || given) {
		a->add.hash = pw;
		return true;
	}
	judged = judged_as(cli, a);
	if (!input_password(cli, &judged, cli_has(cli, "password"), pw, &given))
		return false;
	if (given && check_new_password(&cli->uadm, &judged, pw, &err) != UADM_OK) {
		result_failed(cli, name, &err);
		return false;
	}
	if (given)
		a->add.password = pw;
	return true;
}

static bool
wants_password(const struct cli *cli)
{
	return cli_has(cli, "password") || cli_has(cli, "password-stdin") ||
	    cli_has(cli, "password-fd") || cli_has(cli, "hash-stdin") ||
	    cli_has(cli, "hash-fd");
}

struct added {
	struct user user;
	bool changed, role_named, temporary, invited, waits;
	struct code_given given;
	size_t account_count;
	struct member_addition accounts[ACCOUNTS_MOST];
};

/* What a line has of how they get in first. */
static void
say_way_in(const struct cli *cli, const struct added *a, char *out, size_t size)
{
	char when[TIME_SIZE], command[CODE_COMMAND_SIZE];

	out[0] = '\0';
	if (a->invited)
		code_say(cli, &a->given, a->user.name, out, size);
	else if (a->temporary && a->given.text[0] != '\0')
		snprintf(out, size, ": temporary password %s, good until %s%s%s",
		    a->given.text, when_said(a->given.expires_at, when),
		    a->waits ? "" : "\n    ",
		    a->waits ? ""
			     : code_command(a->user.name, command, sizeof(command)));
}

static json_t *
added_json(struct cli *cli, const struct added *a)
{
	json_t *all = a->invited ? code_json(&a->given, a->user.name) : json_object();
	json_t *list = json_array();
	char when[TIME_SIZE], command[CODE_COMMAND_SIZE];

	for (size_t i = 0; i < a->account_count; i++)
		json_array_append_new(list, member_json(cli, &a->accounts[i]));
	if (a->account_count > 0)
		json_object_set(all, "memberships", list);
	json_decref(list);
	if (a->temporary && a->given.text[0] != '\0') {
		json_object_set_new(
		    all, "temporary_password", json_string(a->given.text));
		json_object_set_new(all, "expires_at",
		    json_string(time_utc(a->given.expires_at, when)));
		json_object_set_new(all, "command",
		    json_text(code_command(a->user.name, command, sizeof(command))));
	}
	return all;
}

/* Homes are made for users that are there for good. One who was there already may have none: we may
 * have been stopped between the two. */
static void
tell_added(struct cli *cli, const void *arg, const struct uadm_err *lost)
{
	struct added added = *(const struct added *)arg, *a = &added;
	struct uadm_err err = { 0 };
	char what[80], text[4096] = "";
	size_t used = 0;

	if (lost != NULL && a->changed) {
		result_failed(cli, a->user.name, lost);
		return;
	}
	if (cli_has(cli, "create-home") && make_home(cli, &a->user, &err) != UADM_OK) {
		result_failed(cli, a->user.name, &err);
		return;
	}
	snprintf(what, sizeof(what), "%s with uid %u", a->changed ? "added" : "there",
	    (unsigned)a->user.uid);
	for (size_t i = 0; i < a->account_count && used + 1 < sizeof(text); i++) {
		if (i > 0)
			text[used++] = ',';
		member_say(cli, &a->accounts[i], a->role_named, text + used,
		    sizeof(text) - used);
		used = strlen(text);
	}
	if (a->changed && a->user.suspended_at != 0)
		snprintf(text + used, sizeof(text) - used,
		    ", suspended until uadmctl user resume %s", a->user.name);
	used = strlen(text);
	/* Who wants no code knows; and a password is one's own way in. */
	if (a->changed && !a->invited && a->account_count > 0 &&
	    (!cli_has(cli, "no-invite") || a->user.password_set))
		a->waits = member_warn_waits(cli, &a->user, &a->accounts[0]);
	say_way_in(cli, a, text + used, sizeof(text) - used);
	result_print(cli,
	    &(struct result){ .name = a->user.name,
		.what = cli->json ? "added" : what,
		.changed = a->changed,
		.text = text,
		.json = cli->json ? added_json(cli, a) : NULL },
	    &(struct uadm_err){ 0 });
	secret_zero(text, sizeof(text));
	code_given_wipe(&added.given);
}

static void
add_one(struct cli *cli, const struct input_row *row)
{
	CLEANUP(secret_wipe) struct secret pw = { 0 };
	CLEANUP(addition_free) struct addition *a = calloc(1, sizeof(*a));
	struct uadm_err err = { 0 };
	struct added added = { 0 };
	bool there = false;
	char shown[80];

	if (a == NULL)
		abort();
	if (addition_fill(cli, row, false, a, &err) != UADM_OK ||
	    name_check("name", a->add.user.name, &err) != UADM_OK) {
		result_failed(cli, text_escape(shown, sizeof(shown), row->name), &err);
		return;
	}
	if ((a->hash != NULL || wants_password(cli)) && !get_password(cli, a, &pw))
		return;
	if (cli_has(cli, "resume") &&
	    op_user_is_there(&cli->uadm, &a->add, &there, &err) != UADM_OK) {
		result_failed(cli, a->add.user.name, &err);
		return;
	}
	a->add.reuse_name = cli_has(cli, "reuse-name");
	a->add.temporary = cli_has(cli, "temp-password");
	a->add.invite_if_pending = !cli_has(cli, "no-invite");
	a->add.way = code_way_of(cli);
	if (!there && !addition_domain_is_meant(cli, a))
		return;
	if ((!there && op_user_add(&cli->uadm, &a->add, &err) != UADM_OK)) {
		result_failed(cli, a->add.user.name, &err);
		return;
	}
	added.user = a->add.user;
	added.changed = !there;
	added.role_named = a->role != NULL;
	added.temporary = a->add.temporary;
	added.invited = a->add.invited;
	added.given = a->add.given;
	added.account_count = a->add.account_count;
	memcpy(added.accounts, a->accounts, sizeof(added.accounts));
	bulk_later(cli, tell_added, &added, sizeof(added));
	code_given_wipe(&added.given);
}

int
cmd_user_add(struct cli *cli)
{
	if (wants_password(cli) && cli->arg_count != 1)
		return cli_usage(cli, "a password can be given to one user at a time");
	if (cli_has(cli, "temp-password") && wants_password(cli))
		return cli_usage(cli, "--temp-password is in the place of a password");
	if (cli_has(cli, "resume") && !cli_has(cli, "from"))
		return cli_usage(cli, "--resume goes with --from");
	if (cli_has(cli, "account") && !member_role_is_named(cli))
		return cli->worst;
	result_begin(cli);
	input_each(cli, 0, add_one);
	result_end(cli);
	return cli->worst;
}

static enum uadm_code
collect_changes(struct cli *cli, const struct input_row *row, struct field_change *out,
    size_t *count, struct uadm_err *err)
{
	char shown[60];

	for (size_t i = 0; i < cli->given_count; i++) {
		const struct field *f = field_find(cli->given[i].option->name);

		if (f != NULL)
			out[(*count)++] =
			    (struct field_change){ f, cli->given[i].value };
	}
	/* An empty cell, or one that a short row has not, says nothing: only an option clears. */
	for (size_t i = 0; i < row->count; i++) {
		const struct field *f = field_find(row->keys[i]);

		if (f != NULL && *row->values[i] != '\0')
			out[(*count)++] = (struct field_change){ f, row->values[i] };
	}
	if (*count == 0 && row->count < 2) {
		uadm_fail(err, UADM_USAGE, "nothing to set is given");
		uadm_hint(err,
		    "for example: uadmctl user set %s --email jo@example.org",
		    text_escape(shown, sizeof(shown), row->name));
		return err->code;
	}
	return UADM_OK;
}

/* Unlike a suspension this ends nothing by itself. */
static void
note_if_over(struct cli *cli, const char *name)
{
	struct uadm_err err = { 0 };
	struct clock_now now;
	struct user user;

	clock_read(&now);
	if (cli->json || cli->uadm.dry_run ||
	    find_user(&cli->uadm, name, &user, &err) != UADM_OK ||
	    policy_user_may_run(&user, now.wall) ||
	    policy_principal(&user, now.wall) != LOGIN_FINE)
		return;
	progress_hide();
	fprintf(stderr, "%s: %s; what runs ends within a minute (uadmctl maintain)\n",
	    user.name,
	    user.suspended_at != 0 && !user.keep_sessions ? "is suspended"
		: user.valid_from > now.wall              ? "has not begun yet"
							  : "has ended already");
}

struct was_set {
	char name[UADM_NAME_SIZE];
	bool changed, window;
};

static void
tell_set(struct cli *cli, const void *arg, const struct uadm_err *lost)
{
	const struct was_set *s = arg;

	if (lost != NULL && s->changed) {
		result_failed(cli, s->name, lost);
		return;
	}
	result_done(cli, s->name, "changed", s->changed);
	if (s->window)
		note_if_over(cli, s->name);
}

static bool
sets_window(const struct field_change *changes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(changes[i].field->key, "valid_from") == 0 ||
		    strcmp(changes[i].field->key, "expires") == 0)
			return true;
	return false;
}

static void
set_one(struct cli *cli, const struct input_row *row)
{
	struct field_change changes[CLI_OPTIONS_MOST * 2];
	struct uadm_err err = { 0 };
	struct was_set set = { 0 };
	char shown[80];
	size_t count = 0;

	if (collect_changes(cli, row, changes, &count, &err) != UADM_OK ||
	    op_user_set(&cli->uadm, row->name, changes, count, &set.changed, &err) !=
		UADM_OK) {
		result_failed(cli, text_escape(shown, sizeof(shown), row->name), &err);
		return;
	}
	/* A user's name, since it was found. */
	snprintf(set.name, sizeof(set.name), "%s", row->name);
	set.window = sets_window(changes, count);
	bulk_later(cli, tell_set, &set, sizeof(set));
}

int
cmd_user_set(struct cli *cli)
{
	result_begin(cli);
	input_each(cli, 0, set_one);
	result_end(cli);
	return cli->worst;
}

static void
set_password(struct cli *cli, const char *name)
{
	CLEANUP(secret_wipe) struct secret pw = { 0 };
	struct uadm_err err = { 0 };
	struct user user;
	bool hash, given = false, keep = cli_has(cli, "keep"),
		   must_change = cli_has(cli, "must-change");
	char shown[80];
	enum uadm_code c;

	text_escape(shown, sizeof(shown), name);
	if (keep && !must_change) {
		cli_usage(cli, "--keep goes with --must-change");
		return;
	}
	if (find_user(&cli->uadm, name, &user, &err) != UADM_OK ||
	    secret_new(&pw, &err) != UADM_OK) {
		result_failed(cli, shown, &err);
		return;
	}
	if (!input_hash(cli, &pw, &hash) ||
	    (!hash &&
		!input_password(cli, &user,
		    !keep && !cli_has(cli, "password-stdin") &&
			!cli_has(cli, "password-fd"),
		    &pw, &given)))
		return;
	c = hash ? op_user_import_password(&cli->uadm, name, &pw, must_change, &err)
		 : op_user_set_password(
		       &cli->uadm, name, given ? &pw : NULL, must_change, &err);
	if (c != UADM_OK)
		result_failed(cli, shown, &err);
	else
		result_done(cli, shown,
		    hash || given ? "password set" : "password due for a change", true);
}

int
cmd_user_set_password(struct cli *cli)
{
	result_begin(cli);
	set_password(cli, cli->args[0]);
	result_end(cli);
	return cli->worst;
}
