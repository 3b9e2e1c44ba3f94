import {describe, expect, it} from 'vitest';

import {bodySchema, fieldError, refusedField, type OpenApi} from './schema';

const api: OpenApi = {
  paths: {
    '/products': {
      post: {
        requestBody: {
          content: {'application/json': {schema: {$ref: '#/components/schemas/Product', properties: {}, required: []}}},
        },
      },
      get: {},
    },
  },
  components: {
    schemas: {
      Product: {
        properties: {
          name: {type: 'string', minLength: 1, maxLength: 5},
          note: {type: 'string'},
          price: {type: 'number', multipleOf: 0.01, minimum: 0, maximum: 1_000_000},
          stock: {type: 'integer', minimum: 0},
        },
        required: ['name', 'note', 'price', 'stock'],
      },
    },
  },
};

const schema = bodySchema(api, 'post', '/products')!;
const wrong = (name: string, value: unknown) => fieldError(schema, name, 'It', value);

describe('a form', () => {
  it('has the rules of the endpoint that takes it', () => {
    expect(Object.keys(schema.properties)).toEqual(['name', 'note', 'price', 'stock']);
    expect(bodySchema(api, 'put', '/products')).toBeUndefined();
    expect(bodySchema(api, 'post', '/nothing')).toBeUndefined();
  });

  it('misses what must be there', () => {
    expect(wrong('name', '')).toBe('It is missing');
    expect(wrong('price', '')).toBe('It is missing');
    expect(wrong('note', '')).toBeNull(); // an empty text is a text
  });

  it('holds texts to their length, in characters', () => {
    expect(wrong('name', 'mugs!')).toBeNull();
    expect(wrong('name', '🫖🫖🫖🫖🫖')).toBeNull();
    expect(wrong('name', 'teapot')).toBe('At most 5 characters');
  });

  it('holds numbers to their range and steps', () => {
    expect(wrong('price', 0)).toBeNull();
    for (const price of [0.07, 0.29, 1.1, 8.9, 12.34, 64.35, 999_999.99]) expect(wrong('price', price)).toBeNull();
    expect(wrong('price', 1.005)).toBe('A multiple of 0.01');
    expect(wrong('price', -1)).toBe('At least 0');
    expect(wrong('price', 1_000_001)).toBe('At most 1,000,000');
    expect(wrong('stock', 1.5)).toBe('A whole number');
  });

  // A field keeps a number as text that is too long for one: it was held to no rule but a text's.
  it('holds numbers that came as text to the same', () => {
    expect(wrong('stock', '12')).toBeNull();
    expect(wrong('stock', '-3')).toBe('At least 0');
    expect(wrong('price', '99999999999999999999')).toBe('At most 1,000,000');
    expect(wrong('price', 'ten')).toBe('A number');
  });

  it('knows which field the server refused', () => {
    expect(refusedField('price: must be at most 5', ['name', 'price'])).toEqual({name: 'price', problem: 'must be at most 5'});
    expect(refusedField('the shop is closed', ['name', 'price'])).toBeUndefined();
  });
});
