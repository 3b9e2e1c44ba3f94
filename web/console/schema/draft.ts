// What a person has typed into a form so far, and the value that it stands for. Scalars are drafted as text; an empty
// text in a member that may be missing leaves it out.

import type {Member, Shape} from './shape';

export type Draft = string | undefined | Draft[] | DraftObject | DraftVariant | DraftPair[];
export interface DraftObject {
  members: Record<string, Draft>;
}
export interface DraftVariant {
  type: string;
  members: Record<string, Draft>;
}
export interface DraftPair {
  key: string;
  value: Draft;
}

// By path, as the server names one: "lines[0].price".
export type Errors = Record<string, string>;

// ---- a form to begin with ----

export function emptyDraft(shape: Shape): Draft {
  switch (shape.kind) {
    case 'object':
      return emptyMembers(shape.members);
    case 'variant':
      return {type: shape.alternatives[0]?.name ?? '', ...emptyMembers(shape.alternatives[0]?.members ?? [])};
    case 'list':
      return Array.from({length: shape.minItems ?? 0}, () => emptyDraft(shape.item));
    case 'map':
      return [];
    case 'choice':
      return shape.options.length === 1 ? shape.options[0] : '';
    case 'boolean':
      return 'false';
    case 'optional':
      return isScalar(shape.inner) ? '' : undefined;
    default:
      return '';
  }
}

export function emptyMembers(members: Member[]): DraftObject {
  return {members: Object.fromEntries(members.map(({name, required, shape}) => [name, emptyMember(required, shape)]))};
}

function emptyMember(required: boolean, shape: Shape): Draft {
  if (required) return emptyDraft(shape);
  return isScalar(shape) ? '' : undefined;
}

// ---- a form from what there is ----

export function draftOf(shape: Shape, value: unknown): Draft {
  switch (shape.kind) {
    case 'object':
      return draftMembers(shape.members, value);
    case 'variant': {
      const type = isRecord(value) && typeof value.type === 'string' ? value.type : '';
      const alternative = shape.alternatives.find(({name}) => name === type);
      return alternative ? {type, ...draftMembers(alternative.members, value)} : emptyDraft(shape);
    }
    case 'list':
      return Array.isArray(value) ? value.map((item) => draftOf(shape.item, item)) : emptyDraft(shape);
    case 'map':
      return isRecord(value)
        ? Object.entries(value).map(([key, item]) => ({key, value: draftOf(shape.item, item)}))
        : [];
    case 'optional':
      return value === null || value === undefined ? emptyDraft(shape) : draftOf(shape.inner, value);
    case 'json':
      return value === undefined ? '' : JSON.stringify(value, null, 2);
    default:
      return scalarText(value);
  }
}

function draftMembers(members: Member[], value: unknown): DraftObject {
  const given = isRecord(value) ? value : {};
  return {
    members: Object.fromEntries(
      members.map(({name, required, shape}) => [
        name,
        given[name] === undefined || given[name] === null ? emptyMember(required, shape) : draftOf(shape, given[name]),
      ]),
    ),
  };
}

const scalarText = (value: unknown): string =>
  typeof value === 'string' ? value : value === null || value === undefined ? '' : JSON.stringify(value);

// ---- the value that a form stands for ----

export interface Reading {
  value: unknown; // undefined where it is left out
  errors: Errors;
}

export function readDraft(shape: Shape, draft: Draft, required = true): Reading {
  const errors: Errors = {};
  return {value: read(shape, draft, required, '', errors), errors};
}

function read(shape: Shape, draft: Draft, required: boolean, path: string, errors: Errors): unknown {
  if (draft === undefined && !required) return undefined;
  switch (shape.kind) {
    case 'object':
      return readMembers(shape.members, draft, path, errors);
    case 'variant': {
      const type = isVariant(draft) ? draft.type : '';
      const alternative = shape.alternatives.find(({name}) => name === type);
      if (alternative) return {type, ...readMembers(alternative.members, draft, path, errors)};
      errors[memberPath(path, 'type')] = 'Choose one.';
      return undefined;
    }
    case 'list':
      return readList(shape, draft, path, errors);
    case 'map':
      return readMap(shape.item, draft, path, errors);
    case 'optional':
      if (draft === undefined || draft === '') return null;
      return read(shape.inner, draft, true, path, errors);
    default:
      return readScalar(shape, typeof draft === 'string' ? draft : '', required, path, errors);
  }
}

function readMembers(members: Member[], draft: Draft, path: string, errors: Errors): Record<string, unknown> {
  const given = isObject(draft) ? draft.members : {};
  const value: Record<string, unknown> = {};
  for (const {name, required, shape} of members) {
    const member = read(shape, given[name], required, memberPath(path, name), errors);
    if (member !== undefined) value[name] = member;
  }
  return value;
}

function readList(shape: Shape & {kind: 'list'}, draft: Draft, path: string, errors: Errors): unknown[] {
  const items = Array.isArray(draft) ? (draft as Draft[]) : [];
  const {minItems = 0, maxItems = Infinity} = shape;
  if (items.length < minItems) errors[path] = `Needs at least ${minItems}.`;
  if (items.length > maxItems) errors[path] = `Has at most ${maxItems}.`;
  return items.map((item, index) => read(shape.item, item, true, `${path}[${index}]`, errors));
}

function readMap(item: Shape, draft: Draft, path: string, errors: Errors): Record<string, unknown> {
  const pairs = Array.isArray(draft) ? (draft as DraftPair[]) : [];
  const value: Record<string, unknown> = {};
  pairs.forEach(({key, value: given}, index) => {
    if (Object.hasOwn(value, key)) errors[`${path}[${index}]`] = `“${key}” is there twice.`;
    value[key] = read(item, given, true, memberPath(path, key), errors);
  });
  return value;
}

type Scalar = Exclude<Shape, {kind: 'object' | 'variant' | 'list' | 'map' | 'optional'}>;

function readScalar(shape: Scalar, text: string, required: boolean, path: string, errors: Errors): unknown {
  if (text === '' && !required) return undefined;
  const refuse = (why: string) => {
    errors[path] = why;
    return undefined;
  };
  switch (shape.kind) {
    case 'text':
      return readText(shape, text, refuse);
    case 'number':
      return readNumber(shape, text.trim(), refuse);
    case 'boolean':
      return text === 'true' || text === 'false' ? text === 'true' : refuse('Choose yes or no.');
    case 'choice':
      return shape.options.includes(text)
        ? text
        : refuse(text === '' ? 'Choose one.' : `“${text}” is none of the choices.`);
    case 'time':
      return isTime(text.trim()) ? text.trim() : refuse('A time looks like 2026-01-31T12:00:00.000Z.');
    case 'json':
      try {
        return JSON.parse(text) as unknown;
      } catch (error) {
        return refuse(text.trim() === '' ? 'Is missing.' : `This is no JSON: ${(error as Error).message}`);
      }
  }
}

type Refuse = (why: string) => undefined;

function readText(
  {minLength = 0, maxLength = Infinity}: Shape & {kind: 'text'},
  text: string,
  refuse: Refuse,
): unknown {
  const length = [...text].length;
  if (length < minLength) return refuse(length === 0 ? 'Is missing.' : `Needs at least ${minLength} characters.`);
  return length > maxLength ? refuse(`Has at most ${maxLength} characters, this is ${length}.`) : text;
}

// Of a number that JavaScript can't hold exactly.
export const TOO_LONG = 'Has too many digits for a web page; publish it with the command line.';

const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

function readNumber(shape: Shape & {kind: 'number'}, text: string, refuse: Refuse): unknown {
  const {integer, minimum = -Infinity, maximum = Infinity, decimals} = shape;
  if (text === '') return refuse('Is missing.');
  if (integer && !/^-?\d+$/.test(text)) return refuse('Give a whole number.');
  if (!NUMBER.test(text)) return refuse('Give a number, as 12.5.');
  if (decimals !== undefined && (text.split('.')[1] ?? '').length > decimals)
    return refuse(`Has at most ${decimals} decimals.`);
  const value = Number(text);
  if (value < minimum) return refuse(`Is at least ${minimum}.`);
  if (value > maximum) return refuse(`Is at most ${maximum}.`);
  if (integer && !Number.isSafeInteger(value)) return refuse(TOO_LONG);
  return value;
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
export const isTime = (text: string): boolean => TIME.test(text) && !Number.isNaN(Date.parse(text));

// ---- kinds ----

const NESTED = new Set(['object', 'variant', 'list', 'map', 'json']);

export function isScalar(shape: Shape): boolean {
  return shape.kind === 'optional' ? isScalar(shape.inner) : !NESTED.has(shape.kind) || shape.kind === 'json';
}

export const memberPath = (path: string, name: string): string => (path ? `${path}.${name}` : name);

export const isObject = (draft: Draft): draft is DraftObject =>
  typeof draft === 'object' && !Array.isArray(draft) && 'members' in draft;
export const isVariant = (draft: Draft): draft is DraftVariant => isObject(draft) && 'type' in draft;
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
