import { hostName, listenAddress, webAddress } from './addresses.ts';
import { auth, nobodyNamed, requestLimit } from './auth.ts';
import { flag, section, setOf, text } from './fields.ts';

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
  auth: auth.default(nobodyNamed),
  request_limit: requestLimit().default({ perSecond: 200 }),
};
