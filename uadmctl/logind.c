/*
 * logind.c - see logind.h.
 *
 * libsystemd is loaded when it is needed: linked, it would cost each call of uadmctl a third of
 * its time. So its functions are declared here; they are stable, its header says.
 */
#include "uadmctl/logind.h"

#include "libuadm/base/cleanup.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

enum { PATIENCE_US = 500000 };

struct bus;

struct library {
	int (*open_system)(struct bus **bus);
	int (*set_timeout)(struct bus *bus, uint64_t usec);
	int (*call)(struct bus *bus, const char *destination, const char *path,
	    const char *interface, const char *member, void *error, void **reply,
	    const char *types, ...);
	struct bus *(*close)(struct bus *bus);
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
	    take(h, "sd_bus_flush_close_unref", &lib->close);
}

static bool
terminate(uid_t uid)
{
	struct library lib;
	struct bus *bus = NULL;
	bool done;

	if (!load(&lib) || lib.open_system(&bus) < 0)
		return false;
	done = lib.set_timeout(bus, PATIENCE_US) >= 0 &&
	    lib.call(bus, "org.freedesktop.login1", "/org/freedesktop/login1",
		"org.freedesktop.login1.Manager", "TerminateUser", NULL, NULL, "u",
		(uint32_t)uid) >= 0;
	lib.close(bus);
	return done;
}

void
logind_end(uid_t uid)
{
	static bool silent; /* asked once in vain: the others need not wait as long */
	char path[48];

	snprintf(path, sizeof(path), "/run/systemd/users/%u", (unsigned)uid);
	if (!silent && access("/run/systemd/system", F_OK) == 0 &&
	    access(path, F_OK) == 0)
		silent = !terminate(uid);
}
