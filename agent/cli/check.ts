import { describeConfig } from '../config/describe.ts';
import { notYet } from './not-yet.ts';
import type { Platform } from './platform.ts';
import { readConfig } from './settings.ts';

/** `crossbill check`: validates the configuration and changes nothing. */
export async function checkVerb(
  platform: Platform,
  configPath: string,
  options: { readonly json: boolean },
): Promise<number> {
  const loaded = readConfig(platform, configPath);
  const remarks = notYet(loaded);
  const { config } = loaded;
  if (options.json) {
    const answer = { file: loaded.file, valid: true, remarks, config: describeConfig(config) };
    platform.out.write(`${JSON.stringify(answer, null, 2)}\n`);
    return 0;
  }
  platform.out.write(`${loaded.file}: the configuration is valid\n`);
  for (const source of config.sources) {
    const where =
      source.type === 'aws'
        ? `regions ${source.regions === 'auto' ? 'auto' : source.regions.join(', ')}; ${accounts(source.roles.length)}`
        : source.subscriptions.length === 0
          ? 'every subscription the credential sees'
          : source.subscriptions.join(', ');
    platform.out.write(`  ${source.name} (${source.type}): ${where}\n`);
  }
  platform.out.write(
    `  polled every ${config.poll.everySeconds} s, the newest ${config.poll.overlapSeconds} s read again each time\n` +
      `  ledger ${config.ledger.path}\n`,
  );
  for (const remark of remarks) platform.out.write(`note: ${remark}\n`);
  return 0;
}

function accounts(roles: number): string {
  return roles === 0 ? 'own credentials' : `${roles} role${roles === 1 ? '' : 's'}`;
}
