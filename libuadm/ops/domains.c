#include "libuadm/ops/domains.h"

#include "libuadm/ops/accounts.h"
#include "libuadm/ops/act.h"
#include "libuadm/store/accounts.h"

#include <string.h>

enum uadm_code
domain_judge(struct uadm *u, const struct account *a, const char *email,
    enum domain_verdict *verdict, struct account *owner, struct uadm_err *err)
{
	const char *at = strrchr(email, '@');
	bool has_some = false;
	gid_t gid = 0;
	enum uadm_code c;

	*verdict = DOMAIN_FINE;
	if (at == NULL)
		return UADM_OK;
	*verdict = DOMAIN_FOREIGN;
	if ((c = accounts_domain_owner(u->store, at + 1, &gid, err)) != UADM_OK ||
	    (c = accounts_has_domains(u->store, a->gid, &has_some, err)) != UADM_OK)
		return c;
	if (gid != 0 && gid != a->gid)
		return accounts_get_gid(u->store, gid, owner, err);
	*verdict = gid == 0 && has_some ? DOMAIN_UNKNOWN : DOMAIN_FINE;
	return UADM_OK;
}

enum uadm_code
domain_may_join(struct uadm *u, const char *account, const char *role,
    const char *email, bool sure, struct uadm_err *err)
{
	const char *at = strrchr(email, '@');
	enum domain_verdict verdict;
	struct account a, owner;
	enum uadm_code c;

	if ((c = find_account(u, account, &a, err)) != UADM_OK ||
	    (c = domain_judge(u, &a, email, &verdict, &owner, err)) != UADM_OK)
		return c;
	if (verdict == DOMAIN_FOREIGN) {
		uadm_fail(err, UADM_INVALID,
		    "the domain %.100s belongs to the account %s", at + 1, owner.name);
		return uadm_hint(err,
		    "create the user there first: uadmctl user add NAME --email %.100s --account "
		    "%s; then: uadmctl member add %s NAME%s%s",
		    email, owner.name, a.name, role != NULL ? " --role " : "",
		    role != NULL ? role : "");
	}
	if (verdict == DOMAIN_FINE || sure)
		return UADM_OK;
	uadm_fail(
	    err, UADM_INVALID, "the domain %.100s is not one of %s's", at + 1, a.name);
	return uadm_hint(err,
	    "--yes, if that is right; or%s: uadmctl account set %s --domain",
	    act_is_root(u) ? "" : ", for root", a.name);
}

enum uadm_code
op_domain_is_unknown(struct uadm *u, const char *account, const char *email,
    bool *unknown, struct uadm_err *err)
{
	enum domain_verdict verdict;
	struct account a, owner;
	enum uadm_code c;

	*unknown = false;
	/* Who may not add users there is told nothing of its domains. */
	if ((c = find_account(u, account, &a, err)) != UADM_OK ||
	    (c = act_in_account(u, ACT_USER_ADD, a.gid, err)) != UADM_OK ||
	    (c = domain_judge(u, &a, email, &verdict, &owner, err)) != UADM_OK)
		return c;
	*unknown = verdict == DOMAIN_UNKNOWN;
	return UADM_OK;
}

enum uadm_code
domain_tell(struct uadm *u, const struct user *user, struct uadm_err *err)
{
	const char *at = strrchr(user->email, '@');
	enum domain_verdict verdict;
	struct account a, owner;
	char text[400];
	enum uadm_code c;

	if (user->account == 0 || at == NULL || (act_is_root(u) && u->warn == NULL))
		return UADM_OK;
	if ((c = accounts_get_gid(u->store, user->account, &a, err)) != UADM_OK ||
	    (c = domain_judge(u, &a, user->email, &verdict, &owner, err)) != UADM_OK ||
	    verdict == DOMAIN_FINE)
		return c;
	if (verdict == DOMAIN_FOREIGN && !act_is_root(u)) {
		uadm_fail(err, UADM_INVALID,
		    "the domain %.100s belongs to the account %s, the user to %s",
		    at + 1, owner.name, a.name);
		return uadm_hint(err,
		    "whose address it is belongs to %s first; that is for root to decide",
		    owner.name);
	}
	if (u->warn == NULL)
		return UADM_OK;
	if (verdict == DOMAIN_FOREIGN)
		snprintf(text, sizeof(text),
		    "%s: the domain %.100s belongs to the account %s, the user to %s",
		    user->name, at + 1, owner.name, a.name);
	else
		snprintf(text, sizeof(text), "%s: the domain %.100s is not one of %s's",
		    user->name, at + 1, a.name);
	u->warn(text);
	return UADM_OK;
}
