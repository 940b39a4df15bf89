/*
 * The processes that share the breaker, and what they know of it. A step is a command of one of them: it reduces the record as it knows it, and has
 * the store compare and set.
 *
 * Which record a process knows is not kept: where it is the present one, that is the same; and where it is not, the write is refused, and the process
 * knows the present one then. But that there is no record is the same before and after a loss.
 */

#include "store.pml"

#define PROCESSES 3
#define NO_SLOT SLOTS

#define STALE 0
#define PRESENT 1
#define NONE 2

typedef Process {
  byte epoch; /* what the store has confirmed */
  byte state;
  byte known; /* what it takes for the record: an older one, the present one, that there is none */
  byte slot; /* of the probe that it runs */
  bool isPast; /* since then it has learned of another epoch */
  byte left /* ticks until that is told to abort: by its own clock, from when it asked */
}

Process process[PROCESSES];

hidden byte a;

inline end_probe(p) {
  process[p].slot = NO_SLOT;
  process[p].isPast = false;
  process[p].left = 0
}

inline start_probe(p) {
  process[p].slot = asked;
  process[p].isPast = false;
  process[p].left = LEASE - age
}

#ifdef WRITES_ANYHOW
#define IS_EXPECTED(p) (true)
#else
#define IS_EXPECTED(p) (process[p].known == PRESENT && isKnown || process[p].known == NONE && !isKnown)
#endif

/* A command begins with what its process has seen. */
inline arrive(p) {
  present();
  restore(process[p].epoch, process[p].state)
}

/* And ends with a write, of which the others do not know yet. */
inline write(p, isHeard) {
  keep();
  for (a : 0 .. PROCESSES - 1) {
    process[a].known = ((isDone || isRestored) && process[a].known == PRESENT -> STALE : process[a].known)
  };
  process[p].known = (!(isHeard) -> process[p].known : (isKnown -> PRESENT : NONE))
}

/* What is confirmed only gets newer. */
inline learn(p) {
  process[p].known = (isKnown -> PRESENT : NONE);
  if
  :: epoch > process[p].epoch ->
    process[p].isPast = process[p].slot != NO_SLOT;
    process[p].epoch = epoch;
    process[p].state = state
  :: else -> skip
  fi
}

/* Also what closed long since, and is kept no longer. */
inline lose_record() {
  lose();
  for (a : 0 .. PROCESSES - 1) { process[a].known = (process[a].known == PRESENT -> STALE : process[a].known) }
}

/* A process that knows nothing takes its place. */
inline crash(p) {
  process[p].epoch = 0;
  process[p].state = CLOSED;
  process[p].known = STALE;
  end_probe(p)
}

inline tick_processes() {
  for (a : 0 .. PROCESSES - 1) {
    process[a].left = (process[a].left > 0 -> process[a].left - 1 : 0);
    process[a].slot = (process[a].left > 0 -> process[a].slot : NO_SLOT);
    process[a].isPast = process[a].isPast && process[a].left > 0
  }
}

/* Not more than all processes and the store have, and two new ones. */
#define EPOCHS 8
hidden byte number[EPOCHS];

/* Of epochs only the order matters. Numbered anew after each step, they stay few, and runs of any length are looked at. */
inline renumber() {
#ifdef PLAIN_COUNTER
  skip
#else
  for (a : 0 .. EPOCHS - 1) { number[a] = 0 }
  number[epoch] = 1;
  for (a : 0 .. PROCESSES - 1) { number[process[a].epoch] = 1 }
  number[0] = 0;
  for (a : 1 .. EPOCHS - 1) { number[a] = number[a] + number[a - 1] }
  epoch = number[epoch];
  for (a : 0 .. PROCESSES - 1) { process[a].epoch = number[process[a].epoch] }
  micros = number[EPOCHS - 1]
#endif
}

/* All have heard that the breaker is open. */
inline begin() {
  isKnown = true;
  micros = 1;
  epoch = 1;
  state = OPEN;
  for (a : 0 .. PROCESSES - 1) {
    process[a].epoch = 1;
    process[a].state = OPEN;
    process[a].known = PRESENT;
    process[a].slot = NO_SLOT
  };
  skip
}
