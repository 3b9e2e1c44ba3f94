// The fields of a product, for adding and for editing.

import {Alert, Button, Group, NumberInput, Stack, TextInput} from '@mantine/core';
import {useForm, type UseFormReturnType} from '@mantine/form';
import {IconAlertCircle} from '@tabler/icons-react';
import type {ReactNode} from 'react';

import {Problem} from '../../api/client';
import type {ProductInput} from '../../api/types';
import {messageOf} from '../../components/error-state';
import {fieldError, refusedField} from '../../forms/schema';
import {useBodySchema} from '../../queries/schemas';

// A number field that is empty holds ''.
export interface ProductFields {
  name: string;
  price: number | string;
  quantity_available: number | string;
}

export type ProductForm = UseFormReturnType<ProductFields>;

// A number stays as it was typed, and what is wrong with it is said: dropping a minus or a point would make another
// number of it.
export const AS_TYPED = {allowedDecimalSeparators: ['.', ','], clampBehavior: 'none' as const};

const LABELS = {name: 'Name', price: 'Price', quantity_available: 'In stock'} as const;
export const NAMES = ['name', 'price', 'quantity_available'] as const;

// The rules are those of the endpoint.
export function useProductForm(initialValues: ProductFields): ProductForm {
  const schema = useBodySchema('post', '/api/inventory/products');
  return useForm<ProductFields>({
    initialValues,
    validate: (fields) =>
      Object.fromEntries(
        NAMES.map((name) => {
          const value = name === 'name' ? fields.name.trim() : fields[name];
          return [name, schema ? fieldError(schema, name, LABELS[name], value) : null];
        }),
      ),
  });
}

// Only for fields that have passed validation.
export function inputOf({name, price, quantity_available}: ProductFields): ProductInput {
  return {name: name.trim(), price: Number(price), quantity_available: Number(quantity_available)};
}

interface ProductFormViewProps {
  form: ProductForm;
  onSubmit: (input: ProductInput) => void;
  onCancel: () => void;
  submitLabel: string;
  saving: boolean;
  error?: unknown;
  children?: ReactNode;
}

export function ProductFormView({form, onSubmit, onCancel, submitLabel, saving, error, children}: ProductFormViewProps) {
  const refused = error instanceof Problem ? refusedField(error.message, NAMES) : undefined;
  const field = (name: keyof ProductFields) => {
    const {error: found, ...input} = form.getInputProps(name);
    return {...input, label: LABELS[name], error: found ?? (refused?.name === name ? refused.problem : undefined)};
  };
  return (
    <form onSubmit={form.onSubmit((fields) => onSubmit(inputOf(fields)))} noValidate>
      <Stack gap="sm">
        {children}
        <TextInput required autoFocus data-autofocus {...field('name')} />
        <Group grow align="flex-start">
          <NumberInput required hideControls inputMode="decimal" {...AS_TYPED} {...field('price')} />
          <NumberInput required inputMode="numeric" {...AS_TYPED} {...field('quantity_available')} />
        </Group>
        {error !== undefined && error !== null && !refused && (
          <Alert color="red" icon={<IconAlertCircle aria-hidden />} role="alert" title="The product was not saved">
            {messageOf(error)}
          </Alert>
        )}
        <Group justify="flex-end" gap="xs" mt="xs">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" loading={saving}>
            {submitLabel}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
