"""Mail on a host with systemd: who queues it touches a file, and a unit sends it at once; what failed goes with the
minute's round. Nothing is sent by the command itself, nor by a login."""
import pytest

from booted import Host
from lab import poll

RUNS_OUTSIDE = True
MAILER = r"""#!/bin/sh
cat >>/var/spool/mails && echo $(cat /proc/self/cgroup) >>/var/spool/groups"""


@pytest.fixture(scope='module')
def booted():
    host = Host()
    yield host
    host.stop()


@pytest.fixture(scope='module')
def enabled(booted):
    booted.run('uadmctl host enable --yes', rc=0)
    booted.run(f"printf '%s\\n' '{MAILER}' >/usr/local/sbin/mailer; chmod 755 /usr/local/sbin/mailer", rc=0)
    booted.run("printf '[mail]\\ncommand = /usr/local/sbin/mailer\\n' >/etc/uadm/uadm.conf", rc=0)
    booted.run('uadmctl user add ada --email ada@example.org', rc=0)
    return booted


def lines(host, what):
    return host.run(f'grep -c "{what}" /var/spool/mails 2>/dev/null').out.strip() or '0'


def test_the_unit_sends_at_once(enabled):
    assert enabled.run('systemctl is-active uadm-mail.path').out == 'active\n'
    # The minute's round is out of the way: what is sent is sent for the file.
    enabled.run('systemctl stop uadm-maintain.timer', rc=0)
    for n in range(1, 13):  # more often than systemd would start a unit as a rule
        enabled.run('uadmctl user suspend ada && uadmctl user resume ada', rc=0)
        poll(lambda: lines(enabled, '^To: ada@example.org') == str(n), f'mail {n}')
    assert {g for g in enabled.run('cat /var/spool/groups').out.split() if g.startswith('0::')} == {'0::/system.slice/uadm-mail.service'}
    poll(lambda: enabled.run('systemctl is-active uadm-mail.service').out == 'inactive\n', 'its end')


def test_the_minutes_round_sends_what_waits(enabled):
    enabled.run('systemctl stop uadm-mail.path', rc=0)
    before = int(lines(enabled, '^To: '))
    enabled.run('uadmctl user suspend ada', rc=0)
    assert enabled.run('uadmctl mail list --state queued -o kind --noheadings').out == 'suspended\n'
    enabled.run('systemctl start uadm-maintain.service', rc=0)
    poll(lambda: int(lines(enabled, '^To: ')) == before + 1, 'the mail')
    poll(lambda: enabled.run('uadmctl mail list --state queued --json').out == '[]\n', 'the outbox to be empty')


def test_host_disable_stops_it(enabled):
    enabled.run('systemctl start uadm-mail.path', rc=0)
    enabled.run('uadmctl host disable --yes', rc=0)
    assert enabled.run('systemctl is-enabled uadm-mail.path').out == 'disabled\n'
    assert enabled.run('systemctl is-active uadm-mail.path').out == 'inactive\n'
