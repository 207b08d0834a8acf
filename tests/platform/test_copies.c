/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Goal: of control connections in clear text the shipped ruleset holds what can
 * announce something, and copies what cannot; what is read keeps its order. */
#include "netns.h"

#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "core/packet.h"
#include "netfilter/ctnl.h"
#include "netfilter/fwset.h"
#include "netfilter/traffic.h"

#define QUEUE 2100 /* as nft/pinholed.nft has it */
#define GROUP 2100

static struct ctnl *ct;
static struct fwset *fw;
static struct traffic traffic;

/* What was read since the last forget(): the payloads, one behind the other, and
 * how many came which way. */
static char said[4096];
static size_t bytes;
static unsigned copies, held;

static void
forget(void)
{
	said[0] = '\0';
	bytes = 0;
	copies = held = 0;
}

static struct span
payload_of(struct span packet)
{
	struct segment seg;

	assert_int_equal(packet_parse(packet, &seg), PACKET_OK);
	return seg.payload;
}

/* Reads one batch, with or without a look for copies, and, with @accept, lets what
 * is held go. */
static void
read_some(bool look, bool accept)
{
	struct traffic_batch batch;

	assert_int_equal(traffic_wait(&traffic), 0);
	assert_int_equal(traffic_take(&traffic, look, &batch), 0);
	for (int i = 0; i < batch.count; i++) {
		struct span text = payload_of(batch.packets[i]);
		size_t have = strlen(said);

		bytes += text.len;
		text = span_head(text, sizeof(said) - 1 - have);
		memcpy(said + have, text.data, text.len);
		said[have + text.len] = '\0';
		if (payload_of(batch.packets[i]).len == 0)
			continue;
		copies += i < batch.copies;
		held += i >= batch.copies;
	}
	if (accept && batch.count > batch.copies)
		assert_int_equal(pktq_accept_batch(traffic.queue), 0);
}

static void
read_batch(bool accept)
{
	read_some(true, accept);
}

static bool
is_readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

/* Packets that wait in the queue, by the kernel's count. */
static unsigned
waiting(void)
{
	FILE *f = fopen("/proc/thread-self/net/netfilter/nfnetlink_queue", "r");
	unsigned number, portid, length = 0;

	assert_non_null(f);
	if (fscanf(f, "%u %u %u", &number, &portid, &length) != 3)
		length = 0;
	fclose(f);
	return length;
}

/* Both ends of a connection to port @port; their first packets are not counted. */
static void
connect_read(const char *from, const char *to, uint16_t port, int ends[2])
{
	struct sockaddr_storage ss;
	socklen_t len = sockaddr_from(&ss, to, port);
	int listener = tcp_listen(netns_here, to, port);

	ends[0] = tcp_socket(netns_peer, from, 0);
	assert_int_equal(connect(ends[0], (struct sockaddr *)&ss, len), -1);
	do
		read_batch(true);
	while (!is_readable(listener, 0));
	ends[1] = tcp_accept(listener, &port);
	close(listener);
}

static void
remember(const struct event *event, void *arg)
{
	*(struct event *)arg = *event;
}

static void
open_all(bool with_copies)
{
	struct policy policy = {
		.explicit_ports = { 21 },
		.explicit_count = 1,
		.implicit_ports = { 990 },
		.implicit_count = 1,
	};

	assert_int_equal(traffic_open(&traffic, QUEUE, 1024), 0);
	if (with_copies)
		assert_int_equal(traffic_open_copies(&traffic, GROUP), 0);
	assert_int_equal(fwset_sync_policy(fw, &policy, with_copies), 0);
}

/* Says @text from end @from; whether it gets there before anybody has read it. */
static bool
goes_on(const int ends[2], int from, const char *text)
{
	char buf[1024];
	size_t len = strlen(text);
	bool went;

	forget();
	assert_int_equal(send(ends[from], text, len, 0), (int)len);
	went = is_readable(ends[!from], 100);
	for (int i = 0; i < 100 && strlen(said) < len; i++)
		read_batch(true);
	assert_string_equal(said, text);
	assert_int_equal(copies, went ? 1 : 0);
	assert_int_equal(held, went ? 0 : 1);
	assert_true(is_readable(ends[!from], 2000));
	assert_int_equal(recv(ends[!from], buf, sizeof(buf), 0), (int)len);
	return went;
}

#define CLIENT 0
#define SERVER 1
#define X10    "xxxxxxxxxx"
#define X50    X10 X10 X10 X10 X10

static const struct {
	int from;
	bool copied;
	const char *text;
} lines[] = {
	{ SERVER, true, "220 ready\r\n" },
	{ SERVER, true, "220-" X50 X50 "\r\n220 ready\r\n" },
	{ SERVER, false, "220-" X50 X50 X50 "\r\n220 ready\r\n" },
	{ CLIENT, true, "USER ftp\r\n" },
	{ SERVER, true, "331 Please specify the password.\r\n" },
	{ CLIENT, true, "PASS secret\r\n" },
	{ SERVER, true, "230 Login successful.\r\n" },
	{ CLIENT, true, "TYPE I\r\n" },
	{ CLIENT, true, "PASV\r\n" },
	{ SERVER, false, "227 Entering Passive Mode (10,0,0,1,200,10)\r\n" },
	{ CLIENT, true, "EPSV\r\n" },
	{ SERVER, false, "229 ok (|||50000|)\r\n" },
	{ CLIENT, true, "RETR a-file-with-a-rather-long-name.tar.gz\r\n" },
	{ SERVER, true, "150 Opening BINARY mode data connection for a.tar.gz "
			"(1024 bytes).\r\n226 Transfer complete.\r\n" },
	/* What announces, and what changes the class. */
	{ CLIENT, false, "PORT 10,0,0,2,200,10\r\n" },
	{ CLIENT, false, "EPRT |1|10.0.0.2|51210|\r\n" },
	{ CLIENT, false, "AUTH TLS\r\n" },
	{ CLIENT, false, "CCC\r\n" },
	{ SERVER, false, "234 go on\r\n" },
	/* What nobody can tell at its beginning. */
	{ CLIENT, false, "pasv\r\n" },
	{ CLIENT, false, "PO" },
	{ CLIENT, false, "RT 10,0,0,2,200,10\r\n" },
	{ SERVER, false, "2" },
	{ SERVER, false, "29 ok (|||50000|)\r\n" },
	{ SERVER, false, " 227 Entering\r\n" },
	{ SERVER, false, "550 no such file\r\n" },
	{ CLIENT, false, "\x16\x03\x01\x02\x01hello" },
	/* An announcement behind the first line. */
	{ CLIENT, false, "PWD\r\nPORT 1,1,1,1,4,1\r\n" },
	{ CLIENT, false, "TYPE I\r\nPORT 10,0,0,2,200,10\r\n" },
	{ SERVER, false, "200 a\r\n229 Extended Passive mode OK (|||12345|)\r\n" },
	/* One byte less, and there is no room for it. */
	{ CLIENT, true, "USER " X10 "xxxxx\r\n" },
	{ CLIENT, false, "USER " X10 "xxxxxx\r\n" },
	{ SERVER, true, "200 " X10 X10 X10 X10 "x\r\n" },
	{ SERVER, false, "200 " X10 X10 X10 X10 "xx\r\n" },
};

static void
test_only_what_announces_is_held(void **state)
{
	(void)state;
	open_all(true);
	for (int family = 0; family < 2; family++) {
		int ends[2];

		connect_read(family == 0 ? PEER4 : PEER6,
			     family == 0 ? HERE4 : HERE6, 21, ends);
		for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
			bool went = goes_on(ends, lines[i].from, lines[i].text);

			if (went != lines[i].copied)
				print_error("%s: %s\n", lines[i].text,
					    went ? "copied" : "held");
			assert_int_equal(went, lines[i].copied);
		}
		close(ends[0]);
		close(ends[1]);
	}
	assert_int_equal(nflog_counters(traffic.copies)->overruns, 0);
	traffic_close(&traffic);
}

/* Goal: copies wait for company, but what is held comes behind all of them. */
static void
test_copies_come_before_what_is_held(void **state)
{
	char buf[256];
	int ends[2];

	(void)state;
	open_all(true);
	connect_read(PEER4, HERE4, 21, ends);
	for (int i = 0; i < 20; i++) {
		forget();
		/* In both directions, each as an answer to the one before. */
		assert_int_equal(send(ends[1], "200 a\r\n", 7, 0), 7);
		assert_true(is_readable(ends[0], 1000));
		assert_true(recv(ends[0], buf, sizeof(buf), 0) > 0);
		assert_int_equal(send(ends[0], "EPSV\r\n", 6, 0), 6);
		assert_true(is_readable(ends[1], 1000));
		assert_true(recv(ends[1], buf, sizeof(buf), 0) > 0);
		assert_int_equal(send(ends[1], "229 b\r\n", 7, 0), 7);
		while (held == 0)
			read_batch(false);
		assert_string_equal(said, "200 a\r\nEPSV\r\n229 b\r\n");
		assert_int_equal(copies, 2);
		/* Read, but not answered: it stays. */
		assert_false(is_readable(ends[0], 20));
		assert_int_equal(pktq_accept_batch(traffic.queue), 0);
		assert_true(is_readable(ends[0], 1000));
		assert_true(recv(ends[0], buf, sizeof(buf), 0) > 0);
	}
	/* More than a batch has room for. */
	forget();
	for (int i = 0; i < 3 * TRAFFIC_BATCH; i++) {
		assert_int_equal(send(ends[0], "NOOP\r\n", 6, 0), 6);
		assert_true(is_readable(ends[1], 1000));
		assert_true(recv(ends[1], buf, sizeof(buf), 0) > 0);
	}
	assert_int_equal(send(ends[0], "PORT b\r\n", 8, 0), 8);
	while (held == 0)
		read_batch(true);
	assert_int_equal(copies, 3 * TRAFFIC_BATCH);
	assert_string_equal(said + 6 * 3 * TRAFFIC_BATCH, "PORT b\r\n");
	close(ends[0]);
	close(ends[1]);
	traffic_close(&traffic);
}

/* Goal: the same where more bundles wait than are taken at once. */
static void
test_many_bundles(void **state)
{
	int ends[12][2], on = 1;

	(void)state;
	open_all(true);
	for (int i = 0; i < 12; i++) {
		connect_read(PEER4, HERE4, 21, ends[i]);
		setsockopt(ends[i][0], IPPROTO_TCP, TCP_NODELAY, &on,
			   sizeof(on));
	}
	forget();
	for (int i = 0; i < 12; i++) {
		assert_int_equal(send(ends[i][0], "NOOP\r\n", 6, 0), 6);
		assert_int_equal(send(ends[i][0], "PORT b\r\n", 8, 0), 8);
	}
	/* What is sent may be on its way for a while. */
	for (int i = 0; waiting() < 12; i++) {
		assert_in_range(i, 0, 5000);
		usleep(1000);
	}
	while (held < 12)
		read_batch(true);
	assert_int_equal(copies, 12);
	assert_ptr_equal(strchr(said, 'b'), said + 6 * 12 + 5);
	for (int i = 0; i < 12; i++) {
		close(ends[i][0]);
		close(ends[i][1]);
	}
	traffic_close(&traffic);
}

/* Goal: who floods us with what need not be held does not hold up the others. */
static void
test_flood_of_copies(void **state)
{
	const unsigned many = TRAFFIC_BATCH * (TRAFFIC_PATIENCE + 20);
	int flood[2], ends[2];
	char buf[256];

	(void)state;
	open_all(true);
	connect_read(PEER4, HERE4, 21, flood);
	connect_read(PEER4, HERE4, 21, ends);
	forget();
	for (unsigned i = 0; i < many; i++) {
		assert_int_equal(send(flood[0], "NOOP\r\n", 6, 0), 6);
		assert_true(is_readable(flood[1], 1000));
		assert_true(recv(flood[1], buf, sizeof(buf), 0) > 0);
	}
	assert_int_equal(send(ends[0], "PORT b\r\n", 8, 0), 8);
	while (held == 0)
		read_batch(true);
	/* Not every batch is full. */
	assert_in_range(copies, TRAFFIC_BATCH * TRAFFIC_PATIENCE / 2,
			TRAFFIC_BATCH * (TRAFFIC_PATIENCE + 1));
	assert_int_equal(traffic.overtaken, 1);
	while (copies < many)
		read_batch(true);
	assert_int_equal(held, 1);
	close(flood[0]);
	close(flood[1]);
	close(ends[0]);
	close(ends[1]);
	traffic_close(&traffic);
}

/* Goal: no bundle is too large for us, whatever the kernel puts into it. */
static void
test_large_copies(void **state)
{
	static const size_t sizes[] = { 1400, 14000, 100 };
	static char line[14000], back[sizeof(line)];
	size_t sent = 0, got = 0;
	int ends[2];

	(void)state;
	memset(line, 'x', sizeof(line));
	memcpy(line, "STOR ", 5);
	open_all(true);
	connect_read(PEER4, HERE4, 21, ends);
	forget();
	for (int i = 0; i < 300; i++) {
		size_t len = sizes[i % 3];

		assert_int_equal(send(ends[0], line, len, 0), (int)len);
		sent += len;
		while (got < sent) {
			ssize_t n = recv(ends[1], back, sizeof(back),
					 MSG_DONTWAIT);

			if (n > 0)
				got += (size_t)n;
			else if (!is_readable(ends[1], 20))
				read_batch(true); /* cut in two, so held */
		}
	}
	while (is_readable(nflog_fd(traffic.copies), 100))
		read_batch(true);
	assert_true(bytes >= sent); /* something may be sent again */
	assert_true(copies >= 300);
	assert_int_equal(nflog_counters(traffic.copies)->overruns, 0);
	close(ends[0]);
	close(ends[1]);
	traffic_close(&traffic);
}

static void
test_no_copies_of_what_is_encrypted_or_not_wanted(void **state)
{
	struct event found = { .flow.class = CLASS_NONE };
	int ends[2];

	(void)state;
	/* TLS from the first byte. */
	open_all(true);
	connect_read(PEER4, HERE4, 990, ends);
	assert_false(goes_on(ends, 0, "USER ftp\r\n"));
	close(ends[0]);
	close(ends[1]);
	/* And from AUTH on. */
	must_run("conntrack -F >/dev/null 2>&1");
	connect_read(PEER4, HERE4, 21, ends);
	assert_true(goes_on(ends, 0, "USER ftp\r\n"));
	assert_int_equal(ctnl_dump(ct, remember, &found), 0);
	/* Nothing that was said before AUTH is read behind its reply. */
	for (int i = 0; i < 20; i++) {
		char buf[16];

		assert_int_equal(ctnl_set_class(ct, &found.flow.client,
						&found.flow.server,
						CLASS_CLEAR), 0);
		forget();
		assert_int_equal(send(ends[0], "NOOP\r\n", 6, 0), 6);
		assert_true(is_readable(ends[1], 1000));
		assert_int_equal(recv(ends[1], buf, sizeof(buf), 0), 6);
		assert_int_equal(ctnl_set_class(ct, &found.flow.client,
						&found.flow.server,
						CLASS_TLS_WANTED), 0);
		assert_int_equal(send(ends[1], "234 a\r\n", 7, 0), 7);
		while (held == 0)
			read_batch(true);
		assert_string_equal(said, "NOOP\r\n234 a\r\n");
		assert_true(is_readable(ends[0], 1000));
		assert_int_equal(recv(ends[0], buf, sizeof(buf), 0), 7);
	}
	for (int class = CLASS_TLS_WANTED; class <= CLASS_CLEAR_CCC; class++) {
		assert_int_equal(ctnl_set_class(ct, &found.flow.client,
						&found.flow.server,
						(enum session_class)class),
				 0);
		assert_false(goes_on(ends, 0, "USER ftp\r\n"));
		assert_false(goes_on(ends, 1, "200 ok\r\n"));
	}
	close(ends[0]);
	close(ends[1]);
	traffic_close(&traffic);
	/* Nobody reads copies: all is held. */
	open_all(false);
	connect_read(PEER4, HERE4, 21, ends);
	assert_false(goes_on(ends, 0, "USER ftp\r\n"));
	close(ends[0]);
	close(ends[1]);
	traffic_close(&traffic);
}

static _Atomic bool written_enough;

/* Says of a connection now that it is clear, now that it has not greeted, while its
 * packets pass. */
static void *
write_classes(void *arg)
{
	const struct event *found = arg;

	for (int i = 0; !atomic_load(&written_enough); i++)
		assert_int_equal(ctnl_set_class(ct, &found->flow.client,
						&found->flow.server,
						i % 2 ? CLASS_CLEAR :
							CLASS_GREETING),
				 0);
	return NULL;
}

/* Goal: a packet that passes while its class is written has the old one or the new
 * one, and is not held for having neither: nothing would be flushed before it. */
static void
test_class_is_written_meanwhile(void **state)
{
	struct event found = { .flow.class = CLASS_NONE };
	const unsigned many = 5000;
	pthread_t writer;
	char buf[16];
	int ends[2];

	(void)state;
	must_run("conntrack -F >/dev/null 2>&1");
	open_all(true);
	connect_read(PEER4, HERE4, 21, ends);
	assert_int_equal(ctnl_dump(ct, remember, &found), 0);
	atomic_store(&written_enough, false);
	forget();
	assert_int_equal(pthread_create(&writer, NULL, write_classes, &found),
			 0);
	for (unsigned i = 0; i < many; i++) {
		assert_int_equal(send(ends[0], "NOOP\r\n", 6, 0), 6);
		while (!is_readable(ends[1], 20))
			read_batch(true);
		assert_int_equal(recv(ends[1], buf, sizeof(buf), 0), 6);
	}
	atomic_store(&written_enough, true);
	assert_int_equal(pthread_join(writer, NULL), 0);
	while (copies + held < many)
		read_batch(true);
	assert_int_equal(held, 0);
	close(ends[0]);
	close(ends[1]);
	traffic_close(&traffic);
}

static long
passed_ms(const struct timespec *from)
{
	struct timespec to;

	clock_gettime(CLOCK_MONOTONIC, &to);
	return (to.tv_sec - from->tv_sec) * 1000 +
	       (to.tv_nsec - from->tv_nsec) / 1000000;
}

/* Goal: what is held and follows no copies is handed out without them; but they are
 * not left lying while there is ever more of it. */
static void
test_without_a_look(void **state)
{
	char buf[16];
	int ends[2];

	(void)state;
	open_all(true);
	connect_read(PEER4, HERE4, 21, ends);
	forget();
	assert_int_equal(send(ends[0], "NOOP\r\n", 6, 0), 6);
	assert_true(is_readable(nflog_fd(traffic.copies), 1000));
	assert_int_equal(recv(ends[1], buf, sizeof(buf), 0), 6);
	for (unsigned i = 0; copies == 0; i++) {
		assert_in_range(i, 0, TRAFFIC_UNLOOKED);
		assert_int_equal(held, i);
		assert_int_equal(send(ends[1], "234 a\r\n", 7, 0), 7);
		while (waiting() == 0)
			usleep(1000);
		while (copies == 0 && held == i)
			read_some(false, true);
	}
	/* Those that were held, the copies, and only then the last one. */
	assert_int_equal(bytes, 7 * TRAFFIC_UNLOOKED + 6);
	while (held <= TRAFFIC_UNLOOKED)
		read_some(false, true);
	assert_int_equal(bytes, 7 * TRAFFIC_UNLOOKED + 6 + 7);
	/* Where nothing is held they are looked for, whatever was said. */
	while (is_readable(nflog_fd(traffic.copies), 50))
		read_batch(true);
	assert_int_equal(send(ends[0], "NOOP\r\n", 6, 0), 6);
	for (int i = 0; copies == 1; i++) {
		assert_in_range(i, 0, TRAFFIC_UNLOOKED / 2);
		assert_true(is_readable(nflog_fd(traffic.copies), 1000));
		read_some(false, true);
	}
	close(ends[0]);
	close(ends[1]);
	traffic_close(&traffic);
}

static void
test_waiting(void **state)
{
	struct nflog *second = NULL;
	struct traffic_batch batch;
	struct timespec from;
	char buf[16];
	int ends[2];

	(void)state;
	open_all(true);
	assert_int_equal(nflog_open(GROUP, &second), -EPERM);
	assert_null(second);
	connect_read(PEER4, HERE4, 21, ends);
	/* One that has no company does not wait for long. */
	clock_gettime(CLOCK_MONOTONIC, &from);
	forget();
	assert_int_equal(send(ends[0], "NOOP\r\n", 6, 0), 6);
	while (copies == 0) /* ends of the connections before may come, too */
		read_batch(true);
	assert_true(passed_ms(&from) < TRAFFIC_WAIT_MS / 2);
	assert_true(is_readable(ends[1], 1000));
	assert_int_equal(recv(ends[1], buf, sizeof(buf), 0), 6);
	/* Nobody waits any more. */
	traffic_wake(&traffic);
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(traffic_wait(&traffic), 0);
		assert_int_equal(traffic_take(&traffic, true, &batch), 0);
	}
	assert_true(passed_ms(&from) < TRAFFIC_WAIT_MS / 2);
	close(ends[0]);
	close(ends[1]);
	traffic_close(&traffic);
}

/* What waits is not said again before it has been read, however slow the machine. */
static int
resend_late(int ns, const char *device)
{
	return run("nsenter --net=/proc/%d/fd/%d sh -ec '"
		   "ip route replace 10.99.0.0/24 dev %s rto_min 5s;"
		   "ip -6 route flush dev %s proto kernel root fd00:99::/64;"
		   "ip -6 route replace fd00:99::/64 dev %s rto_min 5s'",
		   (int)getpid(), ns, device, device, device);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_what_announces_is_held),
		cmocka_unit_test(test_copies_come_before_what_is_held),
		cmocka_unit_test(test_many_bundles),
		cmocka_unit_test(test_flood_of_copies),
		cmocka_unit_test(test_large_copies),
		cmocka_unit_test(
			test_no_copies_of_what_is_encrypted_or_not_wanted),
		cmocka_unit_test(test_class_is_written_meanwhile),
		cmocka_unit_test(test_without_a_look),
		cmocka_unit_test(test_waiting),
	};
	int failed;

	netns_begin("copies");
	netns_need("copies", "conntrack", "command -v conntrack");
	netns_need("copies", "a queue for nft or iptables-nft",
		   "tests/lab/load-ruleset.sh -");
	netns_load_admin();
	if (resend_late(netns_here, "v0") != 0 ||
	    resend_late(netns_peer, "v1") != 0 || ctnl_open(&ct) != 0 ||
	    fwset_open("pinholed", &fw) != 0)
		return 1;
	failed = cmocka_run_group_tests_name("copies", tests, NULL, NULL);
	fwset_close(fw);
	ctnl_close(ct);
	return failed;
}
