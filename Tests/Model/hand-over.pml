/* Hand-over of a bucket inside a view, for draining and rebalancing, while a follower is being
   filled.

   WHAT IS MODELLED. One view, active all the time; one bucket and its R replicas (2 of 3 members,
   3 of 5), the last of them not full at first: it lacks an entry that is committed. Each leader
   has a term. Entries go to each follower in a stream of their own, in order, and are as late
   as can be; so do acknowledgements. The log's positions say in which term each entry was first sent.

   RULES.
   10 To hand a bucket over, the leader stops and sends (bucket, term + 1, stamp) to a full follower. That
      one begins when it has everything up to the stamp, and first sends its uncommitted tail again,
      or an empty entry. Entries of a lower term are refused from the first of a higher one on.
      A follower that is being filled acknowledges new entries, and is full when the end of the
      transfer reaches it in the order of the stream; a new leader begins a transfer anew.
   8  An entry is committed when all R have acknowledged it in this term. A new leader decides nothing
      before one entry of its own term is committed.

   LEFT OUT. Changes of view (view-change.pml): since every full replica holds every committed entry,
   whichever full one a later view takes is good. Pushing the new term to routers (rule 21). A new
   leader sends its log again from the start, not from its commit mark.

   PROPERTIES. The committed sequence only grows, and no position is committed with two entries. Every
   full replica, so every leader, holds all that is committed. A follower never takes an entry in a
   place where it holds another: nothing acknowledged has to be undone. No more than one leader at a
   time may decide.

   SEARCHES, as tools/model/run reads them: expected outcome, name, k, storage, switches.
   @ holds    two-replicas           k=3 full -DREPLICAS=2 -DTERMS=4 -DLENGTH=4
   @ holds    three-replicas         k=5 full -DREPLICAS=3 -DTERMS=3 -DLENGTH=3
   @ refuted  DOES_NOT_STOP          k=3 full -DREPLICAS=2 -DTERMS=3 -DLENGTH=3
   @ refuted  BEGINS_EARLY           k=5 full -DREPLICAS=3 -DTERMS=3 -DLENGTH=3
   @ refuted  HEIR_BEING_FILLED      k=3 full -DREPLICAS=2 -DTERMS=3 -DLENGTH=3
   @ refuted  TWO_HEIRS              k=5 full -DREPLICAS=3 -DTERMS=3 -DLENGTH=3
   @ refuted  COMMITS_ONE_SHORT      k=5 full -DREPLICAS=3 -DTERMS=3 -DLENGTH=3
   @ refuted  FULL_TOO_EARLY         k=5 full -DREPLICAS=3 -DTERMS=3 -DLENGTH=3

   BEGINS_EARLY: at once when the hand-over comes. TWO_HEIRS: the leader gives up waiting for one, and
   hands the same term to another. FULL_TOO_EARLY: full before all that the leader held when it began
   has come. */

#ifndef REPLICAS
#define REPLICAS 2
#endif
#ifndef TERMS
#define TERMS 3
#endif
#ifndef LENGTH
#define LENGTH 3
#endif
#define NOBODY   REPLICAS
#define FILLING  (REPLICAS - 1)    /* who is not full at first */
#define TERM_COUNT (TERMS + 1)

/* Replicas. */
byte term[REPLICAS];               /* the newest term of which it took or sent an entry */
byte length[REPLICAS], entry[REPLICAS * LENGTH];
bit  isFull[REPLICAS];

/* Terms; place 0 is not used. A term has one leader, unless two were named. */
byte leader[TERM_COUNT];           /* who has begun it */
byte heirs[TERM_COUNT];            /* to whom it was handed: a mask */
byte stamp[TERM_COUNT];            /* the length at which the term before ended */
byte startLength[TERM_COUNT];
byte committed[TERM_COUNT];        /* 1 + what its leader knows as committed; 0: nothing */
byte acked[TERM_COUNT * REPLICAS]; /* 1 + the length taken in it; 0: nothing */
bit  stopped[TERM_COUNT];

byte truth[LENGTH];                /* the committed sequence */
byte x, t, y, z, place;            /* of one step */

#define OF(t, r)    ((t) * REPLICAS + (r))
#define LOG(r, at)  entry[(r) * LENGTH + (at)]
#define bit_(r)     (1 << (r))
#define has(s, r)   (((s) >> (r)) & 1)
#define LEADER      leader[t]
#define LEADS(r, t) (leader[t] == (r) && term[r] == (t))
#ifdef DOES_NOT_STOP
#define DECIDES(t)  (true)
#else
#define DECIDES(t)  (!stopped[t])
#endif
#ifdef HEIR_BEING_FILLED
#define MAY_LEAD(r) (true)
#else
#define MAY_LEAD(r) isFull[r]
#endif
#ifdef BEGINS_EARLY
#define HAS_STAMP(r, t) (true)
#else
#define HAS_STAMP(r, t) (acked[OF((t) - 1, r)] == stamp[t] + 1)
#endif
#ifdef TWO_HEIRS
#define MAY_HAND_OVER(t) (heirs[(t) + 1] == 0 || (heirs[(t) + 1] & bit_(x)) == 0)
#else
#define MAY_HAND_OVER(t) (!stopped[t])
#endif
#ifdef FULL_TOO_EARLY
#define TRANSFER_DONE(r, t) (true)
#else
#define TRANSFER_DONE(r, t) (acked[OF(t, r)] > startLength[t])
#endif

/* Replica x, named for term t, begins it. */
inline begin() {
    leader[t] = x;
    term[x] = t;
    startLength[t] = length[x];
    acked[OF(t, x)] = length[x] + 1;
    heirs[t] = heirs[t] & ~bit_(x)
}

/* x takes the next entry of term t, or its empty first one. */
inline take() {
    z = acked[OF(t, x)];
    term[x] = t;
    if
    :: length[LEADER] == 0 -> acked[OF(t, x)] = 1
    :: else ->
        place = (z == 0 -> 0 : z - 1);
        acked[OF(t, x)] = place + 2;
        if
        :: isFull[x] ->
            assert(LOG(x, place) == 0 || LOG(x, place) == LOG(LEADER, place));
            LOG(x, place) = LOG(LEADER, place);
            if :: length[x] <= place -> length[x] = place + 1 :: else fi
        :: else    /* kept beside, and useless before the transfer ends */
        fi
    fi;
    place = 0; z = 0
}

/* The end of the transfer reaches x, after all that the leader held when it began. */
inline endTransfer() {
    isFull[x] = 1;
    do
    :: length[x] + 1 < acked[OF(t, x)] -> LOG(x, length[x]) = LOG(LEADER, length[x]); length[x]++
    :: else -> break
    od;
    z = 0
}

/* Leader x of term t learns what all have acknowledged, and commits it. */
inline commit() {
    z = 255; y = 0;
    do
    :: y < REPLICAS ->
#ifdef COMMITS_ONE_SHORT
        if :: acked[OF(t, y)] < z && y != REPLICAS - 2 -> z = acked[OF(t, y)] :: else fi;
#else
        if :: acked[OF(t, y)] < z -> z = acked[OF(t, y)] :: else fi;
#endif
        y++
    :: else -> break
    od;
    if
    :: z > committed[t] ->
        committed[t] = z;
        do
        :: place + 1 < z ->
            assert(truth[place] == 0 || truth[place] == LOG(x, place));
            truth[place] = LOG(x, place);
            place++
        :: else -> break
        od
    :: else
    fi;
    place = 0; y = 0; z = 0
}

/* Every full replica holds the committed sequence; at most one leader may decide. */
inline check() {
    y = 0; z = 0;
    do
    :: y < REPLICAS ->
        place = 0;
        do
        :: place < LENGTH ->
            assert(!isFull[y] || truth[place] == 0 || LOG(y, place) == truth[place]);
            place++
        :: else -> break
        od;
        if :: LEADS(y, term[y]) && DECIDES(term[y]) -> z++ :: else fi;
        y++
    :: else -> break
    od;
    assert(z <= 1);
    y = 0; z = 0; place = 0
}

inline start() {
    do
    :: x < REPLICAS ->
        term[x] = 1;
        if
        :: x != FILLING -> isFull[x] = 1; length[x] = 1; LOG(x, 0) = 1; acked[OF(1, x)] = 2
        :: else
        fi;
        x++
    :: else -> break
    od;
    do
    :: t < TERM_COUNT -> leader[t] = NOBODY; t++
    :: else -> break
    od;
    leader[1] = 0; startLength[1] = 1; truth[0] = 1;
    x = 0; t = 0
}

active proctype Bucket() {
    d_step { start() }
    do
    :: atomic {
        if :: x = 0 :: x = 1 :: REPLICAS > 2 -> x = 2 fi;
        if :: t = 1 :: TERMS > 1 -> t = 2 :: TERMS > 2 -> t = 3 :: TERMS > 3 -> t = 4 fi;
        if
        /* the leader decides */
        :: LEADS(x, t) && DECIDES(t) && committed[t] != 0 && length[x] < LENGTH -> d_step {
                LOG(x, length[x]) = t;
                length[x]++;
                acked[OF(t, x)] = length[x] + 1
            }

        /* it hands over to another, and stops */
        :: t < TERMS && LEADER != NOBODY && LEADER != x && term[LEADER] == t && MAY_LEAD(x) && MAY_HAND_OVER(t) ->
            d_step {
                stopped[t] = 1;
                heirs[t + 1] = heirs[t + 1] | bit_(x);
                stamp[t + 1] = length[LEADER]
            }

        /* the heir begins */
        :: t > 1 && has(heirs[t], x) && term[x] < t && HAS_STAMP(x, t) -> d_step { begin() }
#ifdef TWO_HEIRS
        :: t > 1 && has(heirs[t], x) && term[x] == t && LEADER != x && HAS_STAMP(x, t) -> d_step { begin() }
#endif

        /* a follower takes the next entry; is full */
        :: LEADER != NOBODY && LEADER != x && term[x] <= t && acked[OF(t, x)] < length[LEADER] + 1 && term[LEADER] == t ->
            d_step { take() }
        :: LEADER != NOBODY && LEADER != x && term[x] == t && !isFull[x] && acked[OF(t, x)] != 0 && TRANSFER_DONE(x, t) && term[LEADER] == t ->
            d_step { endTransfer() }

        /* a leader, also a former one, learns of acknowledgements */
        :: LEADS(x, t) -> d_step { commit() }
        :: else
        fi;
        d_step { check(); x = 0; t = 0 }
    }
    od
}
