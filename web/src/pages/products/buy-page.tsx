import {Alert, Anchor, Button, Divider, Group, NumberInput, Paper, Skeleton, Stack, Text, Title} from '@mantine/core';
import {IconAlertTriangle, IconArrowLeft} from '@tabler/icons-react';
import {Link, useNavigate, useParams} from '@tanstack/react-router';
import {useState} from 'react';

import {Problem} from '../../api/client';
import type {Product} from '../../api/types';
import {ErrorState, messageOf} from '../../components/error-state';
import {MoneyLine} from '../../components/money-line';
import {NotFound} from '../../components/not-found';
import {PageHeader} from '../../components/page-header';
import {Stock} from '../../components/stock';
import {moneyText, quote} from '../../money';
import {useProduct} from '../../queries/lists';
import {newOrder, usePlaceOrder} from '../../queries/mutations';

export function BuyPage() {
  const {productId} = useParams({from: '/products/$productId/buy'});
  const {data: product, error, isPending, isFetching, refetch} = useProduct(productId);

  if (error instanceof Problem && error.status === 404)
    return <NotFound what="product" detail="It may have been deleted a moment ago." />;
  if (isPending) return <BuySkeleton />;
  if (!product)
    return (
      <ErrorState
        title="The product could not be loaded"
        error={error}
        onRetry={() => void refetch()}
        retrying={isFetching}
      />
    );
  return (
    <>
      <BackLink />
      <PageHeader title={`Buy ${product.name}`} />
      <OrderForm product={product} />
    </>
  );
}

function BackLink() {
  return (
    <Anchor renderRoot={(props) => <Link to="/products" {...props} />} size="sm" mb="xs" display="inline-block">
      <Group gap={4}>
        <IconArrowLeft size={14} aria-hidden /> Products
      </Group>
    </Anchor>
  );
}

function OrderForm({product}: {product: Product}) {
  const navigate = useNavigate();
  const place = usePlaceOrder();
  const [quantity, setQuantity] = useState<number | string>(1);
  const wanted = typeof quantity === 'number' ? quantity : 0;
  const {subtotal, fee, total} = quote(product.price, wanted);

  const submit = () =>
    place.mutate(newOrder(product.id, wanted), {
      onSuccess: (order) => void navigate({to: '/orders/$orderId', params: {orderId: order.id}}),
    });

  return (
    <Paper
      component="form"
      p="lg"
      maw={460}
      onSubmit={(event: React.FormEvent) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="md">
        <Group justify="space-between">
          <Text size="sm" c="dimmed">
            In stock
          </Text>
          <Stock quantity={product.quantity_available} />
        </Group>
        <NumberInput
          label="Quantity"
          min={1}
          max={1_000_000}
          allowDecimal={false}
          allowNegative={false}
          inputMode="numeric"
          autoFocus
          value={quantity}
          onChange={setQuantity}
          error={wanted < 1 ? 'Order at least one' : undefined}
        />
        {wanted > product.quantity_available && (
          <Alert color="orange" icon={<IconAlertTriangle aria-hidden />} role="status">
            {product.quantity_available > 0 ? `Only ${product.quantity_available} left.` : 'It is sold out.'} You can
            order all the same; what cannot be fulfilled is refunded.
          </Alert>
        )}
        <Stack gap={4} role="group" aria-label="What it costs">
          <MoneyLine label={`${wanted} × ${moneyText(product.price)}`} amount={subtotal} />
          <MoneyLine label="Fee, 20 %" amount={fee} />
          <Divider my={4} />
          <MoneyLine label="Total" amount={total} strong />
        </Stack>
        {place.error && (
          <Alert color="red" role="alert" title="The order was not placed">
            {messageOf(place.error)}
          </Alert>
        )}
        <Button type="submit" loading={place.isPending} disabled={wanted < 1}>
          Place order
        </Button>
      </Stack>
    </Paper>
  );
}

function BuySkeleton() {
  return (
    <div aria-busy="true" aria-label="Loading the product">
      <Title order={1} mb="md">
        <Skeleton height={24} width={220} />
      </Title>
      <Paper p="lg" maw={460}>
        <Stack>
          <Skeleton height={20} />
          <Skeleton height={56} />
          <Skeleton height={80} />
          <Skeleton height={36} />
        </Stack>
      </Paper>
    </div>
  );
}
