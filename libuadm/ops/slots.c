/*
 * Threat: fifty logins at once are 3 GiB of argon2, and one source that fills every slot keeps
 * everybody else out. So there is one slot more than there are cores, and a source has places for
 * no more than the cores: it may use the whole machine, and whoever comes from elsewhere finds a
 * slot at once.
 *
 * Threat: who waits must not starve. The ways to a place of the source and from there to a slot
 * lead through turnstiles, and whoever stands in one looks for what gets free; everybody else
 * sleeps. A source that waits for a slot has one process in that queue, not two hundred, so that
 * sources take turns.
 */
#include "libuadm/ops/slots.h"

#include "libuadm/base/clock.h"
#include "libuadm/base/files.h"
#include "libuadm/base/paths.h"
#include "libuadm/ops/turns.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/sysinfo.h>

enum { SLOTS_LEAST = 3, SLOTS_MOST = 12, LOOK_MS = 2 };

int
slot_count(void)
{
	int slots = get_nprocs() + 1;

	return slots < SLOTS_LEAST ? SLOTS_LEAST
	    : slots > SLOTS_MOST   ? SLOTS_MOST
				   : slots;
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
open_dir(int *dir, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int run = -1;
	enum uadm_code c =
	    files_make_dir(UADM_RUN_DIR, 0755, UADM_TRUSTED_UID, &run, err);

	return c != UADM_OK
	    ? c
	    : files_make_dir(UADM_RUN_DIR "/slots", 0700, UADM_TRUSTED_UID, dir, err);
}

static enum uadm_code
wait_turn(int dir, const char *kind, uint32_t bucket, int64_t deadline, int *turn,
    struct uadm_err *err)
{
	char name[48];

	snprintf(name, sizeof(name), "%s-%u.turn", kind, (unsigned)bucket);
	return turn_wait(dir, name, deadline, turn, err);
}

/* At the head of the queue: take what gets free. */
static enum uadm_code
wait_for(int dir, const char *kind, uint32_t bucket, int count, int64_t deadline,
    int *fd, struct uadm_err *err)
{
	for (unsigned tries = 0; (*fd = take_one(dir, kind, bucket, count)) == -1;
	     tries++) {
		if (clock_boot_ms() >= deadline)
			return uadm_fail(err, UADM_BUSY,
			    "too many passwords are being checked at once");
		turn_pause(tries, LOOK_MS);
	}
	if (*fd < 0)
		return uadm_fail(err, UADM_UNAVAILABLE, "cannot lock a slot in %s: %m",
		    UADM_RUN_DIR "/slots");
	return UADM_OK;
}

enum uadm_code
slot_take(struct slot *s, uint32_t source, int64_t deadline, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int dir = -1;
	CLEANUP(cleanup_fd) int source_turn = -1;
	CLEANUP(cleanup_fd) int turn = -1;
	int count = slot_count();
	enum uadm_code c;

	*s = (struct slot){ -1, -1 };
	if ((c = open_dir(&dir, err)) != UADM_OK ||
	    (c = wait_turn(dir, "source", source, deadline, &source_turn, err)) !=
		UADM_OK ||
	    (c = wait_for(dir, "source", source, count - 1, deadline, &s->source_fd,
		 err)) != UADM_OK)
		return c;
	if ((c = wait_turn(dir, "slot", 0, deadline, &turn, err)) != UADM_OK ||
	    (c = wait_for(dir, "slot", 0, count, deadline, &s->slot_fd, err)) !=
		UADM_OK)
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

enum uadm_code
slot_queue(uint32_t user, int64_t deadline, int *turn, struct uadm_err *err)
{
	CLEANUP(cleanup_fd) int dir = -1;
	enum uadm_code c = open_dir(&dir, err);

	*turn = -1;
	return c != UADM_OK ? c : wait_turn(dir, "user", user, deadline, turn, err);
}

bool
slot_of_caller(uid_t uid)
{
	CLEANUP(cleanup_fd) int dir = -1;
	struct uadm_err ignored;

	/* Subordinate uids are nobody's, and together they have the places of one. */
	if (getpwuid(uid) == NULL)
		uid = (uid_t)-2;
	/* The descriptor is kept on purpose: the lock goes with the process. */
	return open_dir(&dir, &ignored) == UADM_OK &&
	    take_one(dir, "caller", (uint32_t)uid, SLOT_CALLS) >= 0;
}
