"""The harness, proven on a local user and pam_unix: that each way in works when it should and is
seen to fail when it should. Otherwise a refusal in another file would prove nothing."""
import os

import pytest

import lab
from lab import LOCAL, LOCAL_PASSWORD

WRONG = 'Wrong-pass-1'


@pytest.mark.parametrize('method', ['keyboard-interactive', 'password'])
def test_ssh_by_password(machine, sshd, authlog, method):
    server = sshd(PasswordAuthentication='yes')
    good = server.login(LOCAL, LOCAL_PASSWORD, method)
    assert good.rc == 0 and good.text.split()[-1] == LOCAL, good
    bad = server.login(LOCAL, WRONG, method)
    assert bad.rc == 255 and 'denied' in bad.text, bad
    assert len(authlog.wait(rf'pam_unix\(sshd:auth\): authentication failure;.* user={LOCAL}')) == 1


def test_ssh_by_key(machine, sshd):
    server = sshd()
    assert server.login_key(LOCAL).rc == 255
    server.authorize(LOCAL)
    good = server.login_key(LOCAL)
    assert good.rc == 0 and good.text.split() == [LOCAL], good


def test_two_servers(machine, sshd):
    assert sshd().port != sshd().port


def test_su(machine):
    good = lab.su(LOCAL, LOCAL_PASSWORD, user='nobody')
    assert good.rc == 0 and good.text.split()[-1] == LOCAL, good
    assert lab.su(LOCAL, WRONG, user='nobody').rc == 1
    assert lab.su(LOCAL, user=None).rc == 0


def test_sudo(machine):
    lab.sudoers(f'{LOCAL} ALL=(ALL:ALL) ALL')
    good = lab.sudo(LOCAL_PASSWORD)
    assert good.rc == 0 and good.text.split()[-1] == 'root', good
    assert lab.sudo(WRONG).rc == 1


def test_login(machine):
    good = lab.login(LOCAL, LOCAL_PASSWORD)
    assert good.rc == 0 and good.text.split()[-1] == LOCAL, good
    assert lab.login(LOCAL, WRONG).rc == 1


def test_passwd(machine):
    new = 'Fresh-word-27'
    good = lab.passwd(LOCAL, [('urrent.*assword: ?', LOCAL_PASSWORD), ('ew password: ?', new),
                              ('etype.*password: ?', new)])
    assert good.rc == 0, good
    assert lab.su(LOCAL, new, user='nobody').rc == 0
    bad = lab.passwd(LOCAL, [('urrent.*assword: ?', WRONG)])
    assert bad.rc != 0, bad


def test_cron(machine, cron, authlog):
    cron({LOCAL: 'id -un >/tmp/cron-ran'})
    lab.poll(lambda: os.path.exists('/tmp/cron-ran') and open('/tmp/cron-ran').read() == f'{LOCAL}\n', 'the job')
    authlog.wait(rf'pam_unix\(cron:session\): session opened for user {LOCAL}')


def test_cron_refused(machine, cron, authlog):
    lab.run('usermod', '-e', '1', LOCAL, rc=0)
    cron({LOCAL: 'id -un >/tmp/cron-not', 'root': 'id -un >/tmp/cron-root'})
    lab.poll(lambda: os.path.exists('/tmp/cron-root'), "root's job")
    authlog.wait(rf'account {LOCAL} has expired')
    assert not os.path.exists('/tmp/cron-not')


def test_at(machine, atd, authlog):
    assert atd().submit(LOCAL, 'id -un >/tmp/at-ran').rc == 0
    lab.poll(lambda: os.path.exists('/tmp/at-ran') and open('/tmp/at-ran').read() == f'{LOCAL}\n', 'the job')


def test_state_comes_back(machine):
    """Whatever a test leaves, also running, is gone in the next state."""
    lab.run('useradd', 'passing', rc=0)
    sleeper = lab.Daemon('sleep', '1000')
    os.unlink('/etc/nsswitch.conf')
    open('/home/litter', 'w').close()
    machine.restore('bare')
    assert lab.getent('passwd', 'passing') is None
    assert not sleeper.running()
    assert os.path.exists('/etc/nsswitch.conf') and not os.path.exists('/home/litter')


def test_poll_is_bounded():
    with pytest.raises(AssertionError, match='waited 0.05 s for nothing'):
        lab.poll(lambda: False, 'nothing', 0.05)


def test_unforeseen_prompt_fails(machine):
    with pytest.raises(AssertionError, match='no end within'):
        lab.talk(['su', LOCAL, '-c', 'true'], [], user='nobody', seconds=1)
