/*
 * courier.h - send what is in the outbox, each mail by a mailer of its own, after the change that queued it
 * and outside of any transaction. At least once: a courier that is killed leaves its mail to the next one.
 */
#ifndef UADM_OPS_COURIER_H
#define UADM_OPS_COURIER_H

#include "libuadm/ops/context.h"
#include "libuadm/ops/letters.h"
#include "libuadm/store/letters.h"

enum {
	COURIER_MAIL_MS = 30 * 1000, /* what one mail may take */
	COURIER_RUN_MS = 45 * 1000,  /* no further one is begun after that */
};

struct courier_sink {
	/* What became of a mail: r->state, and r->error where it was not sent. */
	void (*tried)(void *arg, const struct letter_row *r);
	void *arg;
};

/* Send what is due, for `run_ms` at the most. UADM_OK also where mails could not be sent. Without a
 * mailer nothing is done but to forget what is old. */
enum uadm_code op_courier(struct uadm *u, int64_t run_ms,
    const struct courier_sink *sink, struct uadm_err *err) UADM_CHECKED;

/* One mail of that kind to this address, made up and sent at once; nothing of it is kept. What the mailer
 * says is in the error. */
enum uadm_code op_mail_test(struct uadm *u, const char *address, const char *kind,
    struct letter_row *r, struct uadm_err *err) UADM_CHECKED;

#endif
