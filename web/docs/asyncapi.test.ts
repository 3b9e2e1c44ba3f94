import {describe, expect, it} from 'vitest';

import {attributesOf, commandOf, durationText, matches, topicsOf, type AsyncApi} from './asyncapi';

const api: AsyncApi = {
  asyncapi: '3.0.0',
  info: {title: 'shop', version: '1'},
  servers: {},
  channels: {
    '/api/events': {address: '/api/events', messages: {}},
    sold: {
      address: 'sold',
      messages: {
        Sold: {name: 'Sold', payload: {$ref: '#/components/schemas/Sold'}, 'x-tidemark': {key: 'order_id'}},
      },
      'x-tidemark': {retention: {age_ms: 86_400_000}},
    },
  },
  operations: {
    'web.stream': {action: 'send', channel: {$ref: '#/channels/~1api~1events'}, 'x-tidemark': {service: 'web'}},
    'shop.send': {action: 'send', channel: {$ref: '#/channels/sold'}, 'x-tidemark': {service: 'shop'}},
    'stock.receive': {
      action: 'receive',
      channel: {$ref: '#/channels/sold'},
      'x-tidemark': {service: 'stock', group: 'takers'},
    },
  },
  components: {
    schemas: {
      Sold: {
        type: 'object',
        properties: {
          order_id: {type: 'string', maxLength: 26},
          price: {type: 'number', multipleOf: 0.01, minimum: 0},
          lines: {type: 'array', items: {$ref: '#/components/schemas/Line'}},
          note: {type: 'string'},
        },
        required: ['order_id', 'price', 'lines'],
      },
      Line: {type: 'object', properties: {text: {type: 'string'}}, required: ['text']},
    },
    messageTraits: {event: {headers: {type: 'object', properties: {ce_id: {type: 'string', description: 'a ULID'}}}}},
  },
};

const [sold, stream] = topicsOf(api) as [ReturnType<typeof topicsOf>[0], ReturnType<typeof topicsOf>[0]];

describe('a topic', () => {
  it('has its publishers and handlers; streams come last', () => {
    expect([sold.name, stream.name]).toEqual(['sold', '/api/events']);
    expect(sold.publishers).toEqual(['shop']);
    expect(sold.handlers.map(({service, group}) => [service, group])).toEqual([['stock', 'takers']]);
    expect(stream.publishers).toEqual(['web']);
    expect([sold.isStream, stream.isStream]).toEqual([false, true]);
    expect(sold.retention).toBe('keeps 1 d');
  });

  it('has the members of its events', () => {
    expect(sold.messages[0]?.key).toBe('order_id');
    expect(sold.messages[0]?.members).toEqual([
      {name: 'order_id', type: 'string', required: true, note: 'at most 26 characters'},
      {name: 'price', type: 'money', required: true, note: 'at least 0'},
      {name: 'lines', type: 'list of Line', required: true, note: ''},
      {name: 'note', type: 'string', required: false, note: ''},
    ]);
  });

  it('has an example that a Redis client can write', () => {
    expect(commandOf(sold, sold.messages[0]!)).toBe(
      `XADD sold * order_id 01J0ABCDEFGHJKMNPQRSTVWXYZ price 12.5 lines '[{"text":"some text"}]' note 'some note'`,
    );
  });

  it('is found by its name, its services and its members', () => {
    for (const text of ['SOLD', 'stock', 'takers', 'price', ' ']) expect(matches(sold, text)).toBe(true);
    expect(matches(sold, 'teapot')).toBe(false);
  });
});

it('every event has the attributes of the trait', () => {
  expect(attributesOf(api)).toEqual([{name: 'ce_id', type: 'string', required: false, note: 'a ULID'}]);
});

it('durations are said in words', () => {
  expect([50, 1500, 30_000, 90_000, 3_600_000, 172_800_000].map(durationText)).toEqual([
    '50 ms', '1.5 s', '30 s', '1.5 min', '1 h', '2 d',
  ]);
});
