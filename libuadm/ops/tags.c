#include "libuadm/ops/tags.h"

#include "libuadm/base/names.h"
#include "libuadm/ops/act.h"
#include "libuadm/ops/person.h"
#include "libuadm/store/tags.h"

#include <string.h>

enum { TAG_MOST = 32 };

/* Plain enough for a comma to part them and for a shell not to see anything in them. */
static enum uadm_code
check_tag(const char *tag, struct uadm_err *err)
{
	char shown[80];
	const size_t n = strlen(tag);

	if (n >= 1 && n <= TAG_MOST &&
	    strspn(tag, "abcdefghijklmnopqrstuvwxyz0123456789._:-") == n &&
	    tag[0] != '-')
		return UADM_OK;
	return uadm_fail(err, UADM_INVALID,
	    "\"%s\" is not a tag: 1 to %d lower-case letters, digits and . _ : - (not first)",
	    text_escape(shown, sizeof(shown), tag), TAG_MOST);
}

enum uadm_code
op_user_tag(struct uadm *u, const char *name, const char *tag, bool on, bool *changed,
    struct uadm_err *err)
{
	char detail[80];
	struct user user;
	CHANGE ch = { 0 };
	enum uadm_code c;

	*changed = false;
	if ((c = check_tag(tag, err)) != UADM_OK ||
	    (c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = find_person(u, NULL, NULL, name, &user, err)) != UADM_OK ||
	    (c = act_on_user(u, ACT_USER_SET, &user, err)) != UADM_OK ||
	    (c = tags_set(u->store, user.uid, tag, on, changed, err)) != UADM_OK ||
	    !*changed)
		return c;
	snprintf(detail, sizeof(detail), "tag=%s", tag);
	return change_commit(
	    &ch, u, on ? "user.tag" : "user.untag", user.name, detail, false, err);
}

enum uadm_code
op_tags(struct uadm *u,
    enum uadm_code (*found)(void *, const char *, int64_t, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	TXN t = { 0 };
	enum uadm_code c = act_as_root(u, err);

	if (c != UADM_OK || (c = txn_read(&t, u->store, err)) != UADM_OK)
		return c;
	return tags_each(u->store, found, arg, err);
}
