/*
 * status_mail.c - of host status: would mail go out, and does it?
 */
#include "libuadm/base/times.h"
#include "libuadm/ops/outbox.h"
#include "libuadm/ops/status_parts.h"

enum { LONG_SECS = 3600 };

static void
status_mailer(struct telling *t, const struct mail_info *m)
{
	if (!m->configured)
		tell_finding(t, m->counts.waiting > 0 ? FINDING_WARN : FINDING_NOTE,
		    "mail", "[mail] command in uadm.conf(5)", "there is no mailer%s",
		    m->counts.waiting > 0 ? ": what waits is not sent" : "");
	else if (m->mailer.code != UADM_OK)
		tell_finding(t, FINDING_WARN, "mail",
		    "[mail] command in uadm.conf(5) has to name a program of root's",
		    "the mailer is not run: %s", m->mailer.msg);
}

void
status_mail(struct telling *t, struct uadm *u)
{
	struct uadm_err err = { 0 };
	struct mail_info m = { 0 };
	struct clock_now now;
	char since[TIME_SIZE] = "", waiting[80];

	if (u->store == NULL)
		return;
	if (op_mail_info(u, &m, &err) != UADM_OK) {
		tell_finding(t, FINDING_WARN, "mail", err.hint, "%s", err.msg);
		return;
	}
	status_mailer(t, &m);
	clock_read(&now);
	if (m.counts.oldest != 0)
		time_local(m.counts.oldest, since);
	snprintf(waiting, sizeof(waiting), "%lld wait%s%s%s",
	    (long long)m.counts.waiting, m.counts.waiting == 1 ? "s" : "",
	    since[0] != '\0' ? ", the oldest since " : "", since);
	if (m.counts.failed > 0)
		tell_command(t, FINDING_WARN, "outbox", "uadmctl mail list",
		    "%lld mail%s could not be sent, %s; %.200s",
		    (long long)m.counts.failed, m.counts.failed == 1 ? "" : "s",
		    waiting,
		    m.counts.error[0] != '\0' ? m.counts.error : "no error is known");
	else if (m.counts.oldest != 0 && now.wall - m.counts.oldest > LONG_SECS)
		tell_command(t, FINDING_WARN, "outbox", "uadmctl mail list",
		    "no mail failed, but for more than an hour %s; %.200s", waiting,
		    m.counts.error[0] != '\0' ? m.counts.error : "no error is known");
	else if (m.configured || m.counts.waiting > 0)
		tell_finding(
		    t, FINDING_FINE, "outbox", "", "no mail failed, %s", waiting);
}
