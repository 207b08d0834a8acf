/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The control socket's name in the file system, and who may connect to it. */
#include "io/control_listen.h"

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Removes a socket that nobody listens at. */
static int
clear_path(const struct sockaddr_un *address)
{
	struct stat st;
	int fd, rc = -EADDRINUSE;

	if (lstat(address->sun_path, &st) != 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return rc;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) !=
		    0 &&
	    errno == ECONNREFUSED)
		rc = unlink(address->sun_path) == 0 ? 0 : -errno;
	close(fd);
	return rc;
}

/* Started by hand there may be no /run/pinholed yet. One level, no more. */
static void
make_directory(const char *path)
{
	char directory[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char *slash;

	strcpy(directory, path);
	slash = strrchr(directory, '/');
	if (slash == NULL || slash == directory)
		return;
	*slash = '\0';
	mkdir(directory, 0755);
}

int
control_listen(const struct sockaddr_un *address, const char *group, int backlog,
	       int *listener)
{
	const char *path = address->sun_path;
	struct group *entry = NULL;
	int rc;

	if (group[0] != '\0' && (entry = getgrnam(group)) == NULL)
		return -ESRCH;
	make_directory(path);
	rc = clear_path(address);
	if (rc != 0)
		return rc;
	*listener = socket(AF_UNIX,
			     SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	/* The mode of the socket is the mode that bind() gives the file, so
	 * that it is never there with more than it ends with. */
	if (*listener < 0 || fchmod(*listener, 0600) != 0 ||
	    bind(*listener, (const struct sockaddr *)address,
		 sizeof(*address)) != 0)
		return -errno;
	if ((entry != NULL && chown(path, (uid_t)-1, entry->gr_gid) != 0) ||
	    chmod(path, 0660) != 0 || listen(*listener, backlog) != 0) {
		rc = -errno;
		unlink(path);
		return rc;
	}
	return 0;
}
