#include "libuadm/ops/outbox.h"

#include "libuadm/base/names.h"
#include "libuadm/base/number.h"
#include "libuadm/ops/act.h"
#include "libuadm/ops/command.h"
#include "libuadm/ops/letter_office.h"
#include "libuadm/policy/outbox.h"

#include <string.h>

void
mail_view_wipe(struct mail_view *v)
{
	letter_row_wipe(&v->row);
	free(v->subject);
	free(v->body);
	*v = (struct mail_view){ 0 };
}

/* Of the row in v->row. */
static enum uadm_code
look_at(struct mail_view *v, const struct clock_now *now, int64_t steady,
    struct uadm_err *err)
{
	const struct letter_row *r = &v->row;
	enum letter_state state = policy_letter_state(r->state);
	enum uadm_code c = office_unfold(r->subject, NULL, &v->subject, err);

	if (state == LETTER_WAITS || state == LETTER_SENDING)
		v->next_at = now->wall + (r->next - steady) / 1000;
	v->has_code = r->code_size > 0;
	return c == UADM_OK && r->body != NULL
	    ? office_unfold(r->body, NULL, &v->body, err)
	    : c;
}

struct listing {
	struct clock_now now;
	int64_t steady;
	enum uadm_code (*found)(void *, const struct mail_view *, struct uadm_err *);
	void *arg;
};

static enum uadm_code
show(void *arg, const struct letter_row *r, struct uadm_err *err)
{
	struct listing *l = arg;
	struct mail_view v = { .row = *r };
	enum uadm_code c = look_at(&v, &l->now, l->steady, err);

	if (c == UADM_OK)
		c = l->found(l->arg, &v, err);
	free(v.subject);
	return c;
}

enum uadm_code
op_mails(struct uadm *u, const char *state,
    enum uadm_code (*found)(void *, const struct mail_view *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	struct listing l = { .found = found, .arg = arg };
	TXN t = { 0 };
	enum uadm_code c;

	clock_read(&l.now);
	if ((c = txn_read(&t, u->store, err)) != UADM_OK ||
	    (c = act_as_root(u, err)) != UADM_OK ||
	    (c = store_steady(u->store, &l.now, &l.steady, err)) != UADM_OK)
		return c;
	return letters_each(u->store, state, show, &l, err);
}

static enum uadm_code
find_mail(struct uadm *u, const char *id, struct letter_row *r, struct uadm_err *err)
{
	char shown[60];
	int64_t number;
	enum uadm_code c;

	if (!number_parse(id, 1, INT64_MAX, &number))
		return uadm_fail(err, UADM_INVALID, "\"%s\" is no number of a mail",
		    text_escape(shown, sizeof(shown), id));
	if ((c = letters_get(u->store, number, r, err)) != UADM_NOT_FOUND)
		return c;
	uadm_fail(err, UADM_NOT_FOUND, "no such mail: %lld", (long long)number);
	return uadm_hint(err, "uadmctl mail list");
}

enum uadm_code
op_mail(struct uadm *u, const char *id, struct mail_view *v, struct uadm_err *err)
{
	struct clock_now now;
	TXN t = { 0 };
	int64_t steady;
	enum uadm_code c;

	clock_read(&now);
	if ((c = txn_read(&t, u->store, err)) != UADM_OK ||
	    (c = act_as_root(u, err)) != UADM_OK ||
	    (c = store_steady(u->store, &now, &steady, err)) != UADM_OK ||
	    (c = find_mail(u, id, &v->row, err)) != UADM_OK)
		return c;
	return look_at(v, &now, steady, err);
}

/* Write it down and commit. */
static enum uadm_code
write_row(struct uadm *u, struct change *ch, const struct letter_row *r,
    const char *action, struct uadm_err *err)
{
	char target[24], detail[200];
	bool held;
	enum uadm_code c;

	if ((c = letters_settle(u->store, r, 0, ch->now.wall, &held, err)) != UADM_OK)
		return c;
	snprintf(target, sizeof(target), "%lld", (long long)r->id);
	snprintf(detail, sizeof(detail), "kind=%s user=%s", r->kind, r->name);
	return change_commit(ch, u, action, target, detail, false, err);
}

static enum uadm_code
is_being_sent(const struct letter_row *r, struct uadm_err *err)
{
	uadm_fail(err, UADM_BUSY, "mail %lld is being sent", (long long)r->id);
	return uadm_hint(err, "uadmctl mail show %lld", (long long)r->id);
}

static enum uadm_code
may_retry(const struct letter_row *r, struct uadm_err *err)
{
	switch (policy_letter_state(r->state)) {
	case LETTER_SENT:
		return uadm_fail(
		    err, UADM_INVALID, "mail %lld was sent", (long long)r->id);
	case LETTER_SENDING:
		return is_being_sent(r, err);
	case LETTER_DROPPED:
	case LETTER_WAITS:
	case LETTER_FAILED:
	case LETTER_STATES:
		break;
	}
	if (r->code_size > 0 || r->body == NULL ||
	    strchr(r->body, TEMPLATE_CODE_CHAR) == NULL)
		return UADM_OK;
	uadm_fail(err, UADM_INVALID, "the code of mail %lld is gone", (long long)r->id);
	if (strcmp(r->kind, "self-reset") == 0)
		return uadm_hint(
		    err, "%s asks for another one where they log in", r->name);
	return uadm_hint(err, "another one: uadmctl %s %s",
	    strcmp(r->kind, "invitation") == 0 ? "invite resend"
					       : "user reset-password",
	    r->name);
}

enum uadm_code
op_mail_retry(struct uadm *u, const char *id, bool *changed, struct uadm_err *err)
{
	CLEANUP(letter_row_wipe) struct letter_row r = { 0 };
	CHANGE ch = { 0 };
	int64_t steady;
	enum uadm_code c;

	*changed = false;
	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = act_as_root(u, err)) != UADM_OK ||
	    (c = find_mail(u, id, &r, err)) != UADM_OK ||
	    (c = may_retry(&r, err)) != UADM_OK ||
	    (c = store_steady_keep(u->store, &ch.now, &steady, err)) != UADM_OK)
		return c;
	if (policy_letter_state(r.state) == LETTER_WAITS && r.next <= steady)
		return UADM_OK;
	*changed = true;
	snprintf(r.state, sizeof(r.state), "%s", policy_letter_word(LETTER_WAITS));
	r.tries = 0;
	r.queued = r.next = steady;
	if ((c = write_row(u, &ch, &r, "mail.retry", err)) == UADM_OK && !u->dry_run)
		u->letters_queued++;
	return c;
}

struct collecting {
	int64_t *ids;
	size_t count;
};

static enum uadm_code
collect(void *arg, const struct letter_row *r, struct uadm_err *err)
{
	struct collecting *l = arg;
	enum letter_state state = policy_letter_state(r->state);
	int64_t *more;

	if (state != LETTER_FAILED && (state != LETTER_WAITS || r->tries == 0))
		return UADM_OK;
	if ((more = reallocarray(l->ids, l->count + 1, sizeof(*more))) == NULL)
		return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	l->ids = more;
	l->ids[l->count++] = r->id;
	return UADM_OK;
}

enum uadm_code
op_mail_retry_all(struct uadm *u,
    void (*done)(void *, int64_t, const struct uadm_err *), void *arg,
    struct uadm_err *err)
{
	struct collecting l = { 0 };
	enum uadm_code c = act_as_root(u, err);

	if (c == UADM_OK)
		c = letters_each(u->store, NULL, collect, &l, err);
	for (size_t i = 0; i < l.count && c == UADM_OK; i++) {
		struct uadm_err failed = { 0 };
		char id[24];
		bool changed;

		snprintf(id, sizeof(id), "%lld", (long long)l.ids[i]);
		failed.code = op_mail_retry(u, id, &changed, &failed);
		if (failed.code != UADM_OK || changed)
			done(arg, l.ids[i], &failed);
		if (failed.code == UADM_BUSY)
			break;
	}
	free(l.ids);
	return c;
}

enum uadm_code
op_mail_drop(struct uadm *u, const char *id, bool *changed, struct uadm_err *err)
{
	CLEANUP(letter_row_wipe) struct letter_row r = { 0 };
	CHANGE ch = { 0 };
	enum uadm_code c;

	*changed = false;
	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = act_as_root(u, err)) != UADM_OK ||
	    (c = find_mail(u, id, &r, err)) != UADM_OK)
		return c;
	if (policy_letter_state(r.state) == LETTER_SENT)
		return uadm_fail(
		    err, UADM_INVALID, "mail %lld was sent", (long long)r.id);
	/* The mailer has it: whether it goes out is not ours to say any more. */
	if (policy_letter_state(r.state) == LETTER_SENDING)
		return is_being_sent(&r, err);
	if (policy_letter_state(r.state) == LETTER_DROPPED)
		return UADM_OK;
	*changed = true;
	snprintf(r.state, sizeof(r.state), "%s", policy_letter_word(LETTER_DROPPED));
	return write_row(u, &ch, &r, "mail.drop", err);
}

enum uadm_code
op_mail_info(struct uadm *u, struct mail_info *m, struct uadm_err *err)
{
	struct command_line line;

	*m = (struct mail_info){ .configured = u->config.mail_command[0] != '\0' };
	if (m->configured &&
	    command_split(u->config.mail_command, &line, &m->mailer) == UADM_OK)
		(void)(command_check(line.argv[0], &m->mailer) == UADM_OK);
	return letters_count(u->store, &m->counts, err);
}
