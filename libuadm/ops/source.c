/*
 * Threat: who is on this host must not lock others out. Wrong passwords to su(1) are held apart
 * by the real uid; through ssh to this very host they would come from 127.0.0.1, or from any
 * other of its 16 million neighbours. So all of these are one source, with the limit of a local
 * one. A name in PAM_RHOST is compared, never resolved.
 */
#include "libuadm/ops/source.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

static bool
same_address(
    const struct sockaddr *a, const struct in_addr *v4, const struct in6_addr *v6)
{
	if (a == NULL)
		return false;
	if (a->sa_family == AF_INET && v4 != NULL)
		return ((const struct sockaddr_in *)a)->sin_addr.s_addr == v4->s_addr;
	if (a->sa_family == AF_INET6 && v6 != NULL)
		return memcmp(&((const struct sockaddr_in6 *)a)->sin6_addr, v6,
			   sizeof(*v6)) == 0;
	return false;
}

static bool
is_own_address(const struct in_addr *v4, const struct in6_addr *v6)
{
	struct ifaddrs *list = NULL;
	bool own = false;

	if (getifaddrs(&list) != 0)
		return false;
	for (const struct ifaddrs *i = list; i != NULL && !own; i = i->ifa_next)
		own = same_address(i->ifa_addr, v4, v6);
	freeifaddrs(list);
	return own;
}

static bool
is_this_host(const char *rhost)
{
	struct in6_addr v6;
	struct in_addr v4;

	if (strcmp(rhost, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, rhost, &v4) == 1)
		return (ntohl(v4.s_addr) >> 24) == 127 || is_own_address(&v4, NULL);
	if (inet_pton(AF_INET6, rhost, &v6) != 1)
		return false;
	if (IN6_IS_ADDR_V4MAPPED(&v6)) {
		memcpy(&v4, v6.s6_addr + 12, sizeof(v4));
		return (ntohl(v4.s_addr) >> 24) == 127 || is_own_address(&v4, NULL);
	}
	return IN6_IS_ADDR_LOOPBACK(&v6) || is_own_address(NULL, &v6);
}

void
source_find(struct source *s, const char *rhost, uid_t real_uid)
{
	*s = (struct source){ .local = true };
	if (rhost[0] == '\0' && real_uid != 0)
		snprintf(s->text, sizeof(s->text), "uid:%u", (unsigned)real_uid);
	else if (rhost[0] != '\0' && is_this_host(rhost))
		snprintf(s->text, sizeof(s->text), "host:this");
	else if (rhost[0] != '\0') {
		snprintf(s->text, sizeof(s->text), "host:%s", rhost);
		s->local = false;
	}
}
