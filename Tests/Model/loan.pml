/* Loans of a port over two buckets.

   WHAT IS MODELLED. Bucket x has used up its own ports toward one destination and borrows those of
   bucket y, which gives them to flows of its own too. Every leader that x ever had is there, one a
   term, each with its own log and memory: a stale one goes on asking, taking and refusing, but only
   the newest commits. A new leader of x builds on the log of any term from which something may have
   been committed, and keeps or loses each uncommitted entry. y changes its leader too. Messages
   are facts that stay in flight for ever: lost, copied, and as late as can be.

   RULES.
   17 (loan)  Who has no port draws an id in its own term and asks. The lender commits the loan
              before it tells of it. The borrower takes the loan only if the leader that drew the
              id still holds it open, and commits the flow. To a loan that it neither takes nor
              has in its log it says "closed": for an id of its own term, refused from then on; for
              an older one, once it has committed an entry of its own term; for a newer one it is
              silent. After a flow's end is committed it says the same. Nothing else, and no time,
              ends a loan; the lender tells of it again while it stands.
   7, 8       A change of a bucket is an entry, and is only acted upon when it is committed.
   9          A new leader of a bucket begins with what full members held: the tail is adopted.
   20 (close) An external address is released when both buckets have committed that they have no
              flow on it and no loan of it given or taken, and begin none.
   Names are those of Sources/Consensus/Loans: a loan is granting, standing, returning.

   LEFT OUT. Quiet times and leases (a port is free as soon as its end or return is committed);
   the answer "none"; bounded queues; k and R, which stand behind the one log of each bucket; the
   packet's way over a loan (rule 21); voided memory (rule 19), which voids both buckets at once.

   PROPERTIES. At most one flow lives on a port, at every commitment. An address that is released
   has no flow and no loan. From every state, if all messages so far are lost and nothing begins
   any more, reminders and their answers free every port: no port stays lent.

   SEARCHES, as tools/model/run reads them: expected outcome, name, k, storage, switches.
   @ holds    two-terms              k=any full -DTERMS=2 -DLENDER_CHANGES=1 -DFLOWS=3
   @ holds    three-terms            k=any full -DTERMS=3 -DLENDER_CHANGES=0 -DFLOWS=2
   @ refuted  CLOSES_ON_EMPTY_TAIL   k=any full -DTERMS=3 -DLENDER_CHANGES=0 -DFLOWS=2
   @ refuted  IDS_WITHOUT_TERM       k=any full -DTERMS=3 -DLENDER_CHANGES=0 -DFLOWS=2
   @ refuted  FORGETS_REFUSALS       k=any full -DTERMS=2 -DLENDER_CHANGES=0 -DFLOWS=2
   @ refuted  LOAN_ENDS_BY_TIME      k=any full -DTERMS=2 -DLENDER_CHANGES=0 -DFLOWS=2
   @ refuted  GRANT_BEFORE_COMMIT    k=any full -DTERMS=2 -DLENDER_CHANGES=1 -DFLOWS=2
   @ refuted  CLOSED_BEFORE_END      k=any full -DTERMS=2 -DLENDER_CHANGES=0 -DFLOWS=2
   @ refuted  ANSWERS_NEWER_IDS      k=any full -DTERMS=3 -DLENDER_CHANGES=0 -DFLOWS=2
   @ refuted  NO_REMINDER            k=any full -DTERMS=2 -DLENDER_CHANGES=0 -DFLOWS=2
   @ refuted  TAKES_AFTER_CLOSE      k=any full -DTERMS=2 -DLENDER_CHANGES=0 -DFLOWS=2

   CLOSES_ON_EMPTY_TAIL: "closed" for an older id is said as soon as no uncommitted entry is left,
   which an empty tail is at once. IDS_WITHOUT_TERM: a new leader counts ids from the first again.
   FORGETS_REFUSALS: a refused id is still open. TAKES_AFTER_CLOSE: x closes with a request open and
   takes the answer later, and y closes with a loan out. The others say what they do. */

#ifndef TERMS
#define TERMS 2           /* leaders of x, one a term */
#endif
#ifndef LENDER_CHANGES
#define LENDER_CHANGES 1  /* changes of y's leader */
#endif
#ifndef FLOWS
#define FLOWS 3           /* flows that may begin, of x and of y together */
#endif
#define IDS   2
#define PORTS 2

/* An id at one leader of x. The last four but OVER are in its log. */
#define UNKNOWN 0
#define OPEN    1         /* asked for, by this leader */
#define TAKING  2         /* the flow's create is in the tail */
#define LIVE    3
#define ENDING  4         /* its end is in the tail */
#define OVER    5         /* refused or ended: never taken any more */

/* A port at y. */
#define FREE       0
#define GRANTING   1      /* the loan is in the tail */
#define STANDING   2
#define RETURNING  3      /* the return is in the tail */
#define OWN_TAKING 4      /* a flow of y's own */
#define OWN_LIVE   5
#define OWN_ENDING 6

/* The close of an address at a bucket. */
#define NOT_CLOSED  0
#define CLOSE_TAIL  1
#define CLOSED      2

/* Bucket x, by term (0 is the first). */
byte newest;                       /* the newest term */
byte commitTerm;                   /* the newest in which something was committed */
bit  ownCommit[TERMS];             /* this leader committed an entry of its own term */
byte state[TERMS * IDS];           /* of an id, at a leader */
byte portOf[TERMS * IDS];          /* the port that it took, while the id is in the log */
byte closeX[TERMS];
byte drawnIn[IDS];                 /* 1 + the term that drew the id; 0: not drawn */

/* Bucket y: its log only, since its leader says nothing before commitment. */
byte port[PORTS];
byte lentTo[PORTS];                /* the id */
byte closeY;
byte lenderChanges;

/* Messages, for ever in flight. */
bit  request[IDS];
bit  grant[IDS * PORTS];
bit  closedSaid[IDS];

byte flowsBegun;
bit  released, over;
byte t, i, p, next;                /* chosen term, id, port; the term that begins */

#define AT(t, i)       ((t) * IDS + (i))
#define S              state[AT(t, i)]
#define IN_LOG(s)      ((s) == TAKING || (s) == LIVE || (s) == ENDING)
#define COMMITTED(s)   ((s) == LIVE || (s) == ENDING)
#define ANY(t, test)   (test(state[AT(t, 0)]) || test(state[AT(t, 1)]))
#define IS_OPEN(s)     ((s) == OPEN)
#define IS_TAIL(s)     ((s) == TAKING || (s) == ENDING)
#define ON_LOAN(i, p)  (COMMITTED(state[AT(newest, i)]) && portOf[AT(newest, i)] == (p))
#define LIVING(p)      (ON_LOAN(0, p) + ON_LOAN(1, p) + (port[p] == OWN_LIVE || port[p] == OWN_ENDING))
#define FIRST_CHOICE   (t == 0 && i == 0 && p == 0)   /* what depends on none is chosen once */
#define PORT_CHOICE    (t == 0 && i == 0)
#define ID_CHOICE      (p == 0)

/* Rule 17: when a leader may say "closed" to an id older than its term. */
#ifdef CLOSES_ON_EMPTY_TAIL
#define MAY_CLOSE_OLDER(t) (ownCommit[t] || !(ANY(t, IS_TAIL) || closeX[t] == CLOSE_TAIL))
#else
#define MAY_CLOSE_OLDER(t) (ownCommit[t])
#endif

/* A request that came again is the same loan. */
#define IS_LENT(s)      ((s) == GRANTING || (s) == STANDING || (s) == RETURNING)
#define LENT_ALREADY(i) (IS_LENT(port[1 - p]) && lentTo[1 - p] == (i))

#ifdef TAKES_AFTER_CLOSE
#define MAY_TAKE    (true)
#define X_MAY_CLOSE (!ANY(t, IN_LOG))
#define RESTS(p)    (port[p] == FREE || port[p] == STANDING)
#else
#define MAY_TAKE    (closeX[t] == NOT_CLOSED)
#define X_MAY_CLOSE (!ANY(t, IN_LOG) && !ANY(t, IS_OPEN))
#define RESTS(p)    (port[p] == FREE)
#endif

inline check() {
    assert(LIVING(0) <= 1 && LIVING(1) <= 1);
    assert(!released || LIVING(0) + LIVING(1) == 0)
}

inline commitX() { ownCommit[t] = 1; commitTerm = t }

/* Rule 20: both closes are committed. */
inline releaseAddress() {
    if
    :: closeX[newest] == CLOSED && closeY == CLOSED ->
        released = 1;
        check()
    :: else
    fi
}

/* A new leader of x, on the log of term t: each entry of its tail is kept or lost. */
inline newLeaderOfX() {
    next = newest + 1;
    if
    :: closeX[t] != CLOSE_TAIL -> closeX[next] = closeX[t]
    :: closeX[t] == CLOSE_TAIL -> closeX[next] = CLOSE_TAIL
    :: closeX[t] == CLOSE_TAIL -> closeX[next] = NOT_CLOSED
    fi;
    do
    :: i < IDS ->
        if
        :: !IN_LOG(S)    -> state[AT(next, i)] = UNKNOWN
        :: S == LIVE     -> state[AT(next, i)] = LIVE
        :: S == TAKING   -> state[AT(next, i)] = TAKING
        :: S == TAKING   -> state[AT(next, i)] = UNKNOWN
        :: S == ENDING   -> state[AT(next, i)] = ENDING
        :: S == ENDING   -> state[AT(next, i)] = LIVE
        fi;
        if
        :: IN_LOG(state[AT(next, i)]) -> portOf[AT(next, i)] = portOf[AT(t, i)]
        :: else
        fi;
        i++
    :: else -> break
    od;
    newest = next
}

/* A new leader of y: its tail is lost. (Kept is as if the old one went on.) */
inline newLeaderOfY() {
    lenderChanges++;
    if
    :: closeY == CLOSE_TAIL -> closeY = NOT_CLOSED
    :: else
    fi;
    do
    :: p < PORTS ->
        if
        :: port[p] == GRANTING || port[p] == OWN_TAKING -> port[p] = FREE; lentTo[p] = 0
        :: port[p] == RETURNING  -> port[p] = STANDING
        :: port[p] == OWN_ENDING -> port[p] = OWN_LIVE
        :: else
        fi;
        p++
    :: else -> break
    od
}

/* Faults are over, every message so far is lost, nothing begins: tails commit, flows end, the
   lender reminds of what stands, the borrower's newest leader answers. Then nothing is lent. */
inline drain() {
    t = newest;
    commitX();
    i = 0;
    do
    :: i < IDS ->
        if
        :: IN_LOG(S) -> S = OVER
        :: else
        fi;
        i++
    :: else -> break
    od;
    p = 0;
    do
    :: p < PORTS ->
        if
        :: port[p] == GRANTING || port[p] == RETURNING -> port[p] = STANDING
        :: port[p] >= OWN_TAKING -> port[p] = FREE
        :: else
        fi;
#ifndef NO_REMINDER
        i = lentTo[p];
        if
        :: port[p] == STANDING && (S == OPEN || drawnIn[i] == t + 1 || MAY_CLOSE_OLDER(t)) -> port[p] = FREE
        :: else
        fi;
#endif
        p++
    :: else -> break
    od;
    assert(port[0] == FREE && port[1] == FREE);
    over = 1
}

active proctype Buckets() {
    do
    :: atomic { over -> break }
    :: atomic { !over ->
        if :: t = 0 :: newest > 0 -> t = 1 :: newest > 1 -> t = 2 fi;
        if :: i = 0 :: i = 1 fi;
        if :: p = 0 :: p = 1 fi;
        if
        /* x asks */
#ifdef IDS_WITHOUT_TERM
        :: ID_CHOICE && S != OPEN && !IN_LOG(S) && drawnIn[i] < t + 1 && closeX[t] == NOT_CLOSED &&
           (i == 0 || drawnIn[0] != 0) ->
#else
        :: ID_CHOICE && drawnIn[i] == 0 && closeX[t] == NOT_CLOSED && (i == 0 || drawnIn[0] != 0) ->
#endif
            drawnIn[i] = t + 1;
            S = OPEN;
            request[i] = 1

        /* x takes a loan that its leader holds open */
        :: grant[AT(i, p)] && S == OPEN && MAY_TAKE && flowsBegun < FLOWS ->
            S = TAKING;
            portOf[AT(t, i)] = p;
            flowsBegun++

        /* x refuses one: "closed" */
        :: grant[AT(i, p)] && !closedSaid[i] && !IN_LOG(S) &&
           (drawnIn[i] == t + 1 || (drawnIn[i] < t + 1 && MAY_CLOSE_OLDER(t))) ->
            closedSaid[i] = 1;
#ifndef FORGETS_REFUSALS
            if
            :: drawnIn[i] == t + 1 -> S = OVER
            :: else
            fi
#endif

#ifdef ANSWERS_NEWER_IDS
        :: grant[AT(i, p)] && !closedSaid[i] && !IN_LOG(S) && drawnIn[i] > t + 1 -> closedSaid[i] = 1
#endif

        /* x ends a flow */
        :: ID_CHOICE && S == LIVE ->
            S = ENDING;
#ifdef CLOSED_BEFORE_END
            closedSaid[i] = 1
#endif

        /* x's newest leader commits a create; an end, and says "closed"; an empty entry */
        :: ID_CHOICE && t == newest && S == TAKING -> S = LIVE; commitX(); check()
        :: ID_CHOICE && t == newest && S == ENDING ->
            S = (drawnIn[i] == t + 1 -> OVER : UNKNOWN);
            portOf[AT(t, i)] = 0;
            commitX();
            closedSaid[i] = 1
        :: ID_CHOICE && i == 0 && t == newest && !ownCommit[t] -> commitX()

        /* x closes the address, and commits that */
        :: ID_CHOICE && i == 0 && t == newest && closeX[t] == NOT_CLOSED && X_MAY_CLOSE -> closeX[t] = CLOSE_TAIL
        :: ID_CHOICE && i == 0 && t == newest && closeX[t] == CLOSE_TAIL ->
            closeX[t] = CLOSED;
            commitX();
            releaseAddress()

        /* x gets a new leader */
        :: ID_CHOICE && i == 0 && newest < TERMS - 1 && t >= commitTerm -> newLeaderOfX()

        /* y lends: first the entry, then, when it is committed, the answer */
        :: t == 0 && request[i] && closeY == NOT_CLOSED && port[p] == FREE && !LENT_ALREADY(i) ->
            port[p] = GRANTING;
            lentTo[p] = i;
#ifdef GRANT_BEFORE_COMMIT
            grant[AT(i, p)] = 1
#endif
        :: PORT_CHOICE && port[p] == GRANTING ->
            port[p] = STANDING;
            grant[AT(lentTo[p], p)] = 1

        /* y takes the port back */
        :: t == 0 && port[p] == STANDING && lentTo[p] == i && closedSaid[i] -> port[p] = RETURNING
#ifdef LOAN_ENDS_BY_TIME
        :: PORT_CHOICE && port[p] == STANDING -> port[p] = RETURNING
#endif
        :: PORT_CHOICE && port[p] == RETURNING -> port[p] = FREE; lentTo[p] = 0

        /* y's own flows */
        :: PORT_CHOICE && port[p] == FREE && closeY == NOT_CLOSED && flowsBegun < FLOWS ->
            port[p] = OWN_TAKING;
            flowsBegun++
        :: PORT_CHOICE && port[p] == OWN_TAKING -> port[p] = OWN_LIVE; check()
        :: PORT_CHOICE && port[p] == OWN_LIVE   -> port[p] = OWN_ENDING
        :: PORT_CHOICE && port[p] == OWN_ENDING -> port[p] = FREE

        /* y closes the address, and commits that */
        :: FIRST_CHOICE && closeY == NOT_CLOSED && RESTS(0) && RESTS(1) -> closeY = CLOSE_TAIL
        :: FIRST_CHOICE && closeY == CLOSE_TAIL -> closeY = CLOSED; releaseAddress()

        /* y gets a new leader */
        :: FIRST_CHOICE && lenderChanges < LENDER_CHANGES -> newLeaderOfY()

        /* faults are over */
        :: FIRST_CHOICE -> d_step { drain() }

        :: else
        fi;
        t = 0; i = 0; p = 0; next = 0
    }
    od
}
