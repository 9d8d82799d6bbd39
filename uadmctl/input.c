/*
 * input.c - the names a verb is to be applied to: arguments, or the rows of --from.
 */
#include "uadmctl/input.h"

#include "libuadm/base/names.h"
#include "libuadm/ops/fields.h"
#include "uadmctl/bulk.h"
#include "uadmctl/csv.h"
#include "uadmctl/print.h"
#include "uadmctl/progress.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>

struct header {
	char *text; /* NULL: bare names */
	const char *called[CSV_CELLS_MOST];
	const char *keys[CSV_CELLS_MOST]; /* what that is here; NULL: nothing */
	size_t count, name;
};

static void
header_free(struct header *h)
{
	free(h->text);
}

static void
set_where(struct cli *cli, const char *file, size_t line)
{
	char shown[200];

	snprintf(cli->where, sizeof(cli->where), "%s:%zu: ",
	    strcmp(file, "-") == 0 ? "stdin" : text_escape(shown, sizeof(shown), file),
	    line);
}

static void
bad_row(struct cli *cli, const char *why)
{
	struct uadm_err err = { 0 };

	uadm_fail(&err, UADM_INVALID, "%s", why);
	result_failed(cli, NULL, &err);
}

/* The one that names a row. */
static const char *
key_column(const struct command *c)
{
	return c->key != NULL ? c->key : "name";
}

/* The columns that --from takes, one after the other; NULL ends. */
static const char *
nth_column(const struct command *c, size_t i)
{
	size_t fields =
	    (c->flags & (CMD_FIELDS | CMD_GUESTS)) != 0 ? user_field_count : 0;
	const char *const *more = c->columns;

	if (i == 0)
		return key_column(c);
	if (--i < fields)
		return user_fields[i].key;
	for (i -= fields; more != NULL && *more != NULL && i > 0; i--)
		more++;
	return more != NULL ? *more : NULL;
}

/* Column names are told apart as people do: without case, blanks, - or _. */
static bool
is_same_key(const char *a, const char *b)
{
	static const char apart[] = " \t-_";

	for (;; a++, b++) {
		a += strspn(a, apart);
		b += strspn(b, apart);
		if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return false;
		if (*a == '\0')
			return true;
	}
}

/* Ours for what somebody called a column; NULL when there is none such. */
static const char *
find_column(const struct command *c, const char *called)
{
	const char *key;

	for (size_t i = 0; (key = nth_column(c, i)) != NULL; i++)
		if (is_same_key(key, called))
			return key;
	return NULL;
}

static void
list_columns(const struct command *c, struct uadm_err *err)
{
	char all[400] = "";
	size_t used = 0;
	const char *key;

	for (size_t i = 0; (key = nth_column(c, i)) != NULL && used < sizeof(all); i++)
		if (i == 0 || strcmp(key, key_column(c)) != 0)
			used += (size_t)snprintf(all + used, sizeof(all) - used, "%s%s",
			    i > 0 ? "," : "", key);
	uadm_hint(err, "it takes %s", all);
}

static bool
check_header(struct cli *cli, const struct header *h)
{
	struct uadm_err err = { 0 };
	char shown[60];

	for (size_t i = 0; i < h->count && err.code == UADM_OK; i++) {
		text_escape(shown, sizeof(shown), h->called[i]);
		for (size_t j = 0; j < i; j++)
			if (h->keys[i] != NULL && h->keys[i] == h->keys[j])
				uadm_fail(&err, UADM_INVALID,
				    "the column \"%s\" is there twice", shown);
		if (h->keys[i] == NULL) {
			uadm_fail(&err, UADM_INVALID, "%s %s takes no column \"%s\"",
			    cli->command->noun, cli->command->verb, shown);
			list_columns(cli->command, &err);
		}
	}
	if (err.code == UADM_OK)
		return true;
	result_failed(cli, NULL, &err);
	return false;
}

/* Is the first row a header? It is when a cell of it is "name", or when there are several. */
static bool
read_header(struct cli *cli, struct header *h, const struct csv *c)
{
	char why[120];

	h->text = malloc(sizeof(c->buf));
	if (h->text == NULL)
		abort();
	memcpy(h->text, c->buf, sizeof(c->buf));
	h->count = c->count;
	h->name = c->count;
	for (size_t i = 0; i < c->count; i++) {
		h->called[i] = h->text + (c->cells[i] - c->buf);
		h->keys[i] = find_column(cli->command, h->called[i]);
		if (h->keys[i] != NULL &&
		    strcmp(h->keys[i], key_column(cli->command)) == 0 &&
		    h->name == c->count)
			h->name = i;
	}
	for (size_t i = 0; h->name == c->count && i < c->count; i++)
		if ((cli->command->flags & CMD_GUESTS) != 0 && h->keys[i] != NULL &&
		    strcmp(h->keys[i], "name") == 0) {
			h->name = i;
			break;
		}
	if (h->name < c->count)
		return check_header(cli, h);
	if (c->count == 1 && strchr(c->cells[0], ';') != NULL) {
		bad_row(cli, "the header is separated by ; and not by commas");
		return false;
	}
	if (c->count == 1) {
		free(h->text);
		*h = (struct header){ .count = 1 };
		return true;
	}
	snprintf(why, sizeof(why),
	    "more than one column needs a header with a column \"%s\"",
	    key_column(cli->command));
	bad_row(cli, why);
	return false;
}

/* A question that is asked meanwhile is about that name. */
static void
do_row(struct cli *cli, const struct input_row *row,
    void (*found)(struct cli *, const struct input_row *))
{
	cli->row = row->name;
	found(cli, row);
	cli->row = NULL;
}

static void
give_row(struct cli *cli, struct csv *c, const struct header *h,
    void (*found)(struct cli *, const struct input_row *))
{
	struct input_row row = { .line = c->line, .name = c->cells[0] };

	if (c->count > h->count) {
		bad_row(cli, "more cells than the header has");
		return;
	}
	for (size_t i = c->count; i < h->count; i++)
		c->cells[i] = "";
	if (h->text != NULL) {
		row.name = c->cells[h->name];
		row.keys = h->keys;
		row.values = c->cells;
		row.count = h->count;
	}
	do_row(cli, &row, found);
}

/* An editor on another system may have put a byte order mark first. false: one of UTF-16. */
static bool
skip_bom(FILE *from)
{
	static const char bom[] = "\xef\xbb\xbf";
	int ch = getc(from);

	if (ch == 0xff || ch == 0xfe)
		return false;
	if (ch != (unsigned char)bom[0]) {
		if (ch != EOF)
			ungetc(ch, from);
		return true;
	}
	/* No text that we take begins with a lone one of its bytes. */
	if (getc(from) == (unsigned char)bom[1])
		getc(from);
	return true;
}

/* false: the file itself is of no use, and that was said. */
static bool
each_line(struct cli *cli, const char *file, FILE *from,
    void (*found)(struct cli *, const struct input_row *))
{
	CLEANUP(cleanup_free) struct csv *c = calloc(1, sizeof(*c));
	CLEANUP(header_free) struct header h = { .count = 1 };
	enum csv_answer answer;
	const char *why;
	size_t rows = 0;

	if (c == NULL)
		abort();
	c->from = from;
	/* A row that we were stopped in may be half of one. */
	for (bool first = true; (answer = csv_read(c, &why)) != CSV_END && !cli->stop;
	     first = false) {
		set_where(cli, file, c->line);
		if (answer == CSV_BAD)
			bad_row(cli, why);
		else if (first && !read_header(cli, &h, c))
			return false;
		else if (!first || h.text == NULL)
			give_row(cli, c, &h, found);
		if (first && answer != CSV_BAD && h.text != NULL) {
			progress_less(); /* it was the header */
			continue;
		}
		rows++;
		bulk_row(cli);
	}
	cli->where[0] = '\0';
	if (ferror(from) != 0) {
		bad_row(cli, "the file given to --from cannot be read");
		return false;
	}
	if (rows == 0 && !cli->stop)
		cli_warn("there are no names in what --from gave");
	return true;
}

static bool
each_of_file(struct cli *cli, const char *file, int fd,
    void (*found)(struct cli *, const struct input_row *))
{
	CLEANUP(cleanup_file) FILE *from = bulk_stream(cli, fd);

	if (from == NULL)
		abort();
	if (skip_bom(from))
		return each_line(cli, file, from, found);
	set_where(cli, file, 1);
	bad_row(cli, "not in UTF-8; it looks like UTF-16");
	return false;
}

bool
input_each(
    struct cli *cli, size_t skip, void (*found)(struct cli *, const struct input_row *))
{
	const char *file = cli_value(cli, "from");
	CLEANUP(cleanup_fd) int opened = -1;
	struct uadm_err err = { 0 };
	char shown[200];
	bool good = true;

	if (file != NULL && cli->arg_count > skip)
		uadm_fail(&err, UADM_USAGE,
		    "names come from the command line or from --from, not from both");
	else if (file == NULL && cli->arg_count <= skip)
		uadm_fail(&err, UADM_USAGE, "no names are given");
	else if (file != NULL && strcmp(file, "-") != 0 &&
	    (opened = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY)) < 0)
		uadm_fail(&err, UADM_USAGE, "cannot open %s: %m",
		    text_escape(shown, sizeof(shown), file));
	if (err.code != UADM_OK) {
		result_failed(cli, NULL, &err);
		return false;
	}
	cli->only_row = file == NULL && cli->arg_count == skip + 1;
	bulk_begin(cli, file);
	for (size_t i = skip; i < cli->arg_count && !cli->stop; i++) {
		do_row(cli, &(struct input_row){ .name = cli->args[i] }, found);
		bulk_row(cli);
	}
	if (file != NULL)
		good =
		    each_of_file(cli, file, opened >= 0 ? opened : STDIN_FILENO, found);
	bulk_end(cli);
	cli->where[0] = '\0';
	return good;
}

int
input_apply(
    struct cli *cli, size_t skip, void (*found)(struct cli *, const struct input_row *))
{
	result_begin(cli);
	input_each(cli, skip, found);
	result_end(cli);
	return cli->worst;
}
