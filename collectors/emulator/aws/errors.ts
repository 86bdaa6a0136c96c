import type { Served } from '../http.ts';

/** A refusal, in Query protocol words: `Throttling`, `AccessDenied`, `ValidationError`. */
export class AwsError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'AwsError';
    this.status = status;
    this.code = code;
  }
}

/** The same refusals' names where JSON is spoken and no header says the older one. */
const shapeOfCode: Readonly<Record<string, string>> = {
  AccessDenied: 'AccessDeniedException',
  InternalFailure: 'InternalServiceFault',
  InvalidClientTokenId: 'UnrecognizedClientException',
  LimitExceeded: 'LimitExceededException',
  MissingAuthenticationToken: 'MissingAuthenticationTokenException',
  Throttling: 'ThrottlingException',
  UnknownOperation: 'UnknownOperationException',
  ValidationError: 'ValidationException',
};

function shapeOf(code: string): string {
  return shapeOfCode[code] ?? code;
}

/** CloudWatch's: a JSON shape, and for clients of the older protocol its name there in a header, unless switched off. */
export function cloudWatchRefusal(error: AwsError, queryErrorHeader: boolean): Served {
  const fault = error.status >= 500 ? 'Receiver' : 'Sender';
  const header = queryErrorHeader ? { 'x-amzn-query-error': `${error.code};${fault}` } : {};
  const shape = `com.amazonaws.cloudwatch#${shapeOf(error.code)}`;
  return {
    status: error.status,
    headers: { 'content-type': 'application/x-amz-json-1.0', ...header },
    body: JSON.stringify({ __type: shape, message: error.message }),
  };
}

/** Cost Explorer's: AWS JSON 1.1, which knows the newer names only. */
export function costRefusal(error: AwsError): Served {
  const isToken = error.code === 'InvalidNextToken';
  const shape = isToken ? 'InvalidNextTokenException' : shapeOf(error.code);
  return {
    status: error.status,
    headers: { 'content-type': 'application/x-amz-json-1.1' },
    body: JSON.stringify({ __type: shape, Message: error.message }),
  };
}

/** REST JSON's: the shape stands in a header. */
export function bedrockRefusal(error: AwsError): Served {
  return {
    status: error.status,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': shapeOf(error.code) },
    body: JSON.stringify({ message: error.message }),
  };
}

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** STS's, in XML. */
export function stsRefusal(error: AwsError): Served {
  const fault = error.status >= 500 ? 'Receiver' : 'Sender';
  return {
    status: error.status,
    headers: { 'content-type': 'text/xml' },
    body:
      '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>' +
      `<Type>${fault}</Type><Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message>` +
      '</Error><RequestId>00000000-0000-0000-0000-000000000000</RequestId></ErrorResponse>',
  };
}
