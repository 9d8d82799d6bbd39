/*
 * outbox.h - what a person sees of the outbox and does to it. Root alone: it has everybody's addresses.
 */
#ifndef UADM_OPS_OUTBOX_H
#define UADM_OPS_OUTBOX_H

#include "libuadm/ops/context.h"
#include "libuadm/store/letters.h"

struct mail_view {
	struct letter_row row;
	int64_t next_at; /* Unix seconds as the clock stands now; 0: never */
	char *subject,
	    *body; /* with {code} where a code is, or was; body NULL in lists */
	bool has_code;
};

/* By number. `state` NULL: all. */
enum uadm_code op_mails(struct uadm *u, const char *state,
    enum uadm_code (*found)(void *arg, const struct mail_view *v, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;
/* UADM_NOT_FOUND. The caller wipes it. */
enum uadm_code op_mail(struct uadm *u, const char *id, struct mail_view *v,
    struct uadm_err *err) UADM_CHECKED;
void mail_view_wipe(struct mail_view *v);

/* Due at once, and with all its tries again. Not what was sent, or has lost its code. */
enum uadm_code op_mail_retry(
    struct uadm *u, const char *id, bool *changed, struct uadm_err *err) UADM_CHECKED;
/* All that failed or wait for another try. */
enum uadm_code op_mail_retry_all(struct uadm *u,
    void (*done)(void *arg, int64_t id, const struct uadm_err *failed), void *arg,
    struct uadm_err *err) UADM_CHECKED;
enum uadm_code op_mail_drop(
    struct uadm *u, const char *id, bool *changed, struct uadm_err *err) UADM_CHECKED;

/* For host status. */
struct mail_info {
	bool configured;
	struct uadm_err mailer; /* what is wrong with it, or UADM_OK */
	struct letter_counts counts;
};
enum uadm_code op_mail_info(
    struct uadm *u, struct mail_info *m, struct uadm_err *err) UADM_CHECKED;

#endif
