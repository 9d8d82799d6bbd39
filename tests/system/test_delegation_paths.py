"""S5 through the tool: no verb and no option lifts anybody above who gives it, nor is anything done to who holds more."""
import shutil
import sqlite3

import pytest

import lab
from accounts import ROLES, make_four
from lab import show, uadmctl


@pytest.fixture
def four(host):
    make_four()


def held():
    """(user, account) -> what is held there, also by who is not active; and everybody's ordinary groups."""
    db = sqlite3.connect('/var/lib/uadm/store/uadm.db')
    rights = {}
    for user, account, right in db.execute(
            'SELECT u.name, g.name, r.name FROM membership m JOIN user u ON u.uid = m.uid JOIN "group" g ON g.gid = m.account '
            'JOIN role o ON o.id IN (m.role, m.then_role) JOIN "right" r ON o.everything OR r.id IN '
            '(SELECT "right" FROM role_right WHERE role = o.id) OR r.id IN (SELECT "right" FROM membership_right x '
            'WHERE x.account = m.account AND x.uid = m.uid AND allowed = 1) WHERE m.state <> \'ended\''):
        rights.setdefault((user, account), set()).add(right)
    db.close()
    return rights


def put_back():
    lab.run('sh', '-c', 'rm -rf /var/lib/uadm && cp -a /keys/four /var/lib/uadm', rc=0)


def verbs(target, account):
    """Each verb that does something to somebody, and each option that gives something."""
    yield 'user', 'set', target, '--first-name', 'X'
    yield 'user', 'set', target, '--expires', '+9d'
    yield 'user', 'set', target, '--home', '/etc'
    yield 'user', 'set', target, '--shell', '/usr/bin/id'
    yield 'user', 'unlock', target
    yield 'user', 'set-password', target, '--must-change', '--keep'
    for role in [*ROLES, 'helpdesk']:
        yield 'member', 'role', account, target, '--role', role
        yield 'member', 'role', account, target, '--role', 'viewer', '--until', '+1h', '--then', role
        yield 'member', 'add', account, target, '--role', role
        yield 'member', 'add', account, target, '--role', 'viewer', '--until', '+1h', '--then', role
        yield 'user', 'add', 'fresh', '--account', account, '--role', role
        yield 'account', 'set', account, '--default-role', role
    for right in ('Any_Role_Write', 'Work_Run', 'Any_User_Write'):
        yield 'member', 'grant', account, target, '--right', right
        yield 'member', 'deny', account, target, '--right', right
        yield 'member', 'add', account, target, '--role', 'viewer', '--right', right
        yield 'user', 'add', 'fresh', '--account', account, '--role', 'viewer', '--right', right
    yield 'member', 'suspend', account, target
    yield 'member', 'resume', account, target
    yield 'member', 'revoke', account, target
    yield 'user', 'suspend', target
    yield 'user', 'resume', target
    yield 'user', 'delete', target, '--yes'
    yield 'group', 'add-member', 'crew', target
    yield 'user', 'add', 'fresh', '--account', account, '--role', 'viewer', '--groups', 'crew'
    yield 'user', 'add', 'fresh', '--role', 'viewer'
    yield 'user', 'clone', target, 'fresh'
    yield 'user', 'clone', target, 'fresh', '--grant', 'Any_Role_Write,Work_Run'
    yield 'user', 'clone', target, 'fresh', '--deny', 'Work_read'
    yield 'user', 'transfer', target, '--to', account
    yield 'user', 'set', target, '--email', 'x@example.org'
    yield 'user', 'set', target, '--contact', 'Bo'
    yield 'user', 'tag', 'word', target
    yield 'user', 'untag', 'word', target
    yield 'review', 'start', account
    yield 'review', 'keep', account, target
    yield 'review', 'revoke', account, target
    yield 'review', 'finish', account
    yield 'role', 'grant', 'viewer', '--right', 'Any_User_Write'
    yield 'role', 'add', 'boss', '--right', 'Any_Role_Write'
    yield 'right', 'add', 'Other', '--scope', 'Work'
    yield 'contact', 'add', 'Mo', '--kind', 'partner'
    yield 'account', 'suspend', account
    yield 'account', 'set', account, '--domain', 'x.example'


def harms_alone(verb):
    """What nobody becomes somebody else by is for the principal account to do, whatever the user holds elsewhere (F4)."""
    return verb[1] in ('suspend', 'resume', 'delete', 'tag', 'untag') or \
        (verb[1] == 'set' and not {'--email', '--mobile', '--home', '--shell'} & set(verb))


ACTORS = ['acmeadm', 'acmehel', 'acmedev', 'acmeope', 'acmevie', 'both', 'roots']
TARGETS = [('acmeadm', 'acme'), ('acmehel', 'acme'), ('acmeope', 'acme'), ('betavie', 'beta'), ('betavie', 'acme'), ('both', 'acme'),
           ('both', 'beta'), ('roots', 'acme')]
PROTECTED = {'user': 'set unlock set-password suspend resume delete'.split()}


@pytest.mark.parametrize('actor', ACTORS)
def test_S5_nobody_is_lifted(four, actor):
    """Each verb is tried, kept where it is allowed, and taken back. What anybody holds more than before is what
    the actor holds; and nothing was done to somebody who held what the actor does not."""
    uadmctl('group', 'add', 'crew', rc=0)
    uadmctl('contact', 'add', 'Bo', '--kind', 'partner', rc=0)
    uadmctl('review', 'start', 'beta', rc=0)
    tried, done = 0, 0
    shutil.rmtree('/keys/four', ignore_errors=True)
    shutil.copytree('/var/lib/uadm', '/keys/four')
    principal = {target: show(target)['account'] for target, _ in TARGETS}
    # Who may do nothing is refused before it matters to whom.
    for target, account in TARGETS if actor in ('acmeadm', 'acmehel', 'both') else TARGETS[1::3]:
        before = held()
        for verb in verbs(target, account):
            answer = uadmctl('--as', actor, *verb)
            tried += 1
            assert answer.rc in (0, 64, 65, 67, 77), answer
            if answer.rc != 0:
                assert held() == before, answer
                continue
            done += 1
            after = held()
            for (user, where), rights in after.items():
                gained = rights - before.get((user, where), set())
                assert gained <= before.get((actor, where), set()), (answer, user, where, gained)
            if verb[0] == 'user' and verb[1] not in ('add', 'clone'):
                home = principal[target]
                for (user, where), rights in before.items():
                    shielded = where == home or not harms_alone(verb)
                    assert user != target or not shielded or rights <= before.get((actor, where), set()) or actor == target, answer
            assert 'crew' not in show(target)['groups'] if verb[:2] != ('user', 'delete') else True
            if verb[:2] not in (('user', 'unlock'), ('user', 'untag')):
                put_back()
    assert tried > 100
    assert (done > 20) is (actor in ('acmeadm', 'acmehel')), done


def test_S5_stale_suspends_nobody_who_holds_more(four):
    db = sqlite3.connect('/var/lib/uadm/store/uadm.db')
    db.execute('UPDATE user SET created_at = 1')
    db.commit()
    db.close()
    rights = held()
    done = uadmctl('--as', 'acmehel', 'user', 'stale', '--suspend', '--account', 'acme', '--yes', '--json', rc=77).json
    changed = {r['name'] for r in done if r['result'] == 'suspended'}
    assert changed == {'acmevie', 'both'} == {n for n, a in rights if a == 'acme' and n != 'acmehel' and rights[n, a] <= rights['acmehel', 'acme']}
    assert {u['name'] for u in uadmctl('user', 'list', '--status', 'suspended', '--json', rc=0).json} == {'acmevie', 'both'}
