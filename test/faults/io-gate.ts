import type { Collector } from '../../agent/core/collector.ts';

/** Knows which calls to clouds are under way, so that a fake clock can stand still while real answers come in. */
export interface IoGate {
  watch(collector: Collector): Collector;
  /** Resolves when nothing is under way and nothing was begun by what came in last. */
  idle(): Promise<void>;
}

export function createIoGate(): IoGate {
  const underWay = new Set<Promise<unknown>>();
  const keep = <T>(work: Promise<T>): Promise<T> => {
    const kept: Promise<unknown> = work.then(
      () => underWay.delete(kept),
      () => underWay.delete(kept),
    );
    underWay.add(kept);
    return work;
  };
  return {
    watch: (collector) => ({
      ...collector,
      discover: (signal) => keep(collector.discover(signal)),
      collect: (request, signal) => keep(collector.collect(request, signal)),
    }),
    async idle() {
      while (underWay.size > 0) {
        await Promise.all(underWay);
        await new Promise<void>((resolve) => void setImmediate(resolve));
      }
    },
  };
}
