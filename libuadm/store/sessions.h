/*
 * sessions.h - who is or was logged in. A record is bookkeeping: killing is done by uid.
 */
#ifndef UADM_STORE_SESSIONS_H
#define UADM_STORE_SESSIONS_H

#include "libuadm/base/user.h"
#include "libuadm/store/db.h"

struct session {
	int64_t id;
	uid_t uid;
	char user[UADM_NAME_SIZE]; /* read only */
	char service[UADM_TEXT_SIZE];
	char tty[UADM_TEXT_SIZE];
	char source[256];
	pid_t leader;
	int64_t leader_start;
	char boot_id[37];
	int64_t opened_at;
	int64_t closed_at; /* 0: still open, as far as the record goes */
};

struct session_filter {
	int64_t id;          /* 0: any */
	uid_t uid;           /* 0: anybody's */
	const char *account; /* of those who belong to it; NULL: of all */
	bool ended;          /* these, too ... */
	int64_t since;       /* ... if they ended at that time or later */
};
/* Call `found` for each that fits, the oldest first. It stops the walk by returning anything but
 * UADM_OK. */
enum uadm_code sessions_each(struct store *st, const struct session_filter *f,
    enum uadm_code (*found)(void *arg, const struct session *s, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

enum uadm_code sessions_open(
    struct store *st, const struct session *s, struct uadm_err *err) UADM_CHECKED;
/* End the newest open one of this user, leader and service. */
enum uadm_code sessions_close(struct store *st, uid_t uid, pid_t leader,
    const char *service, int64_t now, bool *closed, struct uadm_err *err) UADM_CHECKED;
/* Where it turned out to be. */
enum uadm_code sessions_set_tty(
    struct store *st, int64_t id, const char *tty, struct uadm_err *err) UADM_CHECKED;
/* Call `found` for the open sessions of a user whose leader has none of anybody else's. It stops
 * the walk by returning anything but UADM_OK. */
enum uadm_code sessions_each_lone_leader(struct store *st, uid_t uid,
    enum uadm_code (*found)(void *arg, const struct session *s, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;
/* End those that `is_alive` calls dead. *any: there were some. */
enum uadm_code sessions_reap(struct store *st, int64_t now,
    bool (*is_alive)(void *arg, const struct session *s), void *arg, bool *any,
    struct uadm_err *err) UADM_CHECKED;
/* Forget the oldest that ended before then: so many at the most that nobody has to wait for it. */
enum uadm_code sessions_forget(
    struct store *st, int64_t before, bool *any, struct uadm_err *err) UADM_CHECKED;

#endif
