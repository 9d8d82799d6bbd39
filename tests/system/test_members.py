"""Members and their roles: F6-F8, F16, F58, F63-F65, F70, F75, F78, F101; ends, backups and repairs."""
import shutil
import sqlite3
import subprocess

import pytest

import lab
from accounts import ROLES, add, agree, ctl, members, status
from lab import show, uadmctl

STORE = '/var/lib/uadm/store/uadm.db'


def sql(text):
    db = sqlite3.connect(STORE)
    db.executescript(text)
    db.commit()
    db.close()


@pytest.fixture
def acme(host):
    uadmctl('account', 'add', 'acme', 'beta', rc=0)
    add('ada', 'acme', role='administrator')
    add('jo', 'acme')


def can(user, right, account='acme'):
    done = uadmctl('can', user, right, '--account', account)
    assert done.rc in (0, 1), done
    return done.rc == 0


def test_F6_F7_F8_F75_shipped_roles(acme):
    rights = {r['name'] for r in uadmctl('right', 'list', '--json', rc=0).json}
    want = {'administrator': rights, 'developer': {'Admin', 'Any_User_read', 'Work', 'Work_read', 'Work_Write', 'Work_Run'},
            'operator': {'Work', 'Work_read', 'Work_Run'}, 'viewer': {'Work', 'Work_read'}}
    shown = {r['name']: set(r['rights']) for r in uadmctl('role', 'list', '--json', rc=0).json}
    assert shown == want and sorted(shown) == ROLES
    for role in ROLES:
        add(f'u{role}', 'acme', role=role)
        assert {r for r in rights if can(f'u{role}', r)} == want[role]
        assert f'acme-{role}' in show(f'u{role}')['groups']
    agree()


def test_F63_F16_one_role_each(acme):
    ctl('member', 'role', 'acme', 'jo', '--role', 'operator')
    assert show('jo')['groups'] == ['acme', 'acme-operator']
    uadmctl('member', 'role', 'acme', 'jo', rc=64)
    uadmctl('member', 'role', 'acme', 'jo', '--role', 'captain', rc=67)
    with pytest.raises(sqlite3.IntegrityError):
        sql("UPDATE membership SET role = NULL")


def test_F64_a_role_changes_for_all(acme):
    ctl('role', 'add', 'tester', '--scope', 'Work', '--right', 'Work_read', '--description', 'tries it')
    add('liz', 'acme', 'beta', role='tester')
    assert can('liz', 'Work_read') and not can('liz', 'Work_Run')
    uadmctl('role', 'grant', 'tester', '--right', 'Work_Run', rc=0)
    assert can('liz', 'Work_Run') and can('liz', 'work_run', 'beta')
    assert uadmctl('role', 'grant', 'tester', '--right', 'Work_Run', '--json', rc=0).json[0]['changed'] is False
    uadmctl('role', 'deny', 'tester', '--scope', 'Work', rc=0)
    assert not can('liz', 'Work_read') and not can('liz', 'Work')
    assert 'acme-tester' in lab.run('id', '-Gn', 'liz').out
    uadmctl('role', 'delete', 'tester', '--yes', rc=65)
    ctl('member', 'role', 'acme', 'liz', '--role', 'viewer')
    ctl('member', 'role', 'beta', 'liz', '--role', 'viewer')
    ctl('role', 'delete', 'tester', '--yes')
    assert lab.getent('group', 'acme-tester') is None
    for role in ROLES:
        uadmctl('role', 'delete', role, '--yes', rc=65)
    uadmctl('role', 'deny', 'administrator', '--right', 'Work_Run', rc=65)
    for name in ('tes-ter', 'Tester', 'x' * 30, ''):
        uadmctl('role', 'add', name, rc=65)


def test_F64_ended_memberships_hold_no_role(acme):
    """They count for nothing, so a role that nobody else has can go; one with an end or a role to come counts."""
    ctl('role', 'add', 'tester', '--scope', 'Work', '--right', 'Work_read')
    add('liz', 'acme', role='tester')
    ctl('member', 'revoke', 'acme', 'liz', '--yes')
    ctl('member', 'role', 'acme', 'jo', '--role', 'viewer', '--until', '+1d', '--then', 'tester')
    assert 'that of 1 memberships' in uadmctl('role', 'delete', 'tester', '--yes', rc=65).err
    ctl('member', 'role', 'acme', 'jo', '--role', 'viewer')
    ctl('account', 'set', 'acme', '--default-role', 'tester')
    assert 'account set ACCOUNT' in uadmctl('role', 'delete', 'tester', '--yes', rc=65).err
    ctl('account', 'set', 'acme', '--default-role', 'viewer')
    ctl('role', 'delete', 'tester', '--yes')
    ended = members('acme', '--state', 'ended')['liz']
    assert (ended['role'], ended['state']) == ('viewer', 'ended')
    assert uadmctl('store', 'check', rc=0)


def test_refusals_come_before_questions(acme):
    """Nobody is asked, nor told that they would have to be, about what cannot be done."""
    for verb, says in ((['account', 'delete', 'acme'], 'principal account of'), (['role', 'delete', 'viewer'], 'shipped'),
                       (['right', 'delete', 'Work'], 'shipped'), (['group', 'delete', 'acme'], 'shows members'),
                       (['user', 'delete', 'ada'], 'administrator'), (['contact', 'delete', 'Nobody'], 'no such contact')):
        talk = lab.talk(['uadmctl', *verb])
        assert says in talk.text and talk.rc in (65, 67), talk
        quiet = uadmctl(*verb)
        assert says in quiet.err and 'would have to ask' not in quiet.err, quiet
    uadmctl('group', 'add', 'crew', rc=0)
    assert lab.talk(['uadmctl', 'group', 'delete', 'crew'], [(r'\[y/N\]', 'n')]).rc == 1 and lab.getent('group', 'crew') is not None
    assert lab.talk(['uadmctl', 'group', 'delete', 'crew'], [(r'\[y/N\]', 'y')]).rc == 0 and lab.getent('group', 'crew') is None


def test_scopes_and_rights(acme):
    """A right works only where its scope is held as well, and explicit beats the role."""
    uadmctl('right', 'add', 'Ship', rc=0)
    uadmctl('right', 'add', 'Ship_It', '--scope', 'ship', '--description', 'out of the door', rc=0)
    assert can('ada', 'Ship_It')  # administrators hold what comes later as well
    said = uadmctl('member', 'grant', 'acme', 'jo', '--right', 'Ship_It', rc=0)
    assert not can('jo', 'Ship_It')
    assert 'Ship_It does nothing without its scope: uadmctl member grant acme jo --scope Ship' in said.err, said
    assert uadmctl('member', 'grant', 'acme', 'jo', '--scope', 'Ship', rc=0).err == ''
    assert can('jo', 'ship_it') and not can('jo', 'Ship_It', 'beta')
    assert members('acme')['jo']['granted'] == ['Ship', 'Ship_It']
    uadmctl('member', 'deny', 'acme', 'jo', '--right', 'Work_read,Ship_It', rc=0)
    assert not can('jo', 'Ship_It') and not can('jo', 'Work_read') and can('jo', 'Work')
    held = {r['name']: (r['held'], r['grantable']) for r in
            uadmctl('right', 'list', '--account', 'acme', '--user', 'jo', '--json', rc=0).json}
    assert held['Ship'] == (True, True) and held['Ship_It'] == (False, True)
    ctl('member', 'revoke', 'acme', 'jo')
    ctl('member', 'add', 'acme', 'jo', '--role', 'viewer')
    assert not can('jo', 'Ship') and can('jo', 'Work_read')  # nothing is left of before
    for name in ('Work', 'Work_read', 'Any_User_Write', 'Ship'):
        uadmctl('right', 'delete', name, '--yes', rc=65)
    uadmctl('right', 'delete', 'Ship_It', 'Ship', '--yes', rc=0)
    uadmctl('can', 'ada', 'Ship_It', '--account', 'acme', rc=67)
    for name in ('a b', '1x', 'x' * 33, 'any_user_write', 'a\nb'):
        uadmctl('right', 'add', name, rc=65)


def test_F65_for_a_while(acme):
    """A role until some time falls back by itself to what it was before all that."""
    ctl('member', 'role', 'acme', 'jo', '--role', 'operator', '--until', '+1h')
    ctl('member', 'role', 'acme', 'jo', '--role', 'developer', '--until', '+2h')
    member = members('acme')['jo']
    assert member['role'] == 'developer' and member['then_role'] == 'viewer' and can('jo', 'Work_Write')
    sql("UPDATE membership SET ends_at = 1 WHERE then_role IS NOT NULL")
    assert not can('jo', 'Work_Write') and can('jo', 'Work_read')  # at once, whoever has written it down
    ctl('maintain')
    member = members('acme')['jo']
    assert member['role'] == 'viewer' and member['ends_at'] is None and member['then_role'] is None
    assert uadmctl('audit', 'list', '--target', 'jo', '--json').json[-1]['action'] == 'member.fall-back'
    ctl('member', 'role', 'acme', 'jo', '--role', 'operator', '--until', '+1h', '--then', 'developer')
    ctl('member', 'role', 'acme', 'jo', '--role', 'viewer')
    assert members('acme')['jo']['then_role'] is None
    uadmctl('member', 'role', 'acme', 'jo', '--role', 'viewer', '--until', '2001-01-01', rc=65)
    uadmctl('member', 'role', 'acme', 'jo', '--role', 'viewer', '--then', 'operator', rc=65)


def test_P7_a_membership_that_ends(acme, sshd):
    server = sshd()
    add('eve', 'beta')
    ctl('member', 'add', 'acme', 'eve', '--role', 'viewer', '--until', '+1h')
    uadmctl('user', 'add', 'kim', rc=0)
    ctl('member', 'add', 'acme', 'kim', '--role', 'viewer', '--until', '+1h')
    server.authorize('kim')
    assert server.login_key('kim').rc == 0
    sql("UPDATE membership SET ends_at = 1 WHERE ends_at IS NOT NULL")
    assert server.login_key('kim').rc == 255 and status('kim') == 'principal-suspended'
    with subprocess.Popen(['uadmctl', 'maintain'], env=lab.ENVIRONMENT) as one:
        with subprocess.Popen(['uadmctl', 'maintain'], env=lab.ENVIRONMENT) as two:
            assert one.wait() == 0 and two.wait() == 0
    agree()
    for name in ('kim', 'eve'):
        assert members('acme', '--state', 'ended')[name]['role'] == 'viewer'
        ended = [r for r in uadmctl('audit', 'list', '--target', name, '--json').json if r['action'] == 'member.end']
        assert len(ended) == 1, ended
    assert status('eve') == 'active'
    generation = uadmctl('store', 'info', '--json').json['generation']
    uadmctl('maintain', rc=0)
    assert uadmctl('store', 'info', '--json').json['generation'] == generation


def test_due_ends_come_with_any_change(acme):
    ctl('member', 'role', 'acme', 'jo', '--role', 'developer', '--until', '+1h')
    sql("UPDATE membership SET ends_at = 1 WHERE ends_at IS NOT NULL")
    ctl('group', 'add', 'crew')
    assert members('acme')['jo']['role'] == 'viewer'


def test_F70_can(acme):
    assert uadmctl('can', 'ada', 'ANY_USER_WRITE', '--account', 'acme', rc=0).out == \
        'ada may Any_User_Write in acme (administrator)\n'
    for spoil, mend, reason in (
            (['user', 'suspend', 'jo'], ['user', 'resume', 'jo'], 'suspended'),
            (['member', 'suspend', 'acme', 'jo'], ['member', 'resume', 'acme', 'jo'], 'principal-suspended'),
            (['account', 'suspend', 'acme'], ['account', 'resume', 'acme'], 'principal-suspended'),
            (['user', 'set', 'jo', '--expires', '2001-01-01'], ['user', 'set', 'jo', '--expires', ''], 'expired')):
        assert can('jo', 'Work_read')
        uadmctl(*spoil, rc=0)
        answer = uadmctl('can', 'jo', 'Work_read', '--account', 'acme', '--json', rc=1).json
        assert answer['allowed'] is False and answer['reason'] == reason
        uadmctl(*mend, rc=0)
    assert uadmctl('can', 'jo', 'Work_Run', '--account', 'acme', '--json', rc=1).json['reason'] == 'lacks-right'
    assert uadmctl('can', 'jo', 'Work_read', '--account', 'beta', '--json', rc=1).json['reason'] == 'no-member'
    for words in (['nobody', 'Work', '--account', 'acme'], ['jo', 'Fly', '--account', 'acme'], ['jo', 'Work', '--account', 'gamma']):
        uadmctl('can', *words, rc=67)
    uadmctl('can', 'jo', 'Work', rc=64)


def test_F78_default_role(acme):
    uadmctl('user', 'add', 'eve', 'may', rc=0)
    assert 'as administrator, its default' in ctl('member', 'add', 'acme', 'eve').out
    uadmctl('member', 'add', 'acme', 'may', '--no-input', rc=64)
    uadmctl('user', 'add', 'kim', '--account', 'acme', '--no-input', rc=64)
    ctl('account', 'set', 'acme', '--default-role', 'operator')
    assert 'as operator, its default' in ctl('member', 'add', 'acme', 'may').out
    assert 'as operator, its default' in ctl('user', 'add', 'kim', '--account', 'acme').out
    uadmctl('user', 'add', 'max', '--role', 'viewer', rc=64)


def test_restore_undoes_no_revocation(acme):
    """S4: what memberships have lost since stays lost; what they had not comes back."""
    add('eve', 'acme', role='developer')
    add('may', 'beta', role='operator')
    add('kim', 'acme', role='developer')
    for name in ('eve', 'may', 'kim'):
        uadmctl('member', 'grant', 'beta' if name == 'may' else 'acme', name, '--right', 'Work_Write', rc=0)
    ctl('member', 'add', 'beta', 'eve', '--role', 'viewer')
    uadmctl('store', 'backup', '/root/accounts.backup', rc=0)
    ctl('member', 'role', 'acme', 'eve', '--role', 'viewer')
    ctl('member', 'revoke', 'beta', 'eve')
    ctl('member', 'suspend', 'beta', 'may')
    uadmctl('member', 'deny', 'acme', 'kim', '--right', 'Work_Write', rc=0)
    uadmctl('role', 'deny', 'operator', '--right', 'Work_Run', rc=0)
    ctl('member', 'add', 'beta', 'jo', '--role', 'operator')
    ctl('member', 'role', 'acme', 'jo', '--role', 'administrator')
    ctl('account', 'add', 'gamma')
    told = ctl('store', 'restore', '/root/accounts.backup', '--yes', '--json').json
    assert told['keeps_accounts'] == ['eve', 'jo', 'may']
    assert members('acme')['eve']['role'] == 'viewer' and 'eve' not in members('beta')
    assert members('beta')['may']['state'] == 'suspended'
    assert members('acme')['kim']['denied'] == ['Work_Write'] and not can('kim', 'Work_Write')
    assert 'Work_Run' not in uadmctl('role', 'show', 'operator', '--json', rc=0).json['rights']
    assert 'jo' not in members('beta') and members('acme')['jo']['role'] == 'viewer'
    assert [a['name'] for a in uadmctl('account', 'list', '--json').json] == ['acme', 'beta']
    # An account that went since comes back, but nobody gets in by it.
    uadmctl('user', 'delete', 'may', '--yes', rc=0)
    ctl('account', 'delete', 'beta', '--yes')
    ctl('store', 'restore', '/root/accounts.backup', '--yes')
    assert {a['name']: a['status'] for a in uadmctl('account', 'list', '--json').json} == {'acme': 'active', 'beta': 'suspended'}
    assert members('beta')['eve']['state'] == 'suspended'


def test_restore_into_an_empty_store(acme):
    uadmctl('role', 'grant', 'viewer', '--right', 'Work_Run', rc=0)
    uadmctl('store', 'backup', '/root/disk.backup', rc=0)
    before = members('acme')
    shutil.rmtree('/var/lib/uadm/store')
    uadmctl('store', 'restore', '/root/disk.backup', '--yes', rc=0)
    agree()
    assert members('acme') == before and can('jo', 'Work_Run')


def test_store_check_and_repair(acme):
    """The groups of accounts are compared with the memberships they are made from."""
    for damage in ("DELETE FROM member WHERE gid = (SELECT gid FROM \"group\" WHERE name = 'acme-viewer')",
                   "INSERT INTO member SELECT g.gid, u.uid FROM \"group\" g, user u WHERE g.name = 'acme-administrator' AND u.name = 'jo'",
                   "UPDATE membership SET principal = 0",
                   "DROP TRIGGER membership_changed; UPDATE membership SET role = 2 WHERE role = 4"):
        uadmctl('store', 'backup', '/root/good.backup', '--force', rc=0)
        sql(damage)
        assert uadmctl('store', 'check', rc=1)
        uadmctl('store', 'check', '--repair', rc=0)
        agree()
        if 'TRIGGER' in damage:
            break
        assert members('acme')['jo']['role'] == 'viewer' and members('acme')['jo']['principal'] is True
