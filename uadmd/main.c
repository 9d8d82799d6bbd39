/*
 * uadmd - decides one call of pam_uadm, over the socket that is its standard input.
 *
 * Started by pam_uadm for a host that is root, or by the listening socket (uadmd.socket, one
 * process for each connection) for one that is not.
 *
 * Threat: whoever is at the other end. The kernel says who that is (SO_PEERCRED), and only root
 * is believed what it says of a login. Anybody else may check their own password and state, as
 * a screen locker does, and their attempts count as theirs. Everything received is capped,
 * every wait but the one for a person's answer is bounded, and no answer is no success.
 */
#include "uadmd/phases.h"

#include "libuadm/base/names.h"
#include "libuadm/base/paths.h"
#include "libuadm/ops/letters.h"
#include "libuadm/ops/slots.h"

#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <syslog.h>

enum { START_MS = 10000 };

static void
harden(void)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
	umask(077);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a write that fails is told; a signal is not */
}

/* Somebody who is not root may ask about nobody but themselves. */
static bool
peer_may_ask(const struct ucred *peer, const struct call *c, int64_t phase)
{
	const struct passwd *pw;

	if (peer->uid == 0 || peer->uid == UADM_TRUSTED_UID)
		return true;
	pw = getpwuid(peer->uid);
	return (phase == RELAY_AUTH || phase == RELAY_ACCOUNT) && pw != NULL &&
	    strcmp(pw->pw_name, c->request.name) == 0;
}

static bool
take_token(const struct relay_frame *f, enum relay_tag tag, struct secret *s)
{
	struct uadm_err ignored;
	size_t size;
	const char *text = relay_get(f, tag, &size);

	return text == NULL ||
	    (secret_new(s, &ignored) == UADM_OK &&
		secret_set(s, text, size, &ignored) == UADM_OK);
}

static bool
take_text(const struct relay_frame *f, enum relay_tag tag, char *out, size_t size)
{
	size_t ignored;

	return relay_get(f, tag, &ignored) == NULL || relay_get_text(f, tag, out, size);
}

static bool
read_start(
    struct call *c, const struct ucred *peer, int64_t *phase, char *conf, size_t size)
{
	struct relay_frame *f = &c->talk->frame;
	struct login_request *r = &c->request;

	if (!relay_receive(c->talk->fd, f, clock_boot_ms() + START_MS) ||
	    f->type != RELAY_START ||
	    relay_get_int(f, RELAY_F_VERSION, 0) != RELAY_VERSION ||
	    !relay_get_text(f, RELAY_F_USER, r->name, sizeof(r->name)))
		return false;
	/* The rest may be missing, but what is there must fit: half a source or another
	 * configuration than the administrator's decides nothing. */
	if (!take_text(f, RELAY_F_SERVICE, r->service, sizeof(r->service)) ||
	    !take_text(f, RELAY_F_TTY, r->tty, sizeof(r->tty)) ||
	    !take_text(f, RELAY_F_RHOST, r->rhost, sizeof(r->rhost)) ||
	    !take_text(f, RELAY_F_ACCOUNTS, r->accounts, sizeof(r->accounts)) ||
	    !take_text(f, RELAY_F_CONF, conf, size))
		return false;
	*phase = relay_get_int(f, RELAY_F_PHASE, 0);
	c->flags = relay_get_int(f, RELAY_F_FLAGS, 0);
	r->real_uid = (uid_t)relay_get_int(f, RELAY_F_RUID, 0);
	r->host.pid = peer->pid;
	process_look(&r->host);
	if (peer->uid != 0 && peer->uid != UADM_TRUSTED_UID) {
		r->real_uid = peer->uid;
		r->rhost[0] = conf[0] = '\0';
	}
	if (!take_token(f, RELAY_F_AUTHTOK, &c->token) ||
	    !take_token(f, RELAY_F_OLDAUTHTOK, &c->old_token))
		return false;
	relay_wipe(f);
	return true;
}

static void
decide(struct call *c, int64_t phase, struct verdict *v)
{
	static void (*const phases[])(struct call *, struct verdict *) = {
		[RELAY_AUTH] = phase_auth,
		[RELAY_ACCOUNT] = phase_account,
		[RELAY_CHAUTHTOK] = phase_chauthtok,
		[RELAY_OPEN_SESSION] = phase_open,
		[RELAY_CLOSE_SESSION] = phase_close,
	};

	if (phase <= 0 || (size_t)phase >= ARRAY_LEN(phases) || phases[phase] == NULL)
		return;
	if (c->whose == LOGIN_OTHERS) {
		v->result = RELAY_NOT_OURS;
		return;
	}
	v->known = c->whose == LOGIN_OURS;
	/* Without a store nobody of ours can be let in. */
	if (c->u == NULL)
		say_unavailable(v, &c->why);
	else if (c->whose == LOGIN_OURS || phase == RELAY_AUTH)
		phases[phase](c, v);
	else if (phase == RELAY_ACCOUNT || phase == RELAY_OPEN_SESSION)
		/* Nobody's name, yet somebody is about to get in under it: a user of ours who
		 * was deleted while this login was under way. */
		say_refused(c, v, (struct login_answer){ LOGIN_REFUSE, LOGIN_UNKNOWN });
	else
		v->result = RELAY_NOT_OURS;
}

/* Where even the configuration is broken, the ranges we ship are what there is to go by. */
static const struct config *
known_config(struct uadm *u)
{
	if (u->config.uid_min == 0)
		config_defaults(&u->config);
	return &u->config;
}

/* Whoever was killed before hearing the answer leaves no line in the log: su(1) belongs to the
 * one who guesses. Then it is written here, in the form that the module has. */
static void
answer(struct call *c, const struct verdict *v)
{
	const struct login_request *r = &c->request;
	char service[300], tty[300], rhost[600], name[600];

	if (talk_result(c->talk, v) || v->result != RELAY_AUTH_FAILED)
		return;
	openlog("uadmd", LOG_PID, LOG_AUTHPRIV);
	syslog(LOG_NOTICE,
	    "pam_uadm(%s:auth): authentication failure; logname= uid=%u euid=0 tty=%s ruser= "
	    "rhost=%s  user=%s (nobody was there to hear it)",
	    text_escape_word(service, sizeof(service), r->service),
	    (unsigned)r->real_uid, text_escape_word(tty, sizeof(tty), r->tty),
	    text_escape_word(rhost, sizeof(rhost), r->rhost),
	    v->known ? text_escape_word(name, sizeof(name), r->name) : "");
	closelog();
}

static void
serve(struct call *c, struct uadm *u, const struct ucred *peer)
{
	struct verdict v = { .result = RELAY_NO_VERDICT };
	char conf[1024 + 1] = "", service[80];
	int64_t phase = 0;

	/* Before a byte is read: who says nothing holds a place as well. */
	if (peer->uid != 0 && peer->uid != UADM_TRUSTED_UID &&
	    !slot_of_caller(peer->uid))
		return;
	if (secrets_init(&c->why) != UADM_OK ||
	    !read_start(c, peer, &phase, conf, sizeof(conf)))
		return;
	if (!peer_may_ask(peer, c, phase)) {
		v.result = RELAY_DENIED;
		snprintf(v.log, sizeof(v.log), "uid %u may only ask about itself",
		    (unsigned)peer->uid);
		talk_result(c->talk, &v);
		return;
	}
	if (uadm_open(u, conf[0] != '\0' ? conf : NULL, &c->why) == UADM_OK &&
	    op_login_whose(u, c->request.name, &c->whose, &c->user, &c->why) == UADM_OK)
		c->u = u;
	else if (login_is_others(c->request.name, known_config(u)))
		c->whose = LOGIN_OTHERS;
	snprintf(u->actor, sizeof(u->actor), "login (%s)",
	    text_escape_word(service, sizeof(service), c->request.service));
	decide(c, phase, &v);
	answer(c, &v);
}

int
main(void)
{
	struct talk talk = { .fd = STDIN_FILENO };
	struct call c = { .talk = &talk };
	struct uadm u = { 0 };
	struct ucred peer;
	socklen_t size = sizeof(peer);

	harden();
	if (geteuid() != UADM_TRUSTED_UID ||
	    getsockopt(talk.fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
		fputs(
		    "uadmd: pam_uadm and uadmd.socket start this; there is nothing to run\n",
		    stderr);
		return 64;
	}
	serve(&c, &u, &peer);
	secret_wipe(&c.token);
	secret_wipe(&c.old_token);
	secret_wipe(&c.typed);
	secret_zero(&c.factor, sizeof(c.factor));
	talk_done(&talk);
	letters_close(&u);
	/* The host waits for our end. What was committed is on disk, locks go with the process, and
	 * closing the store would have it wait for nothing. */
	_exit(0);
}
