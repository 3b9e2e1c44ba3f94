import {Alert, Button, Group, Modal, Stack, Text} from '@mantine/core';

import {Problem} from '../../api/client';
import type {Product} from '../../api/types';
import {messageOf} from '../../components/error-state';
import {notifyDone} from '../../components/notify';
import {useDeleteProduct} from '../../queries/mutations';

export function DeleteProductModal({product, onClose}: {product: Product; onClose: () => void}) {
  const remove = useDeleteProduct();
  const done = () => {
    notifyDone(`${product.name} is deleted.`);
    onClose();
  };
  const confirm = () =>
    remove.mutate(product.id, {
      onSuccess: done,
      onError: (error) => {
        if (error instanceof Problem && error.status === 404) done(); // somebody was faster
      },
    });

  return (
    <Modal opened onClose={onClose} title={`Delete ${product.name}?`} role="alertdialog">
      <Stack gap="sm">
        <Text size="sm">
          It leaves the shop for good. Orders that were placed stay; those not yet fulfilled will be refunded.
        </Text>
        {remove.error && (
          <Alert color="red" role="alert" title="The product was not deleted">
            {messageOf(remove.error)}
          </Alert>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button color="red" onClick={confirm} loading={remove.isPending}>
            Delete
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
