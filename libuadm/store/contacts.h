/*
 * contacts.h - the table of contacts. Which one a user is linked to is a column of theirs (users.h).
 */
#ifndef UADM_STORE_CONTACTS_H
#define UADM_STORE_CONTACTS_H

#include "libuadm/base/contact.h"
#include "libuadm/store/db.h"

/* As the tables have it: kinds by their words, so that this room knows no policy. */
struct contact_row {
	struct contact contact; /* `kind` is not filled in, nor looked at */
	char kind[UADM_NAME_SIZE];
};

/* By name, without regard to case; UADM_NOT_FOUND. */
enum uadm_code contacts_get(struct store *st, const char *name, struct contact_row *r,
    struct uadm_err *err) UADM_CHECKED;
/* By name; `kind` NULL: of any. */
enum uadm_code contacts_each(struct store *st, const char *kind,
    enum uadm_code (*found)(
	void *arg, const struct contact_row *r, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;
/* id 0: a new one. */
enum uadm_code contacts_write(
    struct store *st, const struct contact_row *r, struct uadm_err *err) UADM_CHECKED;
enum uadm_code contacts_delete(
    struct store *st, int64_t id, struct uadm_err *err) UADM_CHECKED;

#endif
