"""S1: a disk that is full, breaks or cannot be written, at every call of every mutating verb that
writes to the store, the directory or a backup. Success is told only of what is there and durable,
the message says what is wrong, and once the disk works again all is as it was or as it was meant."""
import errno
import re

import pytest

import lab
import sweep
from sweep import VERBS, World, dump

# Full and read-only disks stay so; a broken block is one. Which of the two it is changes little: every fifth call does.
FAULTS = {'full': (1, [errno.ENOSPC, '-a']), 'broken': (1, [errno.EIO]), 'read-only': (5, [errno.EROFS, '-a'])}
WHERE = [option for place in (sweep.STORE, '/var/lib/uadm', '/etc/uadm', sweep.FILES) for option in ('-p', place)]
EXPECTED = {69, 74, 75}  # unavailable, I/O, try again
WORDS = {'full': 'no space left', 'broken': 'input/output error|disk i/o error', 'read-only': 'read-only'}
# What makes a change durable. Not among it: the main file and its index, which SQLite writes from the log whenever it
# can, a hint to readers, and copies that are looked at and gone.
MAKES_DURABLE = re.compile(r'(write|pwrite64|fsync|fdatasync|rename\w*) (?!.*/(uadm\.db|uadm\.db-shm|store|directory/directory)$)(?!.*/work\.)')
RENAMED = re.compile(r'rename')


@pytest.fixture(scope='module')
def base(whole_machine):
    whole_machine.restore('bare')
    lab.uadmctl('host', 'enable', '--yes', rc=0)
    sweep.make_base()
    yield World(), sweep.verifiers_of_now()
    whole_machine.end_processes()


def test_every_verb_is_swept(base):
    assert sweep.mutating_verbs() - sweep.ELSEWHERE <= {v.name for v in VERBS}


def judge(verb, done, fault, after, failed, state):
    """What it said against what is there."""
    if done.rc == 0:
        assert state == after, f'said to be done, and is not: {done}'
        assert not MAKES_DURABLE.match(failed) and not RENAMED.match(failed), f'may not be durable ({failed}): {done}'
        if verb.name == 'store backup':
            sweep.backups_are_whole()
        return
    assert done.rc in EXPECTED, (failed, done)
    assert re.search(r'^uadmctl: error: \S', done.err), (failed, done)
    assert re.search(WORDS[fault] + '|is the disk full, read-only or broken', done.err, re.I), (failed, done)


@pytest.mark.parametrize('fault', FAULTS)
@pytest.mark.parametrize('verb', VERBS, ids=sweep.label)
def test_fault(base, verb, fault):
    world, known = base
    step, (number, *onwards) = FAULTS[fault]
    world.restore()
    if verb.before:
        verb.before()
    start = World()
    reference = sweep.Reference(verb, start, known, WHERE)
    judged = {}
    for n in reference.stops[::step]:
        start.restore()
        done = sweep.drive(verb, '-n', str(n), '-e', str(number), *onwards, *WHERE)
        assert len(done.calls) >= n, done
        failed = done.calls[n - 1]
        now = World.read()
        key = sweep.fingerprint(now)
        if key not in judged:
            judged[key] = sweep.judge_store(verb, reference, known, (failed, done))
            sweep.judge_again(verb, reference, known, (failed, done))
        judge(verb, done, fault, reference.after, failed, judged[key])
    assert len(judged) > 0
