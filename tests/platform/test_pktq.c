/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Goal: packets come out of a real queue whole and in order, and go on. */
#include "netns.h"

#include <sys/wait.h>

#include "netfilter/pktq.h"

#define PORT 2121

/* A connected pair: [0] the peer's end, [1] ours. */
static void
connect_pair(struct pktq *q, const char *to, const char *from, int pair[2])
{
	struct span packets[PKTQ_BATCH];
	struct sockaddr_storage ss;
	socklen_t len = sockaddr_from(&ss, to, PORT);
	int listener = tcp_listen(netns_here, to, PORT);

	pair[0] = tcp_socket(netns_peer, from, 0);
	assert_int_equal(connect(pair[0], (struct sockaddr *)&ss, len), -1);
	do {
		struct pollfd p = { .fd = pktq_fd(q), .events = POLLIN };

		assert_int_equal(poll(&p, 1, 2000), 1);
		assert_true(pktq_receive(q, packets) >= 0);
		assert_int_equal(pktq_accept_batch(q), 0);
		pair[1] = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	} while (pair[1] < 0);
	close(listener);
}

/* Receives until nothing comes for @quiet_ms, adding up TCP payload bytes
 * and accepting each batch. */
static size_t
pump(struct pktq *q, int quiet_ms, size_t *largest)
{
	struct pollfd p = { .fd = pktq_fd(q), .events = POLLIN };
	struct span packets[PKTQ_BATCH];
	size_t total = 0;

	while (poll(&p, 1, quiet_ms) == 1) {
		int count = pktq_receive(q, packets);

		assert_true(count >= 0);
		for (int i = 0; i < count; i++) {
			const uint8_t *b = packets[i].data;
			size_t len = packets[i].len, header;

			assert_true(len >= 40);
			assert_true(b[0] >> 4 == 4 || b[0] >> 4 == 6);
			header = b[0] >> 4 == 4 ? 20 : 40;
			assert_int_equal(b[header + 2] << 8 | b[header + 3],
					 PORT);
			header += 4u * (b[header + 12] >> 4);
			assert_true(header <= len);
			total += len - header;
			if (len > *largest)
				*largest = len;
		}
		assert_int_equal(pktq_accept_batch(q), 0);
	}
	return total;
}

static void
test_owner_and_capability_are_told_apart(void **state)
{
	struct pktq *q, *second = NULL;
	pid_t pid;
	int status;

	(void)state;
	assert_int_equal(pktq_open(7, 1024, &q), 0);
	assert_int_equal(pktq_open(7, 1024, &second), -EBUSY);
	assert_null(second);
	pktq_close(q);
	assert_int_equal(pktq_open(7, 1024, &q), 0);
	pktq_close(q);
	pktq_close(NULL);
	pid = fork();
	if (pid == 0)
		_exit(setresuid(65534, 65534, 65534) != 0 ||
		      pktq_open(8, 1024, &q) != -EPERM);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
test_packets_pass_whole(void **state)
{
	static const char *const here[] = { HERE4, HERE6 };
	static const char *const peer[] = { PEER4, PEER6 };
	static char data[200000], back[sizeof(data)];
	struct pktq *q;

	(void)state;
	memset(data, 'x', sizeof(data));
	assert_int_equal(pktq_open(7, 1024, &q), 0);
	for (int i = 0; i < 2; i++) {
		size_t sent = 0, seen = 0, got = 0, largest = 0;
		int pair[2];

		connect_pair(q, here[i], peer[i], pair);
		while (sent < sizeof(data)) {
			ssize_t n = send(pair[0], data + sent,
					 sizeof(data) - sent, MSG_NOSIGNAL);

			if (n > 0)
				sent += (size_t)n;
			seen += pump(q, 20, &largest);
			while ((n = recv(pair[1], back, sizeof(back), 0)) > 0)
				got += (size_t)n;
		}
		seen += pump(q, 300, &largest);
		for (ssize_t n; (n = recv(pair[1], back, sizeof(back), 0)) > 0;)
			got += (size_t)n;
		assert_int_equal(got, sizeof(data));
		/* Retransmissions may come on top. */
		assert_true(seen >= sizeof(data));
		/* Whole segments as the sender's stack left them. */
		print_message("# largest packet: %zu bytes\n", largest);
		assert_true(largest > 1500);
		close(pair[0]);
		close(pair[1]);
		pump(q, 100, &largest);
	}
	assert_true(pktq_counters(q)->packets > 0);
	assert_int_equal(pktq_counters(q)->overruns, 0);
	assert_int_equal(pktq_counters(q)->verdict_errors, 0);
	pktq_close(q);
}

/* Sends @count datagrams from the peer to a port that is queued. */
static void
send_datagrams(unsigned count)
{
	struct sockaddr_storage ss;
	socklen_t len = sockaddr_from(&ss, HERE4, PORT);
	char text[1200] = "";
	int fd;

	assert_int_equal(setns(netns_peer, CLONE_NEWNET), 0);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(setns(netns_here, CLONE_NEWNET), 0);
	for (unsigned i = 0; i < count; i++)
		if (sendto(fd, text, sizeof(text), 0, (struct sockaddr *)&ss,
			   len) < 0)
			usleep(1000);
	close(fd);
}

static unsigned
delivered(int fd)
{
	char text[1500];
	unsigned count = 0;

	while (recv(fd, text, sizeof(text), MSG_DONTWAIT) >= 0)
		count++;
	return count;
}

static int
udp_listen(void)
{
	struct sockaddr_storage ss;
	socklen_t len = sockaddr_from(&ss, HERE4, PORT);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int size = 64 << 20;

	assert_int_equal(bind(fd, (struct sockaddr *)&ss, len), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	return fd;
}

static void
test_batches_and_a_full_queue(void **state)
{
	struct span packets[PKTQ_BATCH];
	struct pktq *q;
	int fd = udp_listen();

	(void)state;
	must_run("iptables-nft -w -A INPUT -p udp --dport 2121 "
		 "-j NFQUEUE --queue-num 7 --queue-bypass");
	/* Nobody reads: bypass. */
	send_datagrams(10);
	assert_int_equal(delivered(fd), 10);

	assert_int_equal(pktq_open(7, 100, &q), 0);
	assert_int_equal(pktq_receive(q, packets), 0);
	assert_int_equal(pktq_accept_batch(q), 0);
	/* Read, but not answered: nothing passes. */
	send_datagrams(80);
	assert_int_equal(delivered(fd), 0);
	assert_int_equal(pktq_receive(q, packets), PKTQ_BATCH);
	assert_int_equal(packets[PKTQ_BATCH - 1].len, 1228);
	assert_int_equal(pktq_accept_batch(q), 0);
	assert_int_equal(delivered(fd), PKTQ_BATCH);
	assert_int_equal(pktq_receive(q, packets), 80 - PKTQ_BATCH);
	assert_int_equal(pktq_accept_batch(q), 0);
	assert_int_equal(delivered(fd), 80 - PKTQ_BATCH);
	assert_int_equal(pktq_accept_batch(q), 0);

	/* More than the queue holds: the rest passes unseen. */
	send_datagrams(150);
	assert_int_equal(delivered(fd), 50);
	assert_int_equal(pktq_receive(q, packets), PKTQ_BATCH);
	/* A reader that ends lets go of what it holds. */
	pktq_close(q);
	assert_true(delivered(fd) <= 100);
	close(fd);
}

static void
test_overrun_is_counted_and_passes(void **state)
{
	struct span packets[PKTQ_BATCH];
	struct pktq *q;
	int fd = udp_listen(), count;
	unsigned seen = 0;

	(void)state;
	assert_int_equal(pktq_open(7, 100000, &q), 0);
	send_datagrams(80000); /* more than the socket has room for */
	assert_true(delivered(fd) > 0);
	while ((count = pktq_receive(q, packets)) > 0) {
		seen += (unsigned)count;
		assert_int_equal(pktq_accept_batch(q), 0);
	}
	assert_int_equal(count, 0);
	assert_true(seen > 1000);
	assert_true(pktq_counters(q)->overruns >= 1);
	print_message("# %u waited, %llu overruns\n", seen,
		      (unsigned long long)pktq_counters(q)->overruns);
	/* And it works on. */
	delivered(fd);
	send_datagrams(10);
	assert_int_equal(pktq_receive(q, packets), 10);
	assert_int_equal(pktq_accept_batch(q), 0);
	assert_int_equal(delivered(fd), 10);
	pktq_close(q);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_owner_and_capability_are_told_apart),
		cmocka_unit_test(test_packets_pass_whole),
		cmocka_unit_test(test_batches_and_a_full_queue),
		cmocka_unit_test(test_overrun_is_counted_and_passes),
	};

	netns_begin("pktq");
	netns_need("pktq", "the NFQUEUE target of iptables-nft",
		   "for t in iptables-nft ip6tables-nft; do "
		   "$t -w -A INPUT -p tcp --dport 2121 "
		   "-j NFQUEUE --queue-num 7 --queue-bypass || exit 1; done");
	return cmocka_run_group_tests_name("pktq", tests, NULL, NULL);
}
