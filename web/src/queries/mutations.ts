// Changing the shop. Lists follow by the events; where the connection is lost, by being fetched again.

import {useMutation, useQuery, useQueryClient} from '@tanstack/react-query';

import {Problem} from '../api/client';
import {idempotencyKey} from '../api/idempotency-key';
import {addUser, createProduct, deleteProduct, getProduct, placeOrder, updateProduct} from '../api/shop';
import type {ProductInput, UserInput} from '../api/types';
import {ORDERS, PRODUCTS, USERS} from '../live/lists';
import {listKey} from '../live/live-cache';
import {isTransient} from './client';

function useRefetch(list: {name: string}) {
  const client = useQueryClient();
  return () => void client.invalidateQueries({queryKey: listKey(list)});
}

export function useCreateProduct() {
  const onSuccess = useRefetch(PRODUCTS);
  return useMutation({mutationFn: (input: ProductInput) => createProduct(input), onSuccess});
}

// The product as it is now, with its entity tag, for a form to start from: never from the cache.
export function useProductToEdit(id: string) {
  return useQuery({
    queryKey: ['product to edit', id],
    queryFn: ({signal}) => getProduct(id, signal),
    staleTime: 0,
    gcTime: 0,
    refetchOnMount: 'always',
    refetchOnReconnect: false,
  });
}

export function useUpdateProduct(id: string) {
  const onSuccess = useRefetch(PRODUCTS);
  return useMutation({
    mutationFn: ({input, etag}: {input: ProductInput; etag: string}) => updateProduct(id, input, etag),
    onSuccess,
  });
}

export function useDeleteProduct() {
  const onSuccess = useRefetch(PRODUCTS);
  return useMutation({mutationFn: (id: string) => deleteProduct(id), onSuccess});
}

// The key makes repeating safe: however often the request is sent, one order is placed. Payments knows products by
// events, so one that was added a moment ago may still be a 404 there.
export function usePlaceOrder() {
  const onSuccess = useRefetch(ORDERS);
  return useMutation({
    mutationFn: ({productId, quantity, key}: {productId: string; quantity: number; key: string}) =>
      placeOrder(productId, quantity, key),
    onSuccess,
    retry: (failures, error) => failures < 3 && (isTransient(error) || (error as Problem).status === 404),
    retryDelay: (failures) => 200 * 2 ** failures,
  });
}

export const newOrder = (productId: string, quantity: number) => ({productId, quantity, key: idempotencyKey()});

export function useAddUser() {
  const onSuccess = useRefetch(USERS);
  return useMutation({mutationFn: (input?: UserInput) => addUser(input), onSuccess});
}
