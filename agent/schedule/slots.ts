/** A fixed number of slots; of those who wait the one with the highest priority goes first. */
export interface Slots {
  run<T>(priority: number, work: () => Promise<T>): Promise<T>;
}

export function createSlots(count: number): Slots {
  let free = count;
  const waiting: { readonly priority: number; readonly go: () => void }[] = [];

  function release(): void {
    let best = -1;
    for (let i = 0; i < waiting.length; i += 1) {
      if (best === -1 || (waiting[i]?.priority ?? 0) > (waiting[best]?.priority ?? 0)) best = i;
    }
    const next = waiting.splice(best, best === -1 ? 0 : 1)[0];
    if (next === undefined) free += 1;
    else next.go();
  }

  return {
    async run(priority, work) {
      if (free > 0) free -= 1;
      else await new Promise<void>((go) => waiting.push({ priority, go }));
      try {
        return await work();
      } finally {
        release();
      }
    },
  };
}
