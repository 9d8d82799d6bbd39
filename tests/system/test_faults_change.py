"""P13 for changing a password: see test_faults.py."""
import pytest

import faults
from faults import SUCCESS, Case, sweep
from lab import NEW, PASSWORD, WRONG


@pytest.fixture
def bench(whole_machine):
    made = faults.bench_of(whole_machine)
    yield made
    made.close()
    whole_machine.end_processes()


CHANGES = {
    'first pass': Case('ada', 'change', [PASSWORD, NEW, NEW], may=True, process=1, uid=30001, charged=False, thin=12),
    'second pass': Case('ada', 'change', [PASSWORD, NEW, NEW], may=True, process=2, uid=30001, charged=False, thin=12),
    'second pass, forced': Case('due', 'expired', [PASSWORD, NEW, NEW], may=True, process=2, charged=False, thin=12),
    'wrong old password': Case('ada', 'change', [WRONG, NEW, NEW], uid=30001, thin=12),
    'suspended': Case('sus', 'change', [PASSWORD, NEW, NEW], uid=30001, charged=False, thin=12),
}


@pytest.mark.parametrize('name', CHANGES)
def test_P13_change(bench, name):
    """Success is told if and only if the password is another one, and a refused one changes nothing."""
    case = CHANGES[name]
    bench.restore()
    before = bench.verifier(case.user)

    def whole(_, login):
        changed = bench.verifier(case.user) != before
        if login.codes == [SUCCESS] and not changed:
            return 'PAM_SUCCESS, and the password is as it was'
        # It was set and nobody was left to be told: sent(), or what comes after the commit.
        if changed and not case.may:
            return 'the password was changed'
        return None

    sweep(bench, case, extra=whole)
