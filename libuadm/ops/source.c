/*
 * Threat: who is on this host must not lock others out. Wrong passwords to su(1) are held apart
 * by the real uid; through ssh to this very host they would come from 127.0.0.1, from any other of
 * its 16 million neighbours, or from an address of one of our interfaces. So all of these are one
 * source, "local".
 *
 * Threat: guesses spread over many sources. Whoever has subordinate uids (subuid(5)) has 65,536 of
 * them: a uid that is nobody's is no source of its own, but "local". Whoever has an IPv6 address has the /64 that it is in,
 * so that is what counts; and each address counts once, however it is written. A name in PAM_RHOST
 * is compared, never resolved: who owns the zone would decide.
 */
#include "libuadm/ops/source.h"

#include "libuadm/base/cleanup.h"
#include "libuadm/base/names.h"
#include "libuadm/base/number.h"
#include "libuadm/base/paths.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct address {
	int family; /* AF_UNSPEC: it is a name */
	struct in_addr v4;
	struct in6_addr v6;
};

/* "192.0.2.1" (also as 0xc0.512.1), "2001:db8::1", "fe80::1%eth0", "[::1]", "::ffff:192.0.2.1". */
static struct address
parse_address(const char *text)
{
	struct address a = { .family = AF_UNSPEC };
	char bare[INET6_ADDRSTRLEN];
	size_t n;

	text += *text == '[';
	n = strcspn(text, "%]");
	if (n >= sizeof(bare) || strspn(text, "0123456789abcdefxABCDEFX.:") < n)
		return a; /* inet_aton() would stop at a blank, and be content */
	snprintf(bare, sizeof(bare), "%.*s", (int)n, text);
	if (inet_aton(bare, &a.v4) != 0) {
		a.family = AF_INET;
	} else if (inet_pton(AF_INET6, bare, &a.v6) == 1) {
		a.family = AF_INET6;
		if (IN6_IS_ADDR_V4MAPPED(&a.v6)) {
			a.family = AF_INET;
			memcpy(&a.v4, a.v6.s6_addr + 12, sizeof(a.v4));
		}
	}
	return a;
}

static bool
is_loopback(const struct address *a)
{
	return a->family == AF_INET ? ntohl(a->v4.s_addr) >> 24 == IN_LOOPBACKNET
				    : IN6_IS_ADDR_LOOPBACK(&a->v6);
}

static bool
same_address(const struct sockaddr *s, const struct address *a)
{
	if (s == NULL || s->sa_family != a->family)
		return false;
	return a->family == AF_INET
	    ? ((const struct sockaddr_in *)(const void *)s)->sin_addr.s_addr ==
		a->v4.s_addr
	    : IN6_ARE_ADDR_EQUAL(
		  &((const struct sockaddr_in6 *)(const void *)s)->sin6_addr, &a->v6);
}

/* Where the interfaces cannot be read the attempt is a stranger's, whose failures lock: rather
 * that than guesses without an end. */
static bool
is_own_address(const struct address *a)
{
	struct ifaddrs *list = NULL;
	bool own = is_loopback(a);

	if (own || getifaddrs(&list) != 0)
		return own;
	for (const struct ifaddrs *i = list; i != NULL && !own; i = i->ifa_next)
		own = same_address(i->ifa_addr, a);
	freeifaddrs(list);
	return own;
}

/* Our name, or its first label alone. Not our first label with another domain behind it: that is
 * whatever host the owner of that domain likes. */
static bool
same_host(const char *name, const char *own)
{
	size_t n = strcspn(own, ".");

	return n > 0 &&
	    (strcasecmp(name, own) == 0 ||
		(strlen(name) == n && strncasecmp(name, own, n) == 0));
}

/* Does hosts(5) give this name to an address of ours? That is where a host has its name with the
 * domain. */
static bool
is_in_hosts_file(const char *name)
{
	char line[1024], *rest = NULL;
	FILE *f = fopen(UADM_ROOT "/etc/hosts", "re");
	bool own = false;

	while (f != NULL && !own && fgets(line, sizeof(line), f) != NULL) {
		const char *word;
		struct address a;

		line[strcspn(line, "#\n")] = '\0';
		if ((word = strtok_r(line, " \t", &rest)) == NULL)
			continue;
		a = parse_address(word);
		if (a.family == AF_UNSPEC || !is_own_address(&a))
			continue;
		while (!own && (word = strtok_r(NULL, " \t", &rest)) != NULL)
			own = strcasecmp(word, name) == 0;
	}
	if (f != NULL)
		fclose(f);
	return own;
}

static bool
is_own_name(const char *name)
{
	static const char *const fixed[] = { "localhost", "localhost.",
		"localhost.localdomain", "ip6-localhost", "ip6-loopback" };
	char own[256] = "";

	for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
		if (strcasecmp(name, fixed[i]) == 0)
			return true;
	return (gethostname(own, sizeof(own) - 1) == 0 && same_host(name, own)) ||
	    is_in_hosts_file(name);
}

static void
take_address(struct source *s, const struct address *a)
{
	char text[INET6_ADDRSTRLEN] = "";
	struct in6_addr net = a->v6;

	memset(net.s6_addr + 8, 0, 8);
	inet_ntop(a->family,
	    a->family == AF_INET ? (const void *)&a->v4 : (const void *)&net, text,
	    sizeof(text));
	snprintf(s->text, sizeof(s->text), "host:%s%s", text,
	    a->family == AF_INET ? "" : "/64");
}

/* A name, whatever its case and with or without the dot at its end. */
static void
take_name(struct source *s, const char *name)
{
	size_t n = strlen(name);

	n -= n > 1 && name[n - 1] == '.';
	snprintf(s->text, sizeof(s->text), "host:%.*s", (int)n, name);
	for (char *p = s->text; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
}

static void
take_host(struct source *s, const char *rhost)
{
	struct address a = parse_address(rhost);

	if (a.family == AF_UNSPEC ? is_own_name(rhost) : is_own_address(&a))
		snprintf(s->text, sizeof(s->text), "local");
	else if (a.family == AF_UNSPEC)
		take_name(s, rhost);
	else
		take_address(s, &a);
}

void
source_find(struct source *s, const char *rhost, uid_t real_uid)
{
	s->text[0] = '\0';
	if (rhost[0] != '\0')
		take_host(s, rhost);
	else if (real_uid != 0 && getpwuid(real_uid) != NULL)
		snprintf(s->text, sizeof(s->text), "uid:%u", (unsigned)real_uid);
	else if (real_uid != 0)
		snprintf(s->text, sizeof(s->text), "local");
	s->kind = source_kind(s->text);
}

enum lockout_source
source_kind(const char *text)
{
	if (*text == '\0')
		return LOCKOUT_FROM_CONSOLE;
	return strncmp(text, "host:", 5) == 0 ? LOCKOUT_FROM_AFAR : LOCKOUT_FROM_HERE;
}

static char *
show_uid(const char *digits, char *out)
{
	const struct passwd *pw = NULL;
	char name[200];
	int64_t uid;

	if (number_parse(digits, 0, UINT32_MAX - 1, &uid))
		pw = getpwuid((uid_t)uid);
	text_escape(name, sizeof(name), pw == NULL ? digits : pw->pw_name);
	if (pw == NULL)
		snprintf(out, SOURCE_SHOWN_SIZE, "uid %s", name);
	else
		snprintf(out, SOURCE_SHOWN_SIZE, "uid %s (%s)", digits, name);
	return out;
}

static bool
is_kept_address(const char *host)
{
	char net[INET6_ADDRSTRLEN];
	size_t n = strlen(host);

	if (n < 4 || n >= sizeof(net) || strcmp(host + n - 3, "/64") != 0)
		return parse_address(host).family == AF_INET;
	snprintf(net, sizeof(net), "%.*s", (int)(n - 3), host);
	return parse_address(net).family == AF_INET6;
}

/* Whoever connects may have a say in his host's name, and "this host" is no name of a host's. A
 * quote inside could end it early. */
static char *
show_host(const char *host, char *out)
{
	char plain[SOURCE_SIZE], shown[SOURCE_SHOWN_SIZE - 2];
	bool address = is_kept_address(host);

	snprintf(plain, sizeof(plain), "%s", host);
	for (char *p = plain; (p = strchr(p, '"')) != NULL;)
		*p = '\'';
	text_escape(shown, sizeof(shown), plain);
	snprintf(out, SOURCE_SHOWN_SIZE, address ? "%s" : "\"%s\"", shown);
	return out;
}

char *
source_show(const char *text, char *out)
{
	if (strncmp(text, "uid:", 4) == 0)
		return show_uid(text + 4, out);
	if (strncmp(text, "host:", 5) == 0)
		return show_host(text + 5, out);
	snprintf(out, SOURCE_SHOWN_SIZE, "%s", *text == '\0' ? "console" : "this host");
	return out;
}
