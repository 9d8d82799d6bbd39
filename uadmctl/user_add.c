/*
 * user_add.c - user add, user set, user set-password.
 */
#include "libuadm/base/clock.h"
#include "libuadm/base/names.h"
#include "libuadm/base/number.h"
#include "libuadm/ops/accounts.h"
#include "libuadm/ops/domains.h"
#include "libuadm/ops/home.h"
#include "libuadm/ops/passwords.h"
#include "libuadm/ops/same.h"
#include "libuadm/ops/show.h"
#include "libuadm/ops/users.h"
#include "libuadm/policy/ending.h"
#include "libuadm/policy/login.h"
#include "uadmctl/bulk.h"
#include "uadmctl/input.h"
#include "uadmctl/member.h"
#include "uadmctl/print.h"
#include "uadmctl/progress.h"

#include <jansson.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { GROUPS_MOST = 256, ACCOUNTS_MOST = 32 };

/* What one line or one argument asks for. */
struct addition {
	struct user_addition add;
	char groups_text[8192];
	const char *groups[GROUPS_MOST];
	const char *hash; /* of a cell; NULL: none */
	struct member_addition accounts[ACCOUNTS_MOST];
	char accounts_text[ACCOUNTS_MOST][UADM_NAME_SIZE + 1];
	const char *role; /* in each of them; NULL: its default */
	char **rights;
	size_t right_count;
};

static void
addition_free(struct addition **a)
{
	if (*a != NULL)
		cli_values_free(&(*a)->rights);
	free(*a);
}

static int64_t
wall_now(void)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec;
}

static enum uadm_code
set_uid(struct user *u, const char *value, struct uadm_err *err)
{
	char shown[60];
	int64_t n;

	if (*value == '\0')
		return UADM_OK;
	if (!number_parse(value, 1, 2147483646, &n))
		return uadm_fail(err, UADM_INVALID,
		    "uid \"%s\" is not a number from 1 to 2147483646",
		    text_escape(shown, sizeof(shown), value));
	u->uid = (uid_t)n;
	return UADM_OK;
}

static enum uadm_code
set_kind(struct user *u, const char *value, struct uadm_err *err)
{
	char shown[60];

	if (strcmp(value, "service") == 0)
		u->kind = USER_SERVICE;
	else if (*value != '\0' && strcmp(value, "person") != 0)
		return uadm_fail(err, UADM_INVALID,
		    "kind \"%s\" is neither person nor service",
		    text_escape(shown, sizeof(shown), value));
	return UADM_OK;
}

/* Several in one value, by ',' on the command line and ';' in a cell. */
static enum uadm_code
add_groups(struct addition *a, const char *value, struct uadm_err *err)
{
	size_t used = 0;

	while (used < sizeof(a->groups_text) && a->groups_text[used] != '\0')
		used += strlen(a->groups_text + used) + 1;
	for (const char *p = value; *p != '\0';) {
		size_t n = strcspn(p += strspn(p, " "), ",;"), end = n;

		while (n > 0 && p[n - 1] == ' ')
			n--;
		if (n > 0) {
			if (a->add.group_count == GROUPS_MOST ||
			    used + n + 2 > sizeof(a->groups_text))
				return uadm_fail(err, UADM_INVALID, "groups: too many");
			a->groups[a->add.group_count++] = a->groups_text + used;
			memcpy(a->groups_text + used, p, n);
			used += n + 1;
		}
		p += end + (p[end] != '\0');
	}
	return UADM_OK;
}

/* Likewise; they are joined once all is known of them. */
static enum uadm_code
add_accounts(struct addition *a, const char *value, struct uadm_err *err)
{
	for (const char *p = value; *p != '\0';) {
		size_t n = strcspn(p, ",;");

		if (n > 0 && a->add.account_count == ACCOUNTS_MOST)
			return uadm_fail(err, UADM_INVALID, "accounts: too many");
		/* What is too long for a name is cut to what still is. */
		if (n > 0)
			snprintf(a->accounts_text[a->add.account_count++],
			    sizeof(a->accounts_text[0]), "%.*s", (int)n, p);
		p += n + (p[n] != '\0');
	}
	return UADM_OK;
}

static void
fill_accounts(struct cli *cli, struct addition *a)
{
	a->rights = member_rights(cli, &a->right_count);
	for (size_t i = 0; i < a->add.account_count; i++)
		a->accounts[i] =
		    (struct member_addition){ .account = a->accounts_text[i],
			    .role = a->role,
			    .rights = (const char *const *)a->rights,
			    .right_count = a->right_count };
	a->add.accounts = a->accounts;
}

/* One field by its key, whichever way it was given; options that are no field pass. */
static enum uadm_code
set_by_key(struct addition *a, const char *key, const char *value, struct uadm_err *err)
{
	const struct field *f = field_find(key);

	if (strcmp(key, "uid") == 0)
		return set_uid(&a->add.user, value, err);
	if (strcmp(key, "kind") == 0)
		return set_kind(&a->add.user, value, err);
	if (strcmp(key, "groups") == 0)
		return add_groups(a, value, err);
	if (strcmp(key, "account") == 0)
		return add_accounts(a, value, err);
	if (strcmp(key, "role") == 0 && *value != '\0')
		a->role = value;
	if (strcmp(key, "password_hash") == 0 && *value != '\0')
		a->hash = value;
	/* An empty cell says nothing. */
	return f == NULL || *value == '\0'
	    ? UADM_OK
	    : field_set(&a->add.user, f, value, wall_now(), err);
}

static enum uadm_code
fill_addition(struct cli *cli, const struct input_row *row, struct addition *a,
    struct uadm_err *err)
{
	enum uadm_code c;

	if (strlen(row->name) >= sizeof(a->add.user.name))
		return name_check("name", row->name, err) != UADM_OK ? err->code
								     : UADM_INVALID;
	snprintf(a->add.user.name, sizeof(a->add.user.name), "%s", row->name);
	for (size_t i = 0; i < cli->given_count; i++)
		if (cli->given[i].value != NULL &&
		    (c = set_by_key(a, cli->given[i].option->name, cli->given[i].value,
			 err)) != UADM_OK)
			return c;
	for (size_t i = 0; i < row->count; i++)
		if ((c = set_by_key(a, row->keys[i], row->values[i], err)) != UADM_OK)
			return c;
	a->add.user.must_change = cli_has(cli, "must-change");
	a->add.groups = a->groups;
	fill_accounts(cli, a);
	if (a->add.account_count == 0 && (a->role != NULL || a->right_count > 0))
		return uadm_fail(err, UADM_USAGE,
		    "a role and rights are held in an account: --account");
	return UADM_OK;
}

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

/* A home that is there already and somebody else's would be theirs to read and write. */
static void
warn_of_home(const struct user *u)
{
	struct stat st;

	if (lstat(u->home, &st) == 0 && (st.st_uid != u->uid || !S_ISDIR(st.st_mode)))
		cli_warn("%s: %s is there already and %s", u->name, u->home,
		    S_ISDIR(st.st_mode) ? "belongs to somebody else"
					: "is no directory");
}

struct added {
	struct user user;
	bool changed, role_named;
	size_t account_count;
	struct member_addition accounts[ACCOUNTS_MOST];
};

static json_t *
accounts_json(const struct added *a)
{
	json_t *list = json_array();

	for (size_t i = 0; i < a->account_count; i++)
		json_array_append_new(list, member_json(&a->accounts[i]));
	return json_pack("{s:o}", "memberships", list);
}

/* Homes are made for users that are there for good. One who was there already may have none: we may
 * have been stopped between the two. */
static void
tell_added(struct cli *cli, const void *arg, const struct uadm_err *lost)
{
	const struct added *a = arg;
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
	warn_of_home(&a->user);
	snprintf(what, sizeof(what), "%s with uid %u", a->changed ? "added" : "there",
	    (unsigned)a->user.uid);
	for (size_t i = 0; i < a->account_count && used + 1 < sizeof(text); i++) {
		if (i > 0)
			text[used++] = ',';
		member_say(
		    &a->accounts[i], a->role_named, text + used, sizeof(text) - used);
		used = strlen(text);
	}
	result_print(cli,
	    &(struct result){ .name = a->user.name,
		.what = cli->json ? "added" : what,
		.changed = a->changed,
		.text = text,
		.json = a->account_count > 0 ? accounts_json(a) : NULL },
	    &(struct uadm_err){ 0 });
}

/* F11. false: said so, or declined. */
static bool
domain_is_meant(struct cli *cli, struct addition *a)
{
	const struct user *user = &a->add.user;
	struct uadm_err err = { 0 };
	bool unknown = false;
	char question[600];

	if (a->add.account_count == 0 || user->email[0] == '\0' ||
	    op_domain_is_unknown(&cli->uadm, a->accounts[0].account, user->email,
		&unknown, &err) != UADM_OK)
		return true; /* what is wrong is for the verb to say */
	if (!unknown)
		return true;
	snprintf(question, sizeof(question),
	    "Add %s, whose domain %.200s is not one of %s's?", user->name,
	    strrchr(user->email, '@') + 1, a->accounts[0].account);
	return a->add.stranger_ok = input_confirm(cli, question, NULL);
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
	if (fill_addition(cli, row, a, &err) != UADM_OK ||
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
	if (!there && !domain_is_meant(cli, a))
		return;
	if ((!there && op_user_add(&cli->uadm, &a->add, &err) != UADM_OK)) {
		result_failed(cli, a->add.user.name, &err);
		return;
	}
	added.user = a->add.user;
	added.changed = !there;
	added.role_named = a->role != NULL;
	added.account_count = a->add.account_count;
	memcpy(added.accounts, a->accounts, sizeof(added.accounts));
	bulk_later(cli, tell_added, &added, sizeof(added));
}

int
cmd_user_add(struct cli *cli)
{
	if (wants_password(cli) && cli->arg_count != 1)
		return cli_usage(cli, "a password can be given to one user at a time");
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
