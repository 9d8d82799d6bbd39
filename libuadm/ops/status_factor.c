/*
 * status_factor.c - of host status: would codes be asked for, and sent?
 *
 * Threat: a list of services with a name that is none: what is required is asked for nowhere, and a
 * password alone gets in.
 */
#include "libuadm/base/cleanup.h"
#include "libuadm/base/names.h"
#include "libuadm/config/config.h"
#include "libuadm/ops/sms.h"
#include "libuadm/ops/status_parts.h"
#include "libuadm/store/factors.h"

#include <string.h>

enum { SAID_SIZE = 512 };

static void
status_sms(struct telling *t, const struct uadm *u)
{
	struct sms_program p;
	struct uadm_err err = { 0 };

	if (u->config.sms_command[0] == '\0')
		return;
	if (sms_open(&u->config, &p, &err) == UADM_OK) {
		tell_finding(
		    t, FINDING_FINE, "sms", "", "codes are sent by %s", p.argv[0]);
		cleanup_fd(&p.fd);
		return;
	}
	tell_finding(t, FINDING_WARN, "sms",
	    "[sms] in uadm.conf(5) has to name a program of root's",
	    "no code can be sent: %s", err.msg);
}

struct listed {
	const char *names;
	char there[SAID_SIZE]; /* those of them that are services here */
	bool any;
};

static void
add(char *out, const char *word, size_t len)
{
	size_t used = strlen(out);

	snprintf(out + used, SAID_SIZE - used, "%s%.*s", used > 0 ? "," : "", (int)len,
	    word);
}

static void
look(void *arg, const char *service, const struct pam_outcome phases[PAM_PHASES])
{
	struct listed *l = arg;

	(void)phases;
	if (!service_is_listed(l->names, service))
		return;
	l->any = true;
	if (!service_is_listed(l->there, service))
		add(l->there, service, strlen(service));
}

static void
list_strange(const struct listed *l, char out[SAID_SIZE])
{
	char name[80];

	out[0] = '\0';
	for (const char *w = l->names; *w != '\0';) {
		const size_t len = strcspn(w, ",");

		snprintf(name, sizeof(name), "%.*s", (int)len, w);
		if (!service_is_listed(l->there, name))
			add(out, w, len);
		w += len + (w[len] == ',');
	}
}

static void
status_services(struct telling *t, const struct uadm *u)
{
	static const char mend[] = "[factor] services in uadm.conf(5)";
	struct listed l = { .names = u->config.factor_services };
	char strange[SAID_SIZE];
	struct config shipped;

	config_defaults(&shipped);
	services_each(look, &l);
	list_strange(&l, strange);
	if (!l.any)
		tell_finding(t, FINDING_WARN, "factor", mend,
		    "no code is asked for anywhere: no service here is called %s",
		    strange);
	else if (strcmp(l.names, "*") != 0 &&
	    strcmp(l.names, shipped.factor_services) != 0 && strange[0] != '\0')
		tell_finding(t, FINDING_WARN, "factor", mend,
		    "codes are asked for by %s, and no service here is called %s",
		    l.there, strange);
	else
		tell_finding(t, FINDING_FINE, "factor", "", "codes are asked for by %s",
		    strcmp(l.names, "*") == 0 ? "every service" : l.there);
}

bool
status_factors_due(struct uadm *u)
{
	struct uadm_err ignored;
	bool due = false;

	return u->store != NULL &&
	    factors_may_be_due(u->store, &due, &ignored) == UADM_OK && due;
}

void
status_factor(struct telling *t, struct uadm *u)
{
	if (u->store == NULL)
		return;
	status_sms(t, u);
	if (status_factors_due(u))
		status_services(t, u);
}
