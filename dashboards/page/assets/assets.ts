import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/** One file as it is sent. */
interface Asset {
  readonly type: string;
  readonly plain: Uint8Array;
  readonly br: Uint8Array;
  readonly gzip: Uint8Array;
}

/** The script and the style; their names change with what is in them, so a browser never asks for one twice. */
export interface PageAssets {
  /** Paths from the root. */
  readonly css: string;
  readonly script: string;
  /** By name. */
  readonly files: ReadonlyMap<string, Asset>;
}

/** Where they are served. */
export const assetPath = '/page/';

/** @param files contents by name, as the build made them; with `.br` and `.gz` of them, or those are made now */
export function pageAssets(files: ReadonlyMap<string, Uint8Array>): PageAssets {
  const all = new Map<string, Asset>();
  for (const [name, plain] of files) {
    if (!/\.(?:js|css)$/.test(name)) continue;
    const type = name.endsWith('.css')
      ? 'text/css; charset=utf-8'
      : 'text/javascript; charset=utf-8';
    const size = { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length };
    const br = files.get(`${name}.br`) ?? brotliCompressSync(plain, { params: size });
    const gzip = files.get(`${name}.gz`) ?? gzipSync(plain);
    all.set(name, { type, plain, br, gzip });
  }
  return { css: pathOf(all, 'css'), script: pathOf(all, 'js'), files: all };
}

function pathOf(files: ReadonlyMap<string, Asset>, suffix: string): string {
  const name = [...files.keys()].find(
    (one) => one.startsWith('page.') && one.endsWith(`.${suffix}`),
  );
  if (name === undefined) throw new Error(`the build has no page.*.${suffix}`);
  return `${assetPath}${name}`;
}

/** The file of that name in the form that the browser takes; undefined: there is none. */
export function answerAsset(
  { files }: PageAssets,
  name: string,
  accepted: string,
): Response | undefined {
  const asset = files.get(name);
  if (asset === undefined) return undefined;
  const encoding = /\bbr\b/.test(accepted) ? 'br' : /\bgzip\b/.test(accepted) ? 'gzip' : undefined;
  return new Response(asset[encoding ?? 'plain'], {
    headers: {
      'Content-Type': asset.type,
      'Cache-Control': 'public, max-age=31536000, immutable',
      Vary: 'Accept-Encoding',
      ...(encoding === undefined ? {} : { 'Content-Encoding': encoding }),
    },
  });
}
