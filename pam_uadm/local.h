/* local.h - who is none of our business: root and the users of /etc/passwd. */
#ifndef UADM_PAM_LOCAL_H
#define UADM_PAM_LOCAL_H

#include <stdbool.h>

bool local_has_user(const char *name);

#endif
