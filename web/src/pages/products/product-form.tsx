// The fields of a product, for adding and for editing.

import {Alert, Button, Group, NumberInput, Stack, TextInput} from '@mantine/core';
import {useForm, type UseFormReturnType} from '@mantine/form';
import {IconAlertCircle} from '@tabler/icons-react';
import type {ReactNode} from 'react';

import type {ProductInput} from '../../api/types';
import {messageOf} from '../../components/error-state';

// A number field that is empty holds ''.
export interface ProductFields {
  name: string;
  price: number | string;
  quantity_available: number | string;
}

export type ProductForm = UseFormReturnType<ProductFields>;

export function useProductForm(initialValues: ProductFields): ProductForm {
  return useForm<ProductFields>({
    initialValues,
    validate: {
      name: (name) => (name.trim() ? null : 'Give the product a name'),
      price: (price) => (typeof price === 'number' ? null : 'Enter a price, like 12.50'),
      quantity_available: (quantity) => (typeof quantity === 'number' ? null : 'Enter how many there are'),
    },
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
  return (
    <form onSubmit={form.onSubmit((fields) => onSubmit(inputOf(fields)))} noValidate>
      <Stack gap="sm">
        {children}
        <TextInput label="Name" required data-autofocus maxLength={200} {...form.getInputProps('name')} />
        <Group grow align="flex-start">
          <NumberInput
            label="Price"
            required
            min={0}
            max={1_000_000}
            decimalScale={2}
            fixedDecimalScale
            allowNegative={false}
            thousandSeparator=","
            hideControls
            inputMode="decimal"
            {...form.getInputProps('price')}
          />
          <NumberInput
            label="In stock"
            required
            min={0}
            max={1_000_000_000}
            allowDecimal={false}
            allowNegative={false}
            inputMode="numeric"
            {...form.getInputProps('quantity_available')}
          />
        </Group>
        {error !== undefined && error !== null && (
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
