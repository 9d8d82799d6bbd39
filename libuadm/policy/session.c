#include "libuadm/policy/session.h"

#include "libuadm/base/cleanup.h"

#include <string.h>

static const struct {
	const char *service;
	enum session_kind kind;
} services[] = {
	{ "atd", SESSION_JOB },
	{ "cron", SESSION_JOB },
	{ "crond", SESSION_JOB },
	{ "doas", SESSION_SWITCH },
	{ "polkit-1", SESSION_SWITCH },
	{ "runuser", SESSION_SWITCH },
	{ "runuser-l", SESSION_SWITCH },
	{ "su", SESSION_SWITCH },
	{ "su-l", SESSION_SWITCH },
	{ "sudo", SESSION_SWITCH },
	{ "sudo-i", SESSION_SWITCH },
	{ "systemd-run0", SESSION_SWITCH },
	{ "systemd-user", SESSION_MANAGER },
};

enum session_kind
policy_session_kind(const char *service)
{
	for (size_t i = 0; i < ARRAY_LEN(services); i++)
		if (strcmp(service, services[i].service) == 0)
			return services[i].kind;
	return SESSION_LOGIN;
}

const char *
policy_session_kind_word(enum session_kind kind)
{
	static const char *const words[SESSION_KINDS] = {
		[SESSION_LOGIN] = "login",
		[SESSION_SWITCH] = "switch",
		[SESSION_JOB] = "job",
		[SESSION_MANAGER] = "manager",
	};

	return (size_t)kind < ARRAY_LEN(words) ? words[kind] : words[SESSION_LOGIN];
}

bool
policy_session_admits(const struct policy *p, enum session_kind kind, int64_t logins)
{
	return kind != SESSION_LOGIN || p->max_sessions == 0 ||
	    logins < p->max_sessions;
}
