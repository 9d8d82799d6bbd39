#include "libuadm/base/clock.h"

#include "libuadm/base/cleanup.h"

#include <fcntl.h>
#include <time.h>

int64_t
clock_boot_ms(void)
{
	struct timespec ts = { 0 };

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void
clock_read(struct clock_now *now)
{
	struct timespec ts = { 0 };
	CLEANUP(cleanup_fd)
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, now->boot_id, sizeof(now->boot_id) - 1);

	/* A part of it would be another boot's. */
	now->boot_id[n < 36 ? 0 : n] = '\0';
	clock_gettime(CLOCK_REALTIME, &ts);
	now->wall = ts.tv_sec;
	now->boot_ms = clock_boot_ms();
}
