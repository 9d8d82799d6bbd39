"""P19: every order of Primaries that pam-auth-update can make of ours, pam_unix and two more sources, each
of them above ours, between ours and pam_unix, or below, and saying yes to everybody: who is refused
by us is not let in. As in test_host_stack.py, whose stand-ins these are, with all of our codes."""
import contextlib
import itertools
import json
import os
import sys
from pathlib import Path

import test_host_stack as stack
from test_host_stack import LOCAL, MANAGED, MODULE_UNKNOWN, OTHER, SUCCESS, USER_UNKNOWN, gets_in

RUNS_OUTSIDE = True
PLACES = {"above": (4000, 3900), "between": (700, 650), "below": (128, 120)}
PAIRS = [("krb5", "sss"), ("sss", "late"), ("late", "krb5")]
PROFILES = {"krb5": stack.KRB5, "sss": stack.SSS, "late": stack.LATE}


def with_priority(profile, priority):
    return "\n".join(f"Priority: {priority}" if line.startswith("Priority:") else line
                     for line in profile.split("\n"))


def orders():
    """(first, place), (second, place): where both are in one place, the first is before the second."""
    for a, b in PAIRS:
        for first, second in itertools.product(PLACES, PLACES):
            yield (a, PLACES[first][0]), (b, PLACES[second][1])
            if first == second:
                yield (a, PLACES[first][1]), (b, PLACES[second][0])


def inside_primaries():
    stack.install()
    stack.enable()
    stack.other_source()
    seen = []
    for order in orders():
        for name in PROFILES:
            Path("/usr/share/pam-configs", name).unlink(missing_ok=True)
        stack.sh("pam-auth-update", "--package",
                 env={"PATH": os.environ["PATH"], "DEBIAN_FRONTEND": "noninteractive"})
        stack.add_profiles(**{name: with_priority(PROFILES[name], priority) for name, priority in order})
        lines = Path("/etc/pam.d/common-auth").read_text("ascii").splitlines()
        seen.append({"order": dict(order), "auth": [line for line in lines if line.startswith("auth")],
                     "seen": {others: stack.matrix(code) for others, code in
                              (("yes", SUCCESS), ("no", USER_UNKNOWN))}})
    return seen


def test_P19_every_order_of_primaries():
    seen = stack.in_box("primaries", __file__)
    assert len(seen) == 36
    assert len({json.dumps([step["order"], step["auth"]]) for step in seen}) == 36
    for step in seen:
        lines = step["auth"]
        ours = next(i for i, line in enumerate(lines) if "pam_uadm" in line)
        first = not any("pam_fake" in line for line in lines[:ours])
        assert first == all(priority < 2048 for priority in step["order"].values()), lines
        for others, table in step["seen"].items():
            stack.assert_local_unaffected(table)
            for code, by_user in table.items():
                managed, other = by_user[MANAGED], by_user[OTHER]
                what = (step["order"], others, code, managed, other)
                vouched = code == SUCCESS or (others == "yes" and code == USER_UNKNOWN)
                assert not gets_in(managed) or vouched, what
                # whose names we don't claim are not kept out by where we stand
                if others == "yes" and code == USER_UNKNOWN:
                    assert gets_in(other), what
                if first and code not in (SUCCESS, USER_UNKNOWN, MODULE_UNKNOWN):
                    assert managed["auth"] != SUCCESS, what
                assert set(LOCAL) < set(by_user)


if __name__ == "__main__" and sys.argv[1:2] == ["inside"]:
    with contextlib.redirect_stdout(sys.stderr):
        result = globals()["inside_" + sys.argv[2]]()
    print(json.dumps(result))
