/*
 * detail.h - what a row of the trail says of a change: words KEY=VALUE, one space between them. A list is
 * separated by ','. Spaces, quotes and backslashes of a value are escaped (names.h), so that a line is read in
 * one way alone. It is as long as it has to be: what is too long for a row goes on in the next one.
 */
#ifndef UADM_OPS_DETAIL_H
#define UADM_OPS_DETAIL_H

#include "libuadm/base/account.h"
#include "libuadm/ops/context.h"
#include "libuadm/store/audit.h"

#include <stdio.h>

struct detail {
	FILE *out;
	char *text;
	size_t size;
	char key[32]; /* the last word's */
	bool lost;
};
#define DETAIL CLEANUP(detail_free) struct detail
void detail_free(struct detail *d);

/* One more in the list of `key` when that was the last one, else a word of its own. NULL: nothing.
 * `before`: what it belongs to, as "acme:". */
void detail_item(
    struct detail *d, const char *key, const char *before, const char *value);
void detail_add(struct detail *d, const char *key, const char *value);
/* 0: nothing. */
void detail_time(struct detail *d, const char *key, const char *before, int64_t at);
void detail_number(struct detail *d, const char *key, int64_t n);
enum uadm_code detail_rights(struct uadm *u, struct detail *d, const char *key,
    const char *before, const struct rights *which, struct uadm_err *err) UADM_CHECKED;

bool detail_same(struct detail *a, struct detail *b);

/* change_commit() with it. */
enum uadm_code detail_commit(struct change *ch, struct uadm *u, const char *action,
    const char *target, struct detail *d, bool published,
    struct uadm_err *err) UADM_CHECKED;

/* A row after the other: begun as { text }. A list that is cut goes on with its key. false: that was all. */
struct detail_rows {
	const char *rest;
	char key[32];
};
bool detail_next(struct detail_rows *r, char out[AUDIT_DETAIL_SIZE]);

#endif
