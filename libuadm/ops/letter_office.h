/*
 * letter_office.h - what writing mail takes: templates, each read once, the key that seals codes, and who
 * this host is. Shared by letters.c, outbox.c and courier.c alone.
 */
#ifndef UADM_OPS_LETTER_OFFICE_H
#define UADM_OPS_LETTER_OFFICE_H

#include "libuadm/base/template.h"
#include "libuadm/ops/letters.h"
#include "libuadm/store/letters.h"

enum { OFFICE_TEMPLATES = 16, HOST_SIZE = 65 };

struct letter_office {
	struct key seal;
	bool sealed; /* the key is there */
	char host[HOST_SIZE];
	struct office_template {
		char kind[LETTER_KIND_SIZE];
		char *text; /* NULL: there is none that can be used */
		char language[16];
	} templates[OFFICE_TEMPLATES];
};

/* NULL: err says why not. */
struct letter_office *office_open(struct uadm *u, struct uadm_err *err) UADM_CHECKED;
void office_close(struct uadm *u);
enum uadm_code office_key(
    struct letter_office *o, struct key **key, struct uadm_err *err) UADM_CHECKED;

/* The mail of this letter, as a row but for its times; the code is only marked in it. `strict`: a template
 * of the administrator's that is no good is an error, not a warning. UADM_NOT_FOUND: there is none. */
enum uadm_code office_write(struct uadm *u, const struct letter *l, bool strict,
    int64_t now, struct letter_row *r, struct uadm_err *err) UADM_CHECKED;

/* Who mail comes from. Returns `out`. */
char *office_from(
    struct uadm *u, const struct letter_office *o, char *out, size_t size);

/* What the row says, with the code in its place (NULL: "{code}"). *text is the caller's to free. */
enum uadm_code office_unfold(
    const char *text, const char *code, char **out, struct uadm_err *err) UADM_CHECKED;

#endif
