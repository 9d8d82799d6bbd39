/*
 * traces.h - what a user who is deleted leaves on this host outside of the store, and what of it goes too.
 */
#ifndef UADM_OPS_TRACES_H
#define UADM_OPS_TRACES_H

#include "libuadm/ops/context.h"

struct trace_list {
	bool crontab, linger, home;
	int64_t at_jobs;
};

struct traces {
	uid_t uid;
	char name[UADM_NAME_SIZE], home[UADM_PATH_SIZE];
	struct trace_list found, gone;
	bool remove_home;
	/* Who keeps logins (systemd-logind): does their service manager run without one? From now on not. */
	bool (*lingers)(const char *name);
	bool (*linger_off)(uid_t uid, const char *name);
};

/* Look, while the user is there. */
void traces_find(struct traces *t, const struct user *user);

/* May the actor delete the user, and the home go if that is asked for? UADM_INVALID: it is another
 * user's, too. */
enum uadm_code op_traces_may(struct uadm *u, const struct traces *t,
    const struct user *user, struct uadm_err *err) UADM_CHECKED;

/* " crontab=yes at_jobs=2 home=/home/jo": what is to go, for the record of the deletion; or "". */
enum { TRACES_DETAIL_SIZE = UADM_PATH_SIZE * 4 + 80 };
char *traces_detail(const struct traces *t, char *out, size_t size);

/* Remove what was found, the home only if that is asked for. *err is of the first that stays. On a dry run
 * `gone` is what would be. */
enum uadm_code op_traces_remove(
    struct uadm *u, struct traces *t, struct uadm_err *err) UADM_CHECKED;

#endif
