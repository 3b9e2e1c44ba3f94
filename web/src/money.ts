// Money comes as a decimal number; sums are made in hundredths, so that they are exact.

const FEE_PERCENT = 20;

const format = new Intl.NumberFormat('en', {minimumFractionDigits: 2, maximumFractionDigits: 2});

export function moneyText(amount: number): string {
  return format.format(amount);
}

export interface Quote {
  subtotal: number;
  fee: number;
  total: number;
}

// What an order will come to: payments computes the same, and its word counts.
export function quote(price: number, quantity: number): Quote {
  const subtotal = Math.round(price * 100) * quantity;
  const fee = Math.round((subtotal * FEE_PERCENT) / 100);
  return {subtotal: subtotal / 100, fee: fee / 100, total: (subtotal + fee) / 100};
}
