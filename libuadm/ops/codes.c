/*
 * codes.c - one-time codes.
 *
 * Threat: a code that is used twice: by many at once, by who reads the mail later, after the clock was
 * put back. So what uses it up is one DELETE in the transaction that sets the password; until then it
 * opens nothing, and who came in with it and was not first has a proof that is good for nothing more.
 *
 * Threat: a code as a second lock to pick, without the books. So it is looked at where a password is,
 * at the same cost (prove.c), and a wrong one is a wrong password.
 */
#include "libuadm/ops/codes.h"

#include "libuadm/ops/act.h"
#include "libuadm/ops/policy_of.h"
#include "libuadm/ops/show.h"
#include "libuadm/policy/code.h"
#include "libuadm/store/old_passwords.h"

#include <string.h>

_Static_assert(
    (int)CODE_HASH_SIZE == (int)DIGEST_HEX_SIZE, "a hash is one of digest.h");

void
code_given_wipe(struct code_given *given)
{
	secret_zero(given, sizeof(*given));
}

void
code_look_wipe(struct code_look *l)
{
	secret_zero(l, sizeof(*l));
}

static enum uadm_code
clocks(struct uadm *u, const struct clock_now *now, struct code_clock *clock,
    struct uadm_err *err)
{
	clock->wall = now->wall;
	return store_steady(u->store, now, &clock->steady, err);
}

enum uadm_code
code_end(struct uadm *u, uid_t uid, enum code_kind kind, struct uadm_err *err)
{
	enum uadm_code c = codes_drop(u->store, uid, kind, err);

	if (kind != CODE_NONE)
		return c == UADM_OK
		    ? letters_withdraw(u, uid, code_kind_word(kind), err)
		    : c;
	for (int k = CODE_NONE + 1; k <= CODE_KINDS && c == UADM_OK; k++)
		c = letters_withdraw(u, uid, code_kind_word((enum code_kind)k), err);
	return c;
}

/* Its letter; `given` keeps the text only where somebody has to be shown it. */
static enum uadm_code
send(struct uadm *u, const struct letter *l, enum code_way way,
    struct code_given *given, struct uadm_err *err)
{
	enum uadm_code c = UADM_OK;

	given->fate = LETTER_NOT_SENT;
	if (way != CODE_SHOWN)
		c = op_letter(u, l, &given->fate, err);
	if (c != UADM_OK || given->fate == LETTER_QUEUED || u->dry_run)
		secret_zero(given->text, sizeof(given->text));
	return c;
}

enum uadm_code
code_give(struct uadm *u, const struct user *user, enum code_kind kind,
    enum code_way way, const char *account, const char *role,
    const struct clock_now *now, struct code_given *given, struct uadm_err *err)
{
	struct letter l = { .kind = code_kind_word(kind),
		.user = user,
		.account = account,
		.role = role };
	struct code code = { .kind = kind, .made_at = now->wall };
	struct policy p;
	enum uadm_code c = op_policy_of_uid(u, user->uid, &p, err);

	if (c != UADM_OK)
		return c;
	code.lifetime = policy_code_lifetime(&p, kind);

	code_make(given->text);
	code_hash(&u->codes, user->uid, given->text, code.hash);
	code.expires_at = l.expires_at = given->expires_at = now->wall + code.lifetime;
	l.code = given->text;
	/* What an administrator gives is the only one; what a user asks for leaves theirs alone. */
	if ((c = store_steady_keep(u->store, now, &code.made_steady, err)) != UADM_OK ||
	    (kind != CODE_SELF &&
		(c = code_end(u, user->uid, CODE_NONE, err)) != UADM_OK) ||
	    (c = codes_put(u->store, user->uid, &code, err)) != UADM_OK) {
		code_given_wipe(given);
		return c;
	}
	return send(u, &l, way, given, err);
}

enum uadm_code
code_look(struct uadm *u, const struct user *user, const struct secret *typed,
    struct code_look *l, struct uadm_err *err)
{
	const uid_t uid = user == NULL ? 0 : user->uid;
	struct code_clock clock;
	struct clock_now now;
	char code[CODE_SIZE] = "";
	enum uadm_code c;

	*l = (struct code_look){ .shaped = code_parse(typed, code) };
	code_hash(&u->codes, uid, code, l->hash);
	secret_zero(code, sizeof(code));
	clock_read(&now);
	if ((c = clocks(u, &now, &clock, err)) != UADM_OK)
		return c;
	return codes_live(u->store, uid, &clock, l->live, &l->count, err);
}

bool
code_is_right(const struct code_look *l)
{
	bool right = false;

	for (size_t i = 0; i < l->count; i++)
		right |= digest_same(l->hash, l->live[i].hash);
	return right && l->shaped;
}

enum uadm_code
code_is_live(struct uadm *u, uid_t uid, const char *hash, const struct clock_now *now,
    bool *live, struct uadm_err *err)
{
	struct code_look l = { .shaped = true };
	struct code_clock clock;
	enum uadm_code c;

	*live = false;
	memcpy(l.hash, hash, sizeof(l.hash));
	if ((c = clocks(u, now, &clock, err)) != UADM_OK ||
	    (c = codes_live(u->store, uid, &clock, l.live, &l.count, err)) != UADM_OK)
		return c;
	*live = code_is_right(&l);
	return UADM_OK;
}

/* The process that hosts this login, the one before it, and since when there are any. */
struct kin {
	struct process parent;
	int64_t boot;
	bool known;
};

static enum uadm_code
look_at_kin(struct uadm *u, const struct login_request *r, const struct clock_now *now,
    struct kin *k, struct uadm_err *err)
{
	int64_t steady;
	enum uadm_code c = store_steady(u->store, now, &steady, err);

	*k = (struct kin){ .parent = { .pid = r->host.parent } };
	k->known =
	    r->host.start != 0 && (k->parent.pid <= 0 || process_look(&k->parent));
	if (c == UADM_OK)
		k->boot = steady - now->boot_ms;
	return c;
}

enum uadm_code
op_login_by_code(struct uadm *u, const struct login_request *r, const struct user *user,
    bool *by_code, char hash[CODE_HASH_SIZE], struct uadm_err *err)
{
	struct clock_now now;
	struct kin k;
	enum uadm_code c;

	hash[0] = '\0';
	*by_code = true;
	clock_read(&now);
	if ((c = look_at_kin(u, r, &now, &k, err)) != UADM_OK)
		return c;
	if (k.known)
		return proofs_by_code(u->store, &r->host, &k.parent, user->uid, k.boot,
		    by_code, hash, err);
	/* Who cannot be found out is nobody who came in with one, where nobody did. */
	if ((c = proofs_any_code(u->store, user->uid, by_code, err)) != UADM_OK ||
	    !*by_code)
		return c;
	return uadm_fail(
	    err, UADM_UNAVAILABLE, "cannot look at process %d", (int)r->host.pid);
}

enum uadm_code
op_login_code_is_live(struct uadm *u, const struct user *user, const char *hash,
    bool *live, struct uadm_err *err)
{
	struct clock_now now;

	clock_read(&now);
	return code_is_live(u, user->uid, hash, &now, live, err);
}

enum uadm_code
op_login_has_code(
    struct uadm *u, const struct user *user, bool *has, struct uadm_err *err)
{
	struct code live[CODE_KINDS];
	struct code_clock clock;
	struct clock_now now;
	size_t count = 0;
	enum uadm_code c;

	clock_read(&now);
	if ((c = clocks(u, &now, &clock, err)) == UADM_OK)
		c = codes_live(u->store, user->uid, &clock, live, &count, err);
	*has = count > 0;
	return c;
}

bool
code_is_password(
    struct uadm *u, const struct user *user, const char *hash, const struct secret *pw)
{
	char code[CODE_SIZE], is[CODE_HASH_SIZE];
	bool same = false;

	if (hash[0] != '\0' && code_parse(pw, code)) {
		code_hash(&u->codes, user->uid, code, is);
		same = digest_same(is, hash);
	}
	secret_zero(code, sizeof(code));
	return same;
}

enum uadm_code
code_use(struct uadm *u, const struct login_request *r, const struct user *user,
    const char *hash, const struct clock_now *now, enum code_kind *kind, bool *joined,
    struct uadm_err *err)
{
	struct code_clock clock;
	struct kin k;
	enum uadm_code c;

	*joined = false;
	if ((c = clocks(u, now, &clock, err)) != UADM_OK ||
	    (c = codes_claim(u->store, user->uid, hash, &clock, kind, err)) != UADM_OK)
		return c;
	if (*kind == CODE_NONE)
		return uadm_fail(err, UADM_DENIED,
		    "the code has been used or replaced, or has run out");
	if ((c = code_end(u, user->uid, CODE_NONE, err)) != UADM_OK ||
	    (c = invitations_accept(u->store, user->uid, now->wall, joined, err)) !=
		UADM_OK ||
	    (c = look_at_kin(u, r, now, &k, err)) != UADM_OK)
		return c;
	return proofs_have_password(
	    u->store, &r->host, &k.parent, user->uid, k.boot, err);
}

enum uadm_code
op_codes_drop_over(struct uadm *u, struct uadm_err *err)
{
	struct code_clock clock;
	CHANGE ch = { 0 };
	bool any = false;
	enum uadm_code c;

	if (u->dry_run)
		return UADM_OK;
	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = clocks(u, &ch.now, &clock, err)) != UADM_OK ||
	    (c = codes_drop_over(u->store, &clock, &any, err)) != UADM_OK)
		return c;
	return any ? txn_commit(&ch.txn, err) : UADM_OK;
}

/* It is none any more, and not to be taken again. */
static enum uadm_code
end_password(struct uadm *u, const struct user *user, int64_t now, struct uadm_err *err)
{
	struct verifier was;
	struct policy p;
	bool found;
	enum uadm_code c = users_verifier(u->store, user->uid, &was, &found, err);

	if (c == UADM_OK && found &&
	    (c = op_policy_of_uid(u, user->uid, &p, err)) == UADM_OK)
		c = old_passwords_push(
		    u->store, user->uid, &was, p.history > 0 ? p.history : 1, now, err);
	secret_zero(&was, sizeof(was));
	return c == UADM_OK ? users_drop_verifier(u->store, user->uid, err) : c;
}

enum uadm_code
op_user_reset_password(struct uadm *u, const char *name, enum code_way way,
    bool end_now, struct code_given *given, struct uadm_err *err)
{
	struct user user;
	CHANGE ch = { 0 };
	enum uadm_code c;

	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = find_user(u, name, &user, err)) != UADM_OK ||
	    (c = act_on_user(u, ACT_USER_RESET_PASSWORD, &user, err)) != UADM_OK)
		return c;
	if (user.kind == USER_SERVICE)
		return uadm_fail(err, UADM_INVALID,
		    "\"%s\" is a service identity and cannot have a password", name);
	if (user.invited) {
		uadm_fail(err, UADM_INVALID,
		    "\"%s\" has not accepted the invitation yet", name);
		return uadm_hint(err, "uadmctl invite resend %s", name);
	}
	if ((end_now && (c = end_password(u, &user, ch.now.wall, err)) != UADM_OK) ||
	    (c = code_give(u, &user, CODE_RESET, way, NULL, NULL, &ch.now, given,
		 err)) != UADM_OK)
		return c;
	c = change_commit(&ch, u, "user.reset-password", name,
	    end_now ? "now=yes" : NULL, false, err);
	if (c != UADM_OK)
		code_given_wipe(given);
	return c;
}
