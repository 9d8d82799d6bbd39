"""results.py - the rows that a run leaves, the data file they are kept in, the table made of them.

    results.py DATA        the table, in Markdown
"""
import collections
import os
import sys

import targets

Row = collections.namedtuple('Row', 'part case users who unit median best rounds remark')
HEAD = '\t'.join(Row._fields) + '\n'
DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'data')


def number(x):
    return '' if x is None else f'{x:.3f}' if x < 1000 else f'{x:.0f}'


def line(row):
    return '\t'.join([row.part, row.case, str(row.users), row.who, row.unit, number(row.median), number(row.best),
                      str(row.rounds), row.remark]) + '\n'


def read(path):
    """(facts, rows) of a data file."""
    facts, rows = {}, []
    with open(path, encoding='utf-8') as f:
        for text in f:
            if text.startswith('# '):
                key, _, value = text[2:].rstrip('\n').partition(': ')
                facts[key] = value
            elif text != HEAD:
                v = text.rstrip('\n').split('\t')
                rows.append(Row(v[0], v[1], int(v[2]), v[3], v[4], float(v[5]) if v[5] else None,
                                float(v[6]) if v[6] else None, int(v[7]), v[8]))
    return facts, rows


def last():
    """The newest data file, by its name, which is its date."""
    found = sorted(name for name in os.listdir(DATA) if name.endswith('.tsv')) if os.path.isdir(DATA) else []
    return os.path.join(DATA, found[-1]) if found else None


def ns(row):
    """What is compared: nanoseconds, or KiB."""
    return row.median * {'ns': 1, 'us': 1e3, 'ms': 1e6, 'KiB': 1}[row.unit]


def quantity(x):
    """Nanoseconds as people read them, three digits."""
    for unit, size in ('s', 1e9), ('ms', 1e6), ('µs', 1e3), ('ns', 1):
        if x >= size or unit == 'ns':
            v = x / size
            return f'{v:.0f} {unit}' if v >= 100 or unit == 'ns' else f'{v:.1f} {unit}' if v >= 10 else f'{v:.2f} {unit}'
    return ''


def amount(value, unit):
    return f'{value:.0f} KiB' if unit == 'KiB' else quantity(value)


def shown(row):
    return amount(ns(row), row.unit) if row.median is not None else row.remark


TITLES = {
    'lookup': 'Lookups in the module, warm (random order; every user in 5 groups; "reads": the bare memory, bench/floor.c)',
    'threads': 'The same by 8 threads at once (wall time by the calls of all of them: one thread takes 8 times that)',
    'libc': 'Lookups through libc: getpwnam_r(3), getpwuid_r(3) and getgrouplist(3), which is where nscd is asked',
    'enumeration': 'Everybody, for each entry',
    'cold': 'One lookup in a process of its own (from spawn to wait)',
    'memory': 'Private memory that lookups add to a process (beside another one that does the same; of 100,000, as many as half a second allows)',
    'publish': 'Building what the module reads, from all users',
    'visible': 'From the start of `uadmctl user set` until a process that is running sees it',
    'login': 'auth and account through libpam, beside one bare hash of the same cost',
    'administration': 'Administration (one command, from spawn to wait)',
    'accounts': 'Accounts: 1,000 of them with 1,000 members each (one command, from spawn to wait; the number is of memberships)',
    'invitations': 'Invitations by one file, each with its mail queued and none delivered',
}
OURS = 'uadm'
# What anybody would have to pay for a lookup: a process, a module, memory that is read at random.
NOBODY = 'no lookup', 'empty module', 'two reads', 'one read'


def is_ours(who):
    return who == OURS or who.startswith(OURS + ' ') or who.startswith(OURS + ',')


def is_peer(who):
    return not is_ours(who) and who not in NOBODY


def base_of(rows):
    """What the others are compared with: ours, and of several of ours the first."""
    return next((r for r in rows if is_ours(r.who) and r.median is not None), None)


def compared(row, base):
    if row.median is None or base is None or row is base or base.median <= 0:
        return shown(row)
    ratio = row.median / base.median
    return f'{shown(row)} (×{ratio:.2g})' if ratio < 10 else f'{shown(row)} (×{ratio:.0f})'


def cells(head, body):
    return ['| ' + ' | '.join(head) + ' |', '|' + '---|' * len(head)] + ['| ' + ' | '.join(b) + ' |' for b in body] + ['']


def wide(rows, sizes):
    """A line for each case and size, a column for each contender."""
    whos = list(dict.fromkeys(r.who for r in rows))
    body = []
    for case in dict.fromkeys(r.case for r in rows):
        for n in sizes:
            these = [r for r in rows if r.case == case and r.users == n]
            by = {r.who: r for r in these}
            if these:
                body.append([case, f'{n:,}'] + [compared(by[w], base_of(these)) if w in by else '' for w in whos])
    return cells(['', 'users', *whos], body)


def long(rows, sizes):
    """A line for each case: ours, and who does the same."""
    body = []
    for case in dict.fromkeys(r.case for r in rows):
        for n in sizes:
            these = [r for r in rows if r.case == case and r.users == n]
            ours = ', '.join((r.who[len(OURS):].strip(' ,') + ' ' + compared(r, base_of(these))).strip()
                             for r in these if is_ours(r.who))
            theirs = ', '.join(f'{r.who} {compared(r, base_of(these))}' for r in these if is_peer(r.who))
            if these:
                body.append([case, f'{n:,}', ours, theirs])
    return cells(['', 'users', 'uadm', 'peer'], body)


def logins(rows, sizes):
    body = []
    for n in sizes:
        for who in dict.fromkeys(r.who for r in rows):
            by = {r.case: r for r in rows if r.users == n and r.who == who}
            if by:
                rest = ns(by['auth + account']) - ns(by['bare hash'])
                body.append([who, f'{n:,}', shown(by['bare hash']), shown(by['auth + account']),
                             f'hash {"+" if rest >= 0 else "-"} {quantity(abs(rest))}', shown(by['account'])])
    return cells(['', 'users', 'bare hash', 'auth + account', '', 'account alone'], body)


def cold_cells(rows, sizes):
    """What a lookup adds to a process that does nothing, beside what an empty module adds."""
    body = []
    for n in sizes:
        by = {r.who: r for r in rows if r.users == n}
        for who, r in by.items():
            adds = ns(r) - ns(by['no lookup'])
            floor = ns(by['empty module']) - ns(by['no lookup'])
            body.append([who, f'{n:,}', shown(r), f'×{ns(r) / ns(by["empty module"]):.2f}',
                         quantity(adds) if who != 'no lookup' else '', f'×{adds / floor:.2f}' if who != 'no lookup' else ''])
    return cells(['', 'users', 'the process', 'of an empty module\'s', 'the lookup adds', 'of an empty module\'s'], body)


def peers_that_win(rows):
    won = []
    for key in dict.fromkeys((r.part, r.case, r.users) for r in rows if r.part != 'login'):
        these = [r for r in rows if (r.part, r.case, r.users) == key and r.median is not None]
        base = base_of(these)
        won += [f'- {key[0]}: {key[1]}, {key[2]:,} users: {r.who} {shown(r)}, uadm {shown(base)}' for r in these
                if base is not None and is_peer(r.who) and ns(r) < ns(base)]
    return won or ['- nowhere in this run']


CACHED = ' names'  # the end of the remark of who was asked for these only, which it had been asked for before


def remarks(rows):
    said = dict.fromkeys(f'- {r.who}, {r.case}: {r.remark}' for r in rows if r.remark and r.median is not None
                         and not r.remark.endswith(('calls a round', CACHED)))
    cached = {}
    for r in rows:
        if r.remark.endswith(CACHED):
            cached.setdefault((r.who, r.users), []).append(f'{r.case} {int(r.remark[:-len(CACHED)]):,}')
    said = [*said] + [f'- {who}, {users:,} users: asked again and again for what could be put into its cache in the time '
                      f'that there was; names: {", ".join(cases)}' for (who, users), cases in cached.items()]
    return said + [''] if said else []


FORMS = {'lookup': wide, 'threads': wide, 'libc': wide, 'enumeration': wide, 'cold': cold_cells, 'memory': wide,
         'visible': wide, 'publish': wide, 'login': logins, 'administration': long, 'accounts': long, 'invitations': long}


def promises(rows):
    """The targets that this run can say something of: what was left out on purpose is not missed."""
    measured = {(r.part, r.case, r.users) for r in rows}
    body = [[o.target.what, f'{o.target.users:,}', o.shown, ('at least ' if o.target.form == 'peers' else '') + o.limit,
             'kept' if o.good else '**missed**']
            for o in targets.outcomes(rows) if (o.target.part, o.target.case, o.target.users) in measured]
    return ['## What uadm promises', '', *cells(['', 'users', 'measured', 'at most', ''], body)] if body else []


def table(path):
    facts, rows = read(path)
    sizes = sorted({r.users for r in rows})
    out = ['# Measurements', '', f'Made by `make bench`, out of `bench/data/{os.path.basename(path)}`. Medians; in '
           'brackets how many times uadm\'s time (above 1: uadm is faster). The rounds of all take turns.',
            'Logins and administration are measured up to 100,000 users.', '']
    out += [f'- {key}: {value}' for key, value in facts.items()] + ['']
    out += ['![What a lookup costs against the number of users](../docs/lookup.svg)', '']
    out += promises(rows)
    for part, title in TITLES.items():
        these = [r for r in rows if r.part == part]
        if these:
            out += [f'## {title}', '', *FORMS[part](these, sizes)]
            out += remarks(these)
    out += ['## Where a peer is faster, or takes less', '', *peers_that_win(rows), '']
    return '\n'.join(out)


if __name__ == '__main__':
    print(table(sys.argv[1]), end='')
