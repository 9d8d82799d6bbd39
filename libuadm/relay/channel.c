/*
 * channel.c - one frame over a stream socket, before a deadline.
 *
 * Threat: the peer may stop, dribble single bytes, or announce more than it sends. So nothing
 * here blocks but poll(), each poll() ends at the deadline, and what is read is exactly one
 * head and the payload it announced, after that was held against the cap. The deadline is
 * in boot time, which nobody can set and which runs on while the machine is suspended.
 */
#include "libuadm/relay/frame.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>

struct frame_head {
	uint32_t type;
	uint32_t size;
};

int64_t
relay_clock_ms(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* May the transfer that just failed be tried again? Waits for the socket where it must. */
static bool
can_go_on(int fd, short events, int64_t deadline_ms)
{
	struct pollfd p = { .fd = fd, .events = events };
	int64_t left = deadline_ms - relay_clock_ms();

	if (errno == EINTR)
		return left > 0;
	if ((errno != EAGAIN && errno != EWOULDBLOCK) || left <= 0)
		return false;
	/* An error or a hang-up ends the wait too; the next transfer will tell. */
	if (poll(&p, 1, left > INT_MAX ? INT_MAX : (int)left) < 0 && errno != EINTR)
		return false;
	return relay_clock_ms() < deadline_ms;
}

bool
relay_send(int fd, const struct relay_frame *f, int64_t deadline_ms)
{
	struct frame_head head = { .type = (uint32_t)f->type,
		.size = (uint32_t)f->used };
	size_t done = 0, total = sizeof(head) + f->used;

	if (!relay_is_sound(f))
		return false;
	while (done < total) {
		size_t in_head = done < sizeof(head) ? sizeof(head) - done : 0;
		size_t skip = in_head > 0 ? 0 : done - sizeof(head);
		struct iovec iov[2] = {
			{ (char *)&head + (sizeof(head) - in_head), in_head },
			{ (void *)(f->payload + skip), f->used - skip },
		};
		struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
		ssize_t n = sendmsg(fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n >= 0)
			done += (size_t)n;
		else if (!can_go_on(fd, POLLOUT, deadline_ms))
			return false;
	}
	return true;
}

static bool
receive_all(int fd, void *data, size_t size, int64_t deadline_ms)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = recv(fd, (char *)data + done, size - done, MSG_DONTWAIT);

		if (n == 0)
			return false; /* the peer is gone */
		if (n > 0)
			done += (size_t)n;
		else if (!can_go_on(fd, POLLIN, deadline_ms))
			return false;
	}
	return true;
}

bool
relay_receive(int fd, struct relay_frame *f, int64_t deadline_ms)
{
	struct frame_head head;

	relay_begin(f, (enum relay_type)0); /* what failed reads as empty and unsound */
	if (!receive_all(fd, &head, sizeof(head), deadline_ms))
		return false;
	if (head.type < RELAY_START || head.type > RELAY_RESULT ||
	    head.size > sizeof(f->payload))
		return false;
	if (!receive_all(fd, f->payload, head.size, deadline_ms))
		return false;
	f->type = (enum relay_type)head.type;
	f->used = head.size;
	if (relay_is_sound(f))
		return true;
	relay_begin(f, (enum relay_type)0);
	return false;
}
