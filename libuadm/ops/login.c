/*
 * login.c - everything about a login but the password check: whose a name is, the verdict again
 * for those who need no password, and sessions.
 *
 * Threat: key logins, cron and at never see auth, and sudo's account phase is about the caller.
 * So the verdict is asked for again in account and when a session opens, from the store as it
 * is then.
 *
 * Threat: whoever is not in the store is looked for in all that this host takes users from, which
 * takes its time before the prompt. So a user of ours pays for a search that finds nobody.
 */
#include "libuadm/ops/login.h"

#include "libuadm/base/names.h"
#include "libuadm/base/paths.h"
#include "libuadm/directory/reader.h"
#include "libuadm/ops/codes.h"
#include "libuadm/ops/factor.h"
#include "libuadm/ops/home.h"
#include "libuadm/ops/policy_of.h"
#include "libuadm/ops/sessions.h"
#include "libuadm/ops/show.h"
#include "libuadm/policy/session.h"
#include "libuadm/store/accounts.h"
#include "libuadm/store/numbers.h"
#include "libuadm/store/sessions.h"

#include <fcntl.h>
#include <pwd.h>
#include <string.h>

/* sshd's LoginGraceTime is two minutes; so is what login(1) and others allow, or less. */
enum { NAME_REST_SECS = 180 };

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

void
op_login_search_in_vain(struct uadm *u, const char *name)
{
	char nobody[24];

	/* Always the same for a name, or caches would tell. */
	snprintf(nobody, sizeof(nobody), "nobody-%08x",
	    (unsigned)key_bucket(&u->buckets, name, UINT32_MAX));
	(void)is_others(u, nobody);
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
    const struct policy *p, struct proof_kind *how, struct uadm_err *err)
{
	struct process parent = { .pid = r->host.parent };
	struct clock_now now;
	int64_t steady;
	enum uadm_code c;

	/* Who cannot be found out has come in by a password, where that means a change. */
	if ((r->host.start == 0 || (parent.pid > 0 && !process_look(&parent))) &&
	    (user->must_change || p->max_age != 0) && user->password_set)
		return uadm_fail(err, UADM_UNAVAILABLE, "cannot look at process %d",
		    (int)r->host.pid);
	clock_read(&now);
	if ((c = store_steady(u->store, &now, &steady, err)) != UADM_OK)
		return c;
	return proofs_find(
	    u->store, &r->host, &parent, user->uid, steady - now.boot_ms, how, err);
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
keep_lock(void *arg, const struct user_view *v, struct uadm_err *err)
{
	(void)err;
	*(bool *)arg = v->locked;
	return UADM_OK;
}

/* Looked up only where it can refuse: with lock-keys. As the lists show it, so that they agree. */
static enum uadm_code
is_locked(struct uadm *u, const struct user *user, const struct policy *p, bool *locked,
    struct uadm_err *err)
{
	const struct user_query q = { .name = user->name, .bare = true };

	*locked = false;
	return p->lock_keys == 0 ? UADM_OK : op_users(u, &q, keep_lock, locked, err);
}

/* Whose su(1) stands still for longer than a name rests has the number of before it all the same.
 * So where a name was somebody else's, the program must have begun after its user was made. */
static enum uadm_code
began_before(struct uadm *u, const struct login_request *r, const struct user *user,
    bool *before, struct uadm_err *err)
{
	int64_t left = 0, ticks = sysconf(_SC_CLK_TCK), age;
	struct clock_now now;
	enum uadm_code c =
	    number_last_left(u->store, user->name, user->uid, &left, err);

	clock_read(&now);
	age = now.boot_ms / 1000 - r->host.start / (ticks > 0 ? ticks : 100);
	*before = left != 0 && now.wall - age <= user->created_at;
	return c;
}

static enum uadm_code
is_bound_to_others(struct uadm *u, const char *accounts, const struct user *user,
    int64_t now, bool *others, struct uadm_err *err)
{
	bool has = true;
	enum uadm_code c = accounts[0] == '\0'
	    ? UADM_OK
	    : accounts_one_has(u->store, accounts, user->uid, now, &has, err);

	*others = c != UADM_OK || !has;
	return c;
}

enum uadm_code
op_login_elsewhere(struct uadm *u, const char *accounts, const struct user *user,
    bool *elsewhere, struct uadm_err *err)
{
	struct clock_now now;
	enum uadm_code c;

	clock_read(&now);
	c = is_bound_to_others(
	    u, u->config.access_accounts, user, now.wall, elsewhere, err);
	return c != UADM_OK || *elsewhere
	    ? c
	    : is_bound_to_others(u, accounts, user, now.wall, elsewhere, err);
}

/* All that the policy wants to know about this login; and the one that counts goes to *p. */
static enum uadm_code
gather(struct uadm *u, const struct login_request *r, const struct user *user,
    enum login_phase phase, struct login_facts *f, struct policy *p,
    struct uadm_err *err)
{
	char code[CODE_HASH_SIZE];
	bool before = false;
	struct proof_kind how = { 0 };
	struct clock_now now;
	enum uadm_code c;

	*f = (struct login_facts){ .user = user,
		.policy = p,
		.phase = phase,
		.for_services =
		    service_is_listed(u->config.access_services, r->service) };
	clock_read(&now);
	f->now = now.wall;
	if ((c = op_policy_of_uid(u, user->uid, p, err)) != UADM_OK ||
	    (c = came_by_password(u, r, user, p, &how, err)) != UADM_OK ||
	    (c = op_login_by_code(u, r, user, &f->by_code, code, err)) != UADM_OK ||
	    (c = op_login_name_moved(
		 u, user, phase == LOGIN_SESSION, &f->name_moved, err)) != UADM_OK ||
	    (c = began_before(u, r, user, &before, err)) != UADM_OK ||
	    (c = op_login_elsewhere(u, r->accounts, user, &f->elsewhere, err)) !=
		UADM_OK)
		return c;
	f->by_password = how.password;
	f->name_moved = f->name_moved || before;
	/* A session is opened by who asked in the account phase, perhaps in another process. */
	if (phase == LOGIN_ACCOUNT &&
	    (c = factor_of_key(u, r, user, how.factor, &f->factor_missing, err)) !=
		UADM_OK)
		return c;
	return is_locked(u, user, p, &f->locked, err);
}

enum uadm_code
op_login_account(struct uadm *u, const struct login_request *r, const struct user *user,
    struct login_answer *answer, struct uadm_err *err)
{
	struct login_facts f;
	struct policy p;
	enum uadm_code c = gather(u, r, user, LOGIN_ACCOUNT, &f, &p, err);

	*answer = (struct login_answer){ 0 };
	if (c == UADM_OK)
		*answer = policy_login(&f);
	return c;
}

bool
login_leader_lives(void *arg, const struct session *s)
{
	const struct clock_now *now = arg;
	struct process p = { .pid = s->leader };

	return strcmp(now->boot_id, s->boot_id) == 0 && process_look(&p) &&
	    p.start == s->leader_start;
}

/* A suspension that was committed since the facts were gathered has looked for sessions already,
 * and not found this one. */
static enum uadm_code
judge_again(struct uadm *u, const struct login_request *r, struct login_facts *f,
    struct policy *p, const struct clock_now *now, struct login_answer *answer,
    struct uadm_err *err)
{
	const uid_t uid = f->user->uid;
	struct user current;
	enum uadm_code c = users_get(u->store, f->user->name, &current, err);

	if (c == UADM_NOT_FOUND || (c == UADM_OK && current.uid != uid)) {
		*answer = (struct login_answer){ LOGIN_REFUSE, LOGIN_UNKNOWN };
		return UADM_OK;
	}
	if (c != UADM_OK || (c = op_policy_of_uid(u, uid, p, err)) != UADM_OK ||
	    (c = op_login_elsewhere(u, r->accounts, &current, &f->elsewhere, err)) !=
		UADM_OK)
		return c;
	f->user = &current;
	f->now = now->wall;
	*answer = policy_login(f);
	f->user = NULL;
	return UADM_OK;
}

/* A job, or su by root, is no login of a person's: it must not hide how long they have been away, nor
 * eat the failures that they are to be told of. A service identity has nothing else. */
static enum uadm_code
note_login(struct uadm *u, const struct login_request *r, const struct user *user,
    int64_t now, struct last_login *before, struct uadm_err *err)
{
	enum uadm_code c = users_last_login(u->store, user->uid, before, err);

	if (c != UADM_OK ||
	    (policy_session_kind(r->service) != SESSION_LOGIN &&
		user->kind != USER_SERVICE))
		return c;
	return users_set_last_login(
	    u->store, user->uid, now, r->service, r->rhost, err);
}

static enum uadm_code
record_session(struct uadm *u, const struct login_request *r, const struct user *user,
    struct login_facts *f, struct policy *p, struct session_opened *opened,
    struct uadm_err *err)
{
	struct session s = {
		.uid = user->uid, .leader = r->host.pid, .leader_start = r->host.start
	};
	char detail[700], service[200], rhost[400];
	bool admitted, reaped;
	CHANGE ch = { 0 };
	enum uadm_code c;

	if ((c = change_begin(&ch, u, err)) != UADM_OK ||
	    (c = judge_again(u, r, f, p, &ch.now, &opened->answer, err)) != UADM_OK ||
	    opened->answer.verdict != LOGIN_ALLOW)
		return c;
	snprintf(s.service, sizeof(s.service), "%s", r->service);
	/* Some say it as a path, the others, and what the kernel says later, do not. */
	snprintf(s.tty, sizeof(s.tty), "%s",
	    r->tty + (strncmp(r->tty, "/dev/", 5) == 0 ? 5 : 0));
	snprintf(s.source, sizeof(s.source), "%s", r->rhost);
	snprintf(s.boot_id, sizeof(s.boot_id), "%s", ch.now.boot_id);
	s.opened_at = ch.now.wall;
	if ((c = sessions_reap(u->store, ch.now.wall, login_leader_lives, &ch.now,
		 &reaped, err)) != UADM_OK ||
	    (c = session_admit(u, p, user->uid, r->service, &admitted, err)) != UADM_OK)
		return c;
	if (!admitted) {
		opened->answer =
		    (struct login_answer){ LOGIN_REFUSE, LOGIN_SESSIONS_FULL };
		return UADM_OK;
	}
	if ((c = note_login(u, r, user, ch.now.wall, &opened->before, err)) !=
		UADM_OK ||
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

void
op_login_catch_up(struct uadm *u)
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

	struct login_facts f;
	struct policy p;

	memset(s, 0, sizeof(*s));
	if ((c = gather(u, r, user, LOGIN_SESSION, &f, &p, err)) != UADM_OK)
		return c;
	s->answer = policy_login(&f);
	if (s->answer.verdict != LOGIN_ALLOW)
		return c;
	if ((c = record_session(u, r, user, &f, &p, s, err)) != UADM_OK ||
	    s->answer.verdict != LOGIN_ALLOW)
		return c;
	provide_home(u, user, s);
	op_login_catch_up(u);
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
