"""One-time codes (F26, F59, F66; P10, P12): the way in with one, through sshd, login and su, and what closes it."""
import re
import subprocess

import pytest

import lab
from lab import (NEW, PAM_AUTH_ERR, PAM_NEW_AUTHTOK_REQD, PAM_PERM_DENIED, PASSWORD, WRONG, add_user, pam, show, sql, su,
                 uadmctl)

SYMBOL = '[0-9A-HJKMNP-TV-Z]'
CODE = re.compile(f'({SYMBOL}{{5}}-){{3}}{SYMBOL}{{5}}')
CHANGE = [('New password: ?', NEW), ('Retype new password: ?', NEW)]
DAY, PAM_AUTHTOK_RECOVERY_ERR = 86400, 21


def reset(name='ada', *options):
    """The code that `user reset-password` prints."""
    row, = uadmctl('user', 'reset-password', name, '--print-code', '--json', *options, rc=0).json
    assert CODE.fullmatch(row['code']) and row['delivery'] == 'printed', row
    return row['code']


def works(password, name='ada', rhost='192.0.2.77'):
    return pam('sshd', name, 'auth', 'account', 'open', answers=[password], rhost=rhost) == [0, 0, 0]


def use(code, new=NEW, name='ada', rhost='192.0.2.78', service='sshd'):
    """The whole of a login with a code, as sshd makes it."""
    return pam(service, name, 'auth', 'account!', 'chauthtok-expired', 'open', answers=[code, new, new], rhost=rhost)


IN = [0, PAM_NEW_AUTHTOK_REQD, 0, 0]


def test_F26_F59_F66_through_sshd(host, sshd):
    """Printed, typed at a real login, a password set in the same conversation, and in."""
    add_user('ada')
    server = sshd()
    said = uadmctl('user', 'reset-password', 'ada', rc=0)
    code = CODE.search(said.out)[0]
    assert re.search(r'until \d{4}-\d\d-\d\d', said.out) and f'ssh ada@{lab.run("hostname").out.strip()}' in said.out, said
    assert works(PASSWORD)  # good until then
    done = server.login('ada', code, dialogue=CHANGE)
    assert done.rc == 0 and done.text.rstrip().endswith('ada') and 'Set a password now' in done.text, done
    assert works(NEW) and not works(PASSWORD) and not works(code)
    assert server.login('ada', code, dialogue=CHANGE).rc != 0  # once
    rows = uadmctl('audit', 'list', '--target', 'ada', '--json', rc=0).json
    changed, = [r for r in rows if r['action'] == 'user.change-password']
    assert changed['actor'] == 'ada' and changed['detail'] == 'service=sshd code=reset'
    assert [r['detail'] for r in rows if r['action'] == 'user.reset-password'] == [None]


def test_F26_through_login_and_su(host):
    add_user('ada')
    done = lab.login('ada', reset(), CHANGE)
    assert done.rc == 0 and done.text.split()[-1] == 'ada', done
    assert works(NEW)
    done = lab.talk(['su', 'ada', '-c', 'id -un'], [
        ('assword: ?', reset()), ('New password: ?', 'Other-Words-9'), ('Retype new password: ?', 'Other-Words-9')], user=lab.LOCAL)
    assert done.rc == 0 and done.text.split()[-1] == 'ada', done
    assert works('Other-Words-9')


def test_typed_as_people_do(host):
    """Small letters, other gaps, O for 0, I and L for 1; but nothing more and nothing less."""
    add_user('ada')
    uadmctl('policy', 'set', 'deny', '100', 'source-limit', '100', rc=0)
    for n, typed in enumerate([lambda c: c.lower(), lambda c: c.replace('-', ''), lambda c: c.replace('-', ' '),
                               lambda c: c.replace('0', 'O').replace('1', 'l').lower(), lambda c: f' {c.replace("1", "I")} ']):
        assert use(typed(reset()), f'Fresh-Words-{n}') == IN, n
    code = reset()
    for wrong in (code[:-1], code + '0', code.replace(code[0], 'U', 1), code[::-1], code + 'é', ''):
        assert use(wrong) == [PAM_AUTH_ERR], wrong
    assert use(code) == IN


def test_nothing_but_the_way_to_a_password(host, sshd):
    """Until it is set no session opens; given up on, the code is good still, and so is the old password."""
    add_user('ada')
    code = reset()
    assert pam('sshd', 'ada', 'auth', 'account!', 'open', answers=[code]) == [0, PAM_NEW_AUTHTOK_REQD, PAM_PERM_DENIED]
    done = sshd().login('ada', code, dialogue=[('New password: ?', 'short'), ('needs', None), ('New password: ?', '\x03')])
    assert done.rc != 0 and 'Not taken' in done.text, done
    assert works(PASSWORD) and use(code) == IN


def test_the_code_is_no_password(host):
    """It has been in a mail."""
    add_user('ada')
    uadmctl('policy', 'set', 'min-lower', '0', 'min-special', '0', rc=0)
    code = reset()
    assert use(code, code)[:3] != IN[:3] and use(code, code.lower())[:3] != IN[:3]
    assert not works(code) and use(code) == IN


def test_what_ends_a_code(host):
    """A new one, another password however it came, its time; a suspension as long as it is on."""
    add_user('ada')
    uadmctl('policy', 'set', 'deny', '100', 'source-limit', '100', rc=0)
    first, second = reset(), reset()
    assert use(first) == [PAM_AUTH_ERR] and use(second) == IN
    code = reset()
    assert lab.passwd('ada', [('Current password: ?', NEW), ('New password: ?', 'Other-Words-9'), ('Retype', 'Other-Words-9')]).rc == 0
    assert use(code) == [PAM_AUTH_ERR]
    code = reset()
    uadmctl('user', 'set-password', 'ada', '--password-stdin', input='Third-Words-9\n', rc=0)
    assert use(code) == [PAM_AUTH_ERR]
    code = reset()
    uadmctl('user', 'suspend', 'ada', rc=0)
    assert use(code) == [PAM_PERM_DENIED]
    uadmctl('user', 'resume', 'ada', rc=0)
    assert use(code, PASSWORD + 'x') == IN


def test_now_ends_the_old_password(host):
    """--now: it is no good at once, and not to be taken again, whatever the history is."""
    add_user('ada')
    uadmctl('policy', 'set', 'history', '0', 'deny', '100', 'source-limit', '100', rc=0)
    code = reset('ada', '--now')
    assert not works(PASSWORD) and not show('ada')['password_set']
    assert use(code, PASSWORD)[:3] != IN[:3] and use(code) == IN


def test_wrong_codes_lock_and_a_lock_hides_codes(host):
    """A code-shaped guess is a wrong password: charged, counted, and behind a lock not even a right one is told."""
    add_user('ada')
    code = reset()
    for n in range(5):
        assert pam('sshd', 'ada', 'auth', answers=['0' * 20], rhost=f'192.0.2.{n}') == [PAM_AUTH_ERR]
    assert show('ada')['status'] == 'locked' and sql("SELECT attempts FROM code") == '5'
    assert use(code) == [PAM_AUTH_ERR]
    uadmctl('user', 'unlock', 'ada', rc=0)
    assert use(code) == IN


def test_only_a_keyed_hash_is_kept(host):
    """Nothing in the store is the code, nor its plain hash; and another user's is worth nothing."""
    add_user('ada')
    add_user('bob')
    code = reset()
    import hashlib
    import glob
    bare = code.replace('-', '')
    for path in glob.glob('/var/lib/uadm/store/*'):
        with open(path, 'rb') as f:
            data = f.read()
        for text in (code, bare, hashlib.sha256(bare.encode()).hexdigest(), hashlib.sha256(code.encode()).hexdigest()):
            assert text.encode() not in data, path
    sql("UPDATE code SET uid = (SELECT uid FROM user WHERE name = 'bob')")
    assert use(code, name='bob') == [PAM_AUTH_ERR]


RACER = """
import sys
sys.path.insert(0, '/keys')
import pam
def phases():
    yield 'auth'
    yield 'account!'
    print('ready', flush=True)
    sys.stdin.readline()
    yield 'chauthtok-expired!'
    yield 'open!'
print(*pam.run('sshd', 'ada', sys.argv[1], phases(), [sys.argv[2], sys.argv[3], sys.argv[3]]))
"""


@pytest.mark.parametrize('kind', ['reset', 'invitation'])
def test_P12_a_hundred_at_once(host, kind):
    """All of them prove the code, and all set a password: exactly one does, and nobody else gets a session."""
    uadmctl('policy', 'set', 'deny', '1000', 'source-limit', '1000', 'dictionary', 'no', rc=0)
    if kind == 'reset':
        add_user('ada')
        code = reset()
    else:
        code = uadmctl('user', 'invite', 'ada@example.org', '--json', rc=0).json[0]['code']
    racers = [subprocess.Popen(['/usr/bin/python3', '-B', '-c', RACER, f'192.0.2.{n}', code, f'Fresh-Words-{n:03}'], text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) for n in range(100)]
    assert all(r.stdout.readline() == 'ready\n' for r in racers)
    for r in racers:
        r.stdin.write('\n')
        r.stdin.flush()
    codes = [[int(c) for c in r.communicate(timeout=120)[0].split()] for r in racers]
    won = [n for n, c in enumerate(codes) if c[2] == 0]
    assert len(won) == 1 and codes[won[0]] == IN, codes
    assert all(c[:2] == IN[:2] and c[2] != 0 and c[3] == PAM_PERM_DENIED for n, c in enumerate(codes) if n != won[0]), codes
    assert works(f'Fresh-Words-{won[0]:03}') and not works(PASSWORD)
    changes = [r for r in uadmctl('audit', 'list', '-n', '0', '--json', rc=0).json if r['action'] in ('user.change-password', 'user.accept')]
    assert len(changes) == 1 and sql('SELECT count(*) FROM code') == '0'


def test_P12_whoever_was_slower(host):
    """One who came in with the code and was not first has a proof that is good for nothing, whatever follows."""
    add_user('ada')
    code = reset()
    slow = subprocess.Popen(['/usr/bin/python3', '-B', '-c', RACER, '192.0.2.1', code, 'Slower-Words-1'], text=True,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert slow.stdout.readline() == 'ready\n'
    assert use(code) == IN
    uadmctl('maintain', rc=0)
    assert [int(c) for c in slow.communicate('\n')[0].split()][2:] == [PAM_AUTHTOK_RECOVERY_ERR, PAM_PERM_DENIED]
    assert works(NEW)


@pytest.fixture
def clocks(host):
    add_user('ada')
    uadmctl('policy', 'set', 'deny', '100', 'source-limit', '100', rc=0)
    return lab.Preload()


def test_P12_the_clock_goes_back(clocks):
    """What was used is used, and what ran out has run out by the clock that nobody sets."""
    code = reset()
    assert use(code) == IN
    for real in (-10 * 365 * DAY, -DAY, 0):
        clocks.clock(real)
        assert use(code, 'Other-Words-9') == [PAM_AUTH_ERR], real
    clocks.clock()
    code = reset()
    clocks.clock(DAY + 60, DAY + 60)
    assert use(code, 'Other-Words-9') == [PAM_AUTH_ERR]
    clocks.clock(-3600, DAY + 60)
    assert use(code, 'Other-Words-9') == [PAM_AUTH_ERR]
    uadmctl('maintain', rc=0)
    assert sql('SELECT count(*) FROM code') == '0'
    clocks.clock()
    assert use(code, 'Other-Words-9') == [PAM_AUTH_ERR]


@pytest.mark.parametrize('first', [4 * DAY, -3600])
def test_a_temporary_password_and_the_clock(clocks, first):
    """What has run out by the clock that nobody sets does not come back; nor does it last longer than it was to."""
    row, = uadmctl('user', 'add', 'tmp', '--temp-password', '--json', rc=0).json

    def tried():
        return pam('sshd', 'tmp', 'auth', 'account!', answers=[row['temporary_password']], rhost='192.0.2.9')

    assert tried() == [0, PAM_NEW_AUTHTOK_REQD]
    for real in (first, -3600, 0):
        clocks.clock(real, 4 * DAY)
        assert tried()[0] != 0, real
    assert 'has to make a new one' in uadmctl('user', 'check', 'tmp', '--why').out


def test_lifetime_is_the_policys(clocks):
    uadmctl('policy', 'set', 'reset-lifetime', '10m', rc=0)
    code = reset()
    clocks.clock(9 * 60)
    assert use(code) == IN
    clocks.clock()
    code = reset()
    clocks.clock(10 * 60)
    assert use(code, PASSWORD) == [PAM_AUTH_ERR]
    assert uadmctl('policy', 'set', 'reset-lifetime', '1s').rc == 65


def test_ran_out_while_somebody_was_thinking(clocks):
    """It is looked at again when the password is written."""
    code = reset()
    racer = subprocess.Popen(['/usr/bin/python3', '-B', '-c', RACER, '192.0.2.1', code, NEW], text=True,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert racer.stdout.readline() == 'ready\n'
    clocks.clock(2 * DAY)
    assert [int(c) for c in racer.communicate('\n')[0].split()][2:] == [PAM_AUTHTOK_RECOVERY_ERR, PAM_PERM_DENIED]
    clocks.clock()
    assert works(PASSWORD)


def test_P10_same_cost_same_answer(clocks):
    """With a code, without, right name or wrong: one hash, the same words, the same commits."""
    add_user('bob')
    reset()

    def attempt(name, typed):
        hashes, commits = len(clocks.hashes()), sync_count()
        done = lab.run('/usr/bin/python3', '-B', lab.PAM_PROGRAM, 'sshd', name, '192.0.2.9', 'auth', typed)
        return done.out, re.sub(r'\d+', 'N', done.err), len(clocks.hashes()) - hashes, sync_count() - commits

    with_sync_count()
    assert len({attempt(name, typed) for name in ('ada', 'bob', 'nobody1') for typed in (WRONG, '7' * 20, '')}) == 1


UADMD, COUNTS = '/usr/libexec/uadm/uadmd', '/tmp/counts'


def with_sync_count():
    """Every call of uadmd leaves how often it made its writes durable, and which files it opened."""
    lab.run('mv', UADMD, UADMD + '.real', rc=0)
    with open(UADMD, 'w', encoding='ascii') as f:
        f.write(f'#!/bin/sh\nexec /usr/bin/strace -A -o {COUNTS} -e trace=fdatasync,fsync,openat {UADMD}.real\n')
    lab.run('chmod', '755', UADMD, rc=0)


def called():
    try:
        with open(COUNTS, encoding='utf-8', errors='replace') as f:
            return f.read().splitlines()
    except FileNotFoundError:
        return []


def sync_count():
    sql('PRAGMA wal_checkpoint(TRUNCATE)')  # or it is written back meanwhile, which is nobody's doing
    return sum('sync(' in line for line in called())


def opened_count(word):
    return sum(word in line for line in called())


def test_not_for_service_identities(host):
    uadmctl('user', 'add', 'robot', '--kind', 'service', '--reason', 'x', '--owner', 'root', '--review-by', '2099-01-01', rc=0)
    assert uadmctl('user', 'reset-password', 'robot').rc == 65
    assert uadmctl('user', 'add', 'robot2', '--kind', 'service', '--reason', 'x', '--owner', 'root', '--review-by', '2099-01-01',
                   '--temp-password').rc == 65


def test_dry_run_makes_no_code(host):
    add_user('ada')
    code = reset()
    done = uadmctl('user', 'reset-password', 'ada', '--now', '--dry-run', rc=0)
    assert 'would be' in done.out and not CODE.search(done.out), done
    assert works(PASSWORD) and use(code) == IN
    done = uadmctl('user', 'add', 'bob', '--temp-password', '--dry-run', '--json', rc=0)
    assert 'temporary_password' not in done.json[0]


def test_S4_codes_do_not_survive_a_restore(host):
    add_user('ada')
    code = reset()
    uadmctl('store', 'backup', '/root/b', rc=0)
    uadmctl('store', 'restore', '/root/b', '--yes', rc=0)
    assert use(code) == [PAM_AUTH_ERR] and works(PASSWORD)


def test_F55_F56_temporary_password(clocks):
    """Made for the user, shown once, changed at the first login, and good for a while only."""
    row, = uadmctl('user', 'add', 'tia', '--temp-password', '--json', rc=0).json
    word = row['temporary_password']
    assert re.fullmatch(r'([0-9a-z]{5}-){3}[0-9a-z]{5}', word) and row['expires_at']
    assert show('tia')['must_change'] and word not in uadmctl('user', 'show', 'tia', rc=0).out
    assert pam('sshd', 'tia', 'auth', 'account!', 'open', answers=[word]) == [0, PAM_NEW_AUTHTOK_REQD, PAM_PERM_DENIED]
    clocks.clock(3 * DAY)
    refused = lab.run('/usr/bin/python3', '-B', lab.PAM_PROGRAM, 'sshd', 'tia', '', 'auth', word)
    assert refused.out.split() == [str(PAM_PERM_DENIED)] and 'has run out' in refused.err, refused
    clocks.clock(3 * DAY - 60)
    assert pam('sshd', 'tia', 'auth', 'account!', 'chauthtok-expired', 'open', answers=[word, word, NEW, NEW]) == IN
    clocks.clock(30 * DAY)
    assert works(NEW, 'tia') and not works(word, 'tia')


def test_F96_create_now_activate_later(host):
    row, = uadmctl('user', 'add', 'tia', '--temp-password', '--inactive', '--json', rc=0).json
    assert show('tia')['status'] == 'suspended'
    assert pam('sshd', 'tia', 'auth', answers=[row['temporary_password']]) == [PAM_PERM_DENIED]
    uadmctl('user', 'resume', 'tia', rc=0)
    assert pam('sshd', 'tia', 'auth', 'account!', 'chauthtok-expired', 'open',
               answers=[row['temporary_password']] * 2 + [NEW] * 2) == IN


def test_F26_an_open_code_is_seen(host):
    """user check and user show know of it, how long it is good, and how often it was missed; of none there is nothing."""
    add_user('ada')
    assert (show('ada')['code'], show('ada')['code_expires_at'], show('ada')['code_attempts']) == (None, None, 0)
    code = reset('ada', '--now')
    assert use('0' * 20) == [PAM_AUTH_ERR]
    assert (show('ada')['code'], show('ada')['code_attempts']) == ('reset', 1) and show('ada')['code_expires_at'].endswith('Z')
    listed, = uadmctl('user', 'list', '--json', rc=0).json
    assert (listed['code'], listed['code_attempts']) == ('reset', 1)
    why = uadmctl('user', 'check', 'ada', '--why', rc=0).out
    assert re.match(r'ada: may log in by key or code only \(active, no password, a code is open until \d{4}-', why), why
    assert re.search(r'^  by code: let in to set a password; reset code, good until .*, 1 wrong one typed$', why, re.M), why
    checked = uadmctl('user', 'check', 'ada', '--json', rc=0).json
    assert (checked['code'], checked['by_code'], checked['by_code_reason']) == ('reset', True, 'code') and checked['code_expires_at']
    uadmctl('user', 'suspend', 'ada', rc=0)
    checked = uadmctl('user', 'check', 'ada', '--json', rc=1).json
    assert (checked['by_code'], checked['by_code_reason']) == (False, 'suspended')
    uadmctl('user', 'resume', 'ada', rc=0)
    assert use(code) == IN
    checked = uadmctl('user', 'check', 'ada', '--json', rc=0).json
    assert (checked['code'], checked['by_code'], checked['by_code_reason']) == (None, False, None)
    assert 'code' not in uadmctl('user', 'check', 'ada', '--why', rc=0).out


def test_F26_what_a_reset_leaves_is_told(host):
    """Whether the old password goes on, and what keeps the user out whatever code they have."""
    add_user('ada')

    def told(*options):
        return uadmctl('user', 'reset-password', 'ada', '--print-code', *options, rc=0).out.split(': code')[0].rstrip('\n')

    row, = uadmctl('user', 'reset-password', 'ada', '--json', rc=0).json
    assert (row['old_password_good'], row['status']) == (True, 'active')
    assert told() == 'ada: reset, the old password is good until the code is used'
    assert told('--dry-run') == 'ada: would be reset, the old password is good until the code is used'
    assert told('--now', '--dry-run') == 'ada: would be reset, the old password would end'
    uadmctl('user', 'suspend', 'ada', rc=0)
    assert told() == 'ada: reset, the old password is good until the code is used, but suspended'
    assert told('--now') == 'ada: reset, the old password has ended, but suspended'
    assert told() == 'ada: reset, but suspended'  # there is none any more
    row, = uadmctl('user', 'reset-password', 'ada', '--json', rc=0).json
    assert (row['old_password_good'], row['status']) == (False, 'suspended')
    uadmctl('user', 'resume', 'ada', rc=0)
    uadmctl('user', 'set', 'ada', '--expires', '2020-01-01', rc=0)
    assert ', but expired since 2020-01-01' in told()


def test_F55_a_temporary_password_comes_with_its_command(host):
    done = uadmctl('user', 'add', 'tim', '--temp-password', rc=0)
    command = f'ssh tim@{lab.run("hostname").out.strip()}'
    assert re.fullmatch(rf'tim: added with uid \d+: temporary password \S+, good until .*\n    {re.escape(command)}\n', done.out), done
    row, = uadmctl('user', 'add', 'tom', '--temp-password', '--json', rc=0).json
    assert row['command'] == command.replace('tim', 'tom') and row['temporary_password']


@pytest.mark.parametrize('out, back', [(['user', 'suspend', 'jo'], ['user', 'resume', 'jo']),
                                       (['account', 'suspend', 'acme'], ['account', 'resume', 'acme']),
                                       (['user', 'set', 'jo', '--expires', '2020-01-01'], ['user', 'set', 'jo', '--expires', 'never'])])
def test_who_is_kept_out_meanwhile(host, out, back):
    """Between the code and the new password: none is set, nothing is accepted, and the code is good afterwards."""
    uadmctl('account', 'add', 'acme', '--default-role', 'viewer', rc=0)
    code = uadmctl('user', 'invite', 'jo@example.org', '--account', 'acme', '--json', rc=0).json[0]['code']
    child = lab.spawn('login', 'jo')
    child.expect('assword: ?')
    child.send(code + '\r')
    child.expect('New password: ?')
    uadmctl(*out, rc=0)
    child.send(NEW + '\r')
    child.expect('Retype new password: ?')
    child.send(NEW + '\r')
    child.expect('Your access (is suspended|has expired)')
    child.close(force=True)
    jo = show('jo')
    assert not jo['password_set'] and jo['memberships'][0]['state'] == 'pending'
    uadmctl(*back, rc=0)
    assert use(code, name='jo') == IN
