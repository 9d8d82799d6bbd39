"""What uadmctl says is so, and fits: to a newcomer, on a terminal, in JSON, and in its manual."""
import os
import re
import shlex

import pytest

import lab
from lab import PASSWORD, add_user, run, uadmctl

FILE = '/var/lib/uadm/directory/directory'
MANUAL = '/usr/share/man/man8/uadmctl.8'


@pytest.mark.parametrize('options, status, says', [
    (['--expires', '2020-01-02'], 'expired', 'but expired since 2020-01-02 00:00'),
    (['--valid-from', '2199-01-02'], 'inactive', 'but inactive until 2199-01-02 00:00')])
def test_resume_of_whose_time_it_is_not(host, options, status, says):
    """P2: nobody is called active who is not, and check says the same."""
    add_user('ada')
    uadmctl('user', 'suspend', 'ada', rc=0)
    uadmctl('user', 'set', 'ada', *options, rc=0)
    assert uadmctl('user', 'resume', 'ada', '--dry-run', rc=0).out == f'ada: would be resumed, {says}\n'
    row, = uadmctl('user', 'resume', 'ada', '--dry-run', '--json', rc=0).json
    assert (row['result'], row['status'], row['changed']) == ('resumed', status, True), row
    assert uadmctl('user', 'resume', 'ada', rc=0).out == f'ada: resumed, {says}\n'
    assert uadmctl('user', 'resume', 'ada', rc=0).out == f'ada: not suspended, {says}\n'
    assert f'({status})' in uadmctl('user', 'check', 'ada', rc=1).out
    uadmctl('user', 'set', 'ada', '--expires', 'never', '--valid-from', 'never', rc=0)
    uadmctl('user', 'suspend', 'ada', rc=0)
    assert uadmctl('user', 'resume', 'ada', rc=0).out == 'ada: active\n'


def test_resume_of_a_locked_user(host):
    add_user('ada')
    lab.fail_logins('ada', 5)
    uadmctl('user', 'suspend', 'ada', rc=0)
    assert re.fullmatch(r'ada: resumed, but locked until 20\d\d-.*\n', uadmctl('user', 'resume', 'ada', rc=0).out)


def test_question_without_a_terminal(host):
    add_user('ada')
    done = uadmctl('user', 'delete', 'ada', rc=64)
    assert '\\x' not in done.err and 'Delete ada' in done.err and 'hint: --yes' in done.err, done
    row, = uadmctl('user', 'delete', 'ada', '--json', rc=64).json
    assert '\n' not in row['error'] and row['result'] == 'usage', row
    row, = uadmctl('user', 'add', 'bob', '--password-stdin', '--hash-stdin', '--json', rc=64).json
    assert row['result'] == 'usage', row


def lose():
    os.unlink(FILE)


def spoil_head():
    with open(FILE, 'r+b') as f:
        f.write(b'nonsense')


def spoil_a_record():
    with open(FILE, 'r+b') as f:
        f.seek(-3, os.SEEK_END)
        f.write(b'\xff\xff\xff')


@pytest.mark.parametrize('harm, was', [(lose, 'missing'), (spoil_head, 'damaged'), (spoil_a_record, 'damaged')])
def test_a_lost_file_is_not_passed_over(host, harm, was):
    """store publish says what it found, and so does whatever else heals it on the way."""
    add_user('ada')
    for as_json in (False, True):
        harm()
        assert uadmctl('store', 'check').rc == 1
        done = uadmctl('store', 'publish', *(['--json'] if as_json else []), rc=0)
        if as_json:
            assert done.json == [{'name': FILE, 'result': 'published', 'changed': True, 'dry_run': False, 'was': was}]
        else:
            assert done.out == f'{FILE}: published: was {was}, written anew\n'
        uadmctl('store', 'check', rc=0)
    assert uadmctl('store', 'publish', rc=0).out == f'{FILE}: published already\n'
    if harm is not spoil_a_record:  # which no other verb looks at
        harm()
        assert f'uadmctl: warning: {FILE} was {was}: written anew' in uadmctl('user', 'list', rc=0).err
        assert uadmctl('user', 'list', rc=0).err == ''


def test_a_new_store_misses_nothing(machine):
    assert 'missing' not in uadmctl('store', 'init', rc=0).err
    assert uadmctl('user', 'list', rc=0).err == ''


def test_a_local_user_moves(host):
    """The lines of the manual, as they stand there."""
    run('useradd', '-m', 'mia', rc=0)
    run('chpasswd', '-c', 'SHA512', input=f'mia:{PASSWORD}\n', rc=0)
    hash = run('getent', 'shadow', 'mia', rc=0).out.split(':')[1]
    refused = uadmctl('user', 'add', 'mia', '--hash-stdin', input=hash + '\n', rc=65)
    assert 'userdel mia' in refused.err and 'hint: ' in refused.err, refused
    with open(MANUAL, encoding='utf-8') as f:
        page = f.read().replace('\\-', '-')
    script = re.search(r'^hash=.*?(?=^\.fi)', page, re.M | re.S)[0]
    run('sh', '-ec', script, rc=0)
    assert lab.pam('sshd', 'mia', 'auth', answers=[PASSWORD], rhost='192.0.2.1') == [lab.PAM_SUCCESS]
    assert os.stat('/home/mia').st_uid == lab.show('mia')['uid']


def test_keys_alone(host):
    """Who has no password has all there is; who has one and is locked has not."""
    uadmctl('user', 'add', 'ada', rc=0)
    assert uadmctl('user', 'check', 'ada', rc=0).out == 'ada: may log in by key only (active, no password)\n'
    add_user('bob')
    assert uadmctl('user', 'check', 'bob', rc=0).out == 'bob: may log in (active)\n'
    lab.fail_logins('bob', 5)
    assert uadmctl('user', 'check', 'bob', rc=1).out == 'bob: may log in by key only (locked)\n'


@pytest.mark.parametrize('command', [
    ['user', 'lst'], ['usr'], ['user'], ['user', 'list', '--nonsense'], ['user', 'show'], ['user', 'list', 'extra'],
    ['user', 'list', '--status', 'foo'], ['policy', 'set', 'deny'], ['policy', 'set', 'deny=4'], ['help', 'nonsense'],
    ['user', 'add', 'ada', '--uid'], ['user', 'list', '--raw', '--raw'], ['host', 'enable', '--trial', '1s'], ['store', 'backup', '-']])
def test_usage_errors_are_json_too(host, command):
    for words in ([*command, '--json'], ['--json', *command]):
        if words[-2:] == ['--uid', '--json'] or words[1] == 'help' or words[0] == 'help':
            words = [w for w in words if w != '--json'][:1] + ['--json'] + [w for w in words if w != '--json'][1:]
        done = uadmctl(*words, rc=64)
        assert done.json['result'] == 'usage' and done.json['error'] and done.json['changed'] is False, done
        assert 'uadmctl: error: ' in done.err, done
    assert uadmctl(*command, rc=64).out == ''


def widest(text):
    return max((len(line) for line in text.splitlines()), default=0)


def on_terminal(*command, columns=80):
    done = run('script', '-qec', f'stty cols {columns}; {shlex.join(["uadmctl", *command])}', '/dev/null')
    return done.out.replace('\r', '')


@pytest.mark.parametrize('command', [['user', 'list'], ['policy', 'list'], ['audit', 'list'], ['group', 'list']])
def test_tables_fit_the_terminal(host, command):
    """On a terminal alone: a pipe gets all of it."""
    uadmctl('group', 'add', 'crew', '--description', 'word ' * 24 + 'end', rc=0)
    add_user('ada', '--display-name', 'Augusta ' * 12 + 'end', '--email', 'a' * 60 + '@example.org', '--groups', 'crew')
    piped = uadmctl(*command, rc=0).out
    assert widest(piped) > 80
    shown = on_terminal(*command)
    assert 40 < widest(shown) <= 80, shown
    assert uadmctl(*command, env={'COLUMNS': '80'}, rc=0).out == piped
    if command[0] == 'policy':  # wrapped, not cut
        assert 'of use only where it is below deny' in ' '.join(piped.split())
        assert 'below' in shown and 'deny' in shown and '…' not in shown


@pytest.mark.parametrize('command', [['user', 'show', 'ada'], ['store', 'info']])
def test_values_stand_below_each_other(host, command):
    add_user('ada')
    lines = uadmctl(*command, rc=0).out.splitlines()
    starts = {re.match(r'[a-z ]+: +', line).end() for line in lines}
    assert len(starts) == 1, lines


def test_help_fits(host):
    """Each page of it, in 80 columns."""
    overview = uadmctl('help', rc=0).out
    assert widest(overview) <= 80
    commands = re.findall(r'^  ([a-z]+(?: [a-z-]+)?)  ', overview, re.M)
    assert len(commands) > 30
    for command in commands:
        text = uadmctl('help', *command.split(), rc=0).out
        assert widest(text) <= 80 and widest(uadmctl('help', command.split()[0], rc=0).out) <= 80, text


@pytest.mark.parametrize('command, says', [
    (['user', 'list', '--status', 'locked'], 'no users'), (['group', 'list'], 'no groups'),
    (['audit', 'list', '--target', 'none'], 'no rows')])
def test_empty_lists(host, command, says):
    assert lab.talk(['uadmctl', *command]).text.strip() == says
    done = uadmctl(*command, rc=0)
    assert done.out == '' and done.err == '', done


def keys_of(value):
    if isinstance(value, list):
        return set().union(*map(keys_of, value)) if value else set()
    if isinstance(value, dict):
        return set(value) | keys_of(list(value.values()))
    return set()


def test_keys_are_in_the_manual(host):
    """Keys are stable: none is printed that uadmctl(8) does not have."""
    uadmctl('group', 'add', 'crew', rc=0)
    add_user('ada')
    lab.fail_logins('ada', 1)
    given = {'input': PASSWORD + '\n'}
    lab.sql("""INSERT INTO letter (kind, language, uid, name, recipient, subject, body, message_id, state, queued, error, created_at) VALUES
        ('suspended', 'en', 30000, 'ada', 'ada@example.org', 'x', 'y', '1@box', 'failed', 1, 'no', 1)""")
    found = set()
    for command, more in (
            (['host', 'status'], {}), (['host', 'disable', '--dry-run'], {}), (['host', 'enable', '--dry-run'], {}),
            (['store', 'info'], {}), (['store', 'publish', '--force'], {}), (['store', 'check', '--repair'], {}),
            (['store', 'backup', '/root/keys.backup', '--force'], {}), (['audit', 'verify'], {}),
            (['store', 'restore', '/root/keys.backup', '--dry-run'], {}), (['policy', 'list'], {}),
            (['policy', 'set', 'deny', '4'], {}), (['policy', 'test', '--password-stdin'], given),
            (['user', 'check', 'ada'], {}), (['user', 'resume', 'ada'], {}), (['user', 'suspend', 'ada', '--dry-run'], {}),
            (['user', 'delete', 'ada', '--dry-run'], {}),
            (['account', 'add', 'acme'], {}), (['account', 'list'], {}), (['member', 'add', 'acme', 'ada', '--role', 'viewer'], {}),
            (['member', 'list', 'acme'], {}), (['user', 'add', 'eve', '--account', 'acme', '--role', 'viewer'], {}),
            (['role', 'list'], {}), (['right', 'list', '--account', 'acme'], {}), (['can', 'ada', 'Work', '--account', 'acme'], {}),
            (['user', 'show', 'nobody-here'], {}), (['user', 'tag', 'x', 'ada'], {}), (['contact', 'add', 'Jo', '--kind', 'partner'], {}),
            (['contact', 'list'], {}), (['user', 'list'], {}), (['user', 'stale'], {}), (['account', 'add', 'beta'], {}),
            (['user', 'clone', 'ada', 'may', '--yes'], {}), (['member', 'add', 'beta', 'ada', '--role', 'viewer'], {}),
            (['user', 'transfer', 'ada', '--to', 'beta', '--yes'], {}), (['review', 'start', 'beta'], {}), (['review', 'list'], {}),
            (['review', 'list', 'beta'], {}), (['user', 'invite', 'x@example.org', '--account', 'beta', '--role', 'viewer'], {}),
            (['invite', 'list'], {}), (['invite', 'resend', 'x'], {}), (['user', 'reset-password', 'ada'], {}), (['user', 'add', 'tim', '--temp-password'], {}),
            (['user', 'add', 'tia', '--temp-password'], {}), (['invite', 'cancel', 'x', '--yes'], {}),
            (['mail', 'list'], {}), (['mail', 'show', '1'], {}), (['mail', 'drop', '1'], {}),
            (['factor', 'enroll', 'ada', '--pending'], {}), (['factor', 'list'], {}),
            (['factor', 'recovery', 'ada', '--yes'], {}), (['factor', 'remove', 'ada', '--yes'], {})):
        done = uadmctl(*command, '--json', **more)
        assert isinstance(done.json, (dict, list)), done
        found |= keys_of(done.json)
    os.unlink('/root/keys.backup')
    with open(MANUAL, encoding='utf-8') as f:
        section = f.read().split('\n.SH JSON\n')[1].split('\n.SH ')[0].replace('\\-', '-')
    words = set(re.findall(r'[a-z_0-9-]+', section))
    assert len(found) > 50 and found <= words, found - words


def test_the_manual_names_what_all_take(host):
    with open(MANUAL, encoding='utf-8') as f:
        page = f.read().replace('\\-', '-')
    for word in ('--conf', '-h', '-V', '--no-input', '10s to 24h'):
        assert word in page, word
    delete = page.split('.SS user delete')[1].split('.SS ')[0]
    assert '--yes' in delete and '--no-input' in delete and '--dry-run' in delete and '--from' in delete
