/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sandbox of pinholed-tls: what it needs beyond what every daemon does
 * (confine/confine.c). It must make connections all the time, with other hosts'
 * addresses; that is what it is for. It cannot listen, run a program, make a
 * process or a thread, or write a file.
 */
#include "terminator/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "confine/confine.h"

#define SET(level, option)                                     \
	CONFINE_WHEN2(setsockopt, 1, UINT32_MAX, level, 2,     \
		      UINT32_MAX, option)

static const struct confine_rule rules[] = {
	/* Connections come and go. */
	CONFINE_WHEN2(socket, 0, UINT32_MAX, AF_INET, 1, 0xf, SOCK_STREAM),
	CONFINE_WHEN2(socket, 0, UINT32_MAX, AF_INET6, 1, 0xf, SOCK_STREAM),
	CONFINE_CALL(bind),
	CONFINE_CALL(getsockname),
	CONFINE_CALL(shutdown),
	CONFINE_CALL(recvfrom),
	CONFINE_CALL(recv),
	SET(IPPROTO_IP, IP_TRANSPARENT),
	SET(IPPROTO_IPV6, IPV6_TRANSPARENT),
	SET(IPPROTO_IPV6, IPV6_V6ONLY),
	SET(IPPROTO_TCP, TCP_NODELAY),
	SET(SOL_SOCKET, SO_REUSEADDR),
	SET(SOL_SOCKET, SO_KEEPALIVE),
	SET(SOL_SOCKET, SO_OOBINLINE),
	SET(SOL_SOCKET, SO_MARK),
	SET(SOL_SOCKET, SO_LINGER),
	CONFINE_WHEN2(getsockopt, 1, UINT32_MAX, SOL_SOCKET, 2, UINT32_MAX,
		      SO_ERROR),
	CONFINE_WHEN(ioctl, 1, UINT32_MAX, SIOCATMARK),
	/* The spare descriptor. */
	CONFINE_WHEN(fcntl, 1, UINT32_MAX, F_DUPFD_CLOEXEC),
	CONFINE_WHEN(fcntl64, 1, UINT32_MAX, F_DUPFD_CLOEXEC),

	/* pinholed. */
	CONFINE_WHEN2(socket, 0, UINT32_MAX, AF_UNIX, 1, 0xf, SOCK_SEQPACKET),

	/* The loop's signals. */
	CONFINE_CALL(rt_sigreturn),
	CONFINE_CALL(sigreturn),

	/* Certificates and keys: stdio in OpenSSL and around it. */
	CONFINE_WHEN(fcntl, 1, UINT32_MAX, F_GETFL),
	CONFINE_WHEN(fcntl64, 1, UINT32_MAX, F_GETFL),
	CONFINE_CALL(lseek),
	CONFINE_CALL(_llseek),
	CONFINE_CALL(readv),
	CONFINE_CALL(getegid),
	CONFINE_CALL(getegid32),
	CONFINE_CALL(getuid),
	CONFINE_CALL(geteuid),
	CONFINE_CALL(getgid),
	CONFINE_CALL(getrandom),
};

static size_t
add_pair(const char **paths, size_t count, const struct identity_pair *pair)
{
	const char *const all[] = { pair->certificate, pair->key,
				    pair->passphrase };

	for (int i = 0; i < 3; i++)
		if (all[i][0] != '\0')
			paths[count++] = all[i];
	return count;
}

/* The paths whose directories must stay readable; NULL behind. */
static const char **
paths_of(const char *path, const struct tls_conf *conf)
{
	size_t max = 3, count = 0;
	const char **paths;

	for (unsigned i = 0; i <= conf->server_count; i++)
		max += 3 * (IDENTITY_PAIRS_MAX + 1) + 1;
	paths = calloc(max, sizeof(*paths));
	if (paths == NULL)
		return NULL;
	paths[count++] = path;
	paths[count++] = conf->pinholed_conf;
	for (unsigned i = 0; i <= conf->server_count; i++) {
		const struct identity_settings *tls =
			i < conf->server_count ? &conf->servers[i].settings.tls :
						 &conf->fallback.tls;

		for (unsigned k = 0; k < tls->pair_count; k++)
			count = add_pair(paths, count, &tls->pairs[k]);
		count = add_pair(paths, count, &tls->own);
		if (tls->ca_file[0] != '\0')
			paths[count++] = tls->ca_file;
	}
	return paths;
}

int
tls_sandbox_enter(const char *path, const struct tls_conf *conf, bool trap,
		  bool *files)
{
	static const char *const none[] = { NULL };
	const struct confine_list lists[] = {
		confine_common,
		{ rules, sizeof(rules) / sizeof(rules[0]) },
	};
	const char **paths = paths_of(path, conf);
	uint8_t seed[32];
	int err;

	if (paths == NULL)
		return -ENOMEM;
	/* OpenSSL opens what it needs when it is first asked for it. */
	OPENSSL_init_ssl(OPENSSL_INIT_LOAD_CONFIG, NULL);
	RAND_bytes(seed, sizeof(seed));
	RAND_priv_bytes(seed, sizeof(seed));
	err = confine_files(paths, none, files);
	free(paths);
	return err != 0 ? err : confine_calls(lists, 2, trap, "pinholed-tls");
}
