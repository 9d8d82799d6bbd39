/*
 * messages.h - the code that was sent to a mobile number, one for a user, and how many were. Times are
 * those of the steady clock, in milliseconds. Every function runs inside the caller's transaction.
 */
#ifndef UADM_STORE_MESSAGES_H
#define UADM_STORE_MESSAGES_H

#include "libuadm/store/db.h"

/* In the place of the one before; good for so many tries. */
enum uadm_code messages_put(struct store *st, uid_t uid, const char *hash,
    int64_t tries, int64_t now, struct uadm_err *err) UADM_CHECKED;
/* Once, while it has tries left and was sent after `since`: a try is a wrong code that
 * users_count_failure() counts. */
enum uadm_code messages_take(struct store *st, uid_t uid, const char *hash,
    int64_t since, bool *taken, struct uadm_err *err) UADM_CHECKED;

struct message_counts {
	int64_t to_user, from_source;
};
/* How many were sent after `since`; what is older is forgotten. */
enum uadm_code messages_count(struct store *st, uid_t uid, const char *source,
    int64_t since, struct message_counts *n, struct uadm_err *err) UADM_CHECKED;
enum uadm_code messages_sent(struct store *st, uid_t uid, const char *source,
    int64_t now, struct uadm_err *err) UADM_CHECKED;

#endif
