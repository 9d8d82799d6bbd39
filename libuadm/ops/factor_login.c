/*
 * factor_login.c - the second factor within a login.
 *
 * Threat: a prompt, an answer or a time that tells. So whether a service asks is a fact of the host and
 * of no user; all that costs time is done for everybody before the verdict; and a wrong code is a failed
 * login with the answer of a wrong password, whichever of the two was wrong. What cannot be hidden comes
 * after the right password alone: a message that was sent, and a factor that is to be set up.
 *
 * Threat: codes in parallel. They are judged and used up in the transaction of the verdict, which charges
 * what is wrong: two logins with one code are one after the other, and the second is wrong.
 *
 * Threat: somebody who has messages sent. None goes without the right password, and so many an hour to a
 * user, and from a source, as there are below.
 */
#include "libuadm/ops/factor.h"

#include "libuadm/base/names.h"
#include "libuadm/ops/policy_of.h"
#include "libuadm/secrets/seal.h"
#include "libuadm/store/audit.h"
#include "libuadm/store/factors.h"
#include "libuadm/store/messages.h"

#include <string.h>

_Static_assert((int)TOTP_SECRET_SIZE + (int)SEAL_EXTRA <= (int)FACTOR_SEALED_MOST,
    "a sealed secret fits its row");

enum {
	MESSAGE_MS = 5 * 60 * 1000,
	MESSAGE_TRIES = 3,
	COUNTED_MS = 60 * 60 * 1000,
	TO_USER_MOST = 5,
	FROM_SOURCE_MOST = 10,
};

static const char use_message[] = "message", use_recovery[] = "recovery";

enum uadm_code
op_factor_is_asked(
    struct uadm *u, const char *service, bool *asked, struct uadm_err *err)
{
	*asked = service_is_listed(u->config.factor_services, service);
	return *asked ? factors_may_be_due(u->store, asked, err) : UADM_OK;
}

enum uadm_code
factor_facts_read(struct uadm *u, const struct user *user, bool asked, int64_t wall,
    struct policy *p, struct factor_facts *facts, struct uadm_err *err)
{
	struct factor_since since;
	struct policy floor;
	struct factor row;
	enum uadm_code c;

	*facts = (struct factor_facts){ .policy = p,
		.asked = asked,
		.messages = u->config.sms_command[0] != '\0' && user->mobile[0] != '\0',
		.now = wall };
	if ((c = op_policies_of_uid(u, user->uid, p, &floor, err)) != UADM_OK ||
	    (c = factors_since(u->store, user->uid, &since, err)) != UADM_OK)
		return c;
	facts->since = since.own > since.root ? since.own : since.root;
	facts->root.require = floor.require_factor;
	facts->root.grace = floor.factor_grace;
	facts->root.since = since.root;
	if ((c = factors_get(u->store, user->uid, &row, err)) == UADM_OK)
		facts->totp = row.confirmed_at != 0 ? TOTP_THERE : TOTP_PENDING;
	else if (c != UADM_NOT_FOUND)
		return c;
	return UADM_OK;
}

enum uadm_code
factor_open(const struct factor *row, struct totp *t, struct uadm_err *err)
{
	CLEANUP(key_wipe) struct key key = { 0 };
	enum uadm_code c = uadm_key(KEY_SEAL, &key, err);

	if (c != UADM_OK)
		return c;
	if (row->sealed_size != sizeof(t->secret) + SEAL_EXTRA)
		return uadm_fail(
		    err, UADM_UNAVAILABLE, "the secret has not the length of one");
	return seal_open(&key, row->sealed, row->sealed_size, t->secret, err);
}

/* The row and what opens of it. Of who has none an empty secret is opened in vain. */
static enum uadm_code
read_secret(struct uadm *u, const struct user *user, struct totp *t, bool *there,
    bool *lost, struct uadm_err *err)
{
	struct factor row;
	struct uadm_err why = { 0 };
	enum uadm_code c =
	    factors_get(u->store, user != NULL ? user->uid : 0, &row, err);

	if (c != UADM_OK && c != UADM_NOT_FOUND)
		return c;
	*there = c == UADM_OK;
	if (!*there)
		row.sealed_size = sizeof(t->secret) + SEAL_EXTRA;
	*lost = factor_open(&row, t, &why) != UADM_OK && *there;
	if (*lost || !*there)
		explicit_bzero(t, sizeof(*t));
	return UADM_OK;
}

enum uadm_code
factor_look(
    struct uadm *u, const struct user *user, struct factor_try *f, struct uadm_err *err)
{
	const int64_t uid = user != NULL ? (int64_t)user->uid : 0;
	CLEANUP(key_wipe) struct key key = { 0 };
	CLEANUP(totp_wipe) struct totp secret = { 0 };
	char code[PASSCODE_TYPED];
	struct clock_now now;
	bool there = false;
	enum uadm_code c;

	clock_read(&now);
	f->step = 0;
	f->why = NULL;
	f->verdict = f->taken ? FACTOR_IS_FINE : FACTOR_IS_WRONG;
	f->kind = passcode_read(f->typed->text, code);
	if ((c = uadm_key(KEY_CODES, &key, err)) == UADM_OK &&
	    (c = read_secret(u, user, &secret, &there, &f->lost, err)) == UADM_OK)
		c = totp_find(&secret, now.wall, f->kind == PASSCODE_DIGITS ? code : "",
		    &f->step, err);
	if (!there || f->lost)
		f->step = 0;
	passcode_hash(&key, use_recovery, uid, code, f->recovery_hash);
	passcode_hash(&key, use_message, uid, code, f->message_hash);
	explicit_bzero(code, sizeof(code));
	return c;
}

static enum uadm_code
note(struct uadm *u, const char *action, const struct user *user, const char *detail,
    int64_t wall, struct uadm_err *err)
{
	struct audit_row row = { 0 };

	snprintf(row.actor, sizeof(row.actor), "%s", u->actor);
	snprintf(row.action, sizeof(row.action), "%s", action);
	snprintf(row.target, sizeof(row.target), "%s", user->name);
	snprintf(row.detail, sizeof(row.detail), "%s", detail);
	return audit_append(u->store, &row, wall, err);
}

enum uadm_code
factor_store(struct uadm *u, uid_t uid, const struct totp *t, int64_t step,
    const char (*recovery)[RECOVERY_SIZE], int64_t wall, bool confirmed,
    struct uadm_err *err)
{
	struct factor row = { .uid = uid,
		.last_step = step,
		.created_at = wall,
		.confirmed_at = confirmed ? wall : 0,
		.sealed_size = sizeof(t->secret) + SEAL_EXTRA };
	CLEANUP(key_wipe) struct key seal = { 0 };
	enum uadm_code c;

	if ((c = uadm_key(KEY_SEAL, &seal, err)) != UADM_OK)
		return c;
	seal_close(&seal, t->secret, sizeof(t->secret), row.sealed);
	c = factors_put(u->store, &row, err);
	return c == UADM_OK ? factor_store_recovery(u, uid, recovery, err) : c;
}

enum uadm_code
factor_store_recovery(struct uadm *u, uid_t uid, const char (*recovery)[RECOVERY_SIZE],
    struct uadm_err *err)
{
	CLEANUP(key_wipe) struct key key = { 0 };
	char code[PASSCODE_TYPED], hash[DIGEST_HEX_SIZE];
	enum uadm_code c;

	if ((c = uadm_key(KEY_CODES, &key, err)) != UADM_OK ||
	    (c = recovery_drop(u->store, uid, err)) != UADM_OK)
		return c;
	for (int i = 0; i < RECOVERY_CODES && c == UADM_OK; i++) {
		passcode_read(recovery[i], code);
		passcode_hash(&key, use_recovery, uid, code, hash);
		c = recovery_put(u->store, uid, hash, err);
	}
	explicit_bzero(code, sizeof(code));
	return c;
}

/* Set up in this login: written down with the verdict, and with nothing less. */
static enum uadm_code
keep_enrolled(struct uadm *u, const struct user *user, const struct factor_try *f,
    int64_t wall, struct uadm_err *err)
{
	enum uadm_code c = factor_store(
	    u, user->uid, f->enrolled, f->enrolled_step, f->recovery, wall, true, err);

	return c == UADM_OK
	    ? note(u, "factor.enroll", user, "kind=totp in-login=yes", wall, err)
	    : c;
}

static enum uadm_code
take_recovery(struct uadm *u, const struct user *user, struct factor_try *f,
    int64_t wall, enum factor_given *given, struct uadm_err *err)
{
	struct factor row;
	char detail[40];
	bool taken;
	enum uadm_code c =
	    recovery_take(u->store, user->uid, f->recovery_hash, wall, &taken, err);

	if (c != UADM_OK || !taken)
		return c;
	*given = GIVEN_RIGHT;
	if ((c = factors_get(u->store, user->uid, &row, err)) != UADM_OK)
		return c;
	f->used_recovery = true;
	f->recovery_left = row.recovery_left;
	snprintf(detail, sizeof(detail), "left=%lld", (long long)row.recovery_left);
	return note(u, "factor.use-recovery", user, detail, wall, err);
}

/* The steady clock stands still while the host is off: what was sent before this boot is over. */
static int64_t
messages_since(int64_t steady, const struct clock_now *now)
{
	return steady - (now->boot_ms < MESSAGE_MS ? now->boot_ms : MESSAGE_MS);
}

/* The first one of what was handed out: from here on it counts. */
static enum uadm_code
take_step(struct uadm *u, const struct user *user, struct factor_try *f, bool pending,
    int64_t wall, bool *taken, struct uadm_err *err)
{
	enum uadm_code c =
	    factors_take_step(u->store, user->uid, f->step, wall, taken, err);

	if (c == UADM_OK && !*taken)
		f->why = "a code that was used before";
	return c == UADM_OK && *taken && pending
	    ? note(u, "factor.confirm", user, "kind=totp", wall, err)
	    : c;
}

static enum uadm_code
take_digits(struct uadm *u, const struct user *user, struct factor_try *f,
    const struct factor_facts *facts, int64_t steady, const struct clock_now *now,
    enum factor_given *given, struct uadm_err *err)
{
	bool taken = false;
	enum uadm_code c = UADM_OK;

	if (f->step != 0)
		c = take_step(
		    u, user, f, facts->totp == TOTP_PENDING, now->wall, &taken, err);
	else if (policy_factor(facts) == FACTOR_MESSAGE)
		c = messages_take(u->store, user->uid, f->message_hash,
		    messages_since(steady, now), &taken, err);
	if (c == UADM_OK && taken)
		*given = GIVEN_RIGHT;
	return c;
}

/* What was typed, or set up, is worth: once. */
static enum uadm_code
take(struct uadm *u, const struct user *user, struct factor_try *f,
    const struct factor_facts *facts, int64_t steady, const struct clock_now *now,
    enum factor_given *given, struct uadm_err *err)
{
	const enum factor_need need = policy_factor(facts);

	*given = GIVEN_WRONG;
	f->why = f->lost ? "a second factor that was sealed with another key"
			 : "a wrong code";
	/* A new one is for who has none; meanwhile somebody may have set one up. */
	f->is_new = f->enrolled != NULL && need == FACTOR_ENROLL;
	if (f->is_new) {
		*given = GIVEN_RIGHT;
		return UADM_OK;
	}
	switch (f->kind) {
	case PASSCODE_DIGITS:
		return take_digits(u, user, f, facts, steady, now, given, err);
	case PASSCODE_RECOVERY:
		return facts->totp == TOTP_THERE
		    ? take_recovery(u, user, f, facts->now, given, err)
		    : UADM_OK;
	case PASSCODE_NONE:
		break;
	}
	if (f->typed->length == 0) {
		*given = GIVEN_NOTHING;
		f->why = "no code";
	}
	return UADM_OK;
}

/* The code is in the store before it is on its way, and was counted. */
static enum uadm_code
prepare_message(struct uadm *u, const struct user *user, const char *source,
    struct factor_try *f, int64_t steady, struct uadm_err *err)
{
	CLEANUP(key_wipe) struct key key = { 0 };
	char hash[DIGEST_HEX_SIZE];
	struct message_counts n;
	enum uadm_code c;

	f->message[0] = '\0';
	snprintf(f->number, sizeof(f->number), "%s", user->mobile);
	if ((c = messages_count(u->store, user->uid, source, steady - COUNTED_MS, &n,
		 err)) != UADM_OK ||
	    n.to_user >= TO_USER_MOST || n.from_source >= FROM_SOURCE_MOST ||
	    (c = uadm_key(KEY_CODES, &key, err)) != UADM_OK)
		return c;
	passcode_make(f->message);
	passcode_hash(&key, use_message, user->uid, f->message, hash);
	if ((c = messages_put(u->store, user->uid, hash, MESSAGE_TRIES, steady, err)) ==
	    UADM_OK)
		c = messages_sent(u->store, user->uid, source, steady, err);
	return c;
}

enum uadm_code
factor_settle(struct uadm *u, const struct login_request *r, const struct user *user,
    int64_t steady, const struct clock_now *now, struct uadm_err *err)
{
	struct factor_try *f = r->factor;
	struct factor_facts facts;
	struct policy p;
	enum factor_given given;
	enum uadm_code c;

	if (f->taken) /* no code is good twice */
		return UADM_OK;
	f->verdict = FACTOR_IS_WRONG;
	if ((c = factor_facts_read(u, user, true, now->wall, &p, &facts, err)) !=
		UADM_OK ||
	    (c = take(u, user, f, &facts, steady, now, &given, err)) != UADM_OK)
		return c;
	f->verdict = policy_factor_verdict(policy_factor(&facts), facts.totp, given);
	f->taken = f->verdict == FACTOR_IS_FINE && !f->is_new;
	return UADM_OK;
}

enum uadm_code
factor_keep(struct uadm *u, const struct login_request *r, const struct user *user,
    const char *source, int64_t steady, const struct clock_now *now,
    struct uadm_err *err)
{
	struct factor_try *f = r->factor;

	if (f->verdict == FACTOR_IS_TO_SEND)
		return prepare_message(u, user, source, f, steady, err);
	return f->verdict == FACTOR_IS_FINE && f->is_new
	    ? keep_enrolled(u, user, f, now->wall, err)
	    : UADM_OK;
}

/* From another host, for what is here and asks no password was let in by root: su, cron, at. */
enum uadm_code
factor_of_key(struct uadm *u, const struct login_request *r, const struct user *user,
    bool proved, bool *refused, struct uadm_err *err)
{
	struct factor_facts facts;
	struct policy p;
	struct clock_now now;
	enum uadm_code c;

	*refused = false;
	if (proved || r->rhost[0] == '\0' ||
	    !service_is_listed(u->config.factor_services, r->service))
		return UADM_OK;
	clock_read(&now);
	if ((c = factor_facts_read(u, user, true, now.wall, &p, &facts, err)) !=
	    UADM_OK)
		return c;
	*refused = !policy_factor_key(facts.policy, policy_factor(&facts));
	return UADM_OK;
}
