/*
 * Threat: a right that was given without a trace, for the line that tells it was full; or a description that
 * reads as if something else had been changed.
 */
#include "libuadm/ops/detail.h"

#include "libuadm/base/names.h"
#include "libuadm/base/times.h"
#include "libuadm/policy/rights.h"
#include "libuadm/store/rights.h"

#include <stdlib.h>
#include <string.h>

void
detail_free(struct detail *d)
{
	if (d->out != NULL)
		fclose(d->out);
	free(d->text);
	*d = (struct detail){ 0 };
}

static bool
begin_word(struct detail *d, const char *key)
{
	const bool first = d->out == NULL && !d->lost;

	if (first)
		d->out = open_memstream(&d->text, &d->size);
	d->lost = d->out == NULL;
	if (d->lost)
		return false;
	if (strcmp(d->key, key) == 0)
		fputc(',', d->out);
	else
		fprintf(d->out, "%s%s=", first ? "" : " ", key);
	snprintf(d->key, sizeof(d->key), "%s", key);
	return true;
}

void
detail_item(struct detail *d, const char *key, const char *before, const char *value)
{
	char shown[8 * UADM_TEXT_SIZE];

	if (value == NULL || !begin_word(d, key))
		return;
	fputs(before, d->out);
	fputs(text_escape_word(shown, sizeof(shown), value), d->out);
}

void
detail_add(struct detail *d, const char *key, const char *value)
{
	detail_item(d, key, "", value);
}

void
detail_time(struct detail *d, const char *key, const char *before, int64_t at)
{
	char when[TIME_SIZE];

	if (at != 0)
		detail_item(d, key, before, time_utc(at, when));
}

void
detail_number(struct detail *d, const char *key, int64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)n);
	detail_add(d, key, text);
}

struct naming {
	struct detail *d;
	const char *key, *before;
	const struct rights *which;
};

static enum uadm_code
put_right(void *arg, const struct right *r, struct uadm_err *err)
{
	const struct naming *n = arg;

	(void)err;
	if (rights_has(n->which, r->id))
		detail_item(n->d, n->key, n->before, r->name);
	return UADM_OK;
}

enum uadm_code
detail_rights(struct uadm *u, struct detail *d, const char *key, const char *before,
    const struct rights *which, struct uadm_err *err)
{
	return rights_are_empty(which)
	    ? UADM_OK
	    : rights_each(
		  u->store, put_right, &(struct naming){ d, key, before, which }, err);
}

bool
detail_same(struct detail *a, struct detail *b)
{
	return !a->lost && !b->lost && a->out != NULL && b->out != NULL &&
	    fflush(a->out) == 0 && fflush(b->out) == 0 && strcmp(a->text, b->text) == 0;
}

enum uadm_code
detail_commit(struct change *ch, struct uadm *u, const char *action, const char *target,
    struct detail *d, bool published, struct uadm_err *err)
{
	if (d->lost || (d->out != NULL && (ferror(d->out) || fflush(d->out) != 0)))
		return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	return change_commit(ch, u, action, target, d->text, published, err);
}

/* Of the word that is cut at `at`: "rights=". */
static void
keep_key(struct detail_rows *r, size_t at)
{
	size_t from = at;

	while (from > 0 && r->rest[from - 1] != ' ')
		from--;
	if (from == 0 && r->key[0] != '\0')
		return; /* the same list once more */
	const size_t n = strcspn(r->rest + from, "=");

	r->key[0] = '\0';
	if (from + n < at && n + 2 < sizeof(r->key))
		snprintf(r->key, sizeof(r->key), "%.*s", (int)(n + 1), r->rest + from);
}

bool
detail_next(struct detail_rows *r, char out[AUDIT_DETAIL_SIZE])
{
	const size_t used = (size_t)snprintf(out, AUDIT_DETAIL_SIZE, "%s", r->key);
	const size_t room = AUDIT_DETAIL_SIZE - 1 - used, len = strlen(r->rest);
	size_t cut = len < room ? len : room;

	if (len == 0)
		return false;
	while (len > room && cut > 0 && strchr(" ,", r->rest[cut]) == NULL)
		cut--;
	if (cut == 0)
		cut = room; /* one word that fills it all */
	memcpy(out + used, r->rest, cut);
	out[used + cut] = '\0';
	if (r->rest[cut] == ' ')
		r->key[0] = '\0';
	else
		keep_key(r, cut);
	r->rest += cut + (r->rest[cut] == ' ' || r->rest[cut] == ',');
	return true;
}
