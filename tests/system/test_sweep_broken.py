"""S1: a disk that breaks at one call, or cannot be written from one on, for every mutating verb: as
test_sweep_full.py has it."""
import errno

import pytest

import sweep
from sweep import ALL, VERBS, Fault

# Which of these it is changes little: read-only disks have every ninth call.
FAULTS = {'broken': Fault(errno.EIO, 'input/output error|disk i/o error', step=1 if ALL else 4, turn=2),
          'read-only': Fault(errno.EROFS, 'read-only', onwards=['-a'], step=1 if ALL else 9, turn=3)}


@pytest.fixture(scope='module')
def base(whole_machine):
    yield sweep.Base(whole_machine)
    whole_machine.end_processes()


@pytest.mark.parametrize('fault', FAULTS)
@pytest.mark.parametrize('verb', VERBS, ids=sweep.label)
def test_fault(base, verb, fault):
    assert sweep.sweep_faults(verb, base.start(verb), base.known, FAULTS[fault]) > 0
