"""accounts.py - accounts for tests: a small world, and what has to agree in it after each verb."""
import lab

ROLES = ['administrator', 'developer', 'operator', 'viewer']


def add(name, *accounts, role='viewer', more=()):
    """A user with a password in these accounts, the first one being the principal one."""
    lab.add_user(name, *[w for a in accounts for w in ('--account', a)], *(('--role', role) if accounts else ()), *more)


def ctl(*args, rc=0, **more):
    """uadmctl; and afterwards what NSS shows is what the accounts say."""
    done = lab.uadmctl(*args, rc=rc, **more)
    agree()
    return done


def members(account, *args):
    """By name."""
    return {m['name']: m for m in lab.uadmctl('member', 'list', account, *args, '--json', rc=0).json}


def agree():
    accounts = {a['name']: a for a in lab.uadmctl('account', 'list', '--json', rc=0).json}
    roles = [r['name'] for r in lab.uadmctl('role', 'list', '--json', rc=0).json]
    groups, users = {}, set()
    for name, account in accounts.items():
        groups.update({name: set(), **{f'{name}-{role}': set() for role in roles}})
        for member in members(name).values():
            users.add(member['name'])
            if member['state'] == 'active' and account['status'] == 'active':
                groups[name].add(member['name'])
                groups[f"{name}-{member['role']}"].add(member['name'])
    for group, names in groups.items():
        assert set(filter(None, lab.getent('group', group)[3].split(','))) == names, group
    for user in users:
        shown = set(lab.run('id', '-Gn', user, rc=0).out.split()) - {user}
        assert shown & groups.keys() == {g for g, names in groups.items() if user in names}, user
    assert lab.uadmctl('store', 'check', rc=0)


def status(name):
    return lab.show(name)['status']


# A role below the top that administers users.
HELPDESK = ['--scope', 'Admin,Work', '--right', 'Any_User_read,Any_User_Write,Work_read']
ACCOUNTS = ['acme', 'beta', 'gamma', 'delta']


def make_four():
    """Four accounts with each role in each (acmeadm, betavie, ...), one who is in two, and one in none."""
    lab.uadmctl('account', 'add', *ACCOUNTS, rc=0)
    lab.uadmctl('role', 'add', 'helpdesk', *HELPDESK, rc=0)
    with open('/keys/four.csv', 'w', encoding='utf-8') as f:
        f.write('name,account,role\n')
        f.writelines(f'{account}{role[:3]},{account},{role}\n' for account in ACCOUNTS for role in [*ROLES, 'helpdesk'])
        f.write('both,acme;beta,viewer\n')
    lab.uadmctl('user', 'add', '--from', '/keys/four.csv', rc=0)
    lab.uadmctl('user', 'add', 'roots', rc=0)
    lab.uadmctl('user', 'set-password', 'acmeadm', '--password-stdin', input=lab.PASSWORD + '\n', rc=0)
