// An entry's fields as a form's draft, and back: members are text in an entry (JSON where they are more than a scalar).
// What is not touched keeps the very text that it has.

import {draftOf, emptyMembers, isScalar, readDraft, TOO_LONG, type Draft, type DraftObject, type Errors} from './draft';
import type {Member, Shape} from './shape';

export type Fields = Record<string, string>;

export const isAttribute = (name: string): boolean => name.startsWith('ce_');

// The members of the event, without the attributes (ce_…).
export function membersOf(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !isAttribute(name)));
}

export function attributesOf(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => isAttribute(name)));
}

// The members that a form asks for: the schema's, or, where there is none, one text for each that is there. Of a
// variant those of the alternative that the fields name.
export function formMembers(shape: Shape, fields: Fields): Member[] {
  const known = shape.kind === 'variant' ? shape.alternatives.find(({name}) => name === fields.type) : shape;
  const members = known && 'members' in known ? known.members : [];
  const more = Object.keys(membersOf(fields)).filter((name) => !members.some((member) => member.name === name));
  return [...members, ...more.map((name): Member => ({name, required: false, shape: {kind: 'text'}}))];
}

export function draftOfFields(members: Member[], fields: Fields): DraftObject {
  const draft = emptyMembers(members);
  for (const {name, shape} of members) {
    const text = fields[name];
    if (text !== undefined) draft.members[name] = isScalar(shape) ? text : draftOf(shape, parsed(text));
  }
  return draft;
}

export interface FieldsReading {
  fields: Fields;
  errors: Errors;
}

// The fields with what the form changed. A member that is left out has no field.
export function fieldsOfDraft(members: Member[], before: Fields, draft: DraftObject): FieldsReading {
  const start = draftOfFields(members, before);
  const {value, errors} = readDraft({kind: 'object', members}, draft);
  const given = value as Record<string, unknown>;
  const fields = {...before};
  for (const {name, shape} of members) {
    if (errors[name] === TOO_LONG) delete errors[name]; // its digits go as they were typed
    if (same(start.members[name], draft.members[name])) continue;
    const text = fieldText(shape, draft.members[name], given[name]);
    if (text === undefined) delete fields[name];
    else fields[name] = text;
  }
  return {fields, errors};
}

// Numbers as they were typed: their digits survive.
function fieldText(shape: Shape, draft: Draft, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return isScalar(shape) && typeof draft === 'string' ? draft : JSON.stringify(value);
}

const same = (a: Draft, b: Draft): boolean => JSON.stringify(a) === JSON.stringify(b);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// The event's data as JSON, to publish it again: by the shape where it says what is text.
export function dataOfFields(shape: Shape, fields: Fields): Record<string, unknown> {
  const members = formMembers(shape, fields);
  const {value} = readDraft({kind: 'object', members}, draftOfFields(members, fields));
  return value as Record<string, unknown>;
}
