/*
 * Threat: a stack that looks as if it asked us, and passes over what we say: a jump that lands
 * behind us, a control that forgives one of our codes, a module that is done before. So every way
 * through it is walked, by the rules of _pam_dispatch_aux() of Linux-PAM.
 */
#include "libuadm/ops/pam_stack.h"

#include "libuadm/base/cleanup.h"
#include "libuadm/ops/pam_lines.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const phase_names[PAM_PHASES] = {
	[PAM_PHASE_AUTH] = "auth",
	[PAM_PHASE_ACCOUNT] = "account",
	[PAM_PHASE_SESSION] = "session",
	[PAM_PHASE_PASSWORD] = "password",
};

const char *
stack_phase_name(enum pam_phase phase)
{
	return phase_names[phase];
}

const char *
stack_verdict_name(enum pam_verdict verdict)
{
	static const char *const names[] = { [PAM_OPEN] = "open",
		[PAM_NOT_ASKED] = "not asked",
		[PAM_BROKEN] = "broken",
		[PAM_CLOSED] = "closed",
		[PAM_DECIDED] = "uadm" };

	return names[verdict];
}

/* ---- answers */

#define BIT(code) (UINT32_C(1) << (code))
/* After CODE_INCOMPLETE the program calls once more. */
#define EVERY (~BIT(CODE_INCOMPLETE))
#define FAILURE                                                                        \
	(EVERY & ~(BIT(CODE_SUCCESS) | BIT(CODE_NEW_AUTHTOK_REQD) | BIT(CODE_IGNORE)))
/* Whatever the phase: result.c of pam_uadm, and a wrong argument. */
#define REFUSED                                                                        \
	(BIT(CODE_PERM_DENIED) | BIT(CODE_CONV_ERR) | BIT(CODE_AUTHINFO_UNAVAIL) |     \
	    BIT(CODE_SERVICE_ERR))

/* What these say of a user who is not in /etc/passwd; of all others everything is believed. */
static const struct {
	const char *module;
	uint32_t codes[PAM_PHASES]; /* auth, account, session, password */
} known[] = {
	/* The question: what if we refuse? */
	{ "uadm",
	    { REFUSED | BIT(CODE_AUTH_ERR) | BIT(CODE_ACCT_EXPIRED),
		REFUSED | BIT(CODE_AUTH_ERR) | BIT(CODE_ACCT_EXPIRED) |
		    BIT(CODE_NEW_AUTHTOK_REQD),
		REFUSED,
		REFUSED | BIT(CODE_AUTH_ERR) | BIT(CODE_ACCT_EXPIRED) |
		    BIT(CODE_AUTHTOK_ERR) | BIT(CODE_AUTHTOK_RECOVERY_ERR) |
		    BIT(CODE_TRY_AGAIN) | BIT(CODE_SYSTEM_ERR) } },
	{ "localuser",
	    { BIT(CODE_PERM_DENIED), BIT(CODE_PERM_DENIED), BIT(CODE_PERM_DENIED),
		BIT(CODE_PERM_DENIED) } },
	{ "deny",
	    { BIT(CODE_AUTH_ERR), BIT(CODE_AUTH_ERR) | BIT(CODE_ACCT_EXPIRED),
		BIT(CODE_SESSION_ERR), BIT(CODE_AUTHTOK_ERR) } },
	{ "permit",
	    { BIT(CODE_SUCCESS), BIT(CODE_SUCCESS), BIT(CODE_SUCCESS),
		BIT(CODE_SUCCESS) } },
	/* Our published password is `*`, which is nobody's hash. */
	{ "unix", { FAILURE, EVERY, EVERY, FAILURE } },
};

/* Programs whose real user is who called them, so that pam_rootok lets in root alone. A daemon is
 * root whoever is at its other end. */
static bool
is_callers(const char *service)
{
	static const char *const services[] = { "su", "su-l", "sudo", "sudo-i",
		"runuser", "runuser-l", "chfn", "chsh", "passwd", "chpasswd",
		"newusers" };

	for (size_t i = 0; i < ARRAY_LEN(services); i++)
		if (strcmp(service, services[i]) == 0)
			return true;
	return false;
}

static uint32_t
answers_of(const struct pam_line *l, const char *service, enum pam_phase phase)
{
	for (size_t i = 0; l->is_installed && i < ARRAY_LEN(known); i++)
		if (strcmp(l->module, known[i].module) == 0)
			return known[i].codes[phase];
	if (l->is_installed && strcmp(l->module, "rootok") == 0 &&
	    phase == PAM_PHASE_AUTH && is_callers(service))
		return BIT(CODE_AUTH_ERR);
	return EVERY;
}

/* ---- following */

/* libpam's impression, and whether the status it would return is success. */
enum impression { UNDEFINED = 0, POSITIVE, NEGATIVE, IMPRESSIONS };

struct walk {
	struct pam_lines lines;
	uint32_t answers[PAM_LINES_MOST];
	/* The states in which a line may be come to. */
	bool reached[PAM_LINES_MOST + 1][IMPRESSIONS][2];
};

/* The line after as many as `jump` more at this level, a substack being one with what is in it.
 * *bad_jump: there are not that many, and libpam goes on after the last one. */
static size_t
jump_to(const struct pam_lines *s, size_t at, int jump, bool *bad_jump)
{
	const int level = s->at[at].level;
	size_t to = at + 1;

	for (; jump > 0 && to < s->count && s->at[to].level >= level; jump--)
		for (to++; to < s->count && s->at[to].level > level;)
			to++;
	*bad_jump = jump > 0;
	return to;
}

/* The end of what is decided at this level: of the substack, or of all. */
static size_t
level_end(const struct pam_lines *s, size_t at)
{
	int level = s->at[at].level;

	while (at < s->count && s->at[at].level >= level)
		at++;
	return at;
}

/* Back to how the substack began. */
static void
reset(struct walk *w, size_t at)
{
	const int level = w->lines.at[at].level;
	size_t begin = at;

	if (level == 0) {
		w->reached[at + 1][UNDEFINED][0] = true;
		return;
	}
	while (w->lines.at[begin].level >= level)
		begin--;
	for (int imp = 0; imp < IMPRESSIONS; imp++)
		for (int good = 0; good < 2; good++)
			if (w->reached[begin][imp][good])
				w->reached[at + 1][imp][good] = true;
}

static void
step(struct walk *w, size_t at, enum impression imp, bool good, int code)
{
	int action = w->lines.at[at].action[code];
	size_t to = at + 1;
	bool bad_jump;

	if (action > 0) {
		to = jump_to(&w->lines, at, action, &bad_jump);
		w->reached[to][bad_jump ? NEGATIVE : imp][!bad_jump && good] = true;
		return;
	}
	switch (action) {
	case PAM_DO_RESET:
		reset(w, at);
		return;
	case PAM_DO_OK:
	case PAM_DO_DONE:
		if (imp == UNDEFINED || (imp == POSITIVE && good)) {
			imp = POSITIVE;
			good = code == CODE_SUCCESS;
		}
		if (imp == POSITIVE && action == PAM_DO_DONE)
			to = level_end(&w->lines, at);
		break;
	case PAM_DO_BAD:
	case PAM_DO_DIE:
		imp = NEGATIVE;
		good = false;
		if (action == PAM_DO_DIE)
			to = level_end(&w->lines, at);
		break;
	}
	w->reached[to][imp][good] = true;
}

static void
step_all(struct walk *w, size_t at, enum impression imp, bool good)
{
	if (w->lines.at[at].is_substack) {
		w->reached[at + 1][imp][good] = true;
		return;
	}
	for (int code = 0; code < PAM_CODES; code++)
		if ((w->answers[at] & BIT(code)) != 0)
			step(w, at, imp, good, code);
}

static bool
may_succeed(struct walk *w)
{
	memset(w->reached, 0, sizeof(w->reached));
	w->reached[0][UNDEFINED][0] = true;
	for (size_t at = 0; at < w->lines.count; at++)
		for (int imp = 0; imp < IMPRESSIONS; imp++)
			for (int good = 0; good < 2; good++)
				if (w->reached[at][imp][good])
					step_all(
					    w, at, (enum impression)imp, good != 0);
	return w->reached[w->lines.count][POSITIVE][1];
}

/* ---- judging */

static void
list_modules(const struct pam_lines *s, char *out)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < s->count && used < PAM_MODULES_SIZE; i++)
		if (!s->at[i].is_substack)
			used += (size_t)snprintf(out + used, PAM_MODULES_SIZE - used,
			    "%s%s", used > 0 ? " " : "", s->at[i].module);
}

static bool
is_ours(const struct pam_line *l)
{
	return l->is_installed && strcmp(l->module, "uadm") == 0;
}

static void
list_bounds(const struct pam_lines *s, char *out)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < s->count; i++)
		if (is_ours(&s->at[i]) && s->at[i].accounts[0] != '\0' &&
		    used < PAM_BOUND_SIZE)
			used += (size_t)snprintf(out + used, PAM_BOUND_SIZE - used,
			    "%s%s", used > 0 ? " " : "", s->at[i].accounts);
}

static bool
names_us(const struct pam_lines *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (is_ours(&s->at[i]))
			return true;
	return false;
}

/* The line that opens it: the first without whose success (and that of those before it) there is
 * no way through any more. */
static void
find_culprit(struct walk *w, struct pam_outcome *out)
{
	const struct pam_lines *s = &w->lines;
	size_t i = 0;

	for (; i < s->count; i++) {
		w->answers[i] = BIT(CODE_AUTH_ERR);
		if (!may_succeed(w))
			break;
	}
	if (i == s->count || is_ours(&s->at[i]))
		snprintf(
		    out->why, sizeof(out->why), "not every refusal of pam_uadm counts");
	else
		snprintf(out->why, sizeof(out->why), "%s%s may succeed without us",
		    s->at[i].is_installed ? "pam_" : "", s->at[i].module);
}

static void
judge(
    struct walk *w, const char *service, enum pam_phase phase, struct pam_outcome *out)
{
	bool ours = names_us(&w->lines);

	for (size_t i = 0; i < w->lines.count; i++)
		w->answers[i] = answers_of(&w->lines.at[i], service, phase);
	list_modules(&w->lines, out->modules);
	list_bounds(&w->lines, out->bound);
	if (!may_succeed(w)) {
		out->verdict = ours ? PAM_DECIDED : PAM_CLOSED;
		return;
	}
	out->verdict = ours ? PAM_OPEN : PAM_NOT_ASKED;
	if (w->lines.foreign[0] != '\0')
		snprintf(out->why, sizeof(out->why), "%s", w->lines.foreign);
	else if (ours)
		find_culprit(w, out);
}

void
stack_look(pam_reader *read, void *arg, const char *service,
    struct pam_outcome out[PAM_PHASES])
{
	struct walk *w = calloc(1, sizeof(*w));

	memset(out, 0, PAM_PHASES * sizeof(*out));
	for (int p = 0; p < PAM_PHASES; p++) {
		const enum pam_phase phase = (enum pam_phase)p;

		out[p].verdict = PAM_BROKEN;
		if (w == NULL)
			snprintf(out[p].why, sizeof(out[p].why), "no memory");
		else if (stack_lines_read(read, arg, service, phase, &w->lines))
			judge(w, service, phase, &out[p]);
		else
			memcpy(out[p].why, w->lines.broken, sizeof(out[p].why));
	}
	free(w);
}
