/*
 * The processes that share the breaker, and what they know of it. A step is a command of one of them, from its being carried out to its
 * answer.
 */

#include "store.pml"

#define PROCESSES 3
#define NO_SLOT SLOTS

typedef Process {
  byte epoch; /* what the store has confirmed */
  byte state;
  byte slot; /* of the probe that it runs */
  byte left /* ticks until that is told to abort: by its own clock, from when it asked */
}

Process process[PROCESSES];

hidden byte a;

inline end_probe(p) {
  process[p].slot = NO_SLOT;
  process[p].left = 0
}

inline start_probe(p) {
  process[p].slot = asked;
  process[p].left = LEASE
}

/* Every command carries what its sender has confirmed. */
inline arrive(p) {
  present();
  restore(process[p].epoch, process[p].state)
}

/* Answers come in any order: what is confirmed only gets newer. */
inline learn(p) {
  if
  :: epoch > process[p].epoch -> process[p].epoch = epoch; process[p].state = state
  :: else -> skip
  fi
}

/* A process that knows nothing takes its place. */
inline crash(p) {
  process[p].epoch = 0;
  process[p].state = CLOSED;
  end_probe(p)
}

inline tick_processes() {
  for (a : 0 .. PROCESSES - 1) {
    process[a].left = (process[a].left > 0 -> process[a].left - 1 : 0);
    process[a].slot = (process[a].left > 0 -> process[a].slot : NO_SLOT)
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
    process[a].slot = NO_SLOT
  };
  skip
}
