// Edits a product from the version that the form was filled with. The list shows what is saved at once, without the
// form; if the shop refuses it, the form is back with the person's values. If it has a newer version by then (412), the
// person chooses what to do: nothing is overwritten unseen, and what the person has not changed stays as it is then.

import {Alert, Button, Group, List, Modal, Skeleton, Stack, Text} from '@mantine/core';
import {IconGitMerge} from '@tabler/icons-react';
import {useState} from 'react';

import {Problem} from '../../api/client';
import type {Product, ProductInput, Tagged} from '../../api/types';
import {ErrorState} from '../../components/error-state';
import {moneyText} from '../../money';
import {useProductToEdit, useUpdateProduct} from '../../queries/mutations';
import {NAMES, ProductFormView, useProductForm} from './product-form';

interface EditProductModalProps {
  product: Product;
  onClose: () => void;
}

export function EditProductModal({product, onClose}: EditProductModalProps) {
  const {data, error, refetch, isFetching} = useProductToEdit(product.id);
  const [saving, setSaving] = useState(false);
  return (
    // Hidden by its style alone: as an inactive tree it would not hear of the answer.
    <Modal
      opened={!saving}
      keepMounted
      keepMountedMode="display-none"
      onClose={onClose}
      title={`Edit ${product.name}`}
    >
      {data ? (
        <EditForm start={data} onSaving={setSaving} onClose={onClose} />
      ) : error && !isFetching ? (
        <ErrorState title="The product could not be loaded" error={error} onRetry={() => void refetch()} />
      ) : (
        <Stack gap="sm" aria-busy="true" aria-label="Loading the product">
          <Skeleton height={61} />
          <Skeleton height={61} />
          <Skeleton height={36} mt="xs" />
        </Stack>
      )}
    </Modal>
  );
}

interface EditFormProps {
  start: Tagged<Product>;
  onSaving: (saving: boolean) => void;
  onClose: () => void;
}

function EditForm({start, onSaving, onClose}: EditFormProps) {
  const [base, setBase] = useState(start);
  const form = useProductForm(fieldsOf(base.document));
  const update = useUpdateProduct(base.document.id);
  const newest = useProductToEdit(base.document.id);
  const conflict = update.error instanceof Problem && update.error.status === 412;

  const save = (input: ProductInput) => {
    onSaving(true);
    update.mutate(
      {input, etag: base.etag},
      {
        onSuccess: onClose,
        onError: (error) => {
          onSaving(false);
          if (error instanceof Problem && error.status === 412) void newest.refetch();
        },
      },
    );
  };

  const takeUp = (latest: Tagged<Product>, fields: 'latest' | 'mine') => {
    const unchanged = NAMES.filter((name) => String(form.values[name]) === String(base.document[name]));
    const taken = fieldsOf(latest.document);
    form.setValues(fields === 'latest' ? taken : Object.fromEntries(unchanged.map((name) => [name, taken[name]])));
    setBase(latest);
    update.reset();
  };

  return (
    <ProductFormView
      form={form}
      submitLabel="Save"
      saving={update.isPending}
      error={conflict ? undefined : update.error}
      onCancel={onClose}
      onSubmit={save}
    >
      {conflict && (
        <ConflictAlert
          base={base.document}
          latest={newest.data && newest.data.etag !== base.etag ? newest.data.document : undefined}
          loading={newest.isFetching}
          onReload={() => newest.data && takeUp(newest.data, 'latest')}
          onKeep={() => newest.data && takeUp(newest.data, 'mine')}
          onRetry={() => void newest.refetch()}
        />
      )}
    </ProductFormView>
  );
}

interface ConflictAlertProps {
  base: Product;
  latest: Product | undefined; // undefined while it is not known
  loading: boolean;
  onReload: () => void;
  onKeep: () => void;
  onRetry: () => void;
}

function ConflictAlert({base, latest, loading, onReload, onKeep, onRetry}: ConflictAlertProps) {
  return (
    <Alert color="orange" icon={<IconGitMerge aria-hidden />} role="alert" title="Changed meanwhile">
      <Text size="sm">
        Somebody edited or bought this product after you opened it, so your values were not saved.
        {latest && ' Since then:'}
      </Text>
      {latest && (
        <List size="sm" my={4}>
          {differences(base, latest).map((difference) => (
            <List.Item key={difference}>{difference}</List.Item>
          ))}
        </List>
      )}
      <Group gap="xs" mt="xs">
        {latest ? (
          <>
            <Button size="compact-sm" variant="default" onClick={onReload}>
              Reload the latest
            </Button>
            <Button size="compact-sm" variant="default" onClick={onKeep}>
              Keep my changes
            </Button>
          </>
        ) : (
          <Button size="compact-sm" variant="default" onClick={onRetry} loading={loading}>
            Load what it is now
          </Button>
        )}
      </Group>
    </Alert>
  );
}

function fieldsOf({name, price, quantity_available}: Product) {
  return {name, price, quantity_available};
}

function differences(before: Product, after: Product): string[] {
  const found: string[] = [];
  if (before.name !== after.name) found.push(`the name is now “${after.name}”`);
  if (before.price !== after.price) found.push(`the price went from ${moneyText(before.price)} to ${moneyText(after.price)}`);
  if (before.quantity_available !== after.quantity_available)
    found.push(`the stock went from ${before.quantity_available} to ${after.quantity_available}`);
  return found.length > 0 ? found : ['it was saved again with the same values'];
}
