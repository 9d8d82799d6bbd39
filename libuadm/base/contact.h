/*
 * contact.h - a record of a person or a business that the host's users have to do with. A user may
 * be linked to one; not every kind is somebody who logs in (policy/contact.h).
 */
#ifndef UADM_BASE_CONTACT_H
#define UADM_BASE_CONTACT_H

#include "libuadm/base/user.h"

#include <stdint.h>

/* Zero is none. */
enum contact_kind {
	CONTACT_NONE = 0,
	CONTACT_EMPLOYEE,
	CONTACT_CONTRACTOR,
	CONTACT_PARTNER,
	CONTACT_CUSTOMER,
	CONTACT_SUPPLIER,
	CONTACT_KINDS
};

struct contact {
	int64_t id;
	char name[UADM_TEXT_SIZE]; /* without regard to case nobody else's */
	enum contact_kind kind;
	char email[UADM_EMAIL_SIZE];
	char phone[UADM_NAME_SIZE];
	char company[UADM_TEXT_SIZE];
	char note[UADM_TEXT_SIZE];
	int64_t created_at;
	char
	    users[1024]; /* who is linked to it, joined with ','; cut at a whole name */
};

#endif
