"""user clone, transfer and stale: F2, F12, F44, F49, F92, F93, F95, F97-F99."""
import sqlite3
import time

import pytest

import lab
from accounts import ROLES, add, agree, ctl, make_four, members, status
from lab import show, uadmctl


@pytest.fixture
def four(host):
    make_four()


def held(name, account):
    """Each right that works, as `can` says."""
    rights = [r['name'] for r in uadmctl('right', 'list', '--json', rc=0).json]
    return {r for r in rights if uadmctl('can', name, r, '--account', account).rc == 0}


def clone(*args, actor=None, rc=0, more=('--yes',)):
    return ctl(*(['--as', actor] if actor else []), 'user', 'clone', *args, *more, '--json', rc=rc).json[0]


def test_F92_F93_a_user_as_another_one(four):
    uadmctl('group', 'add', 'crew', rc=0)
    uadmctl('group', 'add-member', 'crew', 'both', rc=0)
    uadmctl('user', 'set', 'both', '--email', 'both@example.org', '--time-zone', 'Europe/Vienna', '--first-name', 'Bo', rc=0)
    uadmctl('member', 'grant', 'acme', 'both', '--right', 'Work_Run', rc=0)
    uadmctl('member', 'deny', 'beta', 'both', '--right', 'Work_read', rc=0)
    uadmctl('member', 'role', 'beta', 'both', '--role', 'operator', '--until', '+5d', rc=0)
    uadmctl('user', 'tag', 'x', 'both', rc=0)
    done = clone('both', 'neo', '--email', 'neo@example.org', '--last-name', 'Anderson')
    assert done['result'] == 'cloned' and done['groups'] == ['crew'] and done['accounts_skipped'] == []
    neo = show('neo')
    assert (neo['email'], neo['first_name'], neo['last_name'], neo['time_zone'], neo['tags']) == (
        'neo@example.org', None, 'Anderson', 'Europe/Vienna', [])
    assert neo['account'] == 'acme' and neo['uid'] == done['uid'] and neo['password_set'] is False
    assert 'crew' in neo['groups']
    for account in ('acme', 'beta'):
        a, b = members(account)['both'], members(account)['neo']
        assert {k: a[k] for k in a if k not in ('name', 'since')} == {k: b[k] for k in b if k not in ('name', 'since')}
        assert held('neo', account) == held('both', account)
    row = uadmctl('audit', 'list', '--target', 'neo', '--json', rc=0).json[-1]
    assert row['action'] == 'user.add' and 'clone_of=both' in row['detail']
    clone('both', 'trin', '--grant', 'Work_Write', '--deny', 'Work_Run')
    assert held('trin', 'acme') == {'Work', 'Work_read', 'Work_Write'} and held('trin', 'beta') == {'Work', 'Work_Write'}


def test_F97_F12_the_plan_comes_first(four):
    asked = lab.talk(['uadmctl', 'user', 'clone', 'both', 'neo'], [(r'\[y/N\]', 'n')])
    assert 'in acme as viewer, principal' in asked.text and 'in beta as viewer' in asked.text, asked.text
    assert asked.rc == 1 and uadmctl('user', 'show', 'neo', rc=67)
    dry = clone('both', 'neo', more=['--dry-run'])
    assert uadmctl('user', 'show', 'neo', rc=67)
    done = clone('both', 'neo')
    assert dry.pop('dry_run') is True and done.pop('dry_run') is False and dry == done
    refused = uadmctl('user', 'clone', 'both', 'max', '--no-input', rc=64)
    assert 'would have to ask' in refused.err
    # What stands in the way is said before anybody is asked.
    assert 'neo' in uadmctl('user', 'clone', 'both', 'neo', '--no-input', rc=65).err
    uadmctl('user', 'clone', 'nobody-here', 'max', '--yes', rc=67)
    uadmctl('user', 'clone', 'both', 'max', '--grant', 'Nothing', '--yes', rc=67)
    assert lab.talk(['uadmctl', 'user', 'clone', 'both', 'max'], [(r'\[y/N\]', 'y')]).rc == 0
    assert show('max')['account'] == 'acme'


def test_F95_nobody_clones_themselves(four):
    add('zoe', 'acme', role='administrator')
    done = uadmctl('--as', 'acmeadm', 'user', 'clone', 'acmeadm', 'neo', '--yes', rc=77)
    assert 'nobody clones themselves' in done.err and 'similar users: zoe' in done.err
    assert 'zoe' not in uadmctl('--as', 'acmevie', 'user', 'clone', 'acmevie', 'neo', '--yes', rc=77).err
    assert uadmctl('user', 'show', 'neo', rc=67)
    clone('zoe', 'neo', actor='acmeadm')
    assert held('neo', 'acme') == held('acmeadm', 'acme')


def test_F98_F99_what_the_actor_lacks_is_skipped(four):
    """The user is made all the same, with a lesser role, and what is not passed on is listed."""
    done = clone('acmedev', 'neo', actor='acmehel')
    of_acme, = done['memberships']
    assert of_acme['role'] == 'viewer' and set(of_acme['skipped']) == {'Work_Write', 'Work_Run'}
    assert set(of_acme['granted']) == {'Admin', 'Any_User_read'}
    assert held('neo', 'acme') == held('acmedev', 'acme') & held('acmehel', 'acme')
    said = uadmctl('--as', 'acmehel', 'user', 'clone', 'acmeadm', 'trin', '--yes', rc=0)
    assert 'skipped, for you do not hold them' in said.out and 'Any_Role_Write' in said.out
    assert held('trin', 'acme') == held('acmehel', 'acme')
    asked = clone('acmevie', 'morph', '--grant', 'Work_Run,Any_User_read', actor='acmehel')
    assert asked['memberships'][0]['skipped'] == ['Work_Run'] and 'Work_Run' not in held('morph', 'acme')


def test_F98_F99_where_no_role_fits(four):
    """The least role the actor may give, and nothing of it that the source does not hold."""
    uadmctl('role', 'add', 'runner', '--scope', 'Work', '--right', 'Work_Run', rc=0)
    add('run', 'acme', role='runner')
    done, = clone('run', 'neo', actor='acmehel')['memberships']
    assert done['skipped'] == ['Work_Run'] and 'neo' in members('acme')
    assert held('neo', 'acme') == {'Work'}
    done, = clone('run', 'trin', '--grant', 'Work_read', actor='acmehel')['memberships']
    assert held('trin', 'acme') == {'Work', 'Work_read'} and done['skipped'] == ['Work_Run']


def test_F98_accounts_and_groups(four):
    """An account of which the actor sees nothing is not named; a group is the host's."""
    uadmctl('group', 'add', 'crew', rc=0)
    uadmctl('group', 'add-member', 'crew', 'both', rc=0)
    done = clone('both', 'neo', actor='acmeadm')
    assert [m['account'] for m in done['memberships']] == ['acme'] and done['accounts_skipped'] == []
    assert done['groups'] == [] and done['groups_skipped'] == ['crew']
    uadmctl('member', 'add', 'beta', 'acmeadm', '--role', 'developer', rc=0)
    assert clone('both', 'trin', actor='acmeadm')['accounts_skipped'] == ['beta']
    uadmctl('member', 'suspend', 'beta', 'both', rc=0)
    assert clone('both', 'morph')['accounts_skipped'] == ['beta'] and 'morph' not in members('beta')
    uadmctl('--as', 'acmeadm', 'user', 'clone', 'betavie', 'max', '--yes', rc=77)
    uadmctl('--as', 'acmedev', 'user', 'clone', 'acmevie', 'max', '--yes', rc=77)
    uadmctl('--as', 'acmeadm', 'user', 'clone', 'roots', 'max', '--yes', rc=77)
    uadmctl('user', 'show', 'max', rc=67)


@pytest.mark.parametrize('actor', ['acmeadm', 'acmehel', 'acmedev', 'acmevie', 'both'])
def test_S5_a_clone_lifts_nobody(four, actor):
    uadmctl('role', 'add', 'mixed', '--scope', 'Admin,Work', '--right', 'Any_Role_Write,Work_Run,Work_read', rc=0)
    add('mix', 'acme', role='mixed')
    uadmctl('member', 'role', 'acme', 'acmeope', '--role', 'administrator', '--until', '+1d', rc=0)
    mine, made = held(actor, 'acme'), 0
    for i, source in enumerate([f'acme{r[:3]}' for r in ROLES] + ['acmehel', 'mix', 'both', 'betaadm', 'roots']):
        answer = uadmctl('--as', actor, 'user', 'clone', source, f'new{i}', '--grant', 'Work_Run,Account_Write', '--yes')
        assert answer.rc in (0, 77), answer
        if answer.rc == 0:
            made += 1
            assert held(f'new{i}', 'acme') <= mine, answer
            assert all(m['then_role'] is None or m['then_role'] == 'operator' for m in show(f'new{i}')['memberships'])
            assert [m['account'] for m in show(f'new{i}')['memberships']] == ['acme']
    assert made == {'acmeadm': 6, 'acmehel': 6}.get(actor, 0)
    agree()


def test_a_clone_has_no_more_time(four):
    uadmctl('user', 'set', 'both', '--expires', '+9d', rc=0)
    clone('both', 'neo')
    assert show('neo')['expires'] == show('both')['expires']
    clone('both', 'trin', '--expires', '+1d')
    assert show('trin')['expires'] < show('both')['expires']
    uadmctl('user', 'clone', 'both', 'max', '--valid-from', '+10d', '--yes', rc=65)
    uadmctl('user', 'add', 'bot', '--kind', 'service', '--reason', 'x', '--owner', 'both', '--review-by', '+9d', rc=0)
    assert 'service identity' in uadmctl('user', 'clone', 'bot', 'max', '--yes', rc=65).err
    uadmctl('account', 'set', 'acme', '--require-acceptance', 'yes', rc=0)
    clone('both', 'morph')
    assert members('acme')['morph']['state'] == 'pending' and members('beta')['morph']['state'] == 'active'


# The principal account

def test_F2_transfer_is_explicit(four):
    asked = lab.talk(['uadmctl', 'user', 'transfer', 'both', '--to', 'beta'], [(r'\[y/N\]', 'n')])
    assert 'Transfer both from acme to beta?' in asked.text and asked.rc == 1 and show('both')['account'] == 'acme'
    dry = uadmctl('user', 'transfer', 'both', '--to', 'beta', '--dry-run', '--json', rc=0).json[0]
    assert (dry['from'], dry['to'], dry['changed']) == ('acme', 'beta', True) and show('both')['account'] == 'acme'
    done = ctl('user', 'transfer', 'both', '--to', 'beta', '--yes', '--json').json[0]
    assert (done['from'], done['to'], done['result']) == ('acme', 'beta', 'transferred')
    assert [(m['account'], m['principal'], m['role']) for m in show('both')['memberships']] == [('beta', True, 'viewer'), ('acme', False, 'viewer')]
    assert uadmctl('user', 'transfer', 'both', '--to', 'beta', '--no-input', '--json', rc=0).json[0]['changed'] is False
    uadmctl('--as', 'acmeadm', 'user', 'set', 'both', '--first-name', 'X', rc=77)
    ctl('member', 'suspend', 'acme', 'both')
    assert status('both') == 'active'
    row = uadmctl('audit', 'list', '--target', 'both', '--json', rc=0).json
    assert [r['detail'] for r in row if r['action'] == 'user.transfer'] == ['from=acme to=beta']


def test_F2_F4_a_transfer_is_no_way_in(four):
    """Not to where the user is no active member, and by others than root not away from where they are kept out."""
    uadmctl('user', 'transfer', 'both', '--to', 'gamma', '--yes', rc=67)
    uadmctl('user', 'transfer', 'roots', '--to', 'acme', '--yes', rc=67)
    uadmctl('member', 'suspend', 'beta', 'both', rc=0)
    assert 'kept out' in uadmctl('user', 'transfer', 'both', '--to', 'beta', '--yes', rc=65).err
    uadmctl('member', 'resume', 'beta', 'both', rc=0)
    uadmctl('--as', 'acmeadm', 'user', 'transfer', 'both', '--to', 'beta', '--yes', rc=77)
    uadmctl('member', 'add', 'beta', 'acmeadm', '--role', 'administrator', rc=0)
    uadmctl('member', 'suspend', 'acme', 'both', rc=0)
    assert 'only root' in uadmctl('--as', 'acmeadm', 'user', 'transfer', 'both', '--to', 'beta', '--yes', rc=77).err
    uadmctl('member', 'resume', 'acme', 'both', rc=0)
    uadmctl('--as', 'acmeadm', 'user', 'transfer', 'acmeadm', '--to', 'beta', '--yes', rc=77)
    uadmctl('--as', 'acmeadm', 'user', 'transfer', 'both', '--to', 'beta', '--yes', rc=0)
    assert show('both')['account'] == 'beta' and status('both') == 'active'
    ctl('member', 'revoke', 'beta', 'both')
    ctl('user', 'transfer', 'both', '--to', 'acme', '--yes')
    assert status('both') == 'active' and show('both')['account'] == 'acme'


def test_an_account_that_is_nobodys_principal_one_goes(four):
    for name in [u['name'] for u in uadmctl('user', 'list', '--account', 'acme', '--json', rc=0).json if u['name'] != 'both']:
        uadmctl('user', 'delete', name, '--yes', '--break-glass', rc=0)
    assert 'user transfer USER --to ACCOUNT' in uadmctl('account', 'delete', 'acme', '--yes', rc=65).err
    uadmctl('user', 'transfer', 'both', '--to', 'beta', '--yes', rc=0)
    ctl('account', 'delete', 'acme', '--yes')
    assert status('both') == 'active'


def test_S6_by_a_transfer(four):
    """Who administers gamma alone, and would be out before long by their new principal account."""
    add('gus', 'acme', 'gamma', role='administrator')
    uadmctl('member', 'add', 'delta', 'gus', '--role', 'viewer', '--until', '+1d', rc=0)
    assert 'gamma' in uadmctl('user', 'transfer', 'gus', '--to', 'delta', '--yes', rc=65).err
    uadmctl('user', 'transfer', 'gus', '--to', 'delta', '--yes', '--break-glass', rc=0)


# Who has not been here for long

def test_F44_F49_stale(four):
    day, now = 24 * 60 * 60, int(time.time())
    db = sqlite3.connect('/var/lib/uadm/store/uadm.db')
    db.execute('UPDATE user SET created_at = ? WHERE name IN ("both", "acmevie", "acmeope", "betavie")', (now - 200 * day,))
    for name, days in (('both', 100), ('acmeope', 10)):
        db.execute('INSERT INTO last_login (uid, at) SELECT uid, ? FROM user WHERE name = ?', (now - days * day, name))
    db.commit()
    db.close()

    def stale(*args):
        return [u['name'] for u in uadmctl('user', 'stale', *args, '--json', rc=0).json]

    assert stale() == ['acmevie', 'betavie', 'both']
    assert stale('--days', '120') == ['acmevie', 'betavie'] and stale('--days', '9') == ['acmeope', 'acmevie', 'betavie', 'both']
    assert stale('--account', 'acme', '--days', '90') == ['acmevie', 'both'] and stale('--days', '300') == []
    uadmctl('user', 'suspend', 'acmevie', rc=0)
    assert stale('--status', 'active') == ['betavie', 'both']
    for bad in ('0', '-1', 'x'):
        uadmctl('user', 'stale', '--days', bad, rc=64)
    lab.run('su', 'both', '-c', 'true', rc=0)  # is no login of theirs
    assert stale() == ['acmevie', 'betavie', 'both']
    lab.sql(f'UPDATE last_login SET at = {now} WHERE uid = (SELECT uid FROM user WHERE name = "both")')
    assert stale() == ['acmevie', 'betavie']
    uadmctl('--as', 'acmeadm', 'user', 'stale', rc=77)
    assert [u['name'] for u in uadmctl('--as', 'acmeadm', 'user', 'stale', '--account', 'acme', '--json', rc=0).json] == ['acmevie']


def test_F44_F48_F49_stale_are_suspended_at_once(four):
    db = sqlite3.connect('/var/lib/uadm/store/uadm.db')
    db.execute('UPDATE user SET created_at = ? WHERE name IN ("acmevie", "acmeope", "acmeadm")', (int(time.time()) - 200 * 24 * 60 * 60,))
    db.commit()
    db.close()
    uadmctl('user', 'suspend', 'acmeope', rc=0)
    assert 'Suspend 2 users who have not logged in for 90 days: acmeadm, acmevie?' in uadmctl('user', 'stale', '--suspend', rc=64).err
    command = ['uadmctl', 'user', 'stale', '--suspend', '--account', 'acme']
    assert lab.talk(command, [(r'\[y/N\]', 'n')]).rc == 1 and lab.show('acmevie')['status'] == 'active'
    dry = uadmctl(*command[1:], '--dry-run', '--json', rc=65).json
    assert [(r['name'], r['changed']) for r in dry if 'error' not in r] == [('acmevie', True)] and lab.show('acmevie')['status'] == 'active'
    # The one that cannot be done does not stop the other.
    done = uadmctl(*command[1:], '--yes', '--json', rc=65)
    assert {r['name']: r['result'] for r in done.json}['acmevie'] == 'suspended' and 'administrator' in done.err
    assert lab.show('acmevie')['status'] == 'suspended' and lab.show('acmeadm')['status'] == 'active'
    lab.sql(f'INSERT INTO last_login (uid, at) SELECT uid, {int(time.time())} FROM user WHERE name = "acmeadm"')
    done = uadmctl('user', 'stale', '--suspend', '--yes', '--json', rc=0)
    assert done.json == [] and 'nobody' in uadmctl('user', 'stale', '--suspend', '--yes', rc=0).out
    uadmctl('--as', 'acmedev', 'user', 'stale', '--suspend', '--account', 'acme', '--days', '1', '--yes', rc=0)
