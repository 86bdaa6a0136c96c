import { createApp } from '../app.ts';
import type { App } from '../app.ts';
import { createApi } from '../api/api.ts';
import type { LoadedConfig } from '../config/load.ts';
import { suggestion } from '../config/nearest.ts';
import type { Ledger } from '../core/store.ts';
import type { Log } from '../core/log.ts';
import type { Clock } from '../core/time.ts';
import { demoCredentials } from './demo-config.ts';
import type { Platform } from './platform.ts';
import { collectSettingsOf, interpretationOf } from './settings.ts';

/** A whole running agent: ledger, loops and listener. */
export interface RunningAgent {
  readonly url: string;
  readonly app: App;
  readonly ledger: Ledger;
  stop(): Promise<void>;
}

/** Opens, starts and listens; what was opened is closed again when a later step fails. */
export async function startAgent(
  platform: Platform,
  { config }: LoadedConfig,
  clock: Clock,
  log: Log,
  demo: boolean,
): Promise<RunningAgent> {
  const ledger = await platform.openLedger(
    config.ledger.path,
    interpretationOf(config),
    clock.now(),
  );
  try {
    const collectors = await Promise.all(
      config.sources.map((source) =>
        platform.createCollector(source, clock, demo ? demoCredentials : undefined),
      ),
    );
    const traces = await platform.startTraces(config.exporters, log);
    const app = createApp({
      clock,
      log,
      tracer: traces.tracer,
      ledger,
      collectors,
      settings: collectSettingsOf(config),
      random: platform.random,
    });
    const api = createApi({
      reader: ledger,
      status: ledger,
      clock,
      demo,
      version: platform.version,
      teams: config.teams,
      tokens: config.auth.tokens,
      listenHost: config.listen.host,
      publicUrl: config.publicUrl,
      allowedHosts: config.allowedHosts,
      everySeconds: config.poll.everySeconds,
      waitingFor: () => app.waitingFor(),
      suggest: suggestion,
      onError: (error, doing) => log.error('request failed', { doing, error: String(error) }),
    });
    const server = await platform.serve(api.fetch, { ...config.listen, tls: config.tls });
    app.start();
    return {
      url: server.url,
      app,
      ledger,
      async stop() {
        await app.stop();
        await Promise.all([server.close(), traces.shutdown()]);
        ledger.close();
      },
    };
  } catch (error) {
    ledger.close();
    throw error;
  }
}
