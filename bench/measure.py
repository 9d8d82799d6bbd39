"""measure.py OUT: all that `make bench` measures, one row for each number. Run by bench/run in a box.

What is changed by a command lies on a disk (/disk, bound from below the build directory), for the
box's own view is in memory, where fsync costs nothing. There are two hosts, which take turns so
that both meet the same weather: /etc with uadm enabled and few local users, and the same /etc
without uadm and with all of the users in its files. The numbers are medians of single wall times,
from posix_spawn to wait; the caches are warm.
"""
import collections
import contextlib
import os
import shutil
import sqlite3
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import accounts  # noqa: E402
import daemons  # noqa: E402
import invitations  # noqa: E402
import lookups  # noqa: E402
import peers  # noqa: E402
import results  # noqa: E402
from box import (  # noqa: E402
    BIN, BUDGET, DISK, ETC, LOCAL_ETC, LONGEST, QUICK, add, add_times, do, local_host, note, rows, spawn_ms)

SIZES = [int(n) for n in (os.environ.get('BENCH_SIZES') or ('1000' if QUICK else '1000 100000 1000000')).split()]
PARTS = (os.environ.get('BENCH_PARTS') or 'lookup login administration accounts invitations').split()
COMMANDS_MOST = 100000  # users, for logins and administration: useradd needs a minute there
IMPORT_ON_DISK = 10000
IMPORT_MOST = 200000
CHANGED = 1000  # users, for a delta that is as large as they become
PASSWORD = 'Secret-pass1'
OPSLIMIT, MEMLIMIT = 2, 64 << 20  # as shipped
CHEAP = 1, 8 << 20  # the least: where one hash varies by more than all else costs, this tells the rest
CONF = '''\
[ids]
uid-min = {0}
uid-max = 1999999
gid-min = {1}
gid-max = 2999999
[hash]
opslimit = {2}
memlimit = {3}
'''


def alternate(part, case, users, contenders, rounds):
    """contenders: (who, on the local host, argv of the round). The rounds take turns; who has used up the budget stops."""
    ms = collections.defaultdict(list)
    out = {}
    for i in range(-1, rounds):
        for who, local, argv in contenders:
            if who in out or (sum(ms[who]) > BUDGET * 1000 and i > 0):
                continue
            with local_host() if local else contextlib.nullcontext():
                took = spawn_ms(argv(i + 1))
            if took is None:
                out[who] = f'longer than {LONGEST} s'
            # The first warms the caches, unless it is so slow that it says all there is to say.
            elif i >= 0 or took > BUDGET * 1000 / 2:
                ms[who].append(took)
                if i < 0:
                    out[who] = 'once'
    for who, _, _ in contenders:
        if who in out and not ms[who]:
            rows.append(results.Row(part, case, users, who, 'ms', None, None, 0, out[who]))
            note(f'{case:24} {who:16} {out[who]}')
        add_times(part, case, users, who, ms[who], out.get(who, ''))


# Parts

def configure(opslimit=OPSLIMIT, memlimit=MEMLIMIT):
    os.makedirs('/etc/uadm', exist_ok=True)
    with open('/etc/uadm/uadm.conf', 'w', encoding='ascii') as f:
        f.write(CONF.format(peers.FIRST_UID, peers.FIRST_GID, opslimit, memlimit))


def import_users(n):
    """From CSV, as an administrator would; what it took in seconds."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink('/etc/uadm/secret.key')
    do('uadmctl', 'store', 'init')
    peers.write_csv(n, f'{DISK}/groups.csv', f'{DISK}/users.csv')
    do('uadmctl', 'group', 'add', '--from', f'{DISK}/groups.csv')
    begin = time.monotonic()
    do('uadmctl', 'user', 'add', '--from', f'{DISK}/users.csv')
    return time.monotonic() - begin


DB = '/var/lib/uadm/store/uadm.db'


def change_store(*statements):
    """By other hands than uadm's: what it would take too long for."""
    db = sqlite3.connect(DB, isolation_level=None)
    db.execute('PRAGMA synchronous = OFF')
    db.execute('PRAGMA cache_size = -2000000')  # KiB: a million rows come in no order that the indices like
    db.execute('BEGIN')
    for sql, *many in statements:
        db.executemany(sql, many[0]) if many else db.execute(sql)
    db.execute('UPDATE meta SET generation = generation + 1')
    db.execute('COMMIT')
    db.close()


def fill_by_sql(n):
    with contextlib.suppress(FileNotFoundError):
        os.unlink('/etc/uadm/secret.key')
    do('uadmctl', 'store', 'init')
    users = [(peers.FIRST_UID + i, f'user{i}') for i in range(n)]
    groups = [(peers.FIRST_GID + g, f'group{g}') for g in range(peers.group_count(n))]
    members = sorted((peers.FIRST_GID + g, peers.FIRST_UID + i) for i in range(n) for g in peers.groups_of(i, n))
    # What has changed is noted by triggers, which takes minutes, and the first publish is a whole one.
    with contextlib.closing(sqlite3.connect(DB)) as db:
        triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'changed%'").fetchall()
    number = 'INSERT INTO number VALUES (?, %r, ?, 1, NULL)'
    name = 'INSERT INTO published (id, name, kind) VALUES (?, ?, %r)'
    change_store(
        *((f'DROP TRIGGER {trigger}',) for trigger, _ in triggers),
        (number % 'user', users), (number % 'group', groups), (name % 'user', users), (name % 'group', groups),
        ("INSERT INTO user (uid, name, kind, first_name, last_name, home, shell, created_at)"
         " VALUES (?, ?, 'person', 'Given', 'Surname ' || substr(?2, 5), '/home/' || ?2, '/bin/bash', 1)", users),
        ('INSERT INTO "group" (gid, name, created_at) VALUES (?, ?, 1)', groups), ('INSERT INTO member VALUES (?, ?)', members),
        *((sql,) for _, sql in triggers))


def fill_store(n):
    """A new store with n users in their groups, a million of them by SQL. Many are made in memory and then put on
    the disk, for waiting minutes for it tells no more than waiting seconds."""
    in_memory = n > IMPORT_ON_DISK
    do('find', '/var/lib/uadm', '-mindepth', '1', '-delete')
    configure()
    if in_memory:
        do('mount', '-t', 'tmpfs', '-o', 'mode=755', 'fill', '/var/lib/uadm')
    seconds = import_users(n) if n <= IMPORT_MOST else fill_by_sql(n)
    if in_memory:
        do('cp', '-a', '/var/lib/uadm/.', f'{DISK}/uadm')
        do('umount', '/var/lib/uadm')
        do('sync', '-f', DISK)
    add_times('administration', 'import of all', n, 'uadm', [seconds * 1000] if seconds is not None else [],
              'user add --from' + (', in memory' if in_memory else ''))


def publish(n):
    rounds = 3 if n >= 100000 or QUICK else 7
    ms = collections.defaultdict(list)
    for _ in range(rounds):
        ms['uadm'].append(spawn_ms(['uadmctl', 'store', 'publish', '--force']))
        for who, build in peers.BUILDERS.items():
            if sum(ms[who]) > BUDGET * 1000:
                continue
            begin = time.monotonic()
            build(f'{DISK}/peers', LOCAL_ETC)
            ms[who].append((time.monotonic() - begin) * 1000)
    for who in ['uadm', *peers.BUILDERS]:
        add_times('publish', 'the whole file', n, who, ms[who], peers.REMARKS.get(who, ''))


def delta(n):
    """What one change publishes, with a delta that has next to nothing in it and with a full one; and lookups past a
    full one. Small directories are written whole, and have none."""
    changes = 0

    def change():
        nonlocal changes
        changes += 1
        change_store((f"UPDATE user SET display_name = 'Changed {changes}' WHERE uid = {peers.FIRST_UID + 7}",))
        return spawn_ms(['uadmctl', 'store', 'publish'])

    rounds = 5 if QUICK else 21
    add_times('publish', 'after one change', n, 'uadm', [change() for _ in range(rounds)])
    if not any(name.startswith('base.') for name in os.listdir('/var/lib/uadm/directory')):
        return
    step = n // CHANGED
    room = min(CHANGED, max(256, n // 64) - 8)
    change_store((f"UPDATE user SET last_name = 'Other' WHERE (uid - {peers.FIRST_UID}) % {step} = 0 AND uid < {peers.FIRST_UID + room * step}",))
    spawn_ms(['uadmctl', 'store', 'publish'])
    add_times('publish', 'after one change, full delta', n, 'uadm', [change() for _ in range(rounds)])
    lookups.full_delta(n)
    do('uadmctl', 'store', 'publish', '--force')


def login_rows(n, who, service, user, *hash_kind):
    rounds = 20 if QUICK else 100
    said = do(f'{BIN}/login', service, user, str(rounds), *hash_kind, stdin=PASSWORD + '\n')
    for line in said.splitlines():
        case, median, best, count = line.split('\t')
        add('login', case, n, who, 'ms', float(median), float(best), int(count))


def service_alone(etc, module):
    with open(f'{etc}/pam.d/bench', 'w', encoding='ascii') as f:
        f.write(f'auth required {module}\naccount required {module}\n')


def logins(n):
    do('uadmctl', 'user', 'add', 'jo', '--password-stdin', stdin=PASSWORD + '\n')
    service_alone(ETC, 'pam_uadm.so')
    argon2id = 'argon2id', str(OPSLIMIT), str(MEMLIMIT)
    login_rows(n, 'uadm, as shipped', 'login', 'jo', *argon2id)
    login_rows(n, 'uadm alone', 'bench', 'jo', *argon2id)
    configure(*CHEAP)
    do('uadmctl', 'user', 'add', 'joe', '--password-stdin', stdin=PASSWORD + '\n')
    login_rows(n, 'uadm, least hash', 'login', 'joe', 'argon2id', *map(str, CHEAP))
    configure()
    with local_host():
        service_alone(LOCAL_ETC, 'pam_unix.so')
        user = f'user{n // 2}'
        do('chpasswd', '-c', 'YESCRYPT', stdin=f'{user}:{PASSWORD}\n')
        verifier = do('getent', 'shadow', user).split(':')[1]
        login_rows(n, 'pam_unix alone', 'bench', user, 'crypt', verifier)


def administration(n):
    """Each verb and the program that does the same to /etc/passwd."""
    few, many = (5, 9) if QUICK else (9, 21)
    uid = peers.FIRST_UID + 500000
    pairs = {
        'add': [('uadm', False, lambda i: ['uadmctl', 'user', 'add', f'new{i}']),
                ('useradd', True, lambda i: ['useradd', f'new{i}'])],
        'add, uid given': [('uadm', False, lambda i: ['uadmctl', 'user', 'add', f'more{i}', '--uid', str(uid + i)]),
                           ('useradd', True, lambda i: ['useradd', '-u', str(uid + i), f'more{i}'])],
        'change': [('uadm', False, lambda i: ['uadmctl', 'user', 'set', f'user{i}', '--display-name', f'Other {i}']),
                   ('usermod -c', True, lambda i: ['usermod', '-c', f'Other {i}', f'user{i}'])],
        'suspend': [('uadm', False, lambda i: ['uadmctl', 'user', 'suspend', f'user{i + 100}']),
                    ('usermod -L', True, lambda i: ['usermod', '-L', f'user{i + 100}'])],
        'show': [('uadm', False, lambda i: ['uadmctl', 'user', 'show', f'user{(i + 1) * 37}']),
                 ('chage -l', True, lambda i: ['chage', '-l', f'user{(i + 1) * 37}'])],
    }
    for case, contenders in pairs.items():
        alternate('administration', case, n, contenders, many if n <= 10000 else few)
    alternate('administration', 'list', n, [
        ('uadm --raw', False, lambda i: ['uadmctl', 'user', 'list', '--raw']),
        ('uadm --json', False, lambda i: ['uadmctl', 'user', 'list', '--json']),
        ('uadm, a table', False, lambda i: ['uadmctl', 'user', 'list']),
        ('lslogins -u', True, lambda i: ['lslogins', '-u'])], few)


def prepare():
    """The machine's /etc twice, on the disk and without its secrets; uadm from build/image."""
    for directory in ETC, LOCAL_ETC:
        shutil.copytree('/etc', directory, symlinks=True, ignore=peers.secrets)
    for name in 'uadm', 'extrausers', 'misc':
        os.makedirs(f'{DISK}/{name}')
        os.makedirs(f'/var/lib/{name}', exist_ok=True)
    shutil.copy('/var/lib/misc/Makefile', f'{DISK}/misc')
    for name in 'uadm', 'extrausers', 'misc':
        do('mount', '--bind', f'{DISK}/{name}', f'/var/lib/{name}')
    peers.login_defs(LOCAL_ETC)
    do('cp', '-a', f'{os.environ["BENCH_IMAGE"]}/.', '/')
    daemons.lay_in()
    peers.no_shadow(ETC)
    for directory in ETC, LOCAL_ETC:
        shutil.copy('/etc/ld.so.cache', directory)  # in which the modules are, as on a host where they are installed
    do('mount', '--bind', ETC, '/etc')
    configure()
    do('uadmctl', 'host', 'enable', '--yes')


def main():
    prepare()
    for n in SIZES:
        print(f'{n} users', flush=True)
        peers.write_files(n, f'{DISK}/peers', LOCAL_ETC)
        fill_store(n)
        if 'lookup' in PARTS:
            publish(n)
            lookups.measure(n)
            delta(n)
        if 'login' in PARTS and n <= COMMANDS_MOST:
            logins(n)
        if 'administration' in PARTS and n <= COMMANDS_MOST:
            administration(n)
    if 'accounts' in PARTS:
        print(f'{accounts.ACCOUNTS} accounts of {accounts.MEMBERS} members', flush=True)
        do('find', '/var/lib/uadm', '-mindepth', '1', '-delete')
        fill_by_sql(accounts.USERS)
        accounts.fill(DB, change_store)
        accounts.measure(alternate)
    if 'invitations' in PARTS:
        print('invitations', flush=True)
        invitations.measure()
    with open(sys.argv[1], 'w', encoding='ascii') as f:
        f.writelines(results.line(r) for r in rows)


main()
