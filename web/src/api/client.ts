// HTTP and JSON: requests with a deadline, and errors as RFC 9457 problems.

const REQUEST_TIMEOUT_MS = 15_000;

// What went wrong, in words for a person. `status` is 0 when no answer came.
export class Problem extends Error {
  readonly status: number;
  readonly title: string;

  constructor(status: number, title: string, detail: string) {
    super(detail || title);
    this.name = 'Problem';
    this.status = status;
    this.title = title;
  }

  // Whether the same request may succeed a moment later.
  get transient(): boolean {
    return this.status === 0 || this.status === 429 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  query?: Record<string, string | number | undefined>;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export interface Reply<T> {
  body: T;
  etag: string;
}

// Throws Problem, or the signal's AbortError. A reply without content has the body `undefined`.
export async function request<T>(path: string, options: RequestOptions = {}): Promise<Reply<T>> {
  const {method = 'GET', body, signal} = options;
  const headers: Record<string, string> = {accept: 'application/json', ...options.headers};
  if (body !== undefined) headers['content-type'] = 'application/json';

  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), REQUEST_TIMEOUT_MS);
  const abort = () => deadline.abort();
  signal?.addEventListener('abort', abort);
  try {
    const response = await fetch(path + queryString(options.query), {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: deadline.signal,
    });
    if (!response.ok) throw await problemOf(response);
    const text = await response.text();
    return {body: (text ? JSON.parse(text) : undefined) as T, etag: response.headers.get('etag') ?? ''};
  } catch (error) {
    if (error instanceof Problem || signal?.aborted) throw error;
    if (deadline.signal.aborted) throw new Problem(0, 'No answer', 'No answer came in time.');
    if (error instanceof SyntaxError) throw new Problem(0, 'Bad answer', 'The answer is not JSON.');
    throw new Problem(0, 'No connection', 'The server cannot be reached. Is it running?');
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

export function queryString(query: RequestOptions['query']): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) if (value !== undefined) parameters.set(name, String(value));
  const text = parameters.toString();
  return text && `?${text}`;
}

async function problemOf(response: Response): Promise<Problem> {
  const fallback = response.statusText || `HTTP ${response.status}`;
  try {
    const {title, detail} = (await response.json()) as {title?: string; detail?: string};
    return new Problem(response.status, title ?? fallback, detail ?? '');
  } catch {
    return new Problem(response.status, fallback, '');
  }
}
