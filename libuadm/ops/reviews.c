/*
 * Threat: a review that says of somebody what nobody decided: a decision in an old one, or about a user
 * who came since. So decisions go into the open review alone, and about those who are in it.
 */
#include "libuadm/ops/reviews.h"

#include "libuadm/ops/accounts.h"
#include "libuadm/ops/act.h"
#include "libuadm/ops/members.h"
#include "libuadm/ops/person.h"
#include "libuadm/ops/show.h"
#include "libuadm/policy/login.h"
#include "libuadm/store/members.h"

#include <string.h>

static enum uadm_code
begin(struct uadm *u, const char *account, struct account *a, struct uadm_err *err)
{
	enum uadm_code c = find_account(u, account, a, err);

	return c == UADM_OK ? act_in_account(u, ACT_REVIEW, a->gid, err) : c;
}

static enum uadm_code
none_open(const struct account *a, struct uadm_err *err)
{
	uadm_fail(err, UADM_NOT_FOUND, "no review of %s is open", a->name);
	return uadm_hint(err, "uadmctl review start %s", a->name);
}

static enum uadm_code
find_open(
    struct uadm *u, const struct account *a, struct review *r, struct uadm_err *err)
{
	enum uadm_code c = reviews_newest(u->store, a->gid, r, err);

	return c == UADM_NOT_FOUND || (c == UADM_OK && r->finished_at != 0)
	    ? none_open(a, err)
	    : c;
}

struct filling {
	struct uadm *u;
	struct review *review;
	int64_t now;
};

static enum uadm_code
put_member(void *arg, const struct member *m, struct uadm_err *err)
{
	struct filling *f = arg;
	struct review_item i = { .review = f->review->id, .uid = m->uid };
	struct last_login last = { 0 };
	struct user user;
	enum uadm_code c;

	if ((c = users_get_uid(f->u->store, m->uid, &user, err)) != UADM_OK)
		return c;
	c = users_last_login(f->u->store, m->uid, &last, err);
	if (c != UADM_OK && c != UADM_NOT_FOUND)
		return c;
	memcpy(i.name, m->user_name, sizeof(i.name));
	memcpy(i.role, m->role_name, sizeof(i.role));
	memcpy(i.contact, user.contact, sizeof(i.contact));
	snprintf(i.state, sizeof(i.state), "%s", member_state_word(m->state));
	snprintf(i.status, sizeof(i.status), "%s",
	    policy_login_status(&user, false, f->now));
	i.last_login = last.at;
	f->review->users++;
	return review_items_write(f->u->store, &i, err);
}

enum uadm_code
op_review_start(
    struct uadm *u, const char *account, struct review *r, struct uadm_err *err)
{
	struct account a;
	char detail[80];
	CHANGE ch = { 0 };
	enum uadm_code c;

	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = begin(u, account, &a, err)) != UADM_OK)
		return c;
	c = find_open(u, &a, r, err);
	if (c == UADM_OK) {
		uadm_fail(err, UADM_EXISTS, "a review of %s is open already", a.name);
		return uadm_hint(err, "uadmctl review list %s", a.name);
	}
	if (c != UADM_NOT_FOUND)
		return c;
	*r = (struct review){ .account = a.gid, .started_at = ch.now.wall };
	memcpy(r->name, a.name, sizeof(r->name));
	snprintf(r->started_by, sizeof(r->started_by), "%s", u->actor);
	if ((c = reviews_insert(u->store, r, err)) != UADM_OK ||
	    (c = members_each(u->store, &(struct member_filter){ .account = a.gid },
		 put_member, &(struct filling){ u, r, ch.now.wall }, err)) != UADM_OK)
		return c;
	snprintf(detail, sizeof(detail), "review=%lld users=%lld", (long long)r->id,
	    (long long)r->users);
	return change_commit(&ch, u, "review.start", a.name, detail, false, err);
}

/* The review is open, and has the user: the one that it had, not who has got the name since. */
static enum uadm_code
check_item(struct uadm *u, const char *account, const char *name, struct account *a,
    struct user *user, struct review_item *i, struct uadm_err *err)
{
	struct review r;
	enum uadm_code c;

	if ((c = begin(u, account, a, err)) != UADM_OK ||
	    (c = find_open(u, a, &r, err)) != UADM_OK ||
	    (c = find_person(u, account, NULL, name, user, err)) != UADM_OK)
		return c;
	c = review_items_get(u->store, r.id, user->uid, user->name, i, err);
	if (c != UADM_NOT_FOUND)
		return c;
	uadm_fail(
	    err, UADM_NOT_FOUND, "%s is not in the review of %s", user->name, a->name);
	return uadm_hint(err, "it has who was in the account when it was started");
}

/* What is decided of is what is now. Who is out is not kept by being called so. */
static enum uadm_code
look_now(struct uadm *u, const struct account *a, const struct user *user, bool revoke,
    int64_t now, struct review_item *i, struct uadm_err *err)
{
	struct member m;
	enum uadm_code c = members_get(u->store, a->gid, i->uid, &m, err);

	if (c == UADM_OK && m.state != MEMBER_ENDED) {
		memcpy(i->role, m.role_name, sizeof(i->role));
		snprintf(i->state, sizeof(i->state), "%s", member_state_word(m.state));
		snprintf(i->status, sizeof(i->status), "%s",
		    policy_login_status(user, false, now));
		return UADM_OK;
	}
	if ((c != UADM_NOT_FOUND && c != UADM_OK) || revoke)
		return c == UADM_NOT_FOUND ? UADM_OK : c;
	uadm_fail(
	    err, UADM_NOT_FOUND, "%s does not belong to %s any more", i->name, a->name);
	return uadm_hint(
	    err, "uadmctl member add %s %s --role %s", a->name, i->name, i->role);
}

/* The membership and the record of why it ended are one change: there is not the one without the other. */
enum uadm_code
op_review_decide(struct uadm *u, const char *account, const char *name, bool revoke,
    bool ends, struct review_item *i, bool *changed, struct uadm_err *err)
{
	const char *word = revoke ? "revoke" : "keep";
	struct account a;
	struct user user;
	char detail[160];
	bool revoked = false;
	CHANGE ch = { 0 };
	enum uadm_code c;

	*changed = false;
	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = check_item(u, account, name, &a, &user, i, err)) != UADM_OK)
		return c;
	if (!act_is_root(u) && user.uid == u->acting.uid)
		return uadm_fail(err, UADM_DENIED,
		    "%s may not do that: nobody reviews themselves", user.name);
	if ((c = look_now(u, &a, &user, revoke, ch.now.wall, i, err)) != UADM_OK ||
	    (revoke &&
		(c = member_set_state(u, &ch, account, user.name, MEMBER_REVOKE, ends,
		     &revoked, err)) != UADM_OK))
		return c;
	if (!revoked && strcmp(i->decision, word) == 0)
		return UADM_OK;
	*changed = true;
	snprintf(i->decision, sizeof(i->decision), "%s", word);
	i->decided_at = ch.now.wall;
	snprintf(i->decided_by, sizeof(i->decided_by), "%s", u->actor);
	if ((c = review_items_write(u->store, i, err)) != UADM_OK)
		return c;
	snprintf(detail, sizeof(detail), "account=%s review=%lld role=%s", a.name,
	    (long long)i->review, i->role);
	return change_commit(&ch, u, revoke ? "review.revoke" : "review.keep", i->name,
	    detail, false, err);
}

enum uadm_code
op_review_open(
    struct uadm *u, const char *account, struct review *r, struct uadm_err *err)
{
	struct account a;
	TXN t = { 0 };
	enum uadm_code c;

	if ((c = txn_read(&t, u->store, err)) != UADM_OK ||
	    (c = begin(u, account, &a, err)) != UADM_OK)
		return c;
	return find_open(u, &a, r, err);
}

enum uadm_code
op_review_finish(
    struct uadm *u, const char *account, struct review *r, struct uadm_err *err)
{
	struct account a;
	char detail[120];
	CHANGE ch = { 0 };
	enum uadm_code c;

	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = begin(u, account, &a, err)) != UADM_OK ||
	    (c = find_open(u, &a, r, err)) != UADM_OK)
		return c;
	if (r->open > 0) {
		uadm_fail(err, UADM_INVALID, "%lld of %lld are undecided",
		    (long long)r->open, (long long)r->users);
		return uadm_hint(err, "uadmctl review list %s", a.name);
	}
	r->finished_at = ch.now.wall;
	snprintf(r->finished_by, sizeof(r->finished_by), "%s", u->actor);
	if ((c = reviews_finish(u->store, r, err)) != UADM_OK)
		return c;
	snprintf(detail, sizeof(detail), "review=%lld kept=%lld revoked=%lld",
	    (long long)r->id, (long long)r->kept, (long long)r->revoked);
	return change_commit(&ch, u, "review.finish", a.name, detail, false, err);
}

struct listing {
	struct uadm *u;
	enum uadm_code (*found)(void *, const struct review *, struct uadm_err *);
	void *arg;
};

static enum uadm_code
show(void *arg, const struct review *r, struct uadm_err *err)
{
	struct listing *l = arg;
	enum uadm_code c = act_in_account(l->u, ACT_ACCOUNT_READ, r->account, err);

	if (c == UADM_DENIED)
		return UADM_OK;
	return c == UADM_OK ? l->found(l->arg, r, err) : c;
}

enum uadm_code
op_reviews(struct uadm *u,
    enum uadm_code (*found)(void *, const struct review *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	struct listing l = { u, found, arg };
	TXN t = { 0 };
	enum uadm_code c = txn_read(&t, u->store, err);

	return c == UADM_OK ? reviews_each(u->store, 0, show, &l, err) : c;
}

enum uadm_code
op_review_items(struct uadm *u, const char *account, int64_t number,
    enum uadm_code (*found)(void *, const struct review_item *, struct uadm_err *),
    void *arg, struct uadm_err *err)
{
	struct account a;
	struct review r;
	TXN t = { 0 };
	enum uadm_code c;

	if ((c = txn_read(&t, u->store, err)) != UADM_OK ||
	    (c = find_account(u, account, &a, err)) != UADM_OK ||
	    (c = act_in_account(u, ACT_ACCOUNT_READ, a.gid, err)) != UADM_OK)
		return c;
	c = number != 0 ? reviews_get(u->store, a.gid, number, &r, err)
			: reviews_newest(u->store, a.gid, &r, err);
	if (c == UADM_NOT_FOUND && number != 0) {
		uadm_fail(err, UADM_NOT_FOUND, "%s has no review %lld", a.name,
		    (long long)number);
		return uadm_hint(err, "uadmctl review list");
	}
	if (c != UADM_OK)
		return c == UADM_NOT_FOUND ? none_open(&a, err) : c;
	return review_items_each(u->store, r.id, found, arg, err);
}
