/*
 * ending.c - see ending.h.
 *
 * Threat, from both sides. A user who is suspended keeps a foot in the door: a shell whose su is
 * gone, a root shell by sudo, a job in another user's name. And an administrator who once
 * restarted sshd by sudo is suspended: on a host without systemd that sshd has the
 * administrator's login uid, and ending it would lock everybody out.
 *
 * So whatever runs with the user's own ids ends, and so does what only came from the user's
 * login, unless it is root's and was a daemon before anything was ended: a child of init, alone in
 * its session, without a terminal, and on a host with systemd in a service. Afterwards that says
 * nothing, for a root shell looks the same once the shell below it is gone.
 *
 * Threat: a root process that is about to serve the user, sshd's at its pam_open_session(), has the
 * login uid before our module can answer. Killed it would tell the client nothing and leave its own
 * books open. It gets its refusal; one that goes on nevertheless takes the user's ids, and ends by
 * those. sudo is no way around that: it has the user's real uid until it was let through, and what
 * was let through before was there at the first look.
 */
#include "libuadm/policy/ending.h"

#include "libuadm/policy/login.h"

bool
policy_user_may_run(const struct user *u, int64_t now)
{
	if (policy_principal(u, now) != LOGIN_FINE ||
	    (u->suspended_at != 0 && !u->keep_sessions))
		return false;
	if (u->valid_from != 0 && now < u->valid_from)
		return false;
	return u->expires_at == 0 || now < u->expires_at;
}

/* A process that root owns and that may be root again whenever it likes: sudo's has the user's real
 * uid, and what a setuid program or a setuid shell makes has a real or a saved one. */
static bool
is_roots(const struct process_facts *f)
{
	return f->real == 0 && f->saved == 0;
}

static bool
acts_as(const struct process_facts *f, uid_t uid)
{
	return f->effective == uid || f->fs == uid;
}

bool
policy_process_runs_as(const struct process_facts *f, uid_t uid)
{
	return f->real == uid || f->saved == uid || (acts_as(f, uid) && !is_roots(f));
}

static bool
is_daemon(const struct process_facts *f)
{
	return is_roots(f) && f->first_look && f->parent == 1 && f->session == f->pid &&
	    !f->has_terminal && (!f->systemd || f->in_service);
}

enum process_fate
policy_process(const struct process_facts *f, uid_t uid)
{
	bool came_from = f->login == uid;

	if (uid == 0 || uid == PROCESS_NO_LOGIN || f->pid <= 1 || f->kernel)
		return PROCESS_OTHERS;
	if (!policy_process_runs_as(f, uid) && !came_from && !f->leads)
		return PROCESS_OTHERS;
	if (f->is_ours && !is_daemon(f))
		return PROCESS_OWN;
	if (f->in_ours)
		return PROCESS_OWN;
	if (policy_process_runs_as(f, uid))
		return PROCESS_END;
	if (f->arriving)
		return PROCESS_OTHERS;
	if (f->is_uadmd && is_roots(f))
		return PROCESS_HELPER;
	if (is_daemon(f))
		return PROCESS_DAEMON;
	/* The workers of a daemon that is spared are not the user's either. */
	if (f->parent_spared && !acts_as(f, uid) && !f->leads)
		return PROCESS_HELPER;
	return PROCESS_END;
}
