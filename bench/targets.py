"""targets.py - the numbers that uadm promises (targets.tsv), and whether a run kept them."""
import collections
import os

import results

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'targets.tsv')
Target = collections.namedtuple('Target', 'what users form part case who other most')
Outcome = collections.namedtuple('Outcome', 'target good shown limit')
UNITS = {'ns': 1, 'us': 1e3, 'ms': 1e6, 's': 1e9, 'KiB': 1}
FORMS = {
    'value': lambda get, t: get(t.case, t.who),
    'over': lambda get, t: get(t.case, t.who) / get(t.case, t.other),
    'less': lambda get, t: get(t.case, t.who) - get(t.case, t.other),
    'case': lambda get, t: get(t.case, t.who) - get(t.other, t.who),
    'peers': lambda get, t: get(t.case, None) / get(t.case, t.who),
}


def read(path=PATH):
    """Every one of them; a line that says nothing is an error here and not a promise kept."""
    with open(path, encoding='utf-8') as f:
        lines = [text.rstrip('\n').split('\t') for text in f if not text.startswith('#')]
    if tuple(lines[0]) != Target._fields:
        raise ValueError(f'{path}: the columns are {lines[0]}')
    targets = [Target(*fields)._replace(users=int(fields[1])) for fields in lines[1:]]
    for t in targets:
        if t.form not in FORMS or limit(t) <= 0:
            raise ValueError(f'{path}: {t}')
    return targets


def limit(target):
    value, _, unit = target.most.partition(' ')
    return float(value) * UNITS[unit or 'ns']


def shown(target, value):
    unit = target.most.partition(' ')[2]
    if not unit:
        return f'{value:.2f}' if value < 10 else f'{value:.0f}'
    return results.amount(value, 'KiB' if unit == 'KiB' else 'ns')


def outcome(target, rows):
    """Kept, missed, or not measured, which is not kept either."""
    these = [r for r in rows if (r.part, r.users) == (target.part, target.users) and r.median is not None]

    def get(case, who):
        # No name: the best of the peers.
        return min(results.ns(r) for r in these if r.case == case and (r.who == who if who else results.is_peer(r.who)))

    try:
        value = FORMS[target.form](get, target)
    except ValueError:
        return Outcome(target, None, 'not measured', target.most)
    good = value >= limit(target) if target.form == 'peers' else value <= limit(target)
    return Outcome(target, good, shown(target, value), target.most)


def outcomes(rows):
    return [outcome(t, rows) for t in read()]
