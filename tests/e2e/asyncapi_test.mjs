// What /asyncapi.json of the shop says is AsyncAPI 3, to the judgement of AsyncAPI's own parser.
//
//   SHOP=build/release/bin/shop node tests/e2e/asyncapi_test.mjs

import assert from 'node:assert/strict';
import {createRequire} from 'node:module';
import {join, resolve} from 'node:path';
import {after, before, test} from 'node:test';

import {ROOT} from './paths.mjs';
import {Shop} from './shop.mjs';

const {Parser} = createRequire(join(ROOT, 'web', 'package.json'))('@asyncapi/parser/cjs/index.js');
const ERROR = 0; // the severity

const shop = new Shop(resolve(process.env.SHOP ?? join(ROOT, 'build/release/bin/shop')));

before(() => shop.start());
after(() => shop.discard());

async function parsed(service) {
  const {status, body} = await shop.askService(service, 'GET', '/asyncapi.json');
  assert.equal(status, 200);
  const {document, diagnostics} = await new Parser().parse(body);
  assert.deepEqual(
    diagnostics.filter(({severity}) => severity === ERROR).map(({message, path}) => `${path.join('/')}: ${message}`),
    [],
  );
  return document;
}

test('every service describes its events', async () => {
  for (const service of ['accounts', 'id-cards', 'roles', 'inventory', 'payments', 'web']) {
    const document = await parsed(service);
    assert.equal(document.version(), '3.0.0');
    assert.equal(document.info().title(), service);
    assert.ok(document.operations().length > 0, `${service} neither sends nor receives`);
  }
});

test('payments tells what it sends and receives, and how', async () => {
  const document = await parsed('payments');
  const placed = document.operations().get('payments.send.order_placed');
  assert.equal(placed.action(), 'send');
  const [message] = placed.messages().all();
  assert.equal(message.name(), 'OrderPlaced');
  assert.deepEqual(Object.keys(message.payload().properties()), [
    'order_id', 'product_id', 'quantity', 'price', 'fee', 'total',
  ]);
  assert.ok(message.headers().properties().ce_traceparent, 'no attributes');
  assert.equal(message.correlationId().location(), '$message.header#/ce_traceparent');
  assert.equal(message.extensions().get('x-tidemark').value().key, 'order_id');

  const charges = document.operations().get('payments.receive.order_placed');
  assert.equal(charges.action(), 'receive');
  const {group, key, retry} = charges.extensions().get('x-tidemark').value();
  assert.deepEqual({group, key, attempts: retry.attempts}, {group: 'payments', key: 'order_id', attempts: 10});
});

test('the web service tells of all that it mounts', async () => {
  const document = await parsed('web');
  const operations = document.operations().all().map((operation) => operation.id());
  for (const id of ['accounts.send.user_created', 'id-cards.receive.user_created.user-id-card', 'inventory.send.stock_taken', 'payments.receive.refund_order', 'web.stream.api.events'])
    assert.ok(operations.includes(id), `${id} is not among ${operations.join(', ')}`);
  assert.equal(document.channels().get('/api/events').servers().all()[0].protocol(), 'http');
});
