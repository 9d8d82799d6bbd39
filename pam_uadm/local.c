/*
 * local.c - who is none of our business: root and the users of /etc/passwd.
 *
 * Threat: whatever is broken in uadm must not keep root out, and whatever is broken in
 * /etc/passwd must not let a managed user past us. So `root` is local without a look at any
 * file, every other name only when its line was read (all with uid 0 are among them), and a
 * file that is missing or cannot be read makes nobody local: for them uadmd is asked, which
 * knows the other sources and never says yes because of that. NSS is not called: it would run
 * other people's modules, our own included, and getpwnam() overwrites the host's last answer.
 */
#include "pam_uadm/local.h"

#include "libuadm/base/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Compares the first field of each line with a name, in whatever pieces the lines come:
 * none of them is ever held, so none is too long. */
struct matcher {
	const char *name;
	size_t matched; /* bytes of the name that this line has repeated so far */
	bool off;       /* this line is another user's */
};

static bool
feed(struct matcher *m, const char *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (data[i] == '\n') {
			m->matched = 0;
			m->off = false;
		} else if (m->off) {
			continue;
		} else if (m->name[m->matched] == '\0') {
			if (data[i] == ':')
				return true;
			m->off = true;
		} else if (m->name[m->matched] == data[i]) {
			m->matched++;
		} else {
			m->off = true;
		}
	}
	return false;
}

static bool
file_has_user(int fd, const char *name)
{
	struct matcher m = { .name = name };
	char chunk[4096];

	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		if (feed(&m, chunk, (size_t)n))
			return true;
	}
}

bool
local_has_user(const char *name)
{
	struct stat st;
	bool found;
	int fd;

	if (strcmp(name, "root") == 0)
		return true;
	/* With these no line can begin, and they would be compared across fields. */
	if (name[0] == '\0' || strpbrk(name, ":\n") != NULL)
		return false;
	/* A FIFO in its place must not hold the host up. */
	fd = open(UADM_LOCAL_PASSWD, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return false;
	found = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && file_has_user(fd, name);
	close(fd);
	return found;
}
