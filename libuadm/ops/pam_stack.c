#include "libuadm/ops/pam_stack.h"

#include "libuadm/base/cleanup.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LINES_MOST = 128, DEPTH_MOST = 8, CODES = 32, WORD_MOST = 600 };

/* Actions of libpam (pam_private.h); a positive number jumps over as many lines. */
enum { IGNORE = 0, OK = -1, DONE = -2, BAD = -3, DIE = -4, RESET = -5 };

/* _pam_types.h: the codes by their names in brackets. */
static const char *const code_names[CODES] = { "success", "open_err", "symbol_err",
	"service_err", "system_err", "buf_err", "perm_denied", "auth_err",
	"cred_insufficient", "authinfo_unavail", "user_unknown", "maxtries",
	"new_authtok_reqd", "acct_expired", "session_err", "cred_unavail",
	"cred_expired", "cred_err", "no_module_data", "conv_err", "authtok_err",
	"authtok_recover_err", "authtok_lock_busy", "authtok_disable_aging",
	"try_again", "ignore", "abort", "authtok_expired", "module_unknown", "bad_item",
	"conv_again", "incomplete" };
enum { SUCCESS = 0, PERM_DENIED = 6, AUTH_ERR = 7, CODE_IGNORE = 25 };

struct line {
	short action[CODES];
	char module[40]; /* "uadm", for pam_uadm.so */
	bool fails;      /* suppose that it does not succeed */
	int level;       /* of substacks */
};

struct stack {
	struct line lines[LINES_MOST];
	size_t count;
	pam_reader *read;
	void *arg;
	char *broken; /* where to say so */
};

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

static bool
broken(struct stack *s, const char *what, const char *where)
{
	snprintf(s->broken, PAM_WHY_SIZE, "%s: %.120s", what, where);
	return false;
}

/* ---- reading */

/* The next word of a line: up to a blank, or all of [...]. */
static bool
next_word(const char **at, char *word, size_t size)
{
	const char *from = *at + strspn(*at, " \t");
	size_t n;

	if (*from == '[') {
		const char *end = strchr(from, ']');

		if (end == NULL)
			return false;
		n = (size_t)(end - from) + 1;
	} else {
		n = strcspn(from, " \t");
	}
	if (n == 0 || n >= size)
		return false;
	memcpy(word, from, n);
	word[n] = '\0';
	*at = from + n;
	return true;
}

static void
set_all(struct line *l, int action)
{
	for (size_t i = 0; i < CODES; i++)
		l->action[i] = (short)action;
}

static bool
read_simple(struct line *l, const char *word)
{
	static const struct {
		const char *word;
		int ok, ignore, other;
	} simple[] = { { "required", OK, IGNORE, BAD },
		{ "requisite", OK, IGNORE, DIE },
		{ "sufficient", DONE, IGNORE, IGNORE },
		{ "optional", OK, IGNORE, IGNORE } };

	for (size_t i = 0; i < ARRAY_LEN(simple); i++) {
		if (strcasecmp(word, simple[i].word) != 0)
			continue;
		set_all(l, simple[i].other);
		l->action[SUCCESS] = l->action[12] = (short)simple[i].ok;
		l->action[CODE_IGNORE] = (short)simple[i].ignore;
		return true;
	}
	return false;
}

static bool
read_action(const char *text, int *action)
{
	static const struct {
		const char *word;
		int action;
	} words[] = { { "ignore", IGNORE }, { "ok", OK }, { "done", DONE },
		{ "bad", BAD }, { "die", DIE }, { "reset", RESET } };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcasecmp(text, words[i].word) == 0) {
			*action = words[i].action;
			return true;
		}
	*action = atoi(text);
	return *action > 0 && *action < LINES_MOST;
}

/* [success=1 default=ignore]: a code that is not named has the default; without one, bad. */
static bool
read_brackets(struct line *l, char *word)
{
	bool named[CODES] = { false };
	int otherwise = BAD, action;
	char *rest = NULL;

	word[strlen(word) - 1] = '\0';
	for (char *p = strtok_r(word + 1, " \t", &rest); p != NULL;
	     p = strtok_r(NULL, " \t", &rest)) {
		char *value = strchr(p, '=');
		size_t i;

		if (value == NULL)
			return false;
		*value++ = '\0';
		if (!read_action(value, &action))
			return false;
		if (strcasecmp(p, "default") == 0) {
			otherwise = action;
			continue;
		}
		for (i = 0; i < CODES && strcasecmp(p, code_names[i]) != 0; i++)
			;
		if (i == CODES)
			return false;
		named[i] = true;
		l->action[i] = (short)action;
	}
	for (size_t i = 0; i < CODES; i++)
		if (!named[i])
			l->action[i] = (short)otherwise;
	return true;
}

/* "/lib/x/pam_uadm.so" -> "uadm" */
static void
name_module(struct line *l, const char *path)
{
	const char *slash = strrchr(path, '/'),
		   *name = slash == NULL ? path : slash + 1;
	size_t n;

	if (strncmp(name, "pam_", 4) == 0)
		name += 4;
	n = strcspn(name, ".");
	snprintf(l->module, sizeof(l->module), "%.*s", (int)(n < 39 ? n : 39), name);
}

static bool read_file(
    struct stack *s, const char *name, enum pam_phase phase, int level, int depth);

static bool
read_line(struct stack *s, const char *text, enum pam_phase phase, int level, int depth)
{
	char type[WORD_MOST], control[WORD_MOST], module[WORD_MOST];
	const char *at = text;
	struct line *l = &s->lines[s->count];
	bool silent;

	if (!next_word(&at, type, sizeof(type)))
		return broken(s, "cannot be read", text);
	if (strcmp(type, "@include") == 0)
		return next_word(&at, module, sizeof(module)) &&
		    read_file(s, module, phase, level, depth + 1);
	silent =
	    type[0] == '-'; /* a missing module is then no error: libpam skips it */
	if (strcasecmp(type + silent, phase_names[phase]) != 0)
		return true;
	if (!next_word(&at, control, sizeof(control)) ||
	    !next_word(&at, module, sizeof(module)))
		return broken(s, "cannot be read", text);
	if (strcasecmp(control, "include") == 0)
		return read_file(s, module, phase, level, depth + 1);
	if (strcasecmp(control, "substack") == 0)
		return read_file(s, module, phase, level + 1, depth + 1);
	if (s->count + 1 >= LINES_MOST)
		return broken(s, "too long", text);
	if (!(control[0] == '[' ? read_brackets(l, control) : read_simple(l, control)))
		return broken(s, "cannot be read", text);
	name_module(l, module);
	l->level = level;
	s->count++;
	return true;
}

/* Lines end at a newline that no backslash precedes; # begins a comment. */
static bool
read_file(struct stack *s, const char *name, enum pam_phase phase, int level, int depth)
{
	CLEANUP(cleanup_free) char *text = NULL;

	if (depth > DEPTH_MOST)
		return broken(s, "includes itself", name);
	if ((text = s->read(s->arg, name)) == NULL)
		return broken(s, "is not there", name);
	for (char *p = text; *p != '\0';) {
		char *end = p;

		for (; *end != '\0' && *end != '\n'; end++)
			if (end[0] == '\\' && end[1] == '\n')
				end[0] = end[1] = ' ';
		char *next = *end == '\n' ? end + 1 : end;

		*end = '\0';
		p[strcspn(p, "#")] = '\0';
		p += strspn(p, " \t");
		if (*p != '\0' && !read_line(s, p, phase, level, depth))
			return false;
		p = next;
	}
	return true;
}

/* ---- following */

/* What these say of a user who is not in /etc/passwd, to a caller who is not root; of all others
 * everything is believed. */
static const struct {
	const char *module;
	int phase; /* -1: every one */
	int code;
} known[] = {
	{ "uadm", -1, PERM_DENIED },      /* the question: what if we refuse? */
	{ "localuser", -1, PERM_DENIED }, /* the name is not in /etc/passwd */
	{ "deny", -1, AUTH_ERR },
	{ "permit", -1, SUCCESS },
	{ "rootok", -1, AUTH_ERR },
	/* our published password is `*`, which is nobody's hash */
	{ "unix", PAM_PHASE_AUTH, AUTH_ERR },
	{ "unix", PAM_PHASE_PASSWORD, AUTH_ERR },
};

static int
known_answer(const struct line *l, enum pam_phase phase)
{
	if (l->fails)
		return AUTH_ERR;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strcmp(l->module, known[i].module) == 0 &&
		    (known[i].phase < 0 || known[i].phase == (int)phase))
			return known[i].code;
	return -1;
}

/* libpam's impression, and whether the status it would return is success. */
enum impression { UNDEFINED = 0, POSITIVE, NEGATIVE, IMPRESSIONS };

/* One state is an impression and a status, before a line. */
struct states {
	bool reached[LINES_MOST + 1][IMPRESSIONS][2];
};

/* The line after as many as `jump` more at this level; 0: there are not that many. */
static size_t
jump_to(const struct stack *s, size_t at, int jump)
{
	size_t to = at + 1;

	while (jump > 0 && to < s->count && s->lines[to].level >= s->lines[at].level) {
		to++;
		while (to < s->count && s->lines[to].level > s->lines[at].level)
			to++;
		jump--;
	}
	return jump == 0 ? to : 0;
}

/* The end of what is decided at this level: of the substack, or of all. */
static size_t
level_end(const struct stack *s, size_t at)
{
	int level = s->lines[at].level;

	while (at < s->count && s->lines[at].level >= level)
		at++;
	return level == 0 ? s->count : at;
}

static void
step(const struct stack *s, struct states *st, size_t at, enum impression imp,
    bool good, int code)
{
	int action = s->lines[at].action[code];
	size_t to = at + 1;

	if (action > 0) {
		to = jump_to(s, at, action);
		/* "bad jump in stack" */
		if (to == 0)
			st->reached[at + 1][NEGATIVE][0] = true;
		else
			st->reached[to][imp][good] = true;
		return;
	}
	switch (action) {
	case RESET:
		/* Back to how the substack began, which may have been well. */
		if (s->lines[at].level > 0)
			st->reached[to][POSITIVE][1] = true;
		imp = UNDEFINED;
		good = false;
		break;
	case OK:
	case DONE:
		if ((imp == UNDEFINED || (imp == POSITIVE && good)) &&
		    code != CODE_IGNORE) {
			if (imp == UNDEFINED && code == SUCCESS)
				imp = POSITIVE;
			good = code == SUCCESS;
		}
		if (imp == POSITIVE && action == DONE)
			to = level_end(s, at);
		break;
	case BAD:
	case DIE:
		if (imp != NEGATIVE)
			good = false;
		imp = NEGATIVE;
		if (action == DIE)
			to = level_end(s, at);
		break;
	}
	st->reached[to][imp][good] = true;
}

static void
follow(const struct stack *s, enum pam_phase phase, struct states *st)
{
	memset(st, 0, sizeof(*st));
	st->reached[0][UNDEFINED][0] = true;
	for (size_t at = 0; at < s->count; at++)
		for (int imp = 0; imp < IMPRESSIONS; imp++)
			for (int good = 0; good < 2; good++) {
				int code = known_answer(&s->lines[at], phase);

				if (!st->reached[at][imp][good])
					continue;
				if (code >= 0)
					step(s, st, at, (enum impression)imp, good != 0,
					    code);
				for (int any = 0; code < 0 && any < CODES; any++)
					step(s, st, at, (enum impression)imp, good != 0,
					    any);
			}
}

static void
list_modules(const struct stack *s, char *out)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < s->count && used < PAM_MODULES_SIZE; i++)
		used += (size_t)snprintf(out + used, PAM_MODULES_SIZE - used, "%s%s",
		    i > 0 ? " " : "", s->lines[i].module);
}

static bool
names_us(const struct stack *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->lines[i].module, "uadm") == 0)
			return true;
	return false;
}

static bool
may_succeed(const struct stack *s, enum pam_phase phase)
{
	struct states st;

	follow(s, phase, &st);
	return st.reached[s->count][POSITIVE][1];
}

/* The line that opens it: the first without whose success (and that of those before it) there is
 * no way through any more. */
static void
find_culprit(struct stack *s, enum pam_phase phase, struct pam_outcome *out)
{
	size_t i = 0;

	for (; i < s->count; i++) {
		s->lines[i].fails = true;
		if (!may_succeed(s, phase))
			break;
	}
	snprintf(out->why, sizeof(out->why), "pam_%s may succeed without us",
	    i < s->count ? s->lines[i].module : "?");
}

static void
judge(struct stack *s, enum pam_phase phase, struct pam_outcome *out)
{
	bool ours = names_us(s);

	list_modules(s, out->modules);
	if (!may_succeed(s, phase)) {
		out->verdict = ours ? PAM_DECIDED : PAM_CLOSED;
		return;
	}
	out->verdict = ours ? PAM_OPEN : PAM_NOT_ASKED;
	if (ours)
		find_culprit(s, phase, out);
}

void
stack_look(pam_reader *read, void *arg, const char *service,
    struct pam_outcome out[PAM_PHASES])
{
	struct stack *s = calloc(1, sizeof(*s));

	memset(out, 0, PAM_PHASES * sizeof(*out));
	for (int phase = 0; s != NULL && phase < PAM_PHASES; phase++) {
		*s = (struct stack){
			.read = read, .arg = arg, .broken = out[phase].why
		};
		/* A phase that the service has no line for is that of `other`. */
		if (read_file(s, service, (enum pam_phase)phase, 0, 0) &&
		    (s->count > 0 ||
			read_file(s, "other", (enum pam_phase)phase, 0, 0)))
			judge(s, (enum pam_phase)phase, &out[phase]);
		else
			out[phase].verdict = PAM_BROKEN;
	}
	free(s);
}
