/*
 * letters.c - until there is an outbox, nothing is sent, and everybody is told so.
 */
#include "libuadm/ops/letters.h"

enum uadm_code
op_letter(struct uadm *u, const struct letter *l, enum letter_fate *fate,
    struct uadm_err *err)
{
	(void)u;
	(void)l;
	(void)err;
	*fate = LETTER_NOT_SENT;
	return UADM_OK;
}
