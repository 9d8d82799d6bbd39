"""The access review: F32."""
import csv
import io

import pytest

import pexpect

import lab
from accounts import ctl, make_four, members
from lab import uadmctl


@pytest.fixture
def four(host):
    make_four()
    uadmctl('contact', 'add', 'Bo', '--kind', 'partner', rc=0)
    uadmctl('user', 'set', 'both', '--contact', 'Bo', rc=0)
    lab.talk(['login', '-f', 'acmevie'], [(r'[$#%>] $', 'exit')])


def items(account='acme'):
    return {i['name']: i for i in uadmctl('review', 'list', account, '--json', rc=0).json}


def reviews():
    return uadmctl('review', 'list', '--json', rc=0).json


def test_F32_a_review(four):
    uadmctl('review', 'keep', 'acme', 'both', rc=67)
    uadmctl('review', 'list', 'acme', rc=67)
    ctl('review', 'start', 'acme', '--dry-run')
    assert reviews() == []
    ctl('review', 'start', 'acme')
    uadmctl('review', 'start', 'acme', rc=65)
    found = items()
    assert found.keys() == members('acme').keys()
    assert (found['both']['role'], found['both']['contact'], found['both']['status'], found['both']['last_login']) == ('viewer', 'Bo', 'active', None)
    assert found['acmevie']['last_login'] is not None and {i['decision'] for i in found.values()} == {None}
    ctl('review', 'keep', 'acme', 'acmeadm', 'acmedev')
    ctl('review', 'revoke', 'acme', 'both')
    assert 'both' not in members('acme') and 'both' in members('beta')
    assert {n: i['decision'] for n, i in items().items() if i['decision']} == {'acmeadm': 'keep', 'acmedev': 'keep', 'both': 'revoke'}
    assert items()['both']['decided_by'] == 'root' and items()['both']['decided_at'] is not None
    assert 'any more' in uadmctl('review', 'keep', 'acme', 'both', rc=67).err and items()['both']['decision'] == 'revoke'
    assert '3 of 6 are undecided' in uadmctl('review', 'finish', 'acme', rc=65).err
    # Who has left meanwhile need not be decided, and who came is not in it.
    uadmctl('user', 'delete', 'acmehel', '--yes', rc=0)
    uadmctl('member', 'revoke', 'acme', 'acmeope', rc=0)
    uadmctl('member', 'add', 'acme', 'betavie', '--role', 'viewer', rc=0)
    assert 'not in the review' in uadmctl('review', 'keep', 'acme', 'betavie', rc=67).err
    again = uadmctl('review', 'keep', 'acme', 'acmeadm', 'acmevie', '--json', rc=0).json
    assert [a['changed'] for a in again] == [False, True]
    ctl('review', 'finish', 'acme')
    uadmctl('review', 'finish', 'acme', rc=67)
    uadmctl('review', 'keep', 'acme', 'acmevie', rc=67)
    one, = reviews()
    assert (one['account'], one['users'], one['kept'], one['revoked'], one['open'], one['finished_by']) == ('acme', 6, 3, 1, 0, 'root')
    assert items()['acmehel']['role'] == 'helpdesk'  # the record outlives the user
    actions = [r['action'] for r in uadmctl('audit', 'list', '-n', '0', '--json', rc=0).json]
    assert actions.count('review.keep') == 3 and {'review.start', 'review.revoke', 'review.finish'} <= set(actions)
    ctl('review', 'start', 'acme')
    assert len(reviews()) == 2 and 'betavie' in items()


def test_F32_csv_out_and_in(four):
    uadmctl('review', 'start', 'acme', rc=0)
    rows = list(csv.DictReader(io.StringIO(uadmctl('review', 'list', 'acme', '--csv', rc=0).out)))
    assert {r['name'] for r in rows} == set(items()) and rows[0].keys() >= {'role', 'status', 'contact', 'last_login', 'decision'}
    for r in rows:
        r['decision'] = {'both': 'revoke', 'acmevie': ''}.get(r['name'], 'keep')
    with open('/keys/review.csv', 'w', encoding='utf-8', newline='') as f:
        w = csv.DictWriter(f, rows[0].keys())
        w.writeheader()
        w.writerows(rows)
    uadmctl('review', 'keep', 'acme', '--from', '/keys/review.csv', rc=0)
    assert 'both' not in members('acme') and items()['acmevie']['decision'] is None
    uadmctl('review', 'finish', 'acme', rc=65)
    with open('/keys/review.csv', 'w', encoding='utf-8') as f:
        f.write('name,decision\nacmevie,maybe\n')
    assert 'neither keep nor revoke' in uadmctl('review', 'keep', 'acme', '--from', '/keys/review.csv', rc=65).err
    uadmctl('review', 'keep', 'acme', 'acmevie', rc=0)
    uadmctl('review', 'finish', 'acme', rc=0)


def test_F32_S5_S6_who_may(four):
    """Who looks after the users of the account; and nobody is revoked whom they could not revoke."""
    for actor in ('acmevie', 'acmedev', 'betaadm'):
        uadmctl('--as', actor, 'review', 'start', 'acme', rc=77)
    uadmctl('--as', 'acmehel', 'review', 'start', 'acme', rc=0)
    uadmctl('--as', 'betaadm', 'review', 'list', 'acme', rc=77)
    assert uadmctl('--as', 'betaadm', 'review', 'list', '--json', rc=0).json == []
    uadmctl('--as', 'acmedev', 'review', 'keep', 'acme', 'acmevie', rc=77)
    uadmctl('--as', 'acmehel', 'review', 'revoke', 'acme', 'acmeadm', rc=77)
    assert items()['acmeadm']['decision'] is None and members('acme')['acmeadm']['state'] == 'active'
    assert 'able administrator' in uadmctl('review', 'revoke', 'acme', 'acmeadm', rc=65).err
    assert items()['acmeadm']['decision'] is None
    ctl('--as', 'acmehel', 'review', 'revoke', 'acme', 'acmevie')
    assert items()['acmevie']['decided_by'].startswith('acmehel')


def test_a_restore_forgets_no_review(four):
    uadmctl('review', 'start', 'acme', rc=0)
    uadmctl('store', 'backup', '/root/b', rc=0)
    uadmctl('review', 'revoke', 'acme', 'both', rc=0)
    uadmctl('review', 'start', 'beta', rc=0)
    uadmctl('store', 'restore', '/root/b', '--yes', rc=0)
    assert items()['both']['decision'] == 'revoke' and {r['account'] for r in reviews()} == {'acme', 'beta'}
    assert members('acme').get('both', {'state': 'ended'})['state'] != 'active'
    assert uadmctl('store', 'check', rc=0)


def walk(*keys):
    """The keys one by one, each when it is asked for; what was shown."""
    child = pexpect.spawn('uadmctl', ['review', 'walk', 'acme'], encoding='utf-8', timeout=20, dimensions=(50, 200))
    shown = ''
    for key in keys:
        child.expect(r'\[q\]uit: |\[y/n\]: ')
        shown += child.before
        child.send(key)
    child.expect(pexpect.EOF)
    child.close()
    return shown + child.before, child.exitstatus


def test_F32_a_key_for_each_on_a_terminal(four):
    uadmctl('review', 'walk', 'acme', rc=64)
    uadmctl('review', 'start', 'acme', rc=0)
    assert 'review list acme --csv' in uadmctl('review', 'walk', 'acme', rc=64).err
    names = list(items())
    # What a revocation takes is said before: F12, F29.
    text, rc = walk('s', 'q')
    assert rc == 0 and f'1 of {len(names)}: {names[0]}' in text and 'leaves the accounts: acme' in text and f'{len(names)} undecided' in text
    assert 'cannot log in any more' in text and {i['decision'] for i in items().values()} == {None}
    # Other keys and those of arrows are none; back is back; upper case is the same.
    text, rc = walk('xk', 's', 'b', '\x1b[A\x1b[1;5BK', 'q')
    assert rc == 0 and text.count(f'2 of {len(names)}: {names[1]}') == 2
    assert [items()[n]['decision'] for n in names[:3]] == ['keep', 'keep', None]
    left = [n for n in names if items()[n]['decision'] is None]
    text, rc = walk(*['r' if n == 'both' else 'k' for n in left], 'n')
    assert rc == 0 and 'both: revoked' in text and 'both' not in members('acme') and reviews()[0]['finished_at'] is None
    text, rc = walk('y')
    assert rc == 0 and f'acme: finished: {len(names)} users, {len(names) - 1} kept, 1 revoked' in text
    assert reviews()[0]['finished_at'] is not None
    uadmctl('review', 'walk', 'acme', rc=64)


def test_F30_F32_the_last_administrator_stays_in_a_walk(four):
    uadmctl('review', 'start', 'acme', rc=0)
    for name in set(items()) - {'acmeadm'}:
        uadmctl('review', 'keep', 'acme', name, rc=0)
    text, rc = walk('r')
    assert rc == 65 and 'cannot be revoked' in text and 'acmeadm' in members('acme') and items()['acmeadm']['decision'] is None


def test_F32_of_whom_it_was_started(four):
    """The user whom the review had is gone, and another one has the name."""
    uadmctl('user', 'add', 'tom', '--account', 'acme', '--role', 'viewer', rc=0)
    uadmctl('review', 'start', 'acme', rc=0)
    uadmctl('user', 'delete', 'tom', '--yes', rc=0)
    uadmctl('user', 'add', 'tom', '--account', 'acme', '--role', 'developer', rc=0)
    for word in ('keep', 'revoke'):
        assert 'not in the review' in uadmctl('review', word, 'acme', 'tom', rc=67).err
    assert members('acme')['tom']['state'] == 'active' and items()['tom']['decision'] is None


def test_F32_about_what_is_so(four):
    """Kept as what they are by now; and whoever is another thing afterwards is undecided again."""
    uadmctl('review', 'start', 'acme', rc=0)
    uadmctl('member', 'role', 'acme', 'acmevie', '--role', 'operator', rc=0)
    assert (items()['acmevie']['role'], items()['acmevie']['role_now']) == ('viewer', 'operator')
    assert 'kept as operator' in uadmctl('review', 'keep', 'acme', 'acmevie', rc=0).out
    assert (items()['acmevie']['role'], items()['acmevie']['decision']) == ('operator', 'keep')
    for name in members('acme'):
        uadmctl('review', 'revoke' if name == 'acmehel' else 'keep', 'acme', name, rc=0)
    uadmctl('review', 'finish', 'acme', '--dry-run', rc=0)
    uadmctl('member', 'role', 'acme', 'acmevie', '--role', 'administrator', rc=0)
    uadmctl('member', 'add', 'acme', 'acmehel', '--role', 'viewer', rc=0)
    assert '2 of 6 are undecided' in uadmctl('review', 'finish', 'acme', rc=65).err
    assert {n for n, i in items().items() if i['decision'] is None} == {'acmevie', 'acmehel'}
    uadmctl('review', 'keep', 'acme', 'acmevie', 'acmehel', rc=0)
    uadmctl('review', 'finish', 'acme', rc=0)
    uadmctl('member', 'role', 'acme', 'acmevie', '--role', 'viewer', rc=0)
    assert items()['acmevie']['role'] == 'administrator' and reviews()[0]['open'] == 0  # what was is what was


def test_F32_F84_nobody_reviews_themselves(four):
    uadmctl('review', 'start', 'acme', rc=0)
    for word in ('keep', 'revoke'):
        assert 'themselves' in uadmctl('--as', 'acmehel', 'review', word, 'acme', 'acmehel', rc=77).err
    uadmctl('review', 'keep', 'acme', 'acmehel', rc=0)


def test_F32_a_revocation_and_its_record_are_one(four):
    """With the plan, as data, and what ends with it; a refusal leaves neither."""
    uadmctl('review', 'start', 'acme', rc=0)
    plan, = uadmctl('review', 'revoke', 'acme', 'acmevie', '--dry-run', '--json', rc=0).json
    assert plan['plan']['accounts_left'] == ['acme'] and members('acme')['acmevie']['state'] == 'active' and items()['acmevie']['decision'] is None
    uadmctl('review', 'revoke', 'acme', 'acmevie', '--end-sessions', '--yes', rc=0)
    last = [(r['action'], r['target']) for r in uadmctl('audit', 'list', '--json', rc=0).json]
    assert ('member.revoke', 'acmevie') == last[last.index(('review.revoke', 'acmevie')) - 1]
    child = pexpect.spawn('uadmctl', ['review', 'revoke', 'acme', 'both'], encoding='utf-8', timeout=20)
    child.expect('leaves the accounts: acme')
    child.sendline('n')
    child.expect(pexpect.EOF)
    child.close()
    assert members('acme')['both']['state'] == 'active' and items()['both']['decision'] is None


def test_F32_earlier_ones(four):
    for role in ('viewer', 'operator'):
        uadmctl('member', 'role', 'acme', 'acmevie', '--role', role, rc=0)
        uadmctl('review', 'start', 'acme', rc=0)
        with open('/keys/all.csv', 'w', encoding='utf-8') as f:
            f.write('name,decision\n' + ''.join(f'{name},KEEP\n' for name in members('acme')))
        uadmctl('review', 'keep', 'acme', '--from', '/keys/all.csv', rc=0)
        uadmctl('review', 'finish', 'acme', rc=0)
    numbers = [r['review'] for r in reviews()]
    was = [{i['name']: i['role'] for i in uadmctl('review', 'list', 'acme', '--number', str(n), '--json', rc=0).json}['acmevie'] for n in numbers]
    assert was == ['viewer', 'operator'] and items()['acmevie']['role'] == 'operator'
    assert '"acmevie","viewer"' in uadmctl('review', 'list', 'acme', '--number', str(numbers[0]), '--csv', rc=0).out
    uadmctl('review', 'list', 'acme', '--number', '99', rc=67)
    uadmctl('review', 'list', 'beta', '--number', str(numbers[0]), rc=67)
    uadmctl('--as', 'betaadm', 'review', 'list', 'acme', '--number', str(numbers[0]), rc=77)
