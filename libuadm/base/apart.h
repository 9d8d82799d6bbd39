/*
 * apart.h - a program that runs with nothing of ours: its own session, no signal blocked or ignored, no
 * descriptor but its three, in "/".
 */
#ifndef UADM_BASE_APART_H
#define UADM_BASE_APART_H

#include <sys/types.h>

/* 0, or an errno. What it reads is `input` (-1: nothing), what it says goes to `output`. *pid leads a
 * session and a group, so that kill(-pid) ends all of it. */
int apart_spawn(
    char *const argv[], char *const env[], int input, int output, pid_t *pid);

#endif
