import {ActionIcon, Button, EmptyState, Group, Paper, TextInput, Tooltip} from '@mantine/core';
import {IconPackage, IconPencil, IconPlus, IconSearch, IconTrash} from '@tabler/icons-react';
import {Link} from '@tanstack/react-router';
import {useMemo, useState} from 'react';

import type {Product} from '../../api/types';
import type {Column} from '../../components/data-table';
import {LiveListView} from '../../components/live-list-view';
import {PageHeader} from '../../components/page-header';
import {Stock} from '../../components/stock';
import {PRODUCTS} from '../../live/lists';
import {moneyText} from '../../money';
import {useLiveList} from '../../queries/lists';
import {AddProductModal} from './add-product-modal';
import {AddSamplesButton} from './add-samples-button';
import {DeleteProductModal} from './delete-product-modal';
import {EditProductModal} from './edit-product-modal';

type OpenModal = {kind: 'add'} | {kind: 'edit' | 'delete'; product: Product};

const FILTER_FROM_ROWS = 8; // a short list is faster to read than to filter

export function ProductsPage() {
  const {query, items} = useLiveList(PRODUCTS);
  const [modal, setModal] = useState<OpenModal>();
  const [filter, setFilter] = useState('');
  const close = () => setModal(undefined);

  const rows = useMemo(() => matching(items, filter), [items, filter]);
  const columns = useMemo(() => columnsOf(setModal), []);
  const addButton = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setModal({kind: 'add'})}>
      Add product
    </Button>
  );

  return (
    <>
      <PageHeader
        title="Products"
        description="Stock follows every order as it is fulfilled."
        actions={
          <>
            {(items.length >= FILTER_FROM_ROWS || filter) && (
              <TextInput
                type="search"
                aria-label="Filter products by name"
                placeholder="Filter by name"
                leftSection={<IconSearch size={16} aria-hidden />}
                value={filter}
                onChange={(event) => setFilter(event.currentTarget.value)}
              />
            )}
            {items.length > 0 && addButton}
          </>
        }
      />
      <LiveListView
        label="Products"
        columns={columns}
        query={query}
        rows={rows}
        empty={filter ? <NoMatch filter={filter} onClear={() => setFilter('')} /> : <NoProducts addButton={addButton} />}
      />
      {modal?.kind === 'add' && <AddProductModal onClose={close} />}
      {modal?.kind === 'edit' && <EditProductModal product={modal.product} onClose={close} />}
      {modal?.kind === 'delete' && <DeleteProductModal product={modal.product} onClose={close} />}
    </>
  );
}

function matching(products: Product[], filter: string): Product[] {
  const wanted = filter.trim().toLowerCase();
  return products
    .filter(({name}) => name.toLowerCase().includes(wanted))
    .sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
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

function NoProducts({addButton}: {addButton: React.ReactNode}) {
  return (
    <Paper p="xl">
      <EmptyState
        icon={<IconPackage aria-hidden />}
        withIndicatorBackground
        title="No products yet"
        description="Add the first one, or start with a few samples. Then buy something and watch its stock fall."
      >
        <EmptyState.Actions>
          {addButton}
          <AddSamplesButton />
        </EmptyState.Actions>
      </EmptyState>
    </Paper>
  );
}

function NoMatch({filter, onClear}: {filter: string; onClear: () => void}) {
  return (
    <Paper p="xl">
      <EmptyState
        icon={<IconSearch aria-hidden />}
        withIndicatorBackground
        title="No product matches"
        description={`Nothing that is loaded has “${filter}” in its name.`}
      >
        <EmptyState.Actions>
          <Button variant="default" onClick={onClear}>
            Clear the filter
          </Button>
        </EmptyState.Actions>
      </EmptyState>
    </Paper>
  );
}
