// The payment provider's side of the wire, as real ones have it: a refund is unique on the idempotency key it is handed, and on nothing else.

/** What the desk asks of the provider. Without a key every call makes a new refund. */
export interface RefundRequest {
  readonly orderId: string;
  readonly amountCents: number;
  readonly idempotencyKey?: string | undefined;
}

export interface RefundAnswer {
  readonly refundId: string;
  /** True when the key was known: this is the refund made then, no money moved now. */
  readonly repeated: boolean;
}

/** A refund as it stands in the provider's books. */
export interface BookedRefund {
  readonly refundId: string;
  readonly orderId: string;
  readonly amountCents: number;
}

export interface PaymentProvider {
  refund(request: RefundRequest): Promise<RefundAnswer>;
  /** The refunds of one order, oldest first. */
  refundsOf(orderId: string): Promise<readonly BookedRefund[]>;
}
