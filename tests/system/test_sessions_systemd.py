"""Sessions where systemd-logind keeps logins (F60): it knows what has left its terminal, its parents and
even its login uid; and users whose service manager runs without a login."""
import json

import lab
from lab import poll
from test_suspend_systemd import booted, enabled, slice_is_empty, ssh, uid_of  # noqa: F401 (fixtures)

RUNS_OUTSIDE = True


def sessions(host, *args):
    return json.loads(host.run(f"uadmctl session list {' '.join(args)} --json", rc=0).out)


def logins(host, user):
    """The ids that logind has for sessions of this user's that are not closing."""
    found = json.loads(host.run('loginctl list-sessions --output=json', rc=0).out)
    return {s['session'] for s in found if s['user'] == user and
            host.run(f"loginctl show-session {s['session']} -P State").out != 'closing\n'}


def is_active(host, unit):
    return host.run(f'systemctl is-active {unit}').out == 'active\n'


def test_F60_one_of_two_ends(enabled):
    """By its scope: also root's in it that has shed the login uid and left for init, which nothing else knows of."""
    uid = uid_of(enabled, 'ada')
    ssh(enabled, 'ada', 'sudo -n sh -c "echo 4294967295 >/proc/self/loginuid; exec setsid -f sleep 9911"; setsid -f sleep 9912; sleep 9913')
    enabled.wait_for('^sleep 991[123]', 3)
    ssh(enabled, 'ada', 'XDG_RUNTIME_DIR=/run/user/$(id -u) systemd-run --user -q sh -c "exec sleep 9921"; setsid -f sleep 9922; sleep 9923')
    ssh(enabled, 'eve', 'sleep 9931')
    enabled.wait_for('^sleep 992[123]', 3)
    enabled.wait_for('^sleep 9931')
    assert len(logins(enabled, 'ada')) == 2
    listed = sessions(enabled, 'ada')
    assert sorted(s['kind'] for s in listed) == ['login', 'login', 'manager'], listed
    first = min(s['id'] for s in listed if s['kind'] == 'login')
    done = enabled.run(f'uadmctl session terminate {first} --yes', rc=0)
    poll(lambda: enabled.pids('^sleep 991') == set(), 'all of it to end')
    assert len(enabled.pids('^sleep 992')) == 3 and len(enabled.pids('^sleep 9931')) == 1, done
    poll(lambda: len(logins(enabled, 'ada')) == 1, 'logind to have one')
    assert sorted(s['kind'] for s in sessions(enabled, 'ada')) == ['login', 'manager']
    assert is_active(enabled, f'user@{uid}.service') and is_active(enabled, 'lab-ssh.service')


def test_F60_the_service_manager_is_one(enabled):
    """Its end stops user@UID.service and leaves the login alone."""
    uid = uid_of(enabled, 'ada')
    manager, = (s for s in sessions(enabled, 'ada') if s['kind'] == 'manager')
    assert manager['service'] == 'systemd-user'
    done = enabled.run(f"uadmctl session terminate {manager['id']} --yes", rc=0)
    poll(lambda: not is_active(enabled, f'user@{uid}.service'), 'the manager to stop')
    assert enabled.pids('^sleep 9921') == set() and len(enabled.pids('^sleep 992')) == 2, done
    assert [s['kind'] for s in sessions(enabled, 'ada')] == ['login']
    enabled.run(f'systemctl start user@{uid}.service', rc=0)


def test_F60_all_of_a_user_who_lingers(enabled):
    uid = uid_of(enabled, 'ada')
    enabled.run('loginctl enable-linger ada', rc=0)
    planned = enabled.run('uadmctl session terminate --user ada --dry-run', rc=0)
    assert 'ada: would be terminated' in planned.out and len(enabled.pids('^sleep 992')) == 2, planned
    done = enabled.run('uadmctl session terminate --user ada --yes', rc=0)
    assert f'warning: ada lingers: user@{uid}.service starts again' in done.err and '--linger-off' in done.err, done
    assert enabled.pids('^sleep 992') == set() and len(enabled.pids('^sleep 9931')) == 1, done
    poll(lambda: logins(enabled, 'ada') == set(), 'logind to have none')
    enabled.run('uadmctl session terminate --user ada --linger-off --yes', rc=0)
    assert enabled.run('ls /var/lib/systemd/linger').out == ''
    poll(slice_is_empty(enabled, uid), "ada's slice to be empty")
    assert sessions(enabled, 'ada') == []
    # Nobody was kept out.
    ssh(enabled, 'ada', 'sleep 9941')
    enabled.wait_for('^sleep 9941')
    enabled.run('uadmctl session terminate --user ada,eve --yes', rc=0)
    assert enabled.pids('^sleep 99[34]') == set()


def test_P21_with_logind(enabled):
    """Neither the service manager nor sudo takes the place of a login."""
    enabled.run('uadmctl policy set max-sessions 1', rc=0)
    ssh(enabled, 'ada', 'sudo -n sleep 9951 & sleep 9952')
    enabled.wait_for('^sleep 995[12]', 2)
    assert 'manager' in {s['kind'] for s in sessions(enabled, 'ada')}
    ssh(enabled, 'ada', 'sleep 9953')
    said = enabled.run('ssh -F none -p 2201 -i /run/client -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null '
                       '-o LogLevel=ERROR ada@127.0.0.1 true </dev/null')
    assert said.rc == 254 and 'logged in as often as you may be' in said.err + said.out, said
    assert enabled.pids('^sleep 9953') == set()
    enabled.run('uadmctl session terminate --user ada --yes', rc=0)
    assert enabled.run('ssh -F none -p 2201 -i /run/client -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null '
                       '-o LogLevel=ERROR ada@127.0.0.1 true </dev/null').rc == 0
    assert lab.poll(lambda: 'login' not in {s['kind'] for s in sessions(enabled, 'ada')}, 'ada to be out')
