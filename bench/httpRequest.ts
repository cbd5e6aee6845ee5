export interface HttpRequest {
  readonly verb: string;
  readonly path: string;
  readonly token: string;
  readonly body?: string;
}

/** The whole text of an HTTP/1.1 request. */
export const httpRequest = ({ verb, path, token, body = "" }: HttpRequest): string =>
  `${verb} ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
