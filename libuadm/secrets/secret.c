#include "libuadm/secrets/secret.h"

#include <sodium.h>
#include <string.h>
#include <utf8proc.h>

enum uadm_code
secrets_init(struct uadm_err *err)
{
	if (sodium_init() < 0)
		return uadm_fail(err, UADM_UNAVAILABLE, "libsodium does not start");
	return UADM_OK;
}

enum uadm_code
secret_new(struct secret *s, struct uadm_err *err)
{
	s->length = 0;
	s->text = sodium_malloc(SECRET_SIZE);
	if (s->text == NULL)
		return uadm_fail(err, UADM_UNAVAILABLE, "no memory for a secret");
	s->text[0] = '\0';
	return UADM_OK;
}

void
secret_wipe(struct secret *s)
{
	sodium_free(s->text);
	*s = (struct secret){ 0 };
}

enum uadm_code
secret_set(struct secret *s, const char *data, size_t size, struct uadm_err *err)
{
	if (size >= SECRET_SIZE)
		return uadm_fail(
		    err, UADM_INVALID, "longer than %d bytes", SECRET_SIZE - 1);
	if (size > 0 && memchr(data, '\0', size) != NULL)
		return uadm_fail(err, UADM_INVALID, "contains a NUL byte");
	sodium_memzero(s->text, SECRET_SIZE);
	if (size > 0)
		memcpy(s->text, data, size);
	s->length = size;
	return UADM_OK;
}

static enum uadm_code
password_too_long(struct uadm_err *err)
{
	return uadm_fail(err, UADM_INVALID, "the password is longer than %d bytes",
	    SECRET_PASSWORD_MAX);
}

enum uadm_code
secret_normalize_password(struct secret *s, struct uadm_err *err)
{
	/* One code point may become three in NFC, and one int32_t holds each. */
	enum { MOST = 4 * SECRET_PASSWORD_MAX };
	utf8proc_option_t how = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
	utf8proc_int32_t *points;
	utf8proc_ssize_t n;
	enum uadm_code c = UADM_OK;

	if (s->length == 0)
		return uadm_fail(err, UADM_INVALID, "the password is empty");
	if (s->length > SECRET_PASSWORD_MAX)
		return password_too_long(err);
	points = sodium_allocarray(MOST + 1, sizeof(*points));
	if (points == NULL)
		return uadm_fail(err, UADM_UNAVAILABLE, "no memory for a secret");
	n = utf8proc_decompose((const utf8proc_uint8_t *)s->text,
	    (utf8proc_ssize_t)s->length, points, MOST, how);
	if (n < 0)
		c = uadm_fail(err, UADM_INVALID, "the password is not valid UTF-8");
	else if (n > MOST)
		c = password_too_long(err);
	else if ((n = utf8proc_reencode(points, n, how)) < 0)
		c = uadm_fail(err, UADM_INVALID, "the password is not valid UTF-8");
	else if (n == 0 || n > SECRET_PASSWORD_MAX)
		c = password_too_long(err);
	else
		c = secret_set(s, (const char *)points, (size_t)n, err);
	sodium_free(points);
	return c;
}

bool
secret_equal(const struct secret *a, const struct secret *b)
{
	return a->length == b->length &&
	    sodium_memcmp(a->text, b->text, a->length) == 0;
}

void
secret_zero(void *p, size_t size)
{
	sodium_memzero(p, size);
}
