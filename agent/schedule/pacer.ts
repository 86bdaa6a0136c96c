import type { CollectDeps } from './collect.ts';

/** Puts on record how a target goes, and says so once at each change. */
export interface Pacer {
  note(cadenceSeconds: number, slowed: string | null): void;
}

export function createPacer({ ledger, log }: CollectDeps, target: string): Pacer {
  let recorded: string | undefined;
  let told = '';
  return {
    note(cadenceSeconds, slowed) {
      const now = `${cadenceSeconds} ${slowed ?? ''}`;
      if (now === recorded) return;
      recorded = now;
      ledger.recordPace(target, cadenceSeconds, slowed);
      // The amounts in the reason move with every poll; what is slowed does not.
      const what = slowed?.split(':')[0] ?? '';
      if (what === told) return;
      told = what;
      if (slowed === null) log.info('no longer slowed', { target });
      else log.warn('slowed', { target, slowed });
    },
  };
}
