"""S1: kill -9 of uadmctl at the system calls of every mutating verb that change something. The
store opens and is sound, NSS catches up, what was acknowledged is there, what was not is there
whole or not at all, and the next call leaves no half file. sweep.py has the table of verbs."""
import pytest

import sweep
from sweep import VERBS


@pytest.fixture(scope='module')
def base(whole_machine):
    yield sweep.Base(whole_machine)
    whole_machine.end_processes()


def test_every_verb_is_swept(base):
    """A verb or an option that the program has and our tables have not would go untested."""
    assert sweep.unswept() == set()


@pytest.mark.parametrize('verb', VERBS, ids=sweep.label)
def test_killed(base, verb):
    assert sweep.sweep_kills(verb, base.start(verb), base.known) > (3 if sweep.ALL else 1)
