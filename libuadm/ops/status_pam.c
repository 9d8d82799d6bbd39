/*
 * status_pam.c - each service of /etc/pam.d. libpam takes any file there for a service, and what
 * a distribution ships in /usr/lib/pam.d where /etc has none of that name.
 */
#include "libuadm/base/files.h"
#include "libuadm/base/names.h"
#include "libuadm/base/paths.h"
#include "libuadm/ops/status_parts.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>

enum { FILE_CAP = 256 * 1024, SERVICES_MOST = 512 };

static const char *const dirs[] = { UADM_ROOT "/etc/pam.d",
	UADM_ROOT "/usr/lib/pam.d" };

/* Whatever owner and mode: libpam does not look at them, and the other findings do. Debian's libpam
 * takes what is included from /etc alone, and the first file that is there, whatever is in it. */
static char *
read_service(void *arg, const char *name, bool is_included)
{
	const size_t places = is_included || name[0] == '/' ? 1 : ARRAY_LEN(dirs);
	char path[512], *text = NULL;
	struct uadm_err ignored;
	size_t size;

	(void)arg;
	for (size_t i = 0; i < places; i++) {
		CLEANUP(cleanup_fd) int fd = -1;
		int n = snprintf(path, sizeof(path), "%s%s%s",
		    name[0] == '/' ? "" : dirs[i], name[0] == '/' ? "" : "/", name);

		if (n < 0 || (size_t)n >= sizeof(path))
			return NULL;
		fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (files_read(fd, FILE_CAP, path, &text, &size, &ignored) == UADM_OK &&
		    strlen(text) == size)
			return text;
		free(text);
		return NULL;
	}
	return NULL;
}

/* What is a part of services, or left over by an editor or by dpkg. */
static bool
is_service(const char *name)
{
	static const char *const ends[] = { "~", ".bak", ".orig", ".swp" };
	size_t n = strlen(name);

	if (name[0] == '.' || name[0] == '#' || strncmp(name, "common-", 7) == 0 ||
	    strstr(name, ".dpkg-") != NULL || strstr(name, ".ucf-") != NULL)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (n > strlen(ends[i]) &&
		    strcmp(name + n - strlen(ends[i]), ends[i]) == 0)
			return false;
	return true;
}

struct names {
	char at[SERVICES_MOST][SERVICE_SIZE];
	size_t count;
	bool too_many;
};

static int
by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void
list(const char *path, struct names *n)
{
	DIR *d = opendir(path);

	for (struct dirent *e = d == NULL ? NULL : readdir(d); e != NULL;
	     e = readdir(d)) {
		bool known = false;

		for (size_t i = 0; i < n->count; i++)
			known = known || strcmp(n->at[i], e->d_name) == 0;
		if (known || !is_service(e->d_name))
			continue;
		if (n->count == SERVICES_MOST || strlen(e->d_name) >= sizeof(n->at[0]))
			n->too_many = true;
		else
			snprintf(n->at[n->count++], sizeof(n->at[0]), "%s", e->d_name);
	}
	if (d != NULL)
		closedir(d);
}

/* Programs that root alone runs, or that ask auth before anything else: where that lets in only
 * root, they let in nobody. All others (cron, sshd with keys, systemd-user) may pass it by. */
static bool
is_for_root(const struct pam_service *s)
{
	static const char *const names[] = { "runuser", "runuser-l", "chpasswd",
		"newusers", "chfn", "chsh" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(s->name, names[i]) == 0)
			return s->phases[PAM_PHASE_AUTH].verdict == PAM_CLOSED;
	return false;
}

static enum finding_level
level_of(const struct pam_service *s, int phase)
{
	const enum pam_verdict v = s->phases[phase].verdict;

	if (v == PAM_DECIDED || v == PAM_CLOSED)
		return FINDING_FINE;
	if (phase == PAM_PHASE_PASSWORD)
		return FINDING_WARN;
	return is_for_root(s) && v != PAM_BROKEN ? FINDING_NOTE : FINDING_BAD;
}

static enum finding_level
judge(const struct pam_service *s)
{
	enum finding_level level = FINDING_FINE;

	for (int p = 0; p < PAM_PHASES; p++)
		if (level_of(s, p) > level)
			level = level_of(s, p);
	return level;
}

/* A file that services include. What is wrong in it is wrong in all of them, and told once. */
struct part {
	const char *name;
	enum pam_phase phase;
	struct pam_outcome is;
	size_t count; /* services that have it from there */
	enum finding_level level;
};

static struct part parts[] = {
	{ .name = "common-auth", .phase = PAM_PHASE_AUTH },
	{ .name = "common-account", .phase = PAM_PHASE_ACCOUNT },
	{ .name = "common-session", .phase = PAM_PHASE_SESSION },
	{ .name = "common-session-noninteractive", .phase = PAM_PHASE_SESSION },
	{ .name = "common-password", .phase = PAM_PHASE_PASSWORD },
};

static void
look_at_parts(void)
{
	struct pam_outcome all[PAM_PHASES];

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		stack_look(read_service, NULL, parts[i].name, all);
		parts[i].is = all[parts[i].phase];
		parts[i].count = 0;
		parts[i].level = FINDING_FINE;
	}
}

/* The included file that says the same of this phase, with all of its modules; NULL: the service
 * has it from itself. */
static struct part *
from_part(const struct pam_outcome *o, enum pam_phase phase)
{
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (parts[i].phase == phase && parts[i].is.verdict == o->verdict &&
		    (o->verdict == PAM_BROKEN ? strcmp(parts[i].is.why, o->why) == 0
					      : parts[i].is.modules[0] != '\0' &&
				strstr(o->modules, parts[i].is.modules) != NULL))
			return &parts[i];
	return NULL;
}

static const char *
include_of(enum pam_phase phase)
{
	static const char *const words[PAM_PHASES] = { [PAM_PHASE_AUTH] = "common-auth",
		[PAM_PHASE_ACCOUNT] = "common-account",
		[PAM_PHASE_SESSION] = "common-session",
		[PAM_PHASE_PASSWORD] = "common-password" };

	return words[phase];
}

static void
tell_phase(struct telling *t, const char *name, const struct pam_service *s,
    enum pam_phase phase)
{
	const struct pam_outcome *o = &s->phases[phase];
	const enum finding_level level = level_of(s, (int)phase);
	char mend[200];

	if (o->why[0] == '\0') {
		snprintf(mend, sizeof(mend), "put \"@include %s\" into /etc/pam.d/%s",
		    include_of(phase), name);
		tell_finding(t, level, "pam", mend, "%s, %s: pam_uadm is not asked",
		    name, stack_phase_name(phase));
	} else {
		tell_finding(t, level, "pam",
		    "look at /etc/pam.d, then: uadmctl host status", "%s, %s: %s%s",
		    name, stack_phase_name(phase),
		    o->verdict == PAM_BROKEN
			? "cannot be followed, so nobody knows who decides: "
			: "",
		    o->why);
	}
}

/* That root's own tools do not ask us goes without saying. */
static bool
is_told(const struct pam_service *s, int phase)
{
	const enum finding_level level = level_of(s, phase);

	return level == FINDING_BAD ||
	    (level != FINDING_FINE && s->phases[phase].why[0] != '\0');
}

static void
tell(struct telling *t, const struct pam_service *s)
{
	char name[200];

	text_escape(name, sizeof(name), s->name);
	for (int p = 0; p < PAM_PHASES; p++) {
		const enum finding_level level = level_of(s, p);
		struct part *part;

		if (!is_told(s, p))
			continue;
		if ((part = from_part(&s->phases[p], (enum pam_phase)p)) == NULL) {
			tell_phase(t, name, s, (enum pam_phase)p);
			continue;
		}
		part->count++;
		if (level > part->level)
			part->level = level;
	}
}

/* That one of them does not ask us is said of the host, with what mends it. */
static void
tell_parts(struct telling *t, bool on)
{
	for (const struct part *p = parts; p < parts + ARRAY_LEN(parts); p++)
		if (p->count > 0 && (on || p->is.verdict != PAM_NOT_ASKED))
			tell_finding(t, p->level, "pam",
			    "take out of it what was put in by hand, or, to have it "
			    "written anew: pam-auth-update --force",
			    "%s, %s: %s (in %zu services)", p->name,
			    stack_phase_name(p->phase),
			    p->is.why[0] == '\0' ? "pam_uadm is not asked" : p->is.why,
			    p->count);
}

bool
services_each(void (*found)(void *arg, const char *service,
		  const struct pam_outcome phases[PAM_PHASES]),
    void *arg)
{
	struct names *n = calloc(1, sizeof(*n));
	bool all = n != NULL;

	for (size_t i = 0; n != NULL && i < ARRAY_LEN(dirs); i++)
		list(dirs[i], n);
	if (n != NULL)
		qsort(n->at, n->count, sizeof(n->at[0]), by_name);
	for (size_t i = 0; n != NULL && i < n->count; i++) {
		struct pam_outcome phases[PAM_PHASES];

		stack_look(read_service, NULL, n->at[i], phases);
		found(arg, n->at[i], phases);
	}
	all = all && !n->too_many;
	free(n);
	return all;
}

bool
service_is_here(const char *name, char near[SERVICE_SIZE])
{
	struct names *n = calloc(1, sizeof(*n));
	size_t best = name_distance_most(name) + 1;
	bool here = n == NULL;

	near[0] = '\0';
	for (size_t i = 0; n != NULL && i < ARRAY_LEN(dirs); i++)
		list(dirs[i], n);
	for (size_t i = 0; n != NULL && i < n->count; i++) {
		const size_t d = name_distance(name, n->at[i]);

		here = here || d == 0;
		if (d >= best)
			continue;
		best = d;
		memcpy(near, n->at[i], SERVICE_SIZE);
	}
	free(n);
	return here;
}

static void
tell_service(void *arg, const char *name, const struct pam_outcome phases[PAM_PHASES])
{
	struct telling *t = arg;
	struct pam_service s = { 0 };

	snprintf(s.name, sizeof(s.name), "%s", name);
	memcpy(s.phases, phases, sizeof(s.phases));
	s.level = judge(&s);
	if (s.level > *t->worst)
		*t->worst = s.level;
	t->sink->service(t->sink->arg, &s);
	tell(t, &s);
}

void
status_pam(struct telling *t, bool on)
{
	bool all;

	look_at_parts();
	all = services_each(tell_service, t);
	tell_parts(t, on);
	if (!all)
		tell_finding(t, FINDING_BAD, "pam", "",
		    "not every service of /etc/pam.d could be looked at");
}
