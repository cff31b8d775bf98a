/** Sets an object's own field: `__proto__` assigned plainly would set the prototype. */
export function setOwnField(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') object[name] = value;
  else Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}
