#include "uadmctl/print.h"

#include "libuadm/base/names.h"
#include "libuadm/base/times.h"
#include "uadmctl/bulk.h"
#include "uadmctl/json.h"
#include "uadmctl/print_json.h"

#include <ctype.h>
#include <libsmartcols.h>
#include <stdarg.h>
#include <string.h>

enum { COLUMNS_MOST = 40 };

/* A further line of a value in print_object(). */
#define BELOW_LABEL "\n                 "

struct printer {
	const struct column *columns;
	size_t count;
	size_t order[COLUMNS_MOST]; /* indices into columns, in the order of -o */
	size_t shown;
	struct libscols_table *table;
	bool first;
	bool pretty;
};

static bool
is_terminal(void)
{
	return isatty(STDOUT_FILENO) == 1;
}

void
print_json(const json_t *value)
{
	json_write(value, is_terminal());
	putchar('\n');
}

/* The lines of all of them with `between` in between; what does not fit is left out as a whole. */
static const char *
objects_text(const struct cell_objects *o, const char *between, char *out, size_t size)
{
	struct cell cells[OBJECT_CELLS] = { 0 };
	char line[CELL_LINE_SIZE], shown[CELL_LINE_SIZE];
	size_t used = 0;

	*out = '\0';
	for (size_t i = 0; i < o->count; i++) {
		int n;

		o->get(o->arg, i, cells, line);
		text_escape(shown, sizeof(shown), line);
		n = snprintf(
		    out + used, size - used, "%s%s", i > 0 ? between : "", shown);
		if ((size_t)n + sizeof("...") > size - used) {
			snprintf(out + used, size - used, "...");
			break;
		}
		used += (size_t)n;
	}
	return out;
}

/* Text as a terminal or a pipe may see it: what we stored is clean, and what was put into the
 * store by other hands is escaped. */
static const char *
cell_text(enum cell_type type, const struct cell *c, char *out, size_t size)
{
	switch (type) {
	case CELL_TEXT:
	case CELL_LIST:
		return c->text == NULL ? "" : text_escape(out, size, c->text);
	case CELL_NUMBER:
		snprintf(out, size, "%lld", (long long)c->number);
		return out;
	case CELL_TIME:
		return c->number == 0 && c->text != NULL ? c->text
							 : time_local(c->number, out);
	case CELL_BOOL:
		return c->number != 0 ? "yes" : "no";
	case CELL_OBJECTS:
		return objects_text(c->objects, "; ", out, size);
	}
	return "";
}

static bool
may_colour(void)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

	return is_terminal() && (no == NULL || *no == '\0') && term != NULL &&
	    strcmp(term, "dumb") != 0;
}

static bool
same_column(const char *key, const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (key[i] == '\0' ||
		    tolower((unsigned char)key[i]) !=
			(name[i] == '-' ? '_' : tolower((unsigned char)name[i])))
			return false;
	return key[len] == '\0';
}

static bool
add_column(struct cli *cli, struct printer *p, const char *name, size_t len)
{
	char shown[60], all[400] = "", one[60];
	struct uadm_err err = { 0 };

	for (size_t i = 0; i < p->count && p->shown < COLUMNS_MOST; i++)
		if (same_column(p->columns[i].key, name, len)) {
			p->order[p->shown++] = i;
			return true;
		}
	snprintf(one, sizeof(one), "%.*s", (int)(len < 50 ? len : 50), name);
	for (size_t i = 0; i < p->count; i++) {
		size_t used = strlen(all);

		snprintf(all + used, sizeof(all) - used, "%s%s", i > 0 ? "," : "",
		    p->columns[i].key);
	}
	uadm_fail(&err, UADM_USAGE, "no such column: \"%s\"",
	    text_escape(shown, sizeof(shown), one));
	uadm_hint(&err, "columns: %s", all);
	cli->printer = NULL; /* no list has begun */
	cli_fail(cli, NULL, &err);
	return false;
}

static bool
choose_columns(struct cli *cli, struct printer *p)
{
	const char *wanted = cli_value(cli, "output");

	if (wanted == NULL) {
		for (size_t i = 0; i < p->count; i++)
			if (p->columns[i].shown || cli->json)
				p->order[p->shown++] = i;
		return true;
	}
	if (*wanted == '\0')
		return add_column(cli, p, "", 0);
	while (*wanted != '\0') {
		size_t n = strcspn(wanted, ",");

		if (!add_column(cli, p, wanted, n))
			return false;
		wanted += n + (wanted[n] == ',');
	}
	return true;
}

static void
make_heading(const char *key, char *out, size_t size)
{
	size_t i = 0;

	for (; key[i] != '\0' && i + 1 < size; i++)
		out[i] = key[i] == '_' ? '-' : (char)toupper((unsigned char)key[i]);
	out[i] = '\0';
}

static void
make_table(struct cli *cli, struct printer *p)
{
	char heading[40];

	scols_init_debug(0);
	p->table = scols_new_table();
	scols_table_enable_noheadings(p->table, cli_has(cli, "noheadings"));
	scols_table_enable_colors(p->table, may_colour());
	/* Nothing is cut: what does not fit the terminal wraps there. */
	scols_table_enable_nowrap(p->table, 0);
	scols_table_set_termforce(p->table, SCOLS_TERMFORCE_NEVER);
	for (size_t i = 0; i < p->shown; i++) {
		const struct column *c = &p->columns[p->order[i]];

		make_heading(c->key, heading, sizeof(heading));
		scols_table_new_column(
		    p->table, heading, 0, c->type == CELL_NUMBER ? SCOLS_FL_RIGHT : 0);
	}
}

static void
raw_heading(const struct cli *cli, const struct printer *p)
{
	char heading[40];

	if (cli_has(cli, "noheadings"))
		return;
	for (size_t i = 0; i < p->shown; i++) {
		make_heading(p->columns[p->order[i]].key, heading, sizeof(heading));
		printf("%s%s", i > 0 ? " " : "", heading);
	}
	putchar('\n');
}

bool
print_begin(struct cli *cli, const struct column *columns, size_t count)
{
	struct printer *p = calloc(1, sizeof(*p));

	if (p == NULL)
		abort();
	*p = (struct printer){ .columns = columns, .count = count, .first = true };
	p->pretty = is_terminal();
	cli->printer = p;
	if (!choose_columns(cli, p)) {
		free(p);
		cli->printer = NULL;
		return false;
	}
	if (!cli->json && cli_has(cli, "raw"))
		raw_heading(cli, p);
	else if (!cli->json)
		make_table(cli, p);
	return true;
}

/* A column of --raw has no space in it, so that columns can be told apart. */
static void
raw_cell(const char *text)
{
	size_t plain;

	if (*text == '\0')
		putchar_unlocked('-');
	for (; *text != '\0'; text += plain) {
		plain = strcspn(text, " \\");
		fwrite_unlocked(text, 1, plain, stdout);
		if (text[plain] != '\0')
			printf("\\x%02x", (unsigned char)text[plain++]);
	}
}

static void
json_comma(struct printer *p)
{
	fputs(p->first ? (p->pretty ? "[\n" : "[") : (p->pretty ? ",\n" : ","), stdout);
	p->first = false;
}

static void
json_next(struct printer *p, json_t *row)
{
	json_comma(p);
	json_write(row, p->pretty);
	json_decref(row);
}

static void
json_end(const struct printer *p)
{
	puts(p->first ? "[]" : p->pretty ? "\n]" : "]");
}

void
print_row(struct cli *cli, const struct cell *cells)
{
	struct printer *p = cli->printer;
	struct libscols_line *line;
	char text[8192];

	if (cli->json) {
		json_comma(p);
		json_put_row(p->columns, p->shown, cells, p->order, p->pretty);
		return;
	}
	line = p->table == NULL ? NULL : scols_table_new_line(p->table, NULL);
	for (size_t i = 0; i < p->shown; i++) {
		size_t at = p->order[i];
		const char *s =
		    cell_text(p->columns[at].type, &cells[at], text, sizeof(text));

		if (line != NULL) {
			scols_line_set_data(line, i, s);
			continue;
		}
		if (i > 0)
			putchar_unlocked(' ');
		raw_cell(s);
	}
	if (line == NULL)
		putchar_unlocked('\n');
}

static void
printer_free(struct cli *cli)
{
	scols_unref_table(cli->printer->table);
	free(cli->printer);
	cli->printer = NULL;
}

void
print_end(struct cli *cli)
{
	struct printer *p = cli->printer;

	if (cli->json)
		json_end(p);
	else if (p->table != NULL)
		scols_print_table(p->table);
	printer_free(cli);
}

int
print_abort(struct cli *cli, const struct uadm_err *err)
{
	if (cli->json && !cli->printer->first) {
		print_error(cli, NULL, err);
		json_end(cli->printer);
	}
	bool said = !cli->printer->first;

	printer_free(cli);
	if (!said)
		return cli_fail(cli, NULL, err);
	cli_say_error(cli, NULL, err);
	return cli->worst = cli_worse(cli->worst, uadm_exit_status(err->code));
}

bool
print_wants(const struct cli *cli, const char *key)
{
	const struct printer *p = cli->printer;

	for (size_t i = 0; i < p->shown; i++)
		if (strcmp(p->columns[p->order[i]].key, key) == 0)
			return true;
	return false;
}

void
print_object(struct cli *cli, const struct column *columns, size_t count,
    const struct cell *cells)
{
	char text[65536], label[40];

	if (cli->json) {
		json_put_row(columns, count, cells, NULL, is_terminal());
		putchar('\n');
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const char *s = columns[i].type == CELL_OBJECTS
		    ? objects_text(cells[i].objects, BELOW_LABEL, text, sizeof(text))
		    : cell_text(columns[i].type, &cells[i], text, sizeof(text));

		snprintf(label, sizeof(label), "%s:", columns[i].key);
		for (char *p = label; *p != '\0'; p++)
			if (*p == '_')
				*p = ' ';
		printf("%-16s %s\n", label, *s == '\0' ? "-" : s);
	}
}

void
result_begin(struct cli *cli)
{
	struct printer *p = calloc(1, sizeof(*p));

	if (p == NULL)
		abort();
	p->first = true;
	p->pretty = is_terminal();
	cli->printer = p;
}

static void
result_json(struct cli *cli, const struct result *r, const struct uadm_err *err)
{
	json_t *row = json_pack("{s:o, s:o, s:b, s:b}", "name", json_text(r->name),
	    "result", json_text(r->what), "changed", r->changed, "dry_run",
	    cli->uadm.dry_run);

	if (r->json != NULL)
		json_object_update(row, r->json);
	if (err->code != UADM_OK) {
		json_object_set_new(row, "error", json_text(err->msg));
		json_object_set_new(row, "hint", json_text(err->hint));
	}
	json_next(cli->printer, row);
}

/* What does not go with "would be" and "already" has words of its own. */
static const struct {
	const char *what, *would, *unchanged;
} phrases[] = {
	{ "changed", "would be changed", "nothing to change" },
	{ "password set", "would get the password", NULL },
	{ "password due for a change", "would have to change the password", NULL },
};

static void
say_result(const struct cli *cli, const struct result *r)
{
	const char *text = r->text != NULL ? r->text : "";
	char name[80];

	text_escape(name, sizeof(name), r->name);
	for (size_t i = 0; i < ARRAY_LEN(phrases); i++) {
		const char *phrase = !r->changed ? phrases[i].unchanged
		    : cli->uadm.dry_run          ? phrases[i].would
						 : NULL;

		if (strcmp(phrases[i].what, r->what) == 0 && phrase != NULL) {
			printf("%s: %s%s\n", name, phrase, text);
			return;
		}
	}
	printf("%s: %s%s%s%s\n", name,
	    cli->uadm.dry_run && r->changed ? "would be " : "", r->what,
	    r->changed ? "" : " already", text);
}

void
result_print(struct cli *cli, const struct result *r, const struct uadm_err *err)
{
	if (cli->json)
		result_json(cli, r, err);
	else
		say_result(cli, r);
	json_decref(r->json);
	if (err->code == UADM_OK)
		return;
	cli_say_error(cli, r->name, err);
	cli->worst = cli_worse(cli->worst, uadm_exit_status(err->code));
}

struct done {
	char name[80], what[80];
	bool changed;
};

static void
tell_done(struct cli *cli, const void *what, const struct uadm_err *lost)
{
	const struct done *d = what;

	if (lost != NULL && d->changed)
		result_failed(cli, d->name, lost);
	else
		result_done(cli, d->name, d->what, d->changed);
}

void
result_done(struct cli *cli, const char *name, const char *what, bool changed)
{
	const struct result r = { .name = name, .what = what, .changed = changed };
	struct done d = { .changed = changed };

	if (bulk_waits(cli)) {
		snprintf(d.name, sizeof(d.name), "%s", name);
		snprintf(d.what, sizeof(d.what), "%s", what);
		bulk_later(cli, tell_done, &d, sizeof(d));
		return;
	}

	result_print(cli, &r, &(struct uadm_err){ 0 });
}

void
print_error(struct cli *cli, const char *name, const struct uadm_err *err)
{
	json_t *row = json_pack("{s:o*, s:s, s:b, s:o, s:o}", "name",
	    name == NULL ? NULL : json_text(name), "result", uadm_code_name(err->code),
	    "changed", 0, "error", json_text(err->msg), "hint",
	    json_text(err->hint[0] != '\0' ? err->hint : NULL));

	if (cli->printer != NULL) {
		json_next(cli->printer, row);
		return;
	}
	print_json(row);
	json_decref(row);
}

struct failed {
	bool named;
	char name[400];
	struct uadm_err err;
};

static void
tell_failed(struct cli *cli, const void *what, const struct uadm_err *lost)
{
	const struct failed *f = what;

	(void)lost; /* it was before that */
	result_failed(cli, f->named ? f->name : NULL, &f->err);
}

int
result_failed(struct cli *cli, const char *name, const struct uadm_err *err)
{
	struct failed f = { .named = name != NULL, .err = *err };

	/* Each further name would wait as long. */
	if (err->code == UADM_BUSY)
		cli->stop = true;
	if (bulk_waits(cli)) {
		snprintf(f.name, sizeof(f.name), "%s", name == NULL ? "" : name);
		bulk_later(cli, tell_failed, &f, sizeof(f));
		return uadm_exit_status(err->code);
	}
	cli_fail(cli, name, err);
	if (cli->json)
		print_error(cli, name, err);
	return uadm_exit_status(err->code);
}

void
result_end(struct cli *cli)
{
	if (cli->json)
		json_end(cli->printer);
	printer_free(cli);
}

void
print_note(const struct cli *cli, const char *fmt, ...)
{
	va_list ap;

	if (cli->json)
		return;
	va_start(ap, fmt);
	say_line(stdout, fmt, ap);
	va_end(ap);
}
