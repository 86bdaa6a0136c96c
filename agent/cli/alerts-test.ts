import { testMessage } from '../alerts/test-message.ts';
import { suggestion } from '../config/nearest.ts';
import type { SendOutcome } from '../core/alert.ts';
import type { Platform } from './platform.ts';
import { readConfig } from './settings.ts';
import { WrongUseError } from './wrong-use.ts';

/** `crossbill alerts test NOTIFIER`: one message, once, beside a running agent; what the other side answered. */
export async function alertsTestVerb(
  platform: Platform,
  configPath: string,
  name: string,
  { json }: { readonly json: boolean },
): Promise<number> {
  const { config } = readConfig(platform, configPath);
  const settings = config.notifiers.find((one) => one.name === name);
  if (settings === undefined) {
    const names = config.notifiers.map((one) => one.name);
    throw new WrongUseError(
      `no notifier is called ${JSON.stringify(name)}; ${suggestion(name, names, 'notifiers')}`,
    );
  }
  const publicUrl = config.publicUrl ?? null;
  const notifier = await platform.createNotifier(settings, { publicUrl });
  try {
    const clock = platform.createClock();
    const at = clock.now();
    const outcome = await notifier.send(testMessage(notifier, at, publicUrl), at, platform.signal);
    const tookMs = Math.max(0, Math.round(clock.now() - at));
    if (json) {
      const { result, status, answer } = outcome;
      const told = { notifier: name, type: notifier.type, result, status, answer, took_ms: tookMs };
      platform.out.write(`${JSON.stringify(told, null, 2)}\n`);
    } else {
      platform.out.write(`${answerLines(`${name} (${notifier.type})`, outcome, tookMs)}\n`);
    }
    return outcome.result === 'delivered' ? 0 : 1;
  } finally {
    await notifier.close();
  }
}

const results: Readonly<Record<SendOutcome['result'], string>> = {
  delivered: 'delivered',
  retry: 'not delivered; the agent would try again',
  refused: 'refused; the agent would not try again',
  gone: 'gone: the receiver wants no more messages',
};

function answerLines(name: string, outcome: SendOutcome, tookMs: number): string {
  const { result, status, answer } = outcome;
  return [
    `${name}: ${results[result]}, after ${tookMs} ms`,
    ...(status === null ? [] : [`  status  ${status}`]),
    ...(answer === '' ? [] : [`  ${status === null ? 'why   ' : 'answer'}  ${answer}`]),
  ].join('\n');
}
