"""The conventions of uadmctl: exit codes, JSON, --dry-run, asking, several users, CSV, hints."""
import json
import os

import pytest

import lab
from lab import LOCAL, add_user, show, uadmctl


def state():
    """What a command that changes nothing leaves as it was."""
    return uadmctl('store', 'info', '--json', rc=0).json, uadmctl('user', 'list', '--json', rc=0).out, \
        uadmctl('group', 'list', '--json', rc=0).out


KEYS = {'name', 'uid', 'gid', 'kind', 'status', 'first_name', 'last_name', 'display_name', 'email', 'home', 'shell',
        'groups', 'failed_attempts', 'failed_sources', 'locked_until', 'last_login', 'password_set', 'must_change', 'created_at'}


def test_F1_F37_json_of_a_user(host):
    uadmctl('group', 'add', 'crew', rc=0)
    add_user('ada', '--first-name', 'Ada', '--last-name', 'Lovelace', '--email', 'ada@example.org', '--groups', 'crew',
             '--home', '/home/countess', '--shell', '/bin/sh', '--uid', '31234')
    ada = show('ada')
    assert KEYS <= ada.keys()
    assert {k: ada[k] for k in KEYS - {'created_at'}} == {
        'name': 'ada', 'uid': 31234, 'gid': 31234, 'kind': 'person', 'status': 'active', 'first_name': 'Ada',
        'last_name': 'Lovelace', 'display_name': 'Ada Lovelace', 'email': 'ada@example.org', 'home': '/home/countess',
        'shell': '/bin/sh', 'groups': ['crew'], 'failed_attempts': 0, 'failed_sources': [], 'locked_until': None, 'last_login': None,
        'password_set': True, 'must_change': False}
    assert ada['created_at'].endswith('Z')
    assert uadmctl('user', 'list', '--json', rc=0).json == [ada]


def test_F25_F40_F57_each_field_is_set(host):
    """And what is published is published; nothing else changes, and what is the same is no change."""
    add_user('ada')
    uadmctl('contact', 'add', 'desk', '--kind', 'employee', rc=0)
    fields = {'first_name': 'Ada', 'last_name': 'Lovelace', 'display_name': 'The Countess', 'email': 'ada@example.org',
              'mobile': '+436601234567', 'contact': 'desk', 'shell': '/bin/sh', 'home': '/home/countess', 'time_zone': 'Europe/Vienna'}
    for field, value in fields.items():
        before = show('ada')
        for changed in (True, False):
            assert uadmctl('user', 'set', 'ada', f'--{field.replace("_", "-")}', value, '--json', rc=0).json[0]['changed'] is changed
        after = show('ada')
        assert after[field] == value and before[field] != value
        assert {k for k in after if after[k] != before[k]} <= {field, 'display_name'}, field
    assert lab.getent('passwd', 'ada')[4:] == ['The Countess', '/home/countess', '/bin/sh']


@pytest.mark.parametrize('command', [
    ['user', 'list'], ['group', 'list'], ['group', 'top'], ['audit', 'list']])
def test_lists(host, command):
    """Empty is [], JSON alone is on stdout, one line in a pipe, pretty on a terminal."""
    if command[0] != 'audit':
        empty = uadmctl(*command, '--json', rc=0)
        assert empty.out == '[]\n' and empty.err == ''
    uadmctl('group', 'add', 'crew', rc=0)
    add_user('ada', '--groups', 'crew')
    done = uadmctl(*command, '--json', rc=0)
    assert done.out.count('\n') == 1 and len(done.json) >= 1
    pretty = lab.talk(['uadmctl', *command, '--json'])
    assert json.loads(pretty.text) == done.json and pretty.text.count('\n') > 2
    table = uadmctl(*command, rc=0).out.splitlines()
    assert table[0] == table[0].upper()
    assert uadmctl(*command, '--noheadings', rc=0).out.splitlines() == table[1:]
    raw = uadmctl(*command, '--raw', rc=0).out.splitlines()
    assert all(len(line.split(' ')) == len(raw[0].split(' ')) for line in raw)
    bad = uadmctl(*command, '-o', 'nonsense')
    assert bad.rc == 64 and bad.out == '' and 'hint: columns: ' in bad.err


def test_columns(host):
    add_user('ada', '--email', 'ada@example.org')
    assert uadmctl('user', 'list', '-o', 'email,uid', '--noheadings', '--raw', rc=0).out == 'ada@example.org 30000\n'


@pytest.mark.parametrize('command, rc', [
    (['user', 'show', 'nobody-here'], 67), (['group', 'show', 'nobody-here'], 67), (['user', 'delete', 'x', '--yes'], 67),
    (['user', 'add', 'ada'], 65), (['group', 'add', 'ada'], 65), (['user', 'add', 'crew'], 65), (['nonsense'], 64),
    (['user', 'nonsense'], 64), (['user'], 64), (['user', 'list', '--nonsense'], 64), (['user', 'show'], 64),
    (['user', 'list', 'extra'], 64), (['user', 'add', 'bob', '--uid'], 64), ([], 64), (['user', 'check', 'ada'], 0),
    (['help'], 0), (['user', 'add', '--help'], 0), (['--help'], 0), (['help', 'user', 'add'], 0),
    (['user', 'suspend', 'ada', 'nobody-here'], 67), (['user', 'list', '--status', 'nonsense'], 64)])
def test_exit_status(host, command, rc):
    uadmctl('group', 'add', 'crew', rc=0)
    add_user('ada')
    done = uadmctl(*command)
    assert done.rc == rc, done
    assert (rc in (0, 67)) or done.out == '', done
    assert rc == 0 or 'uadmctl: error: ' in done.err or 'Usage' in done.err or 'usage' in done.err, done


def test_not_root(host):
    """77, and no word about what is in the store."""
    add_user('ada')
    for command in (['user', 'list', '--json'], ['user', 'add', 'bob'], ['user', 'suspend', 'ada'], ['audit', 'list']):
        done = uadmctl(*command, user=LOCAL)
        assert done.rc == 77 and 'ada' not in done.out + done.err, done


def test_store_missing(machine):
    done = uadmctl('user', 'list', '--json')
    assert done.rc == 69 and done.json['result'] == 'unavailable' and 'hint: ' in done.err, done
    uadmctl('store', 'init', rc=0)
    uadmctl('store', 'init', rc=0)
    assert uadmctl('user', 'list', '--json', rc=0).json == []


def test_bad_configuration(host):
    with open('/etc/uadm/uadm.conf', 'w', encoding='ascii') as f:
        f.write('[ids]\nuid-min = 40000\nnonsense = 1\n')
    done = uadmctl('user', 'list')
    assert done.rc == 78 and '/etc/uadm/uadm.conf:3' in done.err and 'nonsense' in done.err, done
    with open('/etc/uadm/uadm.conf', 'w', encoding='ascii') as f:
        f.write('[ids]\nuid-min = 40000\n')
    uadmctl('user', 'add', 'ada', rc=0)
    assert show('ada')['uid'] == 40000


def test_did_you_mean(host):
    add_user('ada')
    uadmctl('group', 'add', 'crew', rc=0)
    for command, word in ((['usr', 'list'], 'user'), (['user', 'lst'], 'list'), (['user', 'list', '--jsn'], '--json'),
                          (['user', 'show', 'adda'], 'ada'), (['group', 'show', 'crww'], 'crew')):
        done = uadmctl(*command)
        assert done.rc != 0 and f'hint: did you mean "{word}"?' in done.err, done


@pytest.mark.parametrize('command', [
    ['user', 'add', 'eve', '--groups', 'crew', '--create-home'], ['user', 'set', 'ada', '--email', 'a@example.org'],
    ['user', 'suspend', 'ada'], ['user', 'delete', 'ada'], ['user', 'unlock', 'ada'], ['group', 'add', 'more'],
    ['group', 'delete', 'crew'], ['group', 'add-member', 'crew', 'ada'], ['group', 'remove-member', 'crew', 'bob'],
    ['user', 'resume', 'bob']])
def test_dry_run(host, command):
    """Says what would be, with the exit status of the real thing, and changes nothing."""
    uadmctl('group', 'add', 'crew', rc=0)
    add_user('ada')
    add_user('bob', '--groups', 'crew')
    uadmctl('user', 'suspend', 'bob', rc=0)
    lab.fail_logins('ada', 1)
    before, homes = state(), os.listdir('/home')
    published = open('/var/lib/uadm/directory/directory', 'rb').read()
    done = uadmctl(*command, '--dry-run', rc=0)
    assert 'would be' in done.out, done
    assert all(row['dry_run'] for row in uadmctl(*command, '--dry-run', '--json', rc=0).json)
    assert state() == before and os.listdir('/home') == homes
    assert open('/var/lib/uadm/directory/directory', 'rb').read() == published
    uadmctl(*command, *(['--yes'] if 'delete' in command else []), rc=0)
    assert state() != before


def test_words(host):
    add_user('ada')
    given = {'input': lab.NEW + '\n', 'rc': 0}
    assert uadmctl('user', 'set-password', 'ada', '--password-stdin', '--dry-run', **given).out == 'ada: would get the password\n'
    uadmctl('user', 'set', 'ada', '--email', 'a@example.org', rc=0)
    assert uadmctl('user', 'set', 'ada', '--email', 'a@example.org', rc=0).out == 'ada: nothing to change\n'
    assert uadmctl('user', 'resume', 'ada', '--dry-run', rc=0).out == 'ada: active already\n'
    done = uadmctl('user', 'check', 'root')
    assert done.rc == 67 and 'hint: root is a local user of /etc/passwd: uadm does not decide its logins' in done.err, done
    done = uadmctl('user', 'list', '--conf', '/no-such-file')
    assert done.rc == 78 and '/no-such-file: ' in done.err and ':0:' not in done.err, done


def test_dry_run_is_refused_like_the_real_thing(host):
    add_user('ada')
    assert uadmctl('user', 'add', 'ada', '--dry-run').rc == 65
    assert uadmctl('user', 'suspend', 'eve', '--dry-run').rc == 67


def test_destroying_asks(host):
    """The name is typed; anything else is no; without a terminal it fails; --yes answers."""
    add_user('ada')
    before = state()
    for options in ([], ['--no-input']):
        done = uadmctl('user', 'delete', 'ada', *options)
        assert done.rc == 64 and 'hint: ' in done.err, done
    for typed in ('n', 'y', 'adda', ''):
        done = lab.talk(['uadmctl', 'user', 'delete', 'ada'], [('to go on: ', typed)])
        assert done.rc == 1 and 'suspend' in done.text, done
    assert state() == before
    assert lab.talk(['uadmctl', 'user', 'delete', 'ada'], [('to go on: ', 'ada')]).rc == 0
    assert state() != before


def test_F36_F79_several_users(host):
    """A result for each, the worst as exit status, and one bad one stops nobody else."""
    uadmctl('user', 'add', 'ada', 'bob', 'eve', rc=0)
    done = uadmctl('user', 'suspend', 'ada', 'nobody-here', 'eve', '--json')
    assert done.rc == 67
    assert [(r['name'], r['result'], r['changed']) for r in done.json] == [
        ('ada', 'suspended', True), ('nobody-here', 'not-found', False), ('eve', 'suspended', True)]
    assert [show(n)['status'] for n in ('ada', 'bob', 'eve')] == ['suspended', 'active', 'suspended']
    again = uadmctl('user', 'suspend', 'ada', rc=0)
    assert 'already' in again.out


def test_from_csv(host):
    uadmctl('group', 'add', 'crew', 'deck', rc=0)
    csv = ('name,first-name,last_name,email,groups\n'
           'ada,Ada,"Lovelace, Countess",ada@example.org,crew;deck\n'
           '"Bad Name",x,y,z@example.org,\n'
           'bob,,,not-an-address,crew\n'
           'eve,Eve,,,\n')
    done = uadmctl('user', 'add', '--from', '-', '--json', input=csv)
    assert done.rc == 65
    assert [r['changed'] for r in done.json] == [True, False, False, True]
    assert show('ada')['last_name'] == 'Lovelace, Countess' and show('ada')['groups'] == ['crew', 'deck']
    assert show('eve')['first_name'] == 'Eve'
    assert uadmctl('user', 'show', 'bob').rc == 67
    with open('/tmp/names', 'w', encoding='ascii') as f:
        f.write('ada\neve\n')
    uadmctl('user', 'suspend', '--from', '/tmp/names', rc=0)
    assert show('eve')['status'] == 'suspended'
    assert uadmctl('user', 'suspend', '--from', '/tmp/none').rc != 0


def test_F39_F41_groups(host):
    uadmctl('group', 'add', 'crew', 'deck', rc=0)
    uadmctl('user', 'add', 'ada', 'bob', 'eve', rc=0)
    uadmctl('group', 'add-member', 'crew', 'ada', 'bob', rc=0)
    uadmctl('group', 'add-member', 'deck', 'bob', rc=0)
    top = uadmctl('group', 'top', '-n', '1', '--json', rc=0).json
    assert [(g['name'], g['member_count']) for g in top] == [('crew', 2)]
    assert uadmctl('group', 'show', 'crew', '--json', rc=0).json['members'] == ['ada', 'bob']
    assert uadmctl('group', 'add-member', 'crew', 'nobody-here').rc == 67
    uadmctl('group', 'remove-member', 'crew', 'ada', rc=0)
    uadmctl('user', 'delete', 'bob', '--yes', rc=0)
    assert uadmctl('group', 'show', 'crew', '--json', rc=0).json['members'] == []
    uadmctl('group', 'delete', 'crew', '--yes', rc=0)
    assert lab.getent('group', 'crew') is None
    uadmctl('group', 'add', 'later', rc=0)
    assert uadmctl('group', 'show', 'later', '--json', rc=0).json['gid'] == 20002  # gids have tombstones


def test_no_colour_where_none_belongs(host):
    add_user('ada')
    assert '\033' not in uadmctl('user', 'list', rc=0).out
    for env in ({'NO_COLOR': '1'}, {'TERM': 'dumb'}):
        assert '\033[3' not in lab.talk(['uadmctl', 'user', 'list'], env=env).text


def test_secrets_are_no_arguments(host):
    for option in ('--password=x', '--password-stdin=x'):
        assert uadmctl('user', 'add', 'ada', option).rc == 64
    assert uadmctl('user', 'show', 'ada').rc == 67


def test_audit(host):
    """One row for each change, with who and to whom; an edited row is found."""
    add_user('ada')
    uadmctl('user', 'suspend', 'ada', rc=0)
    rows = uadmctl('audit', 'list', '--json', '--target', 'ada', rc=0).json
    assert [(r['actor'], r['action']) for r in rows] == [('root', 'user.add'), ('root', 'user.suspend')]
    uadmctl('audit', 'verify', rc=0)
    tamper = ("import sqlite3; d = sqlite3.connect('/var/lib/uadm/store/uadm.db');"
              "t = [r[0] for r in d.execute(\"select name from sqlite_master where type='trigger'\")];"
              "[d.execute(f'drop trigger \"{n}\"') for n in t];"
              "d.execute(\"update audit set target='eve' where action='user.suspend'\"); d.commit()")
    lab.run('/usr/bin/python3', '-c', tamper, rc=0)
    done = uadmctl('audit', 'verify')
    assert done.rc == 1 and f'row {rows[1]["id"]} ' in done.out + done.err, done


def test_store_check(host):
    add_user('ada')
    uadmctl('store', 'check', rc=0)
    os.unlink('/var/lib/uadm/directory/directory')
    assert uadmctl('store', 'check').rc == 1
    uadmctl('store', 'publish', rc=0)
    uadmctl('store', 'check', rc=0)
    assert lab.getent('passwd', 'ada')


def test_syncs(host):
    """S2: a change waits for the log and for what is published, once each; the store's directory stays as it is."""
    add_user('ada')
    for i in range(40):  # the log is begun anew on the way
        uadmctl('user', 'set', 'ada', '--display-name', f'Ada {i}', rc=0)
    synced = []
    for i in range(3):
        lab.run('strace', '-f', '-y', '-o', '/tmp/syncs', '-e', 'trace=fsync,fdatasync', 'uadmctl', 'user', 'set', 'ada',
                '--display-name', f'Augusta {i}', rc=0)
        with open('/tmp/syncs', encoding='utf-8') as f:
            synced.append([line.partition('<')[2].partition('>')[0] for line in f if 'sync(' in line])
    assert all('/var/lib/uadm/store' not in s for s in synced), synced
    assert all(s.count('/var/lib/uadm/directory') == 1 for s in synced), synced
    assert min(s.count('/var/lib/uadm/store/uadm.db-wal') for s in synced) == 1, synced


@pytest.mark.parametrize('shell', ['bash', 'zsh', 'fish'])
def test_completion(host, shell):
    text = uadmctl('help', '--completion', shell, rc=0).out
    assert 'suspend' in text and 'add-member' in text
    if shell == 'bash':
        assert lab.run('bash', '-n', input=text).rc == 0


def test_completion_in_bash(host):
    """Keys, words, and names out of the store: for root, and of these only what a name can be."""
    uadmctl('group', 'add', 'crew', rc=0)
    uadmctl('account', 'add', 'acme', rc=0)
    add_user('ada')
    script = uadmctl('help', '--completion', 'bash', rc=0).out

    def offered(*words, user=None):
        given = ' '.join(f"'{word}'" for word in ('uadmctl', *words))
        done = lab.run('bash', '-c', f'{script}\nCOMP_WORDS=({given}); COMP_CWORD={len(words)}; _uadmctl; '
                       'printf "%s\\n" "${COMPREPLY[@]}"', user=user, rc=0)
        assert not done.err, done
        return done.out.split()

    for words, want in ((['us'], ['user']), (['user', 'unl'], ['unlock']), (['user', 'show', 'a'], ['ada']),
                        (['user', 'show', ''], ['ada']), (['user', 'add', 'a'], []), (['invite', 'resend', 'a'], ['ada']), (['group', 'show', 'c'], ['crew']),
                        (['group', 'add-member', 'c'], ['crew']), (['group', 'add-member', 'crew', 'a'], ['ada']),
                        (['policy', 'show', 'den'], ['deny']), (['policy', 'unset', '--account', 'acme', 'den'], ['deny']), (['policy', 'set', 'lock-t'], ['lock-time']),
                        (['policy', 'set', 'require-factor', ''], ['default', 'none', 'any', 'totp']), (['policy', 'set', 'require-factor', 'y'], []),
                        (['policy', 'set', 'factor-on-key', 'a'], ['allow']), (['policy', 'set', 'lock-keys', 'y'], ['yes']),
                        (['policy', 'set', 'deny', 'y'], []), (['policy', 'set', '--account', 'acme', 'require-factor', 't'], ['totp']),
                        (['factor', 'enroll', ''], ['ada']), (['factor', 'list', 'a'], ['ada']), (['session', 'list', 'a'], ['ada']),
                        (['factor', 'remove', 'a'], ['ada']), (['factor', 'recovery', 'a'], ['ada']),
                        (['session', 'terminate', '--account', ''], ['acme']), (['session', 'terminate', '--user', 'a'], ['ada']),
                        (['user', 'list', '--time-format', 'r'], ['relative']), (['member', 'list', 'ac'], ['acme']),
                        (['member', 'revoke', 'ac'], ['acme']), (['member', 'revoke', 'acme', 'a'], ['ada']),
                        (['policy', 'set', 'deny', 'def'], ['default']), (['policy', 'set', 'deny', '3', 'warn'], ['warn']),
                        (['user', 'list', '--status', 'l'], ['locked']), (['user', 'list', '--kind', ''], ['person', 'service']),
                        (['user', 'list', '--group', ''], ['crew']), (['user', 'suspend', '--keep'], ['--keep-sessions'])):
        got = offered(*words)
        assert got == want or (words[-1] == '' and set(want) <= set(got)), (words, got)
    assert offered('user', 'show', 'a', user='nobody') == []
    lab.run('/usr/bin/python3', '-c', "import sqlite3; d = sqlite3.connect('/var/lib/uadm/store/uadm.db');"
            "d.execute(\"update user set name = 'ada$(touch /made)' where name = 'ada'\"); d.commit()", rc=0)
    assert not any('$' in word for word in offered('user', 'show', 'a')) and not os.path.exists('/made')
