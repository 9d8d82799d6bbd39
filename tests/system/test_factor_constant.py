"""P10 with second factors: whichever of password and code was wrong, and whoever has one, it looks and costs the same."""
import os
import time

import lab
from factors import NONE, auth, code_of, early_in_a_step, enroll
from lab import PASSWORD, WRONG, add_user, sql
from test_factor_message import sink  # noqa: F401 (a fixture)
from test_constant import COST, STORE, add_imported, counts, empty_log, hash_of, without_syncs  # noqa: F401 (a fixture)

SHIPPED_HASHES = True
PROMPTS = ['prompt: Password:', 'prompt: Code of your second factor (empty if you have none):']
SENT_PROMPTS = [PROMPTS[0], 'prompt: Code of your second factor (empty if you have none, or to be sent one):']


def ask(name, *answers):
    done = lab.run('/usr/bin/python3', '-B', lab.PAM_PROGRAM, 'sshd', name, '192.0.2.50', 'auth', *answers)
    assert done.rc == 0, done
    return int(done.out), [line.rstrip() for line in done.err.splitlines() if not line.startswith('delay:')]


def test_P10_costs_and_looks_the_same(counts):  # noqa: F811
    """Prompts, code, hashes, commits, waits for the disk, and how far the log grows."""
    names = ['wrong', 'noapp', 'codeless', 'badcode', 'used', 'recovery', 'stolen', 'old']
    for name in names:
        add_user(name)
    keys = {name: enroll(name)[0] for name in names if name not in ('wrong', 'noapp')}
    early_in_a_step()
    sql(f"UPDATE factor SET last_step = {int(time.time()) // 30 + 5} WHERE uid = (SELECT uid FROM user WHERE name = 'used')")
    cases = {'wrong': (WRONG, NONE), 'noapp': (WRONG, '123456'), 'codeless': (PASSWORD, NONE), 'badcode': (PASSWORD, '000000'),
             'used': (PASSWORD, code_of(keys['used'])), 'recovery': (PASSWORD, 'aaaaa-aaaaa'), 'stolen': (WRONG, code_of(keys['stolen'])),
             'old': (PASSWORD, 'x' * 600), 'nobody-here': (PASSWORD, NONE), 'nobody-else': (WRONG, '123456')}
    counts(lambda: ask('nobody-first', WRONG, NONE))
    syncs, grown = None, {}
    for name, answers in cases.items():
        empty_log()
        (code, said), cost = counts(lambda answers=answers, name=name: ask(name, *answers))
        assert (code, said) == (lab.PAM_AUTH_ERR, PROMPTS), (name, code, said)
        assert without_syncs(cost) == sorted([*COST, 'commit']), (name, cost)
        syncs = syncs or cost.count('sync')
        assert cost.count('sync') == syncs >= 2, (name, cost)
        grown[name] = os.path.getsize(f'{STORE}-wal')
    assert len(set(grown.values())) == 1, grown


def test_P10_where_a_message_is_out(sink, counts):  # noqa: F811
    """That there was one shows to its recipient, and to nobody who guesses."""
    auth('ada', PASSWORD, NONE)
    assert len(sink()) == 1
    add_user('bob')
    cases = {'guess': ('ada', PASSWORD, '000000'), 'no code': ('ada', PASSWORD, 'x'), 'wrong': ('ada', WRONG, '000000'),
             'none out': ('bob', WRONG, '000000'), 'nobody': ('nobody-here', PASSWORD, '000000')}
    counts(lambda: ask('nobody-first', WRONG, NONE))
    grown = {}
    for label, answers in cases.items():
        empty_log()
        (code, said), cost = counts(lambda answers=answers: ask(*answers))
        assert (code, said) == (lab.PAM_AUTH_ERR, SENT_PROMPTS), (label, code, said)
        assert without_syncs(cost) == sorted([*COST, 'commit']), (label, cost)
        grown[label] = os.path.getsize(f'{STORE}-wal')
    assert len(set(grown.values())) == 1, grown


def test_P10_a_hash_from_elsewhere(counts):  # noqa: F811
    """The new hash, which a right password of such a one is given, is made after a right code alone."""
    add_imported('ada', hash_of(PASSWORD))
    key, _ = enroll('ada')
    seen = [without_syncs(counts(lambda answers=answers: ask('ada', *answers))[1])
            for answers in ((WRONG, NONE), (PASSWORD, NONE), (PASSWORD, '000000'))]
    assert seen[0] == seen[1] == seen[2] == sorted([*COST, 'crypt $6$', 'commit']), seen
    (code, _), cost = counts(lambda: ask('ada', PASSWORD, code_of(key)))
    assert code == 0 and cost.count('made') == 1, cost
