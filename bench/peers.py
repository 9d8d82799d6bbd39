"""peers.py - the same users as uadm's, as the other NSS modules want to have them."""
import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys

FIRST_UID, FIRST_GID, GROUPS_EACH, GROUP_SIZE = 100000, 2000000, 5, 100
# yescrypt of nothing in particular: usermod -L has something to put its mark before.
HASH = '$y$j9T$abcdefghijklmnopqrstu1$' + 'x' * 43
CDB, SQLITE = '/var/lib/misc/bench.cdb', '/var/lib/misc/bench.sqlite'
SECRET_FILES = shutil.ignore_patterns('*shadow*', 'ssh', 'ssl', 'uadm', '*.key', 'subuid*', 'subgid*')


def secrets(directory, names):
    """For copytree: what is nobody's business, and what has no use here. subuid has ranges for 9,000 users only."""
    special = {n for n in names if os.path.exists(p := os.path.join(directory, n)) and not os.path.islink(p)
               and not os.path.isdir(p) and not os.path.isfile(p)}
    return SECRET_FILES(directory, names) | special


def group_count(n):
    return n * GROUPS_EACH // GROUP_SIZE + GROUPS_EACH


def groups_of(user, n):
    return [(user * 7919 + g) % group_count(n) for g in range(GROUPS_EACH)]


def write_csv(n, groups, users):
    with open(groups, 'w', encoding='ascii') as f:
        f.writelines(f'group{g}\n' for g in range(group_count(n)))
    with open(users, 'w', encoding='ascii') as f:
        f.write('name,first_name,last_name,email,groups\n')
        for i in range(n):
            groups = ';'.join(f'group{g}' for g in groups_of(i, n))
            f.write(f'user{i},Given,Surname {i},user{i}@example.org,{groups}\n')


def no_shadow(etc):
    """A shadow file in which nobody has a password."""
    with open(f'{etc}/passwd', encoding='utf-8') as f:
        names = [line.split(':')[0] for line in f]
    write(f'{etc}/shadow', (f'{name}:*:19000:0:99999:7:::\n' for name in names), 0o640)
    with open(f'{etc}/group', encoding='utf-8') as f:
        names = [line.split(':')[0] for line in f]
    write(f'{etc}/gshadow', (f'{name}:*::\n' for name in names), 0o640)


def write(path, lines, mode=0o644):
    with open(path, 'w', encoding='utf-8') as f:
        f.writelines(lines)
        os.fchmod(f.fileno(), mode)


def login_defs(etc):
    """useradd may go as far up as uadm."""
    bounds = {'UID_MIN': FIRST_UID, 'UID_MAX': 1999999, 'GID_MIN': FIRST_UID, 'GID_MAX': 2999999}
    with open(f'{etc}/login.defs', encoding='utf-8') as f:
        kept = [line for line in f if line.split(maxsplit=1)[:1] not in [[k] for k in bounds]]
    write(f'{etc}/login.defs', kept + [f'{k} {v}\n' for k, v in bounds.items()])


def append(to, base, lines):
    """base, which is kept from the first time, and lines behind it"""
    if not os.path.exists(to + '.base'):
        shutil.copyfile(base, to + '.base')
    with open(to + '.base', encoding='utf-8') as f:
        write(to, [*f, *lines], os.stat(base).st_mode & 0o777)


def write_files(n, directory, etc):
    """passwd and group of n users: in `directory` for extrausers, db and cache, behind what `etc` has for nss_files."""
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(directory)
    members = [[] for _ in range(group_count(n))]
    for i in range(n):
        for g in groups_of(i, n):
            members[g].append(f'user{i}')
    # As useradd makes it, and as uadm publishes it: everybody has a private group.
    passwd = [f'user{i}:x:{FIRST_UID + i}:{FIRST_UID + i}:Given Surname {i}:/home/user{i}:/bin/bash\n' for i in range(n)]
    group = [f'user{i}:x:{FIRST_UID + i}:\n' for i in range(n)]
    group += [f'group{g}:x:{FIRST_GID + g}:{",".join(m)}\n' for g, m in enumerate(members)]
    write(f'{directory}/passwd', passwd)
    write(f'{directory}/group', group)
    with open(f'{directory}/cdb', 'wb') as f:
        f.writelines(cdb_text(directory))
    if not os.path.exists(f'{etc}/shadow'):
        no_shadow(etc)
    append(f'{etc}/passwd', f'{etc}/passwd', passwd)
    append(f'{etc}/group', f'{etc}/group', group)
    append(f'{etc}/shadow', f'{etc}/shadow', [f'user{i}:{HASH}:19000:0:99999:7:::\n' for i in range(n)])
    append(f'{etc}/gshadow', f'{etc}/gshadow', [line.split(':')[0] + ':!::' + line.split(':')[3] for line in group])


def put(path, data):
    """Beside, synced, renamed over: what uadm does as well."""
    with open(path + '.new', 'wb') as f:
        f.write(data)
        f.flush()
        os.fsync(f.fileno())
    os.chmod(path + '.new', 0o644)
    os.rename(path + '.new', path)


def build_extrausers(source, _etc):
    for name in 'passwd', 'group':
        with open(f'{source}/{name}', 'rb') as f:
            put(f'/var/lib/extrausers/{name}', f.read())


def build_db(source, _etc):
    """With the Makefile that the package brings; it does not sync."""
    for name in 'passwd', 'group':
        if os.path.exists(f'/var/lib/misc/{name}.db'):
            os.unlink(f'/var/lib/misc/{name}.db')
    subprocess.run(['make', '-s', '-f', '/var/lib/misc/Makefile', f'ETC={source}', 'DBS=passwd group'], check=True,
                   stdout=subprocess.DEVNULL)


def index(data, column):
    """Lines of one width, sorted: key, NUL, offset of the entry, NULs, newline."""
    at, entries = 0, []
    for entry in data.splitlines(keepends=True):
        entries.append((entry.split(b':', column + 1)[column], b'%d' % at))
        at += len(entry)
    entries.sort()
    width = max(len(k) + len(v) for k, v in entries) + 3
    return b''.join((k + b'\0' + v).ljust(width, b'\0') + b'\n' for k, v in entries)


def build_cache(source, etc):
    """The indices last: one that is older than its file is not used."""
    for name, by_id in ('passwd', 'uid'), ('group', 'gid'):
        with open(f'{source}/{name}', 'rb') as f:
            data = f.read()
        put(f'{etc}/{name}.cache', data)
        put(f'{etc}/{name}.cache.ixname', index(data, 0))
        put(f'{etc}/{name}.cache.ix{by_id}', index(data, 2))


def records(source, kind):
    with open(f'{source}/{kind}', 'rb') as f:
        for text in f:
            yield text.rstrip(b'\n').split(b':')


def cdb_record(key, value):
    return b'+%d,%d:%s->%s\n' % (len(key), len(value), key, value)


def cdb_text(source):
    """For cdb -c: users by name and by uid, and each one's groups."""
    n = 0
    for fields in records(source, 'passwd'):
        text = b':'.join(fields)
        yield cdb_record(b'n' + fields[0], text)
        yield cdb_record(b'u' + int(fields[2]).to_bytes(4, sys.byteorder), text)
        n += 1
    for i in range(n):
        gids = b''.join((FIRST_GID + g).to_bytes(4, sys.byteorder) for g in groups_of(i, n))
        yield cdb_record(b'guser%d' % i, gids)
    yield b'\n'


def build_cdb(source, _etc):
    subprocess.run(['cdb', '-c', '-p', '0644', '-t', f'{CDB}.new', CDB, f'{source}/cdb'], check=True)
    os.sync()


def build_sqlite(source, _etc):
    """The indices last, which is quickest. Closing it leaves no WAL."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(SQLITE)
    db = sqlite3.connect(SQLITE, isolation_level=None)
    db.executescript('''
        PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; BEGIN;
        CREATE TABLE user (uid INTEGER PRIMARY KEY, gid INTEGER, name TEXT, gecos TEXT, home TEXT, shell TEXT);
        CREATE TABLE member (uid INTEGER, gid INTEGER, PRIMARY KEY (uid, gid)) WITHOUT ROWID;''')
    n = 0
    for name, _, uid, gid, *rest in records(source, 'passwd'):
        db.execute('INSERT INTO user VALUES (?, ?, ?, ?, ?, ?)',
                   (int(uid), int(gid), name.decode(), *(text.decode() for text in rest)))
        n += 1
    db.executemany('INSERT INTO member VALUES (?, ?)',
                   ((FIRST_UID + i, FIRST_GID + g) for i in range(n) for g in sorted(groups_of(i, n))))
    db.execute('CREATE UNIQUE INDEX user_name ON user (name)')
    db.execute('COMMIT')
    db.close()


BUILDERS = {'extrausers': build_extrausers, 'db': build_db, 'cache': build_cache, 'tinycdb': build_cdb,
            'sqlite': build_sqlite}
REMARKS = {'extrausers': 'a copy, synced and renamed: there is no index',
           'cache': 'by the bench: nsscache is not in Debian 12',
           'tinycdb': 'cdb -c, from text that the bench has made before',
           'sqlite': 'by Python, in one transaction'}
