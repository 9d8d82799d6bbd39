"""Who may not, does not, whichever way in (F47 among them): P6, P7, P17, and what passwords say before they fail."""
import os

import pytest

import lab
from lab import LOCAL, PASSWORD, WRONG, add_user, show, uadmctl

PAST, FUTURE = '2001-01-01', '2099-01-01'


def suspend(name):
    uadmctl('user', 'suspend', name, rc=0)


def expire(name):
    uadmctl('user', 'set', name, '--expires', PAST, rc=0)


def not_yet(name):
    uadmctl('user', 'set', name, '--valid-from', FUTURE, rc=0)


STATES = pytest.mark.parametrize('enter', [suspend, expire, not_yet])


def ran(path):
    return lambda: os.path.exists(path)


@STATES
def test_P7_ssh(host, sshd, enter):
    add_user('ada')
    server = sshd(PasswordAuthentication='yes')
    server.authorize('ada')
    assert server.login_key('ada').rc == 0
    enter('ada')
    key = server.login_key('ada')
    assert key.rc == 255 and 'ada\r\n' not in key.text.replace('ada@', ''), key
    for method in ('keyboard-interactive', 'password'):
        assert server.login('ada', PASSWORD, method).rc == 255


@STATES
def test_P7_su(host, enter):
    add_user('ada')
    assert lab.su('ada', PASSWORD).rc == 0
    assert lab.su('ada', user=None).rc == 0
    enter('ada')
    for how in (lab.su('ada', PASSWORD), lab.su('ada', user=None)):
        assert how.rc != 0 and how.text.split()[-1:] != ['ada'], how


@STATES
def test_P7_sudo_as_somebody(host, enter):
    """sudo -u: its account phase is about the caller, so the session has to refuse."""
    add_user('ada')
    lab.sudoers('root ALL=(ALL:ALL) ALL')
    sudo = ('sudo', '-n', '-u', 'ada', 'id', '-un')
    assert lab.run(*sudo).out == 'ada\n'
    enter('ada')
    refused = lab.run(*sudo)
    assert refused.rc != 0 and refused.out == '', refused


@STATES
def test_P7_sudo_by_the_user(host, enter):
    add_user('ada')
    lab.sudoers('ada ALL=(ALL:ALL) NOPASSWD: /usr/bin/id')
    sudo = ('sudo', '-n', '/usr/bin/id', '-un')
    assert lab.run(*sudo, user='ada').out == 'root\n'
    enter('ada')
    refused = lab.run(*sudo, user='ada')
    assert refused.rc != 0 and refused.out == '', refused


def test_sudo_with_password(host):
    uadmctl('group', 'add', 'crew', rc=0)
    add_user('ada', '--groups', 'crew')
    lab.sudoers('%crew ALL=(ALL:ALL) ALL')
    good = lab.sudo(PASSWORD, user='ada')
    assert good.rc == 0 and good.text.split()[-1] == 'root', good
    assert lab.sudo(WRONG, user='ada').rc == 1
    assert show('ada')['failed_attempts'] == 1


@STATES
def test_P7_cron(host, cron, authlog, enter):
    add_user('ada')
    enter('ada')
    cron({'ada': 'touch /tmp/not', LOCAL: 'touch /tmp/local'})
    lab.poll(ran('/tmp/local'), "the local user's job")
    authlog.wait(r'pam_uadm\(cron:account\)')
    lab.poll(lambda: authlog.matching(r'CRON.*(denied|Permission|expired|Authentication)'), 'cron to give up')
    assert not os.path.exists('/tmp/not')


def test_cron_runs(host, cron):
    add_user('ada')
    cron({'ada': 'id -un >/tmp/ran'})
    lab.poll(lambda: ran('/tmp/ran')() and open('/tmp/ran').read() == 'ada\n', "ada's job")


@STATES
def test_P7_at(host, atd, authlog, enter):
    add_user('ada')
    daemon = atd()
    assert daemon.submit('ada', 'id -un >/tmp/ran').rc == 0
    lab.poll(lambda: ran('/tmp/ran')() and open('/tmp/ran').read() == 'ada\n', "ada's job")
    enter('ada')
    authlog.clear()
    # What a suspension leaves in the background ends at(1) itself, for as long as it watches.
    lab.poll(lambda: daemon.submit('ada', 'touch /tmp/not').rc == 0, 'a job of hers to be taken')
    authlog.wait(r'pam_uadm\(atd:account\)')
    daemon.submit(LOCAL, 'touch /tmp/local')
    lab.poll(ran('/tmp/local'), "the local user's job")
    assert not os.path.exists('/tmp/not')


@STATES
def test_P7_login(host, enter):
    add_user('ada')
    good = lab.login('ada', PASSWORD)
    assert good.rc == 0 and good.text.split()[-1] == 'ada', good
    enter('ada')
    assert lab.login('ada', PASSWORD).rc == 1


@STATES
def test_F47_the_same_everywhere(host, enter):
    """PAM, the status, check --why: one rule. And the codes are those of the design."""
    add_user('ada')
    assert uadmctl('user', 'check', 'ada', '--why').rc == 0
    enter('ada')
    status = {'suspend': 'suspended', 'expire': 'expired', 'not_yet': 'inactive'}[enter.__name__]
    code = lab.PAM_ACCT_EXPIRED if enter is expire else lab.PAM_PERM_DENIED
    assert show('ada')['status'] == status
    assert [u['status'] for u in uadmctl('user', 'list', '--status', status, '--json', rc=0).json] == [status]
    check = uadmctl('user', 'check', 'ada', '--json', rc=1).json
    assert check['allowed'] is check['by_key'] is check['by_password'] is False
    assert lab.pam('sshd', 'ada', 'account') == [code]
    # Not sshd: its stack says in front of us that this is a login of ada's, and who suspends looks for such.
    assert lab.pam('su', 'ada', 'open') == [lab.PAM_PERM_DENIED]


def test_P6_account_counts_nothing(host):
    """1,000 times account alone: the failures stay as they are."""
    add_user('ada')
    lab.fail_logins('ada', 3)
    before = show('ada')
    assert before['failed_attempts'] == 3
    program = ("import sys,subprocess\n"
               "for i in range(40):\n"
               "    subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)\n")
    phases = ','.join(['account'] * 25)
    assert lab.run('/usr/bin/python3', '-c', program, '/usr/bin/python3', '-B', lab.PAM_PROGRAM, 'cron',
                   'ada', '', phases, seconds=120).rc == 0
    assert show('ada') == before


@pytest.mark.parametrize('phase', ['auth', 'auth-null'])
@pytest.mark.parametrize('password', [PASSWORD, None])
def test_P17_empty_password(host, phase, password):
    """Under no flag, with a password set and without."""
    add_user('ada', password=password)
    for service in ('sshd', 'login', 'sudo', 'other'):
        assert lab.pam(service, 'ada', phase, answers=['']) != [0]
    assert lab.su('ada', '').rc != 0


def test_P17_empty_password_in_ssh(host, sshd):
    add_user('ada')
    server = sshd(PasswordAuthentication='yes', PermitEmptyPasswords='yes')
    for method in ('keyboard-interactive', 'password', 'none'):
        done = lab.talk(server.command('ada', method), [('assword: ?', '')])
        assert done.rc == 255, done


def test_conversation_fails_is_no_charge(host):
    add_user('ada')
    assert lab.pam('sshd', 'ada', 'auth', answers=[]) != [0]
    assert show('ada')['failed_attempts'] == 0


def test_setcred_alone_is_harmless(host):
    add_user('ada')
    suspend('ada')
    assert lab.pam('cron', 'ada', 'account', 'setcred') == [lab.PAM_PERM_DENIED]
    before = uadmctl('store', 'info', '--json').json
    lab.pam('cron', 'ada', 'setcred')
    assert uadmctl('store', 'info', '--json').json == before


def test_delete_is_for_good(host, sshd):
    add_user('ada')
    server = sshd()
    server.authorize('ada')
    uadmctl('user', 'delete', 'ada', '--yes', rc=0)
    assert lab.getent('passwd', 'ada') is None and lab.getent('group', 'ada') is None
    assert server.login_key('ada').rc == 255 and server.login('ada', PASSWORD).rc == 255
    add_user('eve')
    assert show('eve')['uid'] == 30001  # not ada's
    assert uadmctl('user', 'add', 'bob', '--uid', '30000').rc == 65


def test_P19_a_namesake_in_etc_passwd(host, sshd):
    """Whoever is in /etc/passwd is not ours: neither our password nor our suspension counts."""
    add_user('ada')
    uadmctl('user', 'suspend', 'ada', rc=0)
    local = 'Local-ada-55'
    with open('/etc/passwd', 'a', encoding='ascii') as f:
        f.write('ada:x:1777:1777::/tmp:/bin/sh\n')
    with open('/etc/shadow', 'a', encoding='ascii') as f:
        f.write('ada:*:19000:0:99999:7:::\n')
    lab.run('chpasswd', '-c', 'SHA512', input=f'ada:{local}\n', rc=0)
    server = sshd()
    good = server.login('ada', local, remote=('id', '-u'))
    assert good.rc == 0 and good.text.split()[-1] == '1777', good
    assert server.login('ada', PASSWORD).rc == 255
    server.authorize('ada')
    assert server.login_key('ada', remote=('id', '-u')).text.split() == ['1777']
    assert lab.run('id', '-u', 'ada').out == '1777\n'


def test_P19_success_of_another_module(host):
    """A module after ours that says yes to everybody does not help somebody we refuse."""
    add_user('ada')
    uadmctl('user', 'suspend', 'ada', rc=0)
    for phase in ('auth', 'account', 'session'):
        with open(f'/etc/pam.d/common-{phase}', 'a', encoding='ascii') as f:
            f.write(f'{phase} sufficient pam_permit.so\n')
    assert lab.pam('sshd', 'ada', 'auth', answers=[PASSWORD])[-1] != 0
    assert lab.pam('sshd', 'ada', 'auth', answers=[WRONG])[-1] != 0
    assert lab.pam('sshd', 'ada', 'account')[-1] != 0
    assert lab.pam('sshd', 'ada', 'open')[-1] != 0
