/*
 * pam_lines.c - a service's file, read as libpam reads it.
 *
 * Threat: a line that we take for a comment, a part of another or an argument, and libpam for a
 * module that lets everybody in; or the other way round, for ours. So this reads to the letter what
 * Linux-PAM 1.5 reads (its pam_handlers.c and pam_misc.c, with Debian's @include), oddities
 * included: a comment ends no continued line and is never continued itself, [] around any word
 * are taken off, codes and actions need no blank after them. What libpam calls an error, or cuts at
 * the size of its buffer, is not followed any further: nothing is proven then.
 */
#include "libuadm/ops/pam_lines.h"

#include "libuadm/base/cleanup.h"
#include "libuadm/base/names.h"
#include "libuadm/base/paths.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	LINE_SIZE = 1024, /* libpam's buffer; what is longer comes to it in pieces */
	DEPTH_MOST = 15,
	JUMP_MOST = 999,
	UNDEF = -6, /* no action yet */
	ANY = -1,   /* lines of all phases, as in a service's own file */
	/* Files that include one another many times over; each file costs as much as a page. */
	BUDGET = 512 * 1024,
	FILE_COST = 4096,
};

/* _pam_types.h: the codes by their names in brackets. */
static const char *const code_names[PAM_CODES] = { "success", "open_err", "symbol_err",
	"service_err", "system_err", "buf_err", "perm_denied", "auth_err",
	"cred_insufficient", "authinfo_unavail", "user_unknown", "maxtries",
	"new_authtok_reqd", "acct_expired", "session_err", "cred_unavail",
	"cred_expired", "cred_err", "no_module_data", "conv_err", "authtok_err",
	"authtok_recover_err", "authtok_lock_busy", "authtok_disable_aging",
	"try_again", "ignore", "abort", "authtok_expired", "module_unknown", "bad_item",
	"conv_again", "incomplete" };

struct reading {
	pam_reader *read;
	void *arg;
	enum pam_phase phase;
	long budget;
	struct pam_lines *out;
};

static bool
broken(struct reading *r, const char *what, const char *where)
{
	char shown[160];

	text_escape(shown, sizeof(shown), where);
	snprintf(r->out->broken, sizeof(r->out->broken), "%s: %s", what, shown);
	return false;
}

/* ---- lines and words */

/* The next line with those that continue it, in `out`: 1; 0: there is none; -1: none that libpam
 * would take as it is written. */
static int
next_line(const char **at, char out[LINE_SIZE])
{
	size_t used = 0;
	bool continued = false;

	for (;;) {
		size_t n = strcspn(*at, "\n");
		char *text = out + used, *end;

		out[used] = '\0';
		if (**at == '\0')
			return continued ? -1 : 0;
		if (used + n + 2 > LINE_SIZE)
			return -1;
		memcpy(text, *at, n);
		text[n] = '\0';
		*at += n + ((*at)[n] == '\n');
		text += strspn(text, " \t");
		if (*text == '\0' || *text == '#')
			continue; /* also between a line and what continues it */
		if ((end = strchr(text, '#')) != NULL) {
			*end = '\0';
			return 1;
		}
		for (end = text + strlen(text) - 1; *end == ' ' || *end == '\t';)
			end--;
		if (*end != '\\')
			return 1;
		*end++ = ' ';
		used = (size_t)(end - out);
		continued = true;
	}
}

/* The next word, or what stands in [...] without these; NULL: there is no more. */
static char *
next_word(char **at)
{
	char *word = *at == NULL ? NULL : *at + strspn(*at, " \t"), *end;

	*at = NULL;
	if (word == NULL || *word == '\0')
		return NULL;
	end = word + strcspn(word, " \t");
	if (*word == '[') {
		char *to = ++word;

		for (end = word; *end != '\0' && *end != ']'; end++) {
			if (end[0] == '\\' && end[1] == ']')
				end++;
			*to++ = *end;
		}
		if (*end != '\0')
			*at = end + 1;
		*to = '\0';
	} else if (*end != '\0') {
		*end = '\0';
		*at = end + 1;
	}
	return word;
}

/* ---- controls */

static void
set_undefined(struct pam_line *l, int action)
{
	for (size_t i = 0; i < PAM_CODES; i++)
		if (l->action[i] == UNDEF)
			l->action[i] = (short)action;
}

static bool
read_simple(struct pam_line *l, const char *word)
{
	static const struct {
		const char *word;
		int ok, ignore, other;
	} simple[] = { { "required", PAM_DO_OK, PAM_DO_IGNORE, PAM_DO_BAD },
		{ "requisite", PAM_DO_OK, PAM_DO_IGNORE, PAM_DO_DIE },
		{ "sufficient", PAM_DO_DONE, PAM_DO_IGNORE, PAM_DO_IGNORE },
		{ "optional", PAM_DO_OK, PAM_DO_IGNORE, PAM_DO_IGNORE } };

	for (size_t i = 0; i < ARRAY_LEN(simple); i++) {
		if (strcasecmp(word, simple[i].word) != 0)
			continue;
		l->action[CODE_SUCCESS] = l->action[CODE_NEW_AUTHTOK_REQD] =
		    (short)simple[i].ok;
		l->action[CODE_IGNORE] = (short)simple[i].ignore;
		set_undefined(l, simple[i].other);
		return true;
	}
	return false;
}

/* Moves over the name, which may go on into anything. */
static int
skip_name(const char **at, const char *const *names, int count)
{
	for (int i = 0; i < count; i++) {
		size_t n = strlen(names[i]);

		if (strncmp(*at, names[i], n) == 0) {
			*at += n;
			return i;
		}
	}
	return -1;
}

static void
skip_space(const char **at)
{
	while (isspace((unsigned char)**at))
		++*at;
}

static bool
read_action(const char **at, int *action)
{
	static const char *const names[] = { "ignore", "ok", "done", "bad", "die",
		"reset" };
	int i = skip_name(at, names, (int)ARRAY_LEN(names)), n = 0;

	*action = -i;
	if (i >= 0)
		return true;
	for (; isdigit((unsigned char)**at) && n <= JUMP_MOST; ++*at)
		n = n * 10 + (**at - '0');
	*action = n;
	return n > 0 && n <= JUMP_MOST;
}

/* success=1 default=ignore: a code that is not named before has the default; without one, bad. */
static bool
read_control(struct pam_line *l, const char *at)
{
	static const char *const otherwise[] = { "default" };

	for (skip_space(&at); *at != '\0'; skip_space(&at)) {
		int code = skip_name(&at, code_names, PAM_CODES), action;

		if (code < 0 && skip_name(&at, otherwise, 1) < 0)
			return false;
		skip_space(&at);
		if (*at++ != '=')
			return false;
		skip_space(&at);
		if (!read_action(&at, &action))
			return false;
		if (code < 0)
			set_undefined(l, action);
		else
			l->action[code] = (short)action;
	}
	set_undefined(l, PAM_DO_BAD);
	return true;
}

/* ---- modules */

/* The name of a file in libpam's directory; NULL: any other. */
static const char *
file_name(const char *path)
{
	static const char dir[] = UADM_LIBDIR "/security/", usr[] = "/usr/";
	/* the same where /lib is a link to it */
	const char *linked =
	    dir + (strncmp(dir, usr, strlen(usr)) == 0 ? strlen("/usr") : 0);

	if (strncmp(path, dir, strlen(dir)) == 0)
		path += strlen(dir);
	else if (strncmp(path, linked, strlen(linked)) == 0)
		path += strlen(linked);
	return strchr(path, '/') == NULL ? path : NULL;
}

/* Arguments that make a module answer for others than those we know of. */
static bool
is_usual(struct pam_line *l, char *arguments, char *unusual, size_t size)
{
	static const char bound[] = "account=";
	const char *module = l->module;

	static const struct {
		const char *module, *begins, *allowed;
	} known[] = { { "uadm", "conf=", "conf=" UADM_CONFIG_DIR "/uadm.conf" },
		{ "localuser", "file=", "file=/etc/passwd" } };

	for (const char *w; (w = next_word(&arguments)) != NULL;) {
		if (strcmp(module, "uadm") == 0 &&
		    strncmp(w, bound, strlen(bound)) == 0)
			snprintf(
			    l->accounts, sizeof(l->accounts), "%s", w + strlen(bound));
		for (size_t i = 0; i < ARRAY_LEN(known); i++)
			if (strcmp(module, known[i].module) == 0 &&
			    strncmp(w, known[i].begins, strlen(known[i].begins)) == 0 &&
			    strcmp(w, known[i].allowed) != 0) {
				text_escape(unusual, size, w);
				return false;
			}
	}
	return true;
}

static bool
read_module(struct reading *r, struct pam_line *l, const char *path, char *arguments)
{
	const char *slash = strrchr(path, '/'),
		   *base = slash == NULL ? path : slash + 1, *name = file_name(path),
		   *dot = strrchr(base, '.');
	size_t n = dot == NULL ? strlen(base) : (size_t)(dot - base);
	char unusual[120];

	if (n == 0 || (n == 1 && *base == '?'))
		return broken(r, "no name of a module", path);
	text_escape(l->module, sizeof(l->module), path);
	if (name != NULL && strncmp(name, "pam_", 4) == 0 && n > 4 && n < 40 &&
	    dot != NULL && strcmp(dot, ".so") == 0) {
		snprintf(l->module, sizeof(l->module), "%.*s", (int)(n - 4), base + 4);
		l->is_installed = true;
	}
	if (!l->is_installed && strstr(base, "uadm") != NULL)
		snprintf(r->out->foreign, sizeof(r->out->foreign),
		    "%s is not the installed pam_uadm.so", l->module);
	if (l->is_installed && !is_usual(l, arguments, unusual, sizeof(unusual))) {
		l->is_installed = false;
		if (strcmp(l->module, "uadm") == 0)
			snprintf(r->out->foreign, sizeof(r->out->foreign),
			    "pam_uadm decides by another configuration, %s", unusual);
	}
	return true;
}

/* ---- files */

static bool read_file(struct reading *r, const char *name, bool is_included,
    int requested, int level, int depth);

static struct pam_line *
add(struct reading *r, int level)
{
	struct pam_line *l = &r->out->at[r->out->count];

	if (r->out->count == PAM_LINES_MOST)
		return NULL;
	r->out->count++;
	*l = (struct pam_line){ .level = level };
	for (size_t i = 0; i < PAM_CODES; i++)
		l->action[i] = UNDEF;
	return l;
}

/* The phase of a line. As in libpam, what has no such name belongs to the one that is asked for,
 * and otherwise to auth; then *is_known is false. */
static int
phase_of(const char *type, int requested, bool *is_known)
{
	for (int p = 0; p < PAM_PHASES; p++)
		if (strcasecmp(type, stack_phase_name((enum pam_phase)p)) == 0) {
			*is_known = true;
			return p;
		}
	*is_known = false;
	return requested == ANY ? (int)PAM_PHASE_AUTH : requested;
}

static bool
read_rest(struct reading *r, const char *control, char *rest, int level, int depth)
{
	bool substack = strcasecmp(control, "substack") == 0;
	const char *module = next_word(&rest);
	struct pam_line *l;

	if (module == NULL)
		return broken(r, "a line without a module", control);
	if (strcasecmp(control, "include") == 0)
		return read_file(r, module, true, (int)r->phase, level, depth + 1);
	if ((l = add(r, level)) == NULL)
		return broken(r, "more lines than we follow", module);
	if (substack) {
		l->is_substack = true;
		return read_file(r, module, true, (int)r->phase, level + 1, depth + 1);
	}
	if (!read_simple(l, control) && !read_control(l, control))
		return broken(r, "a control that libpam cannot read", control);
	return read_module(r, l, module, rest);
}

static bool
read_line(struct reading *r, char *text, int requested, int level, int depth)
{
	const char *type = next_word(&text), *word;
	bool is_known;

	if (type == NULL)
		type = "";
	type += type[0] == '-'; /* a missing module is then no error to log */
	if (strcasecmp(type, "@include") == 0) {
		if ((word = next_word(&text)) == NULL)
			return broken(r, "a line without a file", type);
		return read_file(r, word, true, requested, level, depth + 1);
	}
	if (phase_of(type, requested, &is_known) != (int)r->phase)
		return true;
	if (!is_known)
		return broken(r, "a line of no known type", type);
	if ((word = next_word(&text)) == NULL)
		return broken(r, "a line without a control", type);
	return read_rest(r, word, text, level, depth);
}

static bool
read_file(struct reading *r, const char *name, bool is_included, int requested,
    int level, int depth)
{
	CLEANUP(cleanup_free) char *text = NULL;
	char line[LINE_SIZE];
	const char *at;
	int got;

	if (depth > DEPTH_MOST)
		return broken(r, "includes itself, or too deep", name);
	if (r->budget <= 0)
		return broken(r, "includes more than we follow", name);
	if ((text = r->read(r->arg, name, is_included)) == NULL)
		return broken(r, "is not there or is no text", name);
	r->budget -= FILE_COST + (long)strlen(text);
	for (at = text; (got = next_line(&at, line)) > 0;)
		if (!read_line(r, line, requested, level, depth))
			return false;
	return got == 0 || broken(r, "has a line too long or without an end", name);
}

bool
stack_lines_read(pam_reader *read, void *arg, const char *service, enum pam_phase phase,
    struct pam_lines *out)
{
	struct reading r = {
		.read = read, .arg = arg, .phase = phase, .budget = BUDGET, .out = out
	};

	out->count = 0;
	out->broken[0] = out->foreign[0] = '\0';
	/* A phase that the service has no line for is that of `other`. */
	return read_file(&r, service, false, ANY, 0, 0) &&
	    (out->count > 0 || read_file(&r, "other", false, ANY, 0, 0));
}
