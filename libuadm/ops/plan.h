/*
 * plan.h - what will follow of a change to a user: rehearsed as a dry run, and looked at before it is
 * taken back. So a plan is what the change itself makes of groups, rights and logins, by whatever path.
 */
#ifndef UADM_OPS_PLAN_H
#define UADM_OPS_PLAN_H

#include "libuadm/ops/context.h"

enum { PLAN_LIST_SIZE = 2048 };

/* Lists are separated by ',', and end with "..." where they are cut; rights are ACCOUNT:RIGHT. */
struct plan {
	bool any; /* there is something to change */
	char accounts_left[PLAN_LIST_SIZE];
	char groups_lost[PLAN_LIST_SIZE], groups_gained[PLAN_LIST_SIZE];
	char rights_lost[PLAN_LIST_SIZE], rights_gained[PLAN_LIST_SIZE];
	bool login_lost;
	int64_t sessions; /* open ones, as the store knows them */
	/* accounts that have none, or one alone, then */
	char no_administrator[200], one_administrator[200];
};

/* From here on changes are rehearsed. UADM_NOT_FOUND: there is no such user. */
struct planning {
	struct uadm *u;
	struct plan plan;
	uid_t uid;
	struct plan_facts {
		char *groups, *accounts, *rights;
		bool login;
	} before;
	bool was_dry;
	void (*was_warn)(const char *text);
};
#define PLANNING CLEANUP(plan_done) struct planning
enum uadm_code plan_begin(struct planning *p, struct uadm *u, const char *name,
    struct uadm_err *err) UADM_CHECKED;
/* By context.c, before it takes the change back. */
enum uadm_code plan_look(struct uadm *u, struct uadm_err *err) UADM_CHECKED;
void plan_done(struct planning *p);

#endif
