/*
 * Threat: a template is text that root mails to people, and with a code in it; whoever could write one would
 * have the codes sent with a link of theirs. So templates are root's and writable by nobody else, on every
 * step of the way.
 */
#include "libuadm/ops/letter_office.h"

#include "libuadm/base/files.h"
#include "libuadm/base/paths.h"
#include "libuadm/base/zones.h"
#include "libuadm/ops/self_reset.h"
#include "libuadm/ops/show.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/random.h>

/* In the names of the templates' files. */
static bool
is_kind(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz-");

	return n > 0 && n < LETTER_KIND_SIZE && s[n] == '\0' && s[0] != '-';
}

static void
know_host(struct letter_office *o)
{
	static const char fine[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";

	if (gethostname(o->host, sizeof(o->host)) != 0)
		o->host[0] = '\0';
	o->host[sizeof(o->host) - 1] = '\0';
	if (o->host[0] == '\0' || o->host[0] == '.' || o->host[0] == '-' ||
	    strspn(o->host, fine) != strlen(o->host) || strstr(o->host, "..") != NULL ||
	    strchr(".-", o->host[strlen(o->host) - 1]) != NULL)
		snprintf(o->host, sizeof(o->host), "localhost");
}

struct letter_office *
office_open(struct uadm *u, struct uadm_err *err)
{
	if (u->letters != NULL)
		return u->letters;
	if ((u->letters = calloc(1, sizeof(*u->letters))) != NULL)
		know_host(u->letters);
	else
		uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	return u->letters;
}

void
office_close(struct uadm *u)
{
	struct letter_office *o = u->letters;

	for (size_t i = 0; o != NULL && i < OFFICE_TEMPLATES; i++)
		free(o->templates[i].text);
	if (o != NULL)
		key_wipe(&o->seal);
	free(o);
	u->letters = NULL;
}

enum uadm_code
office_key(struct letter_office *o, struct key **key, struct uadm_err *err)
{
	enum uadm_code c = UADM_OK;

	if (!o->sealed && (c = uadm_key(KEY_SEAL, &o->seal, err)) != UADM_OK)
		return c;
	o->sealed = true;
	*key = &o->seal;
	return UADM_OK;
}

char *
office_from(struct uadm *u, const struct letter_office *o, char *out, size_t size)
{
	if (u->config.mail_from[0] != '\0')
		snprintf(out, size, "%s", u->config.mail_from);
	else
		snprintf(out, size, "root@%s", o->host);
	return out;
}

/* What can be filled in: the manual has the same list. */
enum place {
	NAME,
	LOGIN,
	ADDRESS,
	ACCOUNT,
	ROLE,
	CODE,
	EXPIRES,
	RENEW,
	NOW,
	HOST,
	PLACES
};

struct writing {
	struct template_place places[PLACES];
	char name[UADM_DISPLAY_SIZE], expires[TIME_SIZE], now[TIME_SIZE];
};

static void
fill_places(struct writing *w, const struct uadm *u, const struct letter_office *o,
    const struct letter *l, int64_t now)
{
	const struct user *user = l->user;

	user_display_name(user, w->name);
	zone_time(l->expires_at, user->time_zone, w->expires);
	zone_time(now, user->time_zone, w->now);
	w->places[NAME] = (struct template_place){ "name", w->name };
	w->places[LOGIN] = (struct template_place){ "login", user->name };
	w->places[ADDRESS] = (struct template_place){ "address", user->email };
	w->places[ACCOUNT] = (struct template_place){ "account", l->account };
	w->places[ROLE] = (struct template_place){ "role", l->role };
	w->places[CODE] =
	    (struct template_place){ "code", l->code != NULL ? TEMPLATE_CODE : NULL };
	w->places[EXPIRES] = (struct template_place){ "expires", w->expires };
	w->places[RENEW] = (struct template_place){ "renew",
		op_self_reset_is_on(u) ? user->email : NULL };
	w->places[NOW] = (struct template_place){ "now", w->now };
	w->places[HOST] = (struct template_place){ "host", o->host };
}

/* The caller frees it. NULL: err says why not. */
static char *
read_template(
    const char *below, const char *language, const char *kind, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int dir = -1;
	CLEANUP(cleanup_fd) int fd = -1;
	char path[PATH_MAX], file[PATH_MAX + LETTER_KIND_SIZE], *text = NULL;
	size_t size = 0;

	snprintf(path, sizeof(path), "%s/%s", below, language);
	snprintf(file, sizeof(file), "%s/%s", path, kind);
	if (files_open_dir(path, UADM_TRUSTED_UID, &dir, err) != UADM_OK ||
	    files_open(dir, kind, O_RDONLY, 0644, UADM_TRUSTED_UID, file, &fd, err) !=
		UADM_OK ||
	    files_read(fd, TEMPLATE_MOST, file, &text, &size, err) != UADM_OK)
		return NULL;
	if (text == NULL || strlen(text) == size)
		return text;
	free(text);
	uadm_fail(err, UADM_INVALID, "%s has a NUL in it", file);
	return NULL;
}

/* One that can be used, and is of use: a code that is not in it would reach nobody. */
static enum uadm_code
check_template(const char *below, const char *language, const struct letter *l,
    const char *text, const struct writing *w, struct uadm_err *err)
{
	struct uadm_err why = { 0 };

	if (template_check(text, w->places, PLACES, &why) == UADM_OK &&
	    (l->code == NULL || strstr(text, "{code}") != NULL))
		return UADM_OK;
	return uadm_fail(err, UADM_INVALID, "%s/%s/%s: %s", below, language, l->kind,
	    why.code != UADM_OK ? why.msg : "there is no {code} in it");
}

static enum uadm_code
try_template(const char *below, const char *language, const struct letter *l,
    const struct writing *w, struct office_template *t, struct uadm_err *err)
{
	char *text = read_template(below, language, l->kind, err);
	enum uadm_code c;

	if (text == NULL)
		return err->code;
	if ((c = check_template(below, language, l, text, w, err)) != UADM_OK) {
		free(text);
		return c;
	}
	t->text = text;
	snprintf(t->language, sizeof(t->language), "%s", language);
	return UADM_OK;
}

/* The administrator's before the shipped one, the host's language before English. */
static enum uadm_code
find_template(struct uadm *u, const struct letter *l, const struct writing *w,
    bool strict, struct office_template *t, struct uadm_err *err)
{
	const struct {
		const char *below, *language;
	} at[] = { { UADM_MAIL_DIR, u->config.mail_language },
		{ UADM_MAIL_SHIPPED, u->config.mail_language }, { UADM_MAIL_DIR, "en" },
		{ UADM_MAIL_SHIPPED, "en" } };
	char said[600];

	for (size_t i = 0; i < ARRAY_LEN(at); i++) {
		enum uadm_code c =
		    try_template(at[i].below, at[i].language, l, w, t, err);

		if (c == UADM_OK || (strict && c != UADM_NOT_FOUND))
			return c;
		if (c == UADM_NOT_FOUND || u->warn == NULL)
			continue;
		snprintf(said, sizeof(said), "%s: not used", err->msg);
		u->warn(said);
	}
	return uadm_fail(
	    err, UADM_NOT_FOUND, "there is no template for the mail \"%s\"", l->kind);
}

/* NULL: err says why not. */
static struct office_template *
get_template(struct uadm *u, struct letter_office *o, const struct letter *l,
    const struct writing *w, bool strict, struct uadm_err *err)
{
	struct office_template *t = o->templates;

	if (!is_kind(l->kind)) {
		uadm_fail(err, UADM_INTERNAL, "a mail of no kind");
		return NULL;
	}
	while (t < &o->templates[OFFICE_TEMPLATES - 1] && t->kind[0] != '\0' &&
	    strcmp(t->kind, l->kind) != 0)
		t++;
	if (strcmp(t->kind, l->kind) == 0) {
		uadm_fail(err, UADM_NOT_FOUND, "there is no template");
		return t->text != NULL ? t : NULL;
	}
	free(t->text); /* the last place is for all that are too many */
	*t = (struct office_template){ 0 };
	snprintf(t->kind, sizeof(t->kind), "%s", l->kind);
	return find_template(u, l, w, strict, t, err) == UADM_OK ? t : NULL;
}

/* The same for each try: who gets a mail twice can tell. */
static bool
number_mail(const struct letter_office *o, char *out, size_t size)
{
	unsigned char r[12];
	size_t used = 0;

	if (getrandom(r, sizeof(r), 0) != (ssize_t)sizeof(r))
		return false;
	for (size_t i = 0; i < sizeof(r); i++)
		used += (size_t)snprintf(out + used, size - used, "%02x", r[i]);
	snprintf(out + used, size - used, ".uadm@%s", o->host);
	return true;
}

enum uadm_code
office_write(struct uadm *u, const struct letter *l, bool strict, int64_t now,
    struct letter_row *r, struct uadm_err *err)
{
	struct letter_office *o = office_open(u, err);
	const struct office_template *t;
	struct writing w;

	if (o == NULL)
		return err->code;
	fill_places(&w, u, o, l, now);
	if ((t = get_template(u, o, l, &w, strict, err)) == NULL)
		return err->code;
	*r = (struct letter_row){
		.uid = l->user->uid, .expires_at = l->expires_at, .created_at = now
	};
	snprintf(r->kind, sizeof(r->kind), "%s", l->kind);
	snprintf(r->language, sizeof(r->language), "%s", t->language);
	snprintf(r->name, sizeof(r->name), "%s", l->user->name);
	snprintf(r->recipient, sizeof(r->recipient), "%s", l->user->email);
	if (!number_mail(o, r->message_id, sizeof(r->message_id)))
		return uadm_fail(err, UADM_UNAVAILABLE, "no random bytes: %m");
	_Static_assert(sizeof(r->subject) >= TEMPLATE_SUBJECT_SIZE, "it fits");
	return template_fill(t->text, w.places, PLACES, r->subject, &r->body, err);
}

enum uadm_code
office_unfold(const char *text, const char *code, char **out, struct uadm_err *err)
{
	size_t size;
	FILE *f = open_memstream(out, &size);

	if (f == NULL)
		return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
	for (const char *p = text; *p != '\0'; p++)
		if (*p == TEMPLATE_CODE_CHAR)
			fputs(code != NULL ? code : "{code}", f);
		else
			fputc(*p, f);
	if (fclose(f) == 0)
		return UADM_OK;
	free(*out);
	*out = NULL;
	return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
}
