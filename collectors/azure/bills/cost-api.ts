import { createHttpHeaders, RestError } from '@azure/core-rest-pipeline';
import type { PipelineResponse } from '@azure/core-rest-pipeline';
import { ExternalError } from '../../../agent/core/errors.ts';
import type { Instant } from '../../../agent/core/time.ts';
import type { SendToArm } from '../arm.ts';
import type { AzureCloud } from '../clouds.ts';
import { badAnswer } from '../errors.ts';
import { costLimit } from '../limits.ts';
import type { Errand, Transport } from '../transport.ts';
import { bodyOf } from './cost-question.ts';
import type { CostQuestion } from './cost-question.ts';
import { readCostPage } from './cost-table.ts';
import type { CostRow } from './cost-table.ts';
import { parseExact } from './exact-json.ts';
import { costWaitMs } from './throttle.ts';

/** The costs of a subscription, as Cost Management tells them. */
export interface CostApi {
  /**
   * Every row of the answer, all pages of it, of the errand's subscription. Each page is a call of its own. Throws
   * ExternalError; so are a row that is told twice and pages that never end.
   */
  ask(question: CostQuestion, errand: Errand, signal: AbortSignal): Promise<readonly CostRow[]>;
}

const version = '2023-11-01';
/** Of a thousand rows. */
const mostPages = 200;
/** All who name no client of their own share one bucket. */
const clientType = 'Crossbill';

export function createCostApi(
  cloud: AzureCloud,
  transport: Transport,
  send: SendToArm,
  now: () => Instant,
): CostApi {
  async function post(
    path: string,
    body: string,
    errand: Errand,
    signal: AbortSignal,
  ): Promise<unknown> {
    return transport.call(errand, { limit: costLimit }, signal, async (abortSignal) => {
      const response = await send({
        url: `${cloud.managementUrl}${path}`,
        method: 'POST',
        body,
        abortSignal,
        headers: createHttpHeaders({
          accept: 'application/json',
          'content-type': 'application/json',
          clienttype: clientType,
        }),
      });
      refuse(response, errand, now());
      return contentOf(response);
    });
  }

  return {
    async ask(question, errand, signal) {
      const place = `/subscriptions/${errand.subscription}/providers/Microsoft.CostManagement/query`;
      const body = JSON.stringify(bodyOf(question));
      const rows = new Map<string, CostRow>();
      const seen = new Set<string>();
      let next: string | undefined = `${place}?api-version=${version}`;
      while (next !== undefined) {
        if (seen.has(next) || seen.size >= mostPages) {
          throw badAnswer('the pages of an answer never end', errand);
        }
        seen.add(next);
        const content = await post(next, body, errand, signal);
        if (content === undefined) {
          if (seen.size > 1) throw badAnswer('a page that was promised is empty', errand);
          break;
        }
        const page = readCostPage(content, question, errand);
        for (const row of page.rows) {
          const key = JSON.stringify([row.day, row.currency, row.of]);
          if (rows.has(key)) throw badAnswer('a row is told twice', errand);
          rows.set(key, row);
        }
        next = page.nextLink === undefined ? undefined : pathOf(page.nextLink, place, errand);
      }
      return [...rows.values()];
    },
  };
}

/**
 * Only path and query of a link are followed, so the token stays with the endpoint whatever host the link names, and only
 * to more of the same question: a POST elsewhere might change something.
 */
function pathOf(link: string, place: string, errand: Errand): string {
  const url = URL.canParse(link, 'http://nowhere') ? new URL(link, 'http://nowhere') : undefined;
  const path = url?.pathname.replace(/^\/{2,}/, '/') ?? '';
  if (url !== undefined && path.toLowerCase() === place.toLowerCase())
    return `${path}${url.search}`;
  throw badAnswer('an answer names a next page that is not of this question', errand);
}

/** What Cost Management says in ways of its own: waiting in its own headers, a missing role as a 401. */
function refuse({ status, headers, bodyAsText }: PipelineResponse, errand: Errand, now: Instant) {
  const { operation, subject, role } = errand;
  const text = bodyAsText ?? '';
  if (status === 429 || status === 503) {
    throw new ExternalError(`${operation} of ${subject}: ${status}, too many questions`, {
      reason: 'throttled',
      operation,
      hint: 'Cost Management asked to slow down; it is asked again later.',
      retryAfterMs: costWaitMs((name) => headers.get(name), text, now),
    });
  }
  if (status === 401 && /"RBACAccessDenied"/.test(text)) {
    throw new ExternalError(`${operation} of ${subject}: 401 RBACAccessDenied`, {
      reason: 'denied',
      operation,
      hint: `Grant ${role}.`,
    });
  }
}

/** Undefined where Azure says that there is nothing: 204. */
function contentOf(response: PipelineResponse): unknown {
  const { status, request, bodyAsText } = response;
  if (status === 204) return undefined;
  if (status !== 200) {
    throw new RestError(`status ${status}`, { statusCode: status, request, response });
  }
  try {
    return parseExact(bodyAsText ?? '');
  } catch {
    const code = RestError.PARSE_ERROR;
    throw new RestError('not JSON', { code, statusCode: status, request, response });
  }
}
