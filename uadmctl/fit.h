/*
 * fit.h - a table that is wider than the terminal: which columns give how much, and what that makes of
 * their cells. Nothing goes missing without a mark.
 */
#ifndef UADM_UADMCTL_FIT_H
#define UADM_UADMCTL_FIT_H

#include <stdbool.h>
#include <stddef.h>

enum fit_how { FIT_AS_IS = 0, FIT_ELLIPSIS, FIT_WORDS, FIT_LIST };

struct fit_column {
	enum fit_how how;
	size_t heading; /* how wide that is */
	/* by fit_measure() */
	size_t widest; /* of what is in it */
	size_t word;   /* the widest piece between two places where it may be broken */
	/* by fit_widths() */
	size_t width;
};

/* The columns that text takes on a terminal. */
size_t fit_width_of(const char *text);
void fit_measure(struct fit_column *c, const char *text);
/* Give each its width, so that all of them with a blank between two take `all` at most, where that can be. */
void fit_widths(struct fit_column *columns, size_t count, size_t all);
/* The text as it fits into its column: cut before an ellipsis, or in lines. NULL: as it is. To be freed. */
char *fit_cell(const struct fit_column *c, const char *text, const char *ellipsis);

/* How wide the terminal behind stdout is; 0: none, or it does not say. */
size_t fit_terminal(void);
void fit_screen(size_t *columns, size_t *lines);
/* "…", or "..." where the reader's terminal does not show that. */
const char *fit_ellipsis(void);
/* What the reader's terminal shows: our own locale is UTF-8 whatever that is. */
bool fit_shows_utf8(void);

#endif
