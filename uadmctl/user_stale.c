/*
 * user_stale.c - user stale: who has not logged in for long, and their suspension.
 */
#include "uadmctl/input.h"
#include "uadmctl/print.h"
#include "uadmctl/user_list.h"

#include <string.h>

struct names {
	uid_t actor; /* 0: root */
	char **at;
	size_t count, room;
};

static void
names_done(struct names *n)
{
	for (size_t i = 0; i < n->count; i++)
		free(n->at[i]);
	free(n->at);
}

/* Whoever is kept out already is left as they are, and nobody suspends themselves in passing. */
static enum uadm_code
keep_name(void *arg, const struct user_view *v, struct uadm_err *err)
{
	struct names *n = arg;

	if (v->row.user.suspended_at != 0 || v->row.user.uid == n->actor)
		return UADM_OK;
	if (n->count == n->room) {
		const size_t room = n->room == 0 ? 64 : n->room * 2;
		char **more = realloc(n->at, room * sizeof(*more));

		if (more == NULL)
			return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
		n->at = more;
		n->room = room;
	}
	if ((n->at[n->count] = strdup(v->row.user.name)) == NULL)
		return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	n->count++;
	return UADM_OK;
}

/* "Suspend 12 users who have not logged in for 90 days: ada, bob, ..., and 3 more?" */
static void
ask_for(const struct names *n, int64_t days, char *out, size_t size)
{
	size_t used = (size_t)snprintf(out, size,
	    "Suspend %zu user%s who %s not logged in for %lld days: ", n->count,
	    n->count == 1 ? "" : "s", n->count == 1 ? "has" : "have", (long long)days);

	for (size_t i = 0; i < n->count && used < size; i++) {
		if (used + 80 > size) {
			used += (size_t)snprintf(
			    out + used, size - used, ", and %zu more", n->count - i);
			break;
		}
		used += (size_t)snprintf(
		    out + used, size - used, "%s%s", i > 0 ? ", " : "", n->at[i]);
	}
	if (used < size)
		snprintf(out + used, size - used, "?");
}

static int
suspend(struct cli *cli, const struct user_query *q, int64_t days)
{
	CLEANUP(names_done) struct names n = { .actor = cli->uadm.acting.uid };
	struct uadm_err err = { 0 };
	char question[900];
	int status;

	if (op_users(&cli->uadm, q, keep_name, &n, &err) != UADM_OK)
		return cli_fail(cli, NULL, &err);
	if (n.count == 0) {
		result_begin(cli);
		result_end(cli);
		print_note(cli, "nobody is to be suspended");
		return cli->worst;
	}
	ask_for(&n, days, question, sizeof(question));
	if (!input_confirm(cli, question, NULL))
		return cli->worst;
	cli->args = (const char **)n.at; /* of user suspend, from here on */
	cli->arg_count = n.count;
	status = cmd_user_suspend(cli);
	cli->arg_count = 0;
	return status;
}

int
cmd_user_stale(struct cli *cli)
{
	struct user_query q;
	struct clock_now now;
	int64_t days;

	if (!query_users(cli, &q) || !cli_number(cli, "days", 1, 36500, 90, &days))
		return cli->worst;
	clock_read(&now);
	q.unseen_since = now.wall - days * 24 * 60 * 60;
	return cli_has(cli, "suspend") ? suspend(cli, &q, days) : list_users(cli, q);
}
