#include "uadmctl/bulk.h"

#include "libuadm/ops/batch.h"
#include "uadmctl/csv.h"
#include "uadmctl/print.h"
#include "uadmctl/progress.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

/* What waits is in memory, and a stream's buffer is what is read without waiting. */
enum { ROWS_MOST = 512, WAIT_MOST_MS = 1000, SHOW_AFTER_MS = 500, BUFFER_SIZE = 65536 };

struct waiting {
	bulk_tell *tell;
	char where[sizeof(((struct cli *)0)->where)];
	_Alignas(max_align_t) unsigned char what[];
};

static const int ending_signals[] = { SIGINT, SIGTERM, SIGHUP };

struct bulk {
	struct waiting
	    *rows[ROWS_MOST + 4]; /* the last row may have two, and an end one more */
	size_t count;
	int64_t since; /* when the first of them began to wait */
	bool telling;
	bool from_file;
	bool
	    list; /* standard output is a terminal: the line stands below what is printed */
	uint64_t done, failed;
	char failed_at[sizeof(((struct cli *)0)->where)];
	uint64_t shown;       /* by NSS */
	int64_t behind_since; /* when more were done than that */
	int fd;
	char buffer[BUFFER_SIZE];
	struct sigaction before[ARRAY_LEN(ending_signals)];
};

static volatile sig_atomic_t stopped_by;

static void
on_signal(int sig)
{
	stopped_by = sig;
}

/* The first one ends the work in good order; a second one, should that get stuck, as ever. */
static void
catch_signals(struct bulk *b)
{
	struct sigaction act = { .sa_handler = on_signal,
		.sa_flags = SA_RESTART | (int)SA_RESETHAND };

	stopped_by = 0;
	for (size_t i = 0; i < ARRAY_LEN(ending_signals); i++) {
		sigaction(ending_signals[i], NULL, &b->before[i]);
		if (b->before[i].sa_handler != SIG_IGN)
			sigaction(ending_signals[i], &act, NULL);
	}
}

static void
release_signals(const struct bulk *b)
{
	for (size_t i = 0; i < ARRAY_LEN(ending_signals); i++)
		sigaction(ending_signals[i], &b->before[i], NULL);
}

/* The rows of a file that can be read twice; 0: it cannot. */
static uint64_t
count_rows(const char *file)
{
	CLEANUP(cleanup_free) struct csv *c = calloc(1, sizeof(*c));
	CLEANUP(cleanup_file) FILE *f = NULL;
	struct stat st;
	uint64_t n = 0;
	const char *why;

	if (c == NULL || stat(file, &st) != 0 || !S_ISREG(st.st_mode) ||
	    (f = fopen(file, "re")) == NULL)
		return 0;
	c->from = f;
	while (stopped_by == 0 && csv_read(c, &why) != CSV_END)
		n++;
	return n;
}

void
bulk_begin(struct cli *cli, const char *file)
{
	struct bulk *b = calloc(1, sizeof(*b));

	if (b == NULL)
		abort();
	cli->bulk = b;
	if (file == NULL)
		return;
	b->from_file = true;
	b->list = isatty(STDOUT_FILENO) == 1;
	cli->uadm.batch.on = true;
	catch_signals(b);
	/* Who types the lines knows how far they are. Between the elements of an array on a terminal
	 * there is no line of its own. */
	if (progress_can(!cli->json) &&
	    (strcmp(file, "-") != 0 || isatty(STDIN_FILENO) != 1))
		progress_begin(strcmp(file, "-") == 0 ? 0 : count_rows(file));
}

static void
note_stop(struct cli *cli)
{
	if (stopped_by != 0)
		cli->stop = true;
}

/* Until there is something to read. Whoever feeds us slowly finds what is done with the others, too:
 * where we would have to wait it is published. */
static void
wait_for_more(struct cli *cli, const sigset_t *before)
{
	struct bulk *b = cli->bulk;
	struct pollfd p = { .fd = b->fd, .events = POLLIN };

	if (b->done != b->shown && b->behind_since == 0)
		b->behind_since = clock_boot_ms();
	for (;;) {
		int64_t left = b->behind_since + SHOW_AFTER_MS - clock_boot_ms();
		struct timespec most = { .tv_nsec = left > 0 ? left * 1000000 : 0 };
		int n;

		note_stop(cli);
		if (cli->stop)
			return;
		n = ppoll(&p, 1, b->done == b->shown ? NULL : &most, before);
		if (n > 0 || (n < 0 && errno != EINTR))
			return;
		if (n < 0)
			continue;
		cli_publish(cli);
		b->shown = b->done;
		b->behind_since = 0;
	}
}

/* A row is read ahead as far as it is there, never waited for while others wait for us. */
static ssize_t
read_more(void *arg, char *out, size_t size)
{
	struct cli *cli = arg;
	sigset_t set, before;

	bulk_flush(cli);
	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(ending_signals); i++)
		sigaddset(&set, ending_signals[i]);
	/* A signal that comes just before we wait would be waited for in vain. */
	sigprocmask(SIG_BLOCK, &set, &before);
	wait_for_more(cli, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return cli->stop ? 0 : read(cli->bulk->fd, out, size);
}

FILE *
bulk_stream(struct cli *cli, int fd)
{
	FILE *f;

	cli->bulk->fd = fd;
	f = fopencookie(cli, "r", (cookie_io_functions_t){ .read = read_more });
	if (f != NULL)
		setvbuf(f, cli->bulk->buffer, _IOFBF, sizeof(cli->bulk->buffer));
	return f;
}

bool
bulk_waits(const struct cli *cli)
{
	return cli->bulk != NULL && !cli->bulk->telling;
}

void
bulk_later(struct cli *cli, bulk_tell *tell, const void *what, size_t size)
{
	struct bulk *b = cli->bulk;
	struct waiting *w = malloc(sizeof(*w) + size);

	if (w == NULL || b->count == ARRAY_LEN(b->rows))
		abort();
	w->tell = tell;
	memcpy(w->where, cli->where, sizeof(w->where));
	memcpy(w->what, what, size);
	if (b->count == 0)
		b->since = clock_boot_ms();
	b->rows[b->count++] = w;
}

static void
tell_all(struct cli *cli, const struct uadm_err *lost)
{
	struct bulk *b = cli->bulk;

	if (b->list)
		progress_hide();
	b->telling = true;
	for (size_t i = 0; i < b->count; i++) {
		struct waiting *w = b->rows[i];

		memcpy(cli->where, w->where, sizeof(cli->where));
		w->tell(cli, w->what, lost);
		free(w);
		if (!b->list)
			progress_at(b->done - (b->count - i - 1));
	}
	b->telling = false;
	b->count = 0;
	/* What is durable is said, whatever ends us next. */
	if (b->from_file)
		fflush(stdout);
}

void
bulk_flush(struct cli *cli)
{
	struct uadm_err err = { 0 };
	struct bulk *b = cli->bulk;
	char where[sizeof(cli->where)];
	bool on = cli->uadm.batch.on, lost;

	if (b == NULL || b->telling || (b->count == 0 && !batch_is_open(&cli->uadm)))
		return;
	lost = batch_end(&cli->uadm, &err) != UADM_OK;
	memcpy(where, cli->where, sizeof(where));
	cli->where[0] = '\0'; /* that is where we are reading by now */
	/* What is done with them now are changes of their own. */
	cli->uadm.batch.on = false;
	if (cli->settle != NULL)
		cli->settle(cli, lost);
	tell_all(cli, lost ? &err : NULL);
	cli->uadm.batch.on = on;
	memcpy(cli->where, where, sizeof(where));
	/* Each further one would be lost as well. */
	cli->stop = cli->stop || lost;
	progress_at(b->done);
	note_stop(cli);
}

void
bulk_row(struct cli *cli)
{
	struct bulk *b = cli->bulk;
	bool together = b->from_file || cli->settle != NULL;

	b->done++;
	if (!together || cli->stop || b->count >= ROWS_MOST ||
	    batch_is_due(&cli->uadm) ||
	    (b->count > 0 && clock_boot_ms() - b->since >= WAIT_MOST_MS))
		bulk_flush(cli);
	note_stop(cli);
}

static void
say_where_to_go_on(struct cli *cli)
{
	const char *noun = cli->command->noun;
	bool resumes = false;

	if (!cli->stop)
		return;
	for (const struct option *o = cli->command->options;
	     o != NULL && o->name != NULL; o++)
		resumes = resumes || strcmp(o->name, "resume") == 0;
	cli_warn("stopped %safter %llu lines; what was said to be done is done",
	    stopped_by != 0 ? "by a signal " : "", (unsigned long long)cli->bulk->done);
	fprintf(stderr, "hint: to go on: the same %s %s once more%s\n", noun,
	    cli->command->verb, resumes ? " with --resume" : "");
	if (stopped_by != 0)
		cli->worst = cli_worse(cli->worst, 128 + stopped_by);
}

void
bulk_failed(struct cli *cli)
{
	struct bulk *b = cli->bulk;

	/* One line may fail in two respects. */
	if (b == NULL || !b->from_file || cli->where[0] == '\0' ||
	    strcmp(b->failed_at, cli->where) == 0)
		return;
	memcpy(b->failed_at, cli->where, sizeof(b->failed_at));
	b->failed++;
}

/* What failed has scrolled by. */
static void
say_failed(const struct bulk *b)
{
	if (b->failed > 0 && b->done > 1)
		fprintf(stderr, "uadmctl: %llu of %llu lines failed\n",
		    (unsigned long long)b->failed, (unsigned long long)b->done);
}

void
bulk_end(struct cli *cli)
{
	struct bulk *b = cli->bulk;

	bulk_flush(cli);
	progress_hide();
	if (b->from_file) {
		say_failed(b);
		say_where_to_go_on(cli);
		release_signals(b);
	}
	cli->uadm.batch.on = false;
	cli->bulk = NULL;
	free(b);
}
