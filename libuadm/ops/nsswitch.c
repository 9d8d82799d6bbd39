/*
 * nsswitch.c - see nsswitch.h. Reads lines as glibc does (nss/nss_database.c): blanks, the
 * name up to a blank or `:`, then services, each perhaps followed by `[STATUS=ACTION ...]`;
 * `#` ends a line anywhere.
 *
 * Threat: a rewritten line that glibc reads otherwise than we do takes root's passwd entry
 * away. So tokens are never printed anew: one word is inserted or cut out, the rest is copied.
 */
#include "libuadm/ops/nsswitch.h"

#include "libuadm/base/cleanup.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define WORD "uadm"
/* Marks a line that add made, so that remove can take the line and not just the word. */
#define OWN_PASSWD "passwd: files " WORD " # by uadm"
#define OWN_GROUP  "group: files " WORD " # by uadm"

struct span {
	const char *from, *to;
};

/* Every edit is "copy up to here, then this", so a growing buffer is all that is needed. */
struct out {
	char *text;
	size_t used, size;
	bool failed;
};

static void
put(struct out *o, const char *data, size_t len)
{
	if (o->failed)
		return;
	if (o->used + len + 1 > o->size) {
		size_t size = 2 * o->size + len + 256;
		char *more = realloc(o->text, size);

		if (more == NULL) {
			o->failed = true;
			return;
		}
		o->text = more;
		o->size = size;
	}
	if (len > 0 && o->text != NULL)
		memcpy(o->text + o->used, data, len);
	o->used += len;
	if (o->text != NULL)
		o->text[o->used] = '\0';
}

static void
put_text(struct out *o, const char *text)
{
	put(o, text, strlen(text));
}

static char *
out_done(struct out *o)
{
	put(o, "", 0);
	if (!o->failed)
		return o->text;
	free(o->text);
	return NULL;
}

/* The next line without its newline; false at the end. *at moves behind the newline. */
static bool
line_next(const char **at, struct span *line)
{
	if (**at == '\0')
		return false;
	line->from = *at;
	line->to = *at + strcspn(*at, "\n");
	*at = line->to + (*line->to == '\n');
	return true;
}

static bool
span_is(struct span s, const char *word)
{
	return (size_t)(s.to - s.from) == strlen(word) &&
	    memcmp(s.from, word, strlen(word)) == 0;
}

static const char *
skip_blanks(const char *p, const char *end)
{
	while (p < end && isspace((unsigned char)*p))
		p++;
	return p;
}

/* The database that this line sets ("passwd", "group" or "initgroups"), or NULL; *rest is what
 * follows, up to a comment. */
static const char *
line_database(struct span line, struct span *rest)
{
	static const char *const known[] = { "passwd", "group", "initgroups" };
	const char *hash = memchr(line.from, '#', (size_t)(line.to - line.from));
	const char *end = hash != NULL ? hash : line.to;
	struct span name = { skip_blanks(line.from, end), NULL };

	name.to = name.from;
	while (name.to < end && *name.to != ':' && !isspace((unsigned char)*name.to))
		name.to++;
	rest->from = name.to;
	while (rest->from < end &&
	    (*rest->from == ':' || isspace((unsigned char)*rest->from)))
		rest->from++;
	rest->to = end;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (span_is(name, known[i]))
			return known[i];
	return NULL;
}

/* The next service and, in *actions, the brackets behind it (empty when none). */
static bool
service_next(struct span *rest, struct span *service, struct span *actions)
{
	const char *p = skip_blanks(rest->from, rest->to);

	service->from = p;
	while (p < rest->to && *p != '[' && !isspace((unsigned char)*p))
		p++;
	service->to = actions->from = actions->to = p;
	for (;;) {
		const char *open = skip_blanks(p, rest->to), *close;

		if (open == rest->to || *open != '[')
			break;
		close = memchr(open, ']', (size_t)(rest->to - open));
		if (actions->from == actions->to)
			actions->from = open;
		actions->to = p = close != NULL ? close + 1 : rest->to;
	}
	rest->from = p;
	return service->from < service->to || actions->from < actions->to;
}

static bool
line_names_us(struct span rest)
{
	struct span service, actions;

	while (service_next(&rest, &service, &actions))
		if (span_is(service, WORD))
			return true;
	return false;
}

/* Where ` uadm` belongs: behind files or compat and their actions, else behind everything. */
static const char *
line_place(struct span rest)
{
	struct span service, actions;
	const char *last = rest.from;

	while (service_next(&rest, &service, &actions)) {
		last = actions.to;
		if (span_is(service, "files") || span_is(service, "compat"))
			break;
	}
	return last;
}

static void
add_line(struct out *o, const char *line)
{
	/* Without a newline at the end before, none after: remove can then undo it exactly. */
	bool ended = o->text == NULL || o->used == 0 || o->text[o->used - 1] == '\n';

	if (!ended)
		put_text(o, "\n");
	put_text(o, line);
	if (ended)
		put_text(o, "\n");
}

char *
nsswitch_add(const char *text)
{
	struct out o = { 0 };
	struct span line, rest;
	bool passwd = false, group = false;

	for (const char *at = text; line_next(&at, &line);) {
		const char *database = line_database(line, &rest), *place;

		if (database != NULL && !line_names_us(rest)) {
			place = line_place(rest);
			put(&o, line.from, (size_t)(place - line.from));
			/* an empty list may have its blank already */
			put_text(
			    &o, isspace((unsigned char)place[-1]) ? WORD : " " WORD);
			line.from = place;
		}
		put(&o, line.from, (size_t)(at - line.from));
		passwd =
		    passwd || (database != NULL && strcmp(database, "passwd") == 0);
		group = group || (database != NULL && strcmp(database, "group") == 0);
	}
	if (!passwd)
		add_line(&o, OWN_PASSWD);
	if (!group)
		add_line(&o, OWN_GROUP);
	return out_done(&o);
}

/* Copy the line without our words, each with its actions and the blanks before it; those behind
 * it where it stands first. */
static void
put_without_us(struct out *o, struct span line, struct span rest, const char *next)
{
	struct span service, actions;
	const char *copied = line.from, *first = rest.from, *before = rest.from;

	while (service_next(&rest, &service, &actions)) {
		if (span_is(service, WORD)) {
			put(o, copied, (size_t)(before - copied));
			copied = actions.to;
			if (before == first)
				copied = first = rest.from =
				    skip_blanks(actions.to, rest.to);
		}
		before = rest.from;
	}
	put(o, copied, (size_t)(next - copied));
}

char *
nsswitch_remove(const char *text)
{
	struct out o = { 0 };
	struct span line, rest;

	for (const char *at = text; line_next(&at, &line);) {
		if (span_is(line, OWN_PASSWD) || span_is(line, OWN_GROUP)) {
			/* the newline before it was ours when there is none behind it */
			if (*line.to == '\0' && o.text != NULL && o.used > 0)
				o.text[--o.used] = '\0';
			continue;
		}
		if (line_database(line, &rest) != NULL)
			put_without_us(&o, line, rest, at);
		else
			put(&o, line.from, (size_t)(at - line.from));
	}
	return out_done(&o);
}

static void
count_lines(const char *text, int *with, int *without, bool *passwd, bool *group)
{
	struct span line, rest;

	*with = *without = 0;
	*passwd = *group = false;
	for (const char *at = text; line_next(&at, &line);) {
		const char *database = line_database(line, &rest);

		if (database == NULL)
			continue;
		*(line_names_us(rest) ? with : without) += 1;
		*passwd = *passwd || strcmp(database, "passwd") == 0;
		*group = *group || strcmp(database, "group") == 0;
	}
}

bool
nsswitch_has_all(const char *text)
{
	int with, without;
	bool passwd, group;

	count_lines(text, &with, &without, &passwd, &group);
	return without == 0 && passwd && group;
}

bool
nsswitch_has_any(const char *text)
{
	int with, without;
	bool passwd, group;

	count_lines(text, &with, &without, &passwd, &group);
	return with > 0;
}

void
nsswitch_lacks(const char *text, char *out, size_t size)
{
	static const char *const names[] = { "passwd", "group", "initgroups" };
	struct span line, rest;
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		/* A missing initgroups is group's. */
		bool there = i == 2, lacks = false;

		for (const char *at = text; line_next(&at, &line);) {
			const char *database = line_database(line, &rest);

			if (database == NULL || strcmp(database, names[i]) != 0)
				continue;
			there = true;
			lacks = lacks || !line_names_us(rest);
		}
		if ((!there || lacks) && used < size)
			used += (size_t)snprintf(out + used, size - used, "%s%s",
			    used > 0 ? " and " : "", names[i]);
	}
}

const char *
nsswitch_before_files(const char *text)
{
	struct span line, rest, service, actions;

	for (const char *at = text; line_next(&at, &line);) {
		const char *database = line_database(line, &rest);
		bool ours = false;

		while (database != NULL && service_next(&rest, &service, &actions)) {
			ours = ours || span_is(service, WORD);
			if (ours && span_is(service, "files"))
				return database;
		}
	}
	return NULL;
}

/* What a source may answer, and what is then done; nss_action.h of glibc. */
enum { SUCCESS, UNAVAIL, NOTFOUND, TRYAGAIN, STATUSES };
enum { CONTINUE, RETURN, MERGE, ACTIONS };

static const char *const status_words[STATUSES] = { "SUCCESS", "UNAVAIL", "NOTFOUND",
	"TRYAGAIN" };
static const char *const action_words[ACTIONS] = { "CONTINUE", "RETURN", "MERGE" };

/* The number of the word that begins at *p and ends where `ends` does; -1: none of them. */
static int
word_number(const char **p, const char *to, const char *ends, const char *const *words,
    int count)
{
	const char *from = *p;

	while (*p < to && !isspace((unsigned char)**p) && strchr(ends, **p) == NULL)
		(*p)++;
	for (int i = 0; i < count; i++)
		if (strlen(words[i]) == (size_t)(*p - from) &&
		    strncasecmp(words[i], from, (size_t)(*p - from)) == 0)
			return i;
	return -1;
}

/* nss_parse_actions(). false: glibc does not take the line, and asks files alone. */
static bool
actions_read(struct span a, int what[STATUSES])
{
	const char *p = a.from;

	for (int i = 0; i < STATUSES; i++)
		what[i] = i == SUCCESS ? RETURN : CONTINUE;
	if (p == a.to)
		return true;
	if (a.to[-1] != ']' || memchr(p + 1, '[', (size_t)(a.to - p - 1)) != NULL)
		return false;
	for (p = skip_blanks(p + 1, a.to); *p != ']'; p = skip_blanks(p, a.to)) {
		const bool negated = *p == '!';
		int status, action;

		p += negated ? 1 : 0;
		status = word_number(&p, a.to, "=]", status_words, STATUSES);
		p = skip_blanks(p, a.to);
		if (status < 0 || *p != '=')
			return false;
		p = skip_blanks(p + 1, a.to);
		if ((action = word_number(&p, a.to, "=]", action_words, ACTIONS)) < 0)
			return false;
		for (int i = 0; i < STATUSES; i++)
			if ((i == status) != negated)
				what[i] = action;
	}
	return true;
}

/* Would this line find a name that `source` alone has? Of initgroups all sources are asked, and
 * what one has found stays found. */
static bool
line_finds(struct span rest, const char *source, bool passwd, bool initgroups)
{
	struct span service, actions;
	bool found = false, merged = initgroups;
	int what[STATUSES];

	while (service_next(&rest, &service, &actions)) {
		const bool has = span_is(service, source);
		int action;

		if (!actions_read(actions, what))
			return false;
		action = what[has ? SUCCESS : NOTFOUND];
		if (has || !merged)
			found = has;
		if (has && action == MERGE) {
			if (passwd)
				return false; /* only groups can be merged */
			merged = true;
		}
		if (action == RETURN && !(initgroups && has))
			break;
	}
	return found;
}

const char *
nsswitch_loses(const char *text, const char *source)
{
	struct span line, rest;

	for (const char *at = text; line_next(&at, &line);) {
		const char *database = line_database(line, &rest);

		if (database != NULL &&
		    !line_finds(rest, source, strcmp(database, "passwd") == 0,
			strcmp(database, "initgroups") == 0))
			return database;
	}
	return NULL;
}
