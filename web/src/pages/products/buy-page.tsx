import {Alert, Anchor, Button, Divider, Group, NumberInput, Paper, Skeleton, Stack, Text} from '@mantine/core';
import {IconArrowLeft} from '@tabler/icons-react';
import {Link, useNavigate, useParams} from '@tanstack/react-router';
import {useState} from 'react';

import {Problem} from '../../api/client';
import {idempotencyKey} from '../../api/idempotency-key';
import type {Order, Product} from '../../api/types';
import {ErrorState, messageOf} from '../../components/error-state';
import {MoneyLine} from '../../components/money-line';
import {NotFound} from '../../components/not-found';
import {PageHeader} from '../../components/page-header';
import {Stock} from '../../components/stock';
import {moneyText, quote} from '../../money';
import {useProduct} from '../../queries/lists';
import {fieldError} from '../../forms/schema';
import {usePlaceOrder} from '../../queries/mutations';
import {useBodySchema} from '../../queries/schemas';
import {OrderView} from '../orders/order-page';
import {AS_TYPED} from './product-form';

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
  return <OrderForm product={product} />;
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

// What is ordered shows as an order at once; if the shop refuses it, the form is back with what was wrong.
function OrderForm({product}: {product: Product}) {
  const navigate = useNavigate();
  const place = usePlaceOrder();
  const schema = useBodySchema('post', '/api/payments/orders');
  const [quantity, setQuantity] = useState<number | string>(1);
  const wanted = Number(quantity);
  // Sent once more, by two clicks at once or after an answer got lost, it is the same order.
  const [key, setKey] = useState(idempotencyKey);
  const wrong = schema ? fieldError(schema, 'quantity', 'Quantity', quantity) : null;

  const change = (value: number | string) => {
    setQuantity(value);
    setKey(idempotencyKey());
  };
  const submit = () =>
    place.mutate({product, quantity: wanted, key}, {
      onSuccess: ({id}) => void navigate({to: '/orders/$orderId', params: {orderId: id}, replace: true}),
    });

  if (place.isPending || place.isSuccess) return <OrderView order={provisional(product, wanted, place.submittedAt)} />;
  return (
    <>
      <BackLink />
      <PageHeader title={`Buy ${product.name}`} />
      <Paper
        component="form"
        p="lg"
        maw={460}
        onSubmit={(event: React.FormEvent) => {
          event.preventDefault();
          if (!wrong) submit();
        }}
      >
        <Stack gap="md">
          <Group justify="space-between">
            <Text size="sm" c="dimmed">
              In stock
            </Text>
            <Stock quantity={product.quantity_available} />
          </Group>
          <div>
            <NumberInput
              label="Quantity"
              inputMode="numeric"
              {...AS_TYPED}
              autoFocus
              value={quantity}
              onChange={change}
              error={wrong}
            />
            <Text size="sm" c="orange" mt={4} mih={20} role="status">
              {!wrong && wanted > product.quantity_available && shortageText(product.quantity_available)}
            </Text>
          </div>
          <Costs price={product.price} quantity={wrong ? 0 : wanted} />
          {place.error && (
            <Alert color="red" role="alert" title="The order was not placed">
              {messageOf(place.error)}
            </Alert>
          )}
          <Button type="submit" disabled={wrong !== null}>
            Place order
          </Button>
        </Stack>
      </Paper>
    </>
  );
}

function Costs({price, quantity}: {price: number; quantity: number}) {
  const {subtotal, fee, total} = quote(price, quantity);
  return (
    <Stack gap={4} role="group" aria-label="What it costs">
      <MoneyLine label={`${quantity} × ${moneyText(price)}`} amount={subtotal} />
      <MoneyLine label="Fee, 20 %" amount={fee} />
      <Divider my={4} />
      <MoneyLine label="Total" amount={total} strong />
    </Stack>
  );
}

function shortageText(left: number): string {
  const what = left > 0 ? `Only ${left} left.` : 'It is sold out.';
  return `${what} What cannot be fulfilled is refunded.`;
}

function provisional({id, name, price}: Product, quantity: number, at: number): Order {
  const {fee, total} = quote(price, quantity);
  const created_at = new Date(at).toISOString();
  return {id: '', product_id: id, product_name: name, quantity, price, fee, total, status: 'pending', created_at};
}

function BuySkeleton() {
  return (
    <div aria-busy="true">
      <BackLink />
      <PageHeader title="Buy" />
      <Skeleton height={372} maw={460} />
    </div>
  );
}
