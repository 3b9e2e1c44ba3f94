import {Modal} from '@mantine/core';

import {useCreateProduct} from '../../queries/mutations';
import {ProductFormView, useProductForm} from './product-form';

export function AddProductModal({onClose}: {onClose: () => void}) {
  const form = useProductForm({name: '', price: '', quantity_available: ''});
  const create = useCreateProduct();
  return (
    <Modal opened onClose={onClose} title="Add a product">
      <ProductFormView
        form={form}
        submitLabel="Add product"
        saving={create.isPending}
        error={create.error}
        onCancel={onClose}
        onSubmit={(input) => create.mutate(input, {onSuccess: onClose})}
      />
    </Modal>
  );
}
