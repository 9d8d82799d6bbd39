/*
 * command.h - run a program of the administrator's choice, for a mail say: what it reads is given, how it
 * ends and what it says is told, and it does not last for ever.
 */
#ifndef UADM_OPS_COMMAND_H
#define UADM_OPS_COMMAND_H

#include "libuadm/base/error.h"
#include "libuadm/policy/outbox.h"

enum { COMMAND_WORDS = 64, COMMAND_SAID_SIZE = 512 };

/* Split at blanks: no shell has a say in it. The words lie in `copy`. UADM_CONFIG: there are too many. */
struct command_line {
	char copy[1024];
	char *argv[COMMAND_WORDS + 1];
	size_t count;
};
enum uadm_code command_split(
    const char *text, struct command_line *line, struct uadm_err *err) UADM_CHECKED;
/* One more word, which must stay where it is. */
void command_add(struct command_line *line, const char *word);

/* Is it a program, root's, and is everything on the way to it root's alone to change? */
enum uadm_code command_check(const char *path, struct uadm_err *err) UADM_CHECKED;

/* Run it as a session of its own with `size` bytes at `input` to read; after `most_ms` it is killed with
 * its group. `said` is the beginning of what it wrote, as one line of printable text. What it has left
 * in the background goes on. Not within a transaction: it takes as long as it takes. */
void command_run(const struct command_line *line, const void *input, size_t size,
    int64_t most_ms, struct mailer_end *end, char said[COMMAND_SAID_SIZE]);

#endif
