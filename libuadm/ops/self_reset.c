/*
 * Threat: see uadmd/self_reset.c. All that is written is written in the last of the two commits that a
 * wrong password has as well.
 */
#include "libuadm/ops/self_reset.h"

#include "libuadm/ops/codes.h"
#include "libuadm/ops/policy_of.h"
#include "libuadm/policy/code.h"
#include "libuadm/policy/rights.h"
#include "libuadm/store/audit.h"
#include "libuadm/store/members.h"
#include "libuadm/store/rights.h"

bool
op_self_reset_is_on(const struct uadm *u)
{
	return u->policy.self_reset != 0 && u->config.mail_command[0] != '\0';
}

struct asking {
	const struct login_request *request;
	const char *email;
	struct policy policy; /* that counts for the user, or the host's */
	enum self_reset_answer answer;
	struct catalogue catalogue;
	bool administrator;
};

/* Whoever can change others there, or could come to. */
static enum uadm_code
look_at_holding(void *arg, const struct holding *h, struct uadm_err *err)
{
	static const int rights[] = { RIGHT_USER_WRITE, RIGHT_ROLE_WRITE,
		RIGHT_ACCOUNT_WRITE };
	struct asking *a = arg;
	const struct rights held = rights_potential(&a->catalogue, h);

	(void)err;
	for (size_t i = 0; i < ARRAY_LEN(rights); i++)
		a->administrator = a->administrator || rights_has(&held, rights[i]);
	return UADM_OK;
}

static enum uadm_code
gather(struct uadm *u, struct asking *a, const struct user *user,
    const struct clock_now *now, struct self_reset_facts *f, struct uadm_err *err)
{
	struct code codes[CODE_KINDS];
	struct code_clock clock = { .wall = now->wall };
	size_t count = 0;
	enum uadm_code c;

	*f = (struct self_reset_facts){ .user = user,
		.email = a->email,
		.mail = u->config.mail_command[0] != '\0',
		.now = now->wall };
	if ((c = op_policy_of_uid(u, user == NULL ? 0 : user->uid, &a->policy, err)) !=
		UADM_OK ||
	    (c = store_steady(u->store, now, &clock.steady, err)) != UADM_OK ||
	    (c = codes_live(u->store, user == NULL ? 0 : user->uid, &clock, codes,
		 &count, err)) != UADM_OK ||
	    (c = rights_catalogue(u->store, &a->catalogue, err)) != UADM_OK)
		return c;
	for (size_t i = 0; i < count; i++)
		if (codes[i].kind == CODE_SELF)
			f->fresh_until = codes[i].made_at + SELF_RESET_REST_SECS;
	if (user == NULL)
		return UADM_OK;
	if ((c = op_login_elsewhere(
		 u, a->request->accounts, user, &f->elsewhere, err)) != UADM_OK ||
	    (c = holdings_each(u->store, user->uid, 0, look_at_holding, a, err)) !=
		UADM_OK)
		return c;
	f->administrator = a->administrator;
	return UADM_OK;
}

static enum uadm_code
send(struct uadm *u, const struct user *user, const struct clock_now *now,
    struct uadm_err *err)
{
	struct audit_row row = { .action = "user.ask-code" };
	struct code_given given;
	enum uadm_code c =
	    code_give(u, user, CODE_SELF, CODE_BY_MAIL, NULL, NULL, now, &given, err);
	bool queued = c == UADM_OK && given.fate == LETTER_QUEUED;

	code_given_wipe(&given);
	if (c != UADM_OK)
		return c;
	/* What could not be written is nobody's to use. */
	if (!queued)
		return code_end(u, user->uid, CODE_SELF, err);
	snprintf(row.actor, sizeof(row.actor), "%s", u->actor);
	snprintf(row.target, sizeof(row.target), "%s", user->name);
	return audit_append(u->store, &row, now->wall, err);
}

static enum uadm_code
decide(struct uadm *u, void *arg, const struct user *user, const struct clock_now *now,
    bool *right, struct uadm_err *err)
{
	struct asking *a = arg;
	struct self_reset_facts f;
	enum uadm_code c = gather(u, a, user, now, &f, err);

	if (c != UADM_OK)
		return c;
	a->answer = policy_self_reset(&a->policy, &f);
	*right = a->answer == SELF_RESET_SEND || a->answer == SELF_RESET_FRESH;
	return a->answer == SELF_RESET_SEND ? send(u, user, now, err) : UADM_OK;
}

/* The work of a letter for who gets none. */
static void
pretend(struct uadm *u, const struct policy *p, const char *name, const char *email)
{
	char code[CODE_SIZE];
	struct user nobody = { 0 };
	struct clock_now now;

	clock_read(&now);
	code_make(code);
	snprintf(nobody.name, sizeof(nobody.name), "%.*s", (int)sizeof(nobody.name) - 1,
	    name);
	snprintf(nobody.email, sizeof(nobody.email), "%.*s",
	    (int)sizeof(nobody.email) - 1, email);
	letters_pretend(u,
	    &(struct letter){ .kind = code_kind_word(CODE_SELF),
		.user = &nobody,
		.code = code,
		.expires_at = now.wall + policy_code_lifetime(p, CODE_SELF) });
	secret_zero(code, sizeof(code));
}

enum uadm_code
op_self_reset(struct uadm *u, const struct login_request *r, const struct user *user,
    const char *email, const char **outcome, struct uadm_err *err)
{
	struct asking a = { .request = r,
		.email = email,
		.policy = u->policy,
		.answer = SELF_RESET_OFF };
	struct proof p;
	enum uadm_code c = op_login_ask(u, r, user, decide, &a, &p, err);

	if (c == UADM_OK && a.answer != SELF_RESET_SEND)
		pretend(u, &a.policy, r->name, email);
	*outcome = p.why != NULL && a.answer == SELF_RESET_OFF
	    ? p.why
	    : policy_self_reset_text(a.answer);
	return c;
}
