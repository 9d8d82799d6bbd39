/*
 * Threat: fifty logins at once are 3 GiB of argon2, and one source that fills every slot keeps
 * everybody else out. So the slots are as many as there are cores (two at least), and each
 * source must hold one of its own locks, one fewer than there are slots, before it gets one.
 */
#include "libuadm/ops/slots.h"

#include "libuadm/base/clock.h"
#include "libuadm/base/files.h"
#include "libuadm/base/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/sysinfo.h>
#include <time.h>

enum { SLOTS_MOST = 16, POLL_MS = 5 };

static int
slot_count(void)
{
	int cores = get_nprocs();

	return cores < 2 ? 2 : cores > SLOTS_MOST ? SLOTS_MOST : cores;
}

/* Lock one of `count` files; -1 when all are held, -2 when that cannot be found out. */
static int
take_one(int dir, const char *kind, uint32_t bucket, int count)
{
	for (int i = 0; i < count; i++) {
		char name[48];
		int fd;

		snprintf(name, sizeof(name), "%s-%u.%d", kind, (unsigned)bucket, i);
		fd = openat(dir, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0)
			return -2;
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return fd;
		close(fd);
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -2;
	}
	return -1;
}

static enum uadm_code
wait_for(int dir, const char *kind, uint32_t bucket, int count, int64_t deadline,
    int *fd, struct uadm_err *err)
{
	const struct timespec pause = { .tv_nsec = POLL_MS * 1000000L };

	while ((*fd = take_one(dir, kind, bucket, count)) == -1) {
		if (clock_boot_ms() >= deadline)
			return uadm_fail(err, UADM_BUSY,
			    "too many passwords are being checked at once");
		nanosleep(&pause, NULL);
	}
	if (*fd < 0)
		return uadm_fail(err, UADM_UNAVAILABLE, "cannot lock a slot in %s: %m",
		    UADM_RUN_DIR "/slots");
	return UADM_OK;
}

enum uadm_code
slot_take(struct slot *s, uint32_t source, int64_t deadline, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int run = -1;
	CLEANUP(cleanup_fd) int dir = -1;
	int count = slot_count();
	enum uadm_code c;

	*s = (struct slot){ -1, -1 };
	if ((c = files_make_dir(UADM_RUN_DIR, 0755, UADM_TRUSTED_UID, &run, err)) !=
		UADM_OK ||
	    (c = files_make_dir(UADM_RUN_DIR "/slots", 0700, UADM_TRUSTED_UID, &dir,
		 err)) != UADM_OK ||
	    (c = wait_for(dir, "source", source, count - 1, deadline, &s->source_fd,
		 err)) != UADM_OK)
		return c;
	c = wait_for(dir, "slot", 0, count, deadline, &s->slot_fd, err);
	if (c != UADM_OK)
		slot_release(s);
	return c;
}

void
slot_release(struct slot *s)
{
	cleanup_fd(&s->slot_fd);
	cleanup_fd(&s->source_fd);
	*s = (struct slot){ -1, -1 };
}

bool
slot_of_caller(uid_t uid)
{
	CLEANUP(cleanup_fd) int run = -1;
	CLEANUP(cleanup_fd) int dir = -1;
	struct uadm_err ignored;

	/* The descriptor is kept on purpose: the lock goes with the process. */
	return files_make_dir(UADM_RUN_DIR, 0755, UADM_TRUSTED_UID, &run, &ignored) ==
	    UADM_OK &&
	    files_make_dir(UADM_RUN_DIR "/slots", 0700, UADM_TRUSTED_UID, &dir,
		&ignored) == UADM_OK &&
	    take_one(dir, "caller", (uint32_t)uid, SLOT_CALLS) >= 0;
}
