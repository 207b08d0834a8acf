/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The class of a control connection: what the session state machine says of
 * it, and what is kept in its conntrack mark across a restart. */
#ifndef PINHOLED_CLASS_H
#define PINHOLED_CLASS_H

/*
 * The value is what stands in the mark's four bits (MARK_SHIFT below), so the
 * numbers are an interface: the ruleset in nft/ and a standby gateway know them.
 * Values 8 to 14 are data connections, never control connections.
 */
enum session_class {
	CLASS_NONE = 0,	       /* no mark: never seen */
	CLASS_GREETING = 1,    /* the server has not greeted: nothing opens */
	CLASS_CLEAR = 2,       /* readable: exact pinholes */
	CLASS_TLS_WANTED = 3,  /* AUTH sent, its reply awaited: nothing opens */
	CLASS_OPAQUE = 4,      /* encrypted: the managed range, by policy */
	CLASS_CLEAR_CCC = 5,   /* readable again after CCC: exact pinholes */
	CLASS_TERMINATED = 6,  /* in pinholed-tls's hands, which reads it: exact
				  pinholes. Its packets are not queued. */
	CLASS_NOT_FTP = 7,     /* nothing opens for the rest of the connection */
	CLASS_DATA_PINHOLE = 8, /* a data connection that used a pinhole */
	CLASS_DATA_GRANT = 9,	/* a data connection that a grant let in */
	CLASS_DATA_RELAY = 10,	/* a data connection that ends at pinholed-tls,
				   and the one that it makes to go on from there */
	CLASS_DATA_UNPROVEN = 11, /* a data connection that a window let in,
				     and that has to show what it is: its packets
				     are queued */
	CLASS_CUT = 15,		/* a connection that the ruleset resets; a control
				   connection is CLASS_NOT_FTP to the core */
};

#define CONTROL_CLASSES 8 /* those of control connections, CLASS_NONE included */

/* Where the class stands in a conntrack mark; nft/pinholed.nft says the same. */
#define MARK_SHIFT 28
#define MARK_MASK  0xf0000000u

/* What a verdict on a data connection's packet puts into the PACKET mark, for the
 * ruleset to make a class of: see chain "judged" there. The third value says nothing:
 * an admin's rule that makes a packet mark of the conntrack mark makes that of class
 * 11. */
#define VERDICT_MASK	 0xc0000000u
#define VERDICT_PROVEN	 0x40000000u
#define VERDICT_UNPROVEN 0xc0000000u

/* The class's name as logs and pinholectl print it: "greeting", "clear",
 * "tls-wanted", "opaque", "clear-after-ccc", "terminated", "not-ftp", "data", "cut".
 * Never NULL. */
const char *class_name(enum session_class class);

#endif
