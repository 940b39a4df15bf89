/*
 * What must happen: as long as no probe has succeeded, there is another one, again and again, whichever way the one before it ended:
 * it failed, it hung and was told to abort, or its process died; and also when the store loses everything.
 *
 * For what goes on forever, faults are few: two of the processes die, the store loses everything once, or none of it.
 */

#include "fleet.pml"

/* A probe has begun since the last tick. */
bool hasBegun;

byte alive = PROCESSES;

inline settle_failure(p) {
  arrive(p);
  result(process[p].slot, false, epoch == process[p].epoch && !process[p].isPast);
  write(p, true);
  learn(p);
  end_probe(p);
  renumber()
}

/* The slots of a process all have its name: here no result comes late. */
inline try_to_probe(p) {
  arrive(p);
  asked = p;
  acquire();
  write(p, true);
  learn(p);
  if
  :: isDone -> start_probe(p); hasBegun = true
  :: else -> skip
  fi;
  renumber()
}

proctype Probes(byte p) {
  do
  :: d_step { !IS_EXPECTED(p) -> learn(p); renumber() }
  :: d_step { IS_EXPECTED(p) && process[p].slot == NO_SLOT -> try_to_probe(p) }
  :: d_step { IS_EXPECTED(p) && process[p].slot != NO_SLOT -> settle_failure(p) }
  :: process[p].slot != NO_SLOT -> /* it hangs */ process[p].slot == NO_SLOT
  :: d_step { alive > 1 -> alive--; crash(p) } -> break
  od
}

proctype Time() {
  do
  :: d_step { tick_processes(); tick_store(); hasBegun = false }
  od
}

proctype Fault() {
  d_step { lose_record(); renumber() }
}

init {
  d_step { begin() };
  atomic {
    run Time();
    run Fault();
    for (a : 0 .. PROCESSES - 1) { run Probes(a) }
  }
}

ltl probed_again { [] <> hasBegun }
