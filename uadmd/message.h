/*
 * message.h - send a short message through the program that the administrator has named.
 *
 * It is started without a shell, with the arguments of `[sms] command`, as `[sms] user`, in / with an
 * environment of PATH alone, and reads one line of JSON from standard input:
 *   {"number":"+436601234567","text":"..."}
 * It ends with 0 when the message is on its way, within 10 seconds: then it is killed, with all of its
 * process group.
 */
#ifndef UADM_UADMD_MESSAGE_H
#define UADM_UADMD_MESSAGE_H

#include "libuadm/base/error.h"
#include "libuadm/config/config.h"

/* `text` is of letters, digits, spaces and . : - alone. UADM_UNAVAILABLE says what failed. */
enum uadm_code message_send(const struct config *cf, const char *number,
    const char *text, struct uadm_err *err) UADM_CHECKED;

#endif
