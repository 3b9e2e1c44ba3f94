import {describe, expect, it} from 'vitest';

import {shapeOf} from './shape';

// As tidemark::json::schema_document writes it.
const ORDER = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  allOf: [{$ref: '#/$defs/Order'}],
  $defs: {
    Order: {
      type: 'object',
      properties: {
        id: {type: 'string', minLength: 1, maxLength: 40},
        quantity: {type: 'integer', format: 'int32', minimum: 1},
        version: {type: 'integer', format: 'uint64', minimum: 0},
        price: {type: 'number', multipleOf: 0.01},
        weight: {type: 'number', format: 'double'},
        paid: {type: 'boolean'},
        status: {type: 'string', enum: ['open', 'done']},
        at: {type: 'string', format: 'date-time'},
        note: {type: 'string'},
        lines: {type: 'array', items: {$ref: '#/$defs/Line'}, minItems: 1},
        tags: {type: 'object', additionalProperties: {type: 'string'}},
        holes: {type: 'array', items: {anyOf: [{type: 'integer', format: 'int32'}, {type: 'null'}]}},
        anything: {},
      },
      required: ['id', 'quantity', 'lines'],
    },
    Line: {
      type: 'object',
      properties: {name: {type: 'string'}, parts: {type: 'array', items: {$ref: '#/$defs/Line'}}},
      required: ['name'],
    },
  },
};

describe('the shape of a schema', () => {
  const shape = shapeOf(ORDER);
  const member = (name: string) => shape.kind === 'object' && shape.members.find((found) => found.name === name);

  it('has the members in order, with what is required', () => {
    expect(shape.kind).toBe('object');
    expect(member('id')).toEqual({name: 'id', required: true, shape: {kind: 'text', minLength: 1, maxLength: 40}});
    expect(member('note')).toEqual({name: 'note', required: false, shape: {kind: 'text'}});
  });

  it('knows whole numbers with their bounds, and money', () => {
    expect(member('quantity')).toMatchObject({
      shape: {kind: 'number', integer: true, minimum: 1, maximum: 2 ** 31 - 1},
    });
    expect(member('version')).toMatchObject({shape: {kind: 'number', integer: true, minimum: 0}});
    expect(member('price')).toMatchObject({shape: {kind: 'number', integer: false, decimals: 2}});
    expect(member('weight')).toMatchObject({shape: {kind: 'number', integer: false}});
  });

  it('knows choices, times, yes and no', () => {
    expect(member('status')).toMatchObject({shape: {kind: 'choice', options: ['open', 'done']}});
    expect(member('at')).toMatchObject({shape: {kind: 'time'}});
    expect(member('paid')).toMatchObject({shape: {kind: 'boolean'}});
  });

  it('goes into lists, maps and optionals', () => {
    expect(member('lines')).toMatchObject({shape: {kind: 'list', minItems: 1, item: {kind: 'object'}}});
    expect(member('tags')).toMatchObject({shape: {kind: 'map', item: {kind: 'text'}}});
    expect(member('holes')).toMatchObject({shape: {kind: 'list', item: {kind: 'optional', inner: {kind: 'number'}}}});
  });

  it('ends where a type contains itself, and where it says nothing', () => {
    expect(member('lines')).toMatchObject({
      shape: {item: {members: [{name: 'name'}, {name: 'parts', shape: {kind: 'list', item: {kind: 'json'}}}]}},
    });
    expect(member('anything')).toMatchObject({shape: {kind: 'json'}});
    expect(shapeOf(null)).toEqual({kind: 'json'});
    expect(shapeOf({$ref: '#/$defs/Missing'})).toEqual({kind: 'json'});
    expect(shapeOf({$ref: 'https://elsewhere/schema'})).toEqual({kind: 'json'});
  });

  it('knows a variant by the names of its alternatives', () => {
    const named = (name: string) => ({type: 'object', properties: {type: {const: name}}, required: ['type']});
    const schema = {
      allOf: [{oneOf: [{allOf: [{$ref: '#/$defs/A'}, named('A')]}, {allOf: [{$ref: '#/$defs/B'}, named('B')]}]}],
      $defs: {
        A: {type: 'object', properties: {x: {type: 'string'}}, required: ['x']},
        B: {type: 'object', properties: {}, required: []},
      },
    };
    expect(shapeOf(schema)).toEqual({
      kind: 'variant',
      alternatives: [
        {name: 'A', members: [{name: 'x', required: true, shape: {kind: 'text'}}]},
        {name: 'B', members: []},
      ],
    });
  });
});
