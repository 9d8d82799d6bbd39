"""A policy of an account, and of a role in it, over the host's: who is judged by which, at every layer
(issue 6: "Policy by account"; F2: the principal account's counts); who may set it (S5), and what a
backup does to it (S4)."""
import datetime

import pytest

import accounts
import lab
from lab import NEW, PAM_AUTH_ERR, PAM_NEW_AUTHTOK_REQD, PAM_PERM_DENIED, PASSWORD, WRONG, show, uadmctl
from test_password_rules import make_old, pam, unmet, works

LONG = 'Much-Longer-Than-14'
DAYS, HALF_AN_HOUR = 86400, 1800000


def policy(*settings, account='acme', role=None, by=None, rc=0):
    return uadmctl(*(['--as', by] if by else []), 'policy', 'set', *(['--account', account] if account else []),
                   *(['--role', role] if role else []), *settings, rc=rc)


def word(key, *whose, by=None):
    """(value, from, set_by) of a key."""
    row = uadmctl(*(['--as', by] if by else []), 'policy', 'show', *whose, key, '--json', rc=0).json
    return row['value'], row['from'], row['set_by']


def wrong(name, times, first=1):
    """Wrong guesses from so many hosts: codes."""
    return [pam('sshd', 'auth', answers=[WRONG], user=name, rhost=f'192.0.2.{first + n}')[0] for n in range(times)]


@pytest.fixture
def two(host):
    """ann, an administrator, and vic, a viewer, are acme's, bea is beta's, and lone is in no account."""
    uadmctl('account', 'add', 'acme', 'beta', rc=0)
    accounts.add('ann', 'acme', role='administrator')
    accounts.add('vic', 'acme')
    accounts.add('bea', 'beta')
    accounts.add('lone')
    return host


EVERYBODY = ['ann', 'vic', 'bea', 'lone']


def test_whence(two):
    """Each value and whose word it is: shipped, the host's, the account's, the role's."""
    uadmctl('policy', 'set', 'min-digit', '2', rc=0)
    assert policy('deny', '3', 'min-length', '14').out == 'deny: 3 (was 5)\nmin-length: 14 (was 10)\n'
    assert policy('deny', '2', role='viewer').out == 'deny: 2 (was 3)\n'
    assert policy('deny', '3').out == 'deny: 3 already\n'
    rows = {r['key']: (r['value'], r['from']) for r in uadmctl('policy', 'show', '--account', 'acme', '--json', rc=0).json}
    assert {k: rows[k] for k in ('deny', 'min-length', 'min-digit', 'warn')} == \
        {'deny': ('3', 'account'), 'min-length': ('14', 'account'), 'min-digit': ('2', 'host'), 'warn': ('7d', 'shipped')}
    assert [word('deny', *w) for w in ((), ('--account', 'beta'), ('--account', 'acme'), ('--account', 'acme', '--role', 'viewer'))] == \
        [('5', 'shipped', None), ('5', 'shipped', None), ('3', 'account', 'root'), ('2', 'role', 'root')]
    assert [word('deny', '--user', name) for name in EVERYBODY] == \
        [('3', 'account', 'root'), ('2', 'role', 'root'), ('5', 'shipped', None), ('5', 'shipped', None)]
    row = uadmctl('policy', 'list', '--user', 'vic', '--json', rc=0).json[0]
    assert (row['key'], row['account'], row['role'], row['floor']) == ('deny', 'acme', 'viewer', '2'), row
    assert uadmctl('policy', 'show', '--user', 'vic', rc=0).out.startswith('vic: the policy of acme, the principal account, for viewer\nKEY ')
    assert uadmctl('policy', 'show', '--user', 'lone', 'deny', rc=0).out.startswith('lone: the policy of the host, for who is in no account\n')
    # Unset: what is below it holds, also where that changes.
    assert uadmctl('policy', 'unset', '--account', 'acme', '--role', 'viewer', 'deny', rc=0).out == 'deny: 3 (was 2)\n'
    assert policy('deny', 'default').out == 'deny: 5 (was 3)\n'
    assert uadmctl('policy', 'unset', '--account', 'acme', 'deny', rc=0).out == 'deny: 5 already\n'
    uadmctl('policy', 'set', 'deny', '4', rc=0)
    assert word('deny', '--user', 'vic') == ('4', 'host', None)
    assert uadmctl('policy', 'unset', 'deny', 'min-digit', rc=0).out == 'deny: 5 (was 4)\nmin-digit: 1 (was 2)\n'
    trail = [(r['target'], r['detail']) for r in uadmctl('audit', 'list', '--json', rc=0).json if r['action'] == 'policy.set']
    assert trail[1:5] == [('acme', 'deny=3 (was 5) min-length=14 (was 10)'), ('acme', 'role=viewer deny=2 (was 3)'),
                          ('acme', 'role=viewer deny=3 (was 2, unset)'), ('acme', 'deny=5 (was 3, unset)')], trail


@pytest.mark.parametrize('words, rc, says', [
    (['--account', 'nowhere', 'deny', '3'], 67, 'no such account'), (['--account', 'acme', '--role', 'nobody', 'deny', '3'], 67, 'no such role'),
    (['--role', 'viewer', 'deny', '3'], 64, '--account'), (['--account', 'acme', 'deny', '0'], 65, 'between 1 and 1000'),
    (['--account', 'acme', 'fail-delay', '9s'], 65, 'who is a user'), (['--account', '', 'deny', '3'], 67, 'no such account'),
    (['--account', 'acme', 'deny', '3', 'min-age', '30d', 'max-age', '30d'], 65, 'below max-age'),
    (['--account', 'acme', '--role', 'viewer', 'min-age', '60d'], 65, 'below max-age')])
def test_refused(two, words, rc, says):
    """S7: nothing changes; a contradiction is one of the whole that comes of it."""
    policy('max-age', '60d')
    done = uadmctl('policy', 'set', *words)
    assert done.rc == rc and says in done.err and done.out == '', done
    assert lab.sql('SELECT count(*) FROM policy') == '1'
    assert uadmctl('policy', 'show', '--user', 'ann', '--account', 'acme').rc == 64


def test_the_host_fits_every_account(two):
    policy('min-age', '20d', account='beta')
    done = uadmctl('policy', 'set', 'max-age', '10d')
    assert done.rc == 65 and 'in the account beta: min-age must be below max-age' in done.err and '--account beta' in done.err, done
    policy('max-age', '90d', account='beta')
    uadmctl('policy', 'set', 'max-age', '10d', rc=0)
    assert uadmctl('policy', 'unset', '--account', 'beta', 'max-age').rc == 65


# The lockout

def test_P1_deny(two):
    """deny=3 of acme locks with the third wrong one, and of its viewers with the second; 5 elsewhere."""
    policy('deny', '3')
    policy('deny', '2', role='viewer')
    for name, deny in (('ann', 3), ('vic', 2), ('bea', 5), ('lone', 5)):
        assert wrong(name, deny - 1) == [[PAM_AUTH_ERR]] * (deny - 1)
        assert accounts.status(name) == 'active', name
        wrong(name, 1, first=50)
        assert accounts.status(name) == 'locked', name
        assert pam('sshd', 'auth', answers=[PASSWORD], user=name, rhost='192.0.2.99')[0] == [PAM_AUTH_ERR]
        assert show(name)['failed_attempts'] == deny
    listed = {u['name']: (u['status'], u['failed_attempts']) for u in uadmctl('user', 'list', '--json', rc=0).json}
    assert listed == {'ann': ('locked', 3), 'vic': ('locked', 2), 'bea': ('locked', 5), 'lone': ('locked', 5)}
    policy('deny', '9')
    assert accounts.status('ann') == 'locked'  # it has fallen
    uadmctl('user', 'unlock', 'ann', rc=0)
    assert works(PASSWORD, 'ann')


def test_source_limit(two):
    policy('source-limit', '1')
    for name, code in (('ann', PAM_AUTH_ERR), ('lone', 0)):
        wrong(name, 1, first=4)
        assert pam('sshd', 'auth', answers=[PASSWORD], user=name, rhost='192.0.2.4')[0] == [code], name
    blocked = {name: [s['blocked'] for s in show(name)['failed_sources']] for name in ('ann', 'bea')}
    assert blocked == {'ann': [True], 'bea': []}


def moment(text):
    return datetime.datetime.fromisoformat(text.replace('Z', '+00:00')).timestamp()


def test_lock_time(two):
    """Until somebody unlocks, in acme; and `user list`, `show` and `check` say so of each."""
    policy('lock-time', '0')
    for name in ('ann', 'lone'):
        wrong(name, 5)
    until = {u['name']: u['locked_until'] for u in uadmctl('user', 'list', '--json', rc=0).json if u['status'] == 'locked'}
    assert until['ann'] is None and until['lone'] and until.keys() == {'ann', 'lone'}
    for name, value in until.items():
        # Reckoned from a clock of its own each time, to the second.
        for again in show(name), uadmctl('user', 'check', name, '--json', rc=1).json:
            assert (value is None) is (again['locked_until'] is None)
            assert value is None or abs(moment(again['locked_until']) - moment(value)) <= 1
    # An hour on, one of the two locks is over.
    lab.sql('UPDATE lockout SET since = since - 3600000; UPDATE attempt SET started = started - 3600000')
    assert [accounts.status(name) for name in ('ann', 'lone')] == ['locked', 'active']
    assert not works(PASSWORD, 'ann') and works(PASSWORD, 'lone')


def test_interval(two):
    """What still counts is counted by each user's own interval, also in a list of all."""
    policy('interval', '1h')
    policy('interval', '2m', account='beta')
    for name in ('ann', 'bea', 'lone'):
        wrong(name, 4)
    lab.sql('UPDATE attempt SET started = started - 300000')
    counts = {u['name']: u['failed_attempts'] for u in uadmctl('user', 'list', '--json', rc=0).json}
    assert counts == {'ann': 4, 'vic': 0, 'bea': 0, 'lone': 4}
    lab.sql(f'UPDATE attempt SET started = started - {HALF_AN_HOUR}')
    counts = {u['name']: u['failed_attempts'] for u in uadmctl('user', 'list', '--json', rc=0).json}
    assert counts == {'ann': 4, 'vic': 0, 'bea': 0, 'lone': 0}
    assert [show(name)['failed_attempts'] for name in ('ann', 'bea', 'lone')] == [4, 0, 0]
    for name in ('ann', 'bea', 'lone'):
        wrong(name, 1, first=50)
    assert [accounts.status(name) for name in ('ann', 'bea', 'lone')] == ['locked', 'active', 'active']


def test_lock_keys(two):
    """A lock of acme's refuses those who come without a password as well."""
    policy('lock-keys', 'yes')
    for name in ('ann', 'lone'):
        wrong(name, 5)
        assert accounts.status(name) == 'locked'
    for name, code in (('ann', PAM_PERM_DENIED), ('lone', 0)):
        assert pam('cron', 'account', user=name)[0] == [code]
        assert pam('cron', 'open', 'close', user=name)[0][0] == code
        assert uadmctl('user', 'check', name, '--json').json['by_key'] is (code == 0)


# Passwords

def test_max_age(two):
    policy('max-age', '30d', 'warn', '20d')
    make_old(15)
    for name in ('ann', 'lone'):
        done = pam('sshd', 'auth', 'account', answers=[PASSWORD], user=name)
        assert done[0] == [0, 0] and ('Your password expires in' in done[1]) is (name == 'ann'), done
    make_old(31)
    for name, codes, reason in (('ann', [0, PAM_NEW_AUTHTOK_REQD], 'password-expired'), ('lone', [0, 0], 'ok')):
        assert pam('sshd', 'auth', 'account', answers=[PASSWORD], user=name)[0] == codes
        assert pam('vsftpd', 'auth', 'account!', 'open', answers=[PASSWORD], user=name)[0][2] == (0 if name == 'lone' else PAM_PERM_DENIED)
        assert uadmctl('user', 'check', name, '--json').json['by_password_reason'] == reason
        assert (show(name)['password_expires_at'] is None) is (name == 'lone')
    # P18: only what is due is changed.
    assert pam('sshd', 'chauthtok-expired', answers=[PASSWORD, NEW, NEW], user='lone')[0] == [PAM_PERM_DENIED]
    assert pam('sshd', 'chauthtok-expired', answers=[PASSWORD, NEW, NEW], user='ann')[0] == [0]
    policy('inactive', '1d')
    make_old(32)
    assert not works(NEW, 'ann') and works(PASSWORD, 'lone')


def test_min_age(two):
    policy('min-age', '3h')
    changed = [('urrent password: ?', PASSWORD), ('[Nn]ew password: ?', LONG), ('etype new password: ?', LONG)]
    assert 'may be changed again in 3 hours' in lab.passwd('ann', changed).text
    assert lab.passwd('lone', changed).rc == 0


def test_rules(two):
    """P18: passwd, set-password, user add and policy test ask for what the account wants."""
    policy('min-length', '14')
    policy('min-length', '12', role='viewer')
    rule = {'ann': ['at least 14 characters'], 'vic': ['at least 12 characters'], 'lone': []}
    for name, missing in rule.items():
        codes, text = pam('passwd', 'chauthtok', answers=['Short-Tr33', 'Short-Tr33'], user=name)
        assert (codes == [0]) is (missing == []) and unmet(text)[:1] == missing, (name, text)
        done = uadmctl('user', 'set-password', name, '--password-stdin', input='Other-Tr33\n')
        assert (done.rc == 0) is (missing == []) and (missing or [''])[0] in done.err, done
        given = uadmctl('policy', 'test', '--user', name, '--json', '--password-stdin', input='Third-Tr33\n').json
        assert [r['text'] for r in given['rules'] if r['rule'] == 'min-length' and not r['met']] == missing
    for i, (place, good) in enumerate(((['--account', 'acme', '--role', 'viewer'], False), (['--account', 'acme', '--account', 'beta', '--role', 'administrator'], False),
                                       (['--account', 'beta', '--account', 'acme', '--role', 'viewer'], True), ([], True))):
        done = uadmctl('user', 'add', f'new{i}', *place, '--password-stdin', '--no-input', input='Short-Tr33\n')
        assert (done.rc == 0) is good and (good or 'characters' in done.err), (place, done)
    assert uadmctl('policy', 'test', '--account', 'acme', '--password-stdin', input='Short-Tr33\n', rc=1).out.count('14') == 1
    assert uadmctl('policy', 'test', '--account', 'acme', '--role', 'viewer', '--password-stdin', input='Short-Tr33-x1\n').rc == 0
    assert pam('passwd', 'chauthtok', answers=[LONG, LONG], user='ann')[0] == [0] and works(LONG, 'ann')


def test_history(two):
    """As many as the account wants are remembered, and not taken again."""
    policy('history', '3')
    uadmctl('policy', 'set', 'history', '0', rc=0)
    for name in ('ann', 'lone'):
        for password in (NEW, LONG):
            assert pam('passwd', 'chauthtok', answers=[password, password], user=name)[0] == [0]
    assert [lab.sql(f'SELECT count(*) FROM old_password o JOIN user u ON u.uid = o.uid WHERE u.name = "{n}"') for n in ('ann', 'lone')] == ['2', '0']
    assert pam('passwd', 'chauthtok', answers=[PASSWORD, PASSWORD], user='ann')[0] != [0]
    assert pam('passwd', 'chauthtok', answers=[PASSWORD, PASSWORD], user='lone')[0] == [0]


# Whose counts

def test_F2_transfer(two):
    """Another principal account, another policy: from the next guess on, and in every view."""
    policy('deny', '2', 'max-age', '30d')
    uadmctl('member', 'add', 'beta', 'ann', '--role', 'viewer', rc=0)
    accounts.add('amy', 'acme', role='administrator')
    make_old(40)
    wrong('ann', 1)
    assert uadmctl('user', 'check', 'ann', '--json').json['by_password_reason'] == 'password-expired'
    uadmctl('user', 'transfer', 'ann', '--to', 'beta', '--yes', rc=0)
    assert word('deny', '--user', 'ann') == ('5', 'shipped', None)
    assert pam('sshd', 'account', user='ann')[0] == [0] and uadmctl('user', 'check', 'ann', '--json', rc=0).json['by_password_reason'] == 'ok'
    wrong('ann', 3, first=10)
    assert accounts.status('ann') == 'active' and show('ann')['failed_attempts'] == 4
    uadmctl('user', 'transfer', 'ann', '--to', 'acme', '--yes', rc=0)
    assert accounts.status('ann') == 'locked'
    uadmctl('member', 'role', 'acme', 'ann', '--role', 'viewer', rc=0)
    policy('deny', '100', role='viewer')
    assert accounts.status('ann') == 'active'  # and the role counts at once, too


def test_connected_accounts_do_not_count(two):
    policy('deny', '1', account='beta')
    uadmctl('member', 'add', 'beta', 'ann', '--role', 'viewer', rc=0)
    wrong('ann', 4)
    assert accounts.status('ann') == 'active' and works(PASSWORD, 'ann')


# Who may

# key: what its administrators may not set and what they may, over what is shipped
BOTH_WAYS = {
    'deny': ('6', '4'), 'interval': ('10m', '20m'), 'lock-time': ('10m', '0'), 'source-limit': ('6', '4'), 'local-source-limit': ('4', '2'),
    'lock-keys': (None, 'yes'), 'min-length': ('9', '11'), 'min-lower': ('0', '2'), 'min-upper': ('0', '2'), 'min-digit': ('0', '2'),
    'min-special': ('0', '2'), 'max-repeat': (None, '3'), 'dictionary': ('no', 'yes'), 'user-check': ('no', 'yes'), 'history': ('4', '6'),
    'min-age': (None, '1d'), 'max-age': (None, '90d'), 'warn': (None, '3d'), 'inactive': (None, '5d'), 'fail-delay': ('1s', None),
    'max-sessions': (None, '2'), 'require-factor': (None, 'totp'), 'factor-grace': ('8d', '1d'), 'factor-on-key': ('allow', None),
    'invite-lifetime': ('8d', '1d'), 'reset-lifetime': ('2d', '1h'), 'temp-password-lifetime': ('4d', '1d'), 'self-reset': (None, 'no')}


def test_S5_only_stricter(two):
    """Each key: an account's own value is no weaker than root's; and every key is in the table."""
    assert set(BOTH_WAYS) == {r['key'] for r in uadmctl('policy', 'list', '--json', rc=0).json}
    for key, (weaker, stricter) in BOTH_WAYS.items():
        if weaker is not None:
            done = policy(key, weaker, by='ann', rc=None)
            assert done.rc == (65 if key == 'fail-delay' else 77) and lab.sql('SELECT count(*) FROM policy WHERE own') == '0', done
        if stricter is not None:
            policy(key, stricter, by='ann')
            assert word(key, '--account', 'acme') == (stricter, 'account', 'account')
            assert uadmctl('--as', 'ann', 'policy', 'unset', '--account', 'acme', key, rc=0).rc == 0


def test_S5_roots_word_stands(two):
    """What root has set for the account is the floor; what it sets later, there or for the host, holds
    at once over what the account had of its own."""
    policy('deny', '4', by='ann')
    policy('deny', '4', role='viewer', by='ann')
    uadmctl('policy', 'set', 'deny', '2', rc=0)
    assert word('deny', '--account', 'acme') == ('2', 'host', None) == word('deny', '--user', 'vic')
    wrong('vic', 2)
    assert accounts.status('vic') == 'locked'
    uadmctl('policy', 'set', 'deny', '9', rc=0)
    assert word('deny', '--account', 'acme') == ('4', 'account', 'account')
    policy('deny', '6')
    assert word('deny', '--account', 'acme') == ('6', 'account', 'root')
    assert policy('deny', '7', by='ann', rc=77).err.count('protects less')
    policy('deny', '3', by='ann')
    assert uadmctl('--as', 'ann', 'policy', 'unset', '--account', 'acme', 'deny', rc=0).out == 'deny: 6 (was 3)\n'
    assert uadmctl('--as', 'ann', 'policy', 'unset', '--account', 'acme', 'deny', rc=0).out == 'deny: 6 already\n'
    # Root may also open what the host protects: that is its word.
    policy('deny', '50')
    policy('deny', '40', by='ann')
    actors = [(r['actor'], r['detail']) for r in uadmctl('audit', 'list', '--json', rc=0).json if r['action'] == 'policy.set'][-2:]
    assert actors == [('root', 'deny=50 (was 6)'), ('ann (by root)', 'deny=40 (was 50)')]


def test_S5_who(two):
    """Account_Write in that account, and no other; the host's is root's."""
    accounts.add('helen', 'acme', role='developer')
    for by, account in (('vic', 'acme'), ('helen', 'acme'), ('bea', 'acme'), ('ann', 'beta'), ('lone', 'acme')):
        policy('deny', '1', by=by, account=account, rc=77)
        uadmctl('--as', by, 'policy', 'unset', '--account', account, 'deny', rc=77)
    policy('deny', '1', by='ann', account=None, rc=77)
    uadmctl('--as', 'ann', 'policy', 'unset', 'deny', rc=77)
    uadmctl('--as', 'ann', 'policy', 'list', rc=77)
    assert word('deny', '--account', 'acme', by='helen')[0] == '5'
    for by, words in (('vic', ['--account', 'acme']), ('ann', ['--account', 'beta']), ('ann', ['--user', 'bea']), ('ann', ['--user', 'lone'])):
        assert uadmctl('--as', by, 'policy', 'show', *words, rc=77).out == ''
    assert word('deny', '--user', 'vic', by='vic')[0] == '5'
    # Who sees a user in the second account is not told of the first.
    uadmctl('member', 'add', 'acme', 'bea', '--role', 'viewer', rc=0)
    assert 'beta' not in uadmctl('--as', 'ann', 'policy', 'show', '--user', 'bea', rc=77).out
    uadmctl('member', 'grant', 'acme', 'helen', '--right', 'Account_Write', rc=0)
    policy('deny', '1', by='helen')


# What becomes of it

def test_goes_with_the_account(two):
    policy('deny', '3', account='beta')
    policy('deny', '2', by='ann')
    uadmctl('role', 'add', 'sailor', rc=0)
    policy('deny', '2', role='sailor')
    uadmctl('user', 'delete', 'bea', '--yes', rc=0)
    uadmctl('role', 'delete', 'sailor', '--yes', rc=0)
    uadmctl('account', 'delete', 'beta', '--yes', rc=0)
    assert lab.sql('SELECT own, value FROM policy') == '1|2'
    uadmctl('store', 'check', rc=0)
    lab.sql("INSERT INTO policy (account, key, value) VALUES (7, 'deny', 3)")
    assert 'missing account' in uadmctl('store', 'check', rc=1).out
    uadmctl('store', 'check', '--repair')
    assert lab.sql('SELECT own, value FROM policy') == '1|2' and uadmctl('store', 'check', rc=0)


def test_S4_restore(two):
    """As they were, and each that changes is listed with its account."""
    policy('deny', '3', 'warn', '3d')
    policy('deny', '2', role='viewer', by='ann')
    uadmctl('store', 'backup', '/root/then', rc=0)
    policy('deny', '4')
    policy('min-length', '20', account='beta')
    uadmctl('policy', 'unset', '--account', 'acme', '--role', 'viewer', 'deny', rc=0)
    want = [{'key': 'deny', 'now': '4', 'then': '3', 'account': 'acme', 'role': None, 'by': 'root'},
            {'key': 'deny', 'now': None, 'then': '2', 'account': 'acme', 'role': 'viewer', 'by': 'account'},
            {'key': 'min-length', 'now': '20', 'then': None, 'account': 'beta', 'role': None, 'by': 'root'}]
    said = uadmctl('store', 'restore', '/root/then', '--dry-run', rc=0).out
    assert 'policy of acme, viewer deny: goes back from not set to 2' in said, said
    assert uadmctl('store', 'restore', '/root/then', '--yes', '--json', rc=0).json['policy'] == want
    assert [word('deny', '--user', name) for name in ('ann', 'vic')] == [('3', 'account', 'root'), ('2', 'role', 'account')]
    assert word('min-length', '--account', 'beta')[1] == 'shipped'
    assert uadmctl('store', 'restore', '/root/then', '--yes', '--json', rc=0).json['policy'] == []


@pytest.mark.parametrize('row', ["'deny', 0", "'nonsense', 1", "'fail-delay', 0"])
def test_other_hands(two, row):
    """What nobody of ours wrote lets none of the account's users in, and all others."""
    lab.sql(f"INSERT INTO policy (account, key, value) SELECT gid, {row} FROM \"group\" WHERE name = 'acme'")
    assert not works(PASSWORD, 'ann') and works(PASSWORD, 'lone') and works(PASSWORD, 'bea')
    assert pam('cron', 'account', user='ann')[0] != [0] and pam('cron', 'account', user='bea')[0] == [0]
    done = uadmctl('user', 'show', 'ann')
    assert done.rc == 69 and 'the policy of the account acme' in done.err and 'policy unset --account acme' in done.err, done
    if row.startswith("'deny'"):
        uadmctl('policy', 'unset', '--account', 'acme', 'deny', rc=0)
        assert works(PASSWORD, 'ann')
