"""Accounts, the principal one and others: F2-F5, F9, F13-F15, F27, F69, F76, S6; and logins by them (P7)."""
import sqlite3
import subprocess

import pytest

import lab
from accounts import add, agree, ctl, members, status
from lab import PASSWORD, show, uadmctl


@pytest.fixture
def two(host):
    uadmctl('account', 'add', 'acme', 'beta', rc=0)
    add('ada', 'acme', role='administrator')
    add('ben', 'beta', role='administrator')
    add('jo', 'acme')


def test_F2_the_first_account_is_the_principal_one(two):
    ctl('member', 'add', 'beta', 'jo', '--role', 'developer')
    assert [(m['account'], m['principal'], m['role']) for m in show('jo')['memberships']] == [
        ('acme', True, 'viewer'), ('beta', False, 'developer')]
    assert show('jo')['account'] == 'acme'
    uadmctl('user', 'add', 'eve', rc=0)
    assert show('eve')['account'] is None and status('eve') == 'active'
    ctl('member', 'add', 'beta', 'eve', '--role', 'viewer')
    assert members('beta')['eve']['principal'] is True


def test_F3_F14_by_email(two):
    uadmctl('user', 'set', 'jo', '--email', 'jo@acme.example', rc=0)
    done = ctl('member', 'add', 'beta', 'JO@acme.example', '--role', 'viewer', '--json').json
    assert done[0]['name'] == 'jo' and done[0]['principal'] is False
    nobody = uadmctl('member', 'add', 'beta', 'who@acme.example', '--role', 'viewer', rc=67)
    assert 'user add' in nobody.err


def test_F4_P7_the_principal_account_rules(two, sshd):
    """Suspended, revoked or suspended as a whole there: no way in, whatever the others say."""
    server = sshd(PasswordAuthentication='yes')
    server.authorize('jo')
    ctl('member', 'add', 'beta', 'jo', '--role', 'developer')
    for out, back in ((['member', 'suspend', 'acme', 'jo'], ['member', 'resume', 'acme', 'jo']),
                      (['member', 'revoke', 'acme', 'jo'], ['member', 'add', 'acme', 'jo', '--role', 'viewer']),
                      (['account', 'suspend', 'acme'], ['account', 'resume', 'acme'])):
        assert server.login_key('jo').rc == 0 and status('jo') == 'active'
        ctl(*out)
        assert status('jo') == 'principal-suspended'
        assert server.login_key('jo').rc == 255
        assert lab.su('jo', user=None).rc != 0
        assert uadmctl('user', 'check', 'jo', '--json', rc=1).json['by_key'] is False
        ctl(*back)
        assert members('acme')['jo']['principal'] is True
    assert server.login('jo', PASSWORD).rc == 0


def test_F5_F20_a_connected_account_harms_nothing_else(two):
    ctl('member', 'add', 'beta', 'jo', '--role', 'developer')
    ctl('member', 'suspend', 'beta', 'jo')
    assert status('jo') == 'active' and lab.su('jo', user=None).rc == 0
    ctl('member', 'revoke', 'beta', 'jo')
    assert status('jo') == 'active' and lab.su('jo', user=None).rc == 0
    assert 'jo' not in members('beta') and members('beta', '--state', 'ended')['jo']['role'] == 'developer'
    assert uadmctl('member', 'role', 'beta', 'jo', '--role', 'viewer', rc=67)


def test_F9_F71_F94_the_users_of_an_account(two):
    ctl('member', 'add', 'beta', 'jo', '--role', 'developer')
    names = [u['name'] for u in uadmctl('user', 'list', '--account', 'beta', '--json', rc=0).json]
    assert names == ['ben', 'jo']
    uadmctl('user', 'suspend', 'jo', rc=0)
    assert [u['name'] for u in uadmctl('user', 'list', '--account', 'beta', '--status', 'suspended', '--json', rc=0).json] == ['jo']
    uadmctl('user', 'list', '--account', 'gamma', rc=67)


def test_F13_there_already(two):
    done = uadmctl('member', 'add', 'acme', 'jo', '--role', 'developer', rc=65)
    assert 'This user already belongs to your account' in done.err
    assert members('acme')['jo']['role'] == 'viewer'
    again = ctl('member', 'add', 'acme', 'jo', '--role', 'developer', '--exist-ok', '--json').json
    assert again[0]['changed'] is False and again[0]['role'] == 'viewer'


def test_F15_details_are_the_principal_accounts(two):
    ctl('member', 'add', 'beta', 'jo', '--role', 'developer')
    for verb in (['user', 'set', 'jo', '--first-name', 'X'], ['user', 'suspend', 'jo'], ['user', 'delete', 'jo', '--yes'],
                 ['user', 'unlock', 'jo']):
        assert uadmctl('--as', 'ben', *verb, rc=77)
    ctl('--as', 'ben', 'member', 'role', 'beta', 'jo', '--role', 'operator')
    # Is above ada in beta: so nothing that ada could be jo by.
    uadmctl('--as', 'ada', 'user', 'set', 'jo', '--first-name', 'Jo', rc=0)
    uadmctl('--as', 'ada', 'user', 'set', 'jo', '--email', 'jo@example.org', rc=77)
    ctl('member', 'revoke', 'beta', 'jo')
    uadmctl('--as', 'ada', 'user', 'set', 'jo', '--email', 'jo@example.org', rc=0)


def test_F27_revoke_ends_sessions(two):
    ctl('member', 'add', 'beta', 'jo', '--role', 'developer')
    with subprocess.Popen(['setpriv', '--reuid=jo', '--regid=' + lab.gid_of('jo'), '--init-groups', 'sleep', '600']) as child:
        lab.poll(lambda: lab.run('pgrep', '-u', 'jo', 'sleep').rc == 0)
        uadmctl('member', 'revoke', 'beta', 'jo', '--end-sessions', '--dry-run', rc=0)
        assert child.poll() is None
        done = ctl('member', 'revoke', 'beta', 'jo', '--end-sessions', '--json').json
        assert done[0]['processes_ended'] == 1 and child.wait() == -9
    assert status('jo') == 'active'


def test_F69_F74_several_at_once(two):
    uadmctl('user', 'add', 'mia', '--account', 'beta', '--account', 'acme', '--role', 'operator', rc=0)
    agree()
    assert show('mia')['account'] == 'beta' and members('acme')['mia']['role'] == 'operator'
    uadmctl('user', 'add', 'max', '--account', 'beta,nowhere', '--role', 'operator', rc=67)
    assert uadmctl('user', 'show', 'max', rc=67)
    with open('/keys/people.csv', 'w', encoding='utf-8') as f:
        f.write('name,account,role\nliz,acme;beta,viewer\nlou,acme,developer\n')
    uadmctl('user', 'add', '--from', '/keys/people.csv', '--role', 'operator', rc=0)
    agree()
    assert members('beta')['liz']['role'] == 'viewer' and members('acme')['lou']['role'] == 'developer'
    uadmctl('user', 'add', '--from', '/keys/people.csv', '--resume', rc=0)


def test_F76_P7_pending_until_accepted(two, sshd):
    server = sshd()
    ctl('account', 'set', 'acme', '--require-acceptance', 'yes')
    add('eve', 'acme', role='developer')
    agree()
    server.authorize('eve')
    assert members('acme')['eve']['state'] == 'pending' and status('eve') == 'invited'
    assert server.login_key('eve').rc == 255 and lab.su('eve', user=None).rc != 0
    assert uadmctl('can', 'eve', 'Work', '--account', 'acme', '--json', rc=1).json['reason'] == 'invited'
    uadmctl('--as', 'ada', 'member', 'resume', 'acme', 'eve', rc=77)
    uadmctl('member', 'suspend', 'acme', 'eve', rc=65)
    ctl('member', 'resume', 'acme', 'eve')
    assert server.login_key('eve').rc == 0


def test_F30_S6_the_last_administrator_stays(two):
    for verb in (['member', 'revoke', 'acme', 'ada'], ['member', 'suspend', 'acme', 'ada'], ['user', 'suspend', 'ada'],
                 ['member', 'role', 'acme', 'ada', '--role', 'viewer'], ['member', 'deny', 'acme', 'ada', '--right', 'Account_Write'],
                 ['member', 'role', 'acme', 'ada', '--role', 'administrator', '--until', '+1d', '--then', 'viewer'],
                 ['user', 'delete', 'ada', '--yes'], ['user', 'set', 'ada', '--expires', '+1d'],
                 ['user', 'set', 'ada', '--valid-from', '+1d']):
        done = uadmctl(*verb, rc=65)
        assert 'acme would be left without an able administrator' in done.err and '--break-glass' in done.err
    add('zoe', 'acme', role='administrator')
    assert 'one able administrator is left' in ctl('member', 'suspend', 'acme', 'zoe').err
    # One without a password, or with an end, is none who could do it.
    ctl('user', 'add', 'may', '--account', 'acme', '--role', 'administrator')
    ctl('member', 'add', 'acme', 'ben', '--role', 'administrator', '--until', '+1d')
    uadmctl('member', 'revoke', 'acme', 'ada', rc=65)
    ctl('member', 'revoke', 'acme', 'ada', '--break-glass')
    row = uadmctl('audit', 'list', '--target', 'ada', '--json', rc=0).json[-1]
    assert row['action'] == 'member.revoke' and 'break_glass=acme' in row['detail']


def test_S6_by_another_account(two):
    """Who administers beta and belongs to acme before all else cannot once acme is suspended."""
    ctl('member', 'add', 'beta', 'ada', '--role', 'administrator')
    ctl('member', 'revoke', 'beta', 'ben', '--break-glass')  # ada is left, and that is fine
    assert 'break_glass' not in uadmctl('audit', 'list', '--target', 'ben', '--json', rc=0).json[-1]['detail']
    assert 'beta' in uadmctl('account', 'suspend', 'acme', rc=65).err


def test_S6_fifty_at_once(two):
    names = [f'adm{i:02}' for i in range(50)]
    with open('/keys/admins', 'w', encoding='utf-8') as f:
        f.writelines(f'{name}\n' for name in names)
    uadmctl('user', 'add', '--from', '/keys/admins', '--account', 'acme', '--role', 'administrator', rc=0, seconds=120)
    password_for(names)
    uadmctl('member', 'revoke', 'acme', 'ada', rc=0)
    running = [subprocess.Popen(['uadmctl', 'member', 'revoke', 'acme', name], stderr=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, env=lab.ENVIRONMENT) for name in names]
    codes = [child.wait(timeout=120) for child in running]
    for _ in range(50):  # who had to wait too long may try again, and the last one may not
        left = [n for n, code in zip(names, codes) if code == 75]
        if not left:
            break
        codes = [uadmctl('member', 'revoke', 'acme', n).rc if code == 75 else code for n, code in zip(names, codes)]
    assert sorted(codes) == [0] * 49 + [65], codes
    assert [n for n, m in members('acme').items() if m['role'] == 'administrator'] == [names[codes.index(65)]]
    agree()


def password_for(names):
    """Everybody gets ada's hash: fifty of their own would take their time."""
    db = sqlite3.connect('/var/lib/uadm/store/uadm.db')
    for name in names:
        db.execute('INSERT INTO password (uid, verifier, changed_at) SELECT u.uid, p.verifier, p.changed_at FROM user u, password p JOIN user a ON a.uid = p.uid '
                   'WHERE u.name = ? AND a.name = "ada"', (name,))
    db.commit()
    db.close()


@pytest.mark.parametrize('where', ['host', 'service'])
def test_host_and_service_binding(two, where):
    uadmctl('user', 'add', 'eve', rc=0)
    add('max', 'beta')
    ctl('member', 'add', 'acme', 'max', '--role', 'viewer')
    if where == 'host':
        with open('/etc/uadm/uadm.conf', 'a', encoding='utf-8') as f:
            f.write('[access]\naccounts = acme, gamma\n')
    else:
        lab.run('sed', '-i', r's/pam_uadm\.so\(.*\)$/pam_uadm.so\1 account=acme,gamma/', '/etc/pam.d/common-account',
                '/etc/pam.d/common-session', rc=0)
    for name, may in (('jo', True), ('max', True), ('ben', False), ('eve', False)):
        assert (lab.su(name, user=None).rc == 0) is may, name
        if where == 'host':
            assert uadmctl('user', 'check', name, '--json').json['by_key'] is may
    ctl('member', 'suspend', 'acme', 'max')
    assert lab.su('max', user=None).rc != 0
    assert lab.run('su', lab.LOCAL, '-c', 'true').rc == 0


def test_host_status_says_what_the_host_is_bound_to(two):
    def binding():
        return [(f['level'], f['what']) for f in uadmctl('host', 'status', '--json').json['findings'] if f['about'] == 'binding']

    assert binding() == []
    with open('/etc/uadm/uadm.conf', 'a', encoding='utf-8') as f:
        f.write('[access]\naccounts = acme, gamma, beta\n')
    assert [(level, 'gamma, which is no account' in text) for level, text in binding()] == [('warning', True)]
    uadmctl('account', 'add', 'gamma', rc=0)
    assert [(level, 'acme,gamma,beta alone' in text) for level, text in binding()] == [('ok', True)]
    uadmctl('account', 'suspend', 'beta', '--break-glass', rc=0)
    assert [(level, 'beta, which is suspended' in text) for level, text in binding()] == [('warning', True)]


def test_binding_that_cannot_be_read_binds(two):
    for value in ('', ',', 'Acme', 'acme/../beta', 'x' * 40):
        with open('/etc/uadm/uadm.conf', 'w', encoding='utf-8') as f:
            f.write(f'[access]\naccounts = {value}\n')
        assert uadmctl('account', 'list', rc=78) and lab.su('jo', user=None).rc != 0
    lab.quick_hashes()
    for value in ('account=', 'acount=acme', 'account=acme account=beta', 'account=' + 'x' * 300):
        with open('/etc/pam.d/su', encoding='utf-8') as f:
            kept = f.read()
        with open('/etc/pam.d/su', 'a', encoding='utf-8') as f:
            f.write(f'account required pam_uadm.so {value}\n')
        assert lab.su('jo', user=None).rc != 0, value
        with open('/etc/pam.d/su', 'w', encoding='utf-8') as f:
            f.write(kept)
    assert lab.su('jo', user=None).rc == 0


def test_S5_F27_end_sessions_is_for_who_may_suspend(two):
    """To take somebody into one's account and out again must not end what they run for their own."""
    runs = {name: subprocess.Popen(lab.as_user(name, ['sleep', '600'])) for name in ('ben', 'jo')}
    try:
        lab.poll(lambda: all(lab.run('pgrep', '-u', name, 'sleep').rc == 0 for name in runs))
        ctl('--as', 'ada', 'member', 'add', 'acme', 'ben', '--role', 'viewer')
        for verb in ('suspend', 'revoke'):
            for more in ([], ['--dry-run']):
                refused = uadmctl('--as', 'ada', 'member', verb, 'acme', 'ben', '--end-sessions', *more, rc=77)
                assert '--end-sessions' in refused.err, refused
        assert members('acme')['ben']['state'] == 'active'
        ctl('--as', 'ada', 'member', 'revoke', 'acme', 'ben')
        uadmctl('--as', 'ada', 'member', 'revoke', 'acme', 'ben', '--end-sessions', rc=77)  # nor of one that is over
        ctl('--as', 'ada', 'member', 'suspend', 'acme', 'jo', '--end-sessions')
        assert runs['jo'].wait(lab.SECONDS) == -9 and runs['ben'].poll() is None
    finally:
        for child in runs.values():
            child.kill()
            child.wait()


def test_an_account_goes(two):
    uadmctl('account', 'delete', 'acme', '--yes', rc=65)
    uadmctl('account', 'add', 'gamma', rc=0)
    ctl('member', 'add', 'gamma', 'jo', '--role', 'viewer')
    gid = lab.getent('group', 'gamma-viewer')[2]
    ctl('account', 'delete', 'gamma', '--yes')
    assert lab.getent('group', 'gamma') is None and lab.getent('group', 'gamma-viewer') is None
    uadmctl('account', 'add', 'gamma', rc=0)
    assert lab.getent('group', 'gamma-viewer')[2] != gid
    assert status('jo') == 'active'


def test_names_are_taken_once(two):
    """Users, groups, accounts and each ACCOUNT-ROLE share one space; reserved names stay reserved."""
    for taken in ('acme', 'acme-administrator', 'acme-viewer'):
        uadmctl('user', 'add', taken, rc=65)
        uadmctl('group', 'add', taken, rc=65)
    uadmctl('user', 'add', 'delta-viewer', rc=0)
    for name in ('jo', 'delta', 'sudo', 'Acme', 'a' * 25, 'root'):
        uadmctl('account', 'add', name, rc=65)
        assert name not in [a['name'] for a in uadmctl('account', 'list', '--json', rc=0).json]
    uadmctl('user', 'add', 'acme-tester', rc=0)
    uadmctl('role', 'add', 'tester', rc=65)
    assert 'tester' not in [r['name'] for r in uadmctl('role', 'list', '--json', rc=0).json]
    for verb in (['add-member', 'acme', 'jo'], ['remove-member', 'acme', 'jo'], ['delete', 'acme-viewer', '--yes']):
        assert 'member' in uadmctl('group', *verb, rc=65).err
    uadmctl('user', 'add', 'kim', '--groups', 'acme-administrator', rc=65)
    agree()
