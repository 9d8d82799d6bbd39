"""P22 on a host with systemd: logind's sessions, the user's own service manager, lingering, services.
It boots one, once, as pid 1 of namespaces; where that cannot be done all of this is skipped."""
import shlex

import pytest

from booted import Host
from lab import poll

RUNS_OUTSIDE = True
PAST, FUTURE = '2001-01-01', '2099-01-01'


@pytest.fixture(scope='module')
def booted():
    host = Host()
    yield host
    host.stop()


@pytest.fixture(scope='module')
def enabled(booted):
    """uadm is enabled, ada and eve are there, and a sshd that systemd looks after."""
    booted.run('uadmctl host enable --yes', rc=0)
    for name in ('ada', 'eve'):
        booted.run(f'uadmctl user add {name} --create-home', rc=0)
    booted.run("ssh-keygen -q -t ed25519 -N '' -f /run/client && ssh-keygen -q -t ed25519 -N '' -f /run/host-key && "
               'mkdir -p /run/sshd && printf "%s\\n" "Port 2201" "ListenAddress 127.0.0.1" "HostKey /run/host-key" '
               '"UsePAM yes" "PidFile none" "StrictModes no" "AuthorizedKeysFile /run/client.pub" >/run/sshd_config && '
               "printf 'ada ALL=(ALL:ALL) NOPASSWD: ALL\\n' >/etc/sudoers.d/uadm-test && "
               'systemd-run -q --unit=lab-ssh /usr/sbin/sshd -D -f /run/sshd_config', rc=0)
    poll(lambda: booted.run('ss -Hltn | grep -q :2201').rc == 0, 'sshd')
    return booted


def ssh(host, user, script):
    """Leave a session open in which `script` runs."""
    host.run('ssh -F none -p 2201 -i /run/client -o IdentitiesOnly=yes -o StrictHostKeyChecking=no '
             '-o UserKnownHostsFile=/dev/null -o LogLevel=ERROR '
             f'{user}@127.0.0.1 {shlex.quote(script)} </dev/null >/dev/null 2>&1 &', rc=0)


def uid_of(host, name):
    return int(host.run(f'id -u {name}', rc=0).out)


def slice_is_empty(host, uid):
    return lambda: host.run(f'cat $(find /sys/fs/cgroup/user.slice/user-{uid}.slice -name cgroup.procs) 2>/dev/null '
                            '| grep .').out == ''


def test_host_enable_starts_the_timer(enabled):
    assert enabled.run('systemctl is-enabled uadm-maintain.timer').out == 'enabled\n'
    assert enabled.run('systemctl is-active uadm-maintain.timer').out == 'active\n'


def test_P22_sessions_services_and_lingering(enabled):
    """The session, what left it, root's in it (also what has shed the login uid, which logind alone
    still knows), and what the user's own service manager runs."""
    uid, eve = uid_of(enabled, 'ada'), uid_of(enabled, 'eve')
    enabled.run('loginctl enable-linger ada', rc=0)
    ssh(enabled, 'ada', 'setsid -f sleep 9911; XDG_RUNTIME_DIR=/run/user/$(id -u) systemd-run --user -q sh -c "exec sleep 9912"; '
        'sudo -n setsid -f sleep 9913; '
        'sudo -n sh -c "echo 4294967295 >/proc/self/loginuid; exec setsid -f sleep 9914"; sleep 9915')
    ssh(enabled, 'eve', 'sleep 9921')
    # A service's main process that came from ada's login, by the kernel's account.
    enabled.run(f"systemd-run -q --unit=marked sh -c 'echo {uid} >/proc/self/loginuid; exec sleep 9931'", rc=0)
    enabled.wait_for('^sleep 991[1-5]', 5)
    enabled.wait_for('^sleep 9921')
    enabled.wait_for('^sleep 9931')
    assert enabled.run(f'systemctl is-active user@{uid}.service').out == 'active\n'
    done = enabled.run('uadmctl user suspend ada', rc=0)
    assert enabled.pids('^sleep 991[1-35]') == set(), done
    assert 'ada: suspended' in done.out and 'warning: ada: sleep (pid' in done.err, done
    poll(slice_is_empty(enabled, uid), "ada's slice to be empty")
    assert enabled.pids('^sleep 991') == set()
    poll(lambda: enabled.run(f'systemctl is-active user@{uid}.service').out != 'active\n', 'user@ to end')
    # Nothing of anybody else's, and nothing brings it back: lingering asks the account phase.
    assert len(enabled.pids('^sleep 9921')) == len(enabled.pids('^sleep 9931')) == 1
    assert enabled.run(f'systemctl is-active user@{eve}.service lab-ssh.service').out == 'active\nactive\n'
    enabled.run(f'systemctl start user@{uid}.service')
    assert enabled.run(f'systemctl is-active user@{uid}.service').out != 'active\n'
    assert enabled.run('uadmctl maintain', rc=0).out == ''


def test_P7_the_unit_ends_what_is_over(enabled):
    """uadm-maintain.service with all that it is denied does what uadmctl does."""
    enabled.run('uadmctl user add bob --create-home', rc=0)
    uid = uid_of(enabled, 'bob')
    ssh(enabled, 'bob', 'sleep 9941')
    enabled.wait_for('^sleep 9941')
    enabled.run(f'uadmctl user set bob --expires {PAST}', rc=0)
    enabled.run('systemctl start uadm-maintain.service', rc=0)
    assert enabled.pids('^sleep 9941') == set()
    assert enabled.run('systemctl show -P Result uadm-maintain.service').out == 'success\n'
    poll(slice_is_empty(enabled, uid), "bob's slice to be empty")
    rows = enabled.run('uadmctl audit list --target bob', rc=0).out
    assert 'user.end-processes' in rows, rows


def test_host_disable_stops_the_timer(enabled):
    enabled.run('uadmctl host disable --yes', rc=0)
    assert enabled.run('systemctl is-active uadm-maintain.timer').out == 'inactive\n'
    assert enabled.run('systemctl is-enabled uadm-maintain.timer').out == 'disabled\n'
