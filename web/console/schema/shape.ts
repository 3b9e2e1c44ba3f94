// What a JSON Schema allows, as a form asks for it: the keywords that Tidemark's own schemas are made of (described
// structs, docs/development.md) and their usual relatives. Whatever is beyond that is asked for as JSON.

import type {JsonSchema} from '../api/types';

export type Shape =
  | {kind: 'text'; minLength?: number; maxLength?: number}
  | {kind: 'number'; integer: boolean; minimum?: number; maximum?: number; decimals?: number}
  | {kind: 'boolean'}
  | {kind: 'choice'; options: string[]}
  | {kind: 'time'}
  | {kind: 'object'; members: Member[]}
  | {kind: 'list'; item: Shape; minItems?: number; maxItems?: number}
  | {kind: 'map'; item: Shape}
  | {kind: 'variant'; alternatives: Alternative[]}
  | {kind: 'optional'; inner: Shape} // a value, or null
  | {kind: 'json'};

export interface Member {
  name: string;
  required: boolean;
  about?: string;
  shape: Shape;
}

// One of several structs, told apart by its member "type".
export interface Alternative {
  name: string;
  members: Member[];
}

const JSON_SHAPE: Shape = {kind: 'json'};

export function shapeOf(schema: JsonSchema | null | undefined): Shape {
  return schema ? new SchemaReader(schema).read(schema, []) : JSON_SHAPE;
}

class SchemaReader {
  constructor(private readonly root: JsonSchema) {}

  // `path` are the references that led here: one that comes back has no end, and its value is asked for as JSON.
  read(schema: JsonSchema, path: string[]): Shape {
    if (typeof schema.$ref === 'string') {
      const target = path.includes(schema.$ref) ? undefined : this.resolve(schema.$ref);
      return target ? this.read(target, [...path, schema.$ref]) : JSON_SHAPE;
    }
    const all = schemas(schema.allOf);
    if (all.length === 1 && schema.properties === undefined) return this.read(all[0]!, path);
    const either = schemas(schema.oneOf ?? schema.anyOf);
    if (either.length > 0) return this.readEither(either, path);
    if (typeof schema.const === 'string') return {kind: 'choice', options: [schema.const]};
    if (Array.isArray(schema.enum) && schema.enum.every((option) => typeof option === 'string'))
      return {kind: 'choice', options: schema.enum};
    return this.readType(schema, path);
  }

  private readType(schema: JsonSchema, path: string[]): Shape {
    switch (schema.type) {
      case 'string':
        if (schema.format === 'date-time') return {kind: 'time'};
        return {kind: 'text', ...numbers(schema, 'minLength', 'maxLength')};
      case 'integer':
        return {kind: 'number', integer: true, ...rangeOf(schema.format), ...numbers(schema, 'minimum', 'maximum')};
      case 'number':
        return {
          kind: 'number',
          integer: false,
          ...decimalsOf(schema.multipleOf),
          ...numbers(schema, 'minimum', 'maximum'),
        };
      case 'boolean':
        return {kind: 'boolean'};
      case 'array':
        return {
          kind: 'list',
          item: isSchema(schema.items) ? this.read(schema.items, path) : JSON_SHAPE,
          ...numbers(schema, 'minItems', 'maxItems'),
        };
      case 'object':
        return this.readObject(schema, path);
      default:
        return JSON_SHAPE;
    }
  }

  private readObject(schema: JsonSchema, path: string[]): Shape {
    if (isSchema(schema.properties)) return {kind: 'object', members: this.membersOf(schema, path)};
    if (isSchema(schema.additionalProperties)) return {kind: 'map', item: this.read(schema.additionalProperties, path)};
    return JSON_SHAPE;
  }

  private membersOf(schema: JsonSchema, path: string[]): Member[] {
    const required = new Set(Array.isArray(schema.required) ? schema.required : []);
    return Object.entries(schema.properties as Record<string, JsonSchema>).map(([name, member]) => ({
      name,
      required: required.has(name),
      shape: this.read(member, path),
      ...(typeof member.description === 'string' ? {about: member.description} : {}),
    }));
  }

  private readEither(either: JsonSchema[], path: string[]): Shape {
    const values = either.filter(({type}) => type !== 'null');
    if (values.length === 1) {
      const inner = this.read(values[0]!, path);
      return values.length < either.length ? {kind: 'optional', inner} : inner;
    }
    const alternatives = values.map((value) => this.alternativeOf(value, path));
    return alternatives.every((alternative) => alternative !== undefined)
      ? {kind: 'variant', alternatives}
      : JSON_SHAPE;
  }

  // {allOf: [the struct, {properties: {type: {const: its name}}}]}
  private alternativeOf(schema: JsonSchema, path: string[]): Alternative | undefined {
    const parts = schemas(schema.allOf);
    const name = parts.map(nameOf).find((found) => found !== undefined);
    const struct = parts.find((part) => nameOf(part) === undefined);
    const shape = struct && this.read(struct, path);
    return name !== undefined && shape?.kind === 'object' ? {name, members: shape.members} : undefined;
  }

  // References within the document: "#/$defs/Name".
  private resolve(reference: string): JsonSchema | undefined {
    if (!reference.startsWith('#')) return undefined;
    let found: unknown = this.root;
    for (const step of reference.slice(1).split('/').slice(1)) {
      const name = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
      found = isSchema(found) ? found[name] : undefined;
    }
    return isSchema(found) ? found : undefined;
  }
}

function nameOf(schema: JsonSchema): string | undefined {
  const type = isSchema(schema.properties) ? schema.properties.type : undefined;
  return isSchema(type) && typeof type.const === 'string' ? type.const : undefined;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const schemas = (value: unknown): JsonSchema[] => (Array.isArray(value) ? value.filter(isSchema) : []);

function numbers<const Name extends string>(schema: JsonSchema, ...names: Name[]): {[N in Name]?: number} {
  const found: {[N in Name]?: number} = {};
  for (const name of names) if (typeof schema[name] === 'number') found[name] = schema[name];
  return found;
}

function rangeOf(format: unknown): {minimum?: number; maximum?: number} {
  if (format === 'int32') return {minimum: -(2 ** 31), maximum: 2 ** 31 - 1};
  if (format === 'uint32') return {minimum: 0, maximum: 2 ** 32 - 1};
  return format === 'uint64' ? {minimum: 0} : {};
}

// 0.01 is two decimals: money.
function decimalsOf(multiple: unknown): {decimals?: number} {
  if (typeof multiple !== 'number' || multiple <= 0 || multiple >= 1) return {};
  return {decimals: Math.round(-Math.log10(multiple))};
}
