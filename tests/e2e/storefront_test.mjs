// The storefront in its details: search and order in the address, changes that show at once and are taken back on refusal,
// the way of an order, the keyboard, and what axe-core and the browser's own measure of layout shifts say of each page.
//
//   SHOP=build/release/bin/shop node tests/e2e/storefront_test.mjs

import assert from 'node:assert/strict';
import {existsSync} from 'node:fs';
import {join, resolve} from 'node:path';
import {after, before, test} from 'node:test';

import {seriousViolations} from './accessibility.mjs';
import {openBrowser, openPage, screenshot} from './browser.mjs';
import {ROOT} from './paths.mjs';
import {Shop} from './shop.mjs';
import {tour} from './tour.mjs';

const TOUR_MS_MAX = 120_000;
const PROGRAM = resolve(process.env.SHOP ?? join(ROOT, 'build/release/bin/shop'));
const SHIFT_MAX = 0.1; // what web.dev calls good
const PRODUCTS = [
  {name: 'Brass desk lamp', price: 64, quantity_available: 7},
  {name: 'Enamel kettle', price: 39.95, quantity_available: 18},
  {name: 'Harbour mug', price: 12.5, quantity_available: 42},
  {name: 'Linen notebook', price: 8.9, quantity_available: 120},
  {name: 'Oak pencil tray', price: 23.4, quantity_available: 3},
  {name: 'Wool blanket', price: 89, quantity_available: 0},
];

const shop = new Shop(PROGRAM);
let browser;
let products;
let orderId; // of a fulfilled order

before(async () => {
  assert.ok(existsSync(PROGRAM), `${PROGRAM} is missing: build it, or name it in SHOP`);
  await shop.start();
  products = [];
  for (const product of PRODUCTS) products.push((await shop.ask('POST', '/api/inventory/products', product)).body);
  orderId = (await ordered('Harbour mug', 2)).id;
  await ordered('Wool blanket', 1);
  await shop.ask('POST', '/api/accounts/add-user');
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await shop.discard();
});

const idOf = (name) => products.find((product) => product.name === name).id;

// The order when it has ended.
async function ordered(name, quantity) {
  const order = await answered(
    () => shop.ask('POST', '/api/payments/orders', {product_id: idOf(name), quantity}),
    ({status}) => status === 201, // payments hears of a product a moment after it was made
  );
  const path = `/api/payments/orders/${order.body.id}`;
  const ended = await answered(() => shop.ask('GET', path), ({body}) => body.ended_at !== undefined);
  return ended.body;
}

async function answered(ask, isWanted) {
  const until = Date.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    assert.ok(Date.now() < until, `the shop still answers ${JSON.stringify(answer)}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

// The first cells of the rows, once they are these.
async function rowsAre(page, table, wanted) {
  await page.waitForFunction(
    ([label, names]) => {
      const rows = [...document.querySelectorAll(`table[aria-label="${label}"] tbody tr[data-id]`)];
      return rows.map((row) => row.cells[0].textContent).join('|') === names.join('|');
    },
    [table, wanted],
  );
}

const addressIs = (page, part) => page.waitForFunction((text) => location.search === text, part);

test('search and order', {timeout: TOUR_MS_MAX}, (t) =>
  tour(t, {browser, shop}, {
    'products are sorted by the shop, and the address says how': async (person, page) => {
      await person.open('/products');
      await rowsAre(page, 'Products', PRODUCTS.map(({name}) => name));
      const asked = page.waitForRequest((request) => request.url().includes('sort=-price'));
      await page.getByRole('combobox', {name: 'Order of the products'}).selectOption({label: 'Price, high to low'});
      await asked;
      await addressIs(page, '?sort=-price');
      await rowsAre(page, 'Products', [
        'Wool blanket', 'Brass desk lamp', 'Enamel kettle', 'Oak pencil tray', 'Harbour mug', 'Linen notebook',
      ]);
    },

    'products are searched by the shop': async (person, page) => {
      const asked = page.waitForRequest((request) => request.url().includes('search=LA'));
      await page.getByRole('searchbox', {name: 'Search products'}).fill('LA');
      await asked;
      await rowsAre(page, 'Products', ['Wool blanket', 'Brass desk lamp']);
      await page.getByText('2 products').waitFor();
      await screenshot(page, 'products-search');
    },

    'the address can be kept': async (person, page) => {
      await page.reload();
      await rowsAre(page, 'Products', ['Wool blanket', 'Brass desk lamp']);
      assert.equal(await page.getByRole('searchbox', {name: 'Search products'}).inputValue(), 'LA');
    },

    'what others change moves to where it belongs': async (person, page) => {
      const path = `/api/inventory/products/${idOf('Brass desk lamp')}`;
      const {etag} = await shop.ask('GET', path);
      const dearer = {name: 'Brass desk lamp', price: 120, quantity_available: 7};
      assert.equal((await shop.ask('PUT', path, dearer, {'if-match': etag})).status, 200);
      await rowsAre(page, 'Products', ['Brass desk lamp', 'Wool blanket']);
    },

    'nothing found is said, with a way back': async (person, page) => {
      await page.getByRole('searchbox', {name: 'Search products'}).fill('teapot');
      await page.getByText('No product matches').waitFor();
      await page.getByRole('button', {name: 'Show all'}).click();
      await person.product('Linen notebook').waitFor();
      await addressIs(page, '?sort=-price');
    },

    'orders are found by status, product and id': async (person, page) => {
      await person.open('/orders');
      await rowsAre(page, 'Orders', ['Wool blanket', 'Harbour mug']);
      await page.getByRole('combobox', {name: 'Status of the orders'}).selectOption({label: 'Refunded'});
      await rowsAre(page, 'Orders', ['Wool blanket']);
      await addressIs(page, '?status=refunded');
      await person.open(`/orders?search=${orderId}`);
      await rowsAre(page, 'Orders', ['Harbour mug']);
      await person.open('/orders?sort=oldest');
      await rowsAre(page, 'Orders', ['Harbour mug', 'Wool blanket']);
    },
  }),
);

// Requests of this kind wait until they are let go; `refuse` answers them without asking the shop.
async function hold(page, method, path) {
  let letGo;
  const held = new Promise((answerWith) => (letGo = answerWith));
  await page.route(path, async (route) => {
    if (route.request().method() !== method) return route.fallback();
    const answer = await held;
    return answer ? route.fulfill(answer) : route.continue();
  });
  return {
    go: () => letGo(undefined),
    refuse: (status, detail) =>
      letGo({status, contentType: 'application/problem+json', body: JSON.stringify({title: 'Refused', status, detail})}),
    end: () => page.unroute(path),
  };
}

test('changes show at once', {timeout: TOUR_MS_MAX}, (t) =>
  tour(t, {browser, shop}, {
    'an edit, which the shop then takes': async (person, page) => {
      await person.open('/products');
      const held = await hold(page, 'PUT', '**/api/inventory/products/*');
      const form = await person.editProduct('Linen notebook');
      await form.fill({price: '9.50'});
      await form.save();
      await person.product('Linen notebook').getByText('9.50', {exact: true}).waitFor();
      await page.locator('tr[data-pending]').waitFor();
      await form.hidden();
      held.go();
      await page.getByText('Linen notebook is saved.').waitFor();
      await page.locator('tr[data-pending]').waitFor({state: 'detached'});
      await person.product('Linen notebook').getByText('9.50', {exact: true}).waitFor();
      await held.end();
    },

    'an edit that is refused is taken back, and the form returns with its values': async (person, page) => {
      const held = await hold(page, 'PUT', '**/api/inventory/products/*');
      const form = await person.editProduct('Linen notebook');
      await form.fill({price: '0.01'});
      await form.save();
      await person.product('Linen notebook').getByText('0.01', {exact: true}).waitFor();
      await form.hidden();
      held.refuse(503, 'The shop is closed for the night.');
      await page.getByText('Linen notebook was not saved').waitFor();
      await person.product('Linen notebook').getByText('9.50', {exact: true}).waitFor();
      assert.equal(await form.dialog.getByRole('textbox', {name: 'Price'}).inputValue(), '0.01');
      await screenshot(page, 'edit-refused');
      await form.dialog.getByRole('button', {name: 'Cancel'}).click();
      await form.closed();
      await held.end();
    },

    'what the shop finds wrong with a field is said there': async (person, page) => {
      const held = await hold(page, 'PUT', '**/api/inventory/products/*');
      const form = await person.editProduct('Linen notebook');
      await form.save();
      held.refuse(422, 'price: too round a number');
      await form.dialog.getByText('too round a number').waitFor();
      await form.dialog.getByRole('button', {name: 'Cancel'}).click();
      await form.closed();
      await held.end();
    },

    'a deletion that is refused is taken back': async (person, page) => {
      const held = await hold(page, 'DELETE', '**/api/inventory/products/*');
      await page.getByRole('button', {name: 'Delete Enamel kettle'}).click();
      await page.getByRole('alertdialog').getByRole('button', {name: 'Delete'}).click();
      await person.product('Enamel kettle').waitFor({state: 'detached'});
      await person.goTo('Orders');
      held.refuse(503, 'The shop is closed for the night.');
      await page.getByText('Enamel kettle was not deleted').waitFor();
      await person.goTo('Products');
      await person.product('Enamel kettle').waitFor();
      await held.end();
    },

    'an order, with the stock that it will leave': async (person, page) => {
      const held = await hold(page, 'POST', '**/api/payments/orders');
      await page.getByRole('link', {name: 'Buy Harbour mug'}).click();
      await page.getByRole('textbox', {name: 'Quantity'}).fill('5');
      await page.getByRole('button', {name: 'Place order'}).click();
      await page.getByText('On its way to the shop.').waitFor();
      await person.goTo('Products');
      await person.stockIs('Harbour mug', 35);
      held.go();
      await page.locator('tr[data-pending]').waitFor({state: 'detached'});
      await person.stockIs('Harbour mug', 35);
      await held.end();
    },

    'an order that is refused leaves the stock, and the form is back': async (person, page) => {
      const held = await hold(page, 'POST', '**/api/payments/orders');
      await page.getByRole('link', {name: 'Buy Harbour mug'}).click();
      await page.getByRole('textbox', {name: 'Quantity'}).fill('5');
      await page.getByRole('button', {name: 'Place order'}).click();
      await page.getByText('On its way to the shop.').waitFor();
      held.refuse(409, 'No more than four for each customer.');
      await page.getByText('Harbour mug was not ordered').waitFor();
      await page.getByText('The order was not placed').waitFor();
      assert.equal(await page.getByRole('textbox', {name: 'Quantity'}).inputValue(), '5');
      await person.goTo('Products');
      await person.stockIs('Harbour mug', 35);
      await held.end();
    },
  }),
);

test('nothing is lost between two people', {timeout: TOUR_MS_MAX}, (t) =>
  tour(t, {browser, shop}, {
    'an edit keeps what others have changed meanwhile': async (person, page) => {
      await person.open('/products');
      const path = `/api/inventory/products/${idOf('Oak pencil tray')}`;
      const form = await person.editProduct('Oak pencil tray');
      await form.fill({name: 'Oak pen tray'});
      const {etag, body} = await shop.ask('GET', path);
      const left = body.quantity_available - 3;
      const others = {name: body.name, price: body.price, quantity_available: left};
      assert.equal((await shop.ask('PUT', path, others, {'if-match': etag})).status, 200);
      await form.save();
      await form.dialog.getByText('Changed meanwhile').waitFor();
      await form.dialog.getByRole('button', {name: 'Keep my changes'}).click();
      assert.equal(await form.dialog.getByRole('textbox', {name: 'In stock'}).inputValue(), String(left));
      await form.save();
      await page.getByText('Oak pen tray is saved.').waitFor();
      const {body: saved} = await shop.ask('GET', path);
      assert.deepEqual([saved.name, saved.quantity_available], ['Oak pen tray', left]);
    },

    'the focus goes back to what opened a dialog': async (person, page) => {
      const edit = page.getByRole('button', {name: 'Edit Oak pen tray'});
      await edit.focus();
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => document.activeElement?.closest('form') && document.activeElement.tagName === 'INPUT');
      await page.keyboard.press('Escape');
      await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Edit Oak pen tray');
    },

    'two clicks at once place one order': async (person, page) => {
      const orders = async () => (await shop.ask('GET', '/api/payments/orders?limit=1000')).body.items.length;
      const before = await orders();
      await page.getByRole('link', {name: 'Buy Harbour mug'}).click();
      await page.getByRole('button', {name: 'Place order'}).evaluate((button) => {
        button.click();
        button.click();
      });
      await page.getByRole('heading', {name: 'Order', exact: true}).waitFor();
      await person.orderIs('fulfilled');
      assert.equal(await orders(), before + 1);
    },

    'orders of a status are live': async (person, page) => {
      await person.open('/orders?status=refunded');
      await rowsAre(page, 'Orders', ['Wool blanket']);
      const order = {product_id: idOf('Linen notebook'), quantity: 1000};
      assert.equal((await shop.ask('POST', '/api/payments/orders', order)).status, 201);
      await rowsAre(page, 'Orders', ['Linen notebook', 'Wool blanket']);
    },
  }),
);

test('numbers stay as they were typed', {timeout: TOUR_MS_MAX}, (t) =>
  tour(t, {browser, shop}, {
    'in the form of a product': async (person, page) => {
      await person.open('/products');
      const form = await person.editProduct('Linen notebook');
      for (const [field, typed, problem] of [
        ['Price', '-5', 'At least 0'],
        ['Price', '0.001', 'A multiple of 0.01'],
        ['In stock', '2.5', 'A whole number'],
        ['In stock', '-4', 'At least 0'],
      ]) {
        const input = form.dialog.getByRole('textbox', {name: field});
        const before = await input.inputValue();
        await input.fill('');
        await input.pressSequentially(typed);
        assert.equal(await input.inputValue(), typed);
        await form.save();
        await form.dialog.getByText(problem).waitFor();
        await input.fill(before);
      }
      await form.dialog.getByRole('button', {name: 'Cancel'}).click();
      await form.closed();
    },

    'in the form of an order': async (person, page) => {
      await page.getByRole('link', {name: 'Buy Linen notebook'}).click();
      const quantity = page.getByRole('textbox', {name: 'Quantity'});
      for (const [typed, problem] of [['2.5', 'A whole number'], ['-3', 'At least 1']]) {
        await quantity.fill('');
        await quantity.pressSequentially(typed);
        await page.getByText(problem).waitFor();
        assert.equal(await quantity.inputValue(), typed);
        assert.ok(await page.getByRole('button', {name: 'Place order'}).isDisabled());
      }
    },
  }),
);

test('forms have the rules of the services', {timeout: TOUR_MS_MAX}, (t) =>
  tour(t, {browser, shop}, {
    'of products': async (person, page) => {
      await person.open('/products');
      await page.getByRole('button', {name: 'Add product'}).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('textbox', {name: 'Name'}).fill('x'.repeat(201));
      await dialog.getByRole('textbox', {name: 'Price'}).fill('1000000.01');
      await dialog.getByRole('button', {name: 'Add product'}).click();
      await dialog.getByText('At most 200 characters').waitFor();
      await dialog.getByText('At most 1,000,000').waitFor();
      await dialog.getByText('In stock is missing').waitFor();
      await screenshot(page, 'product-form-errors');
    },

    'of orders': async (person, page) => {
      await person.open(`/products/${idOf('Harbour mug')}/buy`);
      await page.getByRole('textbox', {name: 'Quantity'}).fill('1000001');
      await page.getByText('At most 1,000,000').waitFor();
      assert.ok(await page.getByRole('button', {name: 'Place order'}).isDisabled());
    },
  }),
);

test('the way of an order', {timeout: TOUR_MS_MAX}, (t) =>
  tour(t, {browser, shop}, {
    'has the time of each step': async (person, page) => {
      await person.open(`/orders/${orderId}`);
      const progress = page.getByLabel('Progress of the order');
      for (const step of ['Placed', 'Charged', 'Fulfilled']) await progress.getByText(step, {exact: true}).waitFor();
      assert.equal(await progress.locator('time').count(), 3);
      await screenshot(page, 'order');
    },

    'leads to its journey in the console': async (person, page) => {
      const link = page.getByRole('link', {name: 'Its journey through the services'});
      await link.waitFor();
      assert.equal(new URL(await link.evaluate((a) => a.href)).pathname, `/console/journeys/${orderId}`);
    },
  }),
);

test('with the keyboard alone', {timeout: TOUR_MS_MAX}, (t) =>
  tour(t, {browser, shop}, {
    'a product is added, and focus returns to where it was': async (person, page) => {
      await person.open('/products');
      await person.product('Enamel kettle').waitFor();
      await page.getByRole('button', {name: 'Add product'}).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').getByRole('textbox', {name: 'Name'}).waitFor();
      await page.waitForFunction(() => document.activeElement?.matches('[role="dialog"] input'));
      await page.keyboard.type('Paper crane');
      await page.keyboard.press('Tab');
      await page.keyboard.type('3');
      await page.keyboard.press('Tab');
      await page.keyboard.type('11');
      await page.keyboard.press('Enter');
      await person.stockIs('Paper crane', 11);
      await page.waitForFunction(() => document.activeElement?.textContent?.includes('Add product'));
    },

    'Escape leaves a dialog': async (person, page) => {
      await page.getByRole('button', {name: 'Edit Paper crane'}).press('Enter');
      await page.getByRole('dialog').getByRole('textbox', {name: 'Name'}).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({state: 'detached'});
    },
  }),
);

const inTable = (name) => (page) => page.getByRole('table', {name}).locator('tr[data-id]').first().waitFor();

const PAGES = {
  products: {path: () => '/products', isShown: inTable('Products')},
  orders: {path: () => '/orders', isShown: inTable('Orders')},
  users: {path: () => '/users', isShown: (page) => page.locator('[data-document="card"]').first().waitFor()},
  order: {path: () => `/orders/${orderId}`, isShown: (page) => page.getByText('Fulfilled').first().waitFor()},
  buy: {
    path: () => `/products/${idOf('Harbour mug')}/buy`,
    isShown: (page) => page.getByRole('button', {name: 'Place order'}).waitFor(),
  },
  events: {path: () => '/docs/events', isShown: (page) => page.getByRole('heading', {name: 'order_placed'}).waitFor()},
};

for (const colorScheme of ['light', 'dark'])
  test(`everybody can use it, ${colorScheme}`, {timeout: TOUR_MS_MAX}, (t) =>
    tour(t, {browser, shop, colorScheme}, {
      ...Object.fromEntries(
        Object.entries(PAGES).map(([name, {path, isShown}]) => [
          name,
          async (person, page) => {
            await person.open(path());
            await isShown(page);
            await screenshot(page, `${name}-${colorScheme}`);
            assert.deepEqual(await seriousViolations(page), []);
          },
        ]),
      ),

      'the form of a product, with what is wrong': async (person, page) => {
        await person.open('/products');
        await page.getByRole('button', {name: 'Add product'}).click();
        const dialog = page.getByRole('dialog');
        await dialog.getByRole('button', {name: 'Add product'}).click();
        await dialog.getByText('Name is missing').waitFor();
        await page.waitForFunction(() => document.getAnimations().every(({playState}) => playState !== 'running'));
        assert.deepEqual(await seriousViolations(page), []);
      },
    }),
  );

test('on a phone, events fit the width', {timeout: TOUR_MS_MAX}, (t) =>
  tour(t, {browser, shop, viewport: {width: 390, height: 844}, isMobile: true, hasTouch: true}, {
    'the page of events': async (person, page) => {
      await person.open('/docs/events');
      await PAGES.events.isShown(page);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(overflow <= 0, `${overflow} px too wide`);
      await screenshot(page, 'phone-events');
    },
    'the order': async (person, page) => {
      await person.open(`/orders/${orderId}`);
      await PAGES.order.isShown(page);
      await screenshot(page, 'phone-order');
    },
  }),
);

test('the page of events says who publishes and who handles', {timeout: TOUR_MS_MAX}, (t) =>
  tour(t, {browser, shop}, {
    'it stands beside the endpoints': async (person, page) => {
      await person.open('/docs');
      await page.getByRole('link', {name: 'AsyncAPI'}).click();
      await PAGES.events.isShown(page);
      await page.getByRole('link', {name: 'OpenAPI'}).click();
      await page.getByText('Orders a product').first().waitFor();
      await screenshot(page, 'docs');
    },

    'a topic has its event, its publisher and its handlers': async (person, page) => {
      await person.open('/docs/events#order_placed');
      const topic = page.getByRole('region', {name: 'order_placed', exact: true});
      await topic.getByRole('heading', {name: /OrderPlaced/}).waitFor();
      await topic.getByRole('cell', {name: '10, after 100 ms up to 30 s, each within 30 s'}).waitFor();
      await topic.getByText('Example').click();
      await topic.getByText(/^XADD order_placed \* order_id/).waitFor();
    },

    'it can be filtered': async (person, page) => {
      await page.getByRole('searchbox', {name: /Filter/}).fill('roles');
      await page.getByRole('heading', {name: 'role_assigned'}).waitFor();
      await page.getByRole('heading', {name: 'order_placed'}).waitFor({state: 'hidden'});
      await page.getByRole('searchbox', {name: /Filter/}).fill('nobody has this');
      await page.getByText('Nothing here has such a name.').waitFor();
    },
  }),
);

test('nothing jumps while a page loads, on a slow line', {timeout: TOUR_MS_MAX}, async (t) => {
  for (const [device, options] of Object.entries({
    desk: {},
    phone: {viewport: {width: 390, height: 844}, isMobile: true, hasTouch: true},
  }))
    for (const [name, {path, isShown}] of Object.entries(PAGES))
      await t.test(`${name}, ${device}`, async () => {
        const page = await openPage(browser, options);
        try {
          await page.addInitScript(() => {
            window.shifts = [];
            new PerformanceObserver((list) => {
              for (const {value, sources} of list.getEntries())
                window.shifts.push({value, nodes: sources.map(({node}) => node?.outerHTML?.slice(0, 120))});
            }).observe({type: 'layout-shift', buffered: true});
          });
          const session = await page.context().newCDPSession(page);
          await session.send('Network.emulateNetworkConditions', {
            offline: false,
            latency: 100,
            downloadThroughput: 400_000, // bytes a second
            uploadThroughput: 400_000,
          });
          await page.goto(shop.url + path());
          await isShown(page);
          await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
          const shifts = await page.evaluate(() => window.shifts);
          const sum = shifts.reduce((total, {value}) => total + value, 0);
          assert.ok(sum < SHIFT_MAX, `layout shifts of ${sum.toFixed(3)}: ${JSON.stringify(shifts, null, 1)}`);
        } finally {
          await page.context().close();
        }
      });
});

// The last test: the shop has many products from here on.
test('a list that is longer than a page', {timeout: TOUR_MS_MAX}, (t) =>
  tour(t, {browser, shop}, {
    'shows a page of it, in its order': async (person, page) => {
      const part = (number) => ({name: `Part ${number}`, price: 1, quantity_available: 1});
      for (let number = 0; number < 200; ++number) await shop.ask('POST', '/api/inventory/products', part(number));
      await person.open('/products?sort=-price');
      await page.getByText('200+ products').waitFor();
      await person.product('Wool blanket').waitFor();
    },

    'what belongs behind it comes with its page': async (person, page) => {
      const last = {name: 'Rubber band', price: 0.05, quantity_available: 1};
      const first = {name: 'Grand piano', price: 9000, quantity_available: 1};
      for (const product of [last, first]) await shop.ask('POST', '/api/inventory/products', product);
      await person.product('Grand piano').waitFor();
      assert.equal(await person.product('Rubber band').count(), 0);
      await page.getByRole('button', {name: 'Show more'}).click();
      await person.product('Rubber band').waitFor();
      const names = await page.locator('tr[data-id]').evaluateAll((rows) => rows.map(({cells}) => cells[0].textContent));
      assert.equal(names[0], 'Grand piano');
      assert.equal(names.at(-1), 'Rubber band');
      assert.equal(new Set(names).size, names.length, 'a product is there twice');
      assert.equal(await page.getByRole('button', {name: 'Show more'}).count(), 0);
    },
  }),
);
