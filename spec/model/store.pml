/*
 * What a store keeps of one shared breaker, and what it does for a command: the machine of lib/fleet/reduce.ts, rule by rule.
 *
 * What it leaves out: counts and quorums (one vote opens the breaker), overrides, settings, who is alive, and when a record is forgotten.
 * Times are ticks that are left. All clocks tick at the same pace, and any number of steps fits between two ticks.
 *
 * Who includes it defines PROBES (how many may run at once, and how many must succeed), LEASE and OPEN_TIME (ticks), SLOTS (how many
 * there are names for). Each of these takes a rule away, and makes a property fail:
 *   NO_QUARANTINE         a record that was lost is quarantined
 *   FORGETS_UNKNOWN       also one that no process has told the store of yet
 *   SHORT_QUARANTINE      for as long as a lease
 *   TAKEN_AWAY_FREE       slots that a transition takes away are quarantined
 *   PLAIN_COUNTER         an epoch is at least the time
 *   RESULT_WITHOUT_SLOT   a result counts only while its slot is held
 *   LEASES_LAST           a slot runs out
 *
 * Arguments of `inline` are text: they are put in brackets where an operator is near.
 */

#define CLOSED 0
#define OPEN 1
#define HALF_OPEN 2

#ifdef SHORT_QUARANTINE
#define QUARANTINE (LEASE - 1)
#else
#define QUARANTINE LEASE
#endif

bool isKnown;
byte epoch;
byte state;
byte openLeft;
byte successes;
byte quarantine;
byte lease[SLOTS];

/* The clock in microseconds, of which only matters that it is later at each transition, and that a loss of the store does not turn it back. */
byte micros;

/* Of the step at hand alone: what a command came to, and the slot that it asks for. */
hidden byte isDone;
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

inline enter(newState) {
  take_slots_away();
  state = newState;
  successes = 0;
  openLeft = (newState == OPEN -> OPEN_TIME : 0);
  next(epoch)
}

/* Every command begins with it: the record, or a new one when the store knows of none. */
inline present() {
  if
  :: isKnown -> skip
  :: else ->
    isKnown = true;
#ifndef NO_QUARANTINE
#ifndef FORGETS_UNKNOWN
    quarantine_for(QUARANTINE)
#endif
#endif
  fi
}

/* The sender has confirmed what the store has lost. That it would stay open for a while is left out: what may not be asked at once is
   among the runs in which nobody asks. */
inline restore(seenEpoch, seenState) {
  if
  :: seenEpoch > epoch ->
    take_slots_away();
    successes = 0;
    openLeft = 0;
#ifndef NO_QUARANTINE
    quarantine_for(QUARANTINE);
#endif
    if
    :: seenState == HALF_OPEN -> state = OPEN; next(seenEpoch)
    :: else -> state = seenState; epoch = seenEpoch
    fi
  :: else -> skip
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
  held = 0;
  for (i : 0 .. SLOTS - 1) { held = held + (lease[i] > 0) }
  isDone = isDone && held < PROBES && (held == 0 || held + successes < PROBES);
  if
  :: isDone -> lease[asked] = LEASE
  :: else -> skip
  fi
}

inline renew(slot_) {
  isDone = lease[slot_] > 0;
  if
  :: isDone -> lease[slot_] = LEASE
  :: else -> skip
  fi
}

inline result(slot_, isSuccess) {
#ifdef RESULT_WITHOUT_SLOT
  isDone = state == HALF_OPEN;
#else
  isDone = state == HALF_OPEN && lease[slot_] > 0;
#endif
  if
  :: isDone ->
    lease[slot_] = 0;
    successes = successes + (isSuccess);
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
  successes = 0;
  quarantine = 0;
  for (i : 0 .. SLOTS - 1) { lease[i] = 0 }
}
