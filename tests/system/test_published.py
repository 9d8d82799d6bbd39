"""N1 with many users: a change publishes what has changed, and NSS shows what the store has, record by record.
Killed at any system call of a publish: the old or the new, and the next publish leaves no litter."""
import os
import re
import shutil
import subprocess

import pytest

import lab
import sweep
from lab import getent, run, uadmctl

DIRECTORY, DB, SAVED = '/var/lib/uadm/directory', '/var/lib/uadm/store/uadm.db', '/keys/saved'
MANY, GROUPS, FIRST, FIRST_GROUP = 6000, 600, 31000, 21000
CROWD = f'''
    BEGIN;
    CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY} - 1) SELECT i FROM n;
    INSERT INTO number SELECT {FIRST} + i, 'user', 'user' || i, 1, NULL FROM n;
    INSERT INTO number SELECT {FIRST_GROUP} + i, 'group', 'group' || i, 1, NULL FROM n WHERE i < {GROUPS};
    INSERT INTO published SELECT name, kind, id FROM number WHERE id BETWEEN {FIRST_GROUP} AND {FIRST} + {MANY};
    INSERT INTO user (uid, name, kind, home, shell, created_at) SELECT {FIRST} + i, 'user' || i, 'person', '/home/user' || i, '/bin/sh', 1 FROM n;
    INSERT INTO "group" (gid, name, created_at) SELECT {FIRST_GROUP} + i, 'group' || i, 1 FROM n WHERE i < {GROUPS};
    INSERT INTO member SELECT {FIRST_GROUP} + (i + k) % {GROUPS}, {FIRST} + i FROM n, (SELECT 0 AS k UNION SELECT 1 UNION SELECT 2);
    UPDATE meta SET generation = generation + 1;
    COMMIT;'''


def sql(text):
    return run('sqlite3', '-cmd', '.timeout 5000', DB, text, rc=0).out.strip()


def base():
    """The name of the base in place, None for a whole file; nothing else lies about."""
    names = set(os.listdir(DIRECTORY)) - {'directory', '.lock'}
    assert len(names) <= 1 and all(re.fullmatch('base\\.[0-9a-f]{16}', name) for name in names), names
    return next(iter(names), None)


def sound():
    assert uadmctl('store', 'check', '--json', rc=0).json == []


@pytest.fixture
def many(host):
    sql(CROWD)
    uadmctl('store', 'publish', rc=0)
    assert base() is None
    sound()


def test_N1_what_has_changed(many):
    """One base, and deltas to it, whatever is done."""
    was = None
    for command in [['user', 'set', 'user1', '--display-name', 'Jo'], ['user', 'add', 'neo', '--groups', 'group1,group2'],
                    ['user', 'delete', 'user2', '--yes'], ['group', 'add', 'deck'], ['group', 'add-member', 'deck', 'user3'],
                    ['group', 'remove-member', 'group5', 'user5'], ['group', 'delete', 'group7', '--yes'],
                    ['user', 'delete', 'neo', '--yes'], ['user', 'add', 'group7', '--reuse-name'], ['user', 'set', 'user1', '--shell', '/bin/bash'],
                    ['user', 'suspend', 'user9'], ['group', 'delete', 'deck', '--yes'], ['user', 'set', 'user1', '--display-name', 'Jo2']]:
        uadmctl(*command, rc=0)
        assert base() is not None and was in (None, base()), command
        was = base()
        sound()
    assert getent('passwd', 'user1')[4] == 'Jo2' and getent('passwd', 'user1')[6] == '/bin/bash'
    assert getent('passwd', 'user2') is None and getent('passwd', str(FIRST + 2)) is None and getent('group', 'user2') is None
    assert getent('passwd', 'neo') is None and getent('group', 'deck') is None and getent('group', str(FIRST_GROUP + 7)) is None
    assert getent('passwd', 'group7') is not None
    assert 'user5' not in getent('group', 'group5')[3].split(',') and 'user4' in getent('group', 'group5')[3].split(',')
    assert 'group7' not in run('id', '-nG', 'user7', rc=0).out.split()
    shown = run('getent', '-s', 'uadm', 'passwd', rc=0).out.splitlines()
    assert len(shown) == len({line.split(':')[0] for line in shown}) == int(sql('SELECT count(*) FROM user'))


def change(name='user1'):
    uadmctl('user', 'set', name, '--display-name', f'Changed {os.urandom(4).hex()}', rc=0)
    sound()
    return base()


def test_compaction(many):
    """Too much for a delta is a whole file; what changes after that is a delta to it."""
    first = change()
    sql(f'UPDATE user SET display_name = "Many" WHERE uid BETWEEN {FIRST} AND {FIRST} + 300; UPDATE meta SET generation = generation + 1')
    uadmctl('store', 'publish', rc=0)
    assert base() is None and sql('SELECT count(*) FROM changed') == '0'
    sound()
    assert change() not in (None, first)
    assert getent('passwd', 'user300')[4] == 'Many'


def local_name():
    with open('/etc/passwd', 'a', encoding='ascii') as f:
        f.write('user77:x:777:777:local:/:/bin/sh\n')


def smaller_groups(most=100):
    with open('/etc/uadm/uadm.conf', 'w', encoding='ascii') as f:
        f.write(f'[directory]\nmax-group-members = {most}\n')


def other_base():
    os.unlink(os.path.join(DIRECTORY, base()))


def another_store():
    uadmctl('store', 'backup', '/root/backup', rc=0)
    sql('UPDATE user SET home = "/elsewhere"')
    uadmctl('store', 'restore', '/root/backup', '--yes', rc=0)


def forced():
    uadmctl('store', 'publish', '--force', rc=0)


@pytest.mark.parametrize('upset', [local_name, smaller_groups, other_base, another_store, forced])
def test_whole_where_it_is_not_sure(many, upset):
    """The first change after it writes everything, or has nothing else to build on; the next one a delta again."""
    first = change()
    assert first is not None
    upset()
    second, third = change('user5'), change('user6')
    assert third is not None and first not in (second, third)
    assert (run('getent', '-s', 'uadm', 'passwd', 'user77').rc == 2) == (upset is local_name)


@pytest.mark.parametrize('changes', [0, 1, 2, 3, 4, 13])
def test_a_store_put_back_by_hand(many, changes):
    """It is what counts, whatever of another history is published: fewer changes ago, as many, or more."""
    change()
    sql('PRAGMA wal_checkpoint(TRUNCATE)')
    shutil.copy(DB, '/root/past.db')
    for name in ('user1', 'user2', 'user2'):
        change(name)
    for end in ('', '-wal', '-shm'):
        if os.path.exists(DB + end):
            os.unlink(DB + end)
    shutil.copy('/root/past.db', DB)
    os.chmod(DB, 0o600)
    for _ in range(changes):
        sql('UPDATE user SET shell = "/bin/dash" WHERE name = "user9"; UPDATE user SET shell = "/bin/sh" WHERE name = "user9";'
            'UPDATE meta SET generation = generation + 1, mark = random() & 4294967295')
    uadmctl('maintain', rc=0)
    assert getent('passwd', 'user2')[4] == 'user2'
    sound()
    change('user3')
    assert getent('passwd', 'user2')[4] == 'user2'
    sound()


@pytest.mark.parametrize('crowd', [True, False])
def test_what_hid_somebody_goes(host, crowd):
    """A local name that is taken away, or another bound of groups: published by whatever runs next, with nothing changed in the store."""
    if crowd:
        sql(CROWD)
    for name in ('ann', 'ben', 'cay'):
        lab.add_user(name)
    uadmctl('group', 'add', 'deck', rc=0)
    uadmctl('group', 'add-member', 'deck', 'ann', 'ben', 'cay', rc=0)
    with open('/etc/passwd', 'a', encoding='ascii') as f:
        f.write('ann:x:900:900::/:/bin/sh\n')
    uadmctl('maintain', rc=0)
    assert getent('group', 'deck')[3] == 'ben,cay'
    run('sed', '-i', '/^ann:x:900/d', '/etc/passwd', rc=0)
    uadmctl('maintain', rc=0)
    assert getent('group', 'deck')[3] == 'ann,ben,cay' and getent('passwd', 'ann')[2] != '900'
    smaller_groups(2)
    uadmctl('maintain', rc=0)
    assert getent('group', 'deck')[3] == ''
    sound()


def test_who_is_hidden_does_not_count(many):
    """Towards the bound of a group: a delta says what a whole file does."""
    smaller_groups(2)
    for name in ('ann', 'ben', 'cay', 'dee'):
        lab.add_user(name)
    uadmctl('group', 'add', 'deck', rc=0)
    uadmctl('group', 'add-member', 'deck', 'ann', 'ben', 'cay', rc=0)
    with open('/etc/passwd', 'a', encoding='ascii') as f:
        f.write('ann:x:900:900::/:/bin/sh\n')
    change()
    assert getent('group', 'deck')[3] == 'ben,cay'
    uadmctl('group', 'add-member', 'deck', 'dee', rc=0)
    assert getent('group', 'deck')[3] == ''
    uadmctl('group', 'remove-member', 'deck', 'dee', rc=0)
    assert base() is not None and getent('group', 'deck')[3] == 'ben,cay'
    sound()


def test_without_a_second_name_everything_is_published(many):
    """Not every file system has links."""
    with open(f'{DIRECTORY}/directory', 'rb') as f:
        seed = f.read(32)[24:][::-1].hex()
    os.mkdir(f'{DIRECTORY}/base.{seed}')
    uadmctl('user', 'set', 'user1', '--shell', '/bin/dash', rc=0)
    assert getent('passwd', 'user1')[6] == '/bin/dash'
    os.rmdir(f'{DIRECTORY}/base.{seed}')
    sound()


def test_large_groups(many):
    """One that is above the bound has no list, in a delta as in a base; initgroups knows it."""
    smaller_groups()
    change()
    sql(f'INSERT OR IGNORE INTO member SELECT {FIRST_GROUP} + 1, uid FROM user; UPDATE meta SET generation = generation + 1')
    uadmctl('store', 'publish', rc=0)
    change()
    uadmctl('user', 'add', 'neo', '--groups', 'group1,group3', rc=0)
    sound()
    assert base() is not None
    assert getent('group', 'group1')[3] == '' and {'group1', 'group3'} <= set(run('id', '-nG', 'neo', rc=0).out.split())


@pytest.mark.parametrize('damage', ['{0}/directory', '{0}/base.*'])
def test_damage_is_told_and_mended(many, damage):
    change()
    run('bash', '-c', f'for f in {damage.format(DIRECTORY)}; do printf x | dd of=$f bs=1 seek=$(($(stat -c %s $f) - 100)) conv=notrunc; done', rc=0)
    found = uadmctl('store', 'check', '--json', rc=1).json
    assert any('damaged' in f['problem'] for f in found) and all('--repair' in f['mend'] for f in found), found
    assert uadmctl('store', 'check', '--repair', '--json', rc=0).json['problems'] == []
    sound()


def test_who_differs_is_named(many):
    """What is published under right checksums, and is not what the store has."""
    change()
    sql('UPDATE user SET home = "/elsewhere" WHERE name IN ("user1", "user4000")')
    found = {f['problem'] for f in uadmctl('store', 'check', '--json', rc=1).json}
    assert found == {f'the user user{i} ({FIRST + i}) is published otherwise than the store has it' for i in (1, 4000)}
    uadmctl('store', 'check', '--repair', rc=0)
    assert getent('passwd', 'user4000')[5] == '/elsewhere'
    sql('UPDATE user SET home = "/nowhere"')
    found = uadmctl('store', 'check', '--json', rc=1).json
    assert len(found) == 101 and 'and more' in found[-1]['problem']


# Killed

def put_back():
    for name in os.listdir('/var/lib/uadm'):
        path = os.path.join('/var/lib/uadm', name)
        shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
    run('cp', '-a', f'{SAVED}/.', '/var/lib/uadm', rc=0)


def drive(command, *options):
    done = subprocess.run([sweep.DRIVER, '-o', sweep.LIST, '-p', DIRECTORY, '-p', '/var/lib/uadm/store', *options, *command],
                          capture_output=True, text=True, timeout=60, env=lab.ENVIRONMENT, cwd='/')
    with open(sweep.LIST, encoding='utf-8', errors='replace') as f:
        calls = f.read().splitlines()
    assert done.returncode in (0, sweep.KILLED), done
    return done.returncode, calls


def whole_before():
    """The base gets its second name."""


def delta_before():
    change()


def full_before():
    """The next one is a whole file, and the base goes."""
    change()
    sql(f'UPDATE user SET display_name = "Many" WHERE uid BETWEEN {FIRST} + 10 AND {FIRST} + 300; UPDATE meta SET generation = generation + 1')


@pytest.mark.parametrize('before', [whole_before, delta_before, full_before])
def test_S1_killed_at_every_call(many, before):
    sweep.build_driver()
    before()
    shutil.rmtree(SAVED, ignore_errors=True)
    run('cp', '-a', '/var/lib/uadm', SAVED, rc=0)
    command = ['/usr/sbin/uadmctl', 'user', 'set', 'user1', '--display-name', 'New']
    old, calls = getent('passwd', 'user1')[4], drive(command)[1]
    stops = [n for n, call in enumerate(calls, 1) if DIRECTORY in call]
    assert len(stops) > 8 and any('rename' in calls[n - 1] for n in stops), calls
    ends = set()
    for n in stops:
        put_back()
        assert drive(command, '-n', str(n), '-k')[0] == sweep.KILLED
        shown = getent('passwd', 'user1')[4]
        assert shown in (old, 'New'), (calls[n - 1], shown)
        assert getent('passwd', f'user{MANY - 1}') is not None, calls[n - 1]
        ends.add(shown)
        uadmctl('store', 'publish', rc=0)
        assert getent('passwd', 'user1')[4] == 'New', calls[n - 1]
        uadmctl('user', 'set', 'user1', '--last-name', 'Next', rc=0)
        base()
        sound()
    assert ends == {old, 'New'}
