#include "uadmctl/print.h"

#include "libuadm/base/names.h"
#include "libuadm/base/times.h"
#include "uadmctl/fit.h"
#include "uadmctl/json.h"
#include "uadmctl/print_json.h"
#include "uadmctl/when.h"

#include <ctype.h>
#include <libsmartcols.h>
#include <stdarg.h>
#include <string.h>

enum { COLUMNS_MOST = 64, LABEL_LEAST = 16 };

struct printer {
	const struct column *columns;
	size_t count;
	size_t order[COLUMNS_MOST]; /* indices into columns, in the order of -o */
	size_t shown, rows;
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

static const char *
end_text(const struct cell *c, char *out, size_t size)
{
	char when[TIME_SIZE], shown[200];
	const char *more = c->text != NULL ? c->text : "";

	if (c->number == 0)
		return "";
	snprintf(out, size, "%s%s%s", when_end(c->number, when),
	    *more != '\0' ? " " : "", text_escape(shown, sizeof(shown), more));
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
							 : when_text(c->number, out);
	case CELL_SPAN:
		return c->number < 0 ? "" : time_short_span(c->number, out);
	case CELL_END:
		return end_text(c, out, size);
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
	char shown[60], all[900] = "", one[60];
	const char *near = NULL;
	struct uadm_err err = { 0 };
	size_t best;

	for (size_t i = 0; i < p->count && p->shown < COLUMNS_MOST; i++)
		if (same_column(p->columns[i].key, name, len)) {
			p->order[p->shown++] = i;
			return true;
		}
	snprintf(one, sizeof(one), "%.*s", (int)(len < 50 ? len : 50), name);
	best = name_distance_most(one) + 1;
	for (size_t i = 0; i < p->count; i++) {
		size_t used = strlen(all);

		if (name_distance(one, p->columns[i].key) < best) {
			near = p->columns[i].key;
			best = name_distance(one, near);
		}
		snprintf(all + used, sizeof(all) - used, "%s%s", i > 0 ? "," : "",
		    p->columns[i].key);
	}
	uadm_fail(&err, UADM_USAGE, "no such column: \"%s\"",
	    text_escape(shown, sizeof(shown), one));
	/* Whatever there is of them: a list that ends somewhere misleads. */
	if (strlen(all) + sizeof("columns: ") <= sizeof(err.hint))
		uadm_hint(&err, "columns: %s", all);
	else if (near != NULL)
		uadm_hint(&err, "did you mean \"%s\"?", near);
	cli->printer = NULL; /* no list has begun */
	cli_fail(cli, NULL, &err);
	if (strstr(err.hint, all) == NULL)
		fprintf(stderr, "hint: columns: %s\n", all);
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
	/* cell_text() has done it, and a backslash of that is no one to be escaped again. */
	scols_table_enable_noencoding(p->table, 1);
	/* The library would cut without a mark, and break lists within their words. */
	scols_table_set_termforce(p->table, SCOLS_TERMFORCE_NEVER);
	for (size_t i = 0; i < p->shown; i++) {
		const struct column *c = &p->columns[p->order[i]];

		make_heading(c->key, heading, sizeof(heading));
		scols_table_new_column(
		    p->table, heading, 0, c->type == CELL_NUMBER ? SCOLS_FL_RIGHT : 0);
	}
}

static const char *
table_cell(struct libscols_line *line, size_t i)
{
	const char *text = scols_cell_get_data(scols_line_get_cell(line, i));

	return text != NULL ? text : "";
}

static void
measure_table(struct printer *p, struct fit_column *all, struct libscols_iter *it)
{
	struct libscols_line *line;
	char heading[40];

	for (size_t i = 0; i < p->shown; i++) {
		const struct column *c = &p->columns[p->order[i]];

		make_heading(c->key, heading, sizeof(heading));
		all[i].heading = fit_width_of(heading);
		all[i].how = c->fit == FIT_WHOLE ? FIT_AS_IS
		    : c->type == CELL_LIST       ? FIT_LIST
		    : c->fit == FIT_CUT          ? FIT_ELLIPSIS
						 : FIT_WORDS;
	}
	scols_reset_iter(it, SCOLS_ITER_FORWARD);
	while (scols_table_next_line(p->table, it, &line) == 0)
		for (size_t i = 0; i < p->shown; i++)
			fit_measure(&all[i], table_cell(line, i));
}

/* The lines that a cell has been broken into. */
static void
allow_lines(struct libscols_column *c)
{
	scols_column_set_flags(c, SCOLS_FL_WRAP);
	scols_column_set_safechars(c, "\n");
	scols_column_set_wrapfunc(
	    c, scols_wrapnl_chunksize, scols_wrapnl_nextchunk, NULL);
}

/* On a terminal alone: programs and files get all of it in a line. */
static void
fit_table(struct printer *p)
{
	struct fit_column all[COLUMNS_MOST] = { 0 };
	struct libscols_iter *it = scols_new_iter(SCOLS_ITER_FORWARD);
	const size_t width = fit_terminal();
	struct libscols_line *line;
	char *text;

	if (it == NULL)
		abort();
	if (width > 0) {
		measure_table(p, all, it);
		fit_widths(all, p->shown, width);
	}
	scols_reset_iter(it, SCOLS_ITER_FORWARD);
	while (width > 0 && scols_table_next_line(p->table, it, &line) == 0)
		for (size_t i = 0; i < p->shown; i++)
			if ((text = fit_cell(&all[i], table_cell(line, i),
				 fit_ellipsis())) != NULL) {
				scols_line_set_data(line, i, text);
				free(text);
			}
	for (size_t i = 0; i < p->shown; i++)
		if (all[i].how == FIT_LIST || all[i].how == FIT_WORDS)
			allow_lines(scols_table_get_column(p->table, i));
	scols_free_iter(it);
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

	p->rows++;
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

/* What a list of this noun's is a list of. */
static const char *
nouns_of(const char *noun)
{
	return strcmp(noun, "user") == 0   ? "users"
	    : strcmp(noun, "group") == 0   ? "groups"
	    : strcmp(noun, "member") == 0  ? "members"
	    : strcmp(noun, "session") == 0 ? "sessions"
					   : "rows";
}

void
print_end(struct cli *cli)
{
	struct printer *p = cli->printer;

	if (cli->json)
		json_end(p);
	else if (p->table != NULL) {
		fit_table(p);
		scols_print_table(p->table);
	}
	if (p->rows == 0 && !cli->json && p->pretty)
		fprintf(stderr, "no %s\n", nouns_of(cli->command->noun));
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
	char text[65536], label[40], between[40];
	int width = LABEL_LEAST;

	if (cli->json) {
		json_put_row(columns, count, cells, NULL, is_terminal());
		putchar('\n');
		return;
	}
	for (size_t i = 0; i < count; i++)
		if ((int)strlen(columns[i].key) + 1 > width)
			width = (int)strlen(columns[i].key) + 1;
	snprintf(between, sizeof(between), "\n%*s", width + 1, "");
	for (size_t i = 0; i < count; i++) {
		const char *s = columns[i].type == CELL_OBJECTS
		    ? objects_text(cells[i].objects, between, text, sizeof(text))
		    : cell_text(columns[i].type, &cells[i], text, sizeof(text));

		snprintf(label, sizeof(label), "%s:", columns[i].key);
		for (char *p = label; *p != '\0'; p++)
			if (*p == '_')
				*p = ' ';
		printf("%-*s %s\n", width, label, *s == '\0' ? "-" : s);
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

void
print_element(struct cli *cli, struct json_t *row)
{
	if (cli->printer != NULL) {
		json_next(cli->printer, row);
		return;
	}
	print_json(row);
	json_decref(row);
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
