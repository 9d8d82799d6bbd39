/*
 * names.h - which names may be published, and which free texts may be stored.
 *
 * Threat: names end up in sudoers, paths, logs, mails and shell scripts, and a name that looks
 * like a system account or a trusted group is a way up. So names are few and plain, a list of
 * reserved ones is never handed out, and texts carry no control characters.
 */
#ifndef UADM_BASE_NAMES_H
#define UADM_BASE_NAMES_H

#include "libuadm/base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* A lower-case letter, then letters, digits, `_` and `-`; at most 31 bytes; not ending in `-`. */
bool name_is_valid(const char *name);

/* Names of the system and of groups that sudoers and daemons trust; `systemd-*`, `_*`. */
bool name_is_reserved(const char *name);

/* Both of the above in words: UADM_INVALID names `field`, the rule and the escaped value. */
enum uadm_code name_check(
    const char *field, const char *name, struct uadm_err *err) UADM_CHECKED;

/* Free text of at most `size`-1 bytes: valid UTF-8 and text_is_printable() throughout. */
enum uadm_code text_check(const char *field, const char *text, size_t size,
    struct uadm_err *err) UADM_CHECKED;

/* Decode one UTF-8 sequence of `text`. Returns its length, or 0 when it is no valid one
 * (overlong, surrogate, above U+10FFFF, cut off). `text` ends in NUL. */
size_t text_decode(const char *text, unsigned *codepoint);

/* May this character stand in a text or be shown to a terminal as it is? Not controls (C0, DEL,
 * C1), ends of lines and paragraphs, and whatever is invisible or reorders its neighbours. */
bool text_is_printable(unsigned codepoint);

/* Write `text` with everything unprintable as \xNN (invalid) or \u{N}; always NUL-ended, cut
 * with "..." when it does not fit. Returns `out`. */
char *text_escape(char *out, size_t size, const char *text);

/* The same with spaces, quotes and backslashes escaped too: what stands in a line of KEY=VALUE cannot pass for
 * another. */
char *text_escape_word(char *out, size_t size, const char *text);

/* Edit distance with transpositions, for "did you mean", and how far a guess may be off what
 * was typed: less than half of it, and never more than two. */
size_t name_distance(const char *a, const char *b);
size_t name_distance_most(const char *typed);

/* Is the word (of `len` bytes) one of a list separated by ','? */
bool list_has(const char *list, const char *word, size_t len);

/* Is the PAM service one of such a list, or are all ("*")? */
bool service_is_listed(const char *list, const char *service);

#endif
