"""Contacts, tags, and what a list shows of users: F25, F34, F35, F38, F50; and what a restore makes of them."""
import pytest

import lab
from lab import show, uadmctl


def users(*args):
    return [u['name'] for u in uadmctl('user', 'list', *args, '--json', rc=0).json]


def contact(name):
    return uadmctl('contact', 'show', name, '--json', rc=0).json


@pytest.fixture
def people(host):
    uadmctl('account', 'add', 'acme', rc=0)
    uadmctl('user', 'add', 'ada', 'bob', 'eve', rc=0)
    for name, kind in (('Ada Love', 'employee'), ('Con Tract', 'contractor'), ('Part Ner', 'partner'), ('Cust', 'customer'), ('Sup', 'supplier')):
        uadmctl('contact', 'add', name, '--kind', kind, rc=0)


def test_F38_F50_kinds(people):
    """The first three may be linked to a login, customer and supplier may not: by the link, at birth or by their kind."""
    for name in ('Ada Love', 'Con Tract', 'part ner'):
        uadmctl('user', 'set', 'ada', '--contact', name, rc=0)
    assert show('ada')['contact'] == 'Part Ner' and contact('PART NER')['users'] == ['ada'] and contact('Ada Love')['users'] == []
    for name in ('Cust', 'Sup'):
        assert 'cannot be linked to a login' in uadmctl('user', 'set', 'ada', '--contact', name, rc=65).err
        assert uadmctl('user', 'add', 'max', '--contact', name, rc=65) and uadmctl('user', 'show', 'max', rc=67)
    for kind in ('customer', 'supplier'):
        uadmctl('contact', 'set', 'Part Ner', '--kind', kind, rc=65)
    assert contact('Part Ner')['kind'] == 'partner' and show('ada')['contact'] == 'Part Ner'
    uadmctl('user', 'set', 'ada', '--contact', 'Nobody', rc=67)
    assert 'linked to ada' in uadmctl('contact', 'delete', 'Part Ner', '--yes', rc=65).err
    uadmctl('user', 'set', 'ada', '--contact', '', rc=0)
    assert show('ada')['contact'] is None
    uadmctl('contact', 'set', 'Part Ner', '--kind', 'customer', rc=0)
    uadmctl('contact', 'delete', 'Part Ner', '--yes', rc=0)
    uadmctl('contact', 'show', 'Part Ner', rc=67)


def test_F50_a_contact_as_it_is(people):
    uadmctl('contact', 'set', 'Cust', '--email', 'c@example.org', '--phone', '+436601234567', '--company', 'Cust & Sons', '--note', 'pays late', rc=0)
    k = contact('cust')
    assert (k['name'], k['email'], k['phone'], k['company'], k['note']) == ('Cust', 'c@example.org', '+436601234567', 'Cust & Sons', 'pays late')
    assert uadmctl('contact', 'set', 'Cust', '--note', 'pays late', '--json', rc=0).json[0]['changed'] is False
    for bad in (['--email', 'x'], ['--phone', '12'], ['--kind', 'boss'], ['--note', 'a\x1b[31m'], ['--kind', '']):
        uadmctl('contact', 'set', 'Cust', *bad, rc=65)
    for name in ('', 'a,b', ' a', 'x' * 129, 'a\nb'):
        uadmctl('contact', 'add', name, '--kind', 'partner', rc=65)
    uadmctl('contact', 'add', 'CUST', '--kind', 'partner', rc=65)
    uadmctl('contact', 'add', 'Kindless', rc=64)
    assert [c['name'] for c in uadmctl('contact', 'list', '--kind', 'customer', '--json', rc=0).json] == ['Cust']
    with open('/keys/contacts.csv', 'w', encoding='utf-8') as f:
        f.write('name,kind,company\nLi Sten,employee,Here\nOut Side,supplier,There\n')
    uadmctl('contact', 'add', '--from', '/keys/contacts.csv', rc=0)
    assert contact('Out Side')['company'] == 'There'


def test_S7_contacts_are_roots(people):
    """Who administers an account neither reads contacts nor links to them, nor learns which there are."""
    lab.add_user('boss', '--account', 'acme', '--role', 'administrator')
    uadmctl('user', 'add', 'jo', '--account', 'acme', '--role', 'viewer', rc=0)
    for verb in (['contact', 'list'], ['contact', 'show', 'Cust'], ['contact', 'add', 'X', '--kind', 'partner'], ['contact', 'set', 'Cust', '--note', 'x'],
                 ['contact', 'delete', 'Cust', '--yes'], ['user', 'set', 'jo', '--contact', 'Ada Love'], ['user', 'set', 'jo', '--contact', 'Nobody']):
        assert 'only root may do that' in uadmctl('--as', 'boss', *verb, rc=77).err, verb
    uadmctl('--as', 'boss', 'user', 'add', 'new', '--account', 'acme', '--role', 'viewer', '--contact', 'Ada Love', rc=77)
    assert show('jo')['contact'] is None


def test_F35_tags(people):
    uadmctl('user', 'tag', 'night-shift', 'ada', 'bob', rc=0)
    uadmctl('user', 'tag', 'a.b:c_1', 'ada', rc=0)
    assert show('ada')['tags'] == ['a.b:c_1', 'night-shift'] and show('eve')['tags'] == []
    assert users('--tag', 'night-shift') == ['ada', 'bob'] and users('--tag', 'day') == []
    assert users('--tag', 'night-shift', '-o', 'name') == ['ada', 'bob']
    uadmctl('user', 'suspend', 'bob', rc=0)
    assert users('--tag', 'night-shift', '--status', 'active') == ['ada']
    uadmctl('group', 'add', 'crew', rc=0)
    uadmctl('group', 'add-member', 'crew', 'bob', 'eve', rc=0)
    assert users('--tag', 'night-shift', '--group', 'crew') == ['bob']
    uadmctl('member', 'add', 'acme', 'ada', 'eve', '--role', 'viewer', rc=0)
    assert users('--tag', 'night-shift', '--account', 'acme') == ['ada']
    again = uadmctl('user', 'tag', 'night-shift', 'ada', '--json', rc=0).json
    assert again[0]['changed'] is False
    uadmctl('user', 'untag', 'night-shift', 'ada', 'bob', rc=0)
    assert users('--tag', 'night-shift') == [] and show('ada')['tags'] == ['a.b:c_1']
    for tag in ('', 'A', 'a b', 'a,b', '-a', 'x' * 33, 'ä'):
        assert uadmctl('user', 'tag', '--', tag, 'ada').rc in (64, 65), tag
    assert show('ada')['tags'] == ['a.b:c_1']
    rows = uadmctl('audit', 'list', '--target', 'ada', '--json', rc=0).json
    assert [r['detail'] for r in rows if r['action'] == 'user.untag'] == ['tag=night-shift']


def test_F15_tags_are_the_principal_accounts(people):
    uadmctl('account', 'add', 'beta', rc=0)
    lab.add_user('boss', '--account', 'acme', '--role', 'administrator')
    lab.add_user('ben', '--account', 'beta', '--role', 'administrator')
    uadmctl('user', 'add', 'jo', '--account', 'acme', '--account', 'beta', '--role', 'viewer', rc=0)
    uadmctl('--as', 'ben', 'user', 'tag', 'x', 'jo', rc=77)
    uadmctl('member', 'revoke', 'beta', 'jo', rc=0)
    uadmctl('--as', 'boss', 'user', 'tag', 'x', 'jo', rc=0)
    uadmctl('--as', 'ben', 'user', 'untag', 'x', 'jo', rc=77)
    assert show('jo')['tags'] == ['x']


def test_F34_what_a_list_shows(people):
    """Name, e-mail, contact, last login, groups, and whether nothing is shared with the user."""
    uadmctl('group', 'add', 'crew', rc=0)
    uadmctl('user', 'set', 'ada', '--email', 'ada@example.org', '--contact', 'Ada Love', rc=0)
    uadmctl('group', 'add-member', 'crew', 'ada', rc=0)
    rows = {u['name']: u for u in uadmctl('user', 'list', '-o', 'name,email,contact,last_login,groups,shared', '--json', rc=0).json}
    assert rows['ada'] == {'name': 'ada', 'email': 'ada@example.org', 'contact': 'Ada Love', 'last_login': None, 'groups': ['crew'], 'shared': True}
    assert rows['bob'] == {'name': 'bob', 'email': None, 'contact': None, 'last_login': None, 'groups': [], 'shared': False}
    assert 'SHARED' in uadmctl('user', 'list', '-o', 'name,shared', rc=0).out
    uadmctl('member', 'add', 'acme', 'bob', '--role', 'viewer', rc=0)
    assert show('bob')['shared'] is True
    lab.talk(['login', '-f', 'ada'], [(r'[$#%>] $', 'exit')])
    assert show('ada')['last_login'] is not None


def test_a_restore_puts_them_back(people):
    uadmctl('user', 'tag', 'old', 'ada', rc=0)
    uadmctl('user', 'set', 'ada', '--contact', 'Ada Love', rc=0)
    uadmctl('store', 'backup', '/root/b', rc=0)
    uadmctl('user', 'untag', 'old', 'ada', rc=0)
    uadmctl('user', 'tag', 'new', 'ada', rc=0)
    uadmctl('user', 'set', 'ada', '--contact', '', rc=0)
    uadmctl('contact', 'delete', 'Ada Love', '--yes', rc=0)
    uadmctl('contact', 'add', 'Since', '--kind', 'partner', rc=0)
    uadmctl('store', 'restore', '/root/b', '--yes', rc=0)
    assert show('ada')['tags'] == ['old'] and show('ada')['contact'] == 'Ada Love'
    uadmctl('contact', 'show', 'Since', rc=67)
    assert uadmctl('store', 'check', rc=0)
