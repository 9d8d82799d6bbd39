/*
 * published.h - is what NSS reads what the store has?
 */
#ifndef UADM_OPS_PUBLISHED_H
#define UADM_OPS_PUBLISHED_H

#include "libuadm/ops/context.h"

/* Compare each entry with the store; `found` is told each that differs, by its name. *compared is
 * false when the generations differ. UADM_INVALID: the store has what cannot be published. */
enum uadm_code op_published_compare(struct uadm *u, bool *compared,
    void (*found)(void *arg, const char *what), void *arg,
    struct uadm_err *err) UADM_CHECKED;

#endif
