"""hostile.py - strings that were made to break something (S7), and what holds of all output whatever was put in.

UADM_FAULTS=all tries each text in both forms of output, and every cell of every column; else they take turns.
"""
import json
import os
import re
import sqlite3
import unicodedata

import lab
from lab import add_user, uadmctl

ALL = os.environ.get('UADM_FAULTS') == 'all'
# \udcXX is the byte XX, which is no UTF-8.
HOSTILE = {
    'newline': 'a\nroot::0:0::/:/bin/sh\nb', 'return': 'a\rb', 'tab': 'a\tb', 'ansi': '\x1b[2J\x1b]0;title\x07', 'bell': '\x07',
    'c1': 'a\x9b31mb', 'c1-byte': 'a\udc9b31mb', 'delete': 'a\x7fb', 'quotes': '"\'`$(id)`\'"', 'backslash': 'a\\nb\\', 'traversal': '../../../etc/passwd',
    'dash': '-rf', 'dashes': '--yes', 'comma': 'a,b,', 'semicolon': "'; DROP TABLE user; --", 'colon': 'a:b::', 'invalid': 'a\udcff\udcfeb',
    'overlong': '\udcc0\udcaf', 'surrogate': '\udced\udca0\udc80', 'cut': 'a\udce2\udc82', 'bidi': 'a\u202e\u2066b', 'zero-width': 'a\u200b\u200d\ufeffb',
    'separator': 'a\u2028b\u2029c', 'tags': 'a\U000e0041\U000e007fb', 'private': '\ue000\U0010fffd', 'blank': '\u3164\u115f', 'soft-hyphen': 'a\xadb',
    'emoji': '\U0001f469\u200d\U0001f680', 'combining': 'e' + '\u0301' * 2000, 'one-mark': '\u0301', 'format': '%s%n%999999d', 'long': 'x' * 100000,
    'empty': '', 'space': ' ', 'json': '"}],{"a":[', 'html': '<script>&amp;', 'number': '99999999999999999999', 'nul-text': 'a\\x00b'}
WORDS = {'GROUP': 'crew', 'USER': 'bob', 'KEY': 'deny', 'VALUE': '3', 'FILE': '/root/hostile', 'NOUN': 'user', 'VERB': 'add', 'ACCOUNT': 'acme',
         'RIGHT': 'Row', 'TAG': 'x', 'SOURCE': 'bob', 'ID': '999', 'ADDRESS': 'ada@example.org'}
NAMES = {'user': 'ada', 'group': 'crew', 'account': 'acme', 'role': 'sailor', 'right': 'Row', 'contact': 'Ada L'}
OUTPUTS = [['user', 'list'], ['user', 'show', 'ada'], ['group', 'list'], ['group', 'show', 'crew'], ['group', 'top'], ['audit', 'list', '-n', '0'],
           ['policy', 'list'], ['store', 'info'], ['account', 'list'], ['member', 'list', 'acme'], ['role', 'list'], ['right', 'list'], ['contact', 'list'],
           ['user', 'stale'], ['session', 'list', '--history'], ['mail', 'list'], ['mail', 'show', '1']]


def unclean(text):
    """What a terminal would act upon, what hides or turns the text around, and what is no UTF-8."""
    return [c for c in text if c != '\n' and unicodedata.category(c) in ('Cc', 'Cf', 'Zl', 'Zp', 'Cs', 'Co') or '\U000e0000' <= c <= '\U000e0fff']


def judge(done):
    """However it ends: an end that was foreseen, said in lines of ours, and nothing else in them."""
    assert 0 <= done.rc < 80 and done.rc != 70, done
    assert not unclean(done.out) and not unclean(done.err), repr(done)
    for line in done.err.splitlines():
        assert line.startswith(('uadmctl: ', 'hint: ')), repr(done)
        assert len(line) < 2000, repr(done)
    assert (done.rc in (0, 1)) or 'uadmctl: error: ' in done.err, repr(done)


def judge_json(done):
    judge(done)
    value = json.loads(done.out)
    assert isinstance(value, (list, dict)), done
    return value


def well_formed(count=None):
    """Everything that shows what is stored, in every form."""
    for command in OUTPUTS:
        judge_json(uadmctl(*command, '--json', rc=0))
        judge(uadmctl(*command, rc=0))
    users = uadmctl('user', 'list', '--json', rc=0).json
    assert count is None or len(users) == count
    for noun in ('user', 'group', 'audit'):
        rows = uadmctl(noun, 'list', '--json', *(['-n', '0'] if noun == 'audit' else []), rc=0).json
        more = ['-n', '0'] if noun == 'audit' else []
        columns = 'id,at,actor,action,target,detail' if noun == 'audit' else 'name,' + ('display_name,email,home,shell' if noun == 'user' else 'description')
        raw = uadmctl(noun, 'list', '--raw', '--noheadings', '-o', columns, *more, rc=0).out.split('\n')[:-1]
        assert len(raw) == len(rows) and all(len(line.split(' ')) == columns.count(',') + 1 for line in raw), raw
        table = uadmctl(noun, 'list', '-o', columns, *more, rc=0).out.split('\n')[:-1]
        assert len(table) == len(rows) + (1 if rows else 0)
    for database, colons in (('passwd', 6), ('group', 3)):
        shown = lab.run('getent', database, rc=0).out
        assert not unclean(shown)
        lines = shown.splitlines()
        assert all(line.count(':') == colons for line in lines), lines
        assert [line for line in lines if line.split(':')[2] == '0' and not line.startswith('root:')] == []
    assert {line.split(':')[0] for line in lab.run('getent', 'passwd', rc=0).out.splitlines() if 30000 <= int(line.split(':')[2]) < 60000} \
        == {user['name'] for user in users}


def stored_is_clean():
    """No text of the store holds what is refused."""
    db = sqlite3.connect('/var/lib/uadm/store/uadm.db')
    for table in ('user', 'group', 'audit', 'number', 'published', 'policy', 'account_domain', 'role', 'right', 'contact', 'tag', 'review', 'review_item'):
        for row in db.execute(f'SELECT * FROM "{table}"'):
            for value in row:
                assert not isinstance(value, str) or not unclean(value) and '\n' not in value, (table, row)
    db.close()


def write(path, text):
    with open(path, 'wb') as f:
        f.write(text if isinstance(text, bytes) else text.encode('utf-8', 'surrogateescape'))


def forms(n):
    """Of the two forms of output, the one whose turn it is."""
    return [[], ['--json']] if ALL else [[['--json'], []][n % 2]]


def make_people():
    write('/etc/uadm/uadm.conf', '[hash]\nopslimit = 1\nmemlimit = 8388608\n')
    uadmctl('group', 'add', 'crew', 'deck', rc=0)
    add_user('ada', '--groups', 'crew')
    add_user('bob')
    uadmctl('account', 'add', 'acme', rc=0)
    uadmctl('right', 'add', 'Row', '--scope', 'Work', rc=0)
    uadmctl('role', 'add', 'sailor', '--right', 'Row', rc=0)
    uadmctl('member', 'add', 'acme', 'bob', '--role', 'sailor', rc=0)
    uadmctl('contact', 'add', 'Ada L', '--kind', 'partner', rc=0)
    lab.sql("""INSERT INTO letter (kind, language, uid, name, recipient, subject, body, message_id, state, queued, error, created_at) VALUES
        ('suspended', 'en', 30000, 'ada', 'ada@example.org', 'x', 'y', '1@box', 'failed', 1, 'no', 1)""")
