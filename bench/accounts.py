"""accounts.py - what accounts cost where there are many: 1,000 of them with 1,000 members each, of 100,000 users."""
import contextlib
import sqlite3

import peers
from box import DISK, QUICK, do

USERS, ACCOUNTS, MEMBERS = (1000, 100, 100) if QUICK else (100000, 1000, 1000)
CASES = {
    'can': lambda i: ['uadmctl', 'can', f'user{i}', 'Work_read', '--account', f'acc{i % ACCOUNTS}'],
    'member list': lambda i: ['uadmctl', 'member', 'list', f'acc{i}'],
    'member list --json': lambda i: ['uadmctl', 'member', 'list', f'acc{i}', '--json'],
    'user list --account': lambda i: ['uadmctl', 'user', 'list', '--account', f'acc{i}'],
    'user list --account --json': lambda i: ['uadmctl', 'user', 'list', '--account', f'acc{i}', '--json'],
}


def memberships(gids):
    """Each user is in as many accounts, spread over all of them; the first one is the principal one."""
    each = ACCOUNTS * MEMBERS // USERS
    for i in range(USERS):
        for n in range(each):
            yield gids[(i + n * (ACCOUNTS // each)) % ACCOUNTS], peers.FIRST_UID + i, 1 + i % 4, n == 0


def fill(db_file, change_store):
    """After USERS users are there. The memberships by SQL, and what triggers would have made of each at once."""
    with open(f'{DISK}/accounts.csv', 'w', encoding='ascii') as f:
        f.writelines(['name\n', *(f'acc{a}\n' for a in range(ACCOUNTS))])
    do('uadmctl', 'account', 'add', '--from', f'{DISK}/accounts.csv')
    with contextlib.closing(sqlite3.connect(db_file)) as db:
        triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND "
                              "(name LIKE 'changed%' OR name LIKE 'membership%')").fetchall()
        gids = [gid for gid, in db.execute('SELECT gid FROM account ORDER BY gid')]
    change_store(
        *((f'DROP TRIGGER {name}',) for name, _ in triggers),
        ("INSERT INTO membership (account, uid, role, principal, state, since) VALUES (?, ?, ?, ?, 'active', 1)", list(memberships(gids))),
        ('INSERT INTO member (gid, uid) SELECT gid, uid FROM account_pair WHERE true ON CONFLICT DO NOTHING',),
        *((sql,) for _, sql in triggers))
    do('uadmctl', 'store', 'publish', '--force')


def measure(alternate):
    for case, command in CASES.items():
        alternate('accounts', case, ACCOUNTS * MEMBERS, [('uadm', False, command)], 9 if QUICK else 21)
