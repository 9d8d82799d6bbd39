#include "uadmctl/open_code.h"

#include "uadmctl/when.h"

bool
open_code_lets_in(const struct user_outlook *o)
{
	return o->view.code.kind != CODE_NONE && o->by_code.verdict != LOGIN_REFUSE;
}

const char *
open_code_words(const struct user_outlook *o, char *out, size_t size)
{
	char when[TIME_SIZE];

	out[0] = '\0';
	if (open_code_lets_in(o))
		snprintf(out, size, ", a code is open until %s",
		    when_said(o->view.code.expires_at, when));
	return out;
}

void
open_code_why(const struct user_outlook *o)
{
	const struct code *code = &o->view.code;
	char when[TIME_SIZE];

	if (code->kind == CODE_NONE) {
		if (o->by_password.reason == LOGIN_INVITED)
			printf("  by code: none is open: uadmctl invite resend %s\n",
			    o->view.row.user.name);
		return;
	}
	if (open_code_lets_in(o))
		printf("  by code: let in to set a password");
	else
		printf("  by code: refused - %s",
		    policy_login_reason_text(o->by_code.reason));
	printf("; %s code, good until %s", o->view.code_word,
	    when_said(code->expires_at, when));
	if (code->attempts > 0)
		printf(", %lld wrong one%s typed", (long long)code->attempts,
		    code->attempts == 1 ? "" : "s");
	putchar('\n');
}
