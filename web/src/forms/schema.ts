// The rules of a form: those of the server, out of its OpenAPI document. What is not said there is not checked here, and
// the server's word counts in any case.

export interface FieldSchema {
  type?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  multipleOf?: number;
}

export interface FormSchema {
  properties: Record<string, FieldSchema>;
  required: string[];
}

interface Reference {
  $ref?: string;
}

export interface OpenApi {
  paths: Record<string, Record<string, {requestBody?: {content: Record<string, {schema: FormSchema & Reference}>}}>>;
  components: {schemas: Record<string, FormSchema>};
}

// The schema of what the endpoint takes, undefined where the document has none.
export function bodySchema(api: OpenApi, method: 'post' | 'put', path: string): FormSchema | undefined {
  const schema = api.paths[path]?.[method]?.requestBody?.content['application/json']?.schema;
  const name = schema?.$ref?.split('/').at(-1);
  return name === undefined ? schema : api.components.schemas[name];
}

const count = new Intl.NumberFormat('en', {maximumFractionDigits: 2});

// What is wrong with the value, in words for a person; null for nothing. `label` is what the field is called.
export function fieldError(schema: FormSchema, name: string, label: string, value: unknown): string | null {
  const field = schema.properties[name] ?? {};
  const missing = value === undefined || value === '';
  if (missing && schema.required.includes(name) && (field.type !== 'string' || (field.minLength ?? 0) > 0))
    return `${label} is missing`;
  if (missing) return null;
  return field.type === 'string' ? lengthError(field, String(value)) : numberError(field, Number(value));
}

function lengthError({minLength, maxLength}: FieldSchema, value: string): string | null {
  const length = [...value].length; // in characters, as the server counts
  if (minLength !== undefined && length < minLength) return `At least ${count.format(minLength)} characters`;
  if (maxLength !== undefined && length > maxLength) return `At most ${count.format(maxLength)} characters`;
  return null;
}

function numberError({type, minimum, maximum, multipleOf}: FieldSchema, value: number): string | null {
  if (Number.isNaN(value)) return 'A number';
  if (type === 'integer' && !Number.isInteger(value)) return 'A whole number';
  if (minimum !== undefined && value < minimum) return `At least ${count.format(minimum)}`;
  if (maximum !== undefined && value > maximum) return `At most ${count.format(maximum)}`;
  // Fractions are inexact, so the steps are counted, and compared with the nearest whole number of them.
  const steps = multipleOf === undefined ? 0 : value / multipleOf;
  if (Math.abs(steps - Math.round(steps)) > 1e-6) return `A multiple of ${multipleOf}`;
  return null;
}

// What the server found wrong with one field ("price: must be…"), when it says so of one of these.
export function refusedField(message: string, names: readonly string[]): {name: string; problem: string} | undefined {
  const name = names.find((candidate) => message.startsWith(`${candidate}: `));
  return name === undefined ? undefined : {name, problem: message.slice(name.length + 2)};
}
