/*
 * ending.c - see ending.h.
 *
 * Threat: a user who is resumed, and logs in, while a suspension is still being carried out; a
 * deleted user's number that a local user carries by now. So the store, as it is then, has the
 * last word before anything is ended, and a uid of /etc/passwd is left alone.
 */
#include "libuadm/ops/ending.h"

#include "libuadm/base/number.h"
#include "libuadm/base/paths.h"
#include "libuadm/ops/login.h"
#include "libuadm/policy/ending.h"
#include "libuadm/store/audit.h"
#include "libuadm/store/sessions.h"

#include <fcntl.h>
#include <pwd.h>
#include <string.h>

void
ending_wipe(struct ending *e)
{
	free(e->users);
	free(e->leaders);
	free(e->job.notes);
	subuids_wipe(&e->subuids);
	memset(e, 0, sizeof(*e));
}

static bool
is_local_uid(uid_t uid)
{
	CLEANUP(cleanup_file) FILE *f = fopen(UADM_LOCAL_PASSWD, "re");
	const struct passwd *pw;

	while (f != NULL && (pw = fgetpwent(f)) != NULL)
		if (pw->pw_uid == uid)
			return true;
	return false;
}

static enum uadm_code
no_memory(struct uadm_err *err)
{
	return uadm_fail(err, UADM_UNAVAILABLE, "out of memory");
}

struct collecting {
	struct ending *e;
	const struct clock_now *now;
};

static enum uadm_code
add_leader(void *arg, const struct session *s, struct uadm_err *err)
{
	struct collecting *to = arg;
	struct ending *e = to->e;
	struct process_leader *more;

	if (strcmp(s->boot_id, to->now->boot_id) != 0)
		return UADM_OK;
	if (e->leader_count == e->leader_room) {
		more = reallocarray(e->leaders, e->leader_room * 2 + 16, sizeof(*more));
		if (more == NULL)
			return no_memory(err);
		e->leaders = more;
		e->leader_room = e->leader_room * 2 + 16;
	}
	e->leaders[e->leader_count++] = (struct process_leader){
		.pid = s->leader, .start = s->leader_start, .uid = s->uid
	};
	return UADM_OK;
}

enum uadm_code
ending_add(struct uadm *u, struct ending *e, const struct user *user, const char *why,
    bool changed, struct uadm_err *err)
{
	struct ending_user *more;
	struct clock_now now;

	if (e->count == e->room) {
		more = reallocarray(e->users, e->room * 2 + 16, sizeof(*more));
		if (more == NULL)
			return no_memory(err);
		e->users = more;
		e->room = e->room * 2 + 16;
	}
	more = &e->users[e->count++];
	*more =
	    (struct ending_user){ .uid = user->uid, .why = why, .changed = changed };
	memcpy(more->name, user->name, sizeof(more->name));
	more->suspended_at = user->suspended_at;
	more->is_local = is_local_uid(user->uid);
	clock_read(&now);
	return sessions_each_lone_leader(
	    u->store, user->uid, add_leader, &(struct collecting){ e, &now }, err);
}

void
ending_drop(struct ending *e)
{
	e->count--;
}

static struct ending_user *
user_of(const struct ending *e, uid_t uid)
{
	for (size_t i = e->done; i < e->count; i++)
		if (e->users[i].uid == uid)
			return &e->users[i];
	return NULL;
}

struct asking {
	struct uadm *u;
	const struct ending *e;
	bool background;
};

/* A watch carries out one suspension. Of who has been resumed since a later end is another matter,
 * which a call of its own or maintain looks after. */
static bool
is_same_case(const struct ending *e, const struct user *user)
{
	const struct ending_user *then = user_of(e, user->uid);

	return then != NULL && then->suspended_at == user->suspended_at;
}

/* Where the store cannot say, what was known when the user was added holds. */
static bool
is_due(void *arg, uid_t uid)
{
	const struct asking *a = arg;
	struct uadm_err ignored;
	const struct ending_user *then = user_of(a->e, uid);
	struct clock_now now;
	struct user user;

	clock_read(&now);
	if (!a->background && then != NULL && then->anyway)
		return true;
	if (a->u->store == NULL ||
	    users_get_uid(a->u->store, uid, &user, &ignored) != UADM_OK)
		return true; /* nobody has this uid: deleted */
	return !policy_user_may_run(&user, now.wall) &&
	    (!a->background || is_same_case(a->e, &user));
}

static int
order_uids(const void *a, const void *b)
{
	const uid_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int
order_leaders(const void *a, const void *b)
{
	const struct process_leader *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* Is a line of /etc/subuid this user's? A name is not while another source has it for another. */
static bool
is_owner(const struct ending_user *user, const char *owner)
{
	const struct passwd *pw;
	int64_t uid;

	if (number_parse(owner, 0, UINT32_MAX, &uid))
		return (uid_t)uid == user->uid;
	return strcmp(owner, user->name) == 0 &&
	    ((pw = getpwnam(owner)) == NULL || pw->pw_uid == user->uid);
}

static enum uadm_code
read_subuids(struct ending *e, size_t from, struct uadm_err *err)
{
	enum uadm_code c;

	subuids_wipe(&e->subuids);
	c = subuids_read(&e->subuids, err);
	for (size_t i = 0; i < e->subuids.count; i++) {
		struct subuid_range *r = &e->subuids.ranges[i];

		for (size_t j = from; j < e->count && r->uid == SUBUID_OTHERS; j++)
			if (!e->users[j].is_local && is_owner(&e->users[j], r->owner))
				r->uid = e->users[j].uid;
	}
	return c;
}

/* The users from `from` on, as processes.h wants them. The caller frees job.uids. */
static enum uadm_code
make_job(struct ending *e, size_t from, struct asking *a, struct uadm_err *err)
{
	uid_t *uids = calloc(e->count - from + 1, sizeof(*uids));
	size_t n = 0;

	if (uids == NULL)
		return no_memory(err);
	for (size_t i = from; i < e->count; i++)
		if (!e->users[i].is_local)
			uids[n++] = e->users[i].uid;
	qsort(uids, n, sizeof(*uids), order_uids);
	if (e->leader_count > 0)
		qsort(e->leaders, e->leader_count, sizeof(*e->leaders), order_leaders);
	e->job.uids = uids;
	e->job.uid_count = n;
	e->job.leaders = e->leaders;
	e->job.leader_count = e->leader_count;
	e->job.is_due = a->u->dry_run ? NULL : is_due;
	e->job.arg = a;
	e->job.end_logins = e->end_logins;
	e->job.look_only = a->u->dry_run;
	e->job.subuids = &e->subuids;
	return read_subuids(e, from, err);
}

static void
free_job(struct ending *e)
{
	free((void *)e->job.uids);
	e->job.uids = NULL;
	e->job.subuids = NULL;
	e->job.is_due = NULL;
	e->job.arg = NULL;
}

/* How many processes of each; true when there were any. */
static bool
count_ended(struct ending *e, size_t first_note)
{
	bool any = false;

	for (size_t i = first_note; i < e->job.note_count; i++) {
		const struct process_note *n = &e->job.notes[i];
		struct ending_user *user = user_of(e, n->uid);

		if (n->fate != PROCESS_END || user == NULL)
			continue;
		user->ended += n->alive ? 0 : 1;
		user->alive += n->alive ? 1 : 0;
		any = true;
	}
	return any;
}

static enum uadm_code
write_rows(struct uadm *u, const struct ending *e, int64_t now, struct uadm_err *err)
{
	enum uadm_code c = UADM_OK;

	for (size_t i = e->done; i < e->count && c == UADM_OK; i++) {
		struct audit_row row = { .action = "user.end-processes" };

		if (e->users[i].ended == 0)
			continue;
		snprintf(row.actor, sizeof(row.actor), "%s", u->actor);
		snprintf(row.target, sizeof(row.target), "%s", e->users[i].name);
		snprintf(row.detail, sizeof(row.detail), "count=%lld",
		    (long long)e->users[i].ended);
		c = audit_append(u->store, &row, now, err);
	}
	return c;
}

/* The books, after the fact. */
static enum uadm_code
record(struct uadm *u, const struct ending *e, struct uadm_err *err)
{
	bool any;
	CHANGE ch = { 0 };
	enum uadm_code c;

	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = sessions_reap(u->store, ch.now.wall, login_leader_lives, &ch.now, &any,
		 err)) != UADM_OK ||
	    (c = write_rows(u, e, ch.now.wall, err)) != UADM_OK)
		return c;
	return txn_commit(&ch.txn, err);
}

enum uadm_code
op_end(struct uadm *u, struct ending *e, struct uadm_err *err)
{
	struct asking a = { u, e, false };
	CHANGE hold = { 0 };
	size_t first_note = e->job.note_count;
	enum uadm_code c = make_job(e, e->done, &a, err);

	if (c != UADM_OK) {
		free_job(e);
		return c;
	}
	change_hold(&hold); /* ^C between two rounds would leave half of it running */
	c = processes_end(&e->job, err);
	free_job(e);
	if (count_ended(e, first_note) && c == UADM_OK && !u->dry_run)
		c = record(u, e, err);
	e->done = e->count;
	return c;
}

void
op_end_watch(struct ending *e, const char *conf, const char *actor)
{
	UADM u = { 0 };
	struct uadm_err ignored;
	struct asking a = { &u, e, true };
	size_t first_note = e->job.note_count;
	enum uadm_code c;

	if (uadm_open(&u, conf, &ignored) != UADM_OK)
		store_close(&u.store);
	snprintf(u.actor, sizeof(u.actor), "%s", actor);
	e->done = 0; /* all of them again, with nothing counted yet */
	for (size_t i = 0; i < e->count; i++)
		e->users[i].ended = e->users[i].alive = 0;
	if (make_job(e, 0, &a, &ignored) != UADM_OK) {
		free_job(e);
		return;
	}
	c = processes_watch(&e->job, &ignored);
	free_job(e);
	/* What was ended is on record also when the watch itself has come to a bad end. */
	if (count_ended(e, first_note) && u.store != NULL)
		c = record(&u, e, &ignored);
	(void)c; /* there is nobody to tell */
}
