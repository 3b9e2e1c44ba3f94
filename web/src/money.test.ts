import {describe, expect, it} from 'vitest';

import {moneyText, quote} from './money';

describe('quote', () => {
  it('adds a fee of 20 %, to the nearest hundredth', () => {
    expect(quote(12.34, 3)).toEqual({subtotal: 37.02, fee: 7.4, total: 44.42});
    expect(quote(0.01, 2)).toEqual({subtotal: 0.02, fee: 0, total: 0.02});
  });

  it('is exact where binary fractions are not', () => {
    expect(quote(0.1, 3).subtotal).toBe(0.3);
    expect(quote(1.15, 100).subtotal).toBe(115);
  });
});

describe('moneyText', () => {
  it('always has two digits after the point', () => {
    expect([12, 12.5, 1234.56].map(moneyText)).toEqual(['12.00', '12.50', '1,234.56']);
  });
});
