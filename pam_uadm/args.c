/*
 * args.c - the arguments of the module's line in /etc/pam.d.
 *
 * Threat: a mistyped argument that is passed over leaves a rule out without anybody noticing
 * (`use_frist_pass` would ask again, `conf=` of a wrong file would decide by other rules, an
 * `acount=` would let everybody in). So
 * an unknown one is kept for the caller, who refuses managed users because of it. Root
 * and local users never get here: their part is decided before.
 */
#include "pam_uadm/args.h"

#include <stddef.h>
#include <string.h>

static bool
is_conf(const char *value)
{
	/* uadmd's working directory is not the host's: a relative path names nothing. */
	return value[0] == '/' && strlen(value) < CALL_CONF_MAX;
}

/* Whether there is such an account uadmd knows. An empty one would bind to nothing. */
static bool
is_accounts(const char *value)
{
	return value[0] != '\0' && strlen(value) < CALL_ACCOUNTS_MAX;
}

void
args_parse(struct args *args, int argc, const char **argv)
{
	const struct {
		const char *name;
		bool *flag;
	} known[] = {
		{ "debug", &args->debug },
		{ "try_first_pass", &args->try_first_pass },
		{ "use_first_pass", &args->use_first_pass },
		{ "use_authtok", &args->use_authtok },
		{ "nodelay", &args->nodelay },
	};
	size_t count = sizeof(known) / sizeof(known[0]);

	memset(args, 0, sizeof(*args));
	for (int i = 0; i < argc; i++) {
		size_t k = 0;

		while (k < count && strcmp(argv[i], known[k].name) != 0)
			k++;
		if (k < count)
			*known[k].flag = true;
		else if (strncmp(argv[i], "conf=", 5) == 0 && is_conf(argv[i] + 5))
			args->conf = argv[i] + 5;
		else if (strncmp(argv[i], "account=", 8) == 0 &&
		    args->accounts == NULL && is_accounts(argv[i] + 8))
			args->accounts = argv[i] + 8;
		else if (args->wrong == NULL)
			args->wrong = argv[i];
	}
}
