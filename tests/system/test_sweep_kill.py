"""S1: kill -9 of uadmctl at every system call of every mutating verb that changes something. The
store opens and is sound, NSS catches up, what was acknowledged is there, what was not is there
whole or not at all, and the next call leaves no half file."""
import pytest

import lab
import sweep
from sweep import VERBS, World


@pytest.fixture(scope='module')
def base(whole_machine):
    whole_machine.restore('bare')
    lab.uadmctl('host', 'enable', '--yes', rc=0)
    sweep.make_base()
    yield World(), sweep.verifiers_of_now()
    whole_machine.end_processes()


def test_every_verb_is_swept(base):
    """A verb that the program has and our table has not would go untested."""
    assert sweep.mutating_verbs() - sweep.ELSEWHERE == {v.name for v in VERBS} & sweep.mutating_verbs()


@pytest.mark.parametrize('verb', VERBS, ids=sweep.label)
def test_killed(base, verb):
    world, known = base
    world.restore()
    if verb.before:
        verb.before()
    start = World()
    reference = sweep.Reference(verb, start, known)
    worlds, stores = {}, {}  # those that were judged: what the store had then
    for n in reference.stops:
        start.restore()
        done = sweep.drive(verb, '-n', str(n), '-k')
        assert done.rc == sweep.KILLED, done
        now = World.read()
        whole, part = sweep.fingerprint(now), sweep.fingerprint(now, sweep.is_of_store)
        if whole not in worlds:
            if part not in stores:
                stores[part] = sweep.judge_store(verb, reference, known, done)
            worlds[whole] = stores[part]
            if verb.name == 'store backup':
                sweep.backups_are_whole()
            sweep.judge_again(verb, reference, known, done)
        assert done.out == '' or worlds[whole] == reference.after, f'acknowledged, and not there: {done}'
    assert len(worlds) > 3
