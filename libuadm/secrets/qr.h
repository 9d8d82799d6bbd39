/*
 * qr.h - a QR code in a terminal, two modules in one character.
 */
#ifndef UADM_SECRETS_QR_H
#define UADM_SECRETS_QR_H

#include "libuadm/base/error.h"

#include <stdbool.h>

enum { QR_LINE_SIZE = 512 }; /* more is no QR code that fits a terminal */

/* Calls `line` for each line of it, from the top. UADM_UNAVAILABLE without libqrencode. */
enum uadm_code qr_lines(const char *text, void (*line)(void *arg, const char *text),
    void *arg, struct uadm_err *err) UADM_CHECKED;

#endif
