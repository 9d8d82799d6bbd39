/*
 * policy.h - what an administrator has decided about logins and passwords. One number for each
 * key of `uadmctl policy`, which policy/settings.h describes. Times are seconds.
 */
#ifndef UADM_BASE_POLICY_H
#define UADM_BASE_POLICY_H

#include <stdint.h>

struct policy {
	int64_t deny, interval, lock_time; /* lock_time 0 = until reset */
	int64_t source_limit, local_source_limit, lock_keys;
	int64_t min_length, min_lower, min_upper, min_digit, min_special;
	int64_t max_repeat, dictionary, user_check, history;
	int64_t min_age, max_age, warn, inactive; /* 0 = none of it */
	int64_t fail_delay;
	int64_t invite_lifetime, reset_lifetime, temp_password_lifetime, self_reset;
	int64_t max_sessions; /* logins at the same time; 0 = any number */
	int64_t require_factor, factor_grace, factor_on_key; /* policy/factor.h */
};

#endif
