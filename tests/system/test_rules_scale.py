"""What one question costs does not grow with what it is not about: the other members of a role, the other accounts of an actor."""
import resource

from accounts import add
from lab import sql, uadmctl

TEN_TIMES = 25  # what ten times the data may cost at most; what is quadratic costs a hundred


def work(*args, **more):
    """The CPU time that a call takes, of three the least: neighbours on the machine make it longer, never shorter."""
    def once():
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        uadmctl(*args, rc=0, **more)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return min(once() for _ in range(3))


def boss_of(count):
    """`boss` and `twin` administer all accounts there are, `count` of them."""
    there = len(uadmctl('account', 'list', '--json', rc=0).json)
    uadmctl('account', 'add', *[f'm{i:04}' for i in range(there, count)], rc=0)
    for name in ('boss', 'twin'):
        if there == 0:
            add(name, 'm0000', role='administrator')
        sql("INSERT INTO membership (account, uid, role, principal, state, since) SELECT a.gid, u.uid, o.id, 0, 'active', 1 FROM account a "
            f"JOIN user u ON u.name = '{name}' JOIN role o ON o.name = 'administrator' WHERE NOT EXISTS (SELECT 1 FROM membership m "
            "WHERE m.account = a.gid AND m.uid = u.uid)")


def test_an_actor_in_many_accounts(host):
    verbs = (['account', 'list', '--json'], ['user', 'show', 'twin', '--json'], ['user', 'clone', 'twin', 'copy', '--dry-run', '--yes', '--json'])
    boss_of(40)
    few = [work('--as', 'boss', *verb) for verb in verbs]
    boss_of(400)
    many = [work('--as', 'boss', *verb) for verb in verbs]
    for verb, a, b in zip(verbs, few, many):
        assert b < TEN_TIMES * a, (verb, a, b)
    assert len(uadmctl('--as', 'boss', 'account', 'list', '--json', rc=0).json) == 400


def names(path, count, header='name', more=''):
    with open(path, 'w', encoding='utf-8') as f:
        f.write(f'{header}\n')
        f.writelines(f'p{i}{more}\n' for i in range(count))
    return path


def test_a_role_that_many_have(host):
    """The next hundred viewers cost about what the first hundred did."""
    uadmctl('account', 'add', 'acme', 'beta', rc=0)
    hundred = ['member', 'add', 'acme', '--role', 'viewer', '--from', names('/keys/hundred.csv', 100), '--dry-run']
    uadmctl('user', 'add', '--from', names('/keys/first.csv', 100, 'name,account,role', ',beta,viewer'), rc=0)
    few = work(*hundred)
    uadmctl('user', 'add', '--from', names('/keys/all.csv', 8000, 'name,account,role', ',beta,viewer'), seconds=300)
    assert sql('SELECT count(*) FROM membership') == '8000'
    assert work(*hundred) < 4 * few, few
