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


def states_of(verb, start, known):
    """What a stop may leave: nothing done, a new store with nothing in it yet, all done; and, done twice."""
    before, whole = [], []
    start.restore()
    if verb.needs_store:
        assert sweep.call('store', 'publish').rc == 0
        before = [dump(known)]
        whole = [sweep.call('store', 'check').rc == 0]
    else:
        before = [None]
        assert sweep.call('store', 'init').rc == 0 or verb.before is sweep.damaged_store
        before.append(dump(known) if verb.before is not sweep.damaged_store else None)
    start.restore()
    done = sweep.drive(verb)
    assert done.rc == 0, done
    after = dump(known)
    names = sweep.litter(World.read())
    again = sweep.drive(verb)
    assert again.rc in verb.again, again
    return done.calls, before, bool(whole and whole[0]), after, [after, dump(known)], names | sweep.litter(World.read())


def backups_are_whole(verb):
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
    calls, before, was_sound, after, finished, names = states_of(verb, start, known)
    seen, stops = {}, 0
    for n in range(1, len(calls) + 1):
        start.restore()
        done = sweep.drive(verb, '-n', str(n), '-k')
        assert done.rc == sweep.KILLED, done
        now = World.read()
        acknowledged = done.out != ''
        key = hash(tuple(sorted(now.items())))
        if key in seen:  # as after an earlier stop, which was judged
            assert not acknowledged or seen[key] == after, done
            continue
        stops += 1
        if verb.needs_store:
            follow = sweep.call('store', 'publish')
            assert follow.rc == 0, (done, follow)
        state = seen[key] = dump(known)
        assert state in [*before, after], (done, sweep.differing(state, after), sweep.differing(state, before[0]))
        assert not acknowledged or state == after, done
        if was_sound or (verb.needs_store and state == after and state not in before):
            sweep.sound()
        if 'backup' in verb.name:
            backups_are_whole(verb)
        again = sweep.drive(verb)
        assert again.rc in verb.again, (done, again)
        assert dump(known) in finished, (done, again)
        sweep.sound()
        left = sweep.litter(World.read()) - names
        assert left == set(), (done, left)
    assert stops > 3
