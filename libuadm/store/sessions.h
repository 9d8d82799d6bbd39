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
	char service[UADM_TEXT_SIZE];
	char tty[UADM_TEXT_SIZE];
	char source[256];
	pid_t leader;
	int64_t leader_start;
	char boot_id[37];
	int64_t opened_at;
	int64_t closed_at;
};

enum uadm_code sessions_open(
    struct store *st, const struct session *s, struct uadm_err *err) UADM_CHECKED;
/* End the newest open one of this user, leader and service. */
enum uadm_code sessions_close(struct store *st, uid_t uid, pid_t leader,
    const char *service, int64_t now, bool *closed, struct uadm_err *err) UADM_CHECKED;
/* Call `found` for the open sessions of a user whose leader has none of anybody else's. It stops
 * the walk by returning anything but UADM_OK. */
enum uadm_code sessions_each_lone_leader(struct store *st, uid_t uid,
    enum uadm_code (*found)(void *arg, const struct session *s, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;
/* End those that `is_alive` calls dead. */
enum uadm_code sessions_reap(struct store *st, int64_t now,
    bool (*is_alive)(void *arg, const struct session *s), void *arg,
    struct uadm_err *err) UADM_CHECKED;

#endif
