"""P21: max-sessions admits atomically, counts who is really in, and nobody else."""
import os
import signal
import subprocess

import pytest

import lab
from lab import PAM_PERM_DENIED, PAM_SUCCESS, add_user, pam, poll, uadmctl
from test_suspend import facts, lives, ssh, start

GATE = '/run/gate'
# Stands at the gate, opens a session once that is open for all, says what came of it, and stays.
OPENS = ('import runpy,signal,sys\nf = open(sys.argv[1])\nprint("here", flush=True)\nf.read()\nsys.argv = sys.argv[2:]\nrunpy.run_path(sys.argv[0], run_name="__main__")\n'
         'sys.stdout.flush()\nsignal.pause()')


def at_once(count, user='ada', service='sshd'):
    """As many processes that open a session at the same time, and stay: (process, PAM code)."""
    os.mkfifo(GATE)
    gate = os.open(GATE, os.O_RDWR)
    children = [start('/usr/bin/python3', '-B', '-c', OPENS, GATE, lab.PAM_PROGRAM, service, user, '', 'open', stdout=subprocess.PIPE,
                      stderr=subprocess.DEVNULL) for _ in range(count)]
    assert all(c.stdout.readline() == b'here\n' for c in children)
    os.close(gate)
    os.unlink(GATE)
    return [(c, int(c.stdout.readline())) for c in children]


def sessions():
    return uadmctl('session', 'list', '--json', rc=0).json


@pytest.fixture
def ada(host):
    add_user('ada')
    add_user('eve')
    uadmctl('policy', 'set', 'max-sessions', '1', rc=0)


def may_come_in(user='ada'):
    """One more, who leaves again."""
    return pam('sshd', user, 'open', 'close')[0] == PAM_SUCCESS


def test_P21_of_fifty_at_once_one_gets_in(ada):
    came = at_once(50)
    assert sorted(code for _, code in came) == [PAM_SUCCESS] + 49 * [PAM_PERM_DENIED]
    only, = (child for child, code in came if code == PAM_SUCCESS)
    row, = sessions()
    assert row['leader'] == only.pid
    # Those who were refused may go, or stay: it changes nothing. Others are not kept out.
    assert not may_come_in() and may_come_in('eve')
    # A dead leader frees the place, at once and by itself.
    os.kill(only.pid, signal.SIGKILL)
    only.wait()
    came2 = at_once(10)
    assert sorted(code for _, code in came2) == [PAM_SUCCESS] + 9 * [PAM_PERM_DENIED]
    # So does a reboot.
    lab.sql("UPDATE session SET boot_id = 'of-before' WHERE closed_at IS NULL")
    assert may_come_in()
    # And a close.
    assert may_come_in() and may_come_in()
    for child, _ in came + came2:
        child.kill()


def test_P21_three(ada):
    uadmctl('policy', 'set', 'max-sessions', '3', rc=0)
    came = at_once(12)
    assert [code for _, code in came].count(PAM_SUCCESS) == 3
    uadmctl('policy', 'set', 'max-sessions', '0', rc=0)
    more = at_once(5)
    assert [code for _, code in more] == 5 * [PAM_SUCCESS]
    for child, _ in came + more:
        child.kill()


def test_P21_what_takes_no_place(ada, sshd, cron, atd):
    """Jobs, and who is in already and becomes somebody: neither counted nor refused."""
    server = sshd()
    become = [at_once(1, service=service)[0] for service in ('su', 'sudo', 'cron', 'atd', 'systemd-user')]
    assert [code for _, code in become] == 5 * [PAM_SUCCESS]
    session = ssh(server, 'ada', 'sleep 991 &')
    assert len(sessions()) == 6
    for service in ('su', 'su-l', 'runuser', 'sudo-i', 'polkit-1', 'systemd-user'):
        assert pam(service, 'ada', 'open', 'close') == [PAM_SUCCESS, PAM_SUCCESS], service
    # What nobody has heard of is a login.
    assert pam('other', 'ada', 'open')[0] == PAM_PERM_DENIED
    cron({'ada': 'touch /home/ada/by-cron'})
    atd().submit('ada', 'touch /home/ada/by-at')
    poll(lambda: os.path.exists('/home/ada/by-cron') and os.path.exists('/home/ada/by-at'), 'the jobs')
    assert lab.su('ada', user=None).rc == 0
    assert lives(session)
    for child, _ in become:
        child.kill()
    session.kill()


def test_P21_sshd_says_why(ada, sshd):
    """The right password and the right key are refused alike, once they were; a wrong one hears nothing of it."""
    server = sshd()
    session = ssh(server, 'ada', 'sleep 991 &')
    for done in (server.login('ada', lab.PASSWORD), server.login_key('ada')):
        assert done.rc == 254 and 'logged in as often as you may be' in done.text, done
    wrong = server.login('ada', lab.WRONG)
    assert wrong.rc == 255 and 'often' not in wrong.text, wrong
    assert len(sessions()) == 1 and lives(session)
    # What is looked at from outside agrees, and an administrator makes room.
    check = uadmctl('user', 'check', 'ada', '--json', rc=1).json
    assert check['allowed'] is False and check['sessions_full'] is True and check['by_key'] is True, check
    said = uadmctl('user', 'check', 'ada', '--why', rc=1).out
    assert 'may not log in now' in said and 'a further login: refused - ' in said, said
    uadmctl('session', 'terminate', str(sessions()[0]['id']), '--yes', rc=0)
    assert session.wait(lab.SECONDS) == 255
    assert uadmctl('user', 'check', 'ada', rc=0).out == 'ada: may log in (active)\n'
    assert server.login('ada', lab.PASSWORD).rc == 0


def test_P21_a_refused_one_leaves_nothing(ada):
    """No record, no last login, no home, no row that says it opened."""
    came = at_once(1)
    before = [lab.sql(f'SELECT count(*) FROM {table}') for table in ('session', 'audit')], lab.sql('SELECT * FROM last_login')
    assert not may_come_in()
    assert ([lab.sql(f'SELECT count(*) FROM {table}') for table in ('session', 'audit')], lab.sql('SELECT * FROM last_login')) == before
    came[0][0].kill()


def test_P21_killed_before_it_opens(ada):
    """Whoever goes between the record and the login itself is a dead leader."""
    (child, code), = at_once(1)
    assert code == PAM_SUCCESS
    os.kill(child.pid, signal.SIGSTOP)  # stopped is alive
    assert not may_come_in()
    os.kill(child.pid, signal.SIGKILL)
    poll(lambda: facts(child.pid) is None, 'it to die')
    assert may_come_in()
    child.wait()


def test_P21_an_accounts_own(ada):
    """Over the host's, for those whose principal account it is."""
    uadmctl('policy', 'set', 'max-sessions', '2', rc=0)
    uadmctl('account', 'add', 'acme', rc=0)
    uadmctl('member', 'add', 'acme', 'ada', '--role', 'viewer', rc=0)
    uadmctl('policy', 'set', '--account', 'acme', 'max-sessions', '1', rc=0)
    came = {name: at_once(6, name) for name in ('ada', 'eve')}
    assert {name: [code for _, code in c].count(PAM_SUCCESS) for name, c in came.items()} == {'ada': 1, 'eve': 2}
    assert uadmctl('user', 'check', 'ada', '--json', rc=1).json['sessions_full'] is True
    for child, _ in came['ada'] + came['eve']:
        child.kill()
