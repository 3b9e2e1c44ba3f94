// Requests to the admin API of the process that served this page.

import {Problem, request, type RequestOptions} from '../../src/api/client';
import {authorization, refuseToken} from './token';

export {Problem};

export const ADMIN = '/admin/v1';

type Query = RequestOptions['query'];

// `path` is below /admin/v1. Throws Problem; a 401 asks the operator for the token, too.
export async function ask<T>(path: string, options: RequestOptions = {}): Promise<T> {
  try {
    const {body} = await request<T>(ADMIN + path, {...options, headers: {...authorization(), ...options.headers}});
    return body;
  } catch (error) {
    if (error instanceof Problem && error.status === 401) refuseToken();
    throw error;
  }
}

export const get = <T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> => ask<T>(path, {query, signal});

export const post = <T>(path: string, body: unknown = {}): Promise<T> => ask<T>(path, {method: 'POST', body});

export const remove = <T>(path: string, body?: unknown): Promise<T> => ask<T>(path, {method: 'DELETE', body});

// A path of segments that may hold any character: at('topics', name, 'entries').
export function at(...segments: string[]): string {
  return segments.map((segment) => `/${encodeURIComponent(segment)}`).join('');
}
