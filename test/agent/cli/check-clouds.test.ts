import { describe, expect, it, vi } from 'vitest';
import { hourMs, isoUtc } from '../../../agent/core/time.ts';
import type { Call } from '../../../collectors/emulator/faults.ts';
import type { Answer } from '../../../collectors/emulator/http.ts';
import { cliProcess, configFile, eventually } from '../../support/cli-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { memoryTerminal } from '../../support/memory-terminal.ts';
import { startSmallClouds } from '../../support/small-clouds.ts';

// Real clients over loopback.
vi.setConfig({ testTimeout: 60_000 });

const noon = Date.UTC(2026, 10, 18, 12);
const tokyo = '00000000-0000-0000-0000-000000000002';

async function world() {
  const clock = createFakeClock(noon);
  let refused: (call: Call) => Answer | undefined = () => undefined;
  const clouds = await startSmallClouds(() => clock.now(), { intercept: (call) => refused(call) });
  const config = configFile(clouds.config);
  return {
    clock,
    config,
    refuse: (answer: typeof refused) => {
      refused = answer;
    },
    run: async (...argv: readonly string[]) => {
      const process = cliProcess({ clock, meters: false });
      const [verb = '', ...rest] = argv;
      const status = await process.run(verb, '--config', config, ...rest);
      expect([...process.open]).toEqual([]);
      return { status, out: process.out.text(), err: process.err.text() };
    },
  };
}

interface Document {
  readonly missing: number;
  readonly rights: readonly {
    readonly source: string;
    readonly permissions: readonly Readonly<Record<string, unknown>>[];
    readonly grants: readonly { readonly title: string; readonly text: string }[];
  }[];
  readonly forecast: readonly Readonly<Record<string, unknown>>[];
  readonly disk: {
    readonly busiest: { readonly after30Days: number; readonly steady: number };
    readonly seen?: { readonly after30Days: number };
    readonly bytesNow?: number;
  } | null;
}

function json(status: number, body: object): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

const awsDenies = ({ account, operation }: Call): Answer =>
  json(400, {
    __type: 'AccessDeniedException',
    message: `User: arn:aws:iam::${account}:user/crossbill is not authorized to perform: ${operation.replace('monitoring', 'cloudwatch')}`,
  });
const azureDenies = json(403, {
  error: {
    code: 'AuthorizationFailed',
    message: `The client 'c' with object id '0badcafe-0000-0000-0000-000000000009' does not have authorization.`,
  },
});

describe('where nothing is missing', () => {
  it('every right of every source is ok, and it ends with 0', async () => {
    const { run } = await world();
    const { status, out, err } = await run('check');
    expect(err).toBe('');
    expect(out).toMatch(/^own +SIGN IN +LIST METERS +READ METERS +PROFILES +TAGS +UNITS$/m);
    expect(out).toMatch(/^111122223333\/us-east-1 +ok +ok +ok +ok +(?:ok|-) +ok$/m);
    expect(out).toMatch(/^444455556666\/us-west-2 +ok +ok +ok +ok +(?:ok|-) +ok$/m);
    expect(out).toMatch(/^azure +SIGN IN +ACCOUNTS +DEPLOYMENTS +LIST METERS +READ METERS$/m);
    expect(out).toMatch(new RegExp(`^${tokyo}/foundry-japan +ok +ok +ok +ok +ok$`, 'm'));
    expect(out).toMatch(/^\d+ rights tried, none is missing$/m);
    expect(status).toBe(0);
  });

  it('nothing is written: there is no ledger after it', async () => {
    const { run } = await world();
    await run('check');
    expect((await run('report')).err).toContain('there is no ledger to read');
  });
});

describe('where rights are missing', () => {
  it('each is named once with its regions, and one policy gives just those', async () => {
    const { run, refuse } = await world();
    refuse((call) =>
      call.operation === 'monitoring:GetMetricData' ||
      call.operation === 'bedrock:ListInferenceProfiles' ||
      call.operation === 'bedrock:ListProvisionedModelThroughputs'
        ? awsDenies(call)
        : undefined,
    );
    const { status, out } = await run('check');
    expect(out).toMatch(/^111122223333\/us-east-1 +ok +ok +DENIED +DENIED +- +DENIED$/m);
    expect(out).toMatch(
      /^DENIED {2}read meters \(cloudwatch:GetMetricData\) in 111122223333: us-east-1$/m,
    );
    const { out: text } = await run('check', '--json');
    const document = JSON.parse(text) as Document;
    const [block] = document.rights[0]?.grants ?? [];
    expect(block?.title).toBe('IAM policy for arn:aws:iam::111122223333:user/crossbill');
    expect(JSON.parse(block?.text ?? '')).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: [
            'bedrock:ListInferenceProfiles',
            'bedrock:ListProvisionedModelThroughputs',
            'cloudwatch:GetMetricData',
          ],
          Resource: '*',
        },
      ],
    });
    // What people see is what programs get.
    expect(out).toContain(block?.text);
    expect(document.missing).toBe(6);
    expect(status).toBe(1);
  });

  it('a role that cannot be assumed stops its own account only', async () => {
    const { run, refuse } = await world();
    refuse((call) =>
      call.operation === 'sts:AssumeRole'
        ? {
            status: 403,
            headers: { 'content-type': 'text/xml' },
            body: '<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: arn:aws:iam::111122223333:user/crossbill is not authorized to perform: sts:AssumeRole</Message></Error></ErrorResponse>',
          }
        : undefined,
    );
    const { status, out } = await run('check');
    expect(out).toMatch(/^111122223333\/us-east-1 +ok +ok +ok /m);
    expect(out).toMatch(/^444455556666 +DENIED +- +- +- +- +-$/m);
    expect(out).toContain('"Resource": "arn:aws:iam::444455556666:role/crossbill"');
    expect(out).toMatch(/^search +– /m);
    expect(out).toContain('search: what is denied above is not in this forecast');
    expect(status).toBe(1);
  });

  it('what an explicit deny forbids is told, but no policy is offered for it', async () => {
    const { run, refuse } = await world();
    refuse((call) =>
      call.operation === 'monitoring:GetMetricData'
        ? json(400, {
            __type: 'AccessDeniedException',
            message: `User: u is not authorized to perform: cloudwatch:GetMetricData with an explicit deny in a service control policy`,
          })
        : undefined,
    );
    const { out } = await run('check');
    expect(out).toMatch(/have that deny lifted/);
    expect(out).not.toContain('IAM policy for');
  });

  it('Azure roles are commands of az, the wider scope in place of the narrower', async () => {
    const { run, refuse } = await world();
    refuse(({ cloud, operation }) =>
      cloud === 'azure' && /^metric|^deployments/.test(operation) ? azureDenies : undefined,
    );
    const { status, out } = await run('check');
    expect(out).toMatch(new RegExp(`^${tokyo}/foundry-japan +ok +ok +DENIED +DENIED +-$`, 'm'));
    const commands = out.split('\n').filter((line) => line.startsWith('az '));
    const scope = `/subscriptions/${tokyo}/resourceGroups/`;
    expect(commands).toEqual([
      expect.stringMatching(
        `^az role assignment create --assignee 0badcafe-0000-0000-0000-000000000009 --role "Reader" --scope "${scope}\\S+/foundry-japan"$`,
      ),
      expect.stringContaining('--role "Monitoring Reader"'),
    ]);
    expect(status).toBe(1);
  });

  it('a call that fails otherwise is no denial, and ends with 1 too', async () => {
    const { run, refuse } = await world();
    refuse(({ operation }) => (operation === 'metrics' ? { status: 503, body: '' } : undefined));
    const { status, out } = await run('check');
    expect(out).toMatch(new RegExp(`^${tokyo}/foundry-japan +ok +ok +ok +ok +failed$`, 'm'));
    expect(out).not.toContain('az role');
    expect(status).toBe(1);
  });

  it('is told in columns that fit the terminal, with long names whole below', async () => {
    const { clock, config } = await world();
    const out = memoryTerminal(80);
    await cliProcess({ clock, instead: { out } }).run('check', '--config', config);
    const grid = out.text().slice(out.text().indexOf('\nazure'));
    const cut = /^(\S*…\S*) +ok/m.exec(grid)?.[1] ?? '';
    expect(grid).toContain(`${cut} is ${tokyo}/foundry-japan`);
    const lines = grid.split('\n').filter((line) => !line.includes(' is '));
    for (const line of lines) expect(Array.from(line).length).toBeLessThanOrEqual(80);
  });
});

describe('a check of a cloud that hangs', () => {
  it('ends all the same, and says what was not tried', async () => {
    const { clock, config, refuse } = await world();
    let asked = 0;
    refuse(({ cloud, operation }) => {
      if (cloud !== 'azure' || operation !== 'subscriptions') return undefined;
      asked += 1;
      return { kind: 'hang' };
    });
    const process = cliProcess({ clock });
    const ended = process.run('check', '--config', config, '--json');
    await eventually(() => asked > 0);
    await clock.advance(31_000);
    await eventually(() => asked > 1);
    await clock.advance(31_000);
    expect(await ended).toBe(1);
    const { rights, forecast } = JSON.parse(process.out.text()) as Document;
    expect(rights.find(({ source }) => source === 'azure')?.permissions).toMatchObject([
      { feature: 'sign in', state: 'failed', reason: 'timeout' },
    ]);
    expect(forecast.find(({ source }) => source === 'azure')).toMatchObject({ listed: false });
  });

  it('ends at Ctrl-C', async () => {
    const { clock, config, refuse } = await world();
    let asked = 0;
    refuse(() => {
      asked += 1;
      return { kind: 'hang' };
    });
    const process = cliProcess({ clock });
    const ended = process.run('check', '--config', config);
    await eventually(() => asked > 0);
    process.stop.abort();
    expect(await ended).toBe(1);
    expect(process.err.text()).toContain('stopped before everything was tried');
    expect([...process.open]).toEqual([]);
  });
});

describe('what is ahead', () => {
  it('is calls, their price, the limit that follows and the room on disk', async () => {
    const { run } = await world();
    const { out } = await run('check', '--json');
    const { forecast, disk } = JSON.parse(out) as Document;
    const [own, search, azure] = forecast;
    expect(own).toMatchObject({ source: 'own', listed: true, every_seconds: 300 });
    // Each poll reads every meter once, at $0.01 a thousand; listings and re-reads come on top.
    const polls = (Number(own?.['meters']) * 288) / 100_000;
    expect(Number(own?.['usd_per_day'])).toBeGreaterThan(polls);
    expect(Number(own?.['usd_per_day'])).toBeLessThan(polls * 1.5);
    for (const one of [own, search]) {
      const day = Number(one?.['usd_per_day']);
      expect(Number(one?.['limit_usd_per_day'])).toBeCloseTo(day * 1.5, 8);
      expect(Number(one?.['usd_per_30_days'])).toBeCloseTo(day * 30, 8);
    }
    expect(azure).toMatchObject({ source: 'azure', usd_per_day: 0, limit_is_auto: true });
    expect(disk?.busiest.after30Days).toBeGreaterThan(1e6);
    expect(disk?.busiest.steady).toBeGreaterThan(disk?.busiest.after30Days ?? 0);
    expect(disk).not.toHaveProperty('seen');
  });

  it('goes by what the ledger saw, where it holds a day', async () => {
    const { run } = await world();
    const [from, to] = [noon - 24 * hourMs, noon].map(isoUtc);
    await run('backfill', '--from', from ?? '', '--to', to ?? '');
    const { out } = await run('check', '--json');
    const { disk } = JSON.parse(out) as Document;
    expect(disk?.bytesNow).toBeGreaterThan(100_000);
    expect(disk?.seen?.after30Days).toBeGreaterThan(1e6);
    expect(disk?.seen?.after30Days).toBeLessThan(disk?.busiest.after30Days ?? 0);
    expect((await run('check')).out).toMatch(/^as seen in the last 24h +\S+ MB/m);
  });
});

describe('bills and quotas', () => {
  async function collecting(what: string) {
    const { clock, config } = await world();
    const { readFileSync } = await import('node:fs');
    const text = readFileSync(config, 'utf8').replaceAll(
      /(type: \w+)(, |\n +)/g,
      (_all, type: string, next: string) => `${type}${next}collect: [${what}]${next}`,
    );
    const process = cliProcess({ clock });
    const run = async (...argv: readonly string[]) => {
      const status = await process.run('check', '--config', configFile(text), ...argv);
      return { status, out: process.out.text(), open: process.open };
    };
    return { run };
  }

  it('are tried where a source asks for them, and quotas are said to be untried', async () => {
    const { run } = await collecting('usage, bills, quotas');
    const { status, out, open } = await run();
    expect(out).toMatch(/^own .*UNITS +BILLS$/m);
    expect(out).toMatch(/^111122223333\/us-east-1 .* ok *$/m);
    expect(out).toMatch(/^azure .*READ METERS +BILLS$/m);
    expect(out).toContain('quotas: not tried, this version does not collect them yet');
    expect(status).toBe(0);
    expect([...open]).toEqual([]);
  });

  it('are in the forecast', async () => {
    const forecastOf = async (what: string) => {
      const { out } = await (await collecting(what)).run('--json');
      const { forecast } = JSON.parse(out) as {
        readonly forecast: readonly (Record<string, number> & { readonly source: string })[];
      };
      return forecast.map(({ calls_per_day: calls, bill_scopes: scopes }) => ({ calls, scopes }));
    };
    const [without, withBills] = [await forecastOf('usage'), await forecastOf('usage, bills')];
    expect(without.every(({ scopes }) => scopes === 0)).toBe(true);
    expect(withBills.every(({ scopes = 0 }) => scopes > 0)).toBe(true);
    for (const [index, { calls = 0 }] of withBills.entries()) {
      expect(calls).toBeGreaterThan(without[index]?.calls ?? Infinity);
    }
  });
});

describe('--offline', () => {
  it('contacts nobody', async () => {
    const { run, refuse } = await world();
    let asked = 0;
    refuse(() => {
      asked += 1;
      return undefined;
    });
    const { status, out } = await run('check', '--offline');
    expect(asked).toBe(0);
    expect(out).toContain('the configuration is valid');
    expect(out).not.toContain('SIGN IN');
    expect(status).toBe(0);
  });
});
