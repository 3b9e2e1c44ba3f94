// Changing the shop. What a person does shows at once, and is taken back if the shop refuses it; its answer is taken up
// like the event that tells everybody else of it. How it went is notified from here, because the person may have gone on
// to another page by then.

import {useMutation, useQuery} from '@tanstack/react-query';

import {Problem} from '../api/client';
import {counterOf} from '../api/events';
import {addUser, createProduct, deleteProduct, getProduct, placeOrder, updateProduct} from '../api/shop';
import type {Order, Product, ProductInput, Tagged, UserInput} from '../api/types';
import {notifyDone, notifyFailed} from '../components/notify';
import {ORDERS, PRODUCTS} from '../live/lists';
import type {LiveCache} from '../live/live-cache';
import {useLiveCache} from '../live/live-provider';
import {isTransient} from './client';

const now = () => new Date().toISOString();

function takeUpProduct(cache: LiveCache, {document, etag}: Tagged<Product>): void {
  cache.receiveNow({topic: 'product_saved', data: {...document, version: counterOf(etag)}, receivedAt: now()});
}

// Quietly: one of many, of which the person is not told one by one.
export function useCreateProduct({quietly = false} = {}) {
  const cache = useLiveCache();
  return useMutation({
    mutationFn: (input: ProductInput) => createProduct(input),
    onSuccess: (created) => {
      takeUpProduct(cache, created);
      if (!quietly) notifyDone(`${created.document.name} is in the shop.`);
    },
  });
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
  const cache = useLiveCache();
  return useMutation({
    mutationFn: ({input, etag}: {input: ProductInput; etag: string}) => updateProduct(id, input, etag),
    onMutate: ({input}) =>
      cache.pending.add<Product>(PRODUCTS, {id, part: 'edit', update: (product) => product && {...product, ...input}}),
    onSuccess: (saved) => {
      takeUpProduct(cache, saved);
      notifyDone(`${saved.document.name} is saved.`);
    },
    // The form tells of a newer version itself.
    onError: (error, {input}) => {
      if (!(error instanceof Problem && error.status === 412)) notifyFailed(`${input.name} was not saved`, error);
    },
    onSettled: (_saved, _error, _variables, takeAway) => takeAway?.(),
  });
}

export function useDeleteProduct() {
  const cache = useLiveCache();
  return useMutation({
    mutationFn: ({id}: Product) =>
      deleteProduct(id).catch((error: unknown) => {
        if (!(error instanceof Problem && error.status === 404)) throw error; // somebody was faster
      }),
    onMutate: ({id}) => cache.pending.add<Product>(PRODUCTS, {id, part: 'deletion', update: () => undefined}),
    // It never comes back: no version is newer.
    onSuccess: (_answer, {id, name}) => {
      cache.receiveNow({topic: 'product_deleted', data: {id, version: Number.MAX_SAFE_INTEGER}, receivedAt: now()});
      notifyDone(`${name} is deleted.`);
    },
    onError: (error, {name}) => notifyFailed(`${name} was not deleted`, error),
    onSettled: (_answer, _error, _product, takeAway) => takeAway?.(),
  });
}

interface NewOrder {
  product: Product;
  quantity: number;
  key: string;
}

// The key makes repeating safe: however often the request is sent, one order is placed. Payments knows products by
// events, so one that was added a moment ago may still be a 404 there.
export function usePlaceOrder() {
  const cache = useLiveCache();
  return useMutation({
    mutationFn: ({product, quantity, key}: NewOrder) => placeOrder(product.id, quantity, key),
    retry: (failures, error) => failures < 3 && (isTransient(error) || (error as Problem).status === 404),
    retryDelay: (failures) => 200 * 2 ** failures,
    onMutate: ({product, quantity}) => takeFromStock(cache, product, quantity),
    onError: (error, {product}, takeAway) => {
      takeAway?.();
      notifyFailed(`${product.name} was not ordered`, error);
    },
    onSuccess: (order, _variables, takeAway) => {
      takeUpOrder(cache, order);
      cache.onceOrderEnds(order.id, () => takeAway?.());
    },
  });
}

// The stock as it will be, until the order has ended, which sets it. An order for more than there is takes nothing.
function takeFromStock(cache: LiveCache, {id, quantity_available}: Product, quantity: number): () => void {
  const left = quantity_available - quantity;
  if (left < 0) return () => undefined;
  return cache.pending.add<Product>(PRODUCTS, {
    id,
    part: 'sale in progress',
    update: (product) => product && {...product, quantity_available: Math.min(product.quantity_available, left)},
  });
}

function takeUpOrder(cache: LiveCache, order: Order): void {
  const {id, product_id, quantity, price, fee, total, created_at} = order;
  cache.seed(ORDERS, order);
  const data = {order_id: id, product_id, quantity, price, fee, total};
  cache.receiveNow({topic: 'order_placed', data, receivedAt: created_at});
}

export function useAddUser() {
  const cache = useLiveCache();
  return useMutation({
    mutationFn: (input?: UserInput) => addUser(input),
    onSuccess: (user) => {
      cache.receiveNow({topic: 'user_created', data: user, receivedAt: now()});
      notifyDone(`${user.name} is added.`);
    },
  });
}
