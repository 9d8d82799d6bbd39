/*
 * login.h - the use cases of a login, one for each thing PAM asks. They decide and keep the
 * books; who talks to the user and which PAM code comes of it is uadmd's and the module's.
 */
#ifndef UADM_OPS_LOGIN_H
#define UADM_OPS_LOGIN_H

#include "libuadm/base/code.h"
#include "libuadm/ops/context.h"
#include "libuadm/policy/login.h"
#include "libuadm/store/attempts.h"
#include "libuadm/store/sessions.h"
#include "libuadm/store/users.h"

struct login_request {
	char name[256];
	char service[UADM_TEXT_SIZE];
	char tty[UADM_TEXT_SIZE];
	char rhost[256];           /* as long as the module sends it */
	char accounts[256];        /* the service is for their members; "": for all */
	uid_t real_uid;            /* of the host program */
	struct process host;       /* the program itself */
	struct factor_try *factor; /* factor.h; NULL: none is judged */
};

enum login_whose {
	LOGIN_NOBODYS = 0, /* no source knows the name */
	LOGIN_OURS,
	LOGIN_OTHERS, /* another source's: none of our business */
};

/* Whose is this name? *user is filled in for LOGIN_OURS. */
enum uadm_code op_login_whose(struct uadm *u, const char *name, enum login_whose *whose,
    struct user *user, struct uadm_err *err) UADM_CHECKED;

/* Takes the time that op_login_whose() takes for nobody's name, and tells nothing. */
void op_login_search_in_vain(struct uadm *u, const char *name);

/* Without a store: is the name another source's all the same, by a number outside of our range?
 * (Then we stand aside.) */
bool login_is_others(const char *name, const struct config *cf);

enum proof_answer {
	PROOF_WRONG =
	    0, /* also: unknown, locked, source blocked; nothing more is told */
	PROOF_RIGHT,
};

struct proof {
	enum proof_answer answer;
	struct login_answer verdict; /* after PROOF_RIGHT: may this login go on? */
	bool charged;                /* a failure was counted */
	bool locked;                 /* ... and was the one that locked */
	const char *why;             /* for the log */
	char code
	    [CODE_HASH_SIZE]; /* of the one-time code that it was; empty: a password */
};

/* Check a password: take a slot, reserve, hash, settle. `user` is NULL for an unknown name,
 * which costs the same. `final`: a right password is the end of the login and resets the
 * counter. UADM_BUSY after 60 s of waiting; on any error nothing was verified. */
enum uadm_code op_login_prove(struct uadm *u, const struct login_request *r,
    const struct user *user, struct secret *pw, bool final, struct proof *p,
    struct uadm_err *err) UADM_CHECKED;

/* Something else than a password was asked for: the same slot, charge, cost and commits, as for a wrong
 * one. `then` is called in the last transaction, but for who is locked or blocked; what it takes for
 * right is not counted. `user` NULL: nobody's name. */
typedef enum uadm_code login_then(struct uadm *u, void *arg, const struct user *user,
    const struct clock_now *now, bool *right, struct uadm_err *err);
enum uadm_code op_login_ask(struct uadm *u, const struct login_request *r,
    const struct user *user, login_then *then, void *arg, struct proof *p,
    struct uadm_err *err) UADM_CHECKED;

/* Was this name somebody else's until a moment ago? `ask_nss`: or does a cache still say so? */
enum uadm_code op_login_name_moved(struct uadm *u, const struct user *user,
    bool ask_nss, bool *moved, struct uadm_err *err) UADM_CHECKED;

/* Is the user kept out by what the host (u->config) or the service (`accounts`) is bound to? */
enum uadm_code op_login_elsewhere(struct uadm *u, const char *accounts,
    const struct user *user, bool *elsewhere, struct uadm_err *err) UADM_CHECKED;

/* The verdict again, without a password having to be involved. */
enum uadm_code op_login_account(struct uadm *u, const struct login_request *r,
    const struct user *user, struct login_answer *answer,
    struct uadm_err *err) UADM_CHECKED;

/* What opening a session tells the user. */
struct session_opened {
	struct login_answer answer;
	struct last_login before;
	bool home_made;
	char home_problem[256]; /* empty: none */
};
enum uadm_code op_login_open(struct uadm *u, const struct login_request *r,
    const struct user *user, struct session_opened *s,
    struct uadm_err *err) UADM_CHECKED;
enum uadm_code op_login_close(struct uadm *u, const struct login_request *r,
    const struct user *user, struct uadm_err *err) UADM_CHECKED;

/* The verifier there is: op_login_set_password() takes the new one only in its place. */
enum uadm_code op_login_verifier(struct uadm *u, const struct user *user,
    struct verifier *v, struct uadm_err *err) UADM_CHECKED;

/* Store a new password that the user, or root, typed. `pw` has passed op_password_judge(), its past
 * included, after `was` was read. `by_root`: who asks is root, and has proved no password. UADM_BUSY:
 * somebody was faster. */
enum uadm_code op_login_set_password(struct uadm *u, const struct login_request *r,
    const struct user *user, bool by_root, const struct verifier *was,
    const struct secret *pw, struct uadm_err *err) UADM_CHECKED;
/* A crash may have fallen between somebody's commit and the publishing. Where this fails the next
 * one tries again: the login at hand is decided. */
void op_login_catch_up(struct uadm *u);

/* The same with the code of this hash, which that uses up: UADM_DENIED where somebody was faster with
 * it, or, then *answer says why, where the user may not log in any more. What the user was invited to is
 * theirs with this. */
enum uadm_code op_login_set_password_by_code(struct uadm *u,
    const struct login_request *r, const struct user *user, const char *code,
    const struct verifier *was, const struct secret *pw, struct login_answer *answer,
    struct uadm_err *err) UADM_CHECKED;

/* Fill in start and parent of a process from /proc; false when it is gone. */
bool process_look(struct process *p);
/* For sessions_reap(); `arg` is a struct clock_now. */
bool login_leader_lives(void *arg, const struct session *s);

#endif
