import {Skeleton, Text} from '@mantine/core';

import {Problem} from '../api/client';
import {PRODUCTS} from '../live/lists';
import {useListed, useProduct} from '../queries/lists';

// The name that belongs to a product's id: from the list where it is there, else by asking for it.
export function ProductName({id}: {id: string}) {
  const {found, missing} = useListed(PRODUCTS, id);
  const asked = useProduct(id, missing);
  if (found) return <>{found.name}</>;
  if (asked.error instanceof Problem && asked.error.status === 404)
    return (
      <Text span inherit c="dimmed" fs="italic">
        deleted product
      </Text>
    );
  if (asked.data) return <>{asked.data.name}</>;
  if (asked.isPending) return <Skeleton component="span" display="inline-block" height={14} width={120} />;
  return <>product {id.slice(-6)}</>;
}
