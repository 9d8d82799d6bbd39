/*
 * Threat: the rules of one way to a new password being laxer than those of another. passwd(1),
 * a forced change in sshd or login, and uadmctl all ask here, and whoever replaces a verifier
 * does it here, so that the past is complete.
 */
#include "libuadm/ops/passwords.h"

#include "libuadm/ops/codes.h"
#include "libuadm/ops/policy_of.h"
#include "libuadm/ops/slots.h"
#include "libuadm/secrets/quality.h"
#include "libuadm/store/old_passwords.h"
#include "libuadm/store/users.h"

#include <string.h>

/* What pam_uadm waits in a change is 30 s: somebody is sitting there. */
enum { SLOT_WAIT_MS = 10000, PAST_MOST = 64 };

enum uadm_code
password_slot(
    struct uadm *u, const struct user *user, struct slot *slot, struct uadm_err *err)
{
	char source[UADM_NAME_SIZE + 8];

	snprintf(source, sizeof(source), "change:%s", user->name);
	return slot_take(slot, key_bucket(&u->buckets, source, SLOT_SOURCES),
	    clock_boot_ms() + SLOT_WAIT_MS, err);
}

struct past {
	struct verifier old[PAST_MOST];
	int64_t count;
};

static void
past_wipe(struct past *p)
{
	secret_zero(p, sizeof(*p));
}

/* The current verifier, unless the password itself is at hand, and those before it. */
static enum uadm_code
read_past(struct uadm *u, const struct password_question *q, int64_t history,
    struct past *p, struct uadm_err *err)
{
	int64_t most = history - 1, older;
	bool found = false;
	enum uadm_code c = UADM_OK;

	if (q->current == NULL)
		c = users_verifier(u->store, q->user->uid, &p->old[0], &found, err);
	if (c != UADM_OK)
		return c;
	p->count = found;
	/* One that was ended (user reset-password --now) is as good as the current one. */
	if (q->current == NULL && !found && most < 1)
		most = 1;
	if (most > PAST_MOST - p->count)
		most = PAST_MOST - p->count;
	c = old_passwords_get(
	    u->store, q->user->uid, most, p->old + p->count, &older, err);
	p->count += older;
	return c;
}

/* Was it the user's before? One slot for all of it: the hashes come one after the other. */
static enum uadm_code
look_at_past(struct uadm *u, const struct password_question *q, int64_t history,
    const struct secret *pw, enum password_past *past, struct uadm_err *err)
{
	CLEANUP(slot_release) struct slot slot = { -1, -1 };
	CLEANUP(past_wipe) struct past p = { 0 };
	enum pwhash_answer answer = PWHASH_MISMATCH;
	enum uadm_code c;

	*past = PAST_USED;
	if (q->current != NULL && secret_equal(pw, q->current))
		return UADM_OK;
	if ((c = read_past(u, q, history, &p, err)) != UADM_OK ||
	    (c = password_slot(u, q->user, &slot, err)) != UADM_OK)
		return c;
	for (int64_t i = 0; i < p.count && answer == PWHASH_MISMATCH; i++)
		if ((c = pwhash_check(
			 &p.old[i], pw, uadm_hash_cost(u), &answer, err)) != UADM_OK)
			return c;
	*past = answer == PWHASH_MISMATCH ? PAST_FRESH : PAST_USED;
	return UADM_OK;
}

enum uadm_code
op_password_judge(struct uadm *u, const struct password_question *q, struct secret *pw,
    struct password_verdict *v, struct uadm_err *err)
{
	struct password_facts f = { .user = q->user };
	struct quality quality = { 0 };
	struct policy p;
	enum uadm_code c;

	*v = (struct password_verdict){ 0 };
	c = q->user != NULL ? op_policy_of(u, q->user, &p, err)
			    : op_policy_in(u, q->account, q->role, &p, err);
	if (c != UADM_OK || (c = secret_normalize_password(pw, err)) != UADM_OK ||
	    (p.dictionary != 0 &&
		(c = quality_check(NULL, pw, &quality, err)) != UADM_OK))
		return c;
	f.text = pw->text;
	f.dictionary_passed = quality.passed;
	f.dictionary_says = quality.says;
	*v = policy_password(&p, &f);
	if (q->user == NULL || q->past == PAST_NOT_ASKED ||
	    (q->past == PAST_IF_GOOD && !v->good))
		return UADM_OK;
	v->good = false;
	if ((c = look_at_past(u, q, p.history, pw, &f.past, err)) == UADM_OK)
		*v = policy_password(&p, &f);
	return c;
}

enum uadm_code
check_new_password(
    struct uadm *u, const struct user *user, struct secret *pw, struct uadm_err *err)
{
	const struct password_question q = { .user = user };
	struct password_verdict v;
	char why[sizeof(err->msg)];
	enum uadm_code c = op_password_judge(u, &q, pw, &v, err);

	if (c != UADM_OK || v.good)
		return c;
	policy_password_explain(&v, why, sizeof(why));
	uadm_fail(err, UADM_INVALID, "the password %s", why);
	return uadm_hint(err, "each rule: uadmctl policy test");
}

enum uadm_code
password_replace(struct uadm *u, uid_t uid, const struct verifier *v, int64_t now,
    struct uadm_err *err)
{
	struct verifier was;
	struct policy p;
	bool found;
	enum uadm_code c = users_verifier(u->store, uid, &was, &found, err);

	if (c == UADM_OK && found && (c = op_policy_of_uid(u, uid, &p, err)) == UADM_OK)
		c = old_passwords_push(u->store, uid, &was, p.history - 1, now, err);
	secret_zero(&was, sizeof(was));
	/* Codes for a new password have lost their point, and their owner's control. */
	if (c == UADM_OK && (c = code_end(u, uid, CODE_RESET, err)) == UADM_OK)
		c = code_end(u, uid, CODE_SELF, err);
	return c == UADM_OK ? users_set_verifier(u->store, uid, v, now, err) : c;
}
