/*
 * libqrencode is opened where a code is drawn, and not linked: see libcrypt.c.
 *
 * Light is drawn and dark is left, with a frame of light around: on the dark ground of a terminal that
 * is a QR code as printed, and on a light one it is one in negative, which the apps read as well.
 */
#include "libuadm/secrets/qr.h"

#include <dlfcn.h>
#include <qrencode.h>
#include <string.h>

enum { FRAME = 2 };

struct library {
	QRcode *(*encode)(const char *, int, QRecLevel);
	void (*done)(QRcode *);
};

static bool
load(struct library *l)
{
	void *lib = dlopen("libqrencode.so.4", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

	if (lib == NULL)
		return false;
	*(void **)&l->encode = dlsym(lib, "QRcode_encodeString8bit");
	*(void **)&l->done = dlsym(lib, "QRcode_free");
	return l->encode != NULL && l->done != NULL;
}

static bool
is_dark(const QRcode *qr, int x, int y)
{
	return x >= 0 && y >= 0 && x < qr->width && y < qr->width &&
	    (qr->data[y * qr->width + x] & 1) != 0;
}

/* Two lines of modules; below the frame nothing is drawn. */
static void
draw(const QRcode *qr, int y, char out[QR_LINE_SIZE])
{
	static const char *const halves[] = { " ", "\u2584", "\u2580", "\u2588" };
	char *end = out;

	for (int x = -FRAME; x < qr->width + FRAME; x++) {
		bool above = !is_dark(qr, x, y);
		bool below = y + 1 < qr->width + FRAME && !is_dark(qr, x, y + 1);

		end = stpcpy(end, halves[2 * above + below]);
	}
}

enum uadm_code
qr_lines(const char *text, void (*line)(void *, const char *), void *arg,
    struct uadm_err *err)
{
	char out[QR_LINE_SIZE];
	struct library l = { 0 };
	QRcode *qr;

	if (!load(&l))
		return uadm_fail(
		    err, UADM_UNAVAILABLE, "libqrencode.so.4 cannot be loaded");
	if ((qr = l.encode(text, 0, QR_ECLEVEL_L)) == NULL ||
	    3 * (qr->width + 2 * FRAME) >= QR_LINE_SIZE) {
		if (qr != NULL)
			l.done(qr);
		return uadm_fail(err, UADM_UNAVAILABLE, "no QR code can be made of it");
	}
	for (int y = -FRAME; y < qr->width + FRAME; y += 2) {
		draw(qr, y, out);
		line(arg, out);
	}
	explicit_bzero(out, sizeof(out));
	explicit_bzero(qr->data, (size_t)qr->width * (size_t)qr->width);
	l.done(qr);
	return UADM_OK;
}
