/*
 * print.h - data on stdout: tables (libsmartcols), one object, or JSON (jansson).
 *
 * A verb gives rows of cells; how they look is decided here, once. Lists are streamed row by
 * row in JSON and --raw; a table has to know its widths first.
 */
#ifndef UADM_UADMCTL_PRINT_H
#define UADM_UADMCTL_PRINT_H

#include "uadmctl/cli.h"

enum cell_type {
	CELL_TEXT, /* empty: null in JSON */
	CELL_NUMBER,
	CELL_TIME, /* Unix seconds; RFC 3339 in JSON, local on a terminal; 0: null */
	CELL_SPAN, /* seconds; in words for people; below 0: null */
	CELL_END, /* the same, to the second; for people the text of the cell behind it */
	CELL_BOOL,
	CELL_LIST,    /* joined by ',': an array in JSON */
	CELL_OBJECTS, /* a line each for people, an array of objects in JSON */
};

/* What a column gives where the table is wider than the terminal. */
enum cell_fit { FIT_WHOLE = 0, FIT_CUT, FIT_WRAP };

struct column {
	const char
	    *key; /* in JSON; upper-cased it is the heading and the name for -o */
	enum cell_type type;
	bool shown; /* in the table unless -o says otherwise */
	enum cell_fit fit;
};

enum { CELL_LINE_SIZE = 1400, OBJECT_CELLS = 8 };

struct cell_objects;

struct cell {
	const char *text; /* TEXT, LIST; of a TIME that is 0, for people, or NULL */
	int64_t number;   /* NUMBER, TIME, BOOL */
	const struct cell_objects *objects;
};

struct cell_objects {
	const struct column *columns; /* OBJECT_CELLS at the most */
	size_t column_count, count;
	/* The cells of element `i` and the line that shows it, both fit until the next call. */
	void (*get)(void *arg, size_t i, struct cell *cells, char line[CELL_LINE_SIZE]);
	void *arg;
};

struct printer;

/* Begin a list. false: -o names a column that is not there (said). */
bool print_begin(struct cli *cli, const struct column *columns, size_t count);
void print_row(struct cli *cli, const struct cell *cells);
void print_end(struct cli *cli);
/* End it because of an error: an object in the place of a list that has not begun, else its
 * last element. Returns the exit status. */
int print_abort(struct cli *cli, const struct uadm_err *err);

/* One object: "key: value" lines, or a JSON object. */
void print_object(struct cli *cli, const struct column *columns, size_t count,
    const struct cell *cells);

/* Each argument as one object, several of them in JSON as rows: `show` gives that of one name, with
 * print_object() or print_row(). What fails is said. Returns the exit status. */
typedef enum uadm_code shown_one(
    struct cli *cli, const char *name, bool as_row, struct uadm_err *err);
int print_shown(
    struct cli *cli, const struct column *columns, size_t count, shown_one *show);

/* What became of each name: "jo: suspended", or in JSON an array of objects with name, result
 * ("suspended", or the code of the error), changed, and error and hint if it failed. */
void result_begin(struct cli *cli);
void result_done(struct cli *cli, const char *name, const char *what, bool changed);
/* The same with more to tell: `text` goes on in the line, the keys of `json` into the object (taken
 * over). What of it did not work although the rest is done (err->code UADM_OK: nothing) is said,
 * and remembered in the exit status. */
struct json_t;
struct result {
	const char *name, *what;
	bool changed;
	const char *text;
	struct json_t *json;
};
void result_print(struct cli *cli, const struct result *r, const struct uadm_err *err);
int result_failed(struct cli *cli, const char *name, const struct uadm_err *err);
void result_end(struct cli *cli);

/* Does -o (or what is shown by default) ask for this column? Without -o JSON has them all. */
bool print_wants(const struct cli *cli, const char *key);

/* Something that went wrong as an element of the list that has begun, or as an object: error,
 * hint, result (the code), and name when there is one. */
void print_error(struct cli *cli, const char *name, const struct uadm_err *err);
/* The result of a question about the row at hand: it was declined, or could not be asked, which was said. */
void result_declined(struct cli *cli);
void result_not_asked(struct cli *cli, const struct uadm_err *err);

/* The next element of the list that has begun, or an object alone. Takes it over. */
void print_element(struct cli *cli, struct json_t *row);

/* A JSON value that a verb has built: indented on a terminal. */
void print_json(const struct json_t *value);

/* A line for people; nothing with --json. */
void print_note(const struct cli *cli, const char *fmt, ...) UADM_PRINTF(2, 3);

#endif
