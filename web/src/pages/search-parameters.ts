// What the addresses of the lists say: read leniently, because people write them, too. What is as usual is left out.

export interface ProductsSearch {
  sort?: keyof typeof PRODUCT_ORDERS;
  search?: string;
}

export interface OrdersSearch {
  sort?: keyof typeof ORDER_ORDERS;
  status?: Exclude<keyof typeof ORDER_STATUSES, 'all'>;
  search?: string;
}

export const PRODUCT_ORDERS = {
  name: 'Name, A to Z',
  '-name': 'Name, Z to A',
  price: 'Price, low to high',
  '-price': 'Price, high to low',
  newest: 'Newest first',
  oldest: 'Oldest first',
} as const;

export const ORDER_ORDERS = {newest: 'Newest first', oldest: 'Oldest first'} as const;

export const ORDER_STATUSES = {
  all: 'All orders',
  pending: 'Pending',
  completed: 'Completed',
  fulfilled: 'Fulfilled',
  refunded: 'Refunded',
} as const;

export function readProductsSearch({sort, search}: Record<string, unknown>): ProductsSearch {
  return {sort: oneOf(PRODUCT_ORDERS, sort, 'name'), search: textOf(search)};
}

export function readOrdersSearch({sort, status, search}: Record<string, unknown>): OrdersSearch {
  return {
    sort: oneOf(ORDER_ORDERS, sort, 'newest'),
    status: oneOf(ORDER_STATUSES, status, 'all') as OrdersSearch['status'],
    search: textOf(search),
  };
}

function oneOf<V extends string>(choices: Record<V, unknown>, value: unknown, usual: V): V | undefined {
  return typeof value === 'string' && value in choices && value !== usual ? (value as V) : undefined;
}

// The router takes digits for a number.
function textOf(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text.trim() !== '' ? text.trim() : undefined;
}
