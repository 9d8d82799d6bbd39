#include "uadmctl/progress.h"

#include "libuadm/base/clock.h"
#include "libuadm/base/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
	DRAW_MS = 100,
	LATELY_MS = 5000,
	SURE_MS = 1000, /* from when on a rate says how long it will take */
	BAR_LEAST = 10,
	BAR_MOST = 40,
	TEXT_SIZE = 100
};

static struct {
	bool on, shown;
	uint64_t done, total;
	uint64_t from, before; /* done at the beginning of this window and the last */
	int64_t from_ms, before_ms; /* and when that was */
	int64_t drawn_ms;
} meter;

/* "0:07", "12:34", "5:00:00". */
static void
put_time(int64_t secs, char *out, size_t size)
{
	if (secs >= 3600)
		snprintf(out, size, "%lld:%02lld:%02lld", (long long)(secs / 3600),
		    (long long)(secs / 60 % 60), (long long)(secs % 60));
	else
		snprintf(out, size, "%lld:%02lld", (long long)(secs / 60),
		    (long long)(secs % 60));
}

/* The words from the most important one on; the first `n` of them. */
static size_t
put_words(const struct progress *p, size_t n, char *out, size_t size)
{
	uint64_t done = p->total > 0 && p->done > p->total ? p->total : p->done;
	uint64_t rate =
	    p->lately_ms > 0 ? p->lately * 1000 / (uint64_t)p->lately_ms : 0;
	char word[5][40] = { "" }, left[24];
	size_t used = 0, count = 0;

	if (p->total > 0) {
		snprintf(word[count++], 40, "%3u%%", (unsigned)(done * 100 / p->total));
		snprintf(word[count++], 40, " %llu/%llu", (unsigned long long)done,
		    (unsigned long long)p->total);
	} else {
		snprintf(word[count++], 40, "%llu", (unsigned long long)done);
	}
	if (p->lately > 0 && p->lately_ms > 0) {
		snprintf(word[count++], 40, " %llu/s", (unsigned long long)rate);
		if (p->total > 0 && p->lately_ms >= SURE_MS) {
			put_time((int64_t)((p->total - done) * (uint64_t)p->lately_ms /
				     p->lately / 1000),
			    left, sizeof(left));
			snprintf(word[count++], 40, " %s left", left);
		}
	}
	out[0] = '\0';
	for (size_t i = 0; i < count && i < n && used < size; i++)
		used += (size_t)snprintf(out + used, size - used, "%s", word[i]);
	return used;
}

static void
put_bar(const struct progress *p, size_t cells, char *out)
{
	uint64_t done = p->done > p->total ? p->total : p->done;
	size_t full = (size_t)(done * cells / p->total);

	*out++ = '[';
	for (size_t i = 0; i < cells; i++)
		*out++ = i < full ? '=' : i == full ? '>' : ' ';
	*out++ = ']';
	*out++ = ' ';
	*out = '\0';
}

char *
progress_line(const struct progress *p, size_t width, char *out, size_t size)
{
	char words[TEXT_SIZE], bar[BAR_MOST + 4] = "";
	size_t used = 0, cells;

	for (size_t n = 5; n > 0; n--)
		if ((used = put_words(p, n, words, sizeof(words))) < width)
			break;
	if (used >= width)
		words[used = 0] = '\0';
	cells = width > used + 4 ? width - used - 4 : 0;
	if (cells > BAR_MOST)
		cells = BAR_MOST;
	if (p->total > 0 && cells >= BAR_LEAST)
		put_bar(p, cells, bar);
	snprintf(out, size, "%s%s", bar, words);
	return out;
}

bool
progress_can(bool list)
{
	const char *term = getenv("TERM");

	return isatty(STDERR_FILENO) == 1 && term != NULL && *term != '\0' &&
	    strcmp(term, "dumb") != 0 && (list || isatty(STDOUT_FILENO) != 1);
}

void
progress_begin(uint64_t total)
{
	int64_t now = clock_boot_ms();

	memset(&meter, 0, sizeof(meter));
	meter.on = true;
	meter.total = total;
	meter.from_ms = meter.before_ms = now;
}

void
progress_less(void)
{
	meter.total -= meter.total > 0;
}

static size_t
terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize w = { 0 };
	int64_t n;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0)
		return w.ws_col;
	return columns != NULL && number_parse(columns, 1, 1000, &n) ? (size_t)n : 80;
}

/* What was done lately, not what was done at all: lines that were there already go by faster. */
static struct progress
measure(int64_t now)
{
	if (now - meter.from_ms >= LATELY_MS) {
		meter.before = meter.from;
		meter.before_ms = meter.from_ms;
		meter.from = meter.done;
		meter.from_ms = now;
	}
	return (struct progress){ .done = meter.done,
		.total = meter.total,
		.lately = meter.done - meter.before,
		.lately_ms = now - meter.before_ms };
}

void
progress_at(uint64_t done)
{
	int64_t now = clock_boot_ms();
	struct progress p;
	char line[200];

	meter.done = done;
	if (!meter.on || now - meter.drawn_ms < DRAW_MS ||
	    tcgetpgrp(STDERR_FILENO) != getpgrp())
		return;
	p = measure(now);
	fprintf(stderr, "\r%s\033[K",
	    progress_line(&p, terminal_width(), line, sizeof(line)));
	meter.drawn_ms = now;
	meter.shown = true;
}

void
progress_hide(void)
{
	if (meter.shown)
		fputs("\r\033[K", stderr);
	meter.shown = false;
}
