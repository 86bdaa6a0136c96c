import { vi } from 'vitest';
import { startTraces } from '../../../exporters/otlp/traces.ts';
import type { Traces } from '../../../exporters/otlp/traces.ts';
import type { TracesEndpoint } from '../../../exporters/otlp/delivery.ts';
import { startOtlpReceiver } from '../../support/otlp-receiver.ts';
import type { OtlpReceiver } from '../../support/otlp-receiver.ts';
import { recordedLog } from '../../support/recorded-log.ts';
import type { RecordedLog } from '../../support/recorded-log.ts';

/** What one test starts, ended again by `close`. */
export interface TracesWorld {
  readonly log: RecordedLog;
  receive(...reply: Parameters<typeof startOtlpReceiver>): Promise<OtlpReceiver>;
  /** @param timeoutMs by default far longer than a loopback takes */
  start(endpoints: readonly TracesEndpoint[], timeoutMs?: number): Traces;
  close(): Promise<void>;
}

export function createTracesWorld(): TracesWorld {
  const log = recordedLog();
  const closing: (() => Promise<void>)[] = [];
  return {
    log,
    async receive(...reply) {
      const receiver = await startOtlpReceiver(...reply);
      closing.push(() => receiver.close());
      return receiver;
    },
    start(endpoints, timeoutMs = 60_000) {
      const traces = startTraces({ endpoints, serviceVersion: '1.2.3', log, timeoutMs });
      closing.push(() => traces.shutdown());
      return traces;
    },
    async close() {
      vi.useRealTimers();
      vi.unstubAllEnvs();
      for (const close of closing.toReversed()) await close();
    },
  };
}

export function at(
  endpoint: string,
  headers: TracesEndpoint['headers'] = () => ({}),
): TracesEndpoint {
  return { endpoint, headers };
}

export async function work({ tracer }: Traces, spans = 1): Promise<void> {
  for (let i = 0; i < spans; i += 1) await tracer.span('crossbill.poll', {}, async () => undefined);
}

/** From here on spans are sent as soon as they have ended, not every 5 s. */
export function sendAtOnce(): void {
  vi.stubEnv('OTEL_BSP_SCHEDULE_DELAY', '1');
}

/** Time stands still but for what the test lets pass; sockets go on as ever. */
export function stopTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
}

/** Something to wait for until the test opens it. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const opening = new AbortController();
  const opened = new Promise<void>((resolve) => {
    opening.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  return { opened, open: () => opening.abort() };
}
