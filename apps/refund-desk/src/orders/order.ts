// What the desk knows of an order: who bought what, what was paid and given back, and where the parcel is. Money is in cents.

/** Why an item may not come back, or `returnable`. */
export type ReturnRule = 'returnable' | 'hygiene' | 'personalised' | 'final-sale' | 'perishable';

export interface OrderItem {
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
  readonly unitCents: number;
  readonly returnRule: ReturnRule;
}

export interface Shipment {
  readonly status: 'preparing' | 'shipped' | 'delivered';
  readonly carrier: string;
  readonly shippedAt: string | null;
  readonly deliveredAt: string | null;
}

export interface Order {
  readonly id: string;
  readonly customerEmail: string;
  readonly orderedAt: string;
  readonly items: readonly OrderItem[];
  /** Each amount taken from the customer; two equal ones are a double charge. */
  readonly captures: readonly number[];
  /** What the shop had given back before this desk opened. */
  readonly refundedCents: number;
  readonly shipment: Shipment;
}
