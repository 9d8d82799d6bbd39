/*
 * addition.c - a new user as the options and a row describe it.
 */
#include "uadmctl/addition.h"

#include "libuadm/base/names.h"
#include "libuadm/base/number.h"
#include "libuadm/ops/domains.h"
#include "libuadm/ops/fields.h"
#include "uadmctl/member.h"

#include <string.h>
#include <time.h>

void
addition_free(struct addition **a)
{
	if (*a != NULL) {
		cli_values_free(&(*a)->rights);
		code_given_wipe(&(*a)->add.given);
	}
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
set_name(struct addition *a, const char *name, struct uadm_err *err)
{
	if (strlen(name) >= sizeof(a->add.user.name))
		return name_check("name", name, err) != UADM_OK ? err->code
								: UADM_INVALID;
	snprintf(a->add.user.name, sizeof(a->add.user.name), "%s", name);
	return UADM_OK;
}

enum uadm_code
addition_fill(struct cli *cli, const struct input_row *row, bool by_email,
    struct addition *a, struct uadm_err *err)
{
	const char *name = by_email ? cli_value(cli, "name") : row->name;
	enum uadm_code c;

	for (size_t i = 0; by_email && i < row->count; i++)
		if (strcmp(row->keys[i], "name") == 0 && *row->values[i] != '\0')
			name = row->values[i];
	if (name != NULL && (c = set_name(a, name, err)) != UADM_OK)
		return c;
	for (size_t i = 0; i < cli->given_count; i++)
		if (cli->given[i].value != NULL &&
		    (c = set_by_key(a, cli->given[i].option->name, cli->given[i].value,
			 err)) != UADM_OK)
			return c;
	for (size_t i = 0; i < row->count; i++)
		if ((c = set_by_key(a, row->keys[i], row->values[i], err)) != UADM_OK)
			return c;
	if (by_email && (c = set_by_key(a, "email", row->name, err)) != UADM_OK)
		return c;
	if (cli_has(cli, "inactive"))
		a->add.user.suspended_at = wall_now();
	a->add.user.must_change = cli_has(cli, "must-change");
	a->add.groups = a->groups;
	fill_accounts(cli, a);
	if (a->add.account_count == 0 && (a->role != NULL || a->right_count > 0))
		return uadm_fail(err, UADM_USAGE,
		    "a role and rights are held in an account: --account");
	return UADM_OK;
}

/* F11. false: said so, or declined. */
bool
addition_domain_is_meant(struct cli *cli, struct addition *a)
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
	    "Add %s, whose domain %.200s is not one of %s's?",
	    user->name[0] != '\0' ? user->name : user->email,
	    strrchr(user->email, '@') + 1, a->accounts[0].account);
	return a->add.stranger_ok = input_confirm(cli, question, NULL);
}
