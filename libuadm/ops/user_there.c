#include "libuadm/ops/user_there.h"

#include "libuadm/ops/ids.h"
#include "libuadm/store/accounts.h"
#include "libuadm/store/members.h"
#include "libuadm/store/users.h"

/* For a code. */
static bool
is_waiting(const struct user *user)
{
	return user->kind == USER_PERSON &&
	    (user->invited || (user->account != 0 && user->member == MEMBER_PENDING));
}

/* The hint of member_there() is for `member add`. */
static enum uadm_code
is_member(struct uadm *u, const struct user_addition *add, const struct member *m,
    bool waiting, bool by_email, struct uadm_err *err)
{
	char resend[80] = "";

	(void)(member_there(m, err) == UADM_OK);
	if (waiting)
		snprintf(resend, sizeof(resend),
		    "; another code: uadmctl invite resend %s", m->user_name);
	return uadm_hint(err, "%s is in %s as %s (%s)%s%s", m->user_name,
	    m->account_name, m->role_name, member_state_word(m->state), resend,
	    add->invite && by_email && u->batch.on ? "; --resume takes it for done"
						   : "");
}

/* Somebody who is there already joins a second account by another verb (F3); in this one they may be already
 * (F13), which is told to who adds users there: may_add() has been asked. */
static enum uadm_code
is_there(struct uadm *u, const struct user_addition *add, const struct user *user,
    const char *as, struct uadm_err *err)
{
	const char *account = add->accounts[0].account, *role = add->accounts[0].role;
	struct uadm_err ignored;
	struct account a;
	struct member m;

	if (accounts_get(u->store, account, &a, &ignored) == UADM_OK &&
	    members_get(u->store, a.gid, user->uid, &m, &ignored) == UADM_OK &&
	    m.state != MEMBER_ENDED)
		return is_member(
		    u, add, &m, is_waiting(user), as == add->user.email, err);
	return uadm_hint(err, "uadmctl member add %s %.200s%s%s", account, as,
	    role != NULL ? " --role " : "", role != NULL ? role : "");
}

enum uadm_code
user_insert(struct uadm *u, const struct user_addition *add, struct uadm_err *err)
{
	struct uadm_err ignored;
	struct user is;
	enum uadm_code c = users_insert(u->store, &add->user, err);

	if (c != UADM_EXISTS ||
	    users_get_email(u->store, add->user.email, &is, &ignored) != UADM_OK)
		return c;
	if (add->account_count > 0)
		return is_there(u, add, &is, add->user.email, err);
	/* Without an account it is root's. */
	return add->invite && is_waiting(&is)
	    ? uadm_hint(err, "another code: uadmctl invite resend %s%s", is.name,
		  u->batch.on ? "; --resume takes it for done" : "")
	    : c;
}

enum uadm_code
user_take_name(struct uadm *u, const struct user_addition *add, struct uadm_err *err)
{
	struct uadm_err ignored;
	struct user is;
	enum uadm_code c = take_user_name(u, add->user.name, add->reuse_name, err);

	return c == UADM_EXISTS && add->account_count > 0 &&
		users_get(u->store, add->user.name, &is, &ignored) == UADM_OK
	    ? is_there(u, add, &is, add->user.name, err)
	    : c;
}
