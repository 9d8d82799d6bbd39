"""P14 for sessions, changes of passwords and whole logins: see test_stack_orders.py."""
import random

import pytest

from lab import NEW, PASSWORD, WRONG
from test_stack_orders import (AUTH, IGNORING, OBEYING, Tally, arrangements, box,  # noqa: F401 (a fixture)
                               won)

LONG = True


@pytest.mark.parametrize('control', ['shipped', 'required', 'optional'])
def test_P14_session(box, control):
    """A session alone (sudo -u): the same. And as a whole the account phase refuses."""
    tally, whole = Tally(), []
    # All of them as shipped; with other controls each sixth.
    chosen = list(arrangements(box.shipped['session']))[::1 if control == 'shipped' else 6]
    for n, lines in enumerate(chosen):
        tally.judge(box, 'session', lines, {'user': 'sus', 'phases': 'open'}, control)
        if control == 'shipped' and n % 8 == 0:  # the account phase has none of these lines
            box.stack(session=lines)
            login = box.login({'user': 'sus', 'phases': 'account,open'})
            whole += [f'{lines} {login}'] if won(login, 2) else []
    assert tally.sound().tried == len(chosen) and not whole, whole[:10]


def test_P14_all_blocks_at_once(box):
    """Whole logins under whole orderings of all three blocks: a sample, the same each time. In by the right
    password while suspended only where both account and session never ask us."""
    chosen, broken, whole = random.Random(14), [], 0
    for _ in range(400):
        kinds = {kind: chosen.sample(box.shipped[kind], len(box.shipped[kind]))
                 for kind in ('auth', 'account', 'session')}
        box.stack(**kinds)
        for case in (AUTH['suspended'], AUTH['wrong password']):
            login = box.login({**case, 'phases': 'auth,account,open'})
            whole += 1
            if won(login, 3):
                broken.append(f'{kinds} {login}')
    assert whole == 800 and not broken, broken[:5]


CHANGE = {
    'wrong old password': ('ada', [WRONG, NEW, NEW]),
    'suspended': ('sus', [PASSWORD, NEW, NEW]),
    'no conversation': ('ada', None),
}


@pytest.mark.parametrize('what', CHANGE)
@pytest.mark.parametrize('control', OBEYING + IGNORING)
def test_P14_password(box, what, control):
    """Whatever the stack says in the end, the password stays."""
    user, answers = CHANGE[what]
    before, tally = box.verifier(user), Tally()
    case = {'user': user, 'phases': 'change', 'as': 30000,
            **({'conv': 'none'} if answers is None else {'answers': answers})}
    for lines in arrangements(box.shipped['password']):
        tally.judge(box, 'password', lines, case, control)
        assert box.verifier(user) == before, lines
    assert tally.sound().tried == 64
