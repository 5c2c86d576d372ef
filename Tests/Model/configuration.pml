/* Changes of configuration: one member at a time, never two active views that know nothing of
   each other.

   WHAT IS MODELLED. Members A to E and a group of three, whose configuration changes twice: a dead
   member leaves, its seat empty, and a spare joins. Any proposer may build its view from any
   promises that suffice, at any time, on any older view; half-done changes are left standing.
   Promises and installs stay in flight for ever. One member may restart without memory.
   A promise for b says which view below b its sender installed last; this and "has promised b"
   are read off the installs and the highest ballot promised.

   RULES.
   3  A restarted member promises nothing before it has installed a view. It installs one that knows of
      its new incarnation, once Q others of that view's configuration have noted it, and none lower
      than those had promised. Promises from before the restart don't count beside one that knows
      of it.
   5  A view is built on u, the newest that promises of Q members of u's configuration tell of, in u's
      configuration or, only if u is known to be active, in the next. It is active when Q members of
      its own configuration have installed it.
   18 Neighbouring configurations differ by one member that leaves or joins, so that any Q of one and
      any Q of the other have a member in common.

   LEFT OUT. What the views carry: records are in view-change.pml. Generations, the placement service.
   With k = 5 (six members, seats of five, Q = 3) fewer ballots.

   PROPERTY. Of any two active views the older is an ancestor of the newer: what was decided in it was
   known when the newer was built.

   SEARCHES, as tools/model/run reads them: expected outcome, name, k, storage, switches.
   @ holds    leave-first            k=3 full -DBALLOTS=5
   @ holds    leave-first-restart    k=3 full -DBALLOTS=4 -DRESTARTS=1
   @ holds    join-first             k=3 full -DBALLOTS=4 -DJOIN_FIRST
   @ holds    five-members           k=5 full -DBALLOTS=3 -DK=5
   @ refuted  HALF_DONE_CHANGE       k=3 full -DBALLOTS=5
   @ refuted  WHOLE_STEP             k=3 full -DBALLOTS=5
   @ refuted  NEXT_ON_UNKNOWN        k=3 full -DBALLOTS=4 -DRESTARTS=1
   @ refuted  RESTARTED_VOTES        k=3 full -DBALLOTS=4 -DRESTARTS=1
   @ refuted  NO_INCARNATIONS        k=3 full -DBALLOTS=4 -DRESTARTS=1

   HALF_DONE_CHANGE: ABC becomes ABD in one step, under quorums of both: promises of Q of u's
   configuration, and activation by Q of the old and Q of the new. The history: ballot 2 moves to ABD
   on view 1, is installed by too few, and is left half done; ballot 3 goes on from it in ABD, also
   half done, so that D has a view that none of the old Q needs to know of; ballot 4, promised by
   members that saw neither, is built on view 1 in ABC; ballot 5 is built on 3. Views 4 and 5
   become active, and neither descends from the other. WHOLE_STEP: the same with the simple quorums
   of rule 5. NEXT_ON_UNKNOWN: the next configuration is begun on a view that may never have
   been active. */

#ifndef K
#define K 3
#endif
#ifndef BALLOTS
#define BALLOTS 4
#endif
#ifndef RESTARTS
#define RESTARTS 0
#endif

/* Configurations, as masks of members; the first is there at the start. */
#define A 1
#define B 2
#define C 4
#define D 8
#define E 16
#define F 32
#if K == 5
#define MEMBERS 6
#define FIRST   (A + B + C + D + E)
#define SECOND  (A + B + C + D)
#define THIRD   (A + B + C + D + F)
#elif defined(JOIN_FIRST)
#define MEMBERS 4
#define FIRST   (A + B + C)
#define SECOND  (A + B + C + D)
#define THIRD   (A + B + D)
#elif defined(HALF_DONE_CHANGE) || defined(WHOLE_STEP)
#define MEMBERS 4
#define FIRST   (A + B + C)
#define SECOND  (A + B + D)
#define THIRD   (A + B + D)
#else
#define MEMBERS 4
#define FIRST   (A + B + C)
#define SECOND  (A + B)
#define THIRD   (A + B + D)
#endif
#if defined(HALF_DONE_CHANGE) || defined(WHOLE_STEP)
#define LAST 2
#else
#define LAST 3
#endif
#define SEATS(c)   ((c) == 1 -> FIRST : ((c) == 2 -> SECOND : THIRD))
/* Q of a configuration: that of its k, also while a seat is empty; one more while there are k + 1. */
#define Q(c)       (K / 2 + 1 + (count(SEATS(c)) > K))
#define bit_(m)    (1 << (m))
#define has(s, m)  (((s) >> (m)) & 1)
#define count(s)   (((s) & 1) + (((s) >> 1) & 1) + (((s) >> 2) & 1) + (((s) >> 3) & 1) + (((s) >> 4) & 1) + (((s) >> 5) & 1))
#define SUFFICE(set, c) (count((set) & SEATS(c)) >= Q(c))

#ifdef HALF_DONE_CHANGE
#define ACTIVE(b)  (inConfiguration[b] != 0 && SUFFICE(installedBy[b], inConfiguration[b]) && SUFFICE(installedBy[b], inConfiguration[builtOn[b]]))
#define MAY_INSTALL_AS_MEMBER(m, b) has(SEATS(inConfiguration[b]) | SEATS(inConfiguration[builtOn[b]]), m)
#else
#define ACTIVE(b)  (inConfiguration[b] != 0 && SUFFICE(installedBy[b], inConfiguration[b]))
#define MAY_INSTALL_AS_MEMBER(m, b) has(SEATS(inConfiguration[b]), m)
#endif
#if defined(NEXT_ON_UNKNOWN) || defined(HALF_DONE_CHANGE) || defined(WHOLE_STEP)
#define MAY_CHANGE(u) (true)
#else
#define MAY_CHANGE(u) ACTIVE(u)
#endif

byte promised[MEMBERS];                   /* the highest ballot promised */
byte installedBy[BALLOTS + 1], inConfiguration[BALLOTS + 1], builtOn[BALLOTS + 1];

/* The one restart: who, what its old incarnation had promised and installed, who has noted the new
   one and what they had promised when they did, and the views that know of it. */
#define NONE 9
byte restarted = NONE, restarts, oldPromise, oldInstalled, notedBy, floor, notedAt[MEMBERS];
bit  votes = 1, knowsNew[BALLOTS + 1];

byte x, b, u, c, y, w, promises, told;    /* of one step */
bit  old;

/* The view below b that x installed last, as its promise for b tells; in y. */
inline lastInstalled() {
    y = 0; w = 1;
    do
    :: w < b ->
        if
        :: has(installedBy[w], x) && (x != restarted || old == has(oldInstalled, w)) -> y = w
        :: else
        fi;
        w++
    :: else -> break
    od
}

/* A promise by the restarted member's old incarnation that still counts, or any other. Rule 3. */
#define OLD_PROMISE(x) (x == restarted && old)
#define NEW_PROMISE(x) (promised[x] >= b && (x != restarted || (votes && !old && b > floor)))
#ifdef NO_INCARNATIONS
#define FITS(x)        (true)
#else
#define FITS(x)        (!old || !has(notedBy, x) || b <= notedAt[x])
#endif

/* The members whose promises for b tell of no view above u, and whether one tells of u. */
inline gatherPromises() {
    promises = 0; told = 0; x = 0;
    do
    :: x < MEMBERS ->
        lastInstalled();
        if
        :: y <= u && (OLD_PROMISE(x) || (NEW_PROMISE(x) && FITS(x))) ->
            promises = promises | bit_(x);
            told = told | (y == u)
        :: else
        fi;
        x++
    :: else -> break
    od;
    x = 0; y = 0; w = 0
}

/* View b is built on u in configuration c, if the promises suffice. Rules 5, 18. */
inline build() {
    gatherPromises();
    if
    :: told && SUFFICE(promises, inConfiguration[u]) ->
        inConfiguration[b] = c;
        builtOn[b] = u;
        knowsNew[b] = (restarted != NONE && !old && has(promises, restarted) -> 1 : 0);
        do
        :: x < MEMBERS ->
            if
            :: has(promises, x) && has(notedBy, x) && b > notedAt[x] -> knowsNew[b] = 1
            :: else
            fi;
            x++
        :: else -> break
        od
    :: else
    fi
}

/* Of any two active views the older is an ancestor of the newer. */
inline check() {
    w = 1;
    do
    :: w <= BALLOTS ->
        if
        :: w != b && ACTIVE(w) ->
            y = (w < b -> b : w);
            u = (w < b -> w : b);
            do
            :: y > u -> y = builtOn[y]
            :: else -> break
            od;
            assert(y == u)
        :: else
        fi;
        w++
    :: else -> break
    od
}

inline install() {
    promised[x] = b;
    installedBy[b] = installedBy[b] | bit_(x);
    if
    :: x == restarted && !votes -> votes = 1; floor = b
    :: else
    fi;
    if
    :: ACTIVE(b) -> check()
    :: else
    fi
}

/* x restarts: what its old incarnation said stays in flight. */
inline restart() {
    w = 1;
    do
    :: w <= BALLOTS ->
        if
        :: has(installedBy[w], x) -> oldInstalled = oldInstalled | bit_(w)
        :: else
        fi;
        w++
    :: else -> break
    od;
    if
    :: oldInstalled != 0 ->
        restarts++;
        restarted = x;
        oldPromise = promised[x];
        promised[x] = 0;
#ifndef RESTARTED_VOTES
        votes = 0
#endif
    :: else
    fi
}

/* x, which has a view, notes the new incarnation, and tells what it has promised. */
inline note() {
    w = 1;
    do
    :: w <= BALLOTS ->
        if
        :: has(installedBy[w], x) -> y = 1
        :: else
        fi;
        w++
    :: else -> break
    od;
    if
    :: y == 1 ->
        notedBy = notedBy | bit_(x);
        notedAt[x] = promised[x];
        if
        :: promised[x] > floor -> floor = promised[x]; promised[restarted] = floor
        :: else
        fi
    :: else
    fi
}

inline start() {
    do
    :: x < MEMBERS ->
        if
        :: has(FIRST, x) -> promised[x] = 1
        :: else
        fi;
        x++
    :: else -> break
    od;
    inConfiguration[1] = 1; installedBy[1] = FIRST; x = 0
}

active proctype Group() {
    d_step { start() }
    do
    :: atomic {
        if :: x = 0 :: x = 1 :: x = 2 :: MEMBERS > 3 -> x = 3 :: MEMBERS > 4 -> x = 4 :: MEMBERS > 5 -> x = 5 fi;
        if :: b = 2 :: BALLOTS > 2 -> b = 3 :: BALLOTS > 3 -> b = 4 :: BALLOTS > 4 -> b = 5 fi;
        if
        /* x promises */
        :: promised[x] < b && (x != restarted || votes) -> promised[x] = b

        /* view b is built on some u, in its configuration or the next */
        :: x == 0 && inConfiguration[b] == 0 ->
            if :: u = 1 :: b > 2 -> u = 2 :: b > 3 -> u = 3 :: b > 4 -> u = 4 fi;
            if :: old = 0 :: restarted != NONE && oldPromise >= b -> old = 1 fi;
            c = inConfiguration[u];
            if
            :: true
            :: c != 0 && c < LAST && MAY_CHANGE(u) -> c = c + 1
            fi;
            if
            :: c == 0
            :: c != 0 -> d_step { build(); w = 0 }
            fi

        /* x installs */
        :: inConfiguration[b] != 0 && promised[x] <= b && !has(installedBy[b], x) && MAY_INSTALL_AS_MEMBER(x, b) &&
           (x != restarted || (knowsNew[b] && (votes || (SUFFICE(notedBy, inConfiguration[b]) && b >= floor)))) ->
            d_step { install(); w = 0 }

        :: b == 2 && restarts < RESTARTS -> d_step { restart(); w = 0 }
        :: b == 2 && restarted != NONE && !votes && x != restarted && !has(notedBy, x) -> d_step { note(); w = 0 }
        :: else
        fi;
        x = 0; b = 0; u = 0; c = 0; y = 0; w = 0; promises = 0; told = 0; old = 0
    }
    od
}
