import {useQuery} from '@tanstack/react-query';

import {request} from '../api/client';

// Whether this process has a console that this person may look into.
export function useHasConsole(): boolean {
  const {isSuccess} = useQuery({
    queryKey: ['console'],
    queryFn: ({signal}) => request('/admin/v1/system', {signal}),
    retry: false,
  });
  return isSuccess;
}
