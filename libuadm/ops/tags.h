/*
 * tags.h - the use cases of tags; as users.h says.
 */
#ifndef UADM_OPS_TAGS_H
#define UADM_OPS_TAGS_H

#include "libuadm/ops/context.h"

/* Put a tag on a user, or (`on` false) take it off. */
enum uadm_code op_user_tag(struct uadm *u, const char *name, const char *tag, bool on,
    bool *changed, struct uadm_err *err) UADM_CHECKED;

/* All that are in use: root's alone, as all users are. */
enum uadm_code op_tags(struct uadm *u,
    enum uadm_code (*found)(
	void *arg, const char *tag, int64_t users, struct uadm_err *err),
    void *arg, struct uadm_err *err) UADM_CHECKED;

#endif
