/*
 * cli_values.c - what was given with an option (cli.h).
 */
#include "uadmctl/cli.h"

#include "libuadm/base/names.h"
#include "libuadm/base/number.h"
#include "libuadm/base/times.h"

#include <string.h>

bool
cli_has(const struct cli *cli, const char *option)
{
	return cli_value(cli, option) != NULL;
}

const char *
cli_value(const struct cli *cli, const char *option)
{
	for (size_t i = cli->given_count; i-- > 0;)
		if (strcmp(cli->given[i].option->name, option) == 0)
			return cli->given[i].value != NULL ? cli->given[i].value : "";
	return NULL;
}

bool
cli_number(struct cli *cli, const char *option, int64_t least, int64_t most,
    int64_t otherwise, int64_t *out)
{
	const char *text = cli_value(cli, option);
	char shown[60];

	*out = otherwise;
	if (text == NULL || number_parse(text, least, most, out))
		return true;
	cli_usage(cli, "--%s \"%s\" is not a number from %lld to %lld", option,
	    text_escape(shown, sizeof(shown), text), (long long)least, (long long)most);
	return false;
}

static void
add_value(char ***values, size_t *count, const char *text, size_t len)
{
	char **more = reallocarray(*values, *count + 2, sizeof(*more));

	if (more == NULL || (more[*count] = strndup(text, len)) == NULL)
		abort();
	more[++*count] = NULL;
	*values = more;
}

char **
cli_values(const struct cli *cli, const char *option, size_t *count)
{
	char **values = NULL;

	*count = 0;
	for (size_t i = 0; i < cli->given_count; i++) {
		const char *p = cli->given[i].value;

		if (strcmp(cli->given[i].option->name, option) != 0 || p == NULL)
			continue;
		for (size_t n; *p != '\0'; p += n + (p[n] != '\0'))
			if ((n = strcspn(p, ",")) > 0)
				add_value(&values, count, p, n);
	}
	return values;
}

void
cli_values_free(char ***values)
{
	for (char **v = *values; v != NULL && *v != NULL; v++)
		free(*v);
	free(*values);
	*values = NULL;
}

bool
cli_one_of(struct cli *cli, const char *option, const char *const *words, size_t count)
{
	const char *value = cli_value(cli, option);
	char shown[60], all[160] = "";
	size_t used = 0;

	if (value == NULL)
		return true;
	for (size_t i = 0; i < count; i++)
		if (strcmp(value, words[i]) == 0)
			return true;
	for (size_t i = 0; i < count && used < sizeof(all); i++) {
		used += (size_t)snprintf(all + used, sizeof(all) - used, "%s%s",
		    i > 0 ? ", " : "", words[i]);
	}
	cli_usage(cli, "--%s \"%s\" is none of: %s", option,
	    text_escape(shown, sizeof(shown), value), all);
	return false;
}

bool
cli_time(struct cli *cli, const char *option, int64_t *out)
{
	const char *text = cli_value(cli, option);
	struct uadm_err err = { 0 };
	struct clock_now now;

	*out = 0;
	clock_read(&now);
	if (text == NULL || time_parse(option, text, now.wall, out, &err) == UADM_OK)
		return true;
	cli_fail(cli, NULL, &err);
	return false;
}

bool
cli_past(struct cli *cli, const char *option, int64_t *out)
{
	const char *text = cli_value(cli, option);
	struct uadm_err err = { 0 };
	struct clock_now now;

	*out = 0;
	clock_read(&now);
	if (text == NULL ||
	    time_parse_past(option, text, now.wall, out, &err) == UADM_OK)
		return true;
	cli_fail(cli, NULL, &err);
	return false;
}
