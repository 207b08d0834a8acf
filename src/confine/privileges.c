/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dropping privileges, with libcap-ng. */
#include "confine/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

int
privileges_drop(const char *user, const unsigned *keep, size_t count)
{
	struct passwd *pw = NULL;
	capng_select_t sets = CAPNG_SELECT_CAPS;

	if (capng_get_caps_process() != 0)
		return -EPERM;
	for (size_t i = 0; i < count; i++)
		if (!capng_have_capability(CAPNG_EFFECTIVE, keep[i]))
			return -EPERM;
	if (geteuid() == 0 && user[0] != '\0') {
		errno = 0;
		pw = getpwnam(user);
		if (pw == NULL)
			return errno != 0 ? -errno : -ESRCH;
	}
	/* The bounding set can be emptied only with CAP_SETPCAP. */
	if (capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP))
		sets = CAPNG_SELECT_BOTH;
	capng_clear(sets);
	for (size_t i = 0; i < count; i++)
		if (capng_update(CAPNG_ADD,
				 CAPNG_EFFECTIVE | CAPNG_PERMITTED,
				 keep[i]) != 0)
			return -EPERM;
	if (pw != NULL) {
		if (capng_change_id((int)pw->pw_uid, (int)pw->pw_gid,
				    CAPNG_DROP_SUPP_GRP |
					    CAPNG_CLEAR_BOUNDING) != 0)
			return -EPERM;
	} else if (capng_apply(sets) != 0) {
		return -EPERM;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -errno;
	return 0;
}
