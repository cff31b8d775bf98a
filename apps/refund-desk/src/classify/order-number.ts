// Finds the order number in free text, in the many ways people type it: SH-10234, sh10234, #10234, "no. 10234", SH-1O234.

const WITH_PREFIX = /\bsh[\s-]?([0-9o]{5})(?![0-9a-z])/i;
const WITH_LEAD = /(?:#|\bno\.\s?|\bnr\.\s?|\b(?:order|bestellung|commande|pedido)\s(?:number\s)?)(\d{5})(?!\d)/i;

/** @returns the number in the shop's own spelling (`SH-10234`), or null when the text names none. */
export function findOrderNumber(text: string): string | null {
  const digits = WITH_PREFIX.exec(text)?.[1] ?? WITH_LEAD.exec(text)?.[1];
  return digits === undefined ? null : `SH-${digits.replaceAll(/o/gi, '0')}`;
}
