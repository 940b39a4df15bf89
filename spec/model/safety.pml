/*
 * What must never happen, however often processes die, the store loses everything, answers get lost and results come late:
 *   - more probes at once than PROBES, of whatever epoch;
 *   - one epoch, two states;
 *   - a late result that changes something: of an epoch that has passed, or once more.
 *
 * A write is on its way for a tick or for none: between, nobody else has written, or it would be refused. Its times are counted from when it was sent.
 * What a process has to tell of a probe it keeps, for any time, and sends it again until it is answered.
 */

#include "fleet.pml"

#define NOTHING 0
#define SUCCESS 1
#define FAILURE 2
#define RELEASE 3

typedef Result {
  byte outcome;
  byte slot;
  bool isPast
}

/* What each process has to tell; one at a time, of all. */
Result late[PROCESSES];
bool isAnyLate;

/* By slot: it was given in the present epoch, and its result has not counted. */
bool isCurrent[SLOTS];

hidden byte before;
hidden byte running;
hidden byte isUsed;
hidden byte b;

/* After whatever the store did: slots of an epoch that has passed are not current. */
inline outdate() {
  for (a : 0 .. SLOTS - 1) { isCurrent[a] = isCurrent[a] && epoch == before }
  before = epoch
}

inline judge() {
  outdate();
  running = 0;
  for (a : 0 .. PROCESSES - 1) {
    running = running + (process[a].slot != NO_SLOT);
    assert(process[a].epoch != epoch || process[a].state == state);
    for (b : 0 .. PROCESSES - 1) {
      assert(process[a].epoch != process[b].epoch || process[a].state == process[b].state)
    }
  }
  assert(running <= PROBES);
  renumber()
}

/* Names of slots are never used again. Here one is when nobody has it, or may still speak of it. */
inline ask_for_slot() {
  asked = SLOTS;
  for (a : 0 .. SLOTS - 1) {
    isUsed = lease[a] > 0;
    for (b : 0 .. PROCESSES - 1) {
      isUsed = isUsed || process[b].slot == a || (late[b].outcome != NOTHING && late[b].slot == a)
    };
    isUsed = isUsed || succeeded[a];
    asked = (asked == SLOTS && !isUsed -> a : asked)
  }
}

inline hear(p) {
  late[p].isPast = late[p].outcome != NOTHING && (late[p].isPast || epoch > process[p].epoch);
  learn(p)
}

/* The end of every command. */
inline answer(p, isHeard) {
  write(p, isHeard);
  if
  :: isHeard -> hear(p)
  :: else -> skip
  fi
}

inline acquire_(p, isHeard) {
  ask_for_slot();
#ifdef WRITES_ANYHOW
  /* In the record that it knew, no slot was given yet. */
  for (i : 0 .. SLOTS - 1) { lease[i] = (process[p].known == STALE -> 0 : lease[i]) }
#endif
  acquire();
  outdate();
  if
  :: isDone -> isCurrent[asked] = true
  :: else -> skip
  fi;
  answer(p, isHeard);
  if
  :: isDone && isHeard -> start_probe(p)
  :: else -> skip
  fi
}

inline renew_(p, isHeard) {
  renew(process[p].slot);
  answer(p, isHeard);
  if
  :: isHeard && isDone -> process[p].left = LEASE - age
  :: isHeard && !isDone -> end_probe(p)
  :: else -> skip
  fi
}

/* Unheard, it is sent again. */
inline result_(p, isHeard) {
  if
  :: late[p].outcome == RELEASE -> isDone = lease[late[p].slot] > 0; lease[late[p].slot] = 0
  :: else ->
    result(late[p].slot, late[p].outcome == SUCCESS, epoch == process[p].epoch && !late[p].isPast);
    assert(!isDone || isCurrent[late[p].slot]);
    isCurrent[late[p].slot] = isCurrent[late[p].slot] && !isDone
  fi;
  if
  :: isHeard -> forget_result(p)
  :: else -> skip
  fi;
  answer(p, isHeard)
}

inline forget_result(p) {
  isAnyLate = isAnyLate && late[p].outcome == NOTHING;
  late[p].outcome = NOTHING;
  late[p].slot = 0;
  late[p].isPast = false
}

#define END_PROBE isAnyLate = true; late[p].slot = process[p].slot; late[p].isPast = process[p].isPast; end_probe(p)

#define COMMAND(ticks) before = epoch; age = ticks; arrive(p); outdate()

/* With its answer or without, and by a write that is on its way for some ticks. */
#define COMMANDS(isHeard, ticks) \
  :: d_step { IS_EXPECTED(p) -> COMMAND(ticks); answer(p, isHeard); judge() } \
  :: d_step { IS_EXPECTED(p) && process[p].state == CLOSED -> COMMAND(ticks); vote(process[p].epoch); answer(p, isHeard); judge() } \
  :: d_step { IS_EXPECTED(p) && process[p].slot == NO_SLOT -> COMMAND(ticks); acquire_(p, isHeard); judge() } \
  :: d_step { IS_EXPECTED(p) && process[p].slot != NO_SLOT && process[p].left > ticks -> COMMAND(ticks); renew_(p, isHeard); judge() } \
  :: d_step { IS_EXPECTED(p) && late[p].outcome != NOTHING -> COMMAND(ticks); result_(p, isHeard); judge() }

proctype Acts(byte p) {
  do
  :: d_step { !IS_EXPECTED(p) -> before = epoch; hear(p); judge() }
  COMMANDS(true, 0)
  COMMANDS(false, 0)
#if LATE > 0
  COMMANDS(true, LATE)
  COMMANDS(false, LATE)
#endif
#ifdef OPERATOR
  :: d_step { IS_EXPECTED(p) -> COMMAND(0); enter(CLOSED); isDone = true; answer(p, true); judge() }
#endif
  :: d_step { process[p].slot != NO_SLOT && !isAnyLate -> late[p].outcome = SUCCESS; END_PROBE }
  :: d_step { process[p].slot != NO_SLOT && !isAnyLate -> late[p].outcome = FAILURE; END_PROBE }
  :: d_step { process[p].slot != NO_SLOT && !isAnyLate -> late[p].outcome = RELEASE; END_PROBE }
  :: d_step { before = epoch; crash(p); forget_result(p); judge() }
  od
}

proctype World() {
  do
  :: d_step { tick_processes(); tick_store() }
  :: d_step { before = epoch; lose_record(); judge() }
  od
}

init {
  d_step { begin() };
  atomic {
    run World();
    for (a : 0 .. PROCESSES - 1) { run Acts(a) }
  }
}
