/*
 * Threat: a terminal left without echo, or a password that shows on it. Whatever signal ends or stops
 * us puts the terminal back first.
 */
#include "uadmctl/terminal.h"

#include "libuadm/base/cleanup.h"

#include <signal.h>

static const int ending_signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };

static struct {
	volatile sig_atomic_t changed;
	int fd;
	struct termios was;
	struct sigaction saved[ARRAY_LEN(ending_signals)];
} terminal;

static void
restore_and_raise(int sig)
{
	if (terminal.changed)
		tcsetattr(terminal.fd, TCSANOW, &terminal.was);
	terminal.changed = 0;
	raise(sig); /* with the default action: SA_RESETHAND */
}

bool
terminal_without(int tty, tcflag_t modes)
{
	struct sigaction restore = { .sa_handler = restore_and_raise,
		.sa_flags = SA_RESETHAND };
	struct termios mode;

	if (tcgetattr(tty, &terminal.was) != 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(ending_signals); i++)
		sigaction(ending_signals[i], &restore, &terminal.saved[i]);
	mode = terminal.was;
	mode.c_lflag &= ~modes;
	terminal.fd = tty;
	terminal.changed = 1;
	tcsetattr(tty, TCSAFLUSH, &mode);
	return true;
}

void
terminal_restore(void)
{
	tcsetattr(terminal.fd, TCSAFLUSH, &terminal.was);
	terminal.changed = 0;
	for (size_t i = 0; i < ARRAY_LEN(ending_signals); i++)
		sigaction(ending_signals[i], &terminal.saved[i], NULL);
}
