"""What an administrator decides: policy list, show, set, and that logins follow it at once."""
import pytest

import lab
from lab import PAM_AUTH_ERR, PAM_SUCCESS, PASSWORD, WRONG, add_user, pam, show, uadmctl

SHIPPED = {'deny': 5, 'interval': 900, 'lock-time': 900, 'source-limit': 5, 'local-source-limit': 3, 'lock-keys': 0,
           'min-length': 10, 'min-lower': 1, 'min-upper': 1, 'min-digit': 1, 'min-special': 1, 'max-repeat': 0,
           'dictionary': 1, 'user-check': 1, 'history': 5, 'min-age': 0, 'max-age': 0, 'warn': 604800, 'inactive': 0,
           'fail-delay': 2, 'max-sessions': 0,
           'invite-lifetime': 604800, 'reset-lifetime': 86400, 'temp-password-lifetime': 259200, 'self-reset': 1,
           'require-factor': 0, 'factor-grace': 604800, 'factor-on-key': 0}


def numbers():
    return {row['key']: row['number'] for row in uadmctl('policy', 'list', '--json', rc=0).json}


def test_list_and_show(host):
    rows = uadmctl('policy', 'list', '--json', rc=0).json
    assert {row['key']: row['number'] for row in rows} == SHIPPED
    assert all(row['value'] == row['shipped'] and row['meaning'] and row['unit'] and row['least'] and row['most']
               for row in rows)
    assert uadmctl('policy', 'show', 'deny', '--json', rc=0).json == rows[0]
    assert uadmctl('policy', 'show', 'lock_time', 'deny', '--json', rc=0).json == [rows[2], rows[0]]
    shown = uadmctl('policy', 'show', 'lock-time', rc=0).out
    assert 'value:           15m\n' in shown and 'until somebody unlocks' in shown
    table = uadmctl('policy', 'list', rc=0).out
    assert table.startswith('KEY ') and 'now: any age' in table


def test_set(host):
    assert uadmctl('policy', 'set', 'deny', '3', 'lock-time', '2h', rc=0).out == \
        'deny: 3 (was 5)\nlock-time: 2h (was 15m)\n'
    assert numbers() == {**SHIPPED, 'deny': 3, 'lock-time': 7200}
    assert uadmctl('policy', 'set', 'deny', '3', rc=0).out == 'deny: 3 already\n'
    row, = uadmctl('policy', 'set', '--dry-run', '--json', 'deny', '9', rc=0).json
    assert (row['result'], row['value'], row['was']) == ('changed', '9', '3'), row
    assert uadmctl('policy', 'set', '--dry-run', 'deny', '9', rc=0).out == 'deny: would be 9 (was 3)\n'
    assert uadmctl('policy', 'set', 'deny', 'default', '--json', rc=0).json == [
        {'key': 'deny', 'result': 'changed', 'changed': True, 'dry_run': False,
         'value': '5', 'was': '3', 'number': 5, 'unit': 'count'}]
    row, = uadmctl('policy', 'set', 'LOCK_TIME', '2h', '--json', rc=0).json
    assert (row['key'], row['result'], row['number'], row['unit']) == ('lock-time', 'unchanged', 7200, 'seconds'), row
    assert numbers() == {**SHIPPED, 'lock-time': 7200}
    trail = uadmctl('audit', 'list', '--json', rc=0).json
    assert [row['detail'] for row in trail if row['action'] == 'policy.set'] == ['deny=3 (was 5) lock-time=2h (was 15m)', 'deny=5 (was 3)']
    assert all(row['actor'] == 'root' for row in trail if row['action'] == 'policy.set')


@pytest.mark.parametrize('words, rc, says', [
    (['deny'], 64, 'missing argument'), (['deny', '3', 'lock-time'], 64, 'its VALUE'), (['deny', '0'], 65, 'between 1 and 1000'),
    (['--', 'deny', '-1'], 65, 'not a number'), (['deny', 'five'], 65, 'not a number'), (['lock-time', '15'], 65, 'not a time'),
    (['lock-keys', 'true'], 65, 'yes or no'), (['denny', '3'], 67, 'did you mean "deny"?'), (['\x1b[31m', '3'], 67, r'\x1b'),
    (['deny', '3', 'history', '51'], 65, 'between 0 and 50'), (['min-age', '30d', 'max-age', '30d'], 65, 'below max-age'),
    (['deny', '\n'], 65, r'\x0a'), (['lock-time', '-5m'], 64, 'nothing here can be negative'), (['deny=4'], 64, 'two arguments'),
    (['deny=4', 'lock-time=5m'], 64, 'two arguments')])
def test_refused(host, words, rc, says):
    """S7: nothing changes, not even the good one of two, and what is shown is escaped."""
    done = uadmctl('policy', 'set', *words)
    assert done.rc == rc and says in done.err and '\x1b' not in done.err and done.out == '', done
    assert numbers() == SHIPPED
    as_json = uadmctl('--json', 'policy', 'set', *words)
    assert as_json.rc == rc and as_json.json['changed'] is False and as_json.json['error']


@pytest.mark.parametrize('words, about', [
    (['warn', '30d', 'max-age', '7d'], 'warn 30d: it is not below max-age'), (['source-limit', '10'], 'source-limit 10: it has no effect'),
    (['inactive', '3d'], 'inactive 3d: it has no effect while max-age is 0'), (['deny', '4'], None), (['max-age', '90d'], None)])
def test_of_no_effect(host, words, about):
    done = uadmctl('policy', 'set', *words, rc=0)
    assert ('uadmctl: warning: ' in done.err) == (about is not None) and (about or '') in done.err, done


def test_shown_once(host):
    shown = uadmctl('policy', 'show', 'max-age', rc=0).out
    assert shown.count('any age') == 1 and 'now:' not in shown, shown


def test_not_root(host):
    assert uadmctl('policy', 'list', user=lab.LOCAL).rc == 77
    assert uadmctl('policy', 'set', 'deny', '900', user=lab.LOCAL).rc == 77


def test_lockout_follows(host):
    """P1: the next login counts by what was set."""
    add_user('ada')
    uadmctl('policy', 'set', 'deny', '2', rc=0)
    assert [pam('sshd', 'ada', 'auth', answers=[WRONG], rhost=f'192.0.2.{n}') for n in (1, 2)] == [[PAM_AUTH_ERR]] * 2
    assert show('ada')['status'] == 'locked' and show('ada')['locked_until'] is not None
    assert pam('sshd', 'ada', 'auth', answers=[PASSWORD], rhost='192.0.2.3') == [PAM_AUTH_ERR]
    uadmctl('policy', 'set', 'lock-time', '0', rc=0)
    assert show('ada')['status'] == 'locked' and show('ada')['locked_until'] is None
    uadmctl('user', 'unlock', 'ada', rc=0)
    assert pam('sshd', 'ada', 'auth', answers=[PASSWORD], rhost='192.0.2.3') == [PAM_SUCCESS]
    uadmctl('policy', 'set', 'deny', '5', 'source-limit', '1', rc=0)
    assert pam('sshd', 'ada', 'auth', answers=[WRONG], rhost='192.0.2.4') == [PAM_AUTH_ERR]
    assert pam('sshd', 'ada', 'auth', answers=[PASSWORD], rhost='192.0.2.4') == [PAM_AUTH_ERR]
    assert pam('sshd', 'ada', 'auth', answers=[PASSWORD], rhost='192.0.2.5') == [PAM_SUCCESS]


def test_other_hands(host):
    """A policy that nobody can have set lets nobody in, and says how to mend it."""
    add_user('ada')
    lab.run('sqlite3', '-cmd', '.timeout 5000', '/var/lib/uadm/store/uadm.db', "INSERT INTO policy (account, key, value) VALUES (0, 'deny', 0)", rc=0)
    assert pam('sshd', 'ada', 'auth', answers=[PASSWORD]) != [PAM_SUCCESS]
    done = uadmctl('user', 'list')
    assert done.rc == 69 and 'deny must be between' in done.err and 'uadmctl policy set KEY default' in done.err
    uadmctl('policy', 'set', 'deny', 'default', rc=0)
    assert pam('sshd', 'ada', 'auth', answers=[PASSWORD], rhost='192.0.2.5') == [PAM_SUCCESS]
