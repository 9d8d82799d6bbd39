"""S1: a disk that is full from a call on, for every mutating verb that writes to the store, the
directory or a backup. Success is told only of what is there and durable, the message says what is
wrong, and once the disk works again all is as it was or as it was meant."""
import errno

import pytest

import sweep
from sweep import ALL, VERBS, Fault

FULL = Fault(errno.ENOSPC, 'no space left', onwards=['-a'], step=1 if ALL else 4)


@pytest.fixture(scope='module')
def base(whole_machine):
    yield sweep.Base(whole_machine)
    whole_machine.end_processes()


@pytest.mark.parametrize('verb', VERBS, ids=sweep.label)
def test_full(base, verb):
    assert sweep.sweep_faults(verb, base.start(verb), base.known, FULL) > 0
