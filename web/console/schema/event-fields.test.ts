import {describe, expect, it} from 'vitest';

import {dataOfFields, draftOfFields, fieldsOfDraft, formMembers} from './event-fields';
import type {Shape} from './shape';

const EVENT: Shape = {
  kind: 'object',
  members: [
    {name: 'order_id', required: true, shape: {kind: 'text'}},
    {name: 'version', required: true, shape: {kind: 'number', integer: true}},
    {name: 'note', required: false, shape: {kind: 'text'}},
    {name: 'lines', required: true, shape: {kind: 'list', item: {kind: 'number', integer: true}}},
  ],
};
const FIELDS = {order_id: '17', version: '9007199254740993', lines: '[1, 2]', extra: 'x', ce_id: '7'};
const members = formMembers(EVENT, FIELDS);

describe('the fields of an entry', () => {
  it('keep the text of what is not touched', () => {
    const draft = draftOfFields(members, FIELDS);
    draft.members.note = 'mended';
    expect(fieldsOfDraft(members, FIELDS, draft)).toEqual({fields: {...FIELDS, note: 'mended'}, errors: {}});
  });

  it('become JSON where they are more than text', () => {
    const draft = draftOfFields(members, FIELDS);
    draft.members.lines = ['3'];
    draft.members.version = '8';
    expect(fieldsOfDraft(members, FIELDS, draft)).toEqual({
      fields: {...FIELDS, lines: '[3]', version: '8'},
      errors: {},
    });
  });

  it('are left out when they are emptied and may be missing', () => {
    const draft = draftOfFields(members, FIELDS);
    draft.members.extra = '';
    expect(fieldsOfDraft(members, FIELDS, draft).fields).not.toHaveProperty('extra');
  });

  it('say what is wrong with them', () => {
    const broken = {...FIELDS, version: 'many', lines: '{'};
    const draft = draftOfFields(members, broken);
    expect(fieldsOfDraft(members, broken, draft).errors).toEqual({version: 'Give a whole number.'});
    expect(draft.members.lines).toEqual([]);
  });

  it('need no schema', () => {
    expect(formMembers({kind: 'json'}, FIELDS).map(({name}) => name)).toEqual([
      'order_id',
      'version',
      'lines',
      'extra',
    ]);
  });

  it('stand for data that can be published again', () => {
    expect(dataOfFields(EVENT, {order_id: '17', version: '3', lines: '[1]'})).toEqual({
      order_id: '17',
      version: 3,
      lines: [1],
    });
  });
});
