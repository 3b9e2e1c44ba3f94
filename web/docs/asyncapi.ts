// What the page of events shows, read out of an AsyncAPI document as Tidemark writes it.

export interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema;
  enum?: string[];
  const?: unknown;
  allOf?: Schema[];
  oneOf?: Schema[];
  anyOf?: Schema[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  multipleOf?: number;
}

interface Reference {
  $ref: string;
}

interface Receiving {
  service: string;
  group?: string;
  key?: string;
  retry?: {attempts: number; first_ms: number; at_most_ms: number};
  deadline_ms?: number;
  concurrency?: number;
  begins?: string;
  every_partition?: boolean;
  dead_letters?: string;
}

interface Message {
  name: string;
  payload: Schema;
  traits?: Reference[];
  'x-tidemark'?: {key?: string};
}

export interface AsyncApi {
  asyncapi: string;
  info: {title: string; version: string; description?: string};
  servers: Record<string, {host: string; protocol: string; description?: string}>;
  channels: Record<
    string,
    {
      address: string;
      description?: string;
      messages: Record<string, Message>;
      'x-tidemark'?: {retention?: {age_ms?: number; count?: number; bytes?: number}};
    }
  >;
  operations: Record<
    string,
    {action: 'send' | 'receive'; channel: Reference; messages?: Reference[]; 'x-tidemark': Receiving}
  >;
  components: {
    schemas: Record<string, Schema>;
    messageTraits?: {event?: {headers: Schema}};
  };
}

export interface Member {
  name: string;
  type: string;
  required: boolean;
  note: string; // limits and description
}

export interface EventMessage {
  name: string;
  key?: string;
  members: Member[];
  example: Record<string, unknown>;
}

export interface Topic {
  name: string;
  anchor: string;
  isStream: boolean; // of server-sent events: no topic of the store
  description: string;
  retention: string;
  messages: EventMessage[];
  publishers: string[]; // services
  handlers: Receiving[];
}

export function topicsOf(document: AsyncApi): Topic[] {
  return Object.values(document.channels)
    .map((channel): Topic => {
      const operations = Object.values(document.operations).filter(
        ({channel: {$ref}}) => channelOf($ref) === channel.address,
      );
      return {
        name: channel.address,
        anchor: anchorOf(channel.address),
        isStream: channel.address.startsWith('/'),
        description: channel.description ?? '',
        retention: retentionText(channel['x-tidemark']?.retention),
        messages: Object.values(channel.messages).map((message) => eventMessage(document, message)),
        publishers: [...new Set(operations.filter(({action}) => action === 'send').map((o) => o['x-tidemark'].service))],
        handlers: operations.filter(({action}) => action === 'receive').map((o) => o['x-tidemark']),
      };
    })
    .sort((a, b) => Number(a.isStream) - Number(b.isStream) || (a.name < b.name ? -1 : 1));
}

export function attributesOf(document: AsyncApi): Member[] {
  const headers = document.components.messageTraits?.event?.headers;
  return headers ? membersOf(document, headers) : [];
}

export function matches(topic: Topic, text: string): boolean {
  const words = [
    topic.name,
    ...topic.publishers,
    ...topic.handlers.flatMap(({service, group}) => [service, group ?? '']),
    ...topic.messages.flatMap(({name, members}) => [name, ...members.map((member) => member.name)]),
  ];
  const wanted = text.trim().toLowerCase();
  return words.some((word) => word.toLowerCase().includes(wanted));
}

// What writes the example into its topic, from any Redis client.
export function commandOf(topic: Topic, message: EventMessage): string {
  const fields = Object.entries(message.example).map(
    ([name, value]) => `${name} ${shellWord(typeof value === 'object' ? JSON.stringify(value) : String(value))}`,
  );
  return `XADD ${topic.name} * ${fields.join(' ')}`;
}

export function durationText(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  const steps: [number, string][] = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1000, 's'],
  ];
  const [size, unit] = steps.find(([step]) => ms >= step) ?? [1000, 's'];
  return `${Number((ms / size).toFixed(1))} ${unit}`;
}

function anchorOf(address: string): string {
  return address.replaceAll(/[^\w.-]+/g, '-').replace(/^-/, '');
}

function channelOf(reference: string): string {
  const token = decodeURIComponent(reference.slice('#/channels/'.length));
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}

function resolve(document: AsyncApi, schema: Schema): Schema {
  if (!schema.$ref) return schema;
  return document.components.schemas[schema.$ref.slice('#/components/schemas/'.length)] ?? {};
}

function eventMessage(document: AsyncApi, message: Message): EventMessage {
  return {
    name: message.name,
    key: message['x-tidemark']?.key,
    members: membersOf(document, message.payload),
    example: exampleOf(document, message.payload) as Record<string, unknown>,
  };
}

function membersOf(document: AsyncApi, schema: Schema): Member[] {
  const {properties = {}, required = []} = resolve(document, schema);
  return Object.entries(properties).map(([name, member]) => ({
    name,
    type: typeText(member),
    required: required.includes(name),
    note: [member.description, limitsText(member)].filter(Boolean).join('; '),
  }));
}

function typeText(schema: Schema): string {
  if (schema.$ref) return schema.$ref.split('/').at(-1) ?? 'object';
  if (schema.enum) return schema.enum.join(' | ');
  if (schema.oneOf) return schema.oneOf.map((one) => typeText(one.allOf?.[0] ?? one)).join(' | ');
  if (schema.items) return `list of ${typeText(schema.items)}`;
  if (schema.additionalProperties) return `map of ${typeText(schema.additionalProperties)}`;
  if (schema.multipleOf === 0.01) return 'money';
  if (schema.format === 'date-time') return 'time';
  return [schema.type ?? 'any'].flat().join(' | ');
}

function limitsText(schema: Schema): string {
  const range = (low: number | undefined, high: number | undefined, unit: string) => {
    if (low !== undefined && high !== undefined) return `${low} to ${high}${unit}`;
    if (low !== undefined) return `at least ${low}${unit}`;
    return high === undefined ? '' : `at most ${high}${unit}`;
  };
  return [
    range(schema.minimum, schema.maximum, ''),
    range(schema.minLength, schema.maxLength, ' characters'),
    range(schema.minItems, schema.maxItems, ' elements'),
  ]
    .filter(Boolean)
    .join(', ');
}

function retentionText(retention: {age_ms?: number; count?: number; bytes?: number} = {}): string {
  const {age_ms, count, bytes} = retention;
  const kept = [
    age_ms === undefined ? '' : durationText(age_ms),
    count === undefined ? '' : `${count} events`,
    bytes === undefined ? '' : `${bytes} bytes`,
  ].filter(Boolean);
  return kept.length > 0 ? `keeps ${kept.join(', ')}` : 'keeps everything';
}

// A value that the schema allows; `depth` ends what refers to itself.
function exampleOf(document: AsyncApi, schema: Schema, name = '', depth = 0): unknown {
  const {type, properties = {}, format, ...rest} = resolve(document, schema);
  if (depth > 4) return null;
  if (rest.enum) return rest.enum[0];
  if (rest.oneOf?.[0]) return exampleOf(document, rest.oneOf[0].allOf?.[0] ?? rest.oneOf[0], name, depth + 1);
  if (type === 'object')
    return Object.fromEntries(
      Object.entries(properties).map(([member, of]) => [member, exampleOf(document, of, member, depth + 1)]),
    );
  if (type === 'array') return [exampleOf(document, rest.items ?? {}, name, depth + 1)];
  if (type === 'boolean') return true;
  if (type === 'integer') return Math.max(1, rest.minimum ?? 1);
  if (type === 'number') return Math.max(12.5, rest.minimum ?? 0);
  if (format === 'date-time') return '2026-01-31T12:00:00.000Z';
  return name === 'id' || name.endsWith('_id') ? '01J0ABCDEFGHJKMNPQRSTVWXYZ' : `some ${name.replaceAll('_', ' ')}`;
}

function shellWord(text: string): string {
  return /^[\w.:-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
