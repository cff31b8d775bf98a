/**
 * What a delta is: a difference between two values, itself plain data that any serializer can store.
 *
 * ```
 * [0, value]                                 replace
 * [1, segments, edits]                       a list: what it is made of, then changes of single items
 *     segments   [from, count, …]            numbers come in pairs: so many items of the old list, from that index
 *                [[item, …], …]              an array holds items that are new
 *     edits      [index, delta, …]           by index in the new list
 * [2, deletes, sets, edits]                  an object: keys gone, then keys set (new ones come last), then changes below
 *     sets       [key, value, …]
 *     edits      [key, delta, …]
 * ```
 * Part of stored data: numbers and order are never changed.
 */
export const Op = { replace: 0, list: 1, fields: 2 } as const;

export type Replace = readonly [typeof Op.replace, unknown];
export type ListDelta = readonly [typeof Op.list, readonly (number | readonly unknown[])[], readonly unknown[]];
export type FieldsDelta = readonly [typeof Op.fields, readonly string[], readonly unknown[], readonly unknown[]];
export type Delta = Replace | ListDelta | FieldsDelta;

/**
 * What a delta record holds.
 *
 * @param level - how often differences have been gathered in it.
 * @param gone - the bytes of what it takes away; left out for none, as it is in every record written before it was counted.
 */
export function deltaContent(level: number, delta: Delta, gone: number): readonly unknown[] {
  return gone === 0 ? [level, delta] : [level, delta, gone];
}
