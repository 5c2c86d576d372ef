/* Leases as bits that others grant, ports that are used again, and answers that deny a flow.

   WHAT IS MODELLED. One bucket, three members, two of them its replicas, two changes of view by any
   promises and installs with any time between them. On one port flow 1 lives at the start; after its
   end and a quiet time flow 2 may take the port. Flow 3 stands elsewhere. Time is counted in ticks
   that may pass at any moment: a cut link, a paused process, a slow message are steps not yet taken. A
   grant is one step, in which holder and granter begin to count together.

   RULES.
   4, 12  A grant runs T_lease and is given only for a view above which the granter has neither promised
          nor installed anything; what it promised or installed is told before any later grant. A leader
          has a lease while Q - 1 others, one of three, grant it.
   4, 12, 13  A leader sends packets of flows while it is leased, also after its own promise. It decides
          and ends nothing after a promise.
   8, 11  A new leader forwards at once, and begins to decide when its tail, or an empty entry, is
          committed.
   11     It says "no such flow" only after a follower that has promised nothing higher has answered
          something sent since: a denial is confirmed as a decision is, by others, not by a clock.
   16     A port is used again only after the end is committed and a quiet time longer than T_lease and
          a packet's life; a new leader begins that time afresh when its first entry is committed.

   LEFT OUT. Loans, hand-over, restarts, tails of more than one entry, the drift of clocks, many groups,
   k = 5. When a peer is suspected: any member may propose at any time. Flows on the port, and flow 3, are
   searched apart (-DPORT, -DDENIAL), as the two questions don't meet.

   PROPERTIES. -DPORT: when flow 2 is committed no packet of flow 1 is under way, and none leaves
   later. Both: in no state may a
   member deny a flow that is committed and lives (-DDENIAL: flow 3).

   SEARCHES, as tools/model/run reads them: expected outcome, name, k, storage, switches.
   @ holds    port                   k=3 full -DPORT -DVIEWS=3
   @ holds    denial                 k=3 full -DDENIAL -DVIEWS=3
   @ refuted  NO_LEASE               k=3 full -DPORT -DVIEWS=2
   @ refuted  LEASE_FROM_RECEIPT     k=3 full -DPORT -DVIEWS=2
   @ refuted  GRANTS_AFTER_PROMISE   k=3 full -DPORT -DVIEWS=2
   @ refuted  QUIET_IS_LIFE          k=3 full -DPORT -DVIEWS=2
   @ refuted  QUIET_NOT_AFRESH       k=3 full -DPORT -DVIEWS=2
   @ refuted  QUIET_FROM_INSTALL     k=3 full -DPORT -DVIEWS=3
   @ refuted  DENIES_BY_LEASE        k=3 full -DDENIAL -DVIEWS=2
   @ refuted  UNCONFIRMED            k=3 full -DDENIAL -DVIEWS=2
   @ refuted  DENIES_BEFORE_TAIL     k=3 full -DPORT -DVIEWS=2

   LEASE_FROM_RECEIPT: the lease runs from the receipt of the grant, not from the sending of the heartbeat.
   GRANTS_AFTER_PROMISE: a later grant overtakes the news of a promise. QUIET_IS_LIFE: the quiet time is
   a packet's life alone. DENIES_BY_LEASE: a lease suffices for a denial, no follower is asked.
   UNCONFIRMED: nobody is asked at all. DENIES_BEFORE_TAIL: a new leader denies before its tail is
   committed. */

#define MEMBERS 3
#define Q       2
#ifndef VIEWS
#define VIEWS   3         /* the first is there at the start */
#endif
#define LEASE   2         /* ticks */
#define LIFE    1         /* of a packet */
#ifdef QUIET_IS_LIFE
#define QUIET   LIFE
#else
#define QUIET   (LEASE + LIFE)
#endif
#define NOBODY  MEMBERS
#ifdef PORT
#define PORT_ON 1
#else
#define PORT_ON 0
#endif

/* A leader's uncommitted entry. */
#define NONE     0
#define END_1    1
#define CREATE_2 2
#define CREATE_3 3
#define TAIL     4        /* of the view before, or an empty entry */

/* Members. */
byte promised[MEMBERS], installed[MEMBERS];
byte onPort[MEMBERS];              /* its record of the port: flow 1, flow 2, or 0 */
bit  has3[MEMBERS], isFull[MEMBERS];
byte stamp[MEMBERS];               /* view * 8 + number of entries */
byte pending[MEMBERS], quiet[MEMBERS];
byte lease[MEMBERS * MEMBERS];     /* ticks left, at a holder, of a granter's grant */
#ifdef LEASE_FROM_RECEIPT
bit  granted[MEMBERS * MEMBERS];   /* under way */
#endif

/* Views. */
#define VIEW_COUNT (VIEWS + 1)
bit  started[VIEW_COUNT], acked[VIEW_COUNT];
byte leader[VIEW_COUNT], follower[VIEW_COUNT], fullIn[VIEW_COUNT], promisedBy[VIEW_COUNT], installedBy[VIEW_COUNT];

/* What no member sees: which flows are committed and not ended; ticks that a packet of flow 1 may yet
   be under way. */
bit  lives1 = PORT_ON, lives2, lives3;
byte underWay1;

byte x, y, b, u, next;             /* of one step */
bit  fine;

#define OF(h, g)    ((h) * MEMBERS + (g))
#define bit_(m)     (1 << (m))
#define has(s, m)   (((s) >> (m)) & 1)
#define count(s)    (((s) & 1) + (((s) >> 1) & 1) + (((s) >> 2) & 1))
#define ACTIVE(b)   (count(installedBy[b]) >= Q)
#define LEADS(m)    (leader[installed[m]] == (m) && ACTIVE(installed[m]))
#define DECIDES(m)  (LEADS(m) && promised[m] == installed[m] && pending[m] == NONE)
#define FOLLOWER(m) follower[installed[m]]
#ifdef NO_LEASE
#define LEASED(m)   (true)
#else
#define LEASED(m)   (lease[OF(m, 0)] || lease[OF(m, 1)] || lease[OF(m, 2)])
#endif

/* May m deny a flow that it doesn't know? Rule 11. */
#if defined(DENIES_BY_LEASE)
#define CONFIRMED(m) LEASED(m)
#elif defined(UNCONFIRMED)
#define CONFIRMED(m) (true)
#else
#define CONFIRMED(m) (installed[FOLLOWER(m)] == installed[m] && promised[FOLLOWER(m)] == installed[m])
#endif
#ifdef DENIES_BEFORE_TAIL
#define OPENED(m)    (true)
#else
#define OPENED(m)    (pending[m] != TAIL)
#endif
#define MAY_DENY(m)  (LEADS(m) && promised[m] == installed[m] && OPENED(m) && CONFIRMED(m))

/* May g grant h its view? Rule 12. */
#ifdef GRANTS_AFTER_PROMISE
#define MAY_GRANT(g, h) (true)
#else
#define MAY_GRANT(g, h) (promised[g] <= installed[h])
#endif

/* Rule 9: y promised view b, is one of u's replicas, and full as of u. */
#define IS_FULL(y, b, u) (has(promisedBy[b], y) && ((y) == leader[u] || (y) == follower[u]) && \
    ((installed[y] == (u) && isFull[y]) || (installed[y] < (u) && has(fullIn[u], y))))

inline tick() {
    y = 0;
    do
    :: y < MEMBERS * MEMBERS ->
        if :: lease[y] > 0 -> lease[y]-- :: else fi;
        y++
    :: else -> break
    od;
    y = 0;
    do
    :: y < MEMBERS ->
        if :: quiet[y] > 0 -> quiet[y]-- :: else fi;
        y++
    :: else -> break
    od;
    if :: underWay1 > 0 -> underWay1-- :: else fi;
    y = 0
}

/* View b is built, if a full one of the newest view's replicas is among those that promised. Who has
   installed b or a later view meanwhile has made b impossible, or needless. Rules 5, 9. */
inline build() {
    fine = 1; u = 0; y = 0;
    do
    :: y < MEMBERS ->
        if :: has(promisedBy[b], y) && installed[y] > u -> u = installed[y] :: else fi;
        if :: has(promisedBy[b], y) && installed[y] >= b -> fine = 0 :: else fi;
        y++
    :: else -> break
    od;
    leader[b] = NOBODY; y = 0;
    do
    :: y < MEMBERS && fine ->
        if
        :: IS_FULL(y, b, u) ->
            fullIn[b] = fullIn[b] | bit_(y);
            if
            :: leader[b] == NOBODY -> leader[b] = y
            :: leader[b] != NOBODY && stamp[y] > stamp[leader[b]] -> leader[b] = y
            :: else
            fi
        :: else
        fi;
        y++
    :: else -> break
    od;
    if
    :: leader[b] != NOBODY ->
        started[b] = 1;
        follower[b] = (leader[b] != next -> next : (next + 1) % MEMBERS);
        fullIn[b] = fullIn[b] & (bit_(leader[b]) | bit_(follower[b]))
    :: else -> fullIn[b] = 0
    fi;
    y = 0; u = 0; fine = 0
}

/* x installs view b; its leader sends its tail again. Rules 5, 8, 10. */
inline install() {
    promised[x] = b; installed[x] = b; installedBy[b] = installedBy[b] | bit_(x);
    pending[x] = NONE; quiet[x] = 0;
    if
    :: has(fullIn[b], x) -> isFull[x] = 1
    :: else -> isFull[x] = 0; onPort[x] = 0; has3[x] = 0; stamp[x] = 0
    fi;
    if
    :: leader[b] == x ->
        pending[x] = TAIL;
        stamp[x] = 8 * b;
#ifdef QUIET_FROM_INSTALL
        quiet[x] = QUIET
#endif
    :: else
    fi;
    y = 0
}

inline decide(what) { pending[x] = what; stamp[x]++; acked[b] = 0 }

/* The leader's packets of a flow may leave from now on; only a committed end counts. Rules 8, 16. */
inline commit() {
    if
    :: pending[x] == END_1    -> lives1 = 0; quiet[x] = QUIET
    :: pending[x] == CREATE_2 -> lives2 = 1; assert(underWay1 == 0)
    :: pending[x] == CREATE_3 -> lives3 = 1
    :: pending[x] == TAIL ->
        if :: onPort[x] != 1 -> lives1 = 0 :: else fi;
        if :: onPort[x] == 2 && !lives2 -> lives2 = 1; assert(underWay1 == 0) :: else fi;
        if :: has3[x] -> lives3 = 1 :: else fi;
#if !defined(QUIET_NOT_AFRESH) && !defined(QUIET_FROM_INSTALL)
        quiet[x] = QUIET
#endif
    fi;
    pending[x] = NONE
}

/* The follower of view b takes all that the leader has, in order, and acknowledges. Rules 7, 10. */
inline take() {
    onPort[x] = onPort[leader[b]]; has3[x] = has3[leader[b]]; stamp[x] = stamp[leader[b]];
    isFull[x] = 1; acked[b] = 1
}

/* g = x grants h = y. */
inline grant() {
#ifdef LEASE_FROM_RECEIPT
    if
    :: !granted[OF(y, x)] -> granted[OF(y, x)] = 1
    :: else -> granted[OF(y, x)] = 0; lease[OF(y, x)] = LEASE
    fi
#else
    lease[OF(y, x)] = LEASE
#endif
}
#ifdef LEASE_FROM_RECEIPT
#define CAN_GRANT(g, h) (granted[OF(h, g)] || MAY_GRANT(g, h))
#else
#define CAN_GRANT(g, h) (lease[OF(h, g)] < LEASE && MAY_GRANT(g, h))
#endif

inline start() {
    do
    :: x < MEMBERS -> promised[x] = 1; installed[x] = 1; stamp[x] = 8; x++
    :: else -> break
    od;
    do
    :: b < VIEW_COUNT -> leader[b] = NOBODY; b++
    :: else -> break
    od;
    started[1] = 1; leader[1] = 0; follower[1] = 1; fullIn[1] = 3; installedBy[1] = 7; acked[1] = 1;
    isFull[0] = 1; isFull[1] = 1;
    onPort[0] = PORT_ON; onPort[1] = PORT_ON;
    x = 0; b = 0
}

active proctype Group() {
    d_step { start() }
    do
    :: atomic {
        if :: x = 0 :: x = 1 :: x = 2 fi;
        if :: b = 1 :: b = 2 :: VIEWS > 2 -> b = 3 fi;
        if
        :: x == 0 && b == 1 -> d_step { tick() }

        /* views: a promise, the view is built, an install */
        :: b > 1 && !started[b] && promised[x] < b -> promised[x] = b; promisedBy[b] = promisedBy[b] | bit_(x)
        :: b > 1 && !started[b] && x == 0 && count(promisedBy[b]) >= Q ->
            if :: next = 0 :: next = 1 :: next = 2 fi;   /* the follower is any other */
            d_step { build() }
        :: b > 1 && started[b] && promised[x] <= b && installed[x] < b -> d_step { install() }

        /* x grants a leader its lease */
        :: b == 1 ->
            if :: y = 0 :: y = 1 :: y = 2 fi;
            if
            :: y != x && leader[installed[y]] == y && CAN_GRANT(x, y) -> d_step { grant() }
            :: else
            fi

        /* leader x decides: flow 1 ends, flow 2 takes the port, flow 3 begins */
        :: PORT_ON && installed[x] == b && DECIDES(x) && onPort[x] == 1 -> onPort[x] = 0; decide(END_1)
        :: PORT_ON && installed[x] == b && DECIDES(x) && onPort[x] == 0 && quiet[x] == 0 && !lives2 -> onPort[x] = 2; decide(CREATE_2)
        :: !PORT_ON && installed[x] == b && DECIDES(x) && !has3[x] && !lives3 -> has3[x] = 1; decide(CREATE_3)

        /* the follower acknowledges; the leader commits */
        :: started[b] && follower[b] == x && leader[b] != x && installed[x] == b && promised[x] == b &&
           installed[leader[b]] == b && !acked[b] -> d_step { take() }
        :: installed[x] == b && leader[b] == x && pending[x] != NONE && acked[b] && ACTIVE(b) -> d_step { commit() }

        /* leader x sends a packet of flow 1, while its end is not committed. Rules 12, 13 */
        :: PORT_ON && installed[x] == b && LEADS(x) && LEASED(x) && (onPort[x] == 1 || pending[x] == END_1) ->
            assert(!lives2);
            underWay1 = LIFE
        :: else
        fi;
        /* nobody may deny a flow that is committed and lives */
        d_step {
            y = 0;
            do
            :: y < MEMBERS ->
                assert(!MAY_DENY(y) || !lives3 || has3[y]);
                assert(!MAY_DENY(y) || !lives2 || onPort[y] == 2);
                assert(!MAY_DENY(y) || !lives1 || onPort[y] == 1 || pending[y] == END_1);
                y++
            :: else -> break
            od;
            x = 0; y = 0; b = 0; u = 0; next = 0; fine = 0
        }
    }
    od
}
