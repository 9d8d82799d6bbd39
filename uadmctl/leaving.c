#include "uadmctl/leaving.h"

#include "libuadm/base/names.h"
#include "uadmctl/json.h"
#include "uadmctl/logind.h"
#include "uadmctl/member.h"

#include <string.h>

bool
leaving_find(
    struct cli *cli, const struct user *user, struct traces *t, struct uadm_err *err)
{
	*t = (struct traces){ .remove_home = cli_has(cli, "remove-home"),
		.lingers = logind_lingers,
		.linger_off = logind_linger_off };
	traces_find(t, user);
	return op_traces_may(&cli->uadm, t, user, err) == UADM_OK;
}

/* "crontab, 2 at jobs, lingering", and with `home` its path. */
static char *
list(const struct traces *t, const struct trace_list *l, char *text, size_t size)
{
	char home[4 * UADM_PATH_SIZE], jobs[40];
	const struct {
		bool on;
		const char *word;
	} parts[] = { { l->crontab, "crontab" }, { l->at_jobs > 0, jobs },
		{ l->linger, "lingering" }, { l->home, home } };
	size_t used = 0;

	snprintf(jobs, sizeof(jobs), "%lld at job%s", (long long)l->at_jobs,
	    l->at_jobs == 1 ? "" : "s");
	text_escape(home, sizeof(home), t->home);
	*text = '\0';
	for (size_t i = 0; i < ARRAY_LEN(parts) && used < size; i++)
		if (parts[i].on)
			used += (size_t)snprintf(text + used, size - used, "%s%s",
			    used > 0 ? ", " : "", parts[i].word);
	return text;
}

char *
leaving_question(const struct traces *t, char text[LEAVING_TEXT_SIZE])
{
	struct trace_list goes = t->found;
	char words[LEAVING_TEXT_SIZE - 200], home[4 * UADM_PATH_SIZE];
	size_t used = 0;

	goes.home = goes.home && t->remove_home;
	text[0] = '\0';
	if (*list(t, &goes, words, sizeof(words)) != '\0')
		used = (size_t)snprintf(
		    text, LEAVING_TEXT_SIZE, "\n  goes, too: %s", words);
	if (t->found.home && !t->remove_home && used < LEAVING_TEXT_SIZE)
		snprintf(text + used, LEAVING_TEXT_SIZE - used,
		    "\n  stays: %s (--remove-home removes it)",
		    text_escape(home, sizeof(home), t->home));
	return text;
}

enum uadm_code
leaving_remove(struct cli *cli, struct traces *t, struct uadm_err *err)
{
	return op_traces_remove(&cli->uadm, t, err);
}

char *
leaving_text(
    const struct cli *cli, const struct traces *t, char text[LEAVING_TEXT_SIZE])
{
	char words[LEAVING_TEXT_SIZE - 40];

	text[0] = '\0';
	if (*list(t, &t->gone, words, sizeof(words)) != '\0')
		snprintf(text, LEAVING_TEXT_SIZE, "; %s: %s",
		    cli->uadm.dry_run ? "to be removed" : "removed", words);
	return text;
}

void
leaving_json(const struct traces *t, const char *owns, struct json_t *into)
{
	json_object_set_new(into, "without_owner", member_words(owns));
	json_object_set_new(into, "home", json_text(t->home));
	json_object_set_new(into, "home_removed", json_boolean(t->gone.home));
	json_object_set_new(into, "crontab_removed", json_boolean(t->gone.crontab));
	json_object_set_new(into, "at_jobs_removed", json_integer(t->gone.at_jobs));
	json_object_set_new(into, "linger_removed", json_boolean(t->gone.linger));
}
