"""S1: kill -9 of uadmctl at every system call of every mutating verb that changes something. The
store opens and is sound, NSS catches up, what was acknowledged is there, what was not is there
whole or not at all, and the next call leaves no half file."""
import pytest

import lab
import sweep
from sweep import VERBS, World, dump


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


class Reference:
    """What a verb does when nobody stops it, once and twice, and what a stop may leave beside that: nothing done,
    or, where there was no store, a new one with nothing in it yet."""

    def __init__(self, verb, start, known):
        start.restore()
        if verb.before is sweep.damaged_store:
            sweep.lost_disk()
        assert sweep.call('store', *(['publish'] if verb.needs_store else ['init'])).rc == 0
        self.before = [dump(known), *([] if verb.needs_store else [None])]
        self.was_sound = verb.needs_store and sweep.call('store', 'check').rc == 0
        start.restore()
        done = sweep.drive(verb)
        assert done.rc == 0, done
        self.stops, self.after, self.names = done.stops(verb), dump(known), sweep.litter(World.read())
        again = sweep.drive(verb)
        assert again.rc in verb.again, again
        self.finished = [self.after, dump(known)]
        self.names |= sweep.litter(World.read())
        self.is_change = self.after not in self.before


def judge_store(verb, reference, known, done):
    """After the next call; returns what the store has."""
    if verb.needs_store:
        follow = sweep.call('store', 'publish')
        assert follow.rc == 0, (done, follow)
    state = dump(known)
    assert state in [*reference.before, reference.after], (done, sweep.differing(state, reference.after))
    if reference.was_sound or (verb.needs_store and reference.is_change and state == reference.after):
        sweep.sound()
    return state


def judge_again(verb, reference, known, done):
    """The same command once more finishes it, and nothing half is left."""
    again = sweep.drive(verb)
    assert again.rc in verb.again, (done, again)
    assert dump(known) in reference.finished, (done, again)
    if not reference.was_sound:
        sweep.sound()
    left = sweep.litter(World.read()) - reference.names
    assert left == set(), (done, left)


def backups_are_whole():
    """What has the name of a backup is one."""
    for name in [n for n in World.read() if n.startswith(sweep.FILES + '/') and '.partial' not in n]:
        done = sweep.call('store', 'restore', name, '--dry-run')
        assert done.rc == 0, done


@pytest.mark.parametrize('verb', VERBS, ids=sweep.label)
def test_killed(base, verb):
    world, known = base
    world.restore()
    if verb.before:
        verb.before()
    start = World()
    reference = Reference(verb, start, known)
    worlds, stores = {}, {}  # those that were judged: what the store had then
    for n in reference.stops:
        start.restore()
        done = sweep.drive(verb, '-n', str(n), '-k')
        assert done.rc == sweep.KILLED, done
        now = World.read()
        whole, part = (hash(tuple(sorted(x for x in now.items() if which(x[0])))) for which in (bool, sweep.is_of_store))
        if whole not in worlds:
            if part not in stores:
                stores[part] = judge_store(verb, reference, known, done)
            worlds[whole] = stores[part]
            if verb.name == 'store backup':
                backups_are_whole()
            judge_again(verb, reference, known, done)
        assert done.out == '' or worlds[whole] == reference.after, f'acknowledged, and not there: {done}'
    assert len(worlds) > 3
