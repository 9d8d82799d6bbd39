/*
 * roles.h - the use cases of roles and of the catalogue of rights; as users.h says. All are root's, for
 * a role is the same in each account.
 */
#ifndef UADM_OPS_ROLES_H
#define UADM_OPS_ROLES_H

#include "libuadm/base/account.h"
#include "libuadm/ops/context.h"

/* With these scopes and rights; a group for it in each account. */
enum uadm_code op_role_add(struct uadm *u, const char *name, const char *description,
    const char *const *rights, size_t count, struct uadm_err *err) UADM_CHECKED;
enum uadm_code op_role_set(struct uadm *u, const char *name, const char *description,
    bool *changed, struct uadm_err *err) UADM_CHECKED;
enum uadm_code op_role_delete(
    struct uadm *u, const char *name, struct uadm_err *err) UADM_CHECKED;
/* Everybody who has the role gets or loses these. */
enum uadm_code op_role_rights(struct uadm *u, const char *name,
    const char *const *rights, size_t count, bool held, bool *changed,
    struct uadm_err *err) UADM_CHECKED;

/* A right of this scope, or (NULL) a scope. */
enum uadm_code op_right_add(struct uadm *u, const char *name, const char *scope,
    const char *description, struct uadm_err *err) UADM_CHECKED;
enum uadm_code op_right_delete(
    struct uadm *u, const char *name, struct uadm_err *err) UADM_CHECKED;

/* Each role by name, or the one of this name; `rights`: their names, separated by ','. */
struct role_view {
	struct role role;
	char rights[RIGHTS_TEXT_SIZE];
};
enum uadm_code op_roles(struct uadm *u, const char *name,
    enum uadm_code (*found)(void *arg, const struct role_view *v, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

/* The catalogue; where `account` is not NULL with what `user` (NULL: who acts) holds there, and what
 * the actor may pass on. */
struct right_view {
	struct right right;
	bool held, grantable;
};
enum uadm_code op_rights(struct uadm *u, const char *account, const char *user,
    enum uadm_code (*found)(
	void *arg, const struct right_view *v, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

#endif
