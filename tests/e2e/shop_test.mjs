// A person uses the shop in a browser: the real program, the built page, nothing between them pretended.
//
//   SHOP=build/release/bin/shop node tests/e2e/shop_test.mjs

import assert from 'node:assert/strict';
import {existsSync} from 'node:fs';
import {join, resolve} from 'node:path';
import {after, before, test} from 'node:test';

import {openBrowser, screenshot} from './browser.mjs';
import {ROOT} from './paths.mjs';
import {Shop} from './shop.mjs';
import {tour} from './tour.mjs';

const TOUR_MS_MAX = 120_000;
const WALK_MS_MAX = 60_000;
const PROGRAM = resolve(process.env.SHOP ?? join(ROOT, 'build/release/bin/shop'));

const shop = new Shop(PROGRAM);
let browser;

before(async () => {
  assert.ok(existsSync(PROGRAM), `${PROGRAM} is missing: build it, or name it in SHOP`);
  assert.ok(existsSync(join(ROOT, 'web/dist/index.html')), 'web/dist is missing: run `make web`');
  await shop.start();
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await shop.discard();
});

async function productNamed(name) {
  const {body} = await shop.ask('GET', '/api/inventory/products');
  return body.items.find((product) => product.name === name);
}

test('products and orders', {timeout: TOUR_MS_MAX}, (t) =>
  tour(t, {browser, shop}, {
    'an empty shop says what to do next': async (person, page) => {
      await person.open();
      await page.getByText('No products yet').waitFor();
      await person.connectionIs('live');
      await screenshot(page, 'products-empty');
      await person.goTo('Orders');
      await page.getByText('No orders yet').waitFor();
      await person.goTo('Products');
    },

    'a product is added': async (person, page) => {
      await person.addProduct({name: 'Harbour mug', price: '12.50', stock: 10});
      await person.stockIs('Harbour mug', 10);
      await person.product('Harbour mug').getByText('12.50', {exact: true}).waitFor();
      await person.addProduct({name: 'Brass desk lamp', price: '64', stock: 3});
      await screenshot(page, 'products');
    },

    'what is wrong with a product is said beside the field': async (person, page) => {
      await page.getByRole('button', {name: 'Add product'}).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', {name: 'Add product'}).click();
      await dialog.getByText('Name is missing').waitFor();
      await dialog.getByText('Price is missing').waitFor();
      await dialog.getByRole('button', {name: 'Cancel'}).click();
      await dialog.waitFor({state: 'detached'});
    },

    'an order is fulfilled': async (person, page) => {
      await person.buy('Harbour mug', 4);
      await person.orderIs('fulfilled');
      await page.getByText('60.00', {exact: true}).waitFor();
      await screenshot(page, 'order-fulfilled');
    },

    'its stock falls': async (person) => {
      await person.goTo('Products');
      await person.stockIs('Harbour mug', 6);
    },

    'the stock falls live when somebody else buys': async (person) => {
      const {id} = await productNamed('Harbour mug');
      const order = {product_id: id, quantity: 1};
      const {status} = await shop.ask('POST', '/api/payments/orders', order, {'idempotency-key': 'somebody-else'});
      assert.equal(status, 201);
      await person.stockIs('Harbour mug', 5);
    },

    'an order for more than there is is refunded': async (person, page) => {
      await page.getByRole('link', {name: 'Buy Brass desk lamp'}).click();
      await page.getByRole('textbox', {name: 'Quantity'}).fill('8');
      await page.getByText('Only 3 left').waitFor();
      await screenshot(page, 'buy-too-many');
      await page.getByRole('button', {name: 'Place order'}).click();
      await person.orderIs('refunded');
      await page.getByText(/was given back: out of stock/).waitFor();
      await screenshot(page, 'order-refunded');
      await person.goTo('Products');
      await person.stockIs('Brass desk lamp', 3);
    },

    'the list of orders has them all': async (person, page) => {
      await person.goTo('Orders');
      const orders = page.getByRole('table', {name: 'Orders'});
      await orders.locator('[data-status="refunded"]').waitFor();
      assert.equal(await orders.locator('[data-status="fulfilled"]').count(), 2);
      await orders.getByText('out of stock').waitFor();
      await screenshot(page, 'orders');
      await person.goTo('Products');
    },

    'an edit overwrites nothing that it has not seen': async (person, page) => {
      const form = await person.editProduct('Harbour mug');
      const {id} = await productNamed('Harbour mug');
      const {etag, body} = await shop.ask('GET', `/api/inventory/products/${id}`);
      const dearer = {name: body.name, price: 14, quantity_available: body.quantity_available};
      const changed = await shop.ask('PUT', `/api/inventory/products/${id}`, dearer, {'if-match': etag});
      assert.equal(changed.status, 200);

      await form.fill({stock: 50});
      await form.save();
      await form.dialog.getByText('the price went from 12.50 to 14.00').waitFor();
      await screenshot(page, 'edit-conflict');
      await form.dialog.getByRole('button', {name: 'Reload the latest'}).click();
      await form.fill({stock: 50});
      await form.save();
      await form.closed();
      await person.stockIs('Harbour mug', 50);
      await person.product('Harbour mug').getByText('14.00', {exact: true}).waitFor();
    },

    'a product is deleted, once confirmed': async (person, page) => {
      await person.addProduct({name: 'Wool blanket', price: '89', stock: 1});
      await page.getByRole('button', {name: 'Delete Wool blanket'}).click();
      await page.getByRole('alertdialog').getByRole('button', {name: 'Cancel'}).click();
      await page.getByRole('alertdialog').waitFor({state: 'detached'});
      await person.product('Wool blanket').waitFor();
      await page.getByRole('button', {name: 'Delete Wool blanket'}).click();
      await page.getByRole('alertdialog').getByRole('button', {name: 'Delete'}).click();
      await person.product('Wool blanket').waitFor({state: 'detached'});
    },

    'what does not exist is said to be missing': async (person, page) => {
      await person.open('/orders/none');
      await page.getByText('There is no such order').waitFor();
      await person.open('/nothing/here');
      await page.getByText('There is no such page').waitFor();
    },

    'a shop that is killed comes back with everything, and the page with it': async (person, page) => {
      await person.open('/products');
      await person.stockIs('Harbour mug', 50);
      await person.connectionIs('live');
      await shop.kill();
      await person.connectionIs('lost');
      await page.getByText('The connection to the shop is lost').waitFor();
      await screenshot(page, 'connection-lost');

      await page.getByRole('button', {name: 'Delete Harbour mug'}).click();
      await page.getByRole('alertdialog').getByRole('button', {name: 'Delete'}).click();
      await page.getByText('Harbour mug was not deleted').waitFor();
      await person.stockIs('Harbour mug', 50); // it is back

      await shop.start();
      await person.connectionIs('live');
      await page.getByText('The connection to the shop is lost').waitFor({state: 'detached'});
      await person.stockIs('Harbour mug', 50);
      await person.buy('Harbour mug', 1);
      await person.orderIs('fulfilled');
      await person.goTo('Products');
      await person.stockIs('Harbour mug', 49);
    },

    'a list that cannot be loaded says so, and loads when asked again': async (person, page) => {
      await page.route('**/api/payments/orders*', (route) => route.abort());
      await person.open('/orders');
      await page.getByText('The orders could not be loaded').waitFor();
      await screenshot(page, 'orders-error');
      await page.unroute('**/api/payments/orders*');
      await page.getByRole('button', {name: 'Try again'}).click();
      await page.getByRole('table', {name: 'Orders'}).locator('[data-status="refunded"]').waitFor();
    },
  }),
);

test('users', {timeout: WALK_MS_MAX}, (t) =>
  tour(t, {browser, shop}, {
    'a made-up user is added': async (person, page) => {
      await person.open('/users');
      await page.getByText('No users yet').waitFor();
      await page.getByRole('button', {name: 'Make one up'}).click();
      await page.getByRole('table', {name: 'Users'}).waitFor();
    },

    'a user gets a card and a role': async (person, page) => {
      await page.getByRole('button', {name: 'Add user'}).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('textbox', {name: 'Name'}).fill('Ann Marsh');
      await dialog.getByRole('textbox', {name: 'Phone'}).fill('555-0100');
      await dialog.getByRole('textbox', {name: 'Job'}).fill('Cook');
      await dialog.getByRole('textbox', {name: 'Address'}).fill('1 Harbour Road');
      await dialog.getByRole('button', {name: 'Add user'}).click();
      const ann = person.user('Ann Marsh');
      await ann.locator('[data-document="card"]').waitFor();
      await ann.locator('[data-document="role"]').waitFor();
      await screenshot(page, 'users');
    },

    'a user whom somebody else adds appears with card and role': async (person) => {
      const {status, body} = await shop.ask('POST', '/api/accounts/add-user');
      assert.equal(status, 201);
      const row = person.user(body.address);
      await row.locator('[data-document="card"]').waitFor();
      await row.locator('[data-document="role"]').waitFor();
    },
  }),
);

test('in the dark', {timeout: WALK_MS_MAX}, (t) =>
  tour(t, {browser, shop, colorScheme: 'dark'}, {
    'the page follows the system, until told otherwise': async (person, page) => {
      await person.open('/orders');
      await page.locator('html[data-mantine-color-scheme="dark"]').waitFor();
      await page.getByRole('table', {name: 'Orders'}).locator('[data-status="refunded"]').waitFor();
      await screenshot(page, 'orders-dark');
      await page.getByRole('button', {name: 'Switch to the light colours'}).click();
      await page.locator('html[data-mantine-color-scheme="light"]').waitFor();
      await page.reload();
      await page.locator('html[data-mantine-color-scheme="light"]').waitFor();
    },
  }),
);

test('on a phone', {timeout: WALK_MS_MAX}, (t) =>
  tour(t, {browser, shop, viewport: {width: 390, height: 844}, isMobile: true, hasTouch: true}, {
    'everything fits the width': async (person, page) => {
      for (const path of ['/products', '/orders', '/users']) {
        await person.open(path);
        await page.getByRole('table').waitFor();
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        assert.ok(overflow <= 0, `${path} is ${overflow} px too wide`);
        await screenshot(page, `phone${path.replace('/', '-')}`);
      }
    },

    'the menu opens and leads on': async (person, page) => {
      await page.getByRole('button', {name: 'Open the menu'}).click();
      await person.goTo('Products');
      await page.getByRole('heading', {name: 'Products'}).waitFor();
    },
  }),
);
