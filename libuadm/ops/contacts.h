/*
 * contacts.h - the use cases of contacts; as users.h says. They belong to the host: root's alone.
 */
#ifndef UADM_OPS_CONTACTS_H
#define UADM_OPS_CONTACTS_H

#include "libuadm/base/contact.h"
#include "libuadm/ops/context.h"

/* What is to be set of one; NULL: as it is, or (of a new one) none. */
struct contact_change {
	const char *kind, *email, *phone, *company, *note;
};
enum uadm_code op_contact_add(struct uadm *u, const char *name,
    const struct contact_change *set, struct uadm_err *err) UADM_CHECKED;
/* Refused where it would make a login's contact one of a kind that has no login. */
enum uadm_code op_contact_set(struct uadm *u, const char *name,
    const struct contact_change *set, bool *changed, struct uadm_err *err) UADM_CHECKED;
/* Refused while a user is linked to it. */
enum uadm_code op_contact_delete(
    struct uadm *u, const char *name, struct uadm_err *err) UADM_CHECKED;

/* All, those of a kind, or the one of that name (UADM_NOT_FOUND). */
enum uadm_code op_contacts(struct uadm *u, const char *name, const char *kind,
    enum uadm_code (*found)(void *arg, const struct contact *c, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

/* Within a transaction: may user->contact be linked to? Then it is spelled as the contact is. */
enum uadm_code contact_fits(
    struct uadm *u, struct user *user, struct uadm_err *err) UADM_CHECKED;

#endif
