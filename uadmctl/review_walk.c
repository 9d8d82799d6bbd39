/*
 * review_walk.c - an access review on a terminal: one user after the other, a key for each.
 *
 * What a revocation takes is shown before the key is asked for, so that one key is enough.
 */
#include "libuadm/base/names.h"
#include "libuadm/base/times.h"
#include "libuadm/ops/members.h"
#include "libuadm/ops/reviews.h"
#include "uadmctl/plan.h"
#include "uadmctl/print.h"
#include "uadmctl/terminal.h"
#include "uadmctl/when.h"

#include <ctype.h>
#include <string.h>

struct walk {
	struct cli *cli;
	const char *account;
	struct review_item *items; /* undecided when it began */
	size_t count, room;
};

static void
walk_done(struct walk *w)
{
	free(w->items);
}

static enum uadm_code
keep_item(void *arg, const struct review_item *i, struct uadm_err *err)
{
	struct walk *w = arg;

	if (i->decision[0] != '\0')
		return UADM_OK;
	if (w->count == w->room) {
		const size_t room = w->room == 0 ? 64 : w->room * 2;
		struct review_item *more = realloc(w->items, room * sizeof(*more));

		if (more == NULL)
			return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
		w->items = more;
		w->room = room;
	}
	w->items[w->count++] = *i;
	return UADM_OK;
}

/* The next key; 0 for what an arrow or the like sends, none of whose letters counts. */
static char
read_key(void)
{
	char key = 4;

	if (read(STDIN_FILENO, &key, 1) != 1)
		return 4;
	if (key != 27 || read(STDIN_FILENO, &key, 1) != 1 || (key != '[' && key != 'O'))
		return key;
	do {
		if (read(STDIN_FILENO, &key, 1) != 1)
			return 4;
	} while (
	    key >= 0x20 && key < 0x40); /* ECMA-48, 5.4: parameters before the end */
	return 0;
}

/* One of `keys`; 'q' also where nobody answers any more. */
static char
ask_key(const char *keys)
{
	char key;

	if (!terminal_without(STDIN_FILENO, ECHO | ICANON))
		return 'q';
	fflush(stdout);
	do {
		key = (char)tolower((unsigned char)read_key());
		if (key == 4) /* ^D */
			key = 'q';
	} while (key == 0 || strchr(keys, key) == NULL);
	terminal_restore();
	printf("%c\n", key);
	return key;
}

static void
say_plan(const struct walk *w, const struct review_item *i)
{
	struct uadm_err err = { 0 };
	char text[PLAN_TEXT_SIZE];
	PLANNING p = { 0 };
	bool changed;

	if (plan_begin(&p, &w->cli->uadm, i->name, &err) != UADM_OK ||
	    op_member_state(&w->cli->uadm, w->account, i->name, MEMBER_REVOKE, false,
		&changed, &err) != UADM_OK)
		printf("  cannot be revoked: %s\n", err.msg);
	else if (p.plan.any)
		printf("  revoke:%s\n", plan_text(&p.plan, text, sizeof(text)));
}

static void
say_item(const struct walk *w, size_t at)
{
	const struct review_item *i = &w->items[at];
	char when[TIME_SIZE], contact[300];

	printf("\n%zu of %zu: %s\n", at + 1, w->count, i->name);
	const bool other = i->role_now[0] != '\0' && strcmp(i->role, i->role_now) != 0;

	printf("  %s%s%s%s, %s%s%s; last login: %s%s%s\n",
	    other ? i->role_now : i->role, other ? " (when it was started: " : "",
	    other ? i->role : "", other ? ")" : "", i->state,
	    strcmp(i->state, i->status) != 0 ? ", user " : "",
	    strcmp(i->state, i->status) != 0 ? i->status : "",
	    i->last_login != 0 ? when_text(i->last_login, when) : "never",
	    i->contact[0] != '\0' ? "; contact: " : "",
	    text_escape(contact, sizeof(contact), i->contact));
	say_plan(w, i);
}

static void
decide(const struct walk *w, const struct review_item *i, bool revoke)
{
	struct uadm_err err = { 0 };
	struct review_item is;
	bool changed;

	if (op_review_decide(&w->cli->uadm, w->account, i->name, revoke, false, &is,
		&changed, &err) != UADM_OK)
		result_failed(w->cli, i->name, &err);
	else
		result_done(w->cli, i->name, revoke ? "revoked" : "kept", changed);
}

/* false: enough for now. */
static bool
one_step(const struct walk *w, size_t *at)
{
	say_item(w, *at);
	printf("[k]eep  [r]evoke  [s]kip  [b]ack  [q]uit: ");
	switch (ask_key("krsbq")) {
	case 'k':
		decide(w, &w->items[(*at)++], false);
		return true;
	case 'r':
		decide(w, &w->items[(*at)++], true);
		return true;
	case 's':
		++*at;
		return true;
	case 'b':
		*at -= *at > 0;
		return true;
	default:
		return false;
	}
}

/* Who is undecided still, or the end of it. */
static int
end_walk(const struct walk *w)
{
	struct uadm_err err = { 0 };
	struct review r;

	if (op_review_open(&w->cli->uadm, w->account, &r, &err) != UADM_OK)
		return cli_fail(w->cli, NULL, &err);
	if (r.open > 0) {
		printf("\n%lld undecided; to go on: uadmctl review walk %s\n",
		    (long long)r.open, w->account);
		return w->cli->worst;
	}
	printf("\nEverybody is decided. Finish the review? [y/n]: ");
	if (ask_key("ynq") != 'y')
		printf("Later: uadmctl review finish %s\n", w->account);
	else if (op_review_finish(&w->cli->uadm, w->account, &r, &err) != UADM_OK)
		return cli_fail(w->cli, NULL, &err);
	else
		printf("%s: finished: %lld users, %lld kept, %lld revoked\n", r.name,
		    (long long)r.users, (long long)r.kept, (long long)r.revoked);
	return w->cli->worst;
}

int
cmd_review_walk(struct cli *cli)
{
	CLEANUP(walk_done)
	struct walk w = { .cli = cli, .account = cli->args[0] };
	struct uadm_err err = { 0 };
	struct review r;
	size_t at = 0;

	if (cli->json || cli_has(cli, "no-input") || isatty(STDIN_FILENO) != 1) {
		uadm_fail(&err, UADM_USAGE, "a walk needs a terminal");
		uadm_hint(&err,
		    "uadmctl review list %.64s --csv, and review keep --from",
		    cli->args[0]);
		return cli_fail(cli, NULL, &err);
	}
	if (op_review_open(&cli->uadm, w.account, &r, &err) != UADM_OK ||
	    op_review_items(&cli->uadm, w.account, 0, keep_item, &w, &err) != UADM_OK)
		return cli_fail(cli, NULL, &err);
	while (at < w.count && one_step(&w, &at))
		;
	return end_walk(&w);
}
