"""Whole logins through the real sshd: password method, keyboard-interactive, public key; lockout."""
import pytest

import lab
from lab import LOCAL, NEW, PASSWORD, WRONG, add_user, show, uadmctl

SHIPPED_HASHES = True
LONG = True


@pytest.mark.parametrize('method', ['keyboard-interactive', 'password'])
def test_password(host, sshd, authlog, method):
    add_user('ada')
    server = sshd(PasswordAuthentication='yes')
    good = server.login('ada', PASSWORD, method)
    assert good.rc == 0 and good.text.split()[-1] == 'ada', good
    assert show('ada')['last_login'] is not None
    bad = server.login('ada', WRONG, method)
    assert bad.rc == 255 and 'denied' in bad.text, bad
    assert show('ada')['failed_attempts'] == 1
    authlog.wait(r'pam_uadm\(sshd:auth\): authentication failure;'
                 r' logname=\S* uid=0 euid=0 tty=ssh ruser=\S* rhost=127\.0\.0\.1 +user=ada')
    assert not authlog.matching(WRONG) and not authlog.matching(PASSWORD)
    assert not authlog.matching(r'pam_unix\(sshd:auth\)')  # it is not asked about our users


def test_key(host, sshd):
    add_user('ada')
    server = sshd()
    assert server.login_key('ada').rc == 255
    server.authorize('ada')
    good = server.login_key('ada', remote=('sh', '-c', "'id; pwd; echo $TZ'"))
    assert good.rc == 0 and 'uid=30000(ada)' in good.text and '/home/ada' in good.text, good
    assert show('ada')['last_login'] is not None


def test_time_zone(host, sshd):
    add_user('ada', '--time-zone', 'Asia/Kathmandu')
    server = sshd()
    server.authorize('ada')
    good = server.login_key('ada', remote=('date', '+%Z'))
    assert good.rc == 0 and '+0545' in good.text, good


def test_home_at_first_login(host, sshd):
    """From /etc/skel, owned right."""
    uadmctl('user', 'add', 'ada', rc=0)
    assert lab.run('test', '-e', '/home/ada').rc == 1
    server = sshd()
    server.authorize('ada')
    assert server.login_key('ada', remote=('pwd',)).text.split() == ['/home/ada']
    assert lab.run('stat', '-c', '%U:%G %a', '/home/ada').out == 'ada:ada 700\n'
    assert lab.run('stat', '-c', '%U:%G', '/home/ada/.bashrc').out == 'ada:ada\n'


def test_F43_five_wrong_lock_and_unlock(host, sshd):
    """From another machine; then nobody gets in by password, whose console ever it is."""
    add_user('ada')
    server = sshd()
    server.authorize('ada')
    for n in range(5):
        assert show('ada')['failed_attempts'] == n
        assert server.login('ada', WRONG, to=lab.HERE).rc == 255
    locked = show('ada')
    assert locked['status'] == 'locked' and locked['locked_until'] is not None
    assert [(s['source'], s['failures']) for s in locked['failed_sources']] == [(lab.AFAR, 5)]
    for to in (lab.HERE, '127.0.0.1'):
        right = server.login('ada', PASSWORD, to=to)
        assert right.rc == 255 and 'lock' not in right.text, right
    assert server.login_key('ada', to=lab.HERE).rc == 0  # a lock is not for keys: outsiders made it
    assert show('ada')['status'] == 'locked'
    uadmctl('user', 'unlock', 'ada', rc=0)
    assert server.login('ada', PASSWORD, to=lab.HERE).rc == 0
    assert show('ada')['failed_attempts'] == 0 and show('ada')['failed_sources'] == []


def test_success_resets(host):
    add_user('ada')
    lab.fail_logins('ada', 4)
    assert show('ada')['failed_attempts'] == 4
    assert lab.pam('sshd', 'ada', 'auth', 'account', answers=[PASSWORD], rhost='192.0.2.9') == [0, 0]
    assert show('ada')['failed_attempts'] == 0


def test_F42_F61_suspend_and_resume(host, sshd):
    """P7: also the key is refused, and everything works again afterwards."""
    add_user('ada')
    server = sshd()
    server.authorize('ada')
    assert server.login_key('ada').rc == 0
    uadmctl('user', 'suspend', 'ada', rc=0)
    refused = server.login_key('ada')
    assert refused.rc == 255, refused
    assert server.login('ada', PASSWORD).rc == 255
    uadmctl('user', 'resume', 'ada', rc=0)
    assert server.login_key('ada').rc == 0
    assert server.login('ada', PASSWORD).rc == 0


def test_forced_change_in_ssh(host, sshd):
    add_user('ada', '--must-change')
    server = sshd()
    done = server.login('ada', PASSWORD, dialogue=[
        ('urrent password: ?', PASSWORD), ('ew password: ?', 'short'), ('Not taken.*ew password: ?', NEW),
        ('etype new password: ?', NEW)])
    assert done.rc == 0 and done.text.split()[-1] == 'ada', done
    assert show('ada')['must_change'] is False
    assert server.login('ada', PASSWORD).rc == 255
    assert server.login('ada', NEW).rc == 0


def test_forced_change_not_done_is_no_login(host, sshd):
    add_user('ada', '--must-change')
    done = sshd().login('ada', PASSWORD, dialogue=[('urrent password: ?', WRONG)])
    assert done.rc != 0 and done.text.split()[-1] != 'ada', done
    assert show('ada')['must_change'] is True


def test_forced_change_lets_keys_in(host, sshd):
    """The password was not the way in, so it need not be changed now."""
    add_user('ada', '--must-change')
    server = sshd()
    server.authorize('ada')
    assert server.login_key('ada').rc == 0


def test_service_identity_by_key_only(host, sshd):
    uadmctl('user', 'add', 'robot', '--kind', 'service', '--create-home', '--reason', 'backups',
            '--owner', 'root', '--review-by', '2099-01-01', rc=0)
    server = sshd()
    server.authorize('robot')
    assert server.login('robot', PASSWORD).rc == 255
    assert server.login_key('robot').rc == 0


def test_F45_F46_reviews_that_are_due(host):
    """Listed, and said by the host's status, until the date is set anew."""
    for name in 'robot', 'probe':
        uadmctl('user', 'add', name, '--kind', 'service', '--reason', 'x', '--owner', 'root', '--review-by', '2099-01-01', rc=0)
    add_user('ada')

    def due():
        said = [f['what'] for f in uadmctl('host', 'status', '--json').json['findings'] if f['about'] == 'reviews']
        return [u['name'] for u in uadmctl('user', 'list', '--review-due', '--json', rc=0).json], said

    assert due() == ([], [])
    lab.run('sqlite3', '-cmd', '.timeout 5000', '/var/lib/uadm/store/uadm.db', 'UPDATE user SET review_by = 1000 WHERE name = "robot"', rc=0)
    assert due() == (['robot'], ['the review of 1 service identity is due'])
    uadmctl('user', 'set', 'robot', '--review-by', '+90d', rc=0)
    assert due() == ([], [])


def test_F45_F46_only_by_the_services_that_are_named(host, sshd):
    uadmctl('user', 'add', 'robot', '--kind', 'service', '--create-home', '--reason', 'backups',
            '--owner', 'root', '--review-by', '2099-01-01', rc=0)
    add_user('ada')
    server = sshd()
    server.authorize('robot')
    for services, key, su in ((None, 0, False), ('su-l', 255, True), ('cron, su-l,sshd', 0, True), ('none', 255, False)):
        lab.quick_hashes()
        if services:
            with open('/etc/uadm/uadm.conf', 'a', encoding='utf-8') as f:
                f.write(f'[access]\nservice-identities = {services}\n')
        assert server.login_key('robot').rc == key, services
        assert (lab.su('robot', user=None).rc == 0) is su, services
        assert lab.su('ada', user=None).rc == 0
        check = uadmctl('user', 'check', 'robot', '--why')
        assert ('let in' in check.out) is (services != 'none') and (not services or services == 'none' or services.replace(' ', '') in check.out)
    for bad in ('', ',', 'a/b', '../su', 'x' * 80):
        with open('/etc/uadm/uadm.conf', 'w', encoding='utf-8') as f:
            f.write(f'[access]\nservice-identities = {bad}\n')
        assert uadmctl('user', 'list', rc=78)


def test_local_users_do_not_notice(host, sshd, authlog):
    """P15: no prompt, no line and no store write of ours for who is in /etc/passwd."""
    before = uadmctl('store', 'info', '--json', rc=0).json
    server = sshd()
    assert server.login(LOCAL, lab.LOCAL_PASSWORD).rc == 0
    assert server.login(LOCAL, WRONG).rc == 255
    server.authorize('root')
    assert server.login_key('root').rc == 0
    assert uadmctl('store', 'info', '--json', rc=0).json == before
    assert not authlog.matching('pam_uadm')


def test_unknown_name_looks_like_a_wrong_password(host, sshd):
    add_user('ada')
    server = sshd()
    known, unknown = server.login('ada', WRONG), server.login('adb', WRONG)
    assert known.rc == unknown.rc == 255
    assert known.text.replace('ada@', 'X@') == unknown.text.replace('adb@', 'X@')
