import * as z from 'zod';
import { webUrl } from './dashboards-export.ts';
import type { Platform } from './platform.ts';
import { WrongUseError } from './wrong-use.ts';

const timeoutMs = 30_000;
const folderTitle = 'Crossbill';

/** What Grafana says of a failure. */
const complaint = z.object({ message: z.string() });

type Call = (method: 'GET' | 'POST', path: string, body?: object) => Promise<Response>;

/**
 * `crossbill dashboards push`: every dashboard into one folder of a running Grafana, in place of what has its uid.
 * https://grafana.com/docs/grafana/latest/developers/http_api/dashboard/
 */
export async function dashboardsPushVerb(
  platform: Platform,
  address: string,
  folder: string,
): Promise<number> {
  const base = webUrl('<url>', address);
  const token = platform.env['GRAFANA_TOKEN']?.trim() ?? '';
  if (token === '') {
    throw new WrongUseError(
      'GRAFANA_TOKEN is not set: make a service account in Grafana (Administration, Users and access) with the role ' +
        'Editor, and put its token there',
    );
  }
  const call = callerOf(platform, base, token);
  const dashboards = await platform.dashboards();
  await ensureFolder(call, folder);
  for (const { uid, text } of dashboards) {
    const answer = await call('POST', '/api/dashboards/db', {
      dashboard: { ...z.looseObject({}).parse(JSON.parse(text)), id: null },
      folderUid: folder,
      overwrite: true,
      message: `crossbill ${platform.version}`,
    });
    if (!answer.ok) throw new Error(await refusal(answer, `put the dashboard ${uid} there`));
    platform.out.write(`${base}/d/${uid}\n`);
  }
  platform.err.write(
    `${dashboards.length} dashboards are in the folder ${folder}. They ask any Infinity data source that points at the agent.\n`,
  );
  return 0;
}

async function ensureFolder(call: Call, uid: string): Promise<void> {
  const found = await call('GET', `/api/folders/${encodeURIComponent(uid)}`);
  if (found.ok) return;
  if (found.status !== 404) throw new Error(await refusal(found, `look for the folder ${uid}`));
  const made = await call('POST', '/api/folders', { uid, title: folderTitle });
  if (!made.ok) throw new Error(await refusal(made, `make the folder ${uid}`));
}

function callerOf(platform: Platform, base: string, token: string): Call {
  return async (method, path, body) => {
    try {
      return await fetch(`${base}${path}`, {
        method,
        headers: {
          Authorization: `Bearer ${token}`,
          Accept: 'application/json',
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // The token goes to the address that was typed and nowhere else.
        redirect: 'manual',
        signal: AbortSignal.any([platform.signal, AbortSignal.timeout(timeoutMs)]),
      });
    } catch (error) {
      throw new Error(`${base} does not answer: ${reasonOf(error)}`, { cause: error });
    }
  };
}

/** What failed, why, and what to do. */
async function refusal(answer: Response, doing: string): Promise<string> {
  const text = (await answer.text()).slice(0, 2_000);
  const said = complaint.safeParse(parsed(text));
  const why = said.success ? `: ${said.data.message}` : '';
  return `cannot ${doing}: Grafana answered ${answer.status}${why}. ${advice(answer)}`;
}

function advice({ status, headers }: Response): string {
  if (status >= 300 && status < 400) {
    return `It points to ${headers.get('location') ?? 'another address'}; push to where it leads.`;
  }
  if (status === 401) return 'GRAFANA_TOKEN is not one of its tokens, or has expired.';
  if (status === 403) {
    return 'The service account needs the role Editor, or dashboards:create, dashboards:write and folders:create.';
  }
  if (status === 404) return 'Is this the address of Grafana itself, with its sub-path?';
  return 'The log of Grafana says more.';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
