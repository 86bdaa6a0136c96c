import { minuteMs } from '../core/time.ts';
import type { Clock } from '../core/time.ts';
import type { ProcessMemory } from './give-back-loop.ts';

/** How long after the last question an answer is no longer waited for: boards ask again within a minute, a page within five. */
const restAfterMs = 10 * minuteMs;

/** Room for answers to be made in, while somebody asks. */
export interface Room {
  /** Somebody asks. */
  asked(): void;
  /** Gives the room up where nobody has asked for long. */
  look(): void;
}

/** An agent that nobody looks at rests small; one that is looked at may take a third more, and answers in half the time. */
export function createRoom(clock: Pick<Clock, 'now'>, memory: ProcessMemory): Room {
  let isOpen = false;
  let latest = 0;
  return {
    asked() {
      latest = clock.now();
      if (isOpen) return;
      isOpen = true;
      memory.makeRoom(true);
    },
    look() {
      // A clock that was set back says nothing of how long it was.
      if (!isOpen || Math.abs(clock.now() - latest) < restAfterMs) return;
      isOpen = false;
      memory.makeRoom(false);
    },
  };
}
