/*
 * invites.h - who is asked to become a user: pending until they log in with the code of it and set a
 * password, which accepts it. As users.h says.
 */
#ifndef UADM_OPS_INVITES_H
#define UADM_OPS_INVITES_H

#include "libuadm/ops/users.h"

/* op_user_add() of somebody who is sent a code. Without a name in `add->user` one is made of the e-mail
 * address, and another where it is taken: *wanted is then what it would have been. */
enum uadm_code op_user_invite(struct uadm *u, struct user_addition *add,
    char wanted[UADM_NAME_SIZE], struct uadm_err *err) UADM_CHECKED;

/* Within the change that adds a user: the code, or the end of the temporary password. */
enum uadm_code invite_addition(struct uadm *u, struct user_addition *add,
    const struct clock_now *now, struct uadm_err *err) UADM_CHECKED;

/* A name, from what stands before the '@'. Pure. */
void invite_name(const char *email, char out[UADM_NAME_SIZE]);

/* Those that are open; of one account, or (NULL) all, which are root's to see. */
enum uadm_code op_invitations(struct uadm *u, const char *account,
    enum uadm_code (*found)(
	void *arg, const struct invitation *i, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

/* `who`: a name or an e-mail address; `name` gets the name. Also of who waits to be accepted without a
 * code. The old code dies. */
enum uadm_code op_invite_resend(struct uadm *u, const char *who, enum code_way way,
    char name[UADM_NAME_SIZE], struct code_given *given,
    struct uadm_err *err) UADM_CHECKED;

/* Within a change that ended a membership: the code of who is invited to nothing by now is over. */
enum uadm_code invite_is_over(
    struct uadm *u, uid_t uid, struct uadm_err *err) UADM_CHECKED;

/* Who never got in is deleted; of anybody else what they were invited to is over. */
enum uadm_code op_invite_cancel(struct uadm *u, const char *who,
    char name[UADM_NAME_SIZE], bool *deleted, struct uadm_err *err) UADM_CHECKED;

#endif
