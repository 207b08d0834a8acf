/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libpcap reads; here is only what leads to it. */
#include "replay/capture.h"

#include <dirent.h>
#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "replay/link.h"

static bool
complain(FILE *errors, const char *path, const char *what)
{
	fprintf(errors, "pinholectl: %s: %s\n", path, what);
	return false;
}

static bool
add_path(struct capture_files *files, const char *path)
{
	char **paths = realloc(files->paths,
			       (files->count + 1) * sizeof(*paths));

	if (paths == NULL)
		return false;
	files->paths = paths;
	paths[files->count] = strdup(path);
	return paths[files->count] != NULL && ++files->count;
}

/* pcap in both byte orders and both resolutions, pcapng. */
static bool
is_capture(const char *path)
{
	static const uint8_t magics[][4] = {
		{ 0xa1, 0xb2, 0xc3, 0xd4 }, { 0xd4, 0xc3, 0xb2, 0xa1 },
		{ 0xa1, 0xb2, 0x3c, 0x4d }, { 0x4d, 0x3c, 0xb2, 0xa1 },
		{ 0x0a, 0x0d, 0x0d, 0x0a },
	};
	uint8_t magic[4] = { 0 };
	FILE *f = fopen(path, "rb");
	bool is = false;

	if (f == NULL)
		return false;
	if (fread(magic, 1, 4, f) == 4)
		for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
			is |= memcmp(magic, magics[i], 4) == 0;
	fclose(f);
	return is;
}

static bool
add_directory(struct capture_files *files, const char *path, FILE *errors)
{
	struct dirent **names;
	int count = scandir(path, &names, NULL, alphasort);
	size_t before = files->count;
	char one[4096];
	struct stat st;
	bool ok = true;

	if (count < 0)
		return complain(errors, path, strerror(errno));
	for (int i = 0; i < count; i++) {
		int len = snprintf(one, sizeof(one), "%s/%s", path,
				   names[i]->d_name);

		free(names[i]);
		/* A pipe would be waited for. */
		if (len < (int)sizeof(one) && stat(one, &st) == 0 &&
		    S_ISREG(st.st_mode) && is_capture(one))
			ok &= add_path(files, one);
	}
	free(names);
	if (!ok)
		return complain(errors, path, "out of memory");
	if (files->count == before)
		return complain(errors, path, "no capture is in it");
	return true;
}

bool
capture_find(struct capture_files *files, const char *path, FILE *errors)
{
	struct stat st;

	if (strcmp(path, "-") != 0 && stat(path, &st) != 0)
		return complain(errors, path, strerror(errno));
	if (strcmp(path, "-") != 0 && S_ISDIR(st.st_mode))
		return add_directory(files, path, errors);
	return add_path(files, path) ||
	       complain(errors, path, "out of memory");
}

void
capture_files_free(struct capture_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		free(files->paths[i]);
	free(files->paths);
	*files = (struct capture_files){ 0 };
}

static uint64_t
time_of(const struct pcap_pkthdr *header)
{
	/* With nanosecond precision tv_usec holds nanoseconds. */
	return (uint64_t)header->ts.tv_sec * 1000000000 +
	       (uint64_t)header->ts.tv_usec;
}

static bool
play(pcap_t *pcap, const char *path, struct replay *r, FILE *errors)
{
	int link = pcap_datalink(pcap), more;
	struct pcap_pkthdr *header;
	char text[128];
	const u_char *data;

	if (!link_is_known(link)) {
		const char *name = pcap_datalink_val_to_name(link);

		snprintf(text, sizeof(text), "link type %s (%d) is not known",
			 name != NULL ? name : "?", link);
		return complain(errors, path, text);
	}
	while ((more = pcap_next_ex(pcap, &header, &data)) == 1)
		replay_packet(r, link_ip(link,
					 span_make(data, header->caplen)),
			      header->caplen < header->len, time_of(header));
	if (more == PCAP_ERROR_BREAK)
		return true;
	return complain(errors, path, pcap_geterr(pcap));
}

bool
capture_play(const char *path, struct replay *r, FILE *errors)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline_with_tstamp_precision(
		path, PCAP_TSTAMP_PRECISION_NANO, error);
	bool ok;

	if (pcap == NULL) {
		/* libpcap says the path itself, or does not. */
		const char *what = strncmp(error, path, strlen(path)) == 0 &&
						   error[strlen(path)] == ':' ?
					   error + strlen(path) + 2 :
					   error;

		return complain(errors, path, what);
	}
	ok = play(pcap, path, r, errors);
	pcap_close(pcap);
	replay_end(r);
	return ok;
}
