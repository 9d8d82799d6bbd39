/*
 * cold.c - a process that asks for one user and ends.
 *
 *	cold SOURCE NAME	getpwnam(NAME) with "passwd: SOURCE"; exit status 1: not found
 *	cold			no lookup at all: what the process itself costs
 *
 * The source is chosen here, not in nsswitch.conf: reading that costs the same for all.
 */
#include <nss.h>
#include <pwd.h>
#include <stddef.h>

int
main(int argc, char **argv)
{
	if (argc < 3)
		return 0;
	if (__nss_configure_lookup("passwd", argv[1]) != 0)
		return 2;
	return getpwnam(argv[2]) == NULL;
}
