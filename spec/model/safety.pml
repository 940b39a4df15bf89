/*
 * What must never happen, however often processes die, the store loses everything, answers get lost and results come late:
 *   - more probes at once than PROBES, of whatever epoch;
 *   - one epoch, two states;
 *   - a late result that changes something: of an epoch that has passed, or once more.
 *
 * Of the commands only results are on their way for a time. Any other one that comes late does what it would have done when it was sent
 * by a process that has not heard of anything since; and a slot is counted from when it is asked for, so that a late one is shorter.
 */

#include "fleet.pml"

#define NOTHING 0
#define SUCCESS 1
#define FAILURE 2
#define RELEASE 3

typedef Result {
  byte outcome;
  byte slot
}

/* On its way from each process; one at a time, of all. */
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
    }
    asked = (asked == SLOTS && !isUsed -> a : asked)
  }
}

inline get_(p, isHeard) {
  if
  :: isHeard -> learn(p)
  :: else -> skip
  fi
}

inline acquire_(p, isHeard) {
  ask_for_slot();
  acquire();
  outdate();
  if
  :: isDone -> isCurrent[asked] = true
  :: else -> skip
  fi;
  if
  :: isDone && isHeard -> start_probe(p)
  :: else -> skip
  fi;
  get_(p, isHeard)
}

inline renew_(p, isHeard) {
  renew(process[p].slot);
  if
  :: isHeard && isDone -> process[p].left = LEASE
  :: isHeard && !isDone -> end_probe(p)
  :: else -> skip
  fi;
  get_(p, isHeard)
}

/* Unheard, it is sent again. */
inline result_(p, isHeard) {
  if
  :: late[p].outcome == RELEASE -> lease[late[p].slot] = 0
  :: else ->
    result(late[p].slot, late[p].outcome == SUCCESS);
    assert(!isDone || isCurrent[late[p].slot]);
    isCurrent[late[p].slot] = isCurrent[late[p].slot] && !isDone
  fi;
  if
  :: isHeard -> late[p].outcome = NOTHING; late[p].slot = 0; isAnyLate = false
  :: else -> skip
  fi;
  get_(p, isHeard)
}

#define COMMAND before = epoch; arrive(p); outdate()

/* Each process twice: that its answers are heard, and that they get lost. */
proctype Asks(byte p; bool isHeard) {
  do
  :: d_step { COMMAND; get_(p, isHeard); judge() }
  :: d_step { process[p].state == CLOSED -> COMMAND; vote(process[p].epoch); get_(p, isHeard); judge() }
  :: d_step { process[p].slot == NO_SLOT -> COMMAND; acquire_(p, isHeard); judge() }
  :: d_step { process[p].slot != NO_SLOT -> COMMAND; renew_(p, isHeard); judge() }
  :: d_step { late[p].outcome != NOTHING -> COMMAND; result_(p, isHeard); judge() }
#ifdef OPERATOR
  :: d_step { COMMAND; enter(CLOSED); get_(p, isHeard); judge() }
#endif
  od
}

#define END_PROBE isAnyLate = true; late[p].slot = process[p].slot; end_probe(p)

proctype Ends(byte p) {
  do
  :: d_step { process[p].slot != NO_SLOT && !isAnyLate -> late[p].outcome = SUCCESS; END_PROBE }
  :: d_step { process[p].slot != NO_SLOT && !isAnyLate -> late[p].outcome = FAILURE; END_PROBE }
  :: d_step { process[p].slot != NO_SLOT && !isAnyLate -> late[p].outcome = RELEASE; END_PROBE }
  :: d_step { before = epoch; crash(p); judge() }
  od
}

proctype World() {
  do
  :: d_step { tick_processes(); tick_store() }
  :: d_step { before = epoch; lose(); judge() }
  od
}

init {
  d_step { begin() };
  atomic {
    run World();
    for (a : 0 .. PROCESSES - 1) {
      run Asks(a, true);
      run Asks(a, false);
      run Ends(a)
    }
  }
}
