/*
 * csv.h - RFC 4180 rows from a stream, also with bare line feeds.
 */
#ifndef UADM_UADMCTL_CSV_H
#define UADM_UADMCTL_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { CSV_CELLS_MOST = 64, CSV_ROW_MOST = 65536 };

struct csv {
	FILE *from;
	size_t line; /* on which the row began */
	size_t next_line;
	char buf[CSV_ROW_MOST];
	const char *cells[CSV_CELLS_MOST];
	size_t count;
};

enum csv_answer { CSV_END = 0, CSV_ROW, CSV_BAD };

/* The next row; empty lines are passed over. CSV_BAD: `*why` says what is wrong with it. */
enum csv_answer csv_read(struct csv *c, const char **why);

#endif
