import {Button, Group, Modal, Stack, Text} from '@mantine/core';

import type {Product} from '../../api/types';

interface DeleteProductModalProps {
  product: Product;
  onConfirm: () => void;
  onClose: () => void;
}

export function DeleteProductModal({product, onConfirm, onClose}: DeleteProductModalProps) {
  return (
    <Modal opened onClose={onClose} title={`Delete ${product.name}?`} role="alertdialog">
      <Stack gap="sm">
        <Text size="sm">
          It leaves the shop for good. Orders that were placed stay; those not yet fulfilled will be refunded.
        </Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button color="red" onClick={onConfirm}>
            Delete
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
