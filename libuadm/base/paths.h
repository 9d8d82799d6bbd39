/*
 * paths.h - where things are, settled when we are compiled.
 *
 * Whoever could choose one of these paths would decide what root does, so none is read from
 * the environment. The modules and libraries of the test build are compiled with
 * UADM_TEST_ROOT: everything lies below that directory and belongs to who runs the tests.
 */
#ifndef UADM_BASE_PATHS_H
#define UADM_BASE_PATHS_H

#include <unistd.h>

#ifdef UADM_TEST_ROOT
#define UADM_ROOT        UADM_TEST_ROOT
#define UADM_TRUSTED_UID (geteuid())
#else
#define UADM_ROOT        ""
#define UADM_TRUSTED_UID ((uid_t)0)
#endif

#ifndef UADM_PREFIX
#define UADM_PREFIX "/usr"
#endif
#ifndef UADM_DATADIR
#define UADM_DATADIR "/usr/share"
#endif

#define UADM_CONFIG_DIR     UADM_ROOT "/etc/uadm"
#define UADM_KEY_FILE       UADM_ROOT "/etc/uadm/secret.key"
#define UADM_STATE_DIR      UADM_ROOT "/var/lib/uadm"
#define UADM_STORE_DIR      UADM_ROOT "/var/lib/uadm/store"
#define UADM_STORE_FILE     UADM_STORE_DIR "/uadm.db"
#define UADM_DIRECTORY_DIR  UADM_ROOT "/var/lib/uadm/directory"
#define UADM_DIRECTORY_FILE UADM_DIRECTORY_DIR "/directory"
#define UADM_HIGHEST_FILE   UADM_ROOT "/var/lib/uadm/highest-ids"
#define UADM_HOST_DIR       UADM_ROOT "/var/lib/uadm/host"
#define UADM_RUN_DIR        UADM_ROOT "/run/uadm"
#define UADM_SOCKET         UADM_ROOT "/run/uadm/uadmd.socket"
#define UADM_WAKE_FILE      UADM_RUN_DIR "/outbox"
#define UADM_MAIL_DIR       UADM_CONFIG_DIR "/mail"
#define UADM_MAIL_SHIPPED   UADM_ROOT UADM_DATADIR "/uadm/mail"
#define UADM_LOCAL_PASSWD   UADM_ROOT "/etc/passwd"
#define UADM_LOCAL_GROUP    UADM_ROOT "/etc/group"
#define UADM_SUBUID_FILE    UADM_ROOT "/etc/subuid"
/* libc's, and root's in any build. */
#define UADM_ZONE_DIR "/usr/share/zoneinfo"
#ifndef UADM_UADMD
#define UADM_UADMD UADM_UADMD_PATH /* from the Makefile */
#endif

#endif
