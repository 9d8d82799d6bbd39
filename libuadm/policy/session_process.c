/*
 * session_process.c - see session_process.h.
 *
 * Threat, from both sides. What was put into the background (nohup, setsid) would outlive its
 * session; so what is of it is told not by its terminal but by descent, by the login that the
 * kernel says it came from, and by the process session it was in. And an end that reaches too
 * far: su's session is one in another login, which must go on; who opened the session may serve
 * others, too; and a daemon that was restarted from the session is the host's (policy/ending.c).
 */
#include "libuadm/policy/session_process.h"

enum process_fate
policy_session_process(struct session_process_facts *f, uid_t uid)
{
	f->p.leads = false;
	if (f->before != PROCESS_OTHERS)
		return f->before;
	/* Whose the others are that it has below it nobody knows: the user's own ids tell. */
	if (f->leader_shared)
		return (f->below || f->in_group) && !f->is_leader &&
			policy_process_runs_as(&f->p, uid)
		    ? policy_process(&f->p, uid)
		    : PROCESS_OTHERS;
	if (!f->is_leader && !f->below && !f->in_group && !f->same_login)
		return PROCESS_OTHERS;
	f->p.leads = f->is_leader || f->below;
	return policy_process(&f->p, uid);
}

bool
policy_session_is_login(
    uint32_t leaders, uid_t leaders_login, uint32_t parents, uid_t uid)
{
	return leaders != 0 && leaders_login == uid && leaders != parents;
}
