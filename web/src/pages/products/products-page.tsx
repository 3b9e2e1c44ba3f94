import {ActionIcon, Button, EmptyState, Group, Paper, Tooltip} from '@mantine/core';
import {IconPackage, IconPencil, IconPlus, IconTrash} from '@tabler/icons-react';
import {Link, useNavigate, useSearch} from '@tanstack/react-router';
import {useCallback, useMemo, useState} from 'react';

import type {Product} from '../../api/types';
import type {Column} from '../../components/data-table';
import {useFocusReturn} from '../../components/focus-return';
import {Choice, ListTools, countText} from '../../components/list-tools';
import {LiveListView} from '../../components/live-list-view';
import {NoMatch} from '../../components/no-match';
import {PageHeader} from '../../components/page-header';
import {SearchField} from '../../components/search-field';
import {Stock} from '../../components/stock';
import {PRODUCTS} from '../../live/lists';
import {moneyText} from '../../money';
import {useLiveList} from '../../queries/lists';
import {useDeleteProduct} from '../../queries/mutations';
import {PRODUCT_ORDERS, type ProductsSearch} from '../search-parameters';
import {AddProductModal} from './add-product-modal';
import {AddSamplesButton} from './add-samples-button';
import {DeleteProductModal} from './delete-product-modal';
import {EditProductModal} from './edit-product-modal';

type OpenModal = {kind: 'add'} | {kind: 'edit' | 'delete'; product: Product};

export function ProductsPage() {
  const {sort = 'name', search} = useSearch({from: '/products'});
  const navigate = useNavigate({from: '/products'});
  const {query, items, pending} = useLiveList(PRODUCTS, {sort, search});
  const [modal, setModal] = useState<OpenModal>();
  const focus = useFocusReturn();
  const remove = useDeleteProduct();
  const open = useCallback(
    (next: OpenModal) => {
      focus.keep();
      setModal(next);
    },
    [focus],
  );
  const columns = useMemo(() => columnsOf(open), [open]);
  const close = () => {
    setModal(undefined);
    focus.giveBack();
  };

  const look = (change: ProductsSearch) =>
    void navigate({search: (before) => ({...before, ...change}), replace: true});
  const confirmDeletion = (product: Product) => {
    close();
    remove.mutate(product);
  };
  return (
    <>
      <PageHeader
        title="Products"
        description="Stock follows every order as it is fulfilled."
        actions={
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => open({kind: 'add'})}>
            Add product
          </Button>
        }
      />
      <ListTools count={query.data && countText(items.length, query.hasNextPage, 'product', 'products')}>
        <SearchField
          label="Search products"
          value={search ?? ''}
          onSearch={(text) => look({search: text || undefined})}
        />
        <Choice
          label="Order of the products"
          value={sort}
          choices={PRODUCT_ORDERS}
          onChange={(order) => look({sort: order === 'name' ? undefined : order})}
        />
      </ListTools>
      <LiveListView
        label="Products"
        columns={columns}
        query={query}
        rows={items}
        pending={pending}
        empty={
          search ? (
            <NoMatch
              title="No product matches"
              description={
                query.hasNextPage
                  ? 'None so far: “Show more” searches on.'
                  : `Nothing in the shop has “${search}” in its name.`
              }
              onClear={() => look({search: undefined})}
            />
          ) : (
            <NoProducts />
          )
        }
      />
      {modal?.kind === 'add' && <AddProductModal onClose={close} />}
      {modal?.kind === 'edit' && <EditProductModal product={modal.product} onClose={close} />}
      {modal?.kind === 'delete' && (
        <DeleteProductModal product={modal.product} onConfirm={() => confirmDeletion(modal.product)} onClose={close} />
      )}
    </>
  );
}

function columnsOf(open: (modal: OpenModal) => void): Column<Product>[] {
  return [
    {header: 'Name', cell: ({name}) => name},
    {header: 'Price', align: 'end', width: 130, cell: ({price}) => moneyText(price)},
    {header: 'In stock', align: 'end', width: 150, cell: (product) => <Stock quantity={product.quantity_available} />},
    {
      header: 'Actions',
      hideHeader: true,
      align: 'end',
      width: 180,
      cell: (product) => <RowActions product={product} open={open} />,
    },
  ];
}

function RowActions({product, open}: {product: Product; open: (modal: OpenModal) => void}) {
  const {id, name} = product;
  return (
    <Group gap={4} justify="flex-end" wrap="nowrap">
      <Button
        size="compact-sm"
        variant="light"
        mr={4}
        aria-label={`Buy ${name}`}
        renderRoot={(props) => <Link to="/products/$productId/buy" params={{productId: id}} {...props} />}
      >
        Buy
      </Button>
      <Tooltip label="Edit">
        <ActionIcon aria-label={`Edit ${name}`} onClick={() => open({kind: 'edit', product})}>
          <IconPencil size={16} stroke={1.7} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Delete">
        <ActionIcon aria-label={`Delete ${name}`} onClick={() => open({kind: 'delete', product})}>
          <IconTrash size={16} stroke={1.7} />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}

function NoProducts() {
  return (
    <Paper p="xl">
      <EmptyState
        icon={<IconPackage aria-hidden />}
        withIndicatorBackground
        title="No products yet"
        description="Add the first one, or start with a few samples. Then buy something and watch its stock fall."
      >
        <EmptyState.Actions>
          <AddSamplesButton />
        </EmptyState.Actions>
      </EmptyState>
    </Paper>
  );
}
