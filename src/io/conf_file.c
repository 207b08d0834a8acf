/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nothing in the file is looked at here. */
#include "io/conf_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Far above what 1024 servers need; a log that was named by mistake is longer.
 */
#define FILE_MAX ((size_t)1 << 20)

/* Reads @fd into @data, which has room for one byte more than may be. Returns
 * what is wrong, or NULL. */
static const char *
read_all(int fd, uint8_t *data, size_t *len)
{
	ssize_t n;

	do {
		n = read(fd, data + *len, FILE_MAX + 1 - *len);
		if (n > 0)
			*len += (size_t)n;
	} while ((n > 0 && *len <= FILE_MAX) || (n < 0 && errno == EINTR));
	if (n < 0)
		return strerror(errno);
	return *len > FILE_MAX ? "larger than 1 MiB" : NULL;
}

struct conf_file
conf_file_read(const char *path, FILE *errors)
{
	struct conf_file file = { .data = malloc(FILE_MAX + 1) };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const char *problem = fd < 0 || file.data == NULL
				      ? strerror(errno)
				      : read_all(fd, file.data, &file.len);

	if (fd >= 0)
		close(fd);
	if (problem == NULL)
		return file;
	fprintf(errors, "%s: cannot be read: %s\n", path, problem);
	free(file.data);
	return (struct conf_file){ 0 };
}

bool
conf_file_line(struct span *text, struct span *line)
{
	const uint8_t *end;
	size_t len;

	if (text->len == 0)
		return false;
	end = memchr(text->data, '\n', text->len);
	len = end != NULL ? (size_t)(end - text->data) : text->len;
	*line = span_head(*text, len);
	span_skip(text, end != NULL ? len + 1 : len);
	if (len != 0 && line->data[len - 1] == '\r')
		line->len--;
	return true;
}
