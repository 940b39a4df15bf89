/*
 * The record of one shared breaker, and what becomes of it by a command: the rules of lib/fleet/reduce.ts.
 *
 * What it leaves out: counts and quorums (one vote opens the breaker), overrides, slots that are kept for the next call, clocks that are set, and
 * servers that take over with older records. Times are ticks that are left. All clocks tick at the same pace, and any number of steps fits between
 * two ticks.
 *
 * Who includes it defines PROBES (how many may run at once, and how many must succeed), LEASE, OPEN_TIME and LATE (ticks; a write is on its way for LATE at
 * most), SLOTS (how many there are names for). Each of these takes a rule away, and makes a property fail:
 *   NO_QUARANTINE         a record that was lost is quarantined
 *   FORGETS_UNKNOWN       also one that no process has told the store of yet
 *   SHORT_QUARANTINE      for as long as a lease
 *   TAKEN_AWAY_FREE       slots that a transition takes away are quarantined
 *   PLAIN_COUNTER         an epoch is at least the time
 *   WRITES_ANYHOW         a write compares the revision
 *   WRITES_LATE           a quarantine is longer by the time that a write may be on its way
 *   RESULT_OF_ANY_PERIOD  a result counts in the half-open period of its slot
 *   RESULT_AGAIN          and once
 *   LEASES_LAST           a slot runs out
 *
 * Arguments of `inline` are text: they are put in brackets where an operator is near.
 */

#define CLOSED 0
#define OPEN 1
#define HALF_OPEN 2


#ifdef SHORT_QUARANTINE
#define QUARANTINE (LEASE - 1 + LATE)
#else
#ifdef WRITES_LATE
#define QUARANTINE LEASE
#else
#define QUARANTINE (LEASE + LATE)
#endif
#endif

/* Whether there is a record; when not, all of the following is 0. */
bool isKnown;
byte epoch;
byte state;
byte openLeft;
bool succeeded[SLOTS];
byte quarantine;
byte lease[SLOTS];

/* The clock in microseconds, of which only matters that it is later at each transition, and that a loss of the store does not turn it back. */
byte micros;

/* Of the step at hand alone: what a command came to, the slot that it asks for, and for how many ticks the write of it was on its way. */
hidden byte isDone;
hidden byte isRestored;
hidden byte age;
hidden byte epochBefore;
hidden byte quarantineBefore;
hidden byte successes;
hidden byte asked;
hidden byte held;
hidden byte i;

inline next(after) {
#ifdef PLAIN_COUNTER
  epoch = (after) + 1
#else
  /* The greater one of the time and `after + 1`: each epoch was this clock's time once. */
  micros++;
  epoch = micros
#endif
}

inline quarantine_for(ticks) {
  quarantine = (quarantine < (ticks) -> (ticks) : quarantine)
}

inline take_slots_away() {
  for (i : 0 .. SLOTS - 1) {
#ifndef TAKEN_AWAY_FREE
    quarantine_for(lease[i]);
#endif
    lease[i] = 0
  }
}

inline count_successes() {
  successes = 0;
  for (i : 0 .. SLOTS - 1) { successes = successes + succeeded[i] }
}

inline forget_successes() {
  for (i : 0 .. SLOTS - 1) { succeeded[i] = false }
}

inline enter(newState) {
  take_slots_away();
  forget_successes();
  state = newState;
  openLeft = (newState == OPEN -> OPEN_TIME : 0);
  next(epoch)
}

/* Every command begins with it: the record, or a new one when there is none. */
inline present() {
  isDone = false;
  isRestored = false;
  epochBefore = epoch;
  quarantineBefore = quarantine;
#ifndef NO_QUARANTINE
#ifndef FORGETS_UNKNOWN
  if
  :: isKnown -> skip
  :: else -> quarantine_for(QUARANTINE - age)
  fi
#endif
#endif
}

/* Its process has seen what the store has lost. That it would stay open for a while is left out: what may not be asked at once is
   among the runs in which nobody asks. */
inline restore(seenEpoch, seenState) {
  if
  :: seenEpoch > epoch && seenState == CLOSED && state == CLOSED -> epoch = seenEpoch
  :: seenEpoch > epoch && !(seenState == CLOSED && state == CLOSED) ->
    isRestored = true;
    take_slots_away();
    forget_successes();
    openLeft = 0;
#ifndef NO_QUARANTINE
    quarantine_for(QUARANTINE - age);
#endif
    if
    :: seenState == HALF_OPEN -> state = OPEN; next(seenEpoch)
    :: else -> state = seenState; epoch = seenEpoch
    fi
  :: else -> skip
  fi
}

/* Every command ends with it: what came to nothing is not written. */
inline keep() {
  if
  :: isDone || isRestored -> isKnown = true
  :: else -> epoch = epochBefore; quarantine = quarantineBefore
  fi
}

inline vote(seenEpoch) {
  isDone = state == CLOSED && seenEpoch == epoch;
  if
  :: isDone -> enter(OPEN)
  :: else -> skip
  fi
}

/* A slot of the name `asked`; none when there is no name left. */
inline acquire() {
  isDone = state != CLOSED && quarantine == 0 && (state == HALF_OPEN || openLeft == 0) && asked < SLOTS;
  if
  :: isDone && state == OPEN -> enter(HALF_OPEN)
  :: else -> skip
  fi;
  count_successes();
  held = 0;
  for (i : 0 .. SLOTS - 1) { held = held + (lease[i] > 0) }
  isDone = isDone && held < PROBES && (held == 0 || held + successes < PROBES);
  if
  :: isDone -> lease[asked] = LEASE - age
  :: else -> skip
  fi
}

inline renew(slot_) {
  isDone = lease[slot_] > 0;
  if
  :: isDone -> lease[slot_] = (lease[slot_] < LEASE - age -> LEASE - age : lease[slot_]) /* what was sent later lasts longer */
  :: else -> skip
  fi
}

/* Of the same period: the present epoch is the one in which its slot was given. */
inline result(slot_, isSuccess, isSamePeriod) {
  isDone = state == HALF_OPEN;
#ifndef RESULT_OF_ANY_PERIOD
  isDone = isDone && (isSamePeriod);
#endif
#ifndef RESULT_AGAIN
  isDone = isDone && !succeeded[slot_];
#endif
  if
  :: isDone ->
    lease[slot_] = 0;
    succeeded[slot_] = (isSuccess);
    count_successes();
    if
    :: !(isSuccess) -> enter(OPEN)
    :: (isSuccess) && successes >= PROBES -> enter(CLOSED)
    :: else -> skip
    fi
  :: else -> skip
  fi
}

inline tick_store() {
#ifndef LEASES_LAST
  for (i : 0 .. SLOTS - 1) { lease[i] = (lease[i] > 0 -> lease[i] - 1 : 0) }
#endif
  quarantine = (quarantine > 0 -> quarantine - 1 : 0);
  openLeft = (openLeft > 0 -> openLeft - 1 : 0)
}

/* FLUSHALL, or started again without its data. */
inline lose() {
  isKnown = false;
  epoch = 0;
  state = CLOSED;
  openLeft = 0;
  quarantine = 0;
  forget_successes();
  for (i : 0 .. SLOTS - 1) { lease[i] = 0 }
}
