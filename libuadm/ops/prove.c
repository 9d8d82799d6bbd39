/*
 * prove.c - checking a password: slot, reserve, hash, settle.
 *
 * Threat: guesses in parallel. A counter that is read, then guessed against, then written lets
 * through as many guesses as there are processes. So an attempt is charged in a transaction of
 * its own before its hash is computed: failures plus reservations never exceed the limit. Who is
 * killed in between leaves a reservation that becomes a failure at its deadline. No hash without
 * a durable charge; no success while a lock is on; nothing held while waiting.
 *
 * Threat: answers that tell. Who is unknown, locked, blocked or without a password costs one
 * slot, one full hash and two commits, like everybody else; and nobody's name waits, fails and is
 * locked like a user's, in books of its own. While anybody's hash is another
 * system's, all pay for one such check more, with one setting: of several settings in one store
 * the times still differ, until each of those users has logged in once.
 *
 * Threat: a queue in front of one user. An attempt that has to wait for others on the same user
 * holds neither a slot nor the write lock, and only the first of them looks again and again.
 */
#include "libuadm/base/names.h"
#include "libuadm/ops/codes.h"
#include "libuadm/ops/factor.h"
#include "libuadm/ops/login.h"
#include "libuadm/ops/passwords.h"
#include "libuadm/ops/policy_of.h"
#include "libuadm/ops/slots.h"
#include "libuadm/ops/source.h"
#include "libuadm/ops/turns.h"
#include "libuadm/policy/lockout.h"
#include "libuadm/store/audit.h"

#include <string.h>

enum {
	WAIT_MOST_MS = 60000,
	LOOK_MOST_MS = 50,
	RESERVED_MS = 5000,
	PROOF_OLD_MS = 600000,
	ASKED_MOST =
	    3, /* times that one password is hashed when others hash theirs anew */
};

struct attempt {
	struct uadm *u;
	const struct login_request *r;
	const struct user *user; /* NULL: nobody's name */
	struct verifier verifier;
	struct verifier imported; /* anybody's from another system, or empty */
	login_then *then;         /* not a password: op_login_ask() */
	void *then_arg;
	struct code_look code; /* that is what was typed */
	bool by_code;          /* and it is right, and the password is not */
	bool chargeable;       /* there is a password or a code to guess */
	uid_t who; /* whom it is charged to: a user, or a stranger's bucket */
	struct source source;
	const char *from; /* the source, as the books have it */
	char from_hash[12];
	int64_t id;     /* of the reservation; 0 = a dummy */
	bool ask_again; /* the verifier is another by now */
	enum lockout_answer admitted;
	struct policy policy; /* as of the last look */
};

/* One look at the books, and what the policy makes of them: the one of now, for there may be minutes
 * between the prompt and the password. */
static enum uadm_code
look(struct attempt *a, int64_t steady, struct attempt_counts *n,
    enum lockout_answer *answer, struct uadm_err *err)
{
	struct attempt_window w;
	enum uadm_code c;

	*answer = LOCKOUT_LOCKED;
	if ((c = op_policy_of_uid(a->u, a->who, &a->policy, err)) != UADM_OK)
		return c;
	w = policy_lockout_window(&a->policy, steady);
	if ((c = attempts_count(a->u->store, a->who, a->from, &w, n, err)) != UADM_OK)
		return c;
	*answer = policy_lockout(&a->policy,
	    &(struct lockout_facts){ .locked = n->lock_set,
		.locked_at = n->locked_at,
		.failures = n->failures,
		.in_flight = n->in_flight,
		.source_failures = n->source_failures,
		.source_in_flight = n->source_in_flight,
		.source = a->source.kind },
	    steady);
	return UADM_OK;
}

/* "failures=5 service=sshd from=host:192.0.2.7": of the guess that the lock fell with. */
static void
describe_lock(const struct attempt *a, int64_t failures, char *detail, size_t size)
{
	char service[200], source[600];

	text_escape(service, sizeof(service), a->r->service);
	text_escape(source, sizeof(source),
	    a->source.text[0] == '\0' ? "console" : a->source.text);
	snprintf(detail, size, "failures=%lld service=%s from=%s", (long long)failures,
	    service, source);
}

/* A lock that has run out is taken off, and one that is due falls: failures that a killed process
 * left behind lock like any other. */
static enum uadm_code
renew_lock(struct attempt *a, const struct attempt_counts *n, int64_t steady,
    const struct clock_now *now, bool *locked, struct uadm_err *err)
{
	struct audit_row row = { .actor = "login", .action = "user.lock" };
	enum uadm_code c;

	*locked = false;
	if (n->lock_set && policy_lock_holds(&a->policy, n->locked_at, steady))
		return UADM_OK;
	if (n->lock_set &&
	    (c = attempts_unlock_expired(
		 a->u->store, a->who, steady, n->locked_at, err)) != UADM_OK)
		return c;
	if (!policy_lock_falls(&a->policy, n->failures))
		return UADM_OK;
	*locked = true;
	c = attempts_lock(a->u->store, a->who, steady, now->wall, err);
	if (c != UADM_OK || !a->chargeable) /* strangers must not fill the trail */
		return c;
	snprintf(row.target, sizeof(row.target), "%s", a->user->name);
	describe_lock(a, n->failures, row.detail, sizeof(row.detail));
	return audit_append(a->u->store, &row, now->wall, err);
}

static enum uadm_code
charge_bucket(struct attempt *a, const struct clock_now *now, struct uadm_err *err)
{
	return attempts_bucket(a->u->store,
	    key_bucket(&a->u->buckets, a->r->name, ATTEMPT_BUCKETS), now->wall, err);
}

static enum uadm_code
charge(struct attempt *a, int64_t steady, const struct clock_now *now,
    struct uadm_err *err)
{
	const struct attempt_entry e = { .uid = a->who,
		.source = a->from,
		.service = a->chargeable ? a->r->service : NULL,
		.local = a->source.kind == LOCKOUT_FROM_HERE,
		.started = steady,
		.deadline = steady + RESERVED_MS,
		.wall = now->wall };

	return attempts_reserve(a->u->store, &e, &a->id, err);
}

static enum uadm_code
keep_books(struct attempt *a, const struct attempt_counts *n, int64_t steady,
    const struct clock_now *now, struct uadm_err *err)
{
	const struct attempt_window w = policy_lockout_window(&a->policy, steady);
	bool locked;
	enum uadm_code c = renew_lock(a, n, steady, now, &locked, err);

	return c != UADM_OK ? c : attempts_drop_old(a->u->store, a->who, &w, err);
}

/* Charge the attempt, durably. Where the policy says wait, nothing is written. */
static enum uadm_code
reserve(struct attempt *a, struct uadm_err *err)
{
	struct attempt_counts n;
	CHANGE ch = { 0 };
	int64_t steady;
	enum uadm_code c;

	a->id = 0;
	if ((c = change_begin(&ch, a->u, err)) != UADM_OK ||
	    (c = store_steady_keep(a->u->store, &ch.now, &steady, err)) != UADM_OK ||
	    (c = look(a, steady, &n, &a->admitted, err)) != UADM_OK)
		return c;
	if (a->admitted == LOCKOUT_WAIT)
		return UADM_OK;
	if ((c = keep_books(a, &n, steady, &ch.now, err)) != UADM_OK)
		return c;
	c = a->admitted == LOCKOUT_ADMIT ? charge(a, steady, &ch.now, err)
					 : charge_bucket(a, &ch.now, err);
	return c == UADM_OK ? txn_commit(&ch.txn, err) : c;
}

/* Would it have to wait for others? Looked at without the write lock. */
static enum uadm_code
must_wait(struct attempt *a, bool *wait, struct uadm_err *err)
{
	enum lockout_answer answer;
	struct attempt_counts n;
	struct clock_now now;
	int64_t steady;
	TXN t = { 0 };
	enum uadm_code c;

	clock_read(&now);
	if ((c = txn_read(&t, a->u->store, err)) != UADM_OK ||
	    (c = store_steady(a->u->store, &now, &steady, err)) != UADM_OK ||
	    (c = look(a, steady, &n, &answer, err)) != UADM_OK)
		return c;
	*wait = answer == LOCKOUT_WAIT;
	return UADM_OK;
}

/* Wait until no others are in the way, in line with all who wait for this user. */
static enum uadm_code
wait_turn(struct attempt *a, int *turn, int64_t deadline, struct uadm_err *err)
{
	uint32_t bucket = key_bucket(&a->u->buckets, a->r->name, SLOT_USERS);
	bool wait;
	enum uadm_code c;

	for (unsigned tries = 0; (c = must_wait(a, &wait, err)) == UADM_OK && wait;) {
		if (clock_boot_ms() >= deadline)
			return uadm_fail(err, UADM_BUSY,
			    "other attempts on this user are being checked");
		if (*turn >= 0)
			turn_pause(tries++, LOOK_MOST_MS);
		else if ((c = slot_queue(bucket, deadline, turn, err)) != UADM_OK)
			return c;
	}
	return c;
}

/* Get a slot and a reservation, waiting with neither in hand. */
static enum uadm_code
get_ready(struct attempt *a, struct slot *slot, struct uadm_err *err)
{
	int64_t deadline = clock_boot_ms() + WAIT_MOST_MS;
	uint32_t bucket = key_bucket(&a->u->buckets, a->source.text, SLOT_SOURCES);
	CLEANUP(cleanup_fd) int turn = -1;
	enum uadm_code c;

	do {
		slot_release(slot); /* somebody was faster */
		if ((c = wait_turn(a, &turn, deadline, err)) != UADM_OK ||
		    (c = slot_take(slot, bucket, deadline, err)) != UADM_OK ||
		    (c = reserve(a, err)) != UADM_OK || a->admitted != LOCKOUT_WAIT)
			return c;
	} while (clock_boot_ms() < deadline);
	return uadm_fail(
	    err, UADM_BUSY, "other attempts on this user are being checked");
}

static enum uadm_code
settle_wrong(struct attempt *a, const char *why, bool factor, int64_t steady,
    const struct clock_now *now, struct proof *p, struct uadm_err *err)
{
	enum lockout_answer ignored;
	struct attempt_counts n;
	bool locked;
	enum uadm_code c;

	if ((c = attempts_fail(a->u->store, a->id, factor, err)) != UADM_OK ||
	    (c = a->chargeable ? users_count_failure(a->u->store, a->who, factor, err)
			       : charge_bucket(a, now, err)) != UADM_OK ||
	    (c = look(a, steady, &n, &ignored, err)) != UADM_OK ||
	    (c = renew_lock(a, &n, steady, now, &locked, err)) != UADM_OK ||
	    !a->chargeable ||
	    (a->code.count > 0 && a->code.shaped &&
		(c = codes_count_attempt(a->u->store, a->who, err)) != UADM_OK))
		return c;
	p->charged = true;
	p->locked = locked;
	p->why = why;
	return UADM_OK;
}

/* Replace an outdated verifier, unless the password was changed meanwhile. */
static enum uadm_code
refresh_verifier(struct attempt *a, const struct verifier *fresh, struct uadm_err *err)
{
	bool swapped;

	if (fresh->text[0] == '\0')
		return UADM_OK;
	return users_swap_verifier(
	    a->u->store, a->user->uid, &a->verifier, fresh, &swapped, err);
}

static bool
process_lives(void *arg, const struct process *p)
{
	struct process is = { .pid = p->pid };

	(void)arg;
	return process_look(&is) && is.start == p->start;
}

static enum uadm_code
remember_proof(struct attempt *a, const struct user *user, int64_t steady,
    const struct clock_now *now, struct uadm_err *err)
{
	struct process parent = { .pid = a->r->host.parent };
	enum uadm_code c = proofs_reap(a->u->store, steady - now->boot_ms,
	    steady - PROOF_OLD_MS, process_lives, NULL, err);

	process_look(&parent);
	if (c != UADM_OK ||
	    (c = proofs_add(a->u->store, &a->r->host, &parent, user->uid,
		 a->r->factor != NULL, steady, err)) != UADM_OK ||
	    !a->by_code)
		return c;
	return proofs_mark_code(a->u->store, &a->r->host, user->uid, a->code.hash, err);
}

/* What was right when it was looked at: is it what there is now? */
static enum uadm_code
is_what_there_is(struct attempt *a, const struct user *user,
    const struct clock_now *now, bool *same, struct proof *p, struct uadm_err *err)
{
	struct verifier current;
	bool found;
	enum uadm_code c;

	if (a->by_code) {
		c = code_is_live(a->u, user->uid, a->code.hash, now, same, err);
		if (c == UADM_OK && !*same)
			p->why = "code used or replaced meanwhile";
		return c;
	}
	c = users_verifier(a->u->store, user->uid, &current, &found, err);
	*same = c == UADM_OK && found && strcmp(current.text, a->verifier.text) == 0;
	secret_zero(&current, sizeof(current));
	/* Set anew meanwhile, or only hashed anew by another login: what counts is the one there is
	 * now, and it has not been asked. */
	if (c == UADM_OK && !*same) {
		p->why = "password changed meanwhile";
		a->ask_again = true;
	}
	return c;
}

static bool
factor_is(const struct attempt *a, enum factor_verdict verdict)
{
	return a->r->factor != NULL && a->r->factor->verdict == verdict;
}

/* Before the reservation is taken back: a wrong code is a failure like a wrong password, to the page of
 * the log. */
static enum uadm_code
settle_factor(struct attempt *a, const struct user *user, int64_t steady,
    const struct clock_now *now, bool *wrong, struct uadm_err *err)
{
	enum uadm_code c = UADM_OK;

	if (a->r->factor != NULL)
		c = factor_settle(a->u, a->r, user, steady, now, err);
	*wrong = factor_is(a, FACTOR_IS_WRONG);
	return c;
}

/* The password was right. Look at everything again: the lock may have fallen and the user may
 * have been suspended, given another password or deleted while we hashed. */
static enum uadm_code
settle_right(struct attempt *a, int64_t steady, const struct clock_now *now, bool final,
    const struct verifier *fresh, struct proof *p, struct uadm_err *err)
{
	enum lockout_answer admitted;
	struct attempt_counts n;
	struct user user;
	bool same, elsewhere, wrong;
	enum uadm_code c;

	if ((c = users_get(a->u->store, a->r->name, &user, err)) == UADM_NOT_FOUND ||
	    (c == UADM_OK && user.uid != a->user->uid)) {
		p->why = "deleted meanwhile";
		return UADM_OK;
	}
	if (c != UADM_OK ||
	    (c = settle_factor(a, &user, steady, now, &wrong, err)) != UADM_OK)
		return c;
	if (wrong)
		return settle_wrong(a, a->r->factor->why, true, steady, now, p, err);
	/* It was no failure, even past its deadline: so it is not among them. */
	if ((c = attempts_withdraw(a->u->store, a->id, err)) != UADM_OK ||
	    (c = look(a, steady, &n, &admitted, err)) != UADM_OK ||
	    (c = is_what_there_is(a, &user, now, &same, p, err)) != UADM_OK)
		return c;
	if (admitted == LOCKOUT_LOCKED) {
		p->why = "locked meanwhile";
		return UADM_OK;
	}
	if (!same)
		return UADM_OK;
	if ((c = op_login_elsewhere(a->u, a->r->accounts, &user, &elsewhere, err)) !=
	    UADM_OK)
		return c;
	p->answer = PROOF_RIGHT;
	if (a->by_code)
		memcpy(p->code, a->code.hash, sizeof(p->code));
	p->verdict = policy_login(&(struct login_facts){ .user = &user,
	    .policy = &a->policy,
	    .phase = LOGIN_AUTH,
	    .now = now->wall,
	    .by_password = true,
	    .by_code = a->by_code,
	    .elsewhere = elsewhere,
	    .factor_missing = factor_is(a, FACTOR_IS_MISSING) });
	if (p->verdict.verdict == LOGIN_REFUSE || !final) {
		p->why = policy_login_reason_word(p->verdict.reason);
		return UADM_OK;
	}
	if (a->r->factor != NULL &&
	    (c = factor_keep(a->u, a->r, &user, a->source.text, steady, now, err)) !=
		UADM_OK)
		return c;
	/* With the factor still to come nothing is reset. */
	if (a->r->factor != NULL && !factor_is(a, FACTOR_IS_FINE))
		return UADM_OK;
	if ((c = attempts_succeed(a->u->store, user.uid, a->source.text,
		 a->r->factor != NULL, steady, err)) != UADM_OK ||
	    (c = refresh_verifier(a, fresh, err)) != UADM_OK)
		return c;
	return remember_proof(a, &user, steady, now, err);
}

/* No password: what it is is for somebody else to say, unless a lock has fallen meanwhile. */
static enum uadm_code
settle_asked(struct attempt *a, int64_t steady, const struct clock_now *now,
    struct proof *p, struct uadm_err *err)
{
	enum lockout_answer admitted;
	struct attempt_counts n;
	struct user user;
	bool right = false;
	enum uadm_code c = users_get(a->u->store, a->r->name, &user, err);
	bool same = c == UADM_OK && a->user != NULL && user.uid == a->user->uid;

	if ((c != UADM_OK && c != UADM_NOT_FOUND) ||
	    (c = look(a, steady, &n, &admitted, err)) != UADM_OK)
		return c;
	if (admitted != LOCKOUT_LOCKED &&
	    (c = a->then(a->u, a->then_arg, same ? &user : NULL, now, &right, err)) !=
		UADM_OK)
		return c;
	return right ? attempts_withdraw(a->u->store, a->id, err)
		     : settle_wrong(a, "wrong address", false, steady, now, p, err);
}

static enum uadm_code
settle(struct attempt *a, enum pwhash_answer answer, bool final,
    const struct verifier *fresh, struct proof *p, struct uadm_err *err)
{
	CHANGE ch = { 0 };
	int64_t steady;
	enum uadm_code c;

	if ((c = change_begin(&ch, a->u, err)) != UADM_OK ||
	    (c = store_steady_keep(a->u->store, &ch.now, &steady, err)) != UADM_OK)
		return c;
	if (a->id == 0)
		c = charge_bucket(a, &ch.now, err);
	else if (a->then != NULL)
		c = settle_asked(a, steady, &ch.now, p, err);
	else if (!a->chargeable || (answer == PWHASH_MISMATCH && !a->by_code))
		c = settle_wrong(a, "wrong password", false, steady, &ch.now, p, err);
	else
		c = settle_right(a, steady, &ch.now, final, fresh, p, err);
	return c == UADM_OK ? txn_commit(&ch.txn, err) : c;
}

/* Nothing was verified after all (out of memory): nobody is charged. */
static void
take_back(struct attempt *a)
{
	struct uadm_err ignored;
	CHANGE ch = { 0 };

	if (a->id != 0 && change_begin(&ch, a->u, &ignored) == UADM_OK &&
	    attempts_withdraw(a->u->store, a->id, &ignored) == UADM_OK &&
	    txn_commit(&ch.txn, &ignored) == UADM_OK)
		a->id = 0;
}

static const char *
dummy_reason(const struct attempt *a)
{
	if (a->user == NULL)
		return "unknown user";
	if (!a->chargeable)
		return a->user->kind == USER_SERVICE ? "service identity"
						     : "no password set";
	return a->admitted == LOCKOUT_SOURCE ? "source blocked" : "locked";
}

/* After a verdict that waited for a factor: then the time tells nothing any more. */
static void
refresh_late(struct attempt *a, const struct secret *pw)
{
	CLEANUP(slot_release) struct slot slot = { -1, -1 };
	struct verifier fresh = { 0 };
	struct uadm_err ignored;
	CHANGE ch = { 0 };

	if (password_slot(a->u, a->user, &slot, &ignored) == UADM_OK &&
	    pwhash_make(&fresh, pw, uadm_hash_cost(a->u), &ignored) == UADM_OK &&
	    change_begin(&ch, a->u, &ignored) == UADM_OK &&
	    refresh_verifier(a, &fresh, &ignored) == UADM_OK &&
	    txn_commit(&ch.txn, &ignored) == UADM_OK)
		a->verifier = fresh;
	secret_zero(&fresh, sizeof(fresh));
}

static enum uadm_code
hash_and_settle(struct attempt *a, struct secret *pw, bool final, struct slot *slot,
    struct proof *p, struct uadm_err *err)
{
	struct pwhash_cost cost = uadm_hash_cost(a->u);
	const bool asked = a->id != 0 && a->chargeable;
	const struct verifier *against =
	    asked && a->verifier.text[0] != '\0' ? &a->verifier : NULL;
	struct verifier fresh = { 0 };
	enum pwhash_answer answer;
	enum uadm_code c;

	if (!asked)
		p->why = dummy_reason(a);
	pwhash_even(against, &a->imported, pw);
	if ((c = pwhash_check(against, pw, cost, &answer, err)) != UADM_OK ||
	    (a->r->factor != NULL && a->then == NULL &&
		(c = factor_look(a->u, a->user, a->r->factor, err)) != UADM_OK)) {
		take_back(a);
		return c;
	}
	a->by_code = code_is_right(&a->code) && asked && answer == PWHASH_MISMATCH;
	/* A right password is not refused because its new hash could not be made. Where the verdict
	 * is still to come, the time that takes would tell that it was right. */
	if (answer == PWHASH_MATCH_OLD && a->r->factor == NULL &&
	    pwhash_make(&fresh, pw, cost, err) != UADM_OK)
		fresh.text[0] = '\0';
	slot_release(slot);
	c = settle(a, answer, final, &fresh, p, err);
	if (c != UADM_OK)
		*p = (struct proof){ 0 };
	else if (answer == PWHASH_MATCH_OLD && final && factor_is(a, FACTOR_IS_FINE) &&
	    p->answer == PROOF_RIGHT && p->verdict.verdict != LOGIN_REFUSE)
		refresh_late(a, pw);
	return c;
}

/* Buckets: fixed in number, for names cost nothing, and too many to be met by chance. For the same
 * reason nothing is kept that a stranger may make long. */
static void
charge_to(struct attempt *a)
{
	const struct key *key = &a->u->buckets;

	a->who = a->chargeable
	    ? a->user->uid
	    : ATTEMPT_STRANGER + key_bucket(key, a->r->name, ATTEMPT_STRANGERS);
	a->from = a->source.text;
	if (a->chargeable || a->source.text[0] == '\0')
		return;
	snprintf(a->from_hash, sizeof(a->from_hash), "%u",
	    (unsigned)key_bucket(key, a->source.text, UINT32_MAX));
	a->from = a->from_hash;
}

/* All that the answer can be. */
static enum uadm_code
read_verifiers(struct attempt *a, const struct secret *pw, struct uadm_err *err)
{
	const struct user *user = a->user;
	bool found = false;
	enum uadm_code c;

	if (user != NULL &&
	    (c = users_verifier(a->u->store, user->uid, &a->verifier, &found, err)) !=
		UADM_OK)
		return c;
	if ((c = code_look(a->u, user, pw, &a->code, err)) != UADM_OK)
		return c;
	a->by_code = false;
	a->chargeable =
	    user != NULL && (found || a->code.count > 0) && user->kind == USER_PERSON;
	charge_to(a);
	return users_imported_verifier(a->u->store, &a->imported, &found, err);
}

static enum uadm_code
prove_once(struct attempt *a, struct secret *pw, bool final, struct proof *p,
    struct uadm_err *err)
{
	CLEANUP(slot_release) struct slot slot = { -1, -1 };
	enum uadm_code c;

	*p = (struct proof){ 0 };
	a->ask_again = false;
	if ((c = read_verifiers(a, pw, err)) == UADM_OK &&
	    (c = get_ready(a, &slot, err)) == UADM_OK)
		c = hash_and_settle(a, pw, final, &slot, p, err);
	return c;
}

static enum uadm_code
prove(struct attempt *a, struct secret *pw, bool final, struct proof *p,
    struct uadm_err *err)
{
	enum uadm_code c = UADM_OK;

	*p = (struct proof){ 0 };
	source_find(&a->source, a->r->rhost, a->r->real_uid);
	for (int i = 0; i < ASKED_MOST; i++)
		if ((c = prove_once(a, pw, final, p, err)) != UADM_OK || !a->ask_again)
			break;
	explicit_bzero(&a->verifier, sizeof(a->verifier));
	explicit_bzero(&a->imported, sizeof(a->imported));
	code_look_wipe(&a->code);
	return c;
}

/* Nobody's password: it is checked all the same. */
static enum uadm_code
no_password(struct secret *pw, struct uadm_err *err)
{
	return secret_set(pw, "\x01", 1, err);
}

enum uadm_code
op_login_prove(struct uadm *u, const struct login_request *r, const struct user *user,
    struct secret *pw, bool final, struct proof *p, struct uadm_err *err)
{
	struct attempt a = { .u = u, .r = r, .user = user };
	struct uadm_err malformed;
	enum uadm_code c;

	*p = (struct proof){ 0 };
	if (r->factor != NULL)
		r->factor->taken = false;
	/* What can be nobody's password (empty, too long, no UTF-8) is checked against nothing,
	 * but costs and counts as a wrong one would. */
	if (secret_normalize_password(pw, &malformed) != UADM_OK &&
	    (c = no_password(pw, err)) != UADM_OK)
		return c;
	return prove(&a, pw, final, p, err);
}

enum uadm_code
op_login_ask(struct uadm *u, const struct login_request *r, const struct user *user,
    login_then *then, void *arg, struct proof *p, struct uadm_err *err)
{
	struct attempt a = {
		.u = u, .r = r, .user = user, .then = then, .then_arg = arg
	};
	CLEANUP(secret_wipe) struct secret pw = { 0 };
	enum uadm_code c;

	*p = (struct proof){ 0 };
	if ((c = secret_new(&pw, err)) != UADM_OK ||
	    (c = no_password(&pw, err)) != UADM_OK)
		return c;
	return prove(&a, &pw, true, p, err);
}
