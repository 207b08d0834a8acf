/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A unix socket that one group may connect to. */
#include "io/unix_listener.h"

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Connections that may wait to be taken. */
#define BACKLOG 16

/* Removes a socket that nobody listens at. */
static int
clear_path(const struct sockaddr_un *address, int type)
{
	struct stat st;
	int fd, rc = -EADDRINUSE;

	if (lstat(address->sun_path, &st) != 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return rc;
	fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
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
	char directory[UNIX_LISTENER_PATH_MAX];
	char *slash;

	strcpy(directory, path);
	slash = strrchr(directory, '/');
	if (slash == NULL || slash == directory)
		return;
	*slash = '\0';
	mkdir(directory, 0755);
}

static int
bind_and_listen(int fd, const struct sockaddr_un *address, const gid_t *gid)
{
	const char *path = address->sun_path;
	int rc = 0;

	/* The mode of the socket is the mode that bind() gives the file, so
	 * that it is never there with more than it ends with. */
	if (fchmod(fd, 0600) != 0 ||
	    bind(fd, (const struct sockaddr *)address, sizeof(*address)) != 0)
		return -errno;
	if ((gid != NULL && chown(path, (uid_t)-1, *gid) != 0) ||
	    chmod(path, 0660) != 0 || listen(fd, BACKLOG) != 0) {
		rc = -errno;
		unlink(path);
	}
	return rc;
}

int
unix_listener_open(const char *path, const char *group, int type, int *out)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct group *entry = NULL;
	int fd, rc;

	_Static_assert(sizeof(address.sun_path) == UNIX_LISTENER_PATH_MAX,
		       "paths fit");
	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	if (group[0] != '\0' && (entry = getgrnam(group)) == NULL)
		return -ESRCH;
	make_directory(path);
	rc = clear_path(&address, type);
	if (rc != 0)
		return rc;
	fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	rc = bind_and_listen(fd, &address,
			     entry != NULL ? &entry->gr_gid : NULL);
	if (rc != 0) {
		close(fd);
		return rc;
	}
	*out = fd;
	return 0;
}

void
unix_listener_close(int fd, const char *path)
{
	if (path[0] != '\0')
		unlink(path);
	if (fd >= 0)
		close(fd);
}
