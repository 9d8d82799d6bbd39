/*
 * logind.c - see logind.h.
 *
 * libsystemd is loaded when it is needed: linked, it would cost each call of uadmctl a third of
 * its time. So its functions are declared here; they are stable, its header says.
 */
#include "uadmctl/logind.h"

#include "libuadm/base/cleanup.h"
#include "libuadm/base/clock.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#define LOGIND      "org.freedesktop.login1"
#define LOGIND_PATH "/org/freedesktop/login1"
#define MANAGER     LOGIND ".Manager"
#define SESSION     LOGIND ".Session"
#define SYSTEMD     "org.freedesktop.systemd1"
#define LINGERERS   "/var/lib/systemd/linger/"

enum { PATIENCE_US = 500000, PATH_MOST = 200 };

struct bus;
struct message;

struct library {
	int (*open_system)(struct bus **bus);
	int (*set_timeout)(struct bus *bus, uint64_t usec);
	int (*call)(struct bus *bus, const char *destination, const char *path,
	    const char *interface, const char *member, void *error,
	    struct message **reply, const char *types, ...);
	int (*get)(struct bus *bus, const char *destination, const char *path,
	    const char *interface, const char *member, void *error, char type,
	    void *value);
	int (*read)(struct message *m, const char *types, ...);
	struct message *(*unref)(struct message *m);
	struct bus *(*close)(struct bus *bus);
};

/* A call to make on an open bus; false: it did not work. */
struct errand {
	struct library lib;
	struct bus *bus;
	uid_t uid;
	const struct session *s;
	int64_t *at;
};

/* A function from a name: dlsym() gives an object pointer, and POSIX says it may be copied. */
static bool
take(void *handle, const char *name, void *function)
{
	void *symbol = dlsym(handle, name);

	*(void **)function = symbol;
	return symbol != NULL;
}

static bool
load(struct library *lib)
{
	void *h = dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);

	return h != NULL && take(h, "sd_bus_open_system", &lib->open_system) &&
	    take(h, "sd_bus_set_method_call_timeout", &lib->set_timeout) &&
	    take(h, "sd_bus_call_method", &lib->call) &&
	    take(h, "sd_bus_get_property_trivial", &lib->get) &&
	    take(h, "sd_bus_message_read", &lib->read) &&
	    take(h, "sd_bus_message_unref", &lib->unref) &&
	    take(h, "sd_bus_flush_close_unref", &lib->close);
}

/* A bus that gave no answer once is asked no more: the others need not wait as long. */
static bool
run(struct errand *e, bool (*what)(struct errand *))
{
	static bool silent;
	bool done;

	if (silent || access("/run/systemd/system", F_OK) != 0)
		return false;
	if (!load(&e->lib) || e->lib.open_system(&e->bus) < 0) {
		silent = true;
		return false;
	}
	silent = e->lib.set_timeout(e->bus, PATIENCE_US) < 0;
	errno = 0;
	done = !silent && what(e);
	silent = silent || (!done && errno == ETIMEDOUT);
	e->lib.close(e->bus);
	return done;
}

/* sd-bus answers with -errno. */
static bool
worked(int answer)
{
	if (answer < 0)
		errno = -answer;
	return answer >= 0;
}

static bool
terminate_user(struct errand *e)
{
	return worked(e->lib.call(e->bus, LOGIND, LOGIND_PATH, MANAGER, "TerminateUser",
	    NULL, NULL, "u", (uint32_t)e->uid));
}

void
logind_end(uid_t uid)
{
	struct errand e = { .uid = uid };
	char path[48];

	snprintf(path, sizeof(path), "/run/systemd/users/%u", (unsigned)uid);
	if (access(path, F_OK) == 0)
		run(&e, terminate_user);
}

/* The session that this very process opened, and not the one around it. */
static bool
find_session(struct errand *e, char path[PATH_MOST])
{
	struct message *reply = NULL;
	const char *found = NULL;
	uint32_t leader = 0;
	bool ok;

	ok = worked(e->lib.call(e->bus, LOGIND, LOGIND_PATH, MANAGER, "GetSessionByPID",
		 NULL, &reply, "u", (uint32_t)e->s->leader)) &&
	    worked(e->lib.read(reply, "o", &found)) && strlen(found) < PATH_MOST;
	if (ok)
		memcpy(path, found, strlen(found) + 1);
	e->lib.unref(reply);
	return ok &&
	    worked(e->lib.get(
		e->bus, LOGIND, path, SESSION, "Leader", NULL, 'u', &leader)) &&
	    (pid_t)leader == e->s->leader;
}

static bool
terminate_session(struct errand *e)
{
	char path[PATH_MOST];

	return find_session(e, path) &&
	    worked(e->lib.call(
		e->bus, LOGIND, path, SESSION, "Terminate", NULL, NULL, ""));
}

static bool
stop_manager(struct errand *e)
{
	char unit[40];

	snprintf(unit, sizeof(unit), "user@%u.service", (unsigned)e->s->uid);
	return worked(e->lib.call(e->bus, SYSTEMD, "/org/freedesktop/systemd1",
	    SYSTEMD ".Manager", "StopUnit", NULL, NULL, "ss", unit, "replace"));
}

void
logind_end_session(const struct session *s)
{
	struct errand e = { .s = s };

	run(&e,
	    policy_session_kind(s->service) == SESSION_MANAGER ? stop_manager
							       : terminate_session);
}

/* One that is in use has no time of its own; one that cannot be idle has none either way. */
static bool
ask_idle(struct errand *e)
{
	char path[PATH_MOST];
	struct clock_now now;
	uint64_t since = 0;
	int idle = 0;

	if (!find_session(e, path) ||
	    !worked(e->lib.get(
		e->bus, LOGIND, path, SESSION, "IdleHint", NULL, 'b', &idle)) ||
	    !worked(e->lib.get(
		e->bus, LOGIND, path, SESSION, "IdleSinceHint", NULL, 't', &since)) ||
	    since == 0)
		return false;
	clock_read(&now);
	*e->at = idle != 0 ? (int64_t)(since / 1000000) : now.wall;
	return true;
}

bool
logind_idle_since(const struct session *s, int64_t *at)
{
	struct errand e = { .s = s, .at = at };

	return run(&e, ask_idle);
}

static bool
linger_file(const char *user, char *path, size_t size)
{
	return strchr(user, '/') == NULL &&
	    (size_t)snprintf(path, size, LINGERERS "%s", user) < size;
}

bool
logind_lingers(const char *user)
{
	char path[sizeof(LINGERERS) + UADM_NAME_SIZE];

	return linger_file(user, path, sizeof(path)) && access(path, F_OK) == 0;
}

static bool
unset_linger(struct errand *e)
{
	return worked(e->lib.call(e->bus, LOGIND, LOGIND_PATH, MANAGER, "SetUserLinger",
	    NULL, NULL, "ubb", (uint32_t)e->uid, 0, 0));
}

/* Without a logind to ask, its file is all there is to it. */
bool
logind_linger_off(uid_t uid, const char *user)
{
	char path[sizeof(LINGERERS) + UADM_NAME_SIZE];
	struct errand e = { .uid = uid };

	return run(&e, unset_linger) ||
	    (linger_file(user, path, sizeof(path)) &&
		(unlink(path) == 0 || errno == ENOENT));
}
