import { isDemoLedger } from './demo-config.ts';
import type { Platform } from './platform.ts';
import { report } from './report.ts';
import type { ReportRequest } from './report.ts';
import { interpretationOf, readConfig } from './settings.ts';

/** `crossbill report`: reads the ledger beside a running agent. */
export async function reportVerb(
  platform: Platform,
  request: ReportRequest & { readonly config: string },
): Promise<number> {
  const { config } = readConfig(platform, request.config);
  const clock = platform.createClock();
  const reader = await platform.openLedgerReader(config.ledger.path, interpretationOf(config));
  try {
    await report(request, {
      reader,
      teams: config.teams,
      now: clock.now(),
      demo: isDemoLedger(config.ledger.path),
      out: platform.out,
      err: platform.err,
    });
    return 0;
  } finally {
    reader.close();
  }
}
