/*
 * Threat: a rule that everybody believes in and nobody is asked about. One letter too few in the list of
 * services, and a password alone lets in; an sshd that has no room for a code, and nobody gets in at all.
 * Both look like a policy that is set, until somebody logs in.
 */
#include "libuadm/ops/factor_ways.h"

#include "libuadm/base/names.h"
#include "libuadm/ops/factors.h"
#include "libuadm/ops/messenger.h"
#include "libuadm/ops/status_parts.h"
#include "libuadm/store/factors.h"

#include <stdarg.h>
#include <string.h>

struct looking {
	void (*found)(void *, const struct factor_trouble *);
	void *arg;
};

static void tell(const struct looking *l, enum finding_level level, const char *about,
    const char *mend, const char *fmt, ...) UADM_PRINTF(5, 6);

static void
tell(const struct looking *l, enum finding_level level, const char *about,
    const char *mend, const char *fmt, ...)
{
	struct factor_trouble f = { .level = level, .about = about, .mend = mend };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f.what, sizeof(f.what), fmt, ap);
	va_end(ap);
	l->found(l->arg, &f);
}

static bool
services_are_shipped(const struct uadm *u)
{
	struct config shipped;

	config_defaults(&shipped);
	return strcmp(shipped.factor_services, u->config.factor_services) == 0;
}

static void
look_at_name(const struct looking *l, bool shipped, const char *name,
    char there[sizeof(((struct config *)0)->factor_services)])
{
	char near[SERVICE_SIZE];
	const size_t used = strlen(there);

	if (service_is_here(name, near))
		snprintf(there + used,
		    sizeof(((struct config *)0)->factor_services) - used, "%s%s",
		    used > 0 ? "," : "", name);
	else if (
	    !shipped) /* of what is shipped it is no mistake that a host lacks some */
		tell(l, FINDING_WARN, "factor", "[factor] services in uadm.conf(5)",
		    "\"%s\" of [factor] services is no PAM service of this host%s%s%s",
		    name, near[0] != '\0' ? " (" : "", near,
		    near[0] != '\0' ? "?)" : "");
}

static void
look_at_services(const struct looking *l, const struct uadm *u, bool due)
{
	const bool shipped = services_are_shipped(u);
	const char *at = u->config.factor_services;
	char there[sizeof(u->config.factor_services)] = "";

	if (service_is_listed(at, "*")) {
		if (due)
			tell(l, FINDING_FINE, "factor", "",
			    "codes are asked for by every service");
		return;
	}
	for (size_t len; *at != '\0'; at += len + (at[len] == ',')) {
		char name[SERVICE_SIZE];

		len = strcspn(at, ",");
		snprintf(name, sizeof(name), "%.*s", (int)len, at);
		look_at_name(l, shipped, name, there);
	}
	if (due && there[0] == '\0')
		tell(l, FINDING_WARN, "factor", "[factor] services in uadm.conf(5)",
		    "a second factor is asked nowhere: [factor] services names no PAM service of this "
		    "host, and a password alone lets in");
	else if (due)
		tell(l, FINDING_FINE, "factor", "", "codes are asked for by %.300s",
		    there);
}

static void
look_at_messages(const struct looking *l, const struct uadm *u)
{
	struct messenger m = { .program = -1 };
	struct uadm_err err = { 0 };

	if (u->config.sms_command[0] == '\0')
		return;
	if (messenger_open(&u->config, &m, &err) != UADM_OK)
		tell(l, FINDING_WARN, "sms", "[sms] in uadm.conf(5)",
		    "no code can be sent: %.300s", err.msg);
	else
		tell(l, FINDING_FINE, "sms", "", "codes are sent by %.*s",
		    (int)strcspn(u->config.sms_command, " \t"), u->config.sms_command);
	cleanup_fd(&m.program);
}

/* sshd answers the second question of its password method with the password again. */
static void
look_at_sshd(const struct looking *l, const struct uadm *u, bool due)
{
	if (due && service_is_listed(u->config.factor_services, "sshd") &&
	    op_sshd_asks_no_code())
		tell(l, FINDING_WARN, "sshd",
		    "KbdInteractiveAuthentication yes in /etc/ssh/sshd_config",
		    "sshd has no room for a code: who needs a second factor is refused with the "
		    "right password, and cannot set one up");
}

void
op_factor_ways(struct uadm *u, bool due,
    void (*found)(void *arg, const struct factor_trouble *f), void *arg)
{
	const struct looking l = { found, arg };

	look_at_services(&l, u, due);
	look_at_messages(&l, u);
	look_at_sshd(&l, u, due);
}

static void
tell_trouble(void *arg, const struct factor_trouble *f)
{
	tell_finding(arg, f->level, f->about, f->mend, "%s", f->what);
}

void
status_factor(struct telling *t, struct uadm *u)
{
	struct uadm_err ignored;
	bool due = false;
	int64_t lost;

	if (u->store == NULL || factors_may_be_due(u->store, &due, &ignored) != UADM_OK)
		return;
	op_factor_ways(u, due, tell_trouble, t);
	if (op_factors_lost(u, &lost, &ignored) == UADM_OK && lost > 0)
		tell_command(t, FINDING_WARN, "factor", "uadmctl store check",
		    "%lld second factor%s sealed with another key, or damaged: no code of the app "
		    "is right",
		    (long long)lost, lost == 1 ? " was" : "s were");
}
