/* Changes of view, and members that restart without memory.

   WHAT IS MODELLED. One bucket of one group of K members, R of which hold it. Its sequence of
   entries is a log whose positions say in which view they were first sent. Any member may promise
   any ballot at any time; promises, installs and acknowledgements are facts that stay in flight for
   ever, so they are lost, late and out of order as can be. A leader sends up to TAIL
   entries ahead of their commitment.

   RULES.
   3  A restarted member is empty. It promises nothing before it has installed a view, and installs
      only one that names its new incarnation, once Q others that are not empty have noted it, and none
      lower than those had promised. Promises tell whose new incarnation their senders have noted;
      those of Q count only if none comes from an incarnation older than another of them knows.
   4  Who promised a ballot accepts, acknowledges and decides nothing in lower views, for ever.
   5  A view is built on u, the newest that Q promises tell of, and active when Q have installed it.
   7  Followers take entries in order and acknowledge cumulatively, in the view that they have
      installed and if they have promised no higher.
   8  An entry is committed when all R have acknowledged it in this view and the view is active. A
      new leader first sends its tail again, or an empty entry, and decides nothing before one entry
      of its own is committed.
   9  Only a full one of u's R may lead, the one with the greatest stamp. If one of u's R that
      installed u acknowledged nothing in it, or more than K - Q promise without having installed it,
      nothing was committed in u, and the view that u was built on may count instead.
   10 The others of the R are filled by the leader, in the order of its stream, and then full. What
      they held they discard once the view is active.
   8 and 10, made exact: what a full follower holds beyond the tail that the new leader sends again,
      it drops when it takes the first of it.

   LEFT OUT. Leases and denials (lease.pml), hand-over in a view (hand-over.pml), other configurations
   (configuration.pml), generations, views in which the bucket waits. A new leader sends its log
   again from the start, not from its commit mark: more orders, not fewer.

   PROPERTIES. The committed sequence only grows: no position is ever committed with two entries (no
   port is given twice, no decision changes). Every full one of the newest active view's R that has
   installed it holds all that was committed (no flow is lost). A follower never takes a new
   entry in a place where it still holds another.

   SEARCHES, as tools/model/run reads them: expected outcome, name, k, storage, switches.
   @ holds    three-views            k=3 full -DVIEWS=3 -DLENGTH=2
   @ holds    restart                k=3 full -DVIEWS=3 -DLENGTH=2 -DRESTARTS=1
   @ holds    four-views             k=3 full -DVIEWS=4 -DLENGTH=1
   @ holds    five-members           k=5 full -DK=5 -DVIEWS=2 -DLENGTH=2
   @ refuted  ANY_PROMISER_LEADS     k=3 full -DVIEWS=3 -DLENGTH=2
   @ refuted  QUORUM_ONE_SHORT       k=3 full -DVIEWS=3 -DLENGTH=1
   @ refuted  COMMITS_ONE_SHORT      k=3 full -DVIEWS=3 -DLENGTH=1
   @ refuted  ACKNOWLEDGES_AFTER_PROMISE k=3 full -DVIEWS=3 -DLENGTH=1
   @ refuted  LEFT_OUT_STAYS_FULL    k=3 full -DVIEWS=4 -DLENGTH=2
   @ refuted  FULL_WHEN_INSTALLED    k=3 full -DVIEWS=3 -DLENGTH=2
   @ refuted  OLDER_VIEW_ALWAYS      k=3 full -DVIEWS=4 -DLENGTH=1
   @ refuted  RESTARTED_VOTES        k=3 full -DVIEWS=3 -DLENGTH=1 -DRESTARTS=1
   @ refuted  NO_INCARNATIONS        k=3 full -DVIEWS=3 -DLENGTH=1 -DRESTARTS=1
   @ refuted  KEEPS_OWN_TAIL         k=4 full -DK=4 -DR=3 -DVIEWS=3 -DLENGTH=2

   ANY_PROMISER_LEADS: full or not, the first of those that promised leads. OLDER_VIEW_ALWAYS: the
   view that u was built on may count although something was acknowledged in u. LEFT_OUT_STAYS_FULL:
   who was full and did not promise is still called full by the next view. NO_INCARNATIONS: promises
   do not tell what incarnations their senders have noted. KEEPS_OWN_TAIL: a follower drops nothing. With
   three copies a leader that took one entry of a tail that was sent again has a greater stamp than a
   follower that took none of it and still holds two. */

#ifndef K
#define K 3
#endif
#ifndef R
#if K == 5
#define R 3
#else
#define R 2
#endif
#endif
#ifdef QUORUM_ONE_SHORT
#define Q (K / 2)
#else
#define Q (K / 2 + 1)
#endif
#ifndef VIEWS
#define VIEWS 3           /* the first is there at the start */
#endif
#ifndef LENGTH
#define LENGTH 2          /* entries in all */
#endif
#ifndef TAIL
#define TAIL 2            /* entries that may be uncommitted */
#endif
#ifndef RESTARTS
#define RESTARTS 0        /* at most 1: an incarnation is old or new */
#endif
#define EVERYONE ((1 << K) - 1)
#define NOBODY K

/* Members. Sets of members are masks. */
byte promised[K], installed[K];
byte held[K];                      /* the view as of which it is full; 0: not full */
byte length[K], entry[K * LENGTH]; /* its log: the view in which each entry was first sent */
byte stampView[K], stampAt[K];     /* of the last entry that it took */
byte blank, reborn, noted[K];      /* restarted and without a view; new incarnations; those it noted */
byte restarts;

/* Views, by ballot. Place 0 is not used. */
#define VIEW_COUNT (VIEWS + 1)
bit  started[VIEW_COUNT];
byte leader[VIEW_COUNT], replicas[VIEW_COUNT], fullIn[VIEW_COUNT], builtOn[VIEW_COUNT];
byte installedBy[VIEW_COUNT], names[VIEW_COUNT];   /* names: whose new incarnation it means */
byte startLength[VIEW_COUNT];      /* what the leader sends again */
byte committed[VIEW_COUNT];        /* 1 + what the leader knows as committed in this view; 0: nothing */
byte acked[VIEW_COUNT * K];        /* 1 + the length acknowledged in this view; 0: nothing */

/* Promises, until the view is built. */
byte promisedBy[VIEW_COUNT], fromReborn[VIEW_COUNT];
byte toldInstalled[VIEW_COUNT * K], toldHeld[VIEW_COUNT * K], toldNoted[VIEW_COUNT * K];
byte toldStampView[VIEW_COUNT * K], toldStampAt[VIEW_COUNT * K];

/* What no member sees: the committed sequence, and the newest view that was active. */
byte truth[LENGTH], newestActive = 1;

byte x, b, u, y, z, best, holders, place;   /* of one step */
bit  fine;

#define OF(b, m)       ((b) * K + (m))
#define LOG(m, at)     entry[(m) * LENGTH + (at)]
#define bit_(m)        (1 << (m))
#define has(set, m)    (((set) >> (m)) & 1)
#define count(set)     (((set) & 1) + (((set) >> 1) & 1) + (((set) >> 2) & 1) + (((set) >> 3) & 1) + (((set) >> 4) & 1))
#define ACTIVE(b)      (started[b] && count(installedBy[b]) >= Q)
#define LEADS(m, b)    (started[b] && leader[b] == (m) && installed[m] == (b))
#define FOLLOWS(m, b)  (started[b] && leader[b] != (m) && has(replicas[b], m) && installed[m] == (b))
#define LEADER         leader[b]

#ifdef ACKNOWLEDGES_AFTER_PROMISE
#define MAY_TAKE(m, b) (true)
#else
#define MAY_TAKE(m, b) (promised[m] == (b))
#endif

#ifdef RESTARTED_VOTES
#define MAY_PROMISE(m) (true)
#define MAY_INSTALL(m) (true)
#else
#define MAY_PROMISE(m) (!has(blank, m))
#define MAY_INSTALL(m) (!has(blank, m) || NOTED_BY(m) >= Q)
#endif
#if K == 5
#define NOTED_BY(m) (has(noted[0], m) + has(noted[1], m) + has(noted[2], m) + has(noted[3], m) + has(noted[4], m))
#else
#define NOTED_BY(m) (has(noted[0], m) + has(noted[1], m) + has(noted[2], m))
#endif

/* Rule 9: is the promiser y full as of view u? One that promised it as a full one and has not
   installed it still holds what it held. */
#define IS_NAMED(b, y, u) (has(fromReborn[b], y) == has(names[u], y))
#ifdef ANY_PROMISER_LEADS
#define IS_FULL(b, y, u)  (true)
#else
#define IS_FULL(b, y, u)  (has(replicas[u], y) && toldHeld[OF(b, y)] != 0 && \
    (toldHeld[OF(b, y)] == (u) || (toldHeld[OF(b, y)] < (u) && has(fullIn[u], y) && IS_NAMED(b, y, u))))
#endif
#define STAMP_ABOVE(b, y, z) (toldStampView[OF(b, y)] > toldStampView[OF(b, z)] || \
    (toldStampView[OF(b, y)] == toldStampView[OF(b, z)] && toldStampAt[OF(b, y)] > toldStampAt[OF(b, z)]))

/* x promises ballot b, and tells what it has. Rules 3, 4. */
inline promise() {
    promised[x] = b;
    promisedBy[b] = promisedBy[b] | bit_(x);
    fromReborn[b] = (has(reborn, x) -> fromReborn[b] | bit_(x) : fromReborn[b] & ~bit_(x));
    toldInstalled[OF(b, x)] = installed[x];
    toldHeld[OF(b, x)] = held[x];
    toldStampView[OF(b, x)] = stampView[x];
    toldStampAt[OF(b, x)] = stampAt[x];
    toldNoted[OF(b, x)] = noted[x]
}

/* The newest view that the promises for b tell of, in u. `fine` if they fit together. Rules 3, 5. */
inline readPromises() {
    u = 0; fine = 1; y = 0;
    do
    :: y < K ->
        if
        :: has(promisedBy[b], y) && toldInstalled[OF(b, y)] > u -> u = toldInstalled[OF(b, y)]
        :: else
        fi;
#ifndef NO_INCARNATIONS
        if
        :: has(promisedBy[b], y) && (toldNoted[OF(b, y)] & promisedBy[b] & ~fromReborn[b]) != 0 -> fine = 0
        :: else
        fi;
#endif
        y++
    :: else -> break
    od;
    y = 0;
    if
    :: u == 0 -> fine = 0
    :: else
    fi
}

/* Do the promises show that nothing was committed in u? In z. Rule 9. */
inline nothingWasCommitted() {
    z = 0; holders = 0; y = 0;
    do
    :: y < K ->
        if
        :: has(promisedBy[b], y) && toldInstalled[OF(b, y)] < u -> holders = holders | bit_(y)
        :: has(promisedBy[b], y) && toldInstalled[OF(b, y)] == u && has(replicas[u], y) && acked[OF(u, y)] == 0 -> z = 1
        :: else
        fi;
        y++
    :: else -> break
    od;
    z = (count(holders) > K - Q || z -> 1 : 0);
#ifdef OLDER_VIEW_ALWAYS
    z = 1;
#endif
    holders = 0; y = 0
}

/* The full ones among the promisers, as of u, and of these the one with the greatest stamp. Rule 9. */
inline findLeader() {
    best = NOBODY; holders = 0; y = 0;
    do
    :: y < K ->
        if
        :: has(promisedBy[b], y) && IS_FULL(b, y, u) ->
            holders = holders | bit_(y);
#ifdef ANY_PROMISER_LEADS
            if :: best == NOBODY -> best = y :: else fi
#else
            if
            :: best == NOBODY -> best = y
            :: best != NOBODY && STAMP_ABOVE(b, y, best) -> best = y
            :: else
            fi
#endif
        :: else
        fi;
        y++
    :: else -> break
    od;
    y = 0
}

/* View b is built on u, led by `best`, with the R in y. */
inline build() {
    started[b] = 1;
    leader[b] = best;
    builtOn[b] = u;
    replicas[b] = y;
    fullIn[b] = holders & y;
#ifdef LEFT_OUT_STAYS_FULL
    fullIn[b] = fullIn[b] | (fullIn[u] & y);
#endif
    names[b] = fromReborn[b];
    z = 0;
    do
    :: z < K ->
        if
        :: has(promisedBy[b], z) -> names[b] = names[b] | (toldNoted[OF(b, z)] & ~promisedBy[b])
        :: else
        fi;
        z++
    :: else -> break
    od;
    z = 0;
    do   /* the promises have done their part */
    :: z < K ->
        toldInstalled[OF(b, z)] = 0; toldHeld[OF(b, z)] = 0; toldNoted[OF(b, z)] = 0;
        toldStampView[OF(b, z)] = 0; toldStampAt[OF(b, z)] = 0;
        z++
    :: else -> break
    od;
    promisedBy[b] = 0; fromReborn[b] = 0
}

inline clearLog(m) {
    held[m] = 0; length[m] = 0; stampView[m] = 0; stampAt[m] = 0; place = 0;
    do
    :: place < LENGTH -> LOG(m, place) = 0; place++
    :: else -> break
    od;
    place = 0
}

/* x installs view b. Rules 3, 5, 9. */
inline install() {
    promised[x] = b;
    installed[x] = b;
    installedBy[b] = installedBy[b] | bit_(x);
    blank = blank & ~bit_(x);
    if
    :: has(fullIn[b], x) -> held[x] = b
    :: else ->
#ifdef FULL_WHEN_INSTALLED
        if :: has(replicas[b], x) -> held[x] = b :: else fi
#endif
        skip
    fi;
    if
    :: leader[b] == x ->
        startLength[b] = length[x];
        acked[OF(b, x)] = length[x] + 1;
        stampView[x] = b;
        stampAt[x] = length[x]
    :: else
    fi;
    if
    :: ACTIVE(b) && b > newestActive -> newestActive = b
    :: else
    fi
}

/* Follower x takes the next entry of the leader of b, or its empty first one. Rules 7, 8, 10. */
inline take() {
    z = acked[OF(b, x)];
#ifndef KEEPS_OWN_TAIL
    if
    :: z == 0 && held[x] == b ->
        do
        :: length[x] > startLength[b] -> length[x]--; LOG(x, length[x]) = 0
        :: else -> break
        od
    :: else
    fi;
#endif
    if
    :: length[LEADER] == 0 -> acked[OF(b, x)] = 1
    :: else ->
        place = (z == 0 -> 0 : z - 1);
        acked[OF(b, x)] = place + 2;
        if
        :: held[x] == b ->
            assert(LOG(x, place) == 0 || LOG(x, place) == LOG(LEADER, place));
            LOG(x, place) = LOG(LEADER, place);
            if :: length[x] <= place -> length[x] = place + 1 :: else fi;
            stampView[x] = b;
            stampAt[x] = place + 1
        :: else    /* beside what it holds, and useless before the transfer ends */
        fi
    fi;
    place = 0; z = 0
}

/* Follower x has received the end of the transfer, after all that the leader had when it began. */
inline endTransfer() {
    clearLog(x);
    held[x] = b;
    do
    :: length[x] < acked[OF(b, x)] - 1 -> LOG(x, length[x]) = LOG(LEADER, length[x]); length[x]++
    :: else -> break
    od;
    stampView[x] = b;
    stampAt[x] = length[x]
}

/* What all R have acknowledged to leader x of view b, in z. Rule 8. */
inline findCommitted() {
    z = 255; y = 0; best = 0;
    do
    :: y < K ->
        if
        :: has(replicas[b], y) && acked[OF(b, y)] < z ->
#ifdef COMMITS_ONE_SHORT
            if :: y != x -> best = best :: else -> z = acked[OF(b, y)] fi
#else
            z = acked[OF(b, y)]
#endif
        :: else
        fi;
        y++
    :: else -> break
    od;
    y = 0
}

inline commit() {
    do
    :: place + 1 < z ->
        assert(truth[place] == 0 || truth[place] == LOG(x, place));
        truth[place] = LOG(x, place);
        place++
    :: else -> break
    od;
    place = 0;
    committed[b] = z
}

/* The full holders of the newest active view hold every committed entry. */
inline check() {
    y = 0;
    do
    :: y < K ->
        if
        :: has(replicas[newestActive], y) && installed[y] == newestActive && held[y] == newestActive ->
            place = 0;
            do
            :: place < LENGTH -> assert(truth[place] == 0 || LOG(y, place) == truth[place]); place++
            :: else -> break
            od
        :: else
        fi;
        y++
    :: else -> break
    od;
    place = 0; y = 0
}

inline start() {
    do
    :: x < K ->
        promised[x] = 1; installed[x] = 1;
        if
        :: x < R -> held[x] = 1; stampView[x] = 1; replicas[1] = replicas[1] | bit_(x); acked[OF(1, x)] = 1
        :: else
        fi;
        x++
    :: else -> break
    od;
    started[1] = 1; fullIn[1] = replicas[1]; installedBy[1] = EVERYONE; committed[1] = 1;
    x = 0
}

active proctype Group() {
    d_step { start() }
    do
    :: atomic {
        if :: x = 0 :: x = 1 :: x = 2 :: K > 3 -> x = 3 :: K > 4 -> x = 4 fi;
        if :: b = 1 :: VIEWS > 1 -> b = 2 :: VIEWS > 2 -> b = 3 :: VIEWS > 3 -> b = 4 fi;
        if
        /* promise */
        :: promised[x] < b && !started[b] && MAY_PROMISE(x) -> d_step { promise() }

        /* build the view, by whoever proposed it; the other replicas are any */
        :: x == 0 && b > 1 && !started[b] && count(promisedBy[b]) >= Q ->
            d_step { readPromises() }
            if
            :: !fine
            :: fine ->
                d_step { nothingWasCommitted() }
                if
                :: true
                :: z && builtOn[u] != 0 -> u = builtOn[u]
                fi;
                d_step { findLeader() }
                if
                :: best == NOBODY
                :: best != NOBODY ->
                    if    /* with five members not every set, to have fewer states */
                    :: y = 3 :: y = 5 :: y = 6
#if K > 3
                    :: y = 7 :: y = 11 :: y = 13 :: y = 14 :: y = 28
#endif
                    fi;
                    if
                    :: has(y, best) && count(y) == R -> d_step { build() }
                    :: else
                    fi
                fi
            fi

        /* install */
        :: b > 1 && started[b] && promised[x] <= b && installed[x] < b && has(names[b], x) == has(reborn, x) && MAY_INSTALL(x) ->
            d_step { install() }

        /* the leader decides: the next entry */
        :: LEADS(x, b) && promised[x] == b && ACTIVE(b) && committed[b] != 0 && length[x] < LENGTH && length[x] + 1 < committed[b] + TAIL ->
            d_step {
                LOG(x, length[x]) = b;
                length[x]++;
                acked[OF(b, x)] = length[x] + 1;
                stampAt[x] = length[x]
            }

        /* the leader learns that all R have acknowledged; also after its own promise */
        :: LEADS(x, b) && ACTIVE(b) -> d_step {
                findCommitted();
                if :: z > committed[b] -> commit() :: else fi
            }

        /* a follower takes the next entry; is full; discards what it held before */
        :: FOLLOWS(x, b) && MAY_TAKE(x, b) && installed[LEADER] == b && acked[OF(b, x)] < length[LEADER] + 1 -> d_step { take() }
        :: FOLLOWS(x, b) && MAY_TAKE(x, b) && installed[LEADER] == b && held[x] != b && ACTIVE(b) &&
           acked[OF(b, x)] > startLength[b] -> d_step { endTransfer() }
        :: installed[x] == b && promised[x] == b && ACTIVE(b) && held[x] != b && held[x] != 0 -> d_step { clearLog(x) }

        /* a member restarts, without memory */
        :: b == 1 && restarts < RESTARTS -> d_step {
                restarts++;
                clearLog(x);
                promised[x] = 0; installed[x] = 0; noted[x] = 0;
                reborn = reborn | bit_(x);
                blank = blank | bit_(x)
            }

        /* member b - 1 notes the new incarnation, and tells what it has promised */
        :: b <= K && has(blank, x) && x != b - 1 && !has(blank, b - 1) && !has(noted[b - 1], x) -> d_step {
                noted[b - 1] = noted[b - 1] | bit_(x);
                if :: promised[b - 1] > promised[x] -> promised[x] = promised[b - 1] :: else fi
            }
        :: else
        fi;
        d_step { check(); x = 0; b = 0; u = 0; y = 0; z = 0; best = 0; holders = 0; fine = 0 }
    }
    od
}
