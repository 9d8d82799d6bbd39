/*
 * status_binding.c - what the host and its PAM services are bound to.
 *
 * Threat: a name in a file that is no account, or one that was suspended since: nobody of ours gets in by
 * it, and who is kept out by a service is let in as far as the store alone can tell.
 */
#include "libuadm/base/names.h"
#include "libuadm/ops/login.h"
#include "libuadm/ops/show.h"
#include "libuadm/ops/status_parts.h"
#include "libuadm/store/accounts.h"

#include <stdlib.h>
#include <string.h>

enum { BOUNDS_MOST = 16, SERVICES_SAID = 4, SAID_SIZE = 160 };

/* Services that have the same account=. */
struct bound {
	char names[PAM_BOUND_SIZE];
	char services[SERVICES_SAID * 40];
	char last[64];
	size_t count;
};

struct bounds {
	struct bound at[BOUNDS_MOST];
	size_t count;
};

static void
join(char *out, size_t size, const char *between, const char *word)
{
	size_t used = strlen(out);

	snprintf(out + used, size - used, "%s%s", used > 0 ? between : "", word);
}

/* Of one service: several of its lines may say the same. */
static void
note(struct bounds *b, const char *service, const char *names, size_t len)
{
	char shown[40];
	struct bound *at;
	size_t i = 0;

	while (i < b->count &&
	    (strlen(b->at[i].names) != len || strncmp(b->at[i].names, names, len) != 0))
		i++;
	if (i == BOUNDS_MOST)
		return;
	at = &b->at[i];
	if (i == b->count) {
		b->count++;
		snprintf(at->names, sizeof(at->names), "%.*s", (int)len, names);
	}
	if (strcmp(at->last, service) == 0)
		return;
	snprintf(at->last, sizeof(at->last), "%s", service);
	if (at->count++ < SERVICES_SAID)
		join(at->services, sizeof(at->services), ", ",
		    text_escape(shown, sizeof(shown), service));
}

/* Of the phases that decide who gets in. */
static void
collect(void *arg, const char *service, const struct pam_outcome phases[PAM_PHASES])
{
	for (int p = PAM_PHASE_AUTH; p <= PAM_PHASE_SESSION; p++)
		for (const char *w = phases[p].bound; *w != '\0';) {
			const size_t len = strcspn(w, " ");

			note(arg, service, w, len);
			w += len + (w[len] == ' ');
		}
}

/* Who gets in by these names, and what is wrong with the others: "gamma, which is no account". */
static void
sort_names(struct uadm *u, const char *names, char good[SAID_SIZE], char bad[SAID_SIZE])
{
	char name[PAM_BOUND_SIZE], shown[80], line[120];

	good[0] = bad[0] = '\0';
	for (size_t len; *names != '\0'; names += len + (names[len] == ',')) {
		struct uadm_err ignored;
		struct account a;
		bool known;

		len = strcspn(names, ",");
		snprintf(name, sizeof(name), "%.*s", (int)len, names);
		text_escape(shown, sizeof(shown), name);
		known = accounts_get(u->store, name, &a, &ignored) == UADM_OK;
		if (known && a.suspended_at == 0) {
			join(good, SAID_SIZE, ",", shown);
			continue;
		}
		snprintf(line, sizeof(line), "%s, which is %s", shown,
		    known ? "suspended" : "no account");
		join(bad, SAID_SIZE, ", and ", line);
	}
}

/* `who`: "this host is", "su, sudo are". */
static void
tell_names(struct telling *t, struct uadm *u, const char *who, const char *names,
    const char *mend)
{
	char good[SAID_SIZE], bad[SAID_SIZE];

	sort_names(u, names, good, bad);
	if (bad[0] == '\0')
		tell_finding(t, FINDING_FINE, "binding", "",
		    "%s for the members of %s alone", who, good);
	else if (good[0] == '\0')
		tell_finding(t, FINDING_WARN, "binding", mend,
		    "%s for the members of %s: nobody of ours gets in", who, bad);
	else
		tell_finding(t, FINDING_WARN, "binding", mend,
		    "%s for the members of %s alone; nobody gets in by %s", who, good,
		    bad);
}

void
status_binding(struct telling *t, struct uadm *u)
{
	struct bounds *b = calloc(1, sizeof(*b));
	char who[SERVICES_SAID * 40 + 60];

	if (b == NULL || u->store == NULL) {
		free(b);
		return;
	}
	if (u->config.access_accounts[0] != '\0')
		tell_names(t, u, "this host is", u->config.access_accounts,
		    "uadmctl account list; [access] accounts in uadm.conf");
	services_each(collect, b);
	for (size_t i = 0; i < b->count; i++) {
		const struct bound *at = &b->at[i];

		if (at->count > SERVICES_SAID)
			snprintf(who, sizeof(who), "%s and %zu more are", at->services,
			    at->count - SERVICES_SAID);
		else
			snprintf(who, sizeof(who), "%s %s", at->services,
			    at->count == 1 ? "is" : "are");
		tell_names(t, u, who, at->names,
		    "uadmctl account list; account= of pam_uadm.so in /etc/pam.d");
	}
	free(b);
}

struct asking {
	struct uadm *u;
	const struct user *user;
	char *out;
	size_t size;
};

static void
ask(void *arg, const char *service, const struct pam_outcome phases[PAM_PHASES])
{
	struct asking *k = arg;
	char names[PAM_BOUND_SIZE], shown[80];
	bool elsewhere = false;

	for (int p = PAM_PHASE_AUTH; p <= PAM_PHASE_SESSION && !elsewhere; p++)
		for (const char *w = phases[p].bound; *w != '\0' && !elsewhere;) {
			const size_t len = strcspn(w, " ");
			struct uadm_err ignored;

			snprintf(names, sizeof(names), "%.*s", (int)len, w);
			/* What cannot be read binds. */
			if (op_login_elsewhere(
				k->u, names, k->user, &elsewhere, &ignored) != UADM_OK)
				elsewhere = true;
			w += len + (w[len] == ' ');
		}
	if (elsewhere)
		join(k->out, k->size, ",", text_escape(shown, sizeof(shown), service));
}

void
op_services_that_refuse(struct uadm *u, const struct user *user, char *out, size_t size)
{
	*out = '\0';
	services_each(
	    ask, &(struct asking){ .u = u, .user = user, .out = out, .size = size });
}
