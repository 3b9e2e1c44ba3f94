import {createRootRoute, createRoute, createRouter, redirect} from '@tanstack/react-router';

import {NotFound} from './components/not-found';
import {PageCrash} from './components/page-crash';
import {Shell} from './components/shell';
import {OrderPage} from './pages/orders/order-page';
import {OrdersPage} from './pages/orders/orders-page';
import {BuyPage} from './pages/products/buy-page';
import {ProductsPage} from './pages/products/products-page';
import {readOrdersSearch, readProductsSearch} from './pages/search-parameters';
import {UsersPage} from './pages/users/users-page';

const root = createRootRoute({component: Shell, notFoundComponent: () => <NotFound />});

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({to: '/products', replace: true});
  },
});

const products = createRoute({
  getParentRoute: () => root,
  path: '/products',
  validateSearch: readProductsSearch,
  component: ProductsPage,
});

const buy = createRoute({
  getParentRoute: () => root,
  path: '/products/$productId/buy',
  component: BuyPage,
});

const orders = createRoute({
  getParentRoute: () => root,
  path: '/orders',
  validateSearch: readOrdersSearch,
  component: OrdersPage,
});

const order = createRoute({
  getParentRoute: () => root,
  path: '/orders/$orderId',
  component: OrderPage,
});

const users = createRoute({
  getParentRoute: () => root,
  path: '/users',
  component: UsersPage,
});

export const router = createRouter({
  routeTree: root.addChildren([home, products, buy, orders, order, users]),
  defaultErrorComponent: PageCrash,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
