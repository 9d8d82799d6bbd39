/* result.h - from uadmd's verdict to a PAM code and a line in the log. */
#ifndef UADM_PAM_RESULT_H
#define UADM_PAM_RESULT_H

#include "pam_uadm/call.h"

/* What a RESULT frame means to PAM in this phase; logs it and asks for the delay. */
int result_of(const struct call *call, const struct relay_frame *f);

/* The code alone. */
int result_code(enum relay_phase phase, int64_t result);

#endif
