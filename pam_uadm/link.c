/*
 * link.c - choose the way to uadmd, and connect to a listening one.
 *
 * Threat: whoever can put a socket in the listening one's place reads passwords and says yes.
 * So its directory and itself must be root's and nobody else's to write, and SO_PEERCRED must
 * name root as who listens. Where the caller's real uid is not 0 (su, sudo) the listener is
 * asked first, for then the caller has no hold on what decides; a host that is root
 * spawns one where nobody listens, and before a word has been said: never for a second try.
 */
#include "pam_uadm/link.h"

#include "libuadm/base/paths.h"
#include "pam_uadm/call.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* Is the socket where only root can have put it? */
static bool
place_is_trusted(void)
{
	uid_t owner = UADM_TRUSTED_UID;
	struct stat dir, sock;

	if (lstat(UADM_RUN_DIR, &dir) != 0 || lstat(UADM_SOCKET, &sock) != 0)
		return false;
	if (S_ISDIR(dir.st_mode) && dir.st_uid == owner && (dir.st_mode & 022) == 0 &&
	    S_ISSOCK(sock.st_mode) && sock.st_uid == owner)
		return true;
	errno = EPERM;
	return false;
}

static bool
listener_is_trusted(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
		return false;
	if (size == sizeof(peer) && peer.uid == UADM_TRUSTED_UID)
		return true;
	errno = EPERM;
	return false;
}

/* connect() to a full queue says EAGAIN at once on a socket that does not block. */
static bool
connect_before(int fd, int64_t deadline_ms)
{
	static const char path[] = UADM_SOCKET;
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	if (sizeof(path) > sizeof(at.sun_path)) {
		errno = ENAMETOOLONG; /* a test build in a deep directory */
		return false;
	}
	memcpy(
	    at.sun_path, path, sizeof(path) < sizeof(at.sun_path) ? sizeof(path) : 0);
	while (connect(fd, (const struct sockaddr *)&at, sizeof(at)) != 0) {
		if ((errno != EAGAIN && errno != EINTR) ||
		    relay_clock_ms() >= deadline_ms)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

bool
link_connect(struct link *link, const char **why, bool patient)
{
	int64_t wait = patient ? UADM_CONNECT_MS : 0;
	int fd;

	*why = "no uadmd listens in a trusted place";
	if (!place_is_trusted())
		return false;
	*why = "cannot connect to the listening uadmd";
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	if (!connect_before(fd, relay_clock_ms() + wait) || !listener_is_trusted(fd)) {
		int saved = errno;

		close(fd);
		errno = saved;
		return false;
	}
	link->fd = fd;
	return true;
}

bool
link_open(struct link *link, bool shared, const char **why)
{
	bool root = geteuid() == 0;

	*link = LINK_NONE;
	if ((!root || (shared && getuid() != 0)) && link_connect(link, why, !root))
		return true;
	return root && link_spawn(link, why);
}

void
link_close(struct link *link)
{
	if (link->fd >= 0)
		close(link->fd);
	if (link->pid > 0)
		link_reap(link->pid);
	*link = LINK_NONE;
}
