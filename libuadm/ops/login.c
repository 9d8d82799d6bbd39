/*
 * login.c - everything about a login but the password check: whose a name is, the verdict again
 * for those who need no password, and sessions.
 *
 * Threat: key logins, cron and at never see auth, and sudo's account phase is about the caller.
 * So the verdict is asked for again in account and when a session opens, from the store as it
 * is then.
 */
#include "libuadm/ops/login.h"

#include "libuadm/base/names.h"
#include "libuadm/base/paths.h"
#include "libuadm/directory/reader.h"
#include "libuadm/ops/home.h"
#include "libuadm/store/numbers.h"
#include "libuadm/store/sessions.h"

#include <fcntl.h>
#include <pwd.h>
#include <string.h>

/* sshd's LoginGraceTime is two minutes; so is what login(1) and others allow, or less. */
enum { PROOF_KEEP_MS = 600000, NAME_REST_SECS = 180 };

/* A name that our own published file shows is ours, store or no store. */
static bool
we_show(const char *name)
{
	struct directory_view v;
	struct directory_entry e;
	bool shown;

	if (directory_open(&v) != 0)
		return false;
	shown = directory_by_name(&v, name, &e) == DIRECTORY_FOUND && e.user;
	directory_close(&v);
	return shown;
}

bool
login_is_others(const char *name, const struct config *cf)
{
	const struct passwd *pw = getpwnam(name);

	return pw != NULL && !we_show(name) &&
	    (pw->pw_uid < cf->uid_min || pw->pw_uid > cf->uid_max);
}

/* Another source's is who carries a number that was never ours. A cache (nscd) or a file that is
 * just being replaced may still show a user whom the store has not any more: that one is
 * nobody. */
static bool
is_others(struct uadm *u, const char *name)
{
	bool ours_before = we_show(name);
	const struct passwd *pw = getpwnam(name);
	struct uadm_err ignored;

	return pw != NULL && !ours_before && !we_show(name) &&
	    number_is_free(u->store, pw->pw_uid, &ignored) == UADM_OK;
}

enum uadm_code
op_login_whose(struct uadm *u, const char *name, enum login_whose *whose,
    struct user *user, struct uadm_err *err)
{
	enum uadm_code c = users_get(u->store, name, user, err);

	*whose = LOGIN_NOBODYS;
	if (c == UADM_OK)
		*whose = LOGIN_OURS;
	else if (c == UADM_NOT_FOUND && is_others(u, name))
		*whose = LOGIN_OTHERS;
	return c == UADM_NOT_FOUND ? UADM_OK : c;
}

bool
process_look(struct process *p)
{
	char path[40], text[512], state;
	CLEANUP(cleanup_fd) int fd = -1;
	const char *after;
	long long start;
	int parent;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)p->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || (n = read(fd, text, sizeof(text) - 1)) <= 0)
		return false;
	text[n] = '\0';
	/* The name in parentheses may contain anything: the last one ends it. proc(5), field 3
	 * is the state, 4 the parent, 22 the start. */
	after = strrchr(text, ')');
	if (after == NULL ||
	    sscanf(after + 1,
		" %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d "
		"%*d %lld",
		&state, &parent, &start) != 3)
		return false;
	p->parent = parent;
	p->start = start;
	return state != 'Z' && state != 'X';
}

/* Did this process, its child that did the talking, or the parent that forked it for the
 * session prove the password a moment ago? */
static enum uadm_code
came_by_password(struct uadm *u, const struct login_request *r, const struct user *user,
    bool *yes, struct uadm_err *err)
{
	struct process parent = { .pid = r->host.parent };
	struct clock_now now;
	int64_t steady;
	enum uadm_code c;

	process_look(&parent);
	clock_read(&now);
	if ((c = store_steady(u->store, &now, &steady, err)) != UADM_OK)
		return c;
	return proofs_find(
	    u->store, &r->host, &parent, user->uid, steady - PROOF_KEEP_MS, yes, err);
}

/* A login that began before its user was deleted and another was made of the same name carries
 * the old number into the session. The host's own copy of it cannot be asked, so the name is
 * refused while such a login may still be under way; and while a cache shows another number. */
enum uadm_code
op_login_name_moved(struct uadm *u, const struct user *user, bool ask_nss, bool *moved,
    struct uadm_err *err)
{
	const struct passwd *pw = ask_nss ? getpwnam(user->name) : NULL;
	struct clock_now now;
	int64_t left = 0;
	enum uadm_code c;

	clock_read(&now);
	c = number_last_left(u->store, user->name, user->uid, &left, err);
	*moved = c != UADM_OK || (pw != NULL && pw->pw_uid != user->uid) ||
	    (left != 0 && now.wall >= left && now.wall - left < NAME_REST_SECS);
	return c;
}

static enum uadm_code
judge(struct uadm *u, const struct login_request *r, const struct user *user,
    enum login_phase phase, struct login_answer *answer, struct uadm_err *err)
{
	struct login_facts f = { .user = user, .phase = phase };
	struct clock_now now;
	enum uadm_code c = came_by_password(u, r, user, &f.by_password, err);

	if (c == UADM_OK)
		c = op_login_name_moved(
		    u, user, phase == LOGIN_SESSION, &f.name_moved, err);
	clock_read(&now);
	f.now = now.wall;
	*answer = (struct login_answer){ 0 };
	if (c == UADM_OK)
		*answer = policy_login(&f);
	return c;
}

enum uadm_code
op_login_account(struct uadm *u, const struct login_request *r, const struct user *user,
    struct login_answer *answer, struct uadm_err *err)
{
	return judge(u, r, user, LOGIN_ACCOUNT, answer, err);
}

bool
login_leader_lives(void *arg, const struct session *s)
{
	const struct clock_now *now = arg;
	struct process p = { .pid = s->leader };

	return strcmp(now->boot_id, s->boot_id) == 0 && process_look(&p) &&
	    p.start == s->leader_start;
}

static enum uadm_code
record_session(struct uadm *u, const struct login_request *r, const struct user *user,
    struct last_login *before, struct uadm_err *err)
{
	struct session s = {
		.uid = user->uid, .leader = r->host.pid, .leader_start = r->host.start
	};
	char detail[700], service[200], rhost[400];
	CHANGE ch = { 0 };
	enum uadm_code c;

	if ((c = change_begin(&ch, u, err)) != UADM_OK)
		return c;
	snprintf(s.service, sizeof(s.service), "%s", r->service);
	snprintf(s.tty, sizeof(s.tty), "%s", r->tty);
	snprintf(s.source, sizeof(s.source), "%s", r->rhost);
	snprintf(s.boot_id, sizeof(s.boot_id), "%s", ch.now.boot_id);
	s.opened_at = ch.now.wall;
	if ((c = sessions_reap(
		 u->store, ch.now.wall, login_leader_lives, &ch.now, err)) != UADM_OK ||
	    (c = users_last_login(u->store, user->uid, before, err)) != UADM_OK ||
	    (c = users_set_last_login(u->store, user->uid, ch.now.wall, r->service,
		 r->rhost, err)) != UADM_OK ||
	    (c = sessions_open(u->store, &s, err)) != UADM_OK)
		return c;
	text_escape_word(service, sizeof(service), r->service);
	text_escape_word(rhost, sizeof(rhost), r->rhost);
	snprintf(detail, sizeof(detail), "service=%s%s%s", service,
	    rhost[0] != '\0' ? " from=" : "", rhost);
	return change_commit(&ch, u, "session.open", user->name, detail, false, err);
}

/* A home that cannot be made is told, and does not keep anybody out. */
static void
provide_home(struct uadm *u, const struct user *user, struct session_opened *s)
{
	struct uadm_err err = { 0 };

	if (home_create(user->home, user->uid, (gid_t)user->uid, u->config.home_skel,
		0700, &s->home_made, &err) != UADM_OK)
		snprintf(s->home_problem, sizeof(s->home_problem), "%.250s", err.msg);
}

/* A crash may have fallen between somebody's commit and the publishing. Where this fails the next
 * one tries again: the login at hand is decided. */
static void
catch_up(struct uadm *u)
{
	struct uadm_err ignored;
	bool published;

	if (op_publish(u, false, &published, &ignored) != UADM_OK)
		return;
}

enum uadm_code
op_login_open(struct uadm *u, const struct login_request *r, const struct user *user,
    struct session_opened *s, struct uadm_err *err)
{
	enum uadm_code c;

	memset(s, 0, sizeof(*s));
	if ((c = judge(u, r, user, LOGIN_SESSION, &s->answer, err)) != UADM_OK ||
	    s->answer.verdict != LOGIN_ALLOW)
		return c;
	if ((c = record_session(u, r, user, &s->before, err)) != UADM_OK)
		return c;
	provide_home(u, user, s);
	catch_up(u);
	return UADM_OK;
}

enum uadm_code
op_login_close(struct uadm *u, const struct login_request *r, const struct user *user,
    struct uadm_err *err)
{
	CHANGE ch = { 0 };
	bool closed;
	enum uadm_code c;

	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = sessions_close(u->store, user->uid, r->host.pid, r->service,
		 ch.now.wall, &closed, err)) != UADM_OK)
		return c;
	return txn_commit(&ch.txn, err);
}

enum uadm_code
op_login_verifier(
    struct uadm *u, const struct user *user, struct verifier *v, struct uadm_err *err)
{
	bool found;

	return users_verifier(u->store, user->uid, v, &found, err);
}

enum uadm_code
op_login_set_password(struct uadm *u, const struct user *user,
    const struct verifier *was, const struct secret *pw, struct uadm_err *err)
{
	CHANGE ch = { 0 };
	struct verifier v = { 0 }, now_set = { 0 };
	struct user current;
	bool found;
	enum uadm_code c;

	if ((c = pwhash_make(&v, pw, uadm_hash_cost(u), err)) != UADM_OK ||
	    (c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = users_get(u->store, user->name, &current, err)) != UADM_OK)
		return c;
	if (current.uid != user->uid ||
	    (c = users_verifier(u->store, user->uid, &now_set, &found, err)) !=
		UADM_OK ||
	    strcmp(now_set.text, was->text) != 0)
		return c != UADM_OK
		    ? c
		    : uadm_fail(err, UADM_BUSY, "the password was changed meanwhile");
	current.must_change = false;
	if ((c = users_update(u->store, &current, err)) != UADM_OK ||
	    (c = users_set_verifier(u->store, user->uid, &v, ch.now.wall, err)) !=
		UADM_OK)
		return c;
	explicit_bzero(&v, sizeof(v));
	explicit_bzero(&now_set, sizeof(now_set));
	snprintf(u->actor, sizeof(u->actor), "%s", user->name);
	return change_commit(
	    &ch, u, "user.change-password", user->name, NULL, false, err);
}
