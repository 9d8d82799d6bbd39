/*
 * Threat: a mailer that hangs, or is slow for every mail, while logins wait for the store; two couriers at
 * once; one that is killed between the mail and its row. So a mail is claimed in a transaction of its own
 * until a moment on the steady clock, which nobody can set; the mailer runs with nothing held; and only
 * who still has the claim writes what became of it.
 */
#include "libuadm/ops/courier.h"

#include "libuadm/base/address.h"
#include "libuadm/base/message.h"
#include "libuadm/base/names.h"
#include "libuadm/ops/command.h"
#include "libuadm/ops/letter_office.h"
#include "libuadm/policy/outbox.h"
#include "libuadm/secrets/seal.h"

#include <string.h>
#include <sys/random.h>

enum {
	/* Longer than a mail takes: its courier is dead by then, or has given up. */
	CLAIM_MS = COURIER_MAIL_MS + 15 * 1000,
	/* So many in a row that the mailer is to blame for: the rest waits for the next round. */
	AILING_MOST = 3,
	KEPT_SECS = 30 * 86400, /* for who wants to know what was sent */
};

static int64_t
draw_claim(void)
{
	uint64_t r = 0;

	if (getrandom(&r, sizeof(r), 0) != (ssize_t)sizeof(r))
		r = (uint64_t)clock_boot_ms() << 20 ^ (uint64_t)getpid();
	return (int64_t)(r >> 1) | 1;
}

/* Looked at before anything is locked: each minute, for ever. */
static enum uadm_code
is_due(struct uadm *u, bool *due, struct uadm_err *err)
{
	struct clock_now now;
	int64_t steady;
	enum uadm_code c;

	clock_read(&now);
	if ((c = store_steady(u->store, &now, &steady, err)) != UADM_OK)
		return c;
	return letters_due(u->store, steady, due, err);
}

/* UADM_NOT_FOUND: nothing is due any more. `ailing`: so many in a row could not be sent. What is wrong with
 * some of them is not to hold up the others for ever: so next comes the newest, and then any. */
static enum uadm_code
claim_one(struct uadm *u, int ailing, int64_t claim, struct letter_row *r,
    struct uadm_err *err)
{
	const enum letters_order order = ailing == 0 ? LETTERS_OLDEST
	    : ailing == 1                            ? LETTERS_NEWEST
						     : LETTERS_ANY;

	CHANGE ch = { 0 };
	int64_t steady, id;
	enum uadm_code c;

	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = store_steady_keep(u->store, &ch.now, &steady, err)) != UADM_OK ||
	    (c = letters_claim(u->store, order, claim, steady, steady + CLAIM_MS, &id,
		 err)) != UADM_OK ||
	    (c = letters_get(u->store, id, r, err)) != UADM_OK)
		return c;
	return txn_commit(&ch.txn, err);
}

static enum uadm_code
settle(struct uadm *u, struct letter_row *r, int64_t claim,
    const struct letter_next *next, bool *held, struct uadm_err *err)
{
	CHANGE ch = { 0 };
	int64_t steady;
	enum uadm_code c;

	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = store_steady_keep(u->store, &ch.now, &steady, err)) != UADM_OK)
		return c;
	snprintf(r->state, sizeof(r->state), "%s", policy_letter_word(next->state));
	r->next = steady + next->wait_ms;
	if ((c = letters_settle(u->store, r, claim, ch.now.wall, held, err)) != UADM_OK)
		return c;
	return txn_commit(&ch.txn, err);
}

static enum uadm_code
open_code(struct uadm *u, const struct letter_row *r, char *out, size_t size,
    struct uadm_err *err)
{
	struct letter_office *o = office_open(u, err);
	struct key *key;
	enum uadm_code c;

	if (o == NULL)
		return err->code;
	if (r->code_size < SEAL_EXTRA || r->code_size - SEAL_EXTRA >= size)
		return uadm_fail(err, UADM_UNAVAILABLE, "its code is damaged");
	if ((c = office_key(o, &key, err)) != UADM_OK ||
	    (c = seal_open(key, r->code, r->code_size, out, err)) != UADM_OK)
		return c;
	out[r->code_size - SEAL_EXTRA] = '\0';
	return UADM_OK;
}

struct text {
	char *text;
	size_t size;
};

static void
text_wipe(struct text *t)
{
	if (t->text != NULL)
		explicit_bzero(t->text, t->size > 0 ? t->size : strlen(t->text));
	free(t->text);
}

/* `code`: what is in its place. */
static enum uadm_code
write_message(struct uadm *u, const struct letter_row *r, const char *code,
    struct text *out, struct uadm_err *err)
{
	CLEANUP(text_wipe) struct text subject = { 0 }, body = { 0 };
	char from[UADM_EMAIL_SIZE + HOST_SIZE];
	struct letter_office *o = office_open(u, err);
	enum uadm_code c;

	if (o == NULL)
		return err->code;
	if ((c = office_unfold(r->subject, code, &subject.text, err)) != UADM_OK ||
	    (c = office_unfold(r->body, code, &body.text, err)) != UADM_OK)
		return c;
	return message_write(
	    &(struct message){ .from = office_from(u, o, from, sizeof(from)),
		.to = r->recipient,
		.subject = subject.text,
		.body = body.text,
		.message_id = r->message_id,
		.language = r->language,
		.at = r->created_at },
	    &out->text, &out->size, err);
}

/* A path alone is called as every sendmail(1) can be. */
static enum uadm_code
command_line(struct uadm *u, struct command_line *line, struct uadm_err *err)
{
	enum uadm_code c = command_split(u->config.mail_command, line, err);

	if (c != UADM_OK || line->count > 1)
		return c;
	command_add(line, "-i");
	command_add(line, "-t");
	if (u->config.mail_from[0] != '\0') {
		command_add(line, "-f");
		command_add(line, u->config.mail_from);
	}
	return UADM_OK;
}

/* Some mailers quote what they could not send. A group of the code is as much of it as can be told. */
static void
keep_code_out(char *said, const char *code)
{
	char group[8];

	for (size_t n; *code != '\0'; code += n + (code[n] != '\0')) {
		n = strcspn(code, "-");
		snprintf(group, sizeof(group), "%.*s", (int)n, code);
		if (n == 0 || strcasestr(said, group) == NULL)
			continue;
		snprintf(said, COMMAND_SAID_SIZE,
		    "what it said is not kept: there is a code in it");
		return;
	}
}

/* `code`: that is in the message, or "". */
static void
run_mailer(struct uadm *u, const struct text *message, const char *code,
    struct mailer_end *end, char *error, size_t size)
{
	struct command_line line;
	struct uadm_err err = { 0 };
	char said[COMMAND_SAID_SIZE] = "", how[120];

	*end = (struct mailer_end){ 0 };
	if (command_line(u, &line, &err) != UADM_OK)
		snprintf(said, sizeof(said), "%s", err.msg);
	else
		command_run(
		    &line, message->text, message->size, COURIER_MAIL_MS, end, said);
	keep_code_out(said, code);
	error[0] = '\0';
	if (end->begun && end->in_time && end->signal == 0 && end->status == 0)
		return;
	policy_mailer_says(end, how, sizeof(how));
	if (said[0] != '\0')
		snprintf(how + strlen(how), sizeof(how) - strlen(how), ": ");
	snprintf(error, size, "%s%s", how, said);
}

/* What is not sent: no mail at all, or one for that the mailer has an answer. */
static void
send_one(
    struct uadm *u, struct letter_row *r, int64_t steady_age, struct letter_next *next)
{
	CLEANUP(text_wipe) struct text message = { 0 };
	char code[LETTER_SEALED_SIZE] = "";
	struct mailer_end end = { 0 };
	struct uadm_err err = { 0 };
	enum uadm_code c = UADM_OK;

	*next = (struct letter_next){ .state = LETTER_FAILED };
	if (strchr(r->body, TEMPLATE_CODE_CHAR) != NULL)
		c = open_code(u, r, code, sizeof(code), &err);
	if (c == UADM_OK)
		c = write_message(u, r, code, &message, &err);
	if (c != UADM_OK) {
		explicit_bzero(code, sizeof(code));
		snprintf(r->error, sizeof(r->error), "it cannot be written: %.200s",
		    err.msg);
		return;
	}
	run_mailer(u, &message, code, &end, r->error, sizeof(r->error));
	explicit_bzero(code, sizeof(code));
	*next = policy_letter_next(&end, r->tries, steady_age);
}

static enum uadm_code
age_of(struct uadm *u, const struct letter_row *r, int64_t *age, struct uadm_err *err)
{
	struct clock_now now;
	int64_t steady;
	enum uadm_code c;

	clock_read(&now);
	if ((c = store_steady(u->store, &now, &steady, err)) == UADM_OK)
		*age = steady - r->queued;
	return c;
}

static enum uadm_code
carry_one(
    struct uadm *u, const struct courier_sink *sink, int *ailing, struct uadm_err *err)
{
	CLEANUP(letter_row_wipe) struct letter_row r = { 0 };
	const int64_t claim = draw_claim();
	struct letter_next next;
	bool held = false;
	int64_t age;
	enum uadm_code c;

	if ((c = claim_one(u, *ailing, claim, &r, err)) != UADM_OK ||
	    (c = age_of(u, &r, &age, err)) != UADM_OK)
		return c;
	send_one(u, &r, age, &next);
	*ailing = next.mailer_ails ? *ailing + 1 : 0;
	if ((c = settle(u, &r, claim, &next, &held, err)) != UADM_OK)
		return c;
	if (held)
		sink->tried(sink->arg, &r);
	return UADM_OK;
}

/* An idle host's disk is left alone. */
static enum uadm_code
tidy(struct uadm *u, struct uadm_err *err)
{
	struct clock_now now;
	CHANGE ch = { 0 };
	bool any = false;
	enum uadm_code c;

	clock_read(&now);
	if ((c = letters_any_to_tidy(
		 u->store, now.wall, now.wall - KEPT_SECS, &any, err)) != UADM_OK ||
	    !any)
		return c;
	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = letters_tidy(
		 u->store, ch.now.wall, ch.now.wall - KEPT_SECS, &any, err)) != UADM_OK)
		return c;
	return any ? txn_commit(&ch.txn, err) : UADM_OK;
}

enum uadm_code
op_courier(struct uadm *u, int64_t run_ms, const struct courier_sink *sink,
    struct uadm_err *err)
{
	int64_t begun = clock_boot_ms();
	int ailing = 0;
	bool due = false;
	enum uadm_code c;

	if (u->dry_run)
		return UADM_OK;
	if ((c = tidy(u, err)) != UADM_OK || u->config.mail_command[0] == '\0' ||
	    (c = is_due(u, &due, err)) != UADM_OK || !due)
		return c;
	while (ailing < AILING_MOST && clock_boot_ms() - begun < run_ms) {
		c = carry_one(u, sink, &ailing, err);
		if (c != UADM_OK)
			return c == UADM_NOT_FOUND ? UADM_OK : c;
	}
	return UADM_OK;
}

static enum uadm_code
check_can_send(struct uadm *u, const char *address, struct uadm_err *err)
{
	char shown[120];

	if (u->config.mail_command[0] == '\0') {
		uadm_fail(err, UADM_CONFIG, "there is no mailer");
		return uadm_hint(
		    err, "[mail] command in %s: uadm.conf(5)", "/etc/uadm/uadm.conf");
	}
	return address_is_valid(address)
	    ? UADM_OK
	    : uadm_fail(err, UADM_INVALID, "\"%s\" is not a mail address",
		  text_escape(shown, sizeof(shown), address));
}

static bool
has_code(const char *kind)
{
	static const char *const kinds[] = { LETTERS_WITH_CODE };

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(kind, kinds[i]) == 0)
			return true;
	return false;
}

enum uadm_code
op_mail_test(struct uadm *u, const char *address, const char *kind,
    struct letter_row *r, struct uadm_err *err)
{
	CLEANUP(text_wipe) struct text message = { 0 };
	struct user user = { .name = "somebody" };
	struct mailer_end end;
	struct clock_now now;
	enum uadm_code c;

	if ((c = check_can_send(u, address, err)) != UADM_OK)
		return c;
	clock_read(&now);
	snprintf(user.email, sizeof(user.email), "%s", address);
	const struct letter l = { .kind = kind,
		.user = &user,
		.account = "account",
		.role = "role",
		.code = has_code(kind) ? "NOT-A-CODE" : NULL,
		.expires_at = now.wall + 7 * 86400 };
	if ((c = office_write(u, &l, true, now.wall, r, err)) != UADM_OK ||
	    (c = write_message(u, r, l.code, &message, err)) != UADM_OK)
		return c;
	run_mailer(u, &message, "", &end, r->error, sizeof(r->error));
	if (policy_letter_next(&end, 1, 0).state == LETTER_SENT)
		return UADM_OK;
	uadm_fail(err, end.begun ? UADM_UNAVAILABLE : UADM_CONFIG, "%s", r->error);
	return uadm_hint(err, "[mail] command in /etc/uadm/uadm.conf is: %.150s",
	    u->config.mail_command);
}
