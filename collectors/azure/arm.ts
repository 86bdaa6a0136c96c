import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
  RestError,
} from '@azure/core-rest-pipeline';
import type { PipelineRequestOptions, PipelineResponse } from '@azure/core-rest-pipeline';
import * as z from 'zod';
import type { AzureCloud } from './clouds.ts';
import { badAnswer } from './errors.ts';
import type { Attempt } from './errors.ts';
import { readLimit } from './limits.ts';
import type { Errand, Transport } from './transport.ts';

/** Resource Manager, as far as it is read here. */
export interface ArmApi {
  /**
   * Every item of a listing, all pages of it. `path` begins with `/` and carries its `api-version`.
   * Throws ExternalError; a page without `value`, or a page named twice, is one too.
   */
  list(path: string, errand: Errand, signal: AbortSignal): Promise<readonly unknown[]>;
}

const pageShape = z.object({ value: z.array(z.unknown()), nextLink: z.string().nullish() });
const mostPages = 1_000;

/** Sends one request with a token for Resource Manager; nothing is tried again. Rejects with what the SDK throws. */
export type SendToArm = (request: PipelineRequestOptions) => Promise<PipelineResponse>;

export function createArmSender(cloud: AzureCloud, transport: Transport): SendToArm {
  const pipeline = createPipelineFromOptions({ retryOptions: { maxRetries: 0 } });
  pipeline.addPolicy(
    bearerTokenAuthenticationPolicy({
      credential: transport.guarded.credential,
      scopes: `${cloud.managementAudience}/.default`,
    }),
  );
  const httpClient = transport.httpClient ?? createDefaultHttpClient();
  return (request) => pipeline.sendRequest(httpClient, createPipelineRequest(request));
}

export function createArmApi(cloud: AzureCloud, transport: Transport, send: SendToArm): ArmApi {
  async function getPage(
    path: string,
    errand: Errand,
    signal: AbortSignal,
  ): Promise<z.infer<typeof pageShape>> {
    const toll = { limit: readLimit };
    const body = await transport.call(errand, toll, signal, async (abortSignal) => {
      const url = `${cloud.managementUrl}${path}`;
      const headers = createHttpHeaders({ accept: 'application/json' });
      return parseBody(await send({ url, abortSignal, headers }));
    });
    const page = pageShape.safeParse(body);
    if (page.success) return page.data;
    throw badAnswer('a listing without its list', errand);
  }

  return {
    async list(path, errand, signal) {
      const items: unknown[] = [];
      const seen = new Set<string>();
      let next: string | undefined = path;
      while (next !== undefined) {
        if (seen.has(next) || seen.size >= mostPages) {
          throw badAnswer('the pages of a listing never end', errand);
        }
        seen.add(next);
        const page = await getPage(next, errand, signal);
        items.push(...page.value);
        next = page.nextLink ? pathOf(page.nextLink, cloud.managementUrl, errand) : undefined;
      }
      return items;
    },
  };
}

/** A listing whose every item has the shape; one that has not spoils it, for what is left out would count as gone. */
export async function listShaped<Shape extends z.ZodType>(
  arm: ArmApi,
  path: string,
  shape: Shape,
  errand: Errand,
  signal: AbortSignal,
): Promise<readonly z.infer<Shape>[]> {
  const items = await arm.list(path, errand, signal);
  return items.map((item) => {
    const parsed = shape.safeParse(item);
    if (parsed.success) return parsed.data;
    const { path: at, message } = parsed.error.issues[0] ?? { path: [], message: '' };
    throw badAnswer(
      `an item of the listing is not as documented (${at.join('.')}: ${message})`,
      errand,
    );
  });
}

/** Only the path of a link is followed: the token stays with the endpoint whatever the link says. */
function pathOf(link: string, base: string, attempt: Attempt): string {
  if (!URL.canParse(link, base))
    throw badAnswer('a listing names a next page that is no address', attempt);
  const url = new URL(link, base);
  return `${url.pathname}${url.search}`;
}

function parseBody(response: PipelineResponse): unknown {
  const { status, request, bodyAsText } = response;
  if (status !== 200) {
    throw new RestError(`status ${status}`, { statusCode: status, request, response });
  }
  try {
    return JSON.parse(bodyAsText ?? '');
  } catch {
    throw new RestError('not JSON', {
      code: RestError.PARSE_ERROR,
      statusCode: status,
      request,
      response,
    });
  }
}
