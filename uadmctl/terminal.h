/*
 * terminal.h - a terminal that for a while does not echo, or gives each key at once.
 */
#ifndef UADM_UADMCTL_TERMINAL_H
#define UADM_UADMCTL_TERMINAL_H

#include <stdbool.h>
#include <termios.h>

/* Turn these local modes (ECHO, ICANON) off, and drop what was typed ahead. One terminal at a time.
 * false: it is none. */
bool terminal_without(int tty, tcflag_t modes);
void terminal_restore(void);

#endif
