import {useQuery} from '@tanstack/react-query';

import {request} from '../api/client';
import {bodySchema, type FormSchema, type OpenApi} from '../forms/schema';

// The schema of what the endpoint takes, as the shop describes it; undefined until that is known, or if it can't be.
export function useBodySchema(method: 'post' | 'put', path: string): FormSchema | undefined {
  const {data} = useQuery({
    queryKey: ['openapi'],
    queryFn: async ({signal}) => (await request<OpenApi>('/openapi.json', {signal})).body,
  });
  return data && bodySchema(data, method, path);
}
