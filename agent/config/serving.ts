import { hostName, listenAddress, webAddress } from './addresses.ts';
import { flag, listOf, name, oneOf, secret, section, setOf, text } from './fields.ts';
import { match } from './match.ts';

const token = section({
  name: name(),
  token: secret('a token, best as "${file:/run/secrets/grafana}"'),
  scope: oneOf(['scrape', 'read', 'write']),
  /** What the bearer sees; nothing named is everything. */
  match: match().default({}),
});

const tls = section({
  cert: text('the path of a PEM certificate'),
  key: text('the path of its PEM key'),
});

/** The keys by which the agent is reached. */
export const serving = {
  listen: listenAddress().default({ host: '127.0.0.1', port: 9870 }),
  tls: tls.optional(),
  insecure_http: flag().default(false),
  public_url: webAddress('https://crossbill.example.com').optional(),
  allowed_hosts: setOf(hostName(), 'for example [crossbill.monitoring.svc]').default([]),
  auth: section({
    tokens: listOf(token, { expected: 'for example [{ name: …, token: …, scope: read }]' }),
  }).default({ tokens: [] }),
};
