/*
 * status_reach.c - may those who need a file reach it?
 *
 * Threat: a mode that somebody tightened in good faith, or that a copy or a umask left behind: every
 * file is there, every line is right, and no login or no lookup works. libpam and glibc open their
 * files as who asks, which is anybody, and go on without a word where they may not.
 */
#include "libuadm/base/paths.h"
#include "libuadm/ops/status_parts.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#define SECURITY_DIR UADM_ROOT UADM_LIBDIR "/security"
#define PAM_D        UADM_ROOT "/etc/pam.d"

#define LOGINS "no login of ours can be decided"
#define LOCKERS                                                                        \
	"programs that are not root, such as screen lockers, let nobody of ours in"
#define LOOKUPS "who is not root does not see our users"

static const struct reach {
	const char *path;
	mode_t
	    wanted;   /* bits that it must have; and x of all directories on the way: */
	bool all_may; /* ... for all, not only for root */
	bool looked_at;    /* host_has() looks at its owner and who may write */
	const char *else_; /* what happens otherwise */
} reached[] = {
	{ UADM_UADMD, 0100, false, true, LOGINS },
	{ SECURITY_DIR "/pam_uadm.so", 0444, true, true, LOCKERS },
	{ SECURITY_DIR "/pam_localuser.so", 0444, true, true, LOCKERS },
	{ UADM_ROOT UADM_LIBDIR "/libnss_uadm.so.2", 0444, true, true, LOOKUPS },
	{ UADM_DIRECTORY_FILE, 0444, true, false, LOOKUPS },
	{ UADM_ROOT "/etc/nsswitch.conf", 0444, true, false, LOOKUPS },
	{ PAM_D "/common-auth", 0444, true, false, LOCKERS },
	{ PAM_D "/common-account", 0444, true, false, LOCKERS },
	{ PAM_D "/common-session", 0444, true, false, LOCKERS },
	{ PAM_D "/common-password", 0444, true, false, LOCKERS },
	{ UADM_SOCKET, 0222, true, false, LOCKERS },
};

/* What a directory or file of ours must have more. false: said what is wrong. */
static bool
look(struct telling *t, const struct reach *r, const char *path, mode_t wanted,
    bool looked_at)
{
	char command[PATH_MAX + 40];
	struct stat st;

	if (stat(path, &st) != 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			tell_finding(t, FINDING_BAD, "access", "",
			    "%s cannot be looked at: %m", path);
		return errno == ENOENT || errno == ENOTDIR; /* others say so */
	}
	if ((st.st_mode & wanted) != wanted) {
		snprintf(command, sizeof(command), "chmod %s %s",
		    S_ISDIR(st.st_mode)  ? "a+x"
			: wanted == 0100 ? "0755"
			: wanted == 0222 ? "a+rw"
					 : "a+r",
		    path);
		tell_command(t, FINDING_BAD, "access", command, "%s has mode %04o: %s",
		    path, (unsigned)st.st_mode & 07777, r->else_);
		return false;
	}
	if (looked_at || S_ISSOCK(st.st_mode))
		return true;
	if (st.st_uid != 0 && st.st_uid != UADM_TRUSTED_UID) {
		snprintf(command, sizeof(command), "chown root: %s", path);
		tell_command(t, FINDING_BAD, "access", command,
		    "%s belongs to uid %u, not to root", path, (unsigned)st.st_uid);
		return false;
	}
	if ((st.st_mode & 022) != 0 && (st.st_mode & S_ISVTX) == 0) {
		snprintf(command, sizeof(command), "chmod go-w %s", path);
		tell_command(t, FINDING_BAD, "access", command,
		    "%s has mode %04o: writable by others", path,
		    (unsigned)st.st_mode & 07777);
		return false;
	}
	return true;
}

/* Is this the same as the beginning of an earlier path, which was looked at then? */
static bool
looked_before(const struct reach *r, const char *path, size_t len)
{
	for (const struct reach *o = reached; o < r; o++)
		if (o->all_may >= r->all_may && strncmp(o->path, path, len) == 0 &&
		    o->path[len] == '/')
			return true;
	return false;
}

void
status_reach(struct telling *t)
{
	bool fine = true;

	for (const struct reach *r = reached; r < reached + ARRAY_LEN(reached); r++) {
		char path[PATH_MAX];
		bool through = true;

		snprintf(path, sizeof(path), "%s", r->path);
		for (char *slash = strchr(path + 1, '/'); slash != NULL && through;
		     slash = strchr(slash + 1, '/')) {
			*slash = '\0';
			/* Root passes each directory whatever its mode. */
			if (!looked_before(r, path, (size_t)(slash - path)))
				through = look(
				    t, r, path, r->all_may ? 0111 : 0, r->looked_at);
			*slash = '/';
		}
		fine = (!through || look(t, r, path, r->wanted, r->looked_at)) &&
		    through && fine;
	}
	if (access(UADM_UADMD, F_OK) == 0 && access(UADM_UADMD, R_OK | X_OK) != 0 &&
	    fine) {
		tell_finding(t, FINDING_BAD, "access", "is it on a disk without exec?",
		    "%s cannot be run: %s", UADM_UADMD, LOGINS);
		fine = false;
	}
	if (fine)
		tell_finding(t, FINDING_FINE, "access", "",
		    "logins and lookups reach what they need");
}
